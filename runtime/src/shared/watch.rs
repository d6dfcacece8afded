//! What the store tells this process: what others have invalidated, until when memory is right, and when it was lost.

use std::sync::Weak;
use std::thread;
use std::time::Duration;

use futures_lite::future::block_on;

use super::ending::ending;
use super::names::Note;
use super::queue::{Operation, Replay};
use super::store::{Moment, Remove, StoreError, StoreErrorKind, Watcher, Which};
use super::tier::Tier;
use super::untrue::apply;
use crate::cache::{Cache, Inner};
use crate::clock::nanos;

/// The cache, for as long as somebody else holds it.
pub(crate) struct Watch(pub(crate) Weak<Inner>);

impl Watch {
    fn cache(&self) -> Option<Cache> {
        self.0.upgrade().map(Cache::from)
    }

    fn with(&self, run: impl FnOnce(&Cache, &Tier)) {
        if let Some(cache) = self.cache()
            && let Some(tier) = cache.tier()
        {
            run(&cache, tier);
        }
    }
}

impl Watcher for Watch {
    fn told(&self, note: &[u8]) {
        self.with(|cache, tier| {
            let Some((note, own)) = tier.names.read_note(note) else { return };
            if !own {
                apply(cache, &note);
            }
            if let Note::Removed(name) | Note::Expired(name) | Note::Ended(name) = note {
                tier.wake(name.key().hash);
            }
        });
    }

    fn now(&self) -> Moment {
        Moment(self.cache().map_or(0, |cache| cache.clock().now()))
    }

    fn vouch(&self, asked: Moment, time: Duration) {
        self.with(|cache, tier| {
            tier.vouch(asked.0.saturating_add(nanos(time)));
            // A store that vouches can be asked again for what it did not acknowledge, though nobody calls.
            tier.retry(cache);
        });
    }

    fn lost(&self) {
        self.with(|cache, tier| {
            tier.doubt();
            cache.forget_shared();
        });
    }

    fn disconnected(&self) {
        self.with(|cache, tier| tier.next_epoch(cache.clock().now()));
    }

    fn reached(&self) {
        self.with(|cache, tier| {
            let now = cache.clock().now();
            tier.next_epoch(now);
            // Whoever has waited for this asks in the new epoch.
            tier.reached();
            if let Some(replay) = tier.queue.replay(now) {
                tier.send_again(cache, replay);
            }
        });
    }
}

/// It has happened, though perhaps nobody was told: sent again it would not be told either.
fn done<T>(sent: Result<T, StoreError>) -> Result<(), StoreError> {
    match sent {
        Err(error) if error.kind() != StoreErrorKind::Untold => Err(error),
        _ => Ok(()),
    }
}

impl Tier {
    /// Notes that the store has done what it was asked for, and so may acknowledge what it did not before.
    pub(super) fn answered(&self, cache: &Cache, operation: &'static str) {
        self.trouble.end(operation);
        self.retry(cache);
    }

    /// Sends again what the store did not acknowledge some time ago.
    pub(super) fn retry(&self, cache: &Cache) {
        if let Some(replay) = self.queue.retry(cache.clock().now()) {
            self.send_again(cache, replay);
        }
    }

    /// On a thread of its own: neither the store's nor a caller's must wait, and there need be no other.
    fn send_again(&self, cache: &Cache, replay: Replay) {
        let (overflown, begun) = (replay.overflown, replay.begun);
        let watch = Watch(cache.downgrade());
        let thread = thread::Builder::new().name("larder-replay".into()).spawn(move || {
            watch.with(|cache, tier| {
                let acknowledged = block_on(tier.replay(cache, &replay)).is_ok();
                tier.queue.replayed(overflown, begun, acknowledged);
            });
        });
        if thread.is_err() {
            self.queue.replayed(overflown, begun, false);
        }
    }

    /// Sends invalidations again.
    async fn replay(&self, cache: &Cache, replay: &Replay) -> Result<(), StoreError> {
        const AT_ONCE: usize = 500;
        if replay.overflown {
            done(self.clear(cache).await)?;
        }
        for operations in replay.operations.chunks(AT_ONCE) {
            let (mut removes, mut expires) = (Vec::new(), Vec::new());
            for operation in operations {
                match operation {
                    Operation::Remove(name) => removes.push(self.removal(name)),
                    Operation::Write(name, value) => {
                        removes.push(Remove { which: Which::NotBeginning(value.clone()), ..self.removal(name) });
                    }
                    Operation::Expire(name, keep) => expires.push(self.expiry(name, *keep)),
                    Operation::Bump(names, note) => {
                        done(ending(self.store().bump(names.clone(), self.names.note(note))).await)?;
                        self.trouble.end("bump");
                    }
                }
            }
            if !removes.is_empty() {
                done(ending(self.store().remove(removes)).await)?;
                self.trouble.end("remove");
            }
            if !expires.is_empty() {
                done(ending(self.store().expire(expires)).await)?;
                self.trouble.end("expire");
            }
            let now = cache.clock().now();
            for operation in operations {
                self.queue.acknowledge(operation.clone(), replay.begun, now);
            }
        }
        Ok(())
    }
}

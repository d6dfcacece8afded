//! What the store tells this process: what others have invalidated, until when memory is right, and when it was lost.

use std::sync::Weak;
use std::thread;
use std::time::Duration;

use futures_lite::future::block_on;

use super::ending::ending;
use super::names::Note;
use super::queue::Operation;
use super::store::{Expire, Moment, Remove, StoreError, Watcher};
use super::tier::Tier;
use crate::cache::{Cache, Inner};
use crate::clock::nanos;
use crate::registry::Registry;

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
            match note {
                Note::Removed(name) => {
                    let hash = name.key().hash;
                    if !own {
                        cache.drop_from_memory(hash);
                    }
                    tier.wake(hash);
                }
                Note::Expired(name) => {
                    let key = name.key();
                    if !own {
                        cache.expire_in_memory(&key);
                    }
                    tier.wake(key.hash);
                }
                Note::Ended(name) => tier.wake(name.key().hash),
                Note::Function(_) | Note::Tag(_) | Note::All if own => {}
                Note::Function(path) => {
                    if let Some(group) = Registry::group_of(&path) {
                        cache.raise_generation(group);
                    }
                }
                Note::Tag(text) => cache.tags().invalidate(&text),
                Note::All => cache.empty_memory(),
            }
        });
    }

    fn now(&self) -> Moment {
        Moment(self.cache().map_or(0, |cache| cache.clock().now()))
    }

    fn vouch(&self, asked: Moment, time: Duration) {
        self.with(|_, tier| tier.vouch(asked.0.saturating_add(nanos(time))));
    }

    fn lost(&self) {
        self.with(|cache, tier| {
            tier.doubt();
            cache.forget_shared();
        });
    }

    /// On a thread of its own: the store's must not wait, and there need be no other.
    fn reached(&self) {
        let Some(cache) = self.cache() else { return };
        let Some(replay) = cache.tier().and_then(|tier| tier.queue.replay(cache.clock().now())) else { return };
        let watch = Self(self.0.clone());
        drop(cache);
        let (operations, overflown) = replay;
        let replayed = thread::Builder::new().name("larder-replay".into()).spawn(move || {
            let Some(cache) = watch.cache() else { return };
            let Some(tier) = cache.tier() else { return };
            let acknowledged = block_on(tier.replay(&cache, operations, overflown)).is_ok();
            tier.queue.replayed(overflown, acknowledged);
        });
        if replayed.is_err() {
            self.with(|_, tier| tier.queue.replayed(false, false));
        }
    }
}

impl Tier {
    /// Sends invalidations again.
    async fn replay(&self, cache: &Cache, operations: Vec<Operation>, overflown: bool) -> Result<(), StoreError> {
        const AT_ONCE: usize = 500;
        if overflown {
            self.clear(cache).await?;
        }
        let begun = self.queue.begin();
        for operations in operations.chunks(AT_ONCE) {
            let (mut removes, mut expires) = (Vec::new(), Vec::new());
            for operation in operations {
                match operation {
                    Operation::Remove(name) => removes.push(Remove {
                        key: self.names.value(&name.text, name.version),
                        hold: Duration::ZERO,
                        note: self.names.note(&Note::Removed(name.clone())),
                    }),
                    Operation::Expire(name, keep) => expires.push(Expire {
                        key: self.names.value(&name.text, name.version),
                        keep: *keep,
                        note: self.names.note(&Note::Expired(name.clone())),
                    }),
                    Operation::Bump(names, note) => {
                        ending(self.store().bump(names.clone(), self.names.note(note))).await?;
                    }
                }
            }
            if !removes.is_empty() {
                ending(self.store().remove(removes)).await?;
            }
            if !expires.is_empty() {
                ending(self.store().expire(expires)).await?;
            }
            let now = cache.clock().now();
            for operation in operations {
                self.queue.acknowledge(operation.clone(), begun, now);
            }
        }
        self.answered();
        Ok(())
    }
}

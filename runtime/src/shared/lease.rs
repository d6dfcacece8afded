//! The right to store what a load gives, which one process has at a time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::names::{Name, Note};
use super::store::{Fill, Generation, Over, Release, Token};
use super::tier::Tier;
use crate::cache::Cache;
use crate::target::Target;

/// A lease that may have been given. Dropped, also by cancellation or a panic, it is given back, so that another process need not
/// wait for its end.
pub(crate) struct LeaseGuard {
    cache: Cache,
    key: String,
    name: Name,
    pub(super) token: Token,
    pub(super) generations: Vec<Generation>,
    /// A value is there, which is not of use.
    pub(super) over_value: bool,
    time: u64,
    ended: bool,
}

impl LeaseGuard {
    /// For a lease that is about to be asked for.
    pub(super) fn new(target: &Target, tier: &Tier, over: &Over) -> Self {
        Self {
            cache: target.cache.clone(),
            key: tier.name_of(target),
            name: target.name_in_notes(),
            token: fastrand::u128(..),
            generations: Vec::new(),
            over_value: !matches!(over, Over::Known { value: None, .. }),
            time: time_for(target, tier),
            ended: false,
        }
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn time(&self) -> Duration {
        Duration::from_nanos(self.time)
    }

    /// It was not given, or has ended.
    pub(super) fn forget(mut self) {
        self.ended = true;
    }

    /// The request to store the bytes for as long as they are of use, if the lease is still this one. It ends the lease, when the store
    /// has had it: until that is known, somebody has to keep this.
    pub(super) fn fill(&self, tier: &Tier, value: Vec<u8>, life: Option<Duration>) -> Fill {
        let note = tier.names.note(&Note::Ended(self.name.clone()));
        Fill { key: self.key.clone(), token: self.token, value, life, note }
    }

    /// Removes the value that is there, as its source has none any more, if the lease is still this one. It goes on by itself; if it
    /// fails the old value is there until its time is over, as if nobody had asked.
    pub(super) fn remove(mut self) {
        if self.over_value {
            self.release(Note::Removed, true);
        }
    }

    fn release(&mut self, note: fn(Name) -> Note, value: bool) {
        if let Some(tier) = self.cache.tier().filter(|_| !self.ended) {
            self.ended = true;
            let note = tier.names.note(&note(self.name.clone()));
            let release = Release { key: self.key.clone(), token: self.token, value, note };
            drop(tier.store().release(vec![release]));
        }
    }

    /// Runs a load, and makes its leases last until it has ended.
    pub(crate) async fn renew_all<T>(leases: Vec<&Self>, load: impl Future<Output = T>) -> T {
        let Some(first) = leases.first() else { return load.await };
        let (mut load, clock) = (pin!(load), first.cache.clock());
        let mut renew = pin!(clock.wait_until(first.renewal()));
        poll_fn(|context| {
            if let Poll::Ready(output) = load.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            while renew.as_mut().poll(context).is_ready() {
                for lease in &leases {
                    lease.renew();
                }
                renew.set(clock.wait_until(first.renewal()));
            }
            Poll::Pending
        })
        .await
    }

    /// If it fails the load is not stored: nothing else depends on it.
    fn renew(&self) {
        if let Some(tier) = self.cache.tier() {
            drop(tier.store().renew(&self.key, self.token, self.time()));
        }
    }

    fn renewal(&self) -> u64 {
        self.cache.clock().precise().saturating_add(self.time / 3)
    }
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        // It goes on by itself; if it fails the lease ends when its time is over.
        self.release(Note::Ended, false);
    }
}

/// Ordinary functions can't renew while they run: a lease lasts for several loads of the usual length.
fn time_for(target: &Target, tier: &Tier) -> u64 {
    target.cache.mean_load(target.group).saturating_mul(8).clamp(tier.terms.lease, tier.terms.lease.saturating_mul(60))
}

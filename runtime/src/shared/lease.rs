//! The right to store what a load gives, which one process has at a time.

use std::future::{Future, poll_fn};
use std::mem;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use super::names::{Name, Note};
use super::store::{Fill, Generation, Over, Release, Renew, Token};
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
    /// When it is to be renewed, if its load still runs: a third of its time after it was asked for, or renewed.
    renew_at: AtomicU64,
    ended: bool,
}

impl LeaseGuard {
    /// For a lease that is about to be asked for.
    pub(super) fn new(target: &Target, tier: &Tier, over: &Over) -> Self {
        let time = time_for(target, tier);
        Self {
            cache: target.cache.clone(),
            key: tier.name_of(target),
            name: target.name_in_notes(),
            token: fastrand::u128(..),
            generations: Vec::new(),
            over_value: !matches!(over, Over::Known { value: None, .. }),
            time,
            renew_at: AtomicU64::new(target.cache.clock().precise().saturating_add(time / 3)),
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
        if let Some(tier) = self.cache.tier().filter(|_| self.over_value) {
            drop(tier.store().release(vec![self.release(tier, Note::Removed, true)]));
            self.ended = true;
        }
    }

    /// Runs a load, and makes leases last until it has ended: its own, and those of loads that wait for it. Those that are due are renewed
    /// before it begins, too, since that of an ordinary function lets nothing else happen.
    pub(crate) async fn renew_all<T>(leases: Vec<&Self>, load: impl Future<Output = T>) -> T {
        let Some(first) = leases.first() else { return load.await };
        first.renew_due(&leases);
        let (mut load, clock) = (pin!(load), first.cache.clock());
        let next = || leases.iter().map(|lease| lease.renew_at.load(Ordering::Relaxed)).min().unwrap_or(u64::MAX);
        let mut due = pin!(clock.wait_until(next()));
        poll_fn(|context| {
            if let Poll::Ready(output) = load.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            while due.as_mut().poll(context).is_ready() {
                first.renew_due(&leases);
                due.set(clock.wait_until(next()));
            }
            Poll::Pending
        })
        .await
    }

    /// Renews those of these leases of one cache whose time has come. If it fails a load is not stored: nothing else depends on it.
    fn renew_due(&self, leases: &[&Self]) {
        let now = self.cache.clock().precise();
        let mut renews = Vec::new();
        for lease in leases.iter().filter(|lease| lease.renew_at.load(Ordering::Relaxed) <= now) {
            lease.renew_at.store(now.saturating_add(lease.time / 3), Ordering::Relaxed);
            renews.push(Renew { key: lease.key.clone(), token: lease.token, time: lease.time() });
        }
        if let Some(tier) = self.cache.tier().filter(|_| !renews.is_empty()) {
            drop(tier.store().renew(renews));
        }
    }

    /// Gives leases of one cache back, all of them by one call.
    pub(crate) fn release_all(leases: impl IntoIterator<Item = Self>) {
        let (mut of, mut releases) = (None, Vec::new());
        for mut lease in leases {
            if let Some(tier) = lease.cache.tier().filter(|_| !lease.ended) {
                releases.push(lease.release(tier, Note::Ended, false));
                lease.ended = true;
                of.get_or_insert_with(|| lease.cache.clone());
            }
        }
        if let Some(tier) = of.as_ref().and_then(Cache::tier) {
            // It goes on by itself; if it fails the leases end when their time is over.
            drop(tier.store().release(releases));
        }
    }

    /// The request to end it, with its value or without.
    fn release(&self, tier: &Tier, note: fn(Name) -> Note, value: bool) -> Release {
        let note = note(self.name.clone());
        // This process, too, may have read the value before it goes.
        let note = if value { tier.names.note_to_all(&note) } else { tier.names.note(&note) };
        Release { key: self.key.clone(), token: self.token, value, note }
    }
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        if let Some(tier) = self.cache.tier().filter(|_| !self.ended) {
            // As by `release_all`.
            drop(tier.store().release(vec![self.release(tier, Note::Ended, false)]));
        }
    }
}

/// Leases of one cache whose end is being waited for. Dropped, also by cancellation, they are given back together.
#[derive(Default)]
pub(super) struct Leases(Vec<LeaseGuard>);

impl Leases {
    pub(super) fn push(&mut self, lease: LeaseGuard) {
        self.0.push(lease);
    }

    /// The leases, each of which is its own again.
    pub(super) fn take(&mut self) -> Vec<LeaseGuard> {
        mem::take(&mut self.0)
    }
}

impl Drop for Leases {
    fn drop(&mut self) {
        LeaseGuard::release_all(self.take());
    }
}

/// Ordinary functions can't renew while they run: a lease lasts for several loads of the usual length.
fn time_for(target: &Target, tier: &Tier) -> u64 {
    target.cache.mean_load(target.group).saturating_mul(8).clamp(tier.terms.lease, tier.terms.lease.saturating_mul(60))
}

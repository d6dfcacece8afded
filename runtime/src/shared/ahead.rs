//! Leases that are taken before their loads begin, by somebody who may wait, for loads that may not: template engines render
//! synchronously. What such a load gives is sent to the store, and nobody waits for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::consult::{Ask, Consulted, Wants};
use super::lease::LeaseGuard;
use super::tier::{Tier, life};
use crate::cache::Cache;
use crate::memory::{Content, Stored};
use crate::stats::count;
use crate::target::Target;

/// The leases that wait for their loads, by the hashes of their keys.
#[derive(Default)]
pub(super) struct Ahead {
    leases: Mutex<HashMap<u64, Ready>>,
    holders: AtomicU64,
}

struct Ready {
    /// Who took it, and gives it back.
    holder: u64,
    target: Target,
    lease: LeaseGuard,
}

impl Ahead {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Ready>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was taken at once. Dropped, those that no load has used are given back: they hold the cache that holds them.
pub(crate) struct Advance {
    cache: Cache,
    holder: u64,
    hashes: Vec<u64>,
}

impl Drop for Advance {
    fn drop(&mut self) {
        let Some(tier) = self.cache.tier() else { return };
        let mut left = Vec::new();
        let mut leases = tier.ahead.lock();
        for hash in &self.hashes {
            if leases.get(hash).is_some_and(|ready| ready.holder == self.holder) {
                left.extend(leases.remove(hash));
            }
        }
        drop(leases);
        // Giving them back asks the store, which is not done under the lock.
        LeaseGuard::release_all(left.into_iter().map(|ready| ready.lease));
    }
}

impl Tier {
    /// Reads these places into memory, and takes the leases of those that the store has nothing of.
    pub(crate) async fn advance(&self, cache: &Cache, targets: &[Target], fits: fn(&Stored) -> bool) -> Advance {
        let holder = self.ahead.holders.fetch_add(1, Ordering::Relaxed);
        let mut advance = Advance { cache: cache.clone(), holder, hashes: Vec::new() };
        let mut asked = Vec::with_capacity(targets.len());
        let mut asks = Vec::with_capacity(targets.len());
        for target in targets {
            let Some((_, wire)) = target.shared() else { continue };
            asked.push(target);
            asks.push(Ask { target, wire, stamp: target.stamp(), wants: Wants::Fresh, fits });
        }
        let stamps: Vec<_> = asks.iter().map(|ask| ask.stamp).collect();
        let mut taken = Vec::new();
        for ((target, mut stamp), consulted) in asked.into_iter().zip(stamps).zip(self.consult(cache, &asks).await) {
            match consulted {
                Consulted::Found(entry, ..) => {
                    // It may have been set by hand, with tags of its own.
                    stamp.tag_sum = entry.header.tag_sum;
                    cache.store(&entry, stamp);
                    count(&target.counters().tier_hits);
                }
                Consulted::Lead(lease, _) => {
                    advance.hashes.push(target.key.hash);
                    taken.push((target.key.hash, Ready { holder, target: target.clone(), lease }));
                }
                Consulted::Wait(_) | Consulted::Alone { .. } => {}
            }
        }
        // One whose time is over may be there: giving it back asks the store.
        let over: Vec<_> = {
            let mut leases = self.ahead.lock();
            taken.into_iter().filter_map(|(hash, ready)| leases.insert(hash, ready)).collect()
        };
        drop(over);
        advance
    }

    /// The lease that was taken for the load of this target.
    pub(crate) fn take_ahead(&self, target: &Target) -> Option<LeaseGuard> {
        let mut leases = self.ahead.lock();
        if !leases.get(&target.key.hash)?.target.same(target) {
            return None;
        }
        leases.remove(&target.key.hash).map(|ready| ready.lease)
    }
}

impl Target {
    /// Gives the store what was loaded by the right of this lease, and does not wait for it: an operation goes on by itself. If the
    /// store refuses it, or fails, memory hears of what was invalidated as of any other entry.
    pub(crate) fn send(&self, lease: LeaseGuard, entry: &Stored, cost: u64) {
        let Some((tier, wire)) = self.shared() else { return };
        if entry.header.content == Content::Failure {
            return;
        }
        match tier.freeze(self, wire, entry, lease.generations.clone(), cost.max(1_000)) {
            Ok(bytes) => {
                drop(tier.store().fill(vec![lease.fill(tier, bytes, life(entry.header.life()))]));
                lease.forget();
            }
            Err(error) => tier.unshareable(self, &error),
        }
    }
}

//! How entries leave memory, other than for want of room: each way raises what the loads on their way are compared with
//! (`fence.rs`), when the entry is gone.

use std::sync::atomic::Ordering;

use crate::cache::{Cache, NO_FUNCTION};
use crate::fence::Stamp;
use crate::key::Key;
use crate::memory::Content;
use crate::site::sites;
use crate::stats::count;
use crate::target::Target;

impl Cache {
    /// Removes what is under the hash; true if there was a fresh value.
    pub(crate) fn invalidate(&self, group: usize, hash: u64) -> bool {
        count(&self.counters(group).invalidations);
        self.0.memory.remove(hash, |entry| {
            let there = entry.is_some_and(|entry| {
                let there = entry.header.content == Content::Value && self.is_fresh(&entry.header, true);
                self.0.retire(entry);
                there
            });
            self.0.fence.raise(hash);
            there
        })
    }

    /// Removes what is under the hash, because somebody else has invalidated it.
    pub(crate) fn drop_from_memory(&self, hash: u64) {
        self.unmark(hash);
        self.0.memory.remove(hash, |entry| {
            if let Some(entry) = entry {
                self.0.retire(entry);
            }
            self.0.fence.raise(hash);
        });
    }

    /// What was noted of an old value in the shared tier is over.
    pub(crate) fn unmark(&self, hash: u64) {
        if let Some(tier) = self.tier() {
            tier.unmark(hash);
        }
    }

    /// Loads of the key that began before the one of this stamp lose to it, whatever is stored.
    pub(crate) fn outdo(&self, hash: u64, stamp: Stamp) {
        self.0.memory.locked(hash, |_| self.0.fence.outdo(hash, stamp.number));
    }

    pub(crate) fn expire(&self, target: &Target) {
        count(&self.counters(target.group).invalidations);
        self.expire_in_memory(&target.key);
    }

    pub(crate) fn expire_in_memory(&self, key: &Key) {
        self.unmark(key.hash);
        let now = self.0.clock.now();
        self.0.memory.locked(key.hash, |entry| {
            if let Some(entry) = entry.filter(|entry| entry.header.has_key(&key.text)) {
                entry.header.expire(now);
            }
            self.0.fence.raise(key.hash);
        });
    }

    /// Removes the target's entry because a load has found nothing, unless that was overtaken, or the entry's load began
    /// after it. Loads that began before it lose.
    pub(crate) fn remove(&self, target: &Target, stamp: Stamp) {
        let hash = target.key.hash;
        self.0.memory.remove_if(hash, |entry| {
            let entry = entry.filter(|entry| target.is_of(entry));
            let outdone = entry.is_some_and(|entry| entry.header.number > stamp.number);
            if outdone || !target.allows(stamp) {
                return false;
            }
            self.0.fence.outdo(hash, stamp.number);
            entry.inspect(|entry| self.0.retire(entry)).is_some()
        });
    }

    pub(crate) fn bump(&self, group: usize) {
        self.raise_generation(group);
        count(&self.counters(group).invalidations);
    }

    pub(crate) fn raise_generation(&self, group: usize) {
        self.0.group(group).generation.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn invalidate_tag(&self, text: &str) {
        self.0.tags.invalidate(text);
        count(&self.counters(NO_FUNCTION).invalidations);
    }

    pub(crate) fn clear_memory(&self) {
        count(&self.counters(NO_FUNCTION).invalidations);
        self.empty_memory();
    }

    pub(crate) fn empty_memory(&self) {
        for group in &self.0.groups {
            group.generation.fetch_add(1, Ordering::SeqCst);
        }
        self.0.memory.clear(|entry| self.0.retire(entry));
        // A load of one group may have read what another still had.
        for group in &self.0.groups {
            group.generation.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Makes everything unreachable that other processes may have invalidated meanwhile.
    pub(crate) fn forget_shared(&self) {
        self.raise_generation(NO_FUNCTION);
        sites().filter(|site| !site.options.local).for_each(|site| self.raise_generation(site.number()));
    }
}

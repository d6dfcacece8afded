//! The memory tier: an index that answers reads without a lock, and a policy that decides what stays.
//!
//! `scc::HashIndex` maps the hash of a key to its entry; `moka` knows the same entries and evicts by capacity, weight
//! and age. The two are brought together by [`Memory::settle`] after each change of the index, and by moka's eviction
//! listener. Only this folder names these crates.
//!
//! Two traps. moka must never be called while a bucket of the index is locked: its listener removes from the index on
//! the same thread. And the index frees a removed value only when its epoch moves on, so a few hundred removed values can
//! outlive their removal for a while.

mod entry;
mod policy;

use std::sync::Arc;

pub(crate) use scc::Guard;
use scc::HashIndex;
use scc::hash_index::Entry as Bucket;

pub(crate) use entry::{Header, Identity, Stored};
use policy::Policy;
pub(crate) use policy::{Capacity, Weigher};

/// All entries of one cache in this process.
pub(crate) struct Memory {
    index: HashIndex<u64, Arc<Stored>, Identity>,
    policy: Policy,
}

impl Memory {
    /// `evicted` is called, on any thread, with each entry that the policy gives up and with whether it was for want of
    /// room; it must call [`Memory::forget`].
    pub(crate) fn new(
        capacity: Capacity,
        expire: bool,
        evicted: impl Fn(&Arc<Stored>, bool) + Send + Sync + 'static,
    ) -> Self {
        Self { index: HashIndex::with_hasher(Identity), policy: Policy::new(capacity, expire, evicted) }
    }

    /// The entry under this hash, dead or alive, fresh or not. Waits for nobody.
    #[inline]
    pub(crate) fn peek<'a>(&'a self, hash: u64, guard: &'a Guard) -> Option<&'a Stored> {
        self.index.peek(&hash, guard).map(|entry| &**entry)
    }

    /// The same, to keep.
    pub(crate) fn get(&self, hash: u64) -> Option<Arc<Stored>> {
        self.index.peek_with(&hash, |_, entry| entry.clone()).filter(|entry| !entry.header.is_dead())
    }

    /// Tells the policy that the entry was read.
    pub(crate) fn touch(&self, hash: u64) {
        self.policy.touch(hash);
    }

    /// Puts the entry in the index if `permit`, given the one that has the place, says so while the bucket is locked.
    pub(crate) fn store(&self, entry: &Arc<Stored>, permit: impl FnOnce(Option<&Arc<Stored>>) -> bool) -> bool {
        let hash = entry.header.hash;
        let stored = match self.index.entry_sync(hash) {
            Bucket::Occupied(mut place) => {
                let permitted = permit(Some(place.get()));
                if permitted {
                    place.update(entry.clone());
                }
                permitted
            }
            Bucket::Vacant(place) => {
                let permitted = permit(None);
                if permitted {
                    place.insert_entry(entry.clone());
                }
                permitted
            }
        };
        if stored {
            self.settle(hash);
        }
        stored
    }

    /// Removes what is under the hash; `locked` is given it while the bucket is locked, whether or not there is an entry.
    pub(crate) fn remove(&self, hash: u64, locked: impl FnOnce(Option<&Arc<Stored>>)) -> Option<Arc<Stored>> {
        let removed = match self.index.entry_sync(hash) {
            Bucket::Occupied(place) => {
                let removed = place.get().clone();
                locked(Some(&removed));
                place.remove_entry();
                Some(removed)
            }
            Bucket::Vacant(_place) => {
                locked(None);
                None
            }
        };
        if removed.is_some() {
            self.settle(hash);
        }
        removed
    }

    /// Runs something while the bucket of the hash is locked.
    pub(crate) fn locked<T>(&self, hash: u64, run: impl FnOnce(Option<&Arc<Stored>>) -> T) -> T {
        match self.index.entry_sync(hash) {
            Bucket::Occupied(place) => run(Some(place.get())),
            Bucket::Vacant(_place) => run(None),
        }
    }

    /// Removes the entry that the policy gave up, unless another has its place.
    pub(crate) fn forget(&self, entry: &Arc<Stored>) -> bool {
        self.index.remove_if_sync(&entry.header.hash, |current| Arc::ptr_eq(current, entry))
    }

    /// Removes every entry, and gives each to `removed`.
    pub(crate) fn clear(&self, mut removed: impl FnMut(&Arc<Stored>)) {
        self.index.retain_sync(|_, entry| {
            removed(entry);
            false
        });
        self.policy.clear();
        // What was stored meanwhile is in the index, and the policy may have lost it.
        let mut stored = Vec::new();
        self.index.iter_sync(|hash, _| {
            stored.push(*hash);
            true
        });
        for hash in stored {
            self.settle(hash);
        }
    }

    /// Makes the policy agree with the index about this hash. Whoever changes the index calls it afterwards: of several
    /// at once the last one to look finds the final state, so the policy never keeps what the index has lost, and never
    /// loses what it has. It looks with the bucket locked: a reader without the lock can find nothing while an entry is
    /// being replaced.
    fn settle(&self, hash: u64) {
        loop {
            if let Some(entry) = self.locked(hash, |entry| entry.map(Arc::clone)) {
                self.policy.admit(hash, entry.clone());
                if self.locked(hash, |current| current.is_some_and(|current| Arc::ptr_eq(current, &entry))) {
                    return;
                }
            } else {
                self.policy.discard(hash);
                if self.locked(hash, |current| current.is_none()) {
                    return;
                }
            }
        }
    }

    /// Lets the policy do its housekeeping now.
    pub(crate) fn tidy(&self) {
        self.policy.tidy();
    }
}

//! The memory tier: an index that answers reads without a lock, and a policy that decides what stays.
//!
//! `scc::HashIndex` maps the hash of a key to its entry; `moka` knows the same hashes and gives up by capacity, weight
//! and age. The two are brought together by [`Memory::settle`] after each change of the index, and by moka's eviction
//! listener. Only this folder names these crates.
//!
//! Three traps. moka must never be called while a bucket of the index is locked: its listener removes from the index on
//! the same thread. The index frees a removed value only when its epoch moves on, so a few hundred removed values can
//! outlive their removal for a while, and it may do so under locks, also on behalf of a reader (`slot.rs`). And a reader
//! without the lock can find nothing while an entry is being replaced.

mod entry;
mod policy;
mod slot;

use std::sync::Arc;

use scc::HashIndex;
use scc::hash_index::Entry as Bucket;

pub(crate) use entry::{Content, Header, Identity, Stored, policy_of};
pub(crate) use policy::{Capacity, Weigher};
use policy::{Known, Policy, address};
use slot::{Leftovers, Operation, Slot};

/// All entries of one cache in this process. The order of the fields is that of their end.
pub(crate) struct Memory {
    index: HashIndex<u64, Slot, Identity>,
    policy: Policy,
    _leftovers: Leftovers,
}

/// What a reader borrows from the index lives as long as its guard. Not to be held while anybody waits.
pub(crate) struct Guard {
    epoch: scc::Guard,
    _leftovers: Leftovers,
}

impl Guard {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { epoch: scc::Guard::new(), _leftovers: Leftovers }
    }
}

/// An entry that the policy has given up.
pub(crate) struct Evicted {
    hash: u64,
    known: Known,
    /// It had to make room.
    pub(crate) for_room: bool,
}

impl Memory {
    /// `evicted` is called, on any thread, with what the policy gives up; it must call [`Memory::forget`].
    pub(crate) fn new(capacity: Capacity, expire: bool, evicted: impl Fn(Evicted) + Send + Sync + 'static) -> Self {
        let evicted = move |hash, known, for_room| evicted(Evicted { hash, known, for_room });
        Self {
            index: HashIndex::with_hasher(Identity),
            policy: Policy::new(capacity, expire, evicted),
            _leftovers: Leftovers,
        }
    }

    /// The entry under this hash, fresh or not. Waits for nobody.
    #[inline]
    pub(crate) fn peek<'a>(&'a self, hash: u64, guard: &'a Guard) -> Option<&'a Stored> {
        self.index.peek(&hash, &guard.epoch)?.get().map(|entry| &**entry)
    }

    /// The same, to keep.
    pub(crate) fn get(&self, hash: u64) -> Option<Arc<Stored>> {
        let guard = Guard::new();
        self.index.peek(&hash, &guard.epoch)?.get().filter(|entry| !entry.header.is_dead()).cloned()
    }

    /// Tells the policy that the entry was read.
    pub(crate) fn touch(&self, hash: u64) {
        let _operation = Operation::begin();
        self.policy.touch(hash);
    }

    /// Puts the entry in the index if `permit` says so while the bucket is locked. It is given the entry that has the
    /// place, and whether there is room for the new one: if not even alone, the place is left empty.
    pub(crate) fn store(&self, entry: &Arc<Stored>, permit: impl FnOnce(Option<&Arc<Stored>>, bool) -> bool) -> bool {
        let _operation = Operation::begin();
        let known = self.policy.know(entry);
        let hash = entry.header.hash;
        let permitted = match self.index.entry_sync(hash) {
            Bucket::Occupied(mut place) => {
                let permitted = permit(place.get().get(), known.is_some());
                match known {
                    Some(_) if permitted => place.update(Slot::new(entry.clone())),
                    None if permitted => place.remove_entry(),
                    _ => {}
                }
                permitted
            }
            Bucket::Vacant(place) => {
                let permitted = permit(None, known.is_some());
                if permitted && known.is_some() {
                    place.insert_entry(Slot::new(entry.clone()));
                }
                permitted
            }
        };
        if permitted {
            self.settle(hash, known);
        }
        permitted
    }

    /// Removes what is under the hash; `locked` is given it while the bucket is locked, whether or not there is an entry.
    pub(crate) fn remove<T>(&self, hash: u64, locked: impl FnOnce(Option<&Arc<Stored>>) -> T) -> T {
        let _operation = Operation::begin();
        let (removed, result) = match self.index.entry_sync(hash) {
            Bucket::Occupied(place) => {
                let result = locked(place.get().get());
                place.remove_entry();
                (true, result)
            }
            Bucket::Vacant(_place) => (false, locked(None)),
        };
        if removed {
            self.settle(hash, None);
        }
        result
    }

    /// Removes what is under the hash if `condition` says so while the bucket is locked; it is asked also where there is
    /// nothing.
    pub(crate) fn remove_if(&self, hash: u64, condition: impl FnOnce(Option<&Arc<Stored>>) -> bool) {
        let _operation = Operation::begin();
        let removed = match self.index.entry_sync(hash) {
            Bucket::Occupied(place) => {
                let remove = condition(place.get().get());
                if remove {
                    place.remove_entry();
                }
                remove
            }
            Bucket::Vacant(_place) => {
                condition(None);
                false
            }
        };
        if removed {
            self.settle(hash, None);
        }
    }

    /// Runs something while the bucket of the hash is locked.
    pub(crate) fn locked<T>(&self, hash: u64, run: impl FnOnce(Option<&Arc<Stored>>) -> T) -> T {
        let _operation = Operation::begin();
        match self.index.entry_sync(hash) {
            Bucket::Occupied(place) => run(place.get().get()),
            Bucket::Vacant(_place) => run(None),
        }
    }

    /// Removes the entry that the policy gave up, unless another has its place; `removed` is given it.
    pub(crate) fn forget(&self, evicted: &Evicted, removed: impl FnOnce(&Stored)) {
        let _operation = Operation::begin();
        self.index.remove_if_sync(&evicted.hash, |place| {
            let same = place.get().filter(|entry| address(entry) == evicted.known.address);
            if let Some(entry) = same {
                removed(entry);
            }
            same.is_some()
        });
    }

    /// Removes every entry, and gives each to `removed`.
    pub(crate) fn clear(&self, mut removed: impl FnMut(&Stored)) {
        let _operation = Operation::begin();
        let mut hashes = Vec::new();
        self.index.retain_sync(|hash, place| {
            if let Some(entry) = place.get() {
                removed(entry);
            }
            hashes.push(*hash);
            false
        });
        for hash in hashes {
            self.settle(hash, None);
        }
        self.policy.tidy();
    }

    /// Makes the policy agree with the index about this hash. Whoever changes the index calls it afterwards, with what is
    /// known of the entry that it has put there: of several at once the last one to look finds the final state, so the
    /// policy never keeps what the index has lost, and never loses what it has.
    fn settle(&self, hash: u64, mine: Option<Known>) {
        loop {
            let Some(entry) = self.locked(hash, |entry| entry.map(Arc::clone)) else {
                self.policy.discard(hash);
                if self.locked(hash, |entry| entry.is_none()) {
                    return;
                }
                continue;
            };
            let known = mine.filter(|known| known.address == address(&entry)).or_else(|| self.policy.know(&entry));
            if let Some(known) = known {
                self.policy.admit(hash, known);
            }
            if self.locked(hash, |current| current.is_some_and(|current| Arc::ptr_eq(current, &entry))) {
                return;
            }
        }
    }

    /// Lets the policy do its housekeeping now.
    pub(crate) fn tidy(&self) {
        let _operation = Operation::begin();
        self.policy.tidy();
    }
}

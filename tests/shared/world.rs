//! Several processes that share a store, as caches of this one.

use larder::Cache;
use larder::testing::{ManualClock, MemoryStore};

/// A store, and the clock of everything.
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) clock: ManualClock,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::new();
        Self { store: MemoryStore::new(clock.clone()), clock }
    }

    /// A process with memory in front of the store.
    pub(crate) fn tiered(&self) -> Cache {
        Cache::builder().clock(self.clock.clone()).shared(self.store.clone()).build_blocking().unwrap()
    }

    /// A process whose every hit comes from the store.
    pub(crate) fn bare(&self) -> Cache {
        Cache::builder().clock(self.clock.clone()).shared_only(self.store.clone()).build_blocking().unwrap()
    }

    /// One of each kind, twice.
    pub(crate) fn all(&self) -> [Cache; 4] {
        [self.tiered(), self.bare(), self.tiered(), self.bare()]
    }
}

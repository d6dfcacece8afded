//! Several processes that share a store, as caches of this one.

use std::thread;
use std::time::{Duration, Instant};

use larder::testing::{ManualClock, MemoryStore};
use larder::{Cache, CacheBuilder};

/// A store, and the clock of everything.
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) clock: ManualClock,
}

/// What a process has in front of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Memory.
    Tiered,
    /// Nothing: every hit comes from the store.
    Bare,
}

impl Tier {
    pub(crate) const BOTH: [Self; 2] = [Self::Tiered, Self::Bare];
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::new();
        Self { store: MemoryStore::new(clock.clone()), clock }
    }

    /// A process with memory in front of the store.
    pub(crate) fn tiered(&self) -> Cache {
        self.process(Tier::Tiered)
    }

    /// A process whose every hit comes from the store.
    pub(crate) fn bare(&self) -> Cache {
        self.process(Tier::Bare)
    }

    pub(crate) fn process(&self, tier: Tier) -> Cache {
        self.process_with(tier, |builder| builder)
    }

    /// A process with settings of its own.
    pub(crate) fn process_with(&self, tier: Tier, settings: impl FnOnce(CacheBuilder) -> CacheBuilder) -> Cache {
        let builder = Cache::builder().clock(self.clock.clone());
        let builder = match tier {
            Tier::Tiered => builder.shared(self.store.clone()),
            Tier::Bare => builder.shared_only(self.store.clone()),
        };
        settings(builder).build_blocking().unwrap()
    }

    /// One of each kind, twice.
    pub(crate) fn all(&self) -> [Cache; 4] {
        [self.tiered(), self.bare(), self.tiered(), self.bare()]
    }
}

/// Waits until other threads have made it true; fails instead of hanging.
pub(crate) fn eventually(what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(20), "it never happens: {what}");
        thread::yield_now();
    }
}

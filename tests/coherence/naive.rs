//! A store that forgets what leases are for: whoever has loaded stores. The check must notice.

use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use larder::shared::{Fill, Lease, Over, Store as _, Write};
use larder::testing::MemoryStore;
use larder::{Cache, Clock};

use crate::flaws::Flawed;
use crate::history::{Slack, check};
use crate::source::Source;
use crate::worker::{Told, work};

/// Everybody leads, and stores whatever has become of the lease.
fn naive(store: &MemoryStore) -> Flawed {
    Flawed::with(store, "is naive", |hands| {
        hands.lease = Box::new(|store, leases| {
            store.lease(leases.into_iter().map(|lease| Lease { over: Over::Everything, ..lease }).collect())
        });
        hands.fill = Box::new(|store, fills| {
            let write = |Fill { key, value, life, note, .. }| Write { key, value, life, unless: None, note };
            store.write(fills.into_iter().map(write).collect())
        });
    })
}

/// Two processes in one, until something is wrong or the time is over.
fn stale(build: impl Fn() -> Cache) -> usize {
    let (source, told) = (Source::start(), Told::default());
    let caches = [build(), build()];
    let events: Vec<_> = thread::scope(|threads| {
        let works: Vec<_> = caches
            .iter()
            .enumerate()
            .map(|(at, cache)| {
                threads.spawn({
                    let (port, told) = (source.port(), &told);
                    move || work(at, cache, port, told)
                })
            })
            .collect();
        let begin = larder_kit::clock::now();
        larder_kit::until("two seconds to pass", || larder_kit::clock::now() - begin > 2_000_000_000);
        told.stop.store(true, Relaxed);
        works.into_iter().flat_map(|work| work.join().unwrap()).collect()
    });
    let slack = Slack { bare: Duration::ZERO, tiered: Duration::ZERO, call: Duration::from_secs(60) };
    let broken = check(&events, slack, |_| true, |_| true);
    broken.iter().filter(|broken| broken.0 == "R1 no stale value").count()
}

#[test]
fn a_naive_store_is_noticed() {
    let store = MemoryStore::new(Clock::system());
    let found = || stale(|| Cache::builder().shared_only(naive(&store)).build_blocking().unwrap()) > 0;
    // How threads meet is chance: mostly in the first round, on a busy machine later.
    assert!((0..10).any(|_| found()));
}

#[test]
fn the_same_without_the_mistake() {
    let store = MemoryStore::new(Clock::system());
    assert_eq!(stale(|| Cache::builder().shared_only(store.clone()).build_blocking().unwrap()), 0);
}

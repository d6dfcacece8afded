//! A store that forgets what leases are for: whoever has loaded stores. The check must notice.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use larder::shared::{
    Expire, Fill, Found, Generation, Increment, Incremented, Lease, Leased, Opening, Over, Pending, Read, Release,
    Remove, Store, Token, Write,
};
use larder::testing::MemoryStore;
use larder::{Cache, Clock};

use crate::history::{Slack, check};
use crate::source::Source;
use crate::worker::work;

#[derive(Clone, Debug)]
struct Naive(MemoryStore);

impl Store for Naive {
    fn open(&self, opening: Opening) {
        self.0.open(opening);
    }

    fn read(&self, reads: Vec<Read>) -> Pending<Vec<Found>> {
        self.0.read(reads)
    }

    /// Everybody leads.
    fn lease(&self, leases: Vec<Lease>) -> Pending<Vec<Leased>> {
        self.0.lease(leases.into_iter().map(|lease| Lease { over: Over::Lease, ..lease }).collect())
    }

    fn generations(&self, names: Vec<String>, fresh: Generation, keep: Duration) -> Pending<Vec<Generation>> {
        self.0.generations(names, fresh, keep)
    }

    /// Whatever has become of the lease.
    fn fill(&self, fills: Vec<Fill>) -> Pending<Vec<bool>> {
        let writes =
            fills.into_iter().map(|Fill { key, value, life, note, .. }| Write { key, value, life, unless: None, note });
        self.0.write(writes.collect())
    }

    fn release(&self, releases: Vec<Release>) -> Pending<()> {
        self.0.release(releases)
    }

    fn renew(&self, key: &str, token: Token, time: Duration) -> Pending<bool> {
        self.0.renew(key, token, time)
    }

    fn write(&self, writes: Vec<Write>) -> Pending<Vec<bool>> {
        self.0.write(writes)
    }

    fn increment(&self, increment: Increment) -> Pending<Incremented> {
        self.0.increment(increment)
    }

    fn remove(&self, removes: Vec<Remove>) -> Pending<Vec<bool>> {
        self.0.remove(removes)
    }

    fn expire(&self, expires: Vec<Expire>) -> Pending<()> {
        self.0.expire(expires)
    }

    fn bump(&self, generations: Vec<String>, note: Vec<u8>) -> Pending<()> {
        self.0.bump(generations, note)
    }

    fn purge(&self, prefix: &str) -> Pending<u64> {
        self.0.purge(prefix)
    }

    fn close(&self) {
        self.0.close();
    }
}

/// Two processes in one, until something is wrong or the time is over.
fn stale(build: impl Fn() -> Cache) -> usize {
    let (source, stop) = (Source::start(), AtomicBool::new(false));
    let caches = [build(), build()];
    let events: Vec<_> = thread::scope(|threads| {
        let works: Vec<_> = caches
            .iter()
            .enumerate()
            .map(|(at, cache)| {
                threads.spawn({
                    let (port, stop) = (source.port(), &stop);
                    move || work(at, cache, port, stop)
                })
            })
            .collect();
        let begin = larder_kit::clock::now();
        larder_kit::until("two seconds to pass", || larder_kit::clock::now() - begin > 2_000_000_000);
        stop.store(true, Relaxed);
        works.into_iter().flat_map(|work| work.join().unwrap()).collect()
    });
    let slack = Slack { bare: Duration::ZERO, tiered: Duration::ZERO, call: Duration::from_secs(60) };
    let broken = check(&events, slack, |_| true, |_| true);
    broken.iter().filter(|broken| broken.0 == "R1 no stale value").count()
}

#[test]
fn a_naive_store_is_noticed() {
    let store = MemoryStore::new(Clock::system());
    let found = || stale(|| Cache::builder().shared_only(Naive(store.clone())).build_blocking().unwrap()) > 0;
    // How threads meet is chance: mostly in the first round, on a busy machine later.
    assert!((0..10).any(|_| found()));
}

#[test]
fn the_same_without_the_mistake() {
    let store = MemoryStore::new(Clock::system());
    assert_eq!(stale(|| Cache::builder().shared_only(store.clone()).build_blocking().unwrap()), 0);
}

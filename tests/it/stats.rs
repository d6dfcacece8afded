//! What the counters say: every number is exact.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use larder::testing::{ManualClock, scope, scope_blocking};
use larder::{Cache, Stats, cached};

use crate::support::{Call, Gate, Loads, at_once, cache, secs, timed};

/// The numbers that a test expects; all others are 0.
fn assert_counts(stats: Stats, expected: &[(&str, u64)]) {
    let all = [
        ("hits", stats.hits),
        ("stale_hits", stats.stale_hits),
        ("misses", stats.misses),
        ("loads", stats.loads),
        ("load_errors", stats.load_errors),
        ("coalesced", stats.coalesced),
        ("stores", stats.stores),
        ("fenced", stats.fenced),
        ("evictions", stats.evictions),
        ("invalidations", stats.invalidations),
        ("shared_hits", stats.shared_hits),
        ("shared_errors", stats.shared_errors),
        ("entries", stats.entries),
    ];
    for (name, value) in all {
        let wanted = expected.iter().find(|(wanted, _)| *wanted == name).map_or(0, |(_, value)| *value);
        assert_eq!(value, wanted, "{name} in {stats:?}");
    }
}

#[test]
fn calls_of_one_function() {
    #[cached(timeout = 60)]
    fn f(id: i8) -> Result<i8, i8> {
        if id < 0 { Err(id) } else { Ok(id) }
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        assert_counts(f::all().stats(), &[]);
        assert_eq!(f::all().stats().hit_ratio(), None);
        for _ in 0..3 {
            f(1).unwrap();
            f(-1).unwrap_err();
        }
        let counts = [("hits", 2), ("misses", 4), ("loads", 4), ("load_errors", 3), ("stores", 1), ("entries", 1)];
        assert_counts(f::all().stats(), &counts);
        assert_counts(cache.stats(), &counts);
        assert_eq!(f::all().stats().hit_ratio(), Some(2.0 / 6.0));

        clock.advance(secs(60));
        f(1).unwrap();
        let counts = [("hits", 2), ("misses", 5), ("loads", 5), ("load_errors", 3), ("stores", 2), ("entries", 1)];
        assert_counts(f::all().stats(), &counts);
    });
}

#[test]
fn a_batch_counts_its_ids() {
    #[cached(batch, timeout = 60, chunk = 2)]
    fn f(ids: &[u8], fails: bool) -> Result<HashMap<u8, u8>, u8> {
        if fails { Err(1) } else { Ok(ids.iter().filter(|id| **id < 3).map(|id| (*id, *id)).collect()) }
    }
    scope_blocking(&cache(), || {
        assert_eq!(f(&[1, 2, 3], false).map(|rows| rows.len()), Ok(2));
        let counts = [("misses", 3), ("loads", 3), ("stores", 2), ("entries", 2)];
        assert_counts(f::all().stats(), &counts);
        assert_eq!(f(&[1, 2, 3], true), Err(1), "the first two ids, in one run of the body");
        let counts = [("misses", 6), ("loads", 5), ("load_errors", 2), ("stores", 2), ("entries", 2)];
        assert_counts(f::all().stats(), &counts);
    });
}

#[test]
fn a_clock_that_stands_still_measures_nothing() {
    #[cached]
    fn f(id: u8) -> u8 {
        std::hint::black_box((0..=u8::MAX).fold(id, |sum, number| sum.wrapping_mul(31) ^ number))
    }
    scope_blocking(&cache(), || {
        assert_eq!((f(1), f(1)), (f(1), f(1)));
        let stats = f::all().stats();
        assert_eq!((stats.hits, stats.load_time, stats.time_saved), (3, Duration::ZERO, Duration::ZERO));
    });
}

#[test]
fn invalidations_of_every_kind() {
    #[cached]
    fn f(id: u8) -> u8 {
        id
    }
    scope_blocking(&cache(), || {
        let entry = f::entry(1);
        f(1);
        entry.invalidate().unwrap();
        entry.put(7).unwrap();
        entry.expire().unwrap();
        f::all().bump().unwrap();
        let counts = [("misses", 1), ("loads", 1), ("stores", 2), ("invalidations", 4), ("entries", 1)];
        assert_counts(f::all().stats(), &counts);
    });
}

#[test]
fn companions_count_no_calls() {
    #[cached]
    fn f(id: u8) -> u8 {
        id
    }
    scope_blocking(&cache(), || {
        f(1);
        let entry = f::entry(1);
        let _ = (entry.get(), entry.age(), entry.key().len(), f::uncached(1));
        assert_counts(f::all().stats(), &[("misses", 1), ("loads", 1), ("stores", 1), ("entries", 1)]);
        entry.refresh();
        assert_counts(f::all().stats(), &[("misses", 1), ("loads", 2), ("stores", 2), ("entries", 1)]);
    });
}

#[test]
fn calls_that_wait_and_calls_that_are_overtaken() {
    #[cached(key = "stats.wait", ignore(gate))]
    async fn f(gate: &Gate) -> u8 {
        gate.pass().await;
        1
    }
    let (cache, gate) = (cache(), Gate::new());
    let calls: Vec<_> = (0..4).map(|_| Call::begin(scope(&cache, f(&gate)))).collect();
    at_once(cache.delete("stats.wait")).unwrap();
    gate.open();
    assert!(calls.into_iter().all(|call| call.end() == 1));
    let counts = [("misses", 4), ("loads", 1), ("coalesced", 3), ("fenced", 1), ("invalidations", 1)];
    assert_counts(cache.stats(), &counts);
}

#[test]
fn the_cache_by_hand() {
    let cache = cache();
    let by_hand = cache.blocking();
    assert_eq!(by_hand.get::<u8>("a"), None);
    by_hand.set("a", &1_u8, secs(60)).unwrap();
    assert_eq!(by_hand.get::<u8>("a"), Some(1));
    assert_eq!(by_hand.get::<u16>("a"), None);
    assert!(by_hand.contains("a"));
    by_hand.get_or_insert_with("b", secs(60), || 2);
    by_hand.get_or_insert_with("b", secs(60), || 3);
    let counts = [("hits", 2), ("misses", 3), ("loads", 1), ("stores", 2), ("invalidations", 1), ("entries", 2)];
    assert_counts(cache.stats(), &counts);
    assert!(by_hand.delete("a").unwrap());
    assert_eq!((cache.stats().entries, cache.stats().invalidations), (1, 2));
}

#[test]
fn the_functions_of_a_cache_are_counted_apart() {
    #[cached(key = "stats.apart_one:<id>")]
    fn one(id: u8) -> u8 {
        id
    }
    #[cached(key = "stats.apart_two:<id>")]
    async fn two(id: u8) -> u8 {
        id
    }
    let cache = cache();
    scope_blocking(&cache, || {
        for id in 0..10 {
            one(id % 3);
            at_once(two(id % 5));
        }
        assert_counts(one::all().stats(), &[("hits", 7), ("misses", 3), ("loads", 3), ("stores", 3), ("entries", 3)]);
        assert_counts(two::all().stats(), &[("hits", 5), ("misses", 5), ("loads", 5), ("stores", 5), ("entries", 5)]);
        assert_counts(cache.stats(), &[("hits", 12), ("misses", 8), ("loads", 8), ("stores", 8), ("entries", 8)]);
        assert_eq!(cache.blocking().get::<u8>("stats.apart_one:1"), Some(1));
        assert_eq!(one::all().stats().hits, 8, "a read by hand is one of the function that owns the key");
    });
}

#[test]
fn hits_of_many_threads_are_all_counted() {
    #[cached(cache = cache)]
    fn f(id: u32, cache: &Cache) -> u32 {
        id
    }
    let cache = cache();
    for id in 0..10 {
        f(id, &cache);
    }
    for round in 1..=3 {
        // Threads end, and their counts stay.
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for call in 0..10_000 {
                        f(call % 10, &cache);
                    }
                });
            }
        });
        let counts = [("hits", round * 80_000), ("misses", 10), ("loads", 10), ("stores", 10), ("entries", 10)];
        assert_counts(cache.stats(), &counts);
    }
}

#[test]
fn time_spent_and_time_saved() {
    #[cached(ignore(clock, takes))]
    fn f(id: u8, clock: &ManualClock, takes: Duration) -> u8 {
        clock.advance(takes);
        id
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        f(1, &clock, secs(2));
        f(2, &clock, secs(4));
        assert_eq!((cache.stats().load_time, cache.stats().time_saved), (secs(6), Duration::ZERO));
        for _ in 0..10 {
            f(1, &clock, secs(100));
        }
        let stats = f::all().stats();
        assert_eq!(stats.load_time, secs(6));
        // Ten times the mean of three seconds, less what the hits themselves are taken to cost.
        let cost_of_hits = secs(30) - stats.time_saved;
        assert!(cost_of_hits <= Duration::from_micros(10), "{cost_of_hits:?}");
    });
}

#[test]
fn the_report_names_functions_and_what_to_do() {
    static LOADS: Loads = Loads::new();
    #[cached(ignore(clock))]
    fn worthwhile(id: u8, clock: &ManualClock) -> u32 {
        clock.advance(Duration::from_millis(20));
        LOADS.next()
    }
    #[cached]
    fn never_called() -> u8 {
        0
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        assert!(larder::report().contains("no annotated function was called"));
        for _ in 0..200 {
            worthwhile(1, &clock);
        }
        let report = larder::report();
        let line = report.lines().find(|line| line.contains("worthwhile")).unwrap();
        assert!(line.contains("99.5%") && line.contains("20.0ms") && line.contains("pays"), "{line}");
        assert!(!report.contains("never_called"));
        assert!(!report.contains("conflict"), "{report}");
    });
}

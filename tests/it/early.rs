//! `early` and `jitter`: refreshes ahead of the timeout, and timeouts that do not all end together.

use std::time::Duration;

use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Loads, Side, at_once, secs, timed};

#[cached(timeout = 100, early = 0.5, key = "early.half:<id>", ignore(loads))]
async fn half(id: u32, loads: &'static Loads) -> u32 {
    loads.next()
}

#[cached(timeout = never, early = "100s", key = "early.never:<id>", ignore(loads))]
async fn for_ever(id: u32, loads: &'static Loads) -> u32 {
    loads.next()
}

#[cached(timeout = |value: &u32| Duration::from_secs(u64::from(*value) * 100), early = 0.5, key = "early.value:<id>",
    ignore(loads))]
async fn by_value(id: u32, loads: &'static Loads) -> u32 {
    loads.next()
}

#[cached(timeout = 100, early = 0.5, stale_while_revalidate = 100, jitter = 0.5, key = "early.all:<id>", ignore(loads))]
async fn with_all(id: u32, loads: &'static Loads) -> u32 {
    loads.next()
}

#[test]
fn the_first_read_past_the_moment_refreshes_and_nobody_waits() {
    static LOADS: Loads = Loads::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, half(1, &LOADS)));
    assert_eq!(call(), 1);
    clock.advance(secs(44));
    assert_eq!((call(), side.waiting()), (1, 0), "a tenth earlier is the earliest");
    clock.advance(secs(11));
    for _ in 0..10 {
        assert_eq!(call(), 1);
    }
    assert_eq!(side.waiting(), 1, "one refresh for all");
    side.run();
    assert_eq!(call(), 2);
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.stale_hits, stats.misses), (12, 0, 1), "they are all hits");
}

#[test]
fn without_a_read_nothing_happens() {
    static LOADS: Loads = Loads::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, half(1, &LOADS)));
    assert_eq!(call(), 1);
    clock.advance(secs(100));
    assert_eq!((side.waiting(), call()), (0, 2));
}

#[test]
fn a_miss_joins_the_refresh() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 100, early = 0.5, key = "early.joined:<id>", ignore(gate))]
    async fn number(id: u32, gate: &'static crate::support::Gate) -> u32 {
        let load = LOADS.next();
        gate.pass().await;
        load
    }
    let gate: &'static _ = Box::leak(Box::new(crate::support::Gate::new()));
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || scope(&cache, number(1, gate));
    gate.let_one_through();
    assert_eq!(at_once(call()), 1);
    clock.advance(secs(55));
    assert_eq!(at_once(call()), 1);
    side.run();
    assert_eq!(at_once(call()), 1);
    clock.advance(secs(45));
    // Too old now: this one waits for the refresh.
    let late = crate::support::Call::begin(call());
    gate.let_one_through();
    side.run();
    assert_eq!((late.end(), at_once(call()), LOADS.so_far()), (2, 2, 2));
}

#[test]
fn an_age_refreshes_what_never_ends() {
    static LOADS: Loads = Loads::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, for_ever(1, &LOADS)));
    assert_eq!(call(), 1);
    clock.advance(secs(89));
    assert_eq!((call(), side.waiting()), (1, 0));
    clock.advance(secs(22));
    assert_eq!((call(), side.waiting()), (1, 1));
    side.run();
    assert_eq!(call(), 2);
}

#[test]
fn a_fraction_of_the_timeout_that_the_value_has() {
    static LOADS: Loads = Loads::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, by_value(1, &LOADS)));
    assert_eq!(call(), 1);
    clock.advance(secs(55));
    assert_eq!(call(), 1);
    side.run();
    assert_eq!(call(), 2);
    clock.advance(secs(89));
    assert_eq!((call(), side.waiting()), (2, 0), "half of 200 seconds");
    clock.advance(secs(22));
    assert_eq!((call(), side.waiting()), (2, 1));
}

#[test]
fn entries_made_together_are_not_refreshed_together() {
    static LOADS: Loads = Loads::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    at_once(scope(&cache, async {
        for id in 0..200 {
            half(id, &LOADS).await;
        }
        clock.advance(secs(50));
        for id in 0..200 {
            half(id, &LOADS).await;
        }
    }));
    let begun = side.waiting();
    assert!((20..=180).contains(&begun), "{begun} of 200 at the middle of the range");
}

#[test]
fn a_refresh_that_fails_is_tried_again_after_the_rest() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 100, early = 0.5, key = "early.fails:<id>")]
    async fn number(id: u32) -> Result<u32, ()> {
        let load = LOADS.next();
        if load == 2 { Err(()) } else { Ok(load) }
    }
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, number(1)));
    assert_eq!(call(), Ok(1));
    clock.advance(secs(55));
    assert_eq!(call(), Ok(1));
    side.run();
    assert_eq!((call(), side.waiting(), LOADS.so_far()), (Ok(1), 0, 2), "the source rests");
    assert_eq!((cache.stats().refreshes, cache.stats().refreshes_failed), (1, 1));
    clock.advance(secs(10));
    assert_eq!((call(), side.waiting()), (Ok(1), 1));
    side.run();
    assert_eq!(call(), Ok(3));
}

#[test]
fn with_a_stale_period_behind_it() {
    static LOADS: Loads = Loads::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, with_all(1, &LOADS)));
    assert_eq!(call(), 1);
    clock.advance(secs(100));
    assert_eq!((call(), cache.stats().stale_hits), (1, 1));
    side.run();
    assert_eq!((call(), LOADS.so_far()), (2, 2));
}

/// How many of 500 entries are fresh at each age.
fn fresh(cache: &Cache, advance: impl Fn(Duration), ages: &[u64]) -> Vec<usize> {
    let mut now = 0;
    ages.iter()
        .map(|age| {
            advance(secs(age - now));
            now = *age;
            (0..500).filter(|id| cache.blocking().contains(&format!("early.jitter:{id}"))).count()
        })
        .collect()
}

#[test]
fn jitter_shortens_timeouts_and_never_lengthens_them() {
    #[cached(timeout = 100, jitter = 0.4, cache_none, key = "early.jitter:<id>")]
    fn jittered(id: u32) -> Option<u32> {
        Some(id)
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || (0..500).for_each(|id| _ = jittered(id)));
    let fresh = fresh(&cache, |by| clock.advance(by), &[59, 80, 100]);
    assert_eq!((fresh[0], fresh[2]), (500, 0));
    assert!((100..=400).contains(&fresh[1]), "{} of 500 in the middle", fresh[1]);
}

#[test]
fn without_jitter_in_memory_timeouts_are_exact() {
    #[cached(timeout = 100, key = "early.exact:<id>")]
    fn exact(id: u32) -> u32 {
        id
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || (0..100).for_each(|id| _ = exact(id)));
    clock.advance(secs(100) - Duration::from_nanos(1));
    assert!((0..100).all(|id| cache.blocking().contains(&format!("early.exact:{id}"))));
    clock.advance(Duration::from_nanos(1));
    assert!(!(0..100).any(|id| cache.blocking().contains(&format!("early.exact:{id}"))));
}

#[test]
fn what_is_set_by_hand_keeps_its_time() {
    static LOADS: Loads = Loads::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    cache.blocking().set("early.all:1", &7_u32, secs(100)).unwrap();
    clock.advance(secs(99));
    assert_eq!(at_once(scope(&cache, with_all(1, &LOADS))), 7);
    assert_eq!((side.waiting(), LOADS.so_far()), (0, 0), "neither jitter nor early");
}

/// A value that expires its own entry when it is cloned for the second time, which is after its reader has looked at the
/// entry and before it begins the refresh.
#[derive(Debug)]
struct Expiring(u32);

static CLONES: Loads = Loads::new();

impl Clone for Expiring {
    fn clone(&self) -> Self {
        if CLONES.next() == 3 {
            expiring::entry(1).expire().unwrap();
        }
        Self(self.0)
    }
}

static EXPIRING: Loads = Loads::new();

#[cached(timeout = 100, early = 0.5, key = "early.expiring:<id>")]
fn expiring(id: u32) -> Expiring {
    Expiring(EXPIRING.next())
}

#[test]
fn a_refresh_that_begins_does_not_make_an_expired_value_fresh_again() {
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        assert_eq!((expiring(1).0, CLONES.so_far()), (1, 1), "cloned once to be stored");
        clock.advance(secs(60));
        assert_eq!((expiring(1).0, CLONES.so_far()), (1, 3), "cloned at the look, and for the answer");
        assert_eq!(expiring(1).0, 2, "it was expired");
    });
}

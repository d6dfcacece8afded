//! A source that has failed is left alone for a while, for each key.

use std::time::Duration;

use larder::testing::scope;
use larder::{Cache, cached};

use crate::stale::{Down, Outcome, Source};
use crate::support::{Call, Gate, Loads, Side, at_once, secs, timed};

#[cached(timeout = 10, stale_if_error = "1h", key = "rest.sie:<id>", ignore(source))]
async fn if_error(id: u32, source: &'static Source) -> Result<Option<u32>, Down> {
    source.ask()
}

#[cached(timeout = 10, stale_while_revalidate = "1h", key = "rest.swr:<id>", ignore(source))]
async fn while_revalidate(id: u32, source: &'static Source) -> Result<Option<u32>, Down> {
    source.ask()
}

/// A cache in which an entry is old and its source has just failed.
fn failed(cache: &Cache, by: impl FnOnce(Duration), source: &'static Source) {
    assert_eq!(at_once(scope(cache, if_error(1, source))), Ok(Some(1)));
    by(secs(10));
    source.give(Outcome::Failure);
    assert_eq!(at_once(scope(cache, if_error(1, source))), Ok(Some(1)));
    assert_eq!(source.loads.so_far(), 2);
}

#[test]
fn ten_seconds_less_up_to_a_tenth() {
    for _ in 0..50 {
        let source: &'static Source = Box::leak(Box::default());
        let (cache, clock) = timed();
        failed(&cache, |by| clock.advance(by), source);
        clock.advance(secs(9) - Duration::from_nanos(1));
        assert_eq!(at_once(scope(&cache, if_error(1, source))), Ok(Some(1)));
        assert_eq!(source.loads.so_far(), 2, "it rests");
        clock.advance(secs(1) + Duration::from_nanos(1));
        assert_eq!(at_once(scope(&cache, if_error(1, source))), Ok(Some(1)));
        assert_eq!(source.loads.so_far(), 3, "it is asked again");
    }
}

#[test]
fn as_long_as_the_builder_says() {
    let source: &'static Source = Box::leak(Box::default());
    let clock = larder::testing::ManualClock::new();
    let cache = Cache::builder().clock(clock.clone()).rest(secs(1_000)).build_blocking().unwrap();
    failed(&cache, |by| clock.advance(by), source);
    clock.advance(secs(899));
    assert_eq!(at_once(scope(&cache, if_error(1, source))), Ok(Some(1)));
    assert_eq!(source.loads.so_far(), 2);
}

#[test]
fn not_at_all() {
    let source: &'static Source = Box::leak(Box::default());
    let clock = larder::testing::ManualClock::new();
    let cache = Cache::builder().clock(clock.clone()).rest(Duration::ZERO).build_blocking().unwrap();
    failed(&cache, |by| clock.advance(by), source);
    assert_eq!(at_once(scope(&cache, if_error(1, source))), Ok(Some(1)));
    assert_eq!(source.loads.so_far(), 3);
}

#[test]
fn each_key_by_itself() {
    let source: &'static Source = Box::leak(Box::default());
    let (cache, clock) = timed();
    failed(&cache, |by| clock.advance(by), source);
    assert_eq!(at_once(scope(&cache, if_error(2, source))), Err(Down));
    assert_eq!(source.loads.so_far(), 3);
}

#[test]
fn a_rest_ends_with_its_entry() {
    for end in 0..3 {
        let source: &'static Source = Box::leak(Box::default());
        let (cache, clock) = timed();
        failed(&cache, |by| clock.advance(by), source);
        source.give(Outcome::Number);
        at_once(scope(&cache, async {
            match end {
                0 => if_error::entry(1).invalidate().await.unwrap(),
                1 => if_error::entry(1).expire().await.unwrap(),
                _ => if_error::all().bump().await.unwrap(),
            }
        }));
        assert_eq!(at_once(scope(&cache, if_error(1, source))), Ok(Some(3)), "after the end in way {end}");
    }
}

#[test]
fn refreshes_on_the_side_rest_as_well() {
    let source: &'static Source = Box::leak(Box::default());
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, while_revalidate(1, source)));
    assert_eq!(call(), Ok(Some(1)));
    clock.advance(secs(10));
    for outcome in [Outcome::Failure, Outcome::Panic] {
        source.give(outcome);
        assert_eq!(call(), Ok(Some(1)));
        side.run();
        assert_eq!((call(), side.waiting()), (Ok(Some(1)), 0), "it rests after {outcome:?}");
        clock.advance(secs(10));
    }
    assert_eq!(cache.stats().refreshes_failed, 2);
    source.give(Outcome::Number);
    assert_eq!((call(), side.waiting()), (Ok(Some(1)), 1));
    side.run();
    assert_eq!(call(), Ok(Some(4)));
}

#[test]
fn everybody_who_waits_is_given_the_old_value_and_the_source_is_asked_once() {
    static LOADS: Loads = Loads::new();
    // `Down` can't be cloned: it is not shared.
    #[cached(timeout = 10, stale_if_error = 100, key = "rest.waiters:<id>", ignore(gate))]
    async fn number(id: u32, gate: &Gate) -> Result<u32, Down> {
        let load = LOADS.next();
        gate.pass().await;
        if load == 1 { Ok(load) } else { Err(Down) }
    }
    let (gate, (cache, clock)) = (Gate::new(), timed());
    let call = || scope(&cache, number(1, &gate));
    gate.let_one_through();
    assert_eq!(at_once(call()), Ok(1));
    clock.advance(secs(10));
    let mut leader = Call::begin(call());
    let waiters: Vec<_> = (0..10).map(|_| Call::begin(call())).collect();
    gate.let_one_through();
    assert_eq!(leader.step(), Some(Ok(1)));
    for waiter in waiters {
        assert_eq!(waiter.end(), Ok(1));
    }
    assert_eq!(LOADS.so_far(), 2);
    assert_eq!(cache.stats().stale_hits, 11);
}

#[test]
fn a_panic_is_no_failure_of_the_caller() {
    let source: &'static Source = Box::leak(Box::default());
    let (cache, clock) = timed();
    let call = || at_once(scope(&cache, if_error(1, source)));
    assert_eq!(call(), Ok(Some(1)));
    clock.advance(secs(10));
    source.give(Outcome::Panic);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
    assert!(panic.is_err(), "it is the caller's");
    source.give(Outcome::Number);
    assert_eq!(call(), Ok(Some(3)), "nothing rests, nothing is stuck");
}

mod forced {
    use super::*;

    #[cached(timeout = 10, stale_if_error = 20, refresh_if = force, ignore(force, source), key = "rest.forced:<id>")]
    async fn number(id: u32, force: bool, source: &'static Source) -> Result<Option<u32>, Down> {
        source.ask()
    }

    #[test]
    fn an_old_value_stands_in_for_a_call_and_not_for_a_refresh_by_hand() {
        let source: &'static Source = Box::leak(Box::default());
        let (cache, clock) = timed();
        let call = |force| at_once(scope(&cache, number(1, force, source)));
        assert_eq!(call(false), Ok(Some(1)));
        source.give(Outcome::Failure);
        assert_eq!(call(true), Ok(Some(1)), "it is even fresh");
        assert_eq!(at_once(scope(&cache, number::refresh(1, false, source))), Err(Down));
        clock.advance(secs(29));
        assert_eq!(call(true), Ok(Some(1)));
        assert_eq!(source.loads.so_far(), 4);
        clock.advance(secs(1));
        assert_eq!(call(true), Err(Down));
    }

    #[test]
    fn its_failure_does_not_make_a_fresh_value_old() {
        #[cached(timeout = 100, stale_if_error = 20, refresh_if = force, ignore(force, source), key = "rest.fresh:<id>")]
        async fn number(id: u32, force: bool, source: &'static Source) -> Result<Option<u32>, Down> {
            source.ask()
        }
        let source: &'static Source = Box::leak(Box::default());
        let (cache, clock) = timed();
        let call = |force| at_once(scope(&cache, number(1, force, source)));
        assert_eq!(call(false), Ok(Some(1)));
        source.give(Outcome::Failure);
        assert_eq!(call(true), Ok(Some(1)));
        clock.advance(secs(50));
        assert_eq!((call(false), source.loads.so_far()), (Ok(Some(1)), 2), "the rest is over, the value is fresh");
        assert_eq!(cache.stats().hits, 1);
    }

    #[test]
    fn its_failure_keeps_back_a_refresh_that_has_not_begun() {
        #[cached(timeout = 10, early = 0.5, stale_while_revalidate = 100, stale_if_error = 100, refresh_if = force,
            ignore(force, source), key = "rest.queued:<id>")]
        async fn number(id: u32, force: bool, source: &'static Source) -> Result<Option<u32>, Down> {
            source.ask()
        }
        for age in [6, 11] {
            let source: &'static Source = Box::leak(Box::default());
            let side = Side::default();
            let (cache, clock) = side.timed();
            let call = |force| at_once(scope(&cache, number(1, force, source)));
            assert_eq!(call(false), Ok(Some(1)));
            clock.advance(secs(age));
            assert_eq!((call(false), side.waiting()), (Ok(Some(1)), 1));
            source.give(Outcome::Failure);
            assert_eq!(call(true), Ok(Some(1)));
            side.run();
            assert_eq!(source.loads.so_far(), 2, "at {age} s: it rests");
            assert_eq!((call(false), side.waiting()), (Ok(Some(1)), 0), "at {age} s: nor does another begin");
            source.give(Outcome::Number);
            clock.advance(secs(10));
            assert_eq!((call(false), side.waiting()), (Ok(Some(1)), 1), "at {age} s: the rest is over");
            side.run();
            assert_eq!(call(false), Ok(Some(3)));
        }
    }
}

#[test]
fn a_value_that_is_not_to_be_stored_leaves_the_old_one() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 10, stale_while_revalidate = 100, store_if = |value| *value != 2, key = "rest.store_if:<id>")]
    async fn number(id: u32) -> u32 {
        LOADS.next()
    }
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, number(1)));
    assert_eq!(call(), 1);
    clock.advance(secs(10));
    assert_eq!(call(), 1);
    side.run();
    assert_eq!((call(), side.waiting(), LOADS.so_far()), (1, 0, 2), "the source rests");
    clock.advance(secs(10));
    assert_eq!(call(), 1);
    side.run();
    assert_eq!(call(), 3);
}

//! `soft_timeout`: how long a caller waits for a new value before it takes the old one.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Call, Gate, Loads, Side, at_once, promptly_blocking, secs, timed};

#[derive(Debug)]
struct Source {
    loads: Loads,
    gate: Gate,
    fails: AtomicBool,
}

impl Source {
    /// Each loader needs to be let through.
    fn new() -> &'static Self {
        Box::leak(Box::new(Self { loads: Loads::new(), gate: Gate::new(), fails: AtomicBool::new(false) }))
    }

    async fn ask(&self) -> Result<u32, Down> {
        let load = self.loads.next();
        self.gate.pass().await;
        if self.fails.load(SeqCst) { Err(Down) } else { Ok(load) }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Down;

#[cached(timeout = 10, stale_while_revalidate = 20, soft_timeout = 2, key = "soft.swr:<id>", ignore(source))]
async fn while_revalidate(id: u32, source: &'static Source) -> Result<u32, Down> {
    source.ask().await
}

#[cached(timeout = 10, stale_if_error = 20, soft_timeout = 2, key = "soft.sie:<id>", ignore(source))]
async fn if_error(id: u32, source: &'static Source) -> Result<u32, Down> {
    source.ask().await
}

/// An old value in the cache.
fn grown_old<F: Future<Output = Result<u32, Down>>>(call: impl Fn() -> F, source: &Source, age: impl FnOnce()) {
    source.gate.let_one_through();
    assert_eq!(at_once(call()), Ok(1));
    at_once(source.gate.reached());
    age();
}

macro_rules! both_periods {
    ($test:ident) => {
        #[test]
        fn $test() {
            cases::$test(|cache, source| scope(cache, while_revalidate(1, source)));
            cases::$test(|cache, source| scope(cache, if_error(1, source)));
        }
    };
}

both_periods!(a_load_in_time_is_the_answer);
both_periods!(the_old_value_if_the_load_takes_longer);
both_periods!(the_old_value_if_the_load_fails_in_time);
both_periods!(whoever_comes_waits_for_the_same_load);
both_periods!(a_caller_who_goes_away_does_not_end_the_load);
both_periods!(a_runtime_that_ends_does_not_keep_the_next_from_loading);
both_periods!(a_load_that_is_overtaken_is_not_stored);

mod cases {
    use super::*;

    pub(super) fn a_load_in_time_is_the_answer<'a, F: Future<Output = Result<u32, Down>> + 'a>(
        ask: impl Fn(&'a Cache, &'static Source) -> F,
    ) {
        let (source, side) = (Source::new(), Side::default());
        let (cache, clock) = leaked(side.timed());
        grown_old(|| ask(cache, source), source, || clock.advance(secs(10)));
        let mut call = Call::begin(ask(cache, source));
        side.run();
        clock.advance(secs(1));
        assert_eq!(call.step(), None);
        source.gate.let_one_through();
        side.run();
        assert_eq!(call.end(), Ok(2));
        let stats = cache.stats();
        assert_eq!((stats.stale_hits, stats.misses, stats.refreshes), (0, 2, 1));
    }

    pub(super) fn the_old_value_if_the_load_takes_longer<'a, F: Future<Output = Result<u32, Down>> + 'a>(
        ask: impl Fn(&'a Cache, &'static Source) -> F,
    ) {
        let (source, side) = (Source::new(), Side::default());
        let (cache, clock) = leaked(side.timed());
        grown_old(|| ask(cache, source), source, || clock.advance(secs(10)));
        let mut call = Call::begin(ask(cache, source));
        side.run();
        clock.advance(secs(2));
        assert_eq!(call.step(), Some(Ok(1)), "old");
        assert_eq!(cache.stats().stale_hits, 1);
        source.gate.let_one_through();
        side.run();
        assert_eq!(side.waiting(), 0);
        assert_eq!(at_once(ask(cache, source)), Ok(2), "the load went on");
        assert_eq!(source.loads.so_far(), 2);
    }

    pub(super) fn the_old_value_if_the_load_fails_in_time<'a, F: Future<Output = Result<u32, Down>> + 'a>(
        ask: impl Fn(&'a Cache, &'static Source) -> F,
    ) {
        let (source, side) = (Source::new(), Side::default());
        let (cache, clock) = leaked(side.timed());
        grown_old(|| ask(cache, source), source, || clock.advance(secs(10)));
        let call = Call::begin(ask(cache, source));
        source.fails.store(true, SeqCst);
        source.gate.let_one_through();
        side.run();
        assert_eq!(call.end(), Ok(1));
        assert_eq!(at_once(ask(cache, source)), Ok(1), "the source rests");
        assert_eq!((source.loads.so_far(), side.waiting()), (2, 0));
    }

    pub(super) fn whoever_comes_waits_for_the_same_load<'a, F: Future<Output = Result<u32, Down>> + 'a>(
        ask: impl Fn(&'a Cache, &'static Source) -> F,
    ) {
        let (source, side) = (Source::new(), Side::default());
        let (cache, clock) = leaked(side.timed());
        grown_old(|| ask(cache, source), source, || clock.advance(secs(10)));
        let ten = || (0..10).map(|_| Call::begin(ask(cache, source))).collect::<Vec<_>>();
        let first = ten();
        side.run();
        clock.advance(secs(1));
        let second = ten();
        clock.advance(secs(1));
        for call in first {
            assert_eq!(call.end(), Ok(1), "its two seconds are over");
        }
        source.gate.let_one_through();
        side.run();
        for call in second {
            assert_eq!(call.end(), Ok(2), "it came later, and in time");
        }
        assert_eq!(source.loads.so_far(), 2, "one load for all");
    }

    pub(super) fn a_caller_who_goes_away_does_not_end_the_load<'a, F: Future<Output = Result<u32, Down>> + 'a>(
        ask: impl Fn(&'a Cache, &'static Source) -> F,
    ) {
        let (source, side) = (Source::new(), Side::default());
        let (cache, clock) = leaked(side.timed());
        grown_old(|| ask(cache, source), source, || clock.advance(secs(10)));
        drop(Call::begin(ask(cache, source)));
        source.gate.let_one_through();
        side.run();
        assert_eq!(at_once(ask(cache, source)), Ok(2));
        assert_eq!(source.loads.so_far(), 2);
    }

    pub(super) fn a_runtime_that_ends_does_not_keep_the_next_from_loading<
        'a,
        F: Future<Output = Result<u32, Down>> + 'a,
    >(
        ask: impl Fn(&'a Cache, &'static Source) -> F,
    ) {
        let (source, side) = (Source::new(), Side::default());
        let (cache, clock) = leaked(side.timed());
        grown_old(|| ask(cache, source), source, || clock.advance(secs(10)));
        let call = Call::begin(ask(cache, source));
        side.run();
        side.forget();
        assert_eq!(call.end(), Ok(1), "old");
        assert_eq!(cache.stats().refreshes_failed, 1);
        assert_eq!(at_once(ask(cache, source)), Ok(1), "it rests");
        clock.advance(secs(10));
        let call = Call::begin(ask(cache, source));
        source.gate.let_one_through();
        side.run();
        assert_eq!(call.end(), Ok(3));
    }

    pub(super) fn a_load_that_is_overtaken_is_not_stored<'a, F: Future<Output = Result<u32, Down>> + 'a>(
        ask: impl Fn(&'a Cache, &'static Source) -> F,
    ) {
        let (source, side) = (Source::new(), Side::default());
        let (cache, clock) = leaked(side.timed());
        grown_old(|| ask(cache, source), source, || clock.advance(secs(10)));
        let call = Call::begin(ask(cache, source));
        side.run();
        cache.blocking().clear().unwrap();
        let late = Call::begin(ask(cache, source));
        source.gate.open();
        side.run();
        assert_eq!(call.end(), Ok(2), "it was asked before");
        assert_eq!(late.end(), Ok(3), "this one was not");
        assert_eq!(cache.stats().fenced, 1);
    }
}

fn leaked<C>((cache, clock): (Cache, C)) -> (&'static Cache, C) {
    (Box::leak(Box::new(cache)), clock)
}

#[test]
fn ordinary_functions_wait_as_long() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 10, stale_while_revalidate = 20, soft_timeout = 2, key = "soft.blocking:<id>", ignore(gate))]
    fn number(id: u32, gate: &Gate) -> u32 {
        let load = LOADS.next();
        gate.pass_blocking();
        load
    }
    promptly_blocking(|| {
        let (gate, (cache, clock)) = (Gate::new(), timed());
        gate.let_one_through();
        scope_blocking(&cache, || assert_eq!(number(1, &gate), 1));
        at_once(gate.reached());
        clock.advance(secs(10));
        std::thread::scope(|threads| {
            let asked = threads.spawn(|| scope_blocking(&cache, || number(1, &gate)));
            futures_lite::future::block_on(gate.reached());
            // The caller waits by now, or will when it is too late: the clock stands still in between.
            while !asked.is_finished() {
                clock.advance(secs(2));
                std::thread::yield_now();
            }
            assert_eq!(asked.join().unwrap(), 1, "old");
        });
        gate.let_one_through();
        while cache.stats().stores < 2 {
            std::thread::yield_now();
        }
        assert_eq!(cache.stats().refreshes, 1);
    });
}

#[test]
fn without_a_runtime_the_load_is_the_callers() {
    let source = Source::new();
    let (cache, clock) = timed();
    let call = || scope(&cache, while_revalidate(1, source));
    grown_old(call, source, || clock.advance(secs(10)));
    let mut leader = Call::begin(call());
    let mut other = Call::begin(call());
    clock.advance(secs(2));
    assert_eq!(other.step(), Some(Ok(1)), "who waits for it takes the old value");
    assert_eq!(leader.step(), None, "nobody else runs its load");
    source.gate.let_one_through();
    assert_eq!(leader.step(), Some(Ok(2)));
    assert_eq!(cache.stats().refreshes, 0, "it was not on the side");
}

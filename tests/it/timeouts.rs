//! How long a value is fresh.

use std::time::Duration;

use larder::testing::{ManualClock, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Loads, secs, timed};

const NANO: Duration = Duration::from_nanos(1);

/// The value is fresh just before `timeout`, and not from then on.
fn check(timeout: Duration, call: impl Fn() -> u32) {
    let (cache, clock) = timed();
    check_in(&cache, &clock, timeout, call);
}

fn check_in(cache: &Cache, clock: &ManualClock, timeout: Duration, call: impl Fn() -> u32) {
    scope_blocking(cache, || {
        let first = call();
        clock.advance(timeout - NANO);
        assert_eq!(call(), first, "fresh until the end");
        clock.advance(NANO);
        let second = call();
        assert_ne!(second, first, "and not at the end");
        clock.advance(timeout - NANO);
        assert_eq!(call(), second, "the next value has its full time");
    });
}

macro_rules! forms {
    ($($name:ident: $($timeout:literal)? => $expected:expr;)*) => {$(
        #[test]
        fn $name() {
            static LOADS: Loads = Loads::new();
            #[cached($(timeout = $timeout)?)]
            fn f() -> u32 {
                LOADS.next()
            }
            check($expected, f);
        }
    )*};
}

const DAY: u64 = 24 * 60 * 60;

forms! {
    whole_seconds: 60 => secs(60);
    parts_of_a_second: 1.5 => Duration::from_millis(1500);
    a_millisecond: 0.001 => Duration::from_millis(1);
    text_in_milliseconds: "1ms" => Duration::from_millis(1);
    text_in_seconds: "90s" => secs(90);
    text_in_minutes: "5m" => secs(300);
    text_of_several_units: "1h 30m" => secs(5400);
    text_in_days: "1d" => secs(DAY);
    text_in_weeks: "2w" => secs(14 * DAY);
    the_default_of_five_minutes: => secs(300);
    text_of_centuries: "10000w" => secs(10_000 * 7 * DAY);
}

#[test]
fn ten_thousand_years_are_for_ever() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = "3650000d")]
    fn f() -> u32 {
        LOADS.next()
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        f();
        clock.advance(secs(500 * 365 * DAY));
        assert_eq!(f(), 1);
    });
}

#[test]
fn never_is_never() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = never)]
    fn f() -> u32 {
        LOADS.next()
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        clock.advance(secs(1000 * DAY));
        f();
        clock.advance(secs(500 * 365 * DAY));
        assert_eq!(f(), 1);
    });
}

#[test]
fn the_caches_default_is_for_functions_that_say_nothing() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f() -> u32 {
        LOADS.next()
    }
    let clock = ManualClock::new();
    let cache = Cache::builder().clock(clock.clone()).default_timeout(secs(7)).build_blocking().unwrap();
    check_in(&cache, &clock, secs(7), f);
}

#[test]
fn a_timeout_can_depend_on_the_value() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = |value| Duration::from_secs(value.1))]
    fn f(seconds: u64) -> (u32, u64) {
        (LOADS.next(), seconds)
    }
    check(secs(3), || f(3).0);
    check(secs(40), || f(40).0);
    check(secs(70_000 * DAY), || f(70_000 * DAY).0);
}

#[test]
fn a_value_whose_timeout_is_zero_is_not_stored() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = |_| Duration::ZERO)]
    fn f() -> u32 {
        LOADS.next()
    }
    let (cache, _) = timed();
    scope_blocking(&cache, || {
        assert_eq!((f(), f()), (1, 2));
        assert_eq!(cache.stats().entries, 0);
        assert_eq!(cache.stats().stores, 0);
    });
}

#[test]
fn a_timeout_beyond_all_time_does_not_overflow() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = |_| Duration::MAX)]
    fn f() -> u32 {
        LOADS.next()
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        clock.advance(secs(DAY));
        f();
        clock.advance(secs(500 * 365 * DAY));
        assert_eq!(f(), 1);
    });
}

#[test]
fn the_timeout_of_a_result_is_that_of_the_value_inside() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = |value: &u32| Duration::from_secs(u64::from(*value)))]
    fn f() -> Result<Option<u32>, std::fmt::Error> {
        Ok(Some(LOADS.next()))
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        assert_eq!(f(), Ok(Some(1)));
        clock.advance(secs(1));
        assert_eq!(f(), Ok(Some(2)), "the first was fresh for one second");
        clock.advance(secs(1));
        assert_eq!(f(), Ok(Some(2)), "the second is for two");
    });
}

#[test]
fn entries_have_times_of_their_own() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 10)]
    fn f(id: u8) -> u32 {
        LOADS.next()
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        f(1);
        clock.advance(secs(6));
        f(2);
        clock.advance(secs(4));
        assert_eq!(f(2), 2, "stored later, fresh for longer");
        assert_eq!(f(1), 3);
    });
}

#[test]
fn time_runs_from_the_end_of_the_load() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 10, ignore(clock))]
    fn f(clock: &ManualClock) -> u32 {
        clock.advance(secs(8));
        LOADS.next()
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        f(&clock);
        clock.advance(secs(9));
        assert_eq!(f(&clock), 1);
    });
}

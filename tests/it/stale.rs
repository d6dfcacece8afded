//! Values past their timeout: what the caller gets, what is stored, and what runs on the side, by age, by the outcome of
//! the load and by the options.

use std::sync::Mutex;

use larder::testing::{scope, scope_blocking};
use larder::{Stats, cached};

use crate::support::{Loads, Side, at_once, secs, timed, until};

/// Can't be cloned, as most errors can't.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Down;

/// A source whose answers a test chooses.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) loads: Loads,
    next: Mutex<Outcome>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The number of the load.
    #[default]
    Number,
    Nothing,
    Failure,
    Panic,
}

impl Source {
    pub(crate) const fn new() -> Self {
        Self { loads: Loads::new(), next: Mutex::new(Outcome::Number) }
    }

    pub(crate) fn give(&self, outcome: Outcome) {
        *self.next.lock().unwrap() = outcome;
    }

    pub(crate) fn ask(&self) -> Result<Option<u32>, Down> {
        let load = self.loads.next();
        let outcome = *self.next.lock().unwrap();
        match outcome {
            Outcome::Number => Ok(Some(load)),
            Outcome::Nothing => Ok(None),
            Outcome::Failure => Err(Down),
            Outcome::Panic => panic!("the source panics"),
        }
    }
}

/// hits, stale hits, misses, refreshes
fn counted(stats: &Stats) -> [u64; 4] {
    [stats.hits, stats.stale_hits, stats.misses, stats.refreshes]
}

#[cached(timeout = 10, stale_while_revalidate = 20, key = "stale.swr:<id>", ignore(source))]
async fn while_revalidate(id: u32, source: &'static Source) -> Result<Option<u32>, Down> {
    source.ask()
}

#[cached(timeout = 10, stale_if_error = 60, key = "stale.sie:<id>", ignore(source))]
async fn if_error(id: u32, source: &'static Source) -> Result<Option<u32>, Down> {
    source.ask()
}

#[cached(timeout = 10, stale_while_revalidate = 20, stale_if_error = 60, key = "stale.both:<id>", ignore(source))]
async fn both(id: u32, source: &'static Source) -> Result<Option<u32>, Down> {
    source.ask()
}

#[cached(
    timeout = 10,
    stale_while_revalidate = 20,
    stale_if_error = 60,
    cache_none,
    cache_err = 5,
    key = "stale.all:<id>",
    ignore(source)
)]
async fn everything(id: u32, source: &'static Source) -> Result<Option<u32>, Copyable> {
    source.ask().map_err(|_| Copyable)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Copyable;

#[cached(timeout = 10, key = "stale.none:<id>", ignore(source))]
async fn neither(id: u32, source: &'static Source) -> Result<Option<u32>, Down> {
    source.ask()
}

/// One line of the table: a value is loaded (1), grows so old, and is asked for while the source gives this. Then: what
/// the call gets; whether its load ran in the call (`here`) or on the side; and what the next call gets, at once after it.
macro_rules! row {
    ($function:ident, age $age:literal, $outcome:ident => $got:expr, here $here:literal, side $side:literal, then $then:expr) => {{
        let source: &'static Source = Box::leak(Box::default());
        let side = Side::default();
        let (cache, clock) = side.timed();
        let call = || scope(&cache, $function(1, source));
        assert_eq!(at_once(call()).unwrap(), Some(1));
        clock.advance(secs($age));
        source.give(Outcome::$outcome);
        let what = concat!(stringify!($function), ", age ", $age, ", ", stringify!($outcome));
        assert_eq!(at_once(call()), $got, "{what}");
        assert_eq!(source.loads.so_far(), 1 + $here, "{what}: loads in the call");
        side.run();
        assert_eq!(source.loads.so_far(), 1 + $here + $side, "{what}: loads on the side");
        assert_eq!(side.waiting(), 0, "{what}: something is left");
        source.give(Outcome::Number);
        assert_eq!(at_once(call()), $then, "{what}: the next call");
    }};
}

#[test]
fn the_table() {
    // Without options an old value is none.
    row!(neither, age 9, Failure => Ok(Some(1)), here 0, side 0, then Ok(Some(1)));
    row!(neither, age 10, Failure => Err(Down), here 1, side 0, then Ok(Some(3)));
    row!(neither, age 10, Nothing => Ok(None), here 1, side 0, then Ok(Some(3)));

    row!(while_revalidate, age 9, Number => Ok(Some(1)), here 0, side 0, then Ok(Some(1)));
    row!(while_revalidate, age 10, Number => Ok(Some(1)), here 0, side 1, then Ok(Some(2)));
    row!(while_revalidate, age 29, Number => Ok(Some(1)), here 0, side 1, then Ok(Some(2)));
    // The refresh fails: the old value stays, and the source rests.
    row!(while_revalidate, age 10, Failure => Ok(Some(1)), here 0, side 1, then Ok(Some(1)));
    row!(while_revalidate, age 10, Panic => Ok(Some(1)), here 0, side 1, then Ok(Some(1)));
    // The source has it no more: neither has the cache.
    row!(while_revalidate, age 10, Nothing => Ok(Some(1)), here 0, side 1, then Ok(Some(3)));
    row!(while_revalidate, age 30, Number => Ok(Some(2)), here 1, side 0, then Ok(Some(2)));
    row!(while_revalidate, age 30, Failure => Err(Down), here 1, side 0, then Ok(Some(3)));

    row!(if_error, age 9, Failure => Ok(Some(1)), here 0, side 0, then Ok(Some(1)));
    row!(if_error, age 10, Number => Ok(Some(2)), here 1, side 0, then Ok(Some(2)));
    row!(if_error, age 10, Failure => Ok(Some(1)), here 1, side 0, then Ok(Some(1)));
    row!(if_error, age 69, Failure => Ok(Some(1)), here 1, side 0, then Ok(Some(1)));
    row!(if_error, age 10, Nothing => Ok(None), here 1, side 0, then Ok(Some(3)));
    row!(if_error, age 70, Failure => Err(Down), here 1, side 0, then Ok(Some(3)));

    row!(both, age 10, Number => Ok(Some(1)), here 0, side 1, then Ok(Some(2)));
    row!(both, age 10, Failure => Ok(Some(1)), here 0, side 1, then Ok(Some(1)));
    row!(both, age 30, Number => Ok(Some(2)), here 1, side 0, then Ok(Some(2)));
    row!(both, age 30, Failure => Ok(Some(1)), here 1, side 0, then Ok(Some(1)));
    row!(both, age 70, Failure => Err(Down), here 1, side 0, then Ok(Some(3)));

    row!(everything, age 10, Nothing => Ok(Some(1)), here 0, side 1, then Ok(None));
    row!(everything, age 30, Nothing => Ok(None), here 1, side 0, then Ok(None));
    // An error that could be stored does not take the place of a value that stands in for it.
    row!(everything, age 10, Failure => Ok(Some(1)), here 0, side 1, then Ok(Some(1)));
    row!(everything, age 30, Failure => Ok(Some(1)), here 1, side 0, then Ok(Some(1)));
    row!(everything, age 70, Failure => Err(Copyable), here 1, side 0, then Err(Copyable));
}

#[test]
fn a_stored_error_is_never_an_old_value() {
    static SOURCE: Source = Source::new();
    let (cache, clock) = timed();
    let call = || scope(&cache, everything(1, &SOURCE));
    SOURCE.give(Outcome::Failure);
    assert_eq!((at_once(call()), at_once(call())), (Err(Copyable), Err(Copyable)));
    assert_eq!(SOURCE.loads.so_far(), 1, "it is stored");
    clock.advance(secs(5));
    SOURCE.give(Outcome::Number);
    assert_eq!(at_once(call()), Ok(Some(2)), "and then a miss");
}

#[test]
fn nothing_that_is_stored_can_be_an_old_value() {
    static SOURCE: Source = Source::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || scope(&cache, everything(1, &SOURCE));
    SOURCE.give(Outcome::Nothing);
    assert_eq!(at_once(call()), Ok(None));
    clock.advance(secs(10));
    SOURCE.give(Outcome::Number);
    assert_eq!(at_once(call()), Ok(None), "old");
    side.run();
    assert_eq!(at_once(call()), Ok(Some(2)));
}

#[test]
fn what_is_counted() {
    static SOURCE: Source = Source::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, both(1, &SOURCE)));
    assert_eq!(call(), Ok(Some(1)));
    assert_eq!(call(), Ok(Some(1)));
    assert_eq!(counted(&cache.stats()), [1, 0, 1, 0]);
    clock.advance(secs(10));
    assert_eq!((call(), call()), (Ok(Some(1)), Ok(Some(1))));
    assert_eq!(counted(&cache.stats()), [1, 2, 1, 0], "the refresh has not begun to run");
    side.run();
    assert_eq!(counted(&cache.stats()), [1, 2, 1, 1]);
    clock.advance(secs(35));
    assert_eq!(call(), Ok(Some(3)));
    assert_eq!(counted(&cache.stats()), [1, 2, 2, 1], "a load that was worth waiting for is a miss");
    clock.advance(secs(35));
    SOURCE.give(Outcome::Failure);
    assert_eq!(call(), Ok(Some(3)));
    let stats = cache.stats();
    assert_eq!(counted(&stats), [1, 3, 2, 1]);
    assert_eq!((stats.loads, stats.stores, stats.load_errors, stats.refreshes_failed), (4, 3, 1, 0));
    assert_eq!(stats.hit_ratio(), Some(4.0 / 6.0));
}

#[test]
fn by_hand_only_fresh_values_are_seen() {
    static SOURCE: Source = Source::new();
    let (cache, clock) = Side::default().timed();
    at_once(scope(&cache, async {
        assert_eq!(both(1, &SOURCE).await, Ok(Some(1)));
        clock.advance(secs(10));
        let entry = both::entry(1);
        assert_eq!((entry.get().await, entry.age().await), (None, None));
        assert_eq!(cache.get::<u32>("stale.both:1").await, None);
        assert!(!cache.contains("stale.both:1").await);
        assert!(!cache.delete("stale.both:1").await.unwrap(), "there was no fresh one");
        assert_eq!(both(1, &SOURCE).await, Ok(Some(2)), "but it is gone");
    }));
}

#[test]
fn what_is_put_by_hand_grows_old_as_well() {
    static SOURCE: Source = Source::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    at_once(scope(&cache, async {
        both::entry(1).put(70).await.unwrap();
        clock.advance(secs(10));
        assert_eq!(both(1, &SOURCE).await, Ok(Some(70)));
        cache.set("stale.both:2", &80_u32, secs(1)).await.unwrap();
        clock.advance(secs(1));
        assert_eq!(both(2, &SOURCE).await, Ok(Some(80)));
    }));
    assert_eq!(side.waiting(), 2);
    side.run();
    assert_eq!(SOURCE.loads.so_far(), 2);
}

#[test]
fn an_expired_entry_is_old_from_now_on() {
    static SOURCE: Source = Source::new();
    let side = Side::default();
    let (cache, clock) = side.timed();
    at_once(scope(&cache, async {
        assert_eq!(both(1, &SOURCE).await, Ok(Some(1)));
        both::entry(1).expire().await.unwrap();
        assert_eq!(both::entry(1).get().await, None);
        assert_eq!(both(1, &SOURCE).await, Ok(Some(1)), "old");
        side.run();
        assert_eq!(both(1, &SOURCE).await, Ok(Some(2)));
        both::entry(1).expire().await.unwrap();
        clock.advance(secs(20));
        assert_eq!(both(1, &SOURCE).await, Ok(Some(3)), "20 seconds of the first period are over");
        // Without stale options there is nothing to be old.
        assert_eq!(neither(1, &SOURCE).await, Ok(Some(4)));
        neither::entry(1).expire().await.unwrap();
        assert_eq!(neither(1, &SOURCE).await, Ok(Some(5)));
    }));
}

#[test]
fn an_invalidated_value_is_not_an_old_one() {
    static SOURCE: Source = Source::new();
    let (cache, clock) = Side::default().timed();
    let load = || {
        let call = || at_once(scope(&cache, both(1, &SOURCE)));
        let first = call();
        clock.advance(secs(10));
        (first, call)
    };
    let removals: [fn(&larder::Cache); 4] = [
        |cache| at_once(scope(cache, async { both::entry(1).invalidate().await.unwrap() })),
        |cache| at_once(scope(cache, async { both::all().bump().await.unwrap() })),
        |cache| cache.blocking().clear().unwrap(),
        |cache| _ = cache.blocking().delete("stale.both:1").unwrap(),
    ];
    for remove in removals {
        let (first, call) = load();
        SOURCE.give(Outcome::Failure);
        remove(&cache);
        assert!(first.is_ok());
        assert_eq!(call(), Err(Down), "nothing is left to stand in");
        SOURCE.give(Outcome::Number);
    }
}

#[test]
fn a_period_without_end() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 10, stale_while_revalidate = never, key = "stale.never:<id>")]
    fn number(id: u32) -> u32 {
        LOADS.next()
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        assert_eq!(number(1), 1);
        clock.advance(secs(1_000_000_000));
        assert_eq!(number(1), 1);
    });
}

#[tokio::test]
async fn on_tokio() {
    static SOURCE: Source = Source::new();
    let (cache, clock) = timed();
    let call = || scope(&cache, both(1, &SOURCE));
    assert_eq!(call().await, Ok(Some(1)));
    clock.advance(secs(10));
    assert_eq!(call().await, Ok(Some(1)), "old");
    until(|| cache.stats().stores == 2).await;
    assert_eq!(call().await, Ok(Some(2)), "new");
}

#[test]
fn on_threads_of_the_cache() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 10, stale_while_revalidate = 20, key = "stale.threads:<name>:<numbers>")]
    fn number(name: &str, numbers: &[u8]) -> String {
        format!("{name}{}{}", numbers.len(), LOADS.next())
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        assert_eq!(number("a", &[1, 2]), "a21");
        clock.advance(secs(10));
        assert_eq!(number("a", &[1, 2]), "a21", "old");
        while cache.stats().stores < 2 {
            std::thread::yield_now();
        }
        assert_eq!(number("a", &[1, 2]), "a22", "new");
    });
}

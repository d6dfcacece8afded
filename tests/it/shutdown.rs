//! Calls after `Cache::shutdown`: which of them are answered with an old value, and which load.

use std::collections::HashMap;

use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Loads, Side, at_once, secs, timed};

#[derive(Clone, Debug, PartialEq, Eq)]
struct Down;

/// Gives its number of the load; the third fails.
fn ask(loads: &Loads) -> Result<u32, Down> {
    let load = loads.next();
    if load == 3 { Err(Down) } else { Ok(load) }
}

#[cached(timeout = 10, stale_while_revalidate = 20, stale_if_error = 40, key = "shutdown.both:<id>", ignore(loads))]
async fn both(id: u32, loads: &'static Loads) -> Result<u32, Down> {
    ask(loads)
}

#[cached(timeout = 10, stale_if_error = 20, soft_timeout = 2, key = "shutdown.soft:<id>", ignore(loads))]
async fn soft(id: u32, loads: &'static Loads) -> Result<u32, Down> {
    ask(loads)
}

#[cached(timeout = 10, early = 0.5, key = "shutdown.early:<id>", ignore(loads))]
async fn early(id: u32, loads: &'static Loads) -> Result<u32, Down> {
    ask(loads)
}

#[cached(timeout = 10, stale_while_revalidate = 20, key = "shutdown.ordinary:<id>", ignore(loads))]
fn ordinary(id: u32, loads: &'static Loads) -> Result<u32, Down> {
    ask(loads)
}

#[cached(batch, timeout = 10, stale_while_revalidate = 20, key = "shutdown.batch:<ids>", ignore(loads))]
async fn batch(ids: &[u32], loads: &'static Loads) -> HashMap<u32, u32> {
    let load = loads.next();
    ids.iter().map(|id| (*id, load)).collect()
}

fn loads() -> &'static Loads {
    Box::leak(Box::default())
}

fn shut_down(cache: &Cache) {
    at_once(cache.shutdown(secs(0))).unwrap();
}

#[test]
fn an_old_value_that_would_be_refreshed_on_the_side_is_the_answer_and_nothing_is_loaded() {
    let (side, loads) = (Side::default(), loads());
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, both(1, loads)));
    assert_eq!(call(), Ok(1));
    shut_down(&cache);
    clock.advance(secs(10));
    assert_eq!((call(), call()), (Ok(1), Ok(1)));
    assert_eq!((loads.so_far(), side.waiting()), (1, 0));
    let stats = cache.stats();
    assert_eq!((stats.stale_hits, stats.refreshes, stats.refreshes_skipped), (2, 0, 2));
}

#[test]
fn an_old_value_for_errors_alone_is_loaded_anew_by_its_caller() {
    let (side, loads) = (Side::default(), loads());
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, both(1, loads)));
    assert_eq!(call(), Ok(1));
    shut_down(&cache);
    clock.advance(secs(30));
    assert_eq!((call(), call()), (Ok(2), Ok(2)));
    clock.advance(secs(30));
    assert_eq!(call(), Ok(2), "the third load has failed");
    assert_eq!((loads.so_far(), cache.stats().load_errors, cache.stats().refreshes_skipped), (3, 1, 0));
}

#[test]
fn with_a_soft_timeout_the_old_value_is_the_answer_for_as_long_as_it_may_be() {
    let (side, loads) = (Side::default(), loads());
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, soft(1, loads)));
    assert_eq!(call(), Ok(1));
    shut_down(&cache);
    clock.advance(secs(10));
    assert_eq!((call(), call()), (Ok(1), Ok(1)), "at once: there is nothing to wait for");
    assert_eq!((loads.so_far(), side.waiting(), cache.stats().refreshes_skipped), (1, 0, 2));
    clock.advance(secs(20));
    assert_eq!((call(), loads.so_far()), (Ok(2), 2), "past both periods");
}

#[test]
fn what_is_fresh_is_not_refreshed_early() {
    let (side, loads) = (Side::default(), loads());
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, early(1, loads)));
    assert_eq!(call(), Ok(1));
    shut_down(&cache);
    clock.advance(secs(8));
    assert_eq!((call(), loads.so_far(), side.waiting()), (Ok(1), 1, 0));
    clock.advance(secs(2));
    assert_eq!((call(), call(), loads.so_far()), (Ok(2), Ok(2), 2));
}

#[test]
fn ordinary_functions_do_the_same() {
    let (loads, (cache, clock)) = (loads(), timed());
    let call = || scope_blocking(&cache, || ordinary(1, loads));
    assert_eq!(call(), Ok(1));
    shut_down(&cache);
    clock.advance(secs(10));
    assert_eq!((call(), loads.so_far(), cache.stats().refreshes_skipped), (Ok(1), 1, 1));
    clock.advance(secs(20));
    assert_eq!((call(), loads.so_far()), (Ok(2), 2));
}

#[test]
fn batches_do_the_same_for_each_id() {
    let (side, loads) = (Side::default(), loads());
    let (cache, clock) = side.timed();
    let call = |ids: &[u32]| {
        let rows = at_once(scope(&cache, batch(ids, loads)));
        ids.iter().map(|id| rows[id]).collect::<Vec<_>>()
    };
    assert_eq!(call(&[1, 2]), [1, 1]);
    shut_down(&cache);
    clock.advance(secs(10));
    assert_eq!(call(&[1, 2, 3]), [1, 1, 2], "one was not there");
    assert_eq!((loads.so_far(), side.waiting(), cache.stats().refreshes_skipped), (2, 0, 2));
}

#[test]
fn where_no_runtime_is_the_caller_loads_as_before() {
    let (loads, (cache, clock)) = (loads(), timed());
    let call = || at_once(scope(&cache, both(1, loads)));
    assert_eq!(call(), Ok(1));
    shut_down(&cache);
    clock.advance(secs(10));
    assert_eq!((call(), call(), loads.so_far()), (Ok(2), Ok(2), 2));
    clock.advance(secs(10));
    assert_eq!((call(), loads.so_far(), cache.stats().refreshes_skipped), (Ok(2), 3, 0), "it has failed");
}

#[test]
fn whoever_asks_for_a_load_gets_one() {
    let (side, loads) = (Side::default(), loads());
    let (cache, clock) = side.timed();
    at_once(scope(&cache, async {
        assert_eq!(both(1, loads).await, Ok(1));
        shut_down(&cache);
        clock.advance(secs(10));
        assert_eq!(both::refresh(1, loads).await, Ok(2));
        both::entry(1).invalidate().await.unwrap();
        assert_eq!(both(1, loads).await, Err(Down), "there is no old value to be content with");
    }));
    assert_eq!(side.waiting(), 0);
}

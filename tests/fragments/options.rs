//! The options of a fragment do what those of a function do.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::block_on;
use larder::{Cache, fragment};

use crate::support::{Loads, at_once, cache, promptly, secs, timed, until};

const SCHEMA: u64 = 3;

#[test]
fn a_timeout_may_depend_on_the_value() {
    let ((cache, clock), loads) = (timed(), Loads::new());
    let show = || {
        fragment!(key = "options.timeout", timeout = |value| Duration::from_secs(u64::from(*value)), cache = &cache, {
            loads.next()
        })
    };
    assert_eq!(show(), 1);
    clock.advance(secs(1));
    assert_eq!(show(), 2);
    clock.advance(secs(1));
    assert_eq!(show(), 2);
}

#[test]
fn conditions_are_of_the_variables_around() {
    let (cache, loads) = (cache(), Loads::new());
    let show = |preview: bool, force: bool| {
        fragment!(key = "options.conditions", unless = preview, refresh_if = force, cache = &cache, { loads.next() })
    };
    assert_eq!((show(false, false), show(true, false), show(false, false)), (1, 2, 1));
    assert_eq!((show(false, true), show(false, false)), (3, 3));
}

#[test]
fn a_value_may_be_refused() {
    let (cache, loads) = (cache(), Loads::new());
    let show = || {
        fragment!(key = "options.store_if", store_if = |page: &String| page.len() > 1, cache = &cache, {
            "x".repeat(loads.next() as usize)
        })
    };
    assert_eq!((show(), show(), show()), ("x".to_owned(), "xx".to_owned(), "xx".to_owned()));
}

#[test]
fn another_revision_is_a_miss() {
    let (cache, loads) = (cache(), Loads::new());
    let show = |updated: u64| fragment!(key = "options.revision", revision = updated, cache = &cache, { loads.next() });
    assert_eq!((show(1), show(1), show(2), show(2)), (1, 1, 2, 2));
}

#[test]
fn versions_are_apart() {
    let cache = cache();
    let old = fragment!(key = "options.version", version = 2, cache = &cache, { "old" });
    let new = fragment!(key = "options.version", version = SCHEMA, cache = &cache, { "new" });
    let code = fragment!(key = "options.version", version = code, cache = &cache, { "code" });
    assert_eq!((old, new, code), ("old", "new", "code"));
}

#[test]
fn an_error_may_be_stored() {
    let ((cache, clock), loads) = (timed(), Loads::new());
    let show = || fragment!(key = "options.cache_err", cache_err = 5, cache = &cache, -> Result<u32, u32> { Err(loads.next()) });
    assert_eq!((show(), show()), (Err(1), Err(1)));
    clock.advance(secs(5));
    assert_eq!(show(), Err(2));
}

#[test]
fn the_old_value_stands_in_for_an_error() {
    let ((cache, clock), loads) = (timed(), Loads::new());
    let show = || {
        fragment!(
            key = "options.stale_if_error",
            timeout = 10,
            stale_if_error = "1h",
            cache = &cache,
            -> Result<u32, String> {
                match loads.next() {
                    1 => Ok(1),
                    _ => Err("down".to_owned()),
                }
            }
        )
    };
    assert_eq!(show(), Ok(1));
    clock.advance(secs(10));
    assert_eq!(show(), Ok(1));
    assert_eq!(loads.so_far(), 2);
}

async fn stale(cache: &Cache, loads: &Arc<Loads>) -> u32 {
    let loads = loads.clone();
    fragment!(
        key = "options.stale",
        timeout = 10,
        stale_while_revalidate = 60,
        cache = cache,
        async move { loads.next() }
    )
    .await
}

#[tokio::test]
async fn the_old_value_answers_while_the_block_runs_on_the_side() {
    let ((cache, clock), loads) = (timed(), Arc::new(Loads::new()));
    assert_eq!(promptly(stale(&cache, &loads)).await, 1);
    clock.advance(secs(10));
    assert_eq!(promptly(stale(&cache, &loads)).await, 1);
    until(|| loads.so_far() == 2 && block_on(cache.get::<u32>("options.stale")) == Some(2)).await;
    assert_eq!(promptly(stale(&cache, &loads)).await, 2);
}

fn early(cache: &Cache, loads: &Arc<Loads>) -> u32 {
    let loads = loads.clone();
    fragment!(key = "options.early", timeout = 10, stale_while_revalidate = 60, cache = cache, move { loads.next() })
}

#[tokio::test]
async fn that_of_an_ordinary_block_too() {
    let ((cache, clock), loads) = (timed(), Arc::new(Loads::new()));
    assert_eq!(early(&cache, &loads), 1);
    clock.advance(secs(10));
    assert_eq!(early(&cache, &loads), 1);
    until(|| block_on(cache.get::<u32>("options.early")) == Some(2)).await;
}

#[test]
fn the_rest_is_accepted() {
    let cache = cache();
    let value = fragment!(
        key = "options.rest",
        timeout = "1h",
        jitter = 0.1,
        local,
        coalesce = false,
        crate = ::larder,
        cache = &cache,
        { 1 }
    );
    let coded = at_once(fragment!(key = "options.codec", codec = json, cache = &cache, async { 2 }));
    assert_eq!((value, coded), (1, 2));
}

macro_rules! wrapped {
    ($cache:expr, $body:block) => {
        fragment!(key = "options.wrapped", cache = $cache, $body)
    };
}

#[test]
fn a_macro_may_hand_the_block_in() {
    let cache = cache();
    assert_eq!(wrapped!(&cache, { 1 + 1 }), 2);
}

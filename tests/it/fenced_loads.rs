//! Every kind of load is fenced: refreshed, forced, not coalesced, by hand, failed, of an ordinary function.

use std::sync::atomic::Ordering::SeqCst;
use std::thread;

use futures_lite::future::block_on;
use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::fence::{Source, read};
use crate::support::{Call, at_once, cache, promptly_blocking, secs};

#[tokio::test]
async fn a_refresh_overtaken_by_invalidate() {
    let (cache, source) = (cache(), Source::new());
    let refresh = Call::begin(scope(&cache, read::refresh("refresh", &source)));
    source.write(2);
    cache.delete("fence.read:refresh").await.unwrap();
    source.gate.open();
    assert_eq!(refresh.end(), 1);
    assert_eq!(at_once(scope(&cache, read("refresh", &source))), 2);
}

#[tokio::test]
async fn a_forced_load_overtaken_by_invalidate() {
    #[cached(key = "fenced_loads.forced", refresh_if = true, ignore(source))]
    async fn forced(source: &Source) -> u32 {
        read::uncached("", source).await
    }
    let (cache, source) = (cache(), Source::new());
    let load = Call::begin(scope(&cache, forced(&source)));
    cache.delete("fenced_loads.forced").await.unwrap();
    source.gate.open();
    assert_eq!(load.end(), 1);
    assert_eq!(cache.get::<u32>("fenced_loads.forced").await, None);
}

#[tokio::test]
async fn a_load_that_is_not_coalesced_overtaken_by_invalidate() {
    #[cached(key = "fenced_loads.alone", coalesce = false, ignore(source))]
    async fn alone(source: &Source) -> u32 {
        read::uncached("", source).await
    }
    let (cache, source) = (cache(), Source::new());
    let load = Call::begin(scope(&cache, alone(&source)));
    cache.delete("fenced_loads.alone").await.unwrap();
    source.gate.open();
    assert_eq!(load.end(), 1);
    assert_eq!(cache.get::<u32>("fenced_loads.alone").await, None);
}

#[tokio::test]
async fn a_load_by_hand_overtaken_by_delete() {
    let (cache, source) = (cache(), Source::new());
    let load = Call::begin(cache.get_or_insert_with("fenced_loads.by_hand", secs(60), || read::uncached("", &source)));
    cache.delete("fenced_loads.by_hand").await.unwrap();
    source.gate.open();
    assert_eq!(load.end(), 1);
    assert_eq!(cache.get::<u32>("fenced_loads.by_hand").await, None);
}

#[test]
fn an_error_overtaken_by_invalidate_is_not_kept() {
    #[cached(key = "fenced_loads.error", cache_err = 60, ignore(source))]
    async fn fails(source: &Source) -> Result<u32, u32> {
        let value = read::uncached("", source).await;
        if value == 1 { Err(value) } else { Ok(value) }
    }
    let (cache, source) = (cache(), Source::new());
    let load = Call::begin(scope(&cache, fails(&source)));
    source.write(2);
    at_once(cache.delete("fenced_loads.error")).unwrap();
    source.gate.open();
    assert_eq!(load.end(), Err(1));
    assert_eq!(at_once(scope(&cache, fails(&source))), Ok(2));
}

#[test]
fn ordinary_functions_are_fenced_as_well() {
    #[cached(cache = cache, ignore(source))]
    fn f(cache: &Cache, source: &Source) -> u32 {
        let value = source.value.load(SeqCst);
        source.gate.pass_blocking();
        value
    }
    promptly_blocking(|| {
        let (cache, source) = (cache(), Source::new());
        thread::scope(|scope| {
            let load = scope.spawn(|| f(&cache, &source));
            block_on(source.gate.reached());
            source.write(2);
            f::entry(&cache).invalidate().unwrap();
            source.gate.open();
            assert_eq!(load.join().unwrap(), 1);
        });
        assert_eq!(f(&cache, &source), 2);
    });
}

#[test]
fn an_invalidation_within_the_load_itself_counts() {
    #[cached]
    fn f(id: u8) -> u8 {
        f::entry(id).invalidate().unwrap();
        id
    }
    let cache = cache();
    scope_blocking(&cache, || {
        assert_eq!((f(1), f(1)), (1, 1));
        assert_eq!(cache.stats().fenced, 2);
    });
}

//! The same function once for every contender: by `u64`, by `&str`, and async. Each counts the runs of its body.
//!
//! Every cache has room for [`CAPACITY`] entries and a time to live of an hour where it has one at all, so that nothing
//! expires on a slow machine during a measurement.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use cached::macros::{cached, concurrent_cached};
use foldhash::fast::RandomState;
use futures_lite::future::block_on;
use memoize::memoize;

use crate::harness::{Contender, value_of};

/// Room in every cache; the attributes of the peers take literals only.
pub(crate) const CAPACITY: usize = 262_144;
const TTL: Duration = Duration::from_hours(1);

fn load(counter: &AtomicU64, id: u64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed);
    value_of(id)
}

/// The keys of the measurement by text.
pub(crate) fn name_of(id: u64) -> String {
    format!("user-{id}@example.org")
}

fn id_of(name: &str) -> u64 {
    name.strip_prefix("user-").and_then(|name| name.split('@').next()?.parse().ok()).unwrap_or(u64::MAX)
}

/// A module with a counter and a function `run` that makes a loop of one call.
macro_rules! contender {
    ($module:ident, |$key:ident: $kind:ty| $setup:stmt => $call:expr, { $($item:item)* }) => {
        mod $module {
            use super::*;

            pub(super) static LOADS: AtomicU64 = AtomicU64::new(0);

            $($item)*

            pub(super) fn run(keys: &[$kind]) -> u64 {
                $setup
                let mut sum = 0_u64;
                for $key in keys {
                    let $key = black_box($key);
                    sum = sum.wrapping_add($call);
                }
                sum
            }
        }
    };
}

/// The same for an async function: the loop is one future.
macro_rules! async_contender {
    ($module:ident, |$key:ident| $setup:stmt => $call:expr, { $($item:item)* }) => {
        mod $module {
            use super::*;

            pub(super) static LOADS: AtomicU64 = AtomicU64::new(0);

            $($item)*

            pub(super) fn run(keys: &[u64]) -> u64 {
                $setup
                block_on(async {
                    let mut sum = 0_u64;
                    for $key in keys {
                        let $key = black_box($key);
                        sum = sum.wrapping_add($call.await);
                    }
                    sum
                })
            }
        }
    };
}

// By number.

contender!(loop_by_id, |id: u64| () => value_of(*id), {});

contender!(map_by_id, |id: u64| () => get(*id), {
    thread_local! {
        static MAP: RefCell<HashMap<u64, u64, RandomState>> = RefCell::default();
    }
    fn get(id: u64) -> u64 {
        MAP.with_borrow_mut(|map| *map.entry(id).or_insert_with(|| load(&LOADS, id)))
    }
});

contender!(larder_by_id, |id: u64| () => get(*id), {
    #[larder::cached(timeout = 3_600, key = "user_data:<id>")]
    fn get(id: u64) -> u64 { load(&LOADS, id) }
});

contender!(cached_by_id, |id: u64| () => get(*id), {
    #[cached(max_size = 262_144, ttl_secs = 3_600)]
    fn get(id: u64) -> u64 { load(&LOADS, id) }
});

contender!(concurrent_by_id, |id: u64| () => get(*id), {
    #[concurrent_cached(max_size = 262_144, ttl_secs = 3_600)]
    fn get(id: u64) -> u64 { load(&LOADS, id) }
});

contender!(cached_format_by_id, |id: u64| () => get(*id), {
    #[cached(max_size = 262_144, ttl_secs = 3_600, key = "String", convert = r#"{ format!("user_data:{id}") }"#)]
    fn get(id: u64) -> u64 { load(&LOADS, id) }
});

contender!(concurrent_format_by_id, |id: u64| () => get(*id), {
    #[concurrent_cached(max_size = 262_144, ttl_secs = 3_600, key = "String", convert = r#"{ format!("user_data:{id}") }"#)]
    fn get(id: u64) -> u64 { load(&LOADS, id) }
});

contender!(memoize_by_id, |id: u64| () => get(*id), {
    #[memoize(Capacity: 262_144, TimeToLive: Duration::from_hours(1))]
    fn get(id: u64) -> u64 { load(&LOADS, id) }
});

contender!(moka_by_id, |id: u64| let cache = &*CACHE => get(cache, *id), {
    static CACHE: LazyLock<moka::sync::Cache<u64, u64, RandomState>> = LazyLock::new(|| {
        moka::sync::Cache::builder()
            .max_capacity(CAPACITY as u64)
            .time_to_live(TTL)
            .build_with_hasher(RandomState::default())
    });
    fn get(cache: &moka::sync::Cache<u64, u64, RandomState>, id: u64) -> u64 {
        cache.get(&id).unwrap_or_else(|| cache.get_with(id, || load(&LOADS, id)))
    }
});

contender!(quick_by_id, |id: u64| let cache = &*CACHE => get(cache, *id), {
    static CACHE: LazyLock<Quick<u64>> = LazyLock::new(quick);
    fn get(cache: &Quick<u64>, id: u64) -> u64 {
        cache.get(&id).unwrap_or_else(|| {
            let value = load(&LOADS, id);
            cache.insert(id, value);
            value
        })
    }
});

type Quick<K> = quick_cache::sync::Cache<
    K,
    u64,
    quick_cache::UnitWeighter,
    RandomState,
    quick_cache::sync::DefaultLifecycle<K, u64>,
>;

fn quick<K: std::hash::Hash + Eq + Clone>() -> Quick<K> {
    Quick::with(
        CAPACITY,
        CAPACITY as u64,
        quick_cache::UnitWeighter,
        RandomState::default(),
        quick_cache::sync::DefaultLifecycle::default(),
    )
}

// By text.

contender!(map_by_name, |name: String| () => get(name), {
    thread_local! {
        static MAP: RefCell<HashMap<String, u64, RandomState>> = RefCell::default();
    }
    fn get(name: &str) -> u64 {
        MAP.with_borrow_mut(|map| {
            map.get(name).copied().unwrap_or_else(|| {
                let value = load(&LOADS, id_of(name));
                map.insert(name.to_owned(), value);
                value
            })
        })
    }
});

contender!(larder_by_name, |name: String| () => get(name), {
    #[larder::cached(timeout = 3_600, key = "user_by_name:<name>")]
    fn get(name: &str) -> u64 { load(&LOADS, id_of(name)) }
});

contender!(cached_by_name, |name: String| () => get(name), {
    #[cached(max_size = 262_144, ttl_secs = 3_600, key = "String", convert = r#"{ name.to_owned() }"#)]
    fn get(name: &str) -> u64 { load(&LOADS, id_of(name)) }
});

contender!(concurrent_by_name, |name: String| () => get(name), {
    #[concurrent_cached(max_size = 262_144, ttl_secs = 3_600, key = "String", convert = r#"{ name.to_owned() }"#)]
    fn get(name: &str) -> u64 { load(&LOADS, id_of(name)) }
});

contender!(memoize_by_name, |name: String| () => get(name.clone()), {
    #[memoize(Capacity: 262_144, TimeToLive: Duration::from_hours(1))]
    #[expect(clippy::needless_pass_by_value, reason = "memoize wants owned arguments")]
    fn get(name: String) -> u64 { load(&LOADS, id_of(&name)) }
});

contender!(moka_by_name, |name: String| let cache = &*CACHE => get(cache, name), {
    static CACHE: LazyLock<moka::sync::Cache<String, u64, RandomState>> = LazyLock::new(|| {
        moka::sync::Cache::builder()
            .max_capacity(CAPACITY as u64)
            .time_to_live(TTL)
            .build_with_hasher(RandomState::default())
    });
    fn get(cache: &moka::sync::Cache<String, u64, RandomState>, name: &str) -> u64 {
        cache.get(name).unwrap_or_else(|| cache.get_with_by_ref(name, || load(&LOADS, id_of(name))))
    }
});

contender!(quick_by_name, |name: String| let cache = &*CACHE => get(cache, name), {
    static CACHE: LazyLock<Quick<String>> = LazyLock::new(quick);
    fn get(cache: &Quick<String>, name: &str) -> u64 {
        cache.get(name).unwrap_or_else(|| {
            let value = load(&LOADS, id_of(name));
            cache.insert(name.to_owned(), value);
            value
        })
    }
});

// Async.

async_contender!(loop_async, |id| () => std::future::ready(value_of(*id)), {});

async_contender!(larder_async, |id| () => get(*id), {
    #[larder::cached(timeout = 3_600, key = "user_async:<id>")]
    async fn get(id: u64) -> u64 { std::future::ready(load(&LOADS, id)).await }
});

async_contender!(cached_async, |id| () => get(*id), {
    #[cached(max_size = 262_144, ttl_secs = 3_600)]
    async fn get(id: u64) -> u64 { std::future::ready(load(&LOADS, id)).await }
});

async_contender!(concurrent_async, |id| () => get(*id), {
    #[concurrent_cached(max_size = 262_144, ttl_secs = 3_600)]
    async fn get(id: u64) -> u64 { std::future::ready(load(&LOADS, id)).await }
});

async_contender!(moka_async, |id| let cache = &*CACHE => get(cache, *id), {
    static CACHE: LazyLock<moka::future::Cache<u64, u64, RandomState>> = LazyLock::new(|| {
        moka::future::Cache::builder()
            .max_capacity(CAPACITY as u64)
            .time_to_live(TTL)
            .build_with_hasher(RandomState::default())
    });
    async fn get(cache: &moka::future::Cache<u64, u64, RandomState>, id: u64) -> u64 {
        match cache.get(&id).await {
            Some(value) => value,
            None => cache.get_with(id, async { load(&LOADS, id) }).await,
        }
    }
});

macro_rules! contenders {
    ($($name:literal => $module:ident $($per_thread:ident)?),* $(,)?) => {
        vec![$(Contender {
            name: $name,
            run: $module::run,
            loads: Some(&$module::LOADS),
            per_thread: <[&str]>::len(&[$(stringify!($per_thread))?]) == 1,
        }),*]
    };
}

// Names that the verdicts look for.
pub(crate) const LOOP: &str = "the loop itself";
pub(crate) const LARDER: &str = "larder";
pub(crate) const CACHED: &str = "cached `#[cached]`";
pub(crate) const CONCURRENT: &str = "cached `#[concurrent_cached]`";
pub(crate) const MOKA: &str = "moka, foldhash";

pub(crate) fn by_id() -> Vec<Contender<u64>> {
    let mut all = contenders![
        "the loop itself" => loop_by_id,
        "thread-local `HashMap`, no expiry" => map_by_id per_thread,
        "larder" => larder_by_id,
        "cached `#[cached]`" => cached_by_id,
        "cached `#[concurrent_cached]`" => concurrent_by_id,
        "cached `#[cached]`, `format!` key" => cached_format_by_id,
        "cached `#[concurrent_cached]`, `format!` key" => concurrent_format_by_id,
        "memoize, per thread" => memoize_by_id per_thread,
        "moka, foldhash" => moka_by_id,
        "quick_cache, foldhash, no expiry" => quick_by_id,
    ];
    choose(&mut all);
    all
}

pub(crate) fn by_name() -> Vec<Contender<String>> {
    let mut all = contenders![
        "thread-local `HashMap`, no expiry" => map_by_name per_thread,
        "larder" => larder_by_name,
        "cached `#[cached]`" => cached_by_name,
        "cached `#[concurrent_cached]`" => concurrent_by_name,
        "memoize, per thread" => memoize_by_name per_thread,
        "moka, foldhash" => moka_by_name,
        "quick_cache, foldhash, no expiry" => quick_by_name,
    ];
    choose(&mut all);
    all
}

pub(crate) fn in_async() -> Vec<Contender<u64>> {
    let mut all = contenders![
        "the loop itself" => loop_async,
        "larder" => larder_async,
        "cached `#[cached]`" => cached_async,
        "cached `#[concurrent_cached]`" => concurrent_async,
        "moka, foldhash" => moka_async,
    ];
    choose(&mut all);
    all
}

/// With `--only`, contenders whose names have no such part are left out.
pub(crate) static ONLY: OnceLock<String> = OnceLock::new();

/// The loop has no body to count, and is there in any case.
fn choose<K>(contenders: &mut Vec<Contender<K>>) {
    if let Some(only) = ONLY.get() {
        contenders.retain(|contender| contender.name == LOOP || contender.name.contains(only.as_str()));
    }
    for contender in contenders.iter_mut().filter(|contender| contender.name == LOOP) {
        contender.loads = None;
    }
}

//! Caching turned off: every call runs its body, nothing is kept, nothing fails.

use futures_lite::future::block_on;
use larder::testing::{scope, scope_blocking};
use larder::{Cache, CacheBuilder, cached};

use crate::support::{Call, Gate, Loads, at_once, secs};

fn off() -> Cache {
    Cache::builder().off().build_blocking().unwrap()
}

#[test]
fn every_call_runs_its_body() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = never)]
    fn f(id: u8) -> u32 {
        LOADS.next()
    }
    #[cached(timeout = never)]
    async fn later(id: u8) -> Result<u32, ()> {
        Ok(LOADS.next())
    }
    let null = CacheBuilder::from_variables([("LARDER_URL", "null://")]).unwrap().build_blocking().unwrap();
    for cache in [off(), null] {
        let before = LOADS.so_far();
        scope_blocking(&cache, || {
            assert_eq!((f(1), f(1)), (before + 1, before + 2));
        });
        assert_eq!(block_on(scope(&cache, later(1))), Ok(before + 3));
        assert_eq!(block_on(scope(&cache, later(1))), Ok(before + 4));
        assert_eq!(cache.stats().entries, 0);
    }
}

#[test]
fn callers_at_the_same_time_do_not_wait_for_each_other() {
    #[cached(ignore(gate))]
    async fn f(gate: &Gate) -> u8 {
        gate.pass().await;
        1
    }
    let (cache, closed, open) = (off(), Gate::new(), Gate::new());
    open.open();
    let _stuck = Call::begin(scope(&cache, f(&closed)));
    assert_eq!(at_once(scope(&cache, f(&open))), 1);
}

#[test]
fn companions_keep_nothing_and_do_not_fail() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f(id: u8) -> u32 {
        LOADS.next()
    }
    scope_blocking(&off(), || {
        let entry = f::entry(1);
        entry.put(7).unwrap();
        assert_eq!((entry.get(), entry.age()), (None, None));
        entry.expire().unwrap();
        entry.invalidate().unwrap();
        f::all().bump().unwrap();
        assert_eq!(entry.refresh(), 1);
        assert_eq!(f::entry(1).get(), None, "a refresh stores nothing either");
        assert_eq!(f(1), 2);
    });
}

#[test]
fn a_cache_used_by_hand_keeps_nothing_and_does_not_fail() {
    let cache = off().blocking();
    cache.set("key", &1, secs(60)).unwrap();
    assert_eq!(cache.get::<i32>("key"), None);
    assert!(!cache.contains("key"));
    assert!(cache.add("key", &1, secs(60)).unwrap() && cache.add("key", &1, secs(60)).unwrap());
    assert_eq!((cache.increment("n", 5).unwrap(), cache.increment("n", 5).unwrap()), (5, 5));
    assert!(!cache.delete("key").unwrap());
    cache.clear().unwrap();
    let loads = Loads::new();
    let load = || cache.get_or_insert_with("key", secs(60), || loads.next());
    assert_eq!((load(), load()), (1, 2));
    assert!(cache.set("key", &1, std::time::Duration::ZERO).is_err(), "a mistake stays one");
}

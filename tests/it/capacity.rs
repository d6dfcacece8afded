//! A full cache goes on working, within its bounds.

use larder::testing::scope_blocking;
use larder::{Cache, cached};

use crate::support::{Loads, secs};

#[test]
fn a_full_cache_goes_on_working() {
    #[cached]
    fn f(id: u64) -> u64 {
        id * 3
    }
    let cache = Cache::builder().capacity(100).build_blocking().unwrap();
    scope_blocking(&cache, || {
        for id in 0..10_000 {
            assert_eq!(f(id), id * 3);
        }
        // The report does the housekeeping that is otherwise left to later stores.
        let _ = cache.report();
        let stats = cache.stats();
        assert!(stats.entries <= 100, "{stats:?}");
        assert_eq!(stats.evictions, 10_000 - stats.entries);
        for id in (0..10_000).rev() {
            assert_eq!(f(id), id * 3);
        }
    });
}

#[test]
fn there_is_room_for_as_many_as_it_says() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f(id: u64) -> u32 {
        LOADS.next()
    }
    let cache = Cache::builder().capacity(1_000).build_blocking().unwrap();
    scope_blocking(&cache, || {
        for _ in 0..3 {
            for id in 0..1_000 {
                f(id);
            }
        }
        assert_eq!((LOADS.so_far(), cache.stats().evictions), (1_000, 0));
    });
}

#[test]
fn what_is_asked_for_often_stays() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f(id: u64) -> u32 {
        LOADS.next()
    }
    let cache = Cache::builder().capacity(200).build_blocking().unwrap();
    scope_blocking(&cache, || {
        // Some are asked for all the time, the rest once.
        let mut hot = 0;
        for round in 0..200 {
            for id in 0..20 {
                let before = LOADS.so_far();
                f(id);
                hot += LOADS.so_far() - before;
            }
            for id in 0..50 {
                f(1_000 + round * 50 + id);
            }
        }
        assert!(hot < 400, "{hot} of 4,000 calls of what is hot had to load");
    });
}

#[test]
fn entries_can_be_weighed() {
    #[cached]
    fn text(len: usize, id: u64) -> String {
        "x".repeat(len)
    }
    let cache = Cache::builder()
        .capacity(10_000)
        .weigher(|key, value| {
            assert!(key.contains("text"));
            value.downcast_ref::<String>().map_or(1, |text| text.len() as u64)
        })
        .build_blocking()
        .unwrap();
    scope_blocking(&cache, || {
        for id in 0..1_000 {
            assert_eq!(text(100, id).len(), 100);
        }
        let _ = cache.report();
        assert!(cache.stats().entries <= 100, "{:?}", cache.stats());
        assert!(cache.stats().entries > 0);

        cache.blocking().clear().unwrap();
        assert_eq!(text(20_000, 0).len(), 20_000, "heavier than the capacity");
        let _ = cache.report();
        assert_eq!(cache.stats().entries, 0);
    });
}

#[test]
fn a_weigher_may_say_anything() {
    #[cached(key = "capacity.weights:<id>")]
    fn f(id: u64) -> u64 {
        id
    }
    let cache = Cache::builder().weigher(|_, value| *value.downcast_ref::<u64>().unwrap()).build_blocking().unwrap();
    scope_blocking(&cache, || {
        for weight in [0, 1, u64::from(u32::MAX), u64::MAX] {
            assert_eq!((f(weight), f(weight)), (weight, weight));
        }
    });
}

#[test]
fn what_is_overwritten_takes_no_room() {
    let cache = Cache::builder().capacity(10).build_blocking().unwrap();
    for value in 0..1_000 {
        cache.blocking().set("same", &value, secs(60)).unwrap();
    }
    cache.blocking().set("other", &1, secs(60)).unwrap();
    let _ = cache.report();
    let stats = cache.stats();
    assert_eq!((stats.entries, stats.evictions), (2, 0));
    assert_eq!(cache.blocking().get::<i32>("same"), Some(999));
}

#[test]
fn a_capacity_of_one() {
    let cache = Cache::builder().capacity(1).build_blocking().unwrap();
    for value in 0..100_u64 {
        let loaded = cache.blocking().get_or_insert_with(&value.to_string(), secs(60), || value);
        assert_eq!(loaded, value);
    }
    let _ = cache.report();
    assert_eq!(cache.stats().entries, 1);
}

#[test]
fn threads_in_a_full_cache() {
    #[cached(cache = cache)]
    fn f(id: u64, cache: &Cache) -> u64 {
        id + 1
    }
    let cache = Cache::builder().capacity(50).build_blocking().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let cache = &cache;
            scope.spawn(move || {
                for call in 0..5_000 {
                    let id = (call * (thread + 7)) % 300;
                    assert_eq!(f(id, cache), id + 1);
                    if call % 10 == 0 {
                        f::entry(id, cache).invalidate().unwrap();
                    }
                }
            });
        }
    });
    let _ = cache.report();
    assert!(cache.stats().entries <= 50, "{:?}", cache.stats());
}

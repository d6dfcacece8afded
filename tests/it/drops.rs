//! Values whose end uses a cache, or panics: it comes late, on whichever thread, and is nobody else's trouble.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use larder::testing::scope_blocking;
use larder::{Cache, cached};

use crate::support::{promptly_blocking, secs};

/// The index drops removed values while it holds a lock; one whose `Drop` uses the cache locked itself out.
#[test]
fn a_value_whose_drop_uses_the_cache() {
    #[derive(Clone)]
    struct Busy(Arc<Inner>);
    struct Inner {
        cache: Cache,
        number: u32,
    }
    impl Drop for Inner {
        fn drop(&mut self) {
            let _there = self.cache.blocking().delete(&format!("file-{}", self.number));
        }
    }
    promptly_blocking(|| {
        let cache = Cache::builder().capacity(100).build_blocking().unwrap();
        for number in 0..5_000 {
            let value = Busy(Arc::new(Inner { cache: cache.clone(), number }));
            assert_eq!(value.0.number, number);
            cache.blocking().set(&format!("busy-{number}"), &value, secs(60)).unwrap();
        }
    });
}

/// A value that holds a cache of its own, which has grown: what `cache = self.cache` is for.
#[derive(Clone)]
struct Tenant {
    _cache: Cache,
}

impl Tenant {
    fn new() -> Self {
        let cache = Cache::builder().capacity(1_000).build_blocking().unwrap();
        for number in 0..200 {
            cache.blocking().set(&format!("row-{number}"), &number, secs(60)).unwrap();
        }
        Self { _cache: cache }
    }
}

#[cached(timeout = never, key = "drops.hit:<id>")]
fn hit(id: u32) -> u32 {
    id
}

/// The index frees what was removed from it when a reader finds that it can, under a lock of its collector of garbage.
#[test]
fn a_hit_may_free_a_value_that_holds_a_cache() {
    promptly_blocking(|| {
        let cache = Cache::builder().capacity(50_000).build_blocking().unwrap();
        scope_blocking(&cache, || {
            hit(0);
            let by_hand = cache.blocking();
            for round in 0..60 {
                for number in 0..4 {
                    let key = format!("tenant-{round}-{number}");
                    by_hand.set(&key, &Tenant::new(), secs(60)).unwrap();
                    by_hand.delete(&key).unwrap();
                }
                for number in 0..100 {
                    by_hand.set(&format!("plain-{round}-{number}"), &number, secs(60)).unwrap();
                    hit(0);
                }
                for _ in 0..1_000 {
                    hit(0);
                }
            }
        });
    });
}

#[test]
fn a_panic_at_the_end_of_a_value_fails_no_call() {
    static ENDED: AtomicU32 = AtomicU32::new(0);
    #[derive(Clone)]
    struct Bomb(Option<Arc<()>>);
    impl Drop for Bomb {
        fn drop(&mut self) {
            if self.0.take().and_then(Arc::into_inner).is_some() {
                ENDED.fetch_add(1, SeqCst);
                panic!("the end of a value panics");
            }
        }
    }
    const BOMBS: u32 = 3;
    let cache = Cache::builder().build_blocking().unwrap();
    scope_blocking(&cache, || {
        for number in 0..BOMBS {
            cache.blocking().set(&number.to_string(), &Bomb(Some(Arc::default())), secs(60)).unwrap();
        }
        cache.blocking().clear().unwrap();
        hit(1);
    });
    drop(cache);
    assert_eq!(ENDED.load(SeqCst), BOMBS);
}

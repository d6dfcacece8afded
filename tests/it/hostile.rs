//! Values whose end uses the cache, on threads that only read.

use larder::testing::scope_blocking;
use larder::{Cache, cached};

use crate::support::{promptly_blocking, secs};

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

#[cached(timeout = never, key = "hostile.hit:<id>")]
fn hit(id: u32) -> u32 {
    id
}

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

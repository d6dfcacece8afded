//! Defects that were found by looking for them, and are gone.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use larder::testing::scope_blocking;
use larder::{Cache, cached};

use crate::support::{cache, secs};

/// Of two callers who delete one value one is told that it was there.
#[test]
fn a_deleted_value_was_there_once() {
    let cache = cache().blocking();
    for _ in 0..2_000 {
        cache.set("claim", &1, secs(60)).unwrap();
        let start = Barrier::new(2);
        let claims = thread::scope(|scope| {
            let claim = || {
                start.wait();
                u32::from(cache.delete("claim").unwrap())
            };
            let other = scope.spawn(claim);
            claim() + other.join().unwrap()
        });
        assert_eq!(claims, 1);
    }
}

/// What is too heavy even alone takes the place of the old value and is not kept; nothing else has to go for it.
#[test]
fn a_value_heavier_than_the_capacity() {
    let weigher =
        |_: &str, value: &(dyn std::any::Any + Send + Sync)| value.downcast_ref::<u64>().copied().unwrap_or(1);
    let cache = Cache::builder().capacity(100).weigher(weigher).build_blocking().unwrap().blocking();
    for key in ["a", "b", "c"] {
        cache.set(key, &10_u64, secs(60)).unwrap();
    }
    cache.set("a", &1_000_u64, secs(60)).unwrap();
    assert_eq!(cache.get_many::<u64>(&["a", "b", "c"]), [None, Some(10), Some(10)]);
    assert_eq!(cache.stats().entries, 2);
}

/// A cleared cache holds no values, however many there were. Some stay until the index's epoch moves on.
#[test]
fn clear_frees_what_it_removes() {
    let cache = Cache::builder().capacity(50_000).build_blocking().unwrap().blocking();
    let value = Arc::new(());
    for number in 0..20_000 {
        cache.set(&number.to_string(), &value, secs(60)).unwrap();
    }
    cache.clear().unwrap();
    for number in 0..1_000 {
        assert!(!cache.contains(&number.to_string()));
    }
    assert!(Arc::strong_count(&value) < 2_000, "{} are left", Arc::strong_count(&value));
}

/// "Nothing found" is not a value: by hand there is nothing to be had, added to, or deleted.
#[test]
fn a_stored_none_is_nothing_by_hand() {
    #[cached(key = "found.none:<id>", cache_none)]
    fn none(id: u32) -> Option<i64> {
        (id == 1).then_some(1)
    }
    let cache = cache();
    scope_blocking(&cache, || assert_eq!(none(0), None));
    let cache = cache.blocking();
    assert_eq!((cache.get::<i64>("found.none:0"), cache.contains("found.none:0")), (None, false));
    assert_eq!(cache.increment("found.none:0", 2).unwrap(), 2);
    assert!(cache.delete("found.none:0").unwrap());
    assert!(cache.add("found.none:0", &5_i64, Duration::from_secs(1)).unwrap());
}

/// Addresses that differ only in what routing adds to them.
#[test]
fn socket_addresses_are_told_apart() {
    use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6};
    #[cached]
    fn flow(address: SocketAddr) -> u32 {
        match address {
            SocketAddr::V4(_) => 0,
            SocketAddr::V6(v6) => v6.flowinfo(),
        }
    }
    let address = |flow| SocketAddr::V6(SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, flow, 0));
    scope_blocking(&cache(), || {
        assert_eq!((flow(address(1)), flow(address(2)), flow(address(1))), (1, 2, 1));
    });
}

//! All entries of a function, or of a cache, at once; and caches that know nothing of each other.

use larder::cached;
use larder::testing::scope_blocking;

use crate::support::{Loads, cache};

#[test]
fn a_bump_ends_every_entry_of_one_function() {
    static LOADS: Loads = Loads::new();
    static OTHERS: Loads = Loads::new();
    #[cached(key = "generations.one:<id>")]
    fn one(id: u32) -> u32 {
        LOADS.next()
    }
    #[cached(key = "generations.other:<id>")]
    fn other(id: u32) -> u32 {
        OTHERS.next()
    }
    let cache = cache();
    scope_blocking(&cache, || {
        for id in 0..100 {
            one(id);
            other(id);
        }
        one::all().bump().unwrap();
        assert_eq!(cache.blocking().get::<u32>("generations.one:7"), None);
        assert!(!cache.blocking().contains("generations.one:7"));
        for id in 0..100 {
            one(id);
            other(id);
        }
        assert_eq!((LOADS.so_far(), OTHERS.so_far()), (200, 100));
        one(5);
        assert_eq!(LOADS.so_far(), 200, "what is stored afterwards stays");
        assert_eq!(one::all().stats().invalidations, 1);
    });
}

#[test]
fn a_bump_before_the_first_call_does_no_harm() {
    #[cached]
    fn f(id: u8) -> u8 {
        id
    }
    scope_blocking(&cache(), || {
        for _ in 0..3 {
            f::all().bump().unwrap();
        }
        assert_eq!((f(1), f(1)), (1, 1));
        assert_eq!(f::all().stats().hits, 1);
    });
}

#[test]
fn clear_ends_everything() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f(id: u8) -> u32 {
        LOADS.next()
    }
    let cache = cache();
    scope_blocking(&cache, || {
        f(1);
        f(2);
        cache.blocking().set("generations.by_hand", &1, std::time::Duration::MAX).unwrap();
        cache.blocking().clear().unwrap();
        assert_eq!(cache.stats().entries, 0);
        assert!(!cache.blocking().contains("generations.by_hand"));
        assert_eq!((f(1), f(2), f(1)), (3, 4, 3));
    });
}

#[test]
fn two_caches_are_independent_and_clones_are_the_same() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f(id: u8) -> u32 {
        LOADS.next()
    }
    let (one, two) = (cache(), cache());
    let clone = one.clone();
    let in_one = || scope_blocking(&one, || f(1));
    let in_two = || scope_blocking(&two, || f(1));
    let in_clone = || scope_blocking(&clone, || f(1));
    assert_eq!((in_one(), in_two(), in_clone()), (1, 2, 1));

    scope_blocking(&two, || f::all().bump().unwrap());
    assert_eq!((in_one(), in_two()), (1, 3));
    two.blocking().clear().unwrap();
    assert_eq!((in_one(), in_two()), (1, 4));
    scope_blocking(&clone, || f::entry(1).invalidate().unwrap());
    assert_eq!((in_one(), in_two()), (5, 4));
    scope_blocking(&two, || assert_eq!(f::all().stats().loads, 3));
    scope_blocking(&one, || assert_eq!(f::all().stats().loads, 2));
}

#[test]
fn a_cache_can_end_while_others_go_on() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f(id: u8) -> u32 {
        LOADS.next()
    }
    let stays = cache();
    let before = scope_blocking(&stays, || f(1));
    for _ in 0..20 {
        let ends = cache();
        scope_blocking(&ends, || {
            let load = f(1);
            assert_ne!(load, before);
            assert_eq!(f(1), load);
            assert_eq!((ends.stats().hits, ends.stats().misses), (1, 1), "nothing of the one before");
        });
    }
    assert_eq!(scope_blocking(&stays, || f(1)), before);
}

#[test]
fn scopes_are_nested() {
    #[cached]
    fn f() -> u8 {
        0
    }
    let (outer, inner) = (cache(), cache());
    scope_blocking(&outer, || {
        f();
        scope_blocking(&inner, || {
            f();
            f();
        });
        f();
        assert_eq!(larder::cache().stats().hits, 1);
    });
    assert_eq!((outer.stats().hits, inner.stats().hits), (1, 1));
    assert_eq!((outer.stats().loads, inner.stats().loads), (1, 1));
}

//! What is stored, by what the function returns: values are, `Err` and `None` are not unless the attribute says so.

use std::fmt;
use std::sync::Arc;

use larder::cached;
use larder::testing::{scope, scope_blocking};

use crate::support::{Loads, cache, secs, timed};

/// An error that can't be cloned, as most can't.
#[derive(Debug, PartialEq)]
struct Stubborn(u32);

type Aliased<T> = Result<T, Stubborn>;
type Maybe = Option<u32>;

macro_rules! only_successes {
    ($($name:ident: $type:ty, $failure:expr, $success:expr;)*) => {$(
        #[test]
        fn $name() {
            static LOADS: Loads = Loads::new();
            #[cached]
            fn f() -> $type {
                let load = LOADS.next();
                if load < 3 { $failure(load) } else { $success(load) }
            }
            let cache = cache();
            scope_blocking(&cache, || {
                assert_eq!(f(), $failure(1));
                assert_eq!(f(), $failure(2), "not stored");
                assert_eq!(cache.stats().entries, 0);
                assert_eq!(f(), $success(3));
                assert_eq!(f(), $success(3), "stored");
            });
        }
    )*};
}

only_successes! {
    a_result: Result<u32, fmt::Error>, |_| Err(fmt::Error), Ok;
    a_result_with_an_error_that_cannot_be_cloned: Result<u32, Stubborn>, |load| Err(Stubborn(load)), Ok;
    an_alias_of_result: Aliased<u32>, |load| Err(Stubborn(load)), Ok;
    a_result_of_an_arc: Aliased<Arc<[u32]>>, |load| Err(Stubborn(load)), |load: u32| Ok(Arc::from([load]));
    an_option: Option<u32>, |_| None, Some;
    an_alias_of_option: Maybe, |_| None, Some;
    a_result_of_an_option_that_fails: Result<Option<u32>, Stubborn>, |load| Err(Stubborn(load)), |load| Ok(Some(load));
    a_result_of_an_option_that_finds_nothing: Aliased<Option<u32>>, |_| Ok(None), |load| Ok(Some(load));
}

#[test]
fn every_plain_value_is_stored() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn nothing_much() -> Vec<u8> {
        LOADS.next();
        Vec::new()
    }
    #[cached]
    fn no() -> bool {
        LOADS.next();
        false
    }
    #[cached]
    fn large() -> Arc<String> {
        LOADS.next();
        Arc::new("large".to_owned())
    }
    scope_blocking(&cache(), || {
        for _ in 0..3 {
            assert!(nothing_much().is_empty());
            assert!(!no());
        }
        assert!(Arc::ptr_eq(&large(), &large()), "an `Arc` is not copied");
        assert_eq!(LOADS.so_far(), 3);
    });
}

#[test]
fn a_stored_value_does_not_change_with_what_is_done_to_a_returned_one() {
    #[cached]
    fn f() -> Vec<u8> {
        vec![1]
    }
    scope_blocking(&cache(), || {
        f().push(2);
        let mut mine = f();
        mine.push(3);
        assert_eq!(f(), [1]);
    });
}

#[tokio::test]
async fn the_question_mark_in_an_async_body_is_an_error_like_any_other() {
    static LOADS: Loads = Loads::new();
    #[cached(key = "results.question:<text>")]
    async fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
        LOADS.next();
        tokio::task::yield_now().await;
        let number = text.parse()?;
        Ok(number)
    }
    scope(&cache(), async {
        for _ in 0..2 {
            assert!(parse("x").await.is_err());
            assert_eq!(parse("8").await, Ok(8));
        }
        assert_eq!(LOADS.so_far(), 3);
    })
    .await;
}

#[test]
fn cache_none_stores_that_there_is_nothing() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 60, cache_none)]
    fn find(id: u8) -> Option<u8> {
        LOADS.next();
        None
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        assert_eq!((find(1), find(1)), (None, None));
        assert_eq!(LOADS.so_far(), 1);
        assert_eq!(find::entry(1).get(), None, "there is no value to get");
        clock.advance(secs(60));
        find(1);
        assert_eq!(LOADS.so_far(), 2, "for as long as a value");
        find::entry(1).invalidate().unwrap();
        find(1);
        assert_eq!(LOADS.so_far(), 3);
    });
}

#[test]
fn cache_none_can_have_a_time_of_its_own() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 60, cache_none = "10s")]
    fn find(id: u8) -> Result<Option<u32>, Stubborn> {
        match LOADS.next() {
            1 => Ok(None),
            2 => Err(Stubborn(2)),
            load => Ok(Some(load)),
        }
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        assert_eq!((find(1), find(1)), (Ok(None), Ok(None)));
        clock.advance(secs(10));
        assert_eq!(find(1), Err(Stubborn(2)));
        assert_eq!(find(1), Ok(Some(3)), "the error is not stored");
        clock.advance(secs(59));
        assert_eq!(find(1), Ok(Some(3)), "a value has its own time");
    });
}

#[test]
fn cache_none_can_be_for_ever_although_values_are_not() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 60, cache_none = never)]
    fn find() -> Option<u8> {
        LOADS.next();
        None
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        find();
        clock.advance(secs(1_000_000_000));
        find();
        assert_eq!(LOADS.so_far(), 1);
    });
}

#[test]
fn nothing_that_is_stored_gives_way_to_a_value() {
    #[cached(cache_none)]
    fn find(id: u8) -> Option<u8> {
        None
    }
    scope_blocking(&cache(), || {
        assert_eq!(find(1), None);
        find::entry(1).put(7).unwrap();
        assert_eq!(find(1), Some(7));
    });
}

#[test]
fn cache_err_stores_the_error() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 60, cache_err = "5s")]
    fn fails() -> Result<u32, String> {
        let load = LOADS.next();
        if load < 3 { Err(format!("load {load}")) } else { Ok(load) }
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        assert_eq!((fails(), fails()), (Err("load 1".into()), Err("load 1".into())));
        assert_eq!(cache.stats().load_errors, 1);
        assert_eq!(cache.stats().hits, 1);
        clock.advance(secs(5));
        assert_eq!(fails(), Err("load 2".into()));
        fails::entry().invalidate().unwrap();
        assert_eq!((fails(), fails()), (Ok(3), Ok(3)), "an invalidated error is gone");
        clock.advance(secs(59));
        assert_eq!(fails(), Ok(3), "a value has its own time");
    });
}

#[test]
fn cache_err_and_cache_none_go_together() {
    static LOADS: Loads = Loads::new();
    #[cached(cache_err = 5, cache_none = 7)]
    fn find(id: u8) -> Result<Option<u8>, fmt::Error> {
        LOADS.next();
        if id == 0 { Err(fmt::Error) } else { Ok(None) }
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        let both = || assert_eq!((find(0), find(1)), (Err(fmt::Error), Ok(None)));
        both();
        both();
        assert_eq!(LOADS.so_far(), 2);
        clock.advance(secs(5));
        both();
        assert_eq!(LOADS.so_far(), 3);
        clock.advance(secs(2));
        both();
        assert_eq!(LOADS.so_far(), 4);
    });
}

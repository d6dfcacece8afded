//! The companions of a function: a handle of each entry, the body by itself, and all entries together.

use std::fmt;
use std::time::Duration;

use larder::cached;
use larder::testing::{scope, scope_blocking};

use crate::support::{Loads, at_once, cache, secs, timed};

/// The same for each shape of return type: a handle speaks of the value inside.
macro_rules! shapes {
    ($($name:ident: $type:ty, $wrap:expr;)*) => {$(
        mod $name {
            use super::*;

            static LOADS: Loads = Loads::new();

            #[cached(timeout = 60)]
            fn plain(id: u8) -> $type {
                let wrap = $wrap;
                wrap(LOADS.next() + 100 * u32::from(id))
            }

            #[cached(timeout = 60)]
            async fn later(id: u8) -> $type {
                let wrap = $wrap;
                tokio::task::yield_now().await;
                wrap(LATER.next() + 100 * u32::from(id))
            }

            static LATER: Loads = Loads::new();

            #[test]
            fn blocking() {
                let wrap = $wrap;
                let (cache, clock) = timed();
                scope_blocking(&cache, || {
                    let entry = plain::entry(1);
                    assert_eq!((entry.get(), entry.age()), (None, None), "a handle loads nothing");
                    assert_eq!(plain(1), wrap(101));
                    clock.advance(secs(20));
                    assert_eq!((entry.get(), entry.age()), (Some(101), Some(secs(20))));

                    entry.put(7).unwrap();
                    assert_eq!((plain(1), entry.age()), (wrap(7), Some(Duration::ZERO)));
                    clock.advance(secs(59));
                    assert_eq!(plain(1), wrap(7), "it has the timeout of the function");
                    clock.advance(secs(1));
                    assert_eq!((entry.get(), plain(1)), (None, wrap(102)));

                    entry.expire().unwrap();
                    assert_eq!((entry.get(), entry.age(), plain(1)), (None, None, wrap(103)));
                    entry.invalidate().unwrap();
                    entry.invalidate().unwrap();
                    assert_eq!((entry.get(), plain(1)), (None, wrap(104)));

                    assert_eq!(plain(2), wrap(205), "another entry");
                    assert_eq!(entry.refresh(), wrap(106), "although there is a fresh one");
                    assert_eq!(plain(1), wrap(106));
                    assert_eq!(plain::uncached(1), wrap(107));
                    assert_eq!(plain(1), wrap(106), "the body by itself stores nothing");
                    plain::all().bump().unwrap();
                    assert_eq!((plain::entry(1).get(), plain::entry(2).get()), (None, None));
                    assert_eq!(plain::all().name(), "plain");
                });
            }

            #[tokio::test]
            async fn in_async() {
                let wrap = $wrap;
                let (cache, clock) = timed();
                scope(&cache, async {
                    let entry = later::entry(1);
                    assert_eq!((entry.get().await, entry.age().await), (None, None));
                    assert_eq!(later(1).await, wrap(101));
                    clock.advance(secs(20));
                    assert_eq!((entry.get().await, entry.age().await), (Some(101), Some(secs(20))));

                    entry.put(7).await.unwrap();
                    assert_eq!(later(1).await, wrap(7));
                    clock.advance(secs(60));
                    assert_eq!((entry.get().await, later(1).await), (None, wrap(102)));

                    entry.expire().await.unwrap();
                    assert_eq!((entry.get().await, later(1).await), (None, wrap(103)));
                    entry.invalidate().await.unwrap();
                    assert_eq!((entry.get().await, later(1).await), (None, wrap(104)));

                    assert_eq!(later(2).await, wrap(205));
                    assert_eq!(entry.refresh().await, wrap(106));
                    assert_eq!(later(1).await, wrap(106));
                    assert_eq!(later::uncached(1).await, wrap(107));
                    assert_eq!(later(1).await, wrap(106));
                    later::all().bump().await.unwrap();
                    assert_eq!((later::entry(1).get().await, later::entry(2).get().await), (None, None));
                    assert_eq!(later::all().name(), "later");
                })
                .await;
            }
        }
    )*};
}

shapes! {
    plain_value: u32, |value| value;
    option: Option<u32>, Some;
    result: Result<u32, fmt::Error>, Ok;
    result_of_option: Result<Option<u32>, String>, |value| Ok(Some(value));
}

#[test]
fn a_handle_is_used_while_the_value_is_loaded() {
    #[cached]
    fn f(id: u8) -> u8 {
        assert_eq!(f::entry(id).get(), None);
        f::entry(id + 1).put(id + 50).unwrap();
        id
    }
    scope_blocking(&cache(), || {
        assert_eq!((f(1), f(2)), (1, 51));
    });
}

#[test]
fn a_refresh_that_fails_leaves_the_value() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f() -> Result<u32, String> {
        match LOADS.next() {
            2 => Err("down".to_owned()),
            load => Ok(load),
        }
    }
    scope_blocking(&cache(), || {
        assert_eq!(f(), Ok(1));
        assert_eq!(f::entry().refresh(), Err("down".to_owned()));
        assert_eq!(f(), Ok(1));
    });
}

#[test]
fn put_obeys_a_timeout_that_depends_on_the_value() {
    #[cached(timeout = |value| Duration::from_secs(*value))]
    fn f() -> u64 {
        0
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        f::entry().put(3).unwrap();
        clock.advance(secs(2));
        assert_eq!(f::entry().get(), Some(3));
        clock.advance(secs(1));
        assert_eq!(f::entry().get(), None);
    });
}

#[test]
fn a_handle_keeps_its_cache() {
    #[cached]
    fn f(id: u8) -> u8 {
        id
    }
    let (one, two) = (cache(), cache());
    let entry = scope_blocking(&one, || f::entry(1));
    scope_blocking(&two, || {
        entry.put(9).unwrap();
        assert_eq!(f(1), 1);
    });
    assert_eq!(scope_blocking(&one, || f(1)), 9);
}

#[test]
fn a_handle_says_which_entry_it_is() {
    #[cached(key = "companions.debug:<id>")]
    fn f(id: u8) -> u8 {
        id
    }
    scope_blocking(&cache(), || {
        assert!(format!("{:?}", f::entry(5)).contains("companions.debug:5"));
    });
}

#[test]
fn an_entry_is_reached_without_what_is_ignored() {
    struct Database(u32);
    #[cached(key = "companions.ignored:<id>", ignore(db))]
    fn f(db: &Database, id: u32) -> u32 {
        db.0 + id
    }
    #[cached(ignore(db))]
    async fn later(db: &Database, id: u32) -> u32 {
        db.0 + id
    }
    scope_blocking(&cache(), || {
        assert_eq!(f(&Database(10), 1), 11);
        assert_eq!(f::entry(1).get(), Some(11));
        assert_eq!(f::refresh(&Database(20), 1), 21, "with all arguments");
        assert_eq!((f(&Database(0), 1), f::entry(1).get()), (21, Some(21)));
        f::entry(1).invalidate().unwrap();
        f::entry(2).put(5).unwrap();
        assert_eq!((f(&Database(0), 1), f(&Database(0), 2)), (1, 5));

        assert_eq!(at_once(later(&Database(10), 1)), 11);
        assert_eq!(at_once(later::refresh(&Database(20), 1)), 21);
        assert_eq!(at_once(later::entry(1).get()), Some(21));
    });
}

#[test]
fn a_handle_leads_to_all_entries() {
    #[cached]
    fn f(id: u8) -> u8 {
        id
    }
    scope_blocking(&cache(), || {
        f(1);
        f(2);
        f::entry(1).all().bump().unwrap();
        assert_eq!(f::entry(2).get(), None);
        assert_eq!(f::entry(1).all().stats(), f::all().stats());
    });
}

//! The cache used by hand: get, set, delete and their kin.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use larder::{Cache, ErrorKind};

use crate::support::{Call, Gate, Loads, at_once, cache, secs, timed};

const FOREVER: Duration = Duration::MAX;

#[tokio::test]
async fn set_get_delete() {
    let (cache, clock) = timed();
    assert_eq!(cache.get::<String>("by_hand").await, None);
    cache.set("by_hand", &"value".to_owned(), secs(600)).await.unwrap();
    assert_eq!(cache.get::<String>("by_hand").await.as_deref(), Some("value"));
    cache.set("by_hand", &"other".to_owned(), secs(10)).await.unwrap();
    assert_eq!(cache.get::<String>("by_hand").await.as_deref(), Some("other"), "overwritten");
    clock.advance(secs(10));
    assert_eq!(cache.get::<String>("by_hand").await, None, "with its own timeout");
    cache.set("by_hand", &1_u8, secs(10)).await.unwrap();
    assert!(cache.delete("by_hand").await.unwrap());
    assert!(!cache.delete("by_hand").await.unwrap(), "there was none");
    assert_eq!(cache.get::<u8>("by_hand").await, None);
}

#[tokio::test]
async fn values_of_any_kind() {
    let cache = cache();
    cache.set("false", &false, FOREVER).await.unwrap();
    cache.set("unit", &(), FOREVER).await.unwrap();
    cache.set("none", &None::<u8>, FOREVER).await.unwrap();
    cache.set("bytes", &vec![0_u8, 255], FOREVER).await.unwrap();
    cache.set("str", &"static", FOREVER).await.unwrap();
    cache.set("arc", &Arc::new([1, 2]), FOREVER).await.unwrap();
    assert_eq!(cache.get::<bool>("false").await, Some(false));
    assert_eq!(cache.get::<()>("unit").await, Some(()));
    assert_eq!(cache.get::<Option<u8>>("none").await, Some(None));
    assert_eq!(cache.get::<Vec<u8>>("bytes").await, Some(vec![0, 255]));
    assert_eq!(cache.get::<&str>("str").await, Some("static"));
    assert_eq!(cache.get::<Arc<[i32; 2]>>("arc").await, Some(Arc::new([1, 2])));
    assert_eq!(cache.get::<i8>("false").await, None, "of another type");
    assert!(cache.contains("false").await, "there it is all the same");
}

#[tokio::test]
async fn keys_of_any_kind() {
    let cache = cache();
    let long = "l".repeat(40_000);
    let keys = ["", ":", "::", "a", "A", "a:", ":a", "a:b", "a%3Ab", "\0", "é", "#/:*(<+=> )&$%@?;'\"`~-", &long];
    for (number, key) in keys.iter().enumerate() {
        cache.set(key, &number, FOREVER).await.unwrap();
    }
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(cache.get::<usize>(key).await, Some(number), "{key:?}");
    }
    for key in keys {
        assert!(cache.delete(key).await.unwrap());
        assert!(!cache.contains(key).await);
    }
}

#[tokio::test]
async fn add_does_not_overwrite() {
    let (cache, clock) = timed();
    assert!(cache.add("add", &1, secs(10)).await.unwrap());
    assert!(!cache.add("add", &2, secs(10)).await.unwrap());
    assert!(!cache.add("add", &"of another type", secs(10)).await.unwrap());
    assert_eq!(cache.get::<i32>("add").await, Some(1));
    clock.advance(secs(10));
    assert!(cache.add("add", &3, secs(10)).await.unwrap(), "what has expired is not there");
    assert_eq!(cache.get::<i32>("add").await, Some(3));
    cache.delete("add").await.unwrap();
    assert!(cache.add("add", &4, secs(10)).await.unwrap());
}

#[test]
fn of_several_who_add_one_succeeds() {
    for _ in 0..50 {
        let cache = cache();
        let added: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|id| {
                    scope.spawn({
                        let cache = &cache;
                        move || cache.blocking().add("lock", &id, FOREVER).unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum()
        });
        assert_eq!(added, 1);
    }
}

#[tokio::test]
async fn increment_counts() {
    let (cache, clock) = timed();
    assert_eq!(cache.increment("count", 1).await.unwrap(), 1);
    assert_eq!(cache.increment("count", 41).await.unwrap(), 42);
    assert_eq!(cache.increment("count", -50).await.unwrap(), -8);
    assert_eq!(cache.get::<i64>("count").await, Some(-8));
    clock.advance(secs(299));
    assert_eq!(cache.increment("count", 0).await.unwrap(), -8);
    clock.advance(secs(1));
    assert_eq!(cache.increment("count", 3).await.unwrap(), 3, "it keeps the time of its start");

    cache.set("count", &7_i64, secs(10)).await.unwrap();
    assert_eq!(cache.increment("count", 1).await.unwrap(), 8);
    clock.advance(secs(10));
    assert_eq!(cache.increment("count", 1).await.unwrap(), 1);

    cache.set("count", &7_i64, FOREVER).await.unwrap();
    cache.increment("count", 1).await.unwrap();
    clock.advance(secs(1_000_000_000));
    assert_eq!(cache.get::<i64>("count").await, Some(8), "for ever stays for ever");
}

#[tokio::test]
async fn increment_fails_without_changing_anything() {
    let cache = cache();
    cache.set("count", &i64::MAX, FOREVER).await.unwrap();
    let error = cache.increment("count", 1).await.unwrap_err();
    assert_eq!((error.kind(), error.operation(), error.subject()), (ErrorKind::Overflow, "increment", "count"));
    assert_eq!(cache.get::<i64>("count").await, Some(i64::MAX));
    assert_eq!(cache.increment("count", i64::MIN).await.unwrap(), -1);
    cache.set("count", &i64::MIN, FOREVER).await.unwrap();
    assert_eq!(cache.increment("count", -1).await.unwrap_err().kind(), ErrorKind::Overflow);

    cache.set("count", &1_u64, FOREVER).await.unwrap();
    assert_eq!(cache.increment("count", 1).await.unwrap_err().kind(), ErrorKind::WrongType);
    assert_eq!(cache.get::<u64>("count").await, Some(1));
}

#[tokio::test]
async fn several_keys_at_once() {
    let cache = cache();
    cache.set_many(&[("one", 1), ("two", 2)], FOREVER).await.unwrap();
    cache.set("text", &"text", FOREVER).await.unwrap();
    let keys = ["two", "none", "text", "one", "two"];
    assert_eq!(cache.get_many::<i32>(&keys).await, [Some(2), None, None, Some(1), Some(2)], "in their order");
    assert_eq!(cache.get_many::<i32>(&[]).await, []);
    assert_eq!(cache.delete_many(&["one", "none", "text"]).await.unwrap(), 2);
    assert_eq!(cache.get_many::<i32>(&["one", "two"]).await, [None, Some(2)]);
}

#[tokio::test]
async fn a_timeout_of_zero_is_an_error_that_says_so() {
    let cache = cache();
    cache.set("zero", &1, FOREVER).await.unwrap();
    let zero = Duration::ZERO;
    let error = cache.set("zero", &2, zero).await.unwrap_err();
    assert_eq!((error.kind(), error.operation(), error.subject()), (ErrorKind::ZeroTimeout, "set", "zero"));
    assert!(error.to_string().contains("delete"), "{error}");
    assert_eq!(cache.add("zero", &2, zero).await.unwrap_err().kind(), ErrorKind::ZeroTimeout);
    assert_eq!(cache.set_many(&[("zero", 2)], zero).await.unwrap_err().kind(), ErrorKind::ZeroTimeout);
    assert_eq!(cache.get::<i32>("zero").await, Some(1), "nothing has changed");
}

#[tokio::test]
async fn get_or_insert_with_stores_what_it_loads() {
    let (cache, clock) = timed();
    let loads = Loads::new();
    let call = || cache.get_or_insert_with("load", secs(10), || async { loads.next() });
    assert_eq!((call().await, call().await), (1, 1));
    clock.advance(secs(10));
    assert_eq!(call().await, 2);
    assert_eq!(cache.get::<u32>("load").await, Some(2));

    let nothing = || cache.get_or_insert_with("zero", Duration::ZERO, || async { loads.next() });
    assert_eq!((nothing().await, nothing().await), (3, 4), "a timeout of zero stores nothing");

    let text = cache.get_or_insert_with("load", secs(10), || async { "text" }).await;
    assert_eq!(text, "text", "a value of another type is none");
    assert_eq!(cache.get::<u32>("load").await, None);
}

#[tokio::test]
async fn try_get_or_insert_with_stores_no_error() {
    let cache = cache();
    let loads = Loads::new();
    let call = || {
        cache.try_get_or_insert_with("load", secs(10), || async {
            let load = loads.next();
            if load < 3 { Err(load) } else { Ok(load) }
        })
    };
    assert_eq!((call().await, call().await, call().await, call().await), (Err(1), Err(2), Ok(3), Ok(3)));
}

#[test]
fn a_cancelled_loader_lets_the_next_one_load() {
    let (cache, gate) = (cache(), Gate::new());
    let call = |value: u8| {
        let gate = gate.clone();
        cache.get_or_insert_with("load", secs(10), move || async move {
            gate.pass().await;
            value
        })
    };
    let (first, mut second) = (Call::begin(call(1)), Call::begin(call(2)));
    drop(first);
    assert_eq!(second.step(), None);
    gate.open();
    assert_eq!(second.end(), 2);
}

#[test]
fn everything_without_async() {
    let (cache, clock) = timed();
    let blocking = cache.blocking();
    blocking.set("a", &1_i64, secs(10)).unwrap();
    blocking.set_many(&[("b", 2_i64), ("c", 3)], secs(20)).unwrap();
    assert_eq!(at_once(cache.get::<i64>("a")), Some(1), "it is the same cache");
    assert_eq!(blocking.get_many::<i64>(&["c", "b"]), [Some(3), Some(2)]);
    assert!(blocking.contains("a"));
    assert!(!blocking.add("a", &5_i64, secs(10)).unwrap());
    assert_eq!(blocking.increment("a", 5).unwrap(), 6);
    clock.advance(secs(10));
    assert!(!blocking.contains("a"));
    assert!(blocking.delete("b").unwrap());
    assert_eq!(blocking.delete_many(&["b", "c"]).unwrap(), 1);
    let loads = Loads::new();
    let load = || blocking.get_or_insert_with("d", secs(10), || loads.next());
    assert_eq!((load(), load()), (1, 1));
    let failed: Result<u8, u32> = blocking.try_get_or_insert_with("e", secs(10), || Err(loads.next()));
    assert_eq!(failed, Err(2));
    assert_eq!(blocking.try_get_or_insert_with("e", secs(10), || Ok::<_, ()>(5)), Ok(5));
    assert_eq!(blocking.stats(), cache.stats());
    blocking.clear().unwrap();
    assert!(!blocking.contains("d"));
}

#[test]
fn a_cache_says_how_it_is_set() {
    let cache = Cache::builder().namespace("shop").capacity(77).build_blocking().unwrap();
    let text = format!("{cache:?}");
    assert!(text.contains("shop") && text.contains("77"), "{text}");
}

#[test]
fn no_increment_is_lost() {
    let cache = cache();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    cache.blocking().increment("count", 1).unwrap();
                }
            });
        }
    });
    assert_eq!(cache.blocking().get::<i64>("count"), Some(2_000));
}

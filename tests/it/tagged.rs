//! Storing under tags by hand: what has a tag is gone when the tag is invalidated, and nothing else.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use larder::testing::scope_blocking;
use larder::{Cache, ErrorKind, cached, escape, tag};

use crate::support::{Call, Gate, Loads, at_once, cache, secs, timed};

fn get(cache: &Cache, key: &str) -> Option<u32> {
    at_once(cache.get(key))
}

fn invalidate(cache: &Cache, tag: &str) {
    at_once(cache.tag(tag).invalidate()).unwrap();
}

#[test]
fn every_method_stores_under_the_tags() {
    let keys = ["set", "one", "another", "add", "load", "try"];
    for tag in ["team:7", "plans"] {
        let cache = cache();
        at_once(async {
            let tagged = cache.tagged(&["team:7", "plans", "team:7"]);
            tagged.set("set", &1_u32, secs(60)).await.unwrap();
            tagged.set_many(&[("one", 1_u32), ("another", 1)], secs(60)).await.unwrap();
            assert!(tagged.add("add", &1_u32, secs(60)).await.unwrap());
            assert_eq!(tagged.get_or_insert_with("load", secs(60), || ready(1_u32)).await, 1);
            let loaded = tagged.try_get_or_insert_with("try", secs(60), || ready(Ok::<_, String>(1_u32))).await;
            assert_eq!(loaded, Ok(1));
            cache.set("untagged", &1_u32, secs(60)).await.unwrap();
            cache.tagged(&["team:8"]).set("other", &1_u32, secs(60)).await.unwrap();
        });
        assert!(keys.iter().all(|key| get(&cache, key) == Some(1)));
        invalidate(&cache, "team");
        assert!(keys.iter().all(|key| get(&cache, key) == Some(1)), "it is not the beginning of a name");
        invalidate(&cache, tag);
        assert!(keys.iter().all(|key| get(&cache, key).is_none()), "{tag}");
        assert_eq!((get(&cache, "untagged"), get(&cache, "other")), (Some(1), Some(1)));
    }
}

#[test]
fn every_blocking_method_stores_under_the_tags() {
    let keys = ["set", "one", "another", "add", "load", "try"];
    let cache = cache();
    let blocking = cache.blocking();
    let tagged = blocking.tagged(&["team:7"]);
    tagged.set("set", &1_u32, secs(60)).unwrap();
    tagged.set_many(&[("one", 1_u32), ("another", 1)], secs(60)).unwrap();
    assert!(tagged.add("add", &1_u32, secs(60)).unwrap());
    assert_eq!(tagged.get_or_insert_with("load", secs(60), || 1_u32), 1);
    assert_eq!(tagged.try_get_or_insert_with("try", secs(60), || Ok::<_, String>(1_u32)), Ok(1));
    assert!(keys.iter().all(|key| get(&cache, key) == Some(1)));
    let tag = blocking.tag("team:7");
    assert_eq!((tag.name(), cache.tag("team:7").blocking().name()), ("team:7", "team:7"));
    tag.invalidate().unwrap();
    assert!(keys.iter().all(|key| get(&cache, key).is_none()));
}

#[test]
fn tags_and_texts_are_the_same_tags() {
    let (cache, mail) = (cache(), "ann@x.org /2");
    let of = |text: &str| cache.tag(text);
    let escaped = format!("mail:{}", escape(mail));
    let (handle, blocking) = (tag!("mail:<mail>", cache = cache), tag!("mail:<mail>", cache = cache).blocking());
    let ways = [
        cache.tagged(&[tag!("mail:<mail>", cache = cache), of("plans")]),
        cache.tagged([&handle]),
        cache.tagged([handle.clone()]),
        cache.tagged([&blocking]),
        cache.tagged(vec![of("plans"), handle.clone()]),
        cache.tagged(Some(tag!("mail:<mail>"))),
        cache.tagged(std::slice::from_ref(&escaped)),
        cache.tagged(["plans", &escaped]),
    ];
    for (number, tagged) in ways.iter().enumerate() {
        at_once(tagged.set("key", &1_u32, secs(60))).unwrap();
        invalidate(&cache, &format!("mail:{mail}"));
        assert_eq!(get(&cache, "key"), Some(1), "text is taken as it is");
        at_once(handle.invalidate()).unwrap();
        assert_eq!(get(&cache, "key"), None, "way {number}");
    }
    cache.blocking().tagged([&blocking]).set("key", &1_u32, secs(60)).unwrap();
    at_once(handle.invalidate()).unwrap();
    assert_eq!(get(&cache, "key"), None);
}

#[test]
fn what_is_stored_after_the_invalidation_stays() {
    let cache = cache();
    let tagged = cache.tagged(&["a", "b"]);
    for value in 1..4_u32 {
        at_once(tagged.set("key", &value, secs(60))).unwrap();
        assert_eq!(get(&cache, "key"), Some(value));
        invalidate(&cache, if value == 2 { "a" } else { "b" });
        assert_eq!(get(&cache, "key"), None);
        assert!(!at_once(cache.contains("key")));
    }
    assert!(at_once(tagged.add("key", &4_u32, secs(60))).unwrap(), "nothing is there");
    assert!(!at_once(tagged.add("key", &5_u32, secs(60))).unwrap());
    assert_eq!(get(&cache, "key"), Some(4));
}

#[test]
fn an_entry_has_the_tags_it_was_stored_with() {
    let cache = cache();
    at_once(cache.tagged(&["old"]).set("key", &1_u32, secs(60))).unwrap();
    at_once(cache.tagged(&["new"]).set("key", &2_u32, secs(60))).unwrap();
    let found = at_once(cache.tagged(&["third"]).get_or_insert_with("key", secs(60), || ready(3_u32)));
    assert_eq!(found, 2);
    invalidate(&cache, "old");
    invalidate(&cache, "third");
    assert_eq!(get(&cache, "key"), Some(2));
    invalidate(&cache, "new");
    assert_eq!(get(&cache, "key"), None);
    at_once(cache.tagged(&["new"]).set("key", &4_u32, secs(60))).unwrap();
    at_once(cache.set("key", &5_u32, secs(60))).unwrap();
    invalidate(&cache, "new");
    assert_eq!(get(&cache, "key"), Some(5), "it has none");
    at_once(cache.tagged(&[] as &[&str]).set("key", &6_u32, secs(60))).unwrap();
    assert_eq!(get(&cache, "key"), Some(6));
}

#[test]
fn a_number_keeps_its_tags() {
    let cache = cache();
    at_once(cache.tagged(&["counters"]).set("number", &1_i64, secs(60))).unwrap();
    assert_eq!(at_once(cache.increment("number", 4)).unwrap(), 5);
    invalidate(&cache, "counters");
    assert_eq!(at_once(cache.increment("number", 4)).unwrap(), 4, "it starts anew");
}

#[test]
fn timeouts_and_errors_are_those_of_the_cache() {
    let (cache, clock) = timed();
    let tagged = cache.tagged(&["a"]);
    at_once(tagged.set("key", &1_u32, secs(60))).unwrap();
    clock.advance(secs(61));
    assert_eq!(get(&cache, "key"), None);
    let error = at_once(tagged.set("key", &1_u32, Duration::ZERO)).unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::ZeroTimeout, "set"));
    assert!(at_once(tagged.set_many(&[("key", 1_u32)], Duration::ZERO)).is_err());
    assert!(at_once(tagged.add("key", &1_u32, Duration::ZERO)).is_err());
    let failed = at_once(tagged.try_get_or_insert_with("key", secs(60), || ready(Err::<u32, _>("no"))));
    assert_eq!((failed, get(&cache, "key")), (Err("no"), None));
}

#[test]
fn a_load_that_began_before_the_invalidation_does_not_store() {
    let (cache, gate, loads) = (cache(), Gate::new(), Loads::new());
    let tagged = cache.tagged(&["a", "b"]);
    let call = || {
        Call::begin(tagged.get_or_insert_with("key", secs(60), || async {
            let load = loads.next();
            gate.pass().await;
            load
        }))
    };
    let (load, joined) = (call(), call());
    assert_eq!(loads.so_far(), 1);
    invalidate(&cache, "b");
    let late = call();
    assert_eq!(loads.so_far(), 2, "who asks after it does not join");
    gate.open();
    assert_eq!((load.end(), joined.end()), (1, 1), "they asked before it");
    assert_eq!((late.end(), get(&cache, "key")), (2, Some(2)));
    assert_eq!(cache.stats().fenced, 1);
}

#[test]
fn an_invalidation_of_another_tag_does_not_disturb_a_load() {
    let (cache, gate) = (cache(), Gate::new());
    let tagged = cache.tagged(&["a"]);
    let load = Call::begin(tagged.get_or_insert_with("key", secs(60), || async {
        gate.pass().await;
        1_u32
    }));
    invalidate(&cache, "b");
    gate.open();
    assert_eq!((load.end(), get(&cache, "key")), (1, Some(1)));
}

#[test]
fn tags_are_of_one_cache() {
    let (one, another) = (cache(), cache());
    for cache in [&one, &another] {
        at_once(cache.tagged(&["a"]).set("key", &1_u32, secs(60))).unwrap();
    }
    invalidate(&one, "a");
    assert_eq!((get(&one, "key"), get(&another, "key")), (None, Some(1)));
}

#[cached(timeout = 60, key = "tagged.function:<id>", tags("function:<id>"))]
fn function(id: u32) -> u32 {
    1
}

#[test]
fn a_function_reads_what_was_stored_under_tags_by_hand() {
    let cache = cache();
    scope_blocking(&cache, || {
        at_once(cache.tagged(&["by hand"]).set("tagged.function:1", &2_u32, secs(60))).unwrap();
        assert_eq!(function(1), 2);
        invalidate(&cache, "function:1");
        assert_eq!(function(1), 2, "it has the tags that it was stored with");
        invalidate(&cache, "by hand");
        assert_eq!(function(1), 1);
        invalidate(&cache, "function:1");
        assert_eq!(get(&cache, "tagged.function:1"), None, "the function's own entry has the function's");
    });
}

/// Counts how many of it there are.
struct Counted(Arc<AtomicU32>);

impl Counted {
    fn new(count: &Arc<AtomicU32>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(count.clone())
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[test]
fn an_invalidation_touches_no_entry() {
    for entries in [100, 100_000] {
        let cache = Cache::builder().capacity(200_000).build_blocking().unwrap();
        let (tagged, values) = (cache.tagged(&["all"]), Arc::new(AtomicU32::new(0)));
        for number in 0..entries {
            at_once(tagged.set(&format!("tagged.many:{number}"), &Counted::new(&values), secs(600))).unwrap();
        }
        let before = (values.load(SeqCst), cache.stats().entries);
        assert_eq!(before, (entries, u64::from(entries)));
        invalidate(&cache, "all");
        assert_eq!((values.load(SeqCst), cache.stats().entries), before);
        assert!(at_once(cache.get::<Counted>("tagged.many:0")).is_none());
        let last = format!("tagged.many:{}", entries - 1);
        assert!(at_once(cache.get::<Counted>(&last)).is_none());
    }
}

#[test]
fn a_cache_that_is_off_stores_nothing_under_tags() {
    let cache = Cache::builder().off().build_blocking().unwrap();
    let tagged = cache.tagged(&["a"]);
    at_once(tagged.set("key", &1_u32, secs(60))).unwrap();
    assert_eq!(at_once(tagged.get_or_insert_with("key", secs(60), || ready(2_u32))), 2);
    invalidate(&cache, "a");
}

//! The cache used by hand where several processes share it: one key space for all of them.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use larder::testing::{Operation, When, scope, scope_blocking};
use larder::{Cache, ErrorKind, cached};
use serde::{Deserialize, Serialize};

use crate::how::{How, Kind};
use crate::source::{Source, number};
use crate::support::{Call, Loads, at_once, secs};
use crate::world::{World, eventually};

/// Runs it for each pair of a process that writes and one that reads.
fn pairs(mut run: impl FnMut(&World, &Cache, &Cache)) {
    for by in 0..4 {
        let world = World::new();
        let caches = world.all();
        for reader in &caches {
            run(&world, &caches[by], reader);
        }
    }
}

#[test]
fn what_one_sets_another_gets() {
    pairs(|_, writer, reader| {
        at_once(writer.set("a", &"text".to_owned(), secs(60))).unwrap();
        assert_eq!(at_once(reader.get::<String>("a")).as_deref(), Some("text"));
        assert_eq!(at_once(reader.get::<u32>("a")), None, "it is of another type");
        assert!(at_once(reader.contains("a")) && !at_once(reader.contains("b")));
        at_once(writer.set("a", &2_u32, secs(60))).unwrap();
        assert_eq!(at_once(reader.get::<u32>("a")), Some(2));
        assert_eq!(at_once(reader.get::<String>("a")), None);
        assert_eq!(reader.blocking().get::<u32>("a"), Some(2));
        assert!(reader.blocking().contains("a"));
        assert!(at_once(reader.delete("a")).unwrap());
        assert!(!at_once(writer.delete("a")).unwrap());
        assert_eq!(at_once(writer.get::<u32>("a")), None);
        assert!(!at_once(writer.contains("a")));
    });
}

#[test]
fn another_type_is_another_value() {
    pairs(|_, writer, reader| {
        at_once(writer.set("type", &7_u32, secs(60))).unwrap();
        assert_eq!(at_once(reader.get::<u64>("type")), None);
        assert_eq!(at_once(reader.get::<i64>("type")), None);
        assert_eq!(at_once(reader.get::<f64>("type")), None);
        assert_eq!(at_once(reader.get::<u32>("type")), Some(7));
        assert_eq!(at_once(reader.get_or_insert_with("type", secs(60), async || 8_u64)), 8);
        assert_eq!(at_once(reader.get::<u32>("type")), None);
        assert_eq!(at_once(writer.get::<u64>("type")), Some(8));
        at_once(writer.set("type", &vec![1_u64], secs(60))).unwrap();
        assert_eq!(at_once(reader.get::<Vec<u32>>("type")), None);
        assert_eq!(at_once(reader.get::<Vec<u64>>("type")), Some(vec![1]));
    });
}

#[test]
fn for_as_long_as_was_said() {
    pairs(|world, writer, reader| {
        at_once(writer.set("short", &1_u32, secs(10))).unwrap();
        at_once(writer.set("for ever", &1_u32, Duration::MAX)).unwrap();
        world.clock.advance(Duration::from_millis(9_999));
        assert_eq!(at_once(reader.get::<u32>("short")), Some(1));
        world.clock.advance(Duration::from_millis(1));
        for cache in [writer, reader] {
            assert_eq!(at_once(cache.get::<u32>("short")), None);
            assert!(!at_once(cache.contains("short")));
        }
        world.clock.advance(secs(1_000_000_000));
        assert_eq!(at_once(reader.get::<u32>("for ever")), Some(1));
        assert_eq!(at_once(writer.set("a", &1_u32, Duration::ZERO)).unwrap_err().kind(), ErrorKind::ZeroTimeout);
    });
}

#[test]
fn many_at_once() {
    pairs(|world, writer, reader| {
        let entries: Vec<(String, u32)> = (0..50).map(|number| (format!("many:{number}"), number)).collect();
        let entries: Vec<(&str, u32)> = entries.iter().map(|(key, number)| (&**key, *number)).collect();
        world.store.forget_calls();
        at_once(writer.set_many(&entries, secs(60))).unwrap();
        assert_eq!((world.store.calls(Operation::Write), world.store.elements(Operation::Write)), (1, 50));
        let keys: Vec<&str> = entries.iter().map(|(key, _)| *key).rev().chain(["none"]).collect();
        world.store.forget_calls();
        let found = at_once(reader.get_many::<u32>(&keys));
        assert!(world.store.calls(Operation::Read) <= 1, "in one round trip");
        assert_eq!(found, (0..50).rev().map(Some).chain([None]).collect::<Vec<_>>());
        assert_eq!(reader.blocking().get_many::<u32>(&keys), found);
        assert_eq!(at_once(reader.get_many::<String>(&keys[..2])), [None, None]);
        assert_eq!(at_once(reader.get_many::<u32>(&[])), [None; 0]);
        world.store.forget_calls();
        assert_eq!(at_once(reader.delete_many(&keys)).unwrap(), 50);
        assert_eq!((world.store.calls(Operation::Remove), world.store.elements(Operation::Remove)), (1, 51));
        assert_eq!(at_once(writer.get_many::<u32>(&keys)), [None; 51]);
    });
}

#[test]
fn of_all_who_add_one_succeeds() {
    for by in 0..4 {
        let world = World::new();
        let caches = world.all();
        let add = |at: usize| at_once(caches[at].add("lock", &at, secs(10))).unwrap();
        assert!(add(by));
        assert!((0..4).all(|at| !add(at)));
        assert!(caches.iter().all(|cache| at_once(cache.get("lock")) == Some(by)));
        world.clock.advance(secs(10));
        assert_eq!((0..4).filter(|at| add(*at)).count(), 1, "it is free again");
        assert!(at_once(caches[by].delete("lock")).unwrap());
        assert_eq!((0..4).filter(|at| add(*at)).count(), 1);
        at_once(caches[by].clear()).unwrap();
        assert_eq!((0..4).filter(|at| add(*at)).count(), 1, "what was cleared is not there");
        assert_eq!(
            at_once(caches[by].add("lock", &0_usize, Duration::ZERO)).unwrap_err().kind(),
            ErrorKind::ZeroTimeout
        );
    }
}

#[test]
fn who_adds_looks_at_the_tags_of_what_is_there() {
    pairs(|_, writer, reader| {
        at_once(writer.tagged(["x"]).set("add", &1_u32, secs(60))).unwrap();
        assert!(!at_once(reader.add("add", &2_u32, secs(60))).unwrap());
        assert!(!at_once(reader.tagged(["y"]).add("add", &2_u32, secs(60))).unwrap(), "whatever tags it would have");
        assert_eq!(at_once(reader.get::<u32>("add")), Some(1));
        at_once(writer.tag("x").invalidate()).unwrap();
        assert!(at_once(reader.add("add", &3_u32, secs(60))).unwrap(), "it is not there any more");
        assert!(!at_once(writer.tagged(["x"]).add("add", &4_u32, secs(60))).unwrap());
        assert_eq!(at_once(writer.get::<u32>("add")), Some(3));
        at_once(writer.delete("add")).unwrap();
    });
}

/// Both find a value that is of no use, and each removes that one, not what the other has added.
#[test]
fn of_two_who_add_in_the_place_of_what_is_of_no_use_one_succeeds() {
    let world = World::new();
    let (one, other) = (world.bare(), world.bare());
    at_once(one.tagged(["tag"]).set("place", &1_u32, secs(60))).unwrap();
    at_once(one.tag("tag").invalidate()).unwrap();
    let way = world.store.hold(Operation::Remove, When::Before);
    let mut first = Call::new(one.add("place", &2_u32, secs(60)));
    let mut second = Call::new(other.add("place", &3_u32, secs(60)));
    assert!(first.step().is_none() && second.step().is_none() && way.standing() == 2);
    assert!(way.let_one_through());
    let first = first.step().unwrap().unwrap();
    way.open();
    assert_eq!((first, second.step().unwrap().unwrap()), (true, false));
    assert_eq!(at_once(one.get::<u32>("place")), Some(2));
}

#[test]
fn two_who_count_in_the_place_of_what_is_of_no_use_are_both_counted() {
    let world = World::new();
    let (one, other) = (world.bare(), world.bare());
    at_once(one.tagged(["tag"]).set("place", &7_i64, secs(60))).unwrap();
    at_once(one.tag("tag").invalidate()).unwrap();
    let way = world.store.hold(Operation::Remove, When::Before);
    let mut first = Call::new(one.increment("place", 1));
    let mut second = Call::new(other.increment("place", 1));
    assert!(first.step().is_none() && second.step().is_none() && way.standing() == 2);
    assert!(way.let_one_through());
    let first = first.step().unwrap().unwrap();
    way.open();
    assert_eq!((first, second.step().unwrap().unwrap()), (1, 2));
}

#[test]
fn numbers_are_counted_once() {
    for by in 0..4 {
        let world = World::new();
        let caches = world.all();
        let mut sum = 0;
        for round in 0..3_i64 {
            for cache in &caches {
                sum += round + 1;
                assert_eq!(at_once(cache.increment("count", round + 1)).unwrap(), sum);
                assert_eq!(at_once(caches[by].get::<i64>("count")), Some(sum), "by {by}");
            }
        }
        assert_eq!(caches[by].blocking().increment("count", -sum).unwrap(), 0);
    }
}

#[test]
fn numbers_are_counted_once_by_threads() {
    let world = World::new();
    let caches = world.all();
    let sums: Vec<i64> = thread::scope(|scope| {
        let threads: Vec<_> = caches
            .iter()
            .map(|cache| {
                scope.spawn(move || {
                    (0..250).map(|_| cache.blocking().increment("count", 1).unwrap()).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(sums.iter().collect::<HashSet<_>>().len(), 1_000, "each sum was returned once");
    assert!(caches.iter().all(|cache| at_once(cache.get::<i64>("count")) == Some(1_000)));
}

#[test]
fn a_number_keeps_its_time() {
    pairs(|world, writer, reader| {
        at_once(writer.set("count", &40_i64, secs(10))).unwrap();
        world.clock.advance(secs(6));
        assert_eq!(at_once(reader.increment("count", 2)).unwrap(), 42);
        world.clock.advance(Duration::from_millis(3_999));
        assert_eq!(at_once(writer.get::<i64>("count")), Some(42));
        world.clock.advance(Duration::from_millis(1));
        assert_eq!(at_once(reader.get::<i64>("count")), None);
        assert_eq!(at_once(writer.increment("count", 1)).unwrap(), 1, "it starts again");
        world.clock.advance(secs(299));
        assert_eq!(at_once(reader.get::<i64>("count")), Some(1), "with the default timeout");
        world.clock.advance(secs(1));
        assert_eq!(at_once(reader.get::<i64>("count")), None);
    });
}

#[test]
fn the_limits_of_numbers() {
    pairs(|_, writer, reader| {
        for (start, by) in [(i64::MAX, 1), (i64::MIN, -1), (1, i64::MAX), (-2, i64::MIN)] {
            at_once(writer.set("count", &start, secs(60))).unwrap();
            assert_eq!(at_once(reader.increment("count", by)).unwrap_err().kind(), ErrorKind::Overflow);
            assert_eq!(at_once(reader.get::<i64>("count")), Some(start), "nothing has changed");
            assert_eq!(at_once(writer.get::<i64>("count")), Some(start));
        }
        at_once(writer.set("count", &(i64::MAX - 1), secs(60))).unwrap();
        assert_eq!(at_once(reader.increment("count", 1)).unwrap(), i64::MAX);
        assert_eq!(at_once(writer.increment("count", i64::MIN)).unwrap(), -1);
        assert_eq!(at_once(writer.increment("count", 0)).unwrap(), -1);
        for other in
            [at_once(writer.set("count", &7_u32, secs(60))), at_once(writer.set("count", &"7".to_owned(), secs(60)))]
        {
            other.unwrap();
            assert_eq!(at_once(reader.increment("count", 1)).unwrap_err().kind(), ErrorKind::WrongType);
            assert!(at_once(reader.contains("count")), "nothing has changed");
        }
        at_once(writer.delete("count")).unwrap();
        assert_eq!(at_once(reader.increment("count", 5)).unwrap(), 5);
        assert_eq!(at_once(writer.get::<u32>("count")), None, "it is an `i64`");
        at_once(writer.delete("count")).unwrap();
    });
}

#[test]
fn a_number_that_was_made_untrue_starts_again() {
    pairs(|_, writer, reader| {
        assert_eq!(at_once(writer.increment("count", 5)).unwrap(), 5);
        at_once(reader.clear()).unwrap();
        assert_eq!(at_once(writer.increment("count", 1)).unwrap(), 1);
        at_once(reader.delete("count")).unwrap();
        assert_eq!(at_once(writer.increment("count", 2)).unwrap(), 2);
        at_once(writer.delete("count")).unwrap();
    });
}

#[test]
fn a_number_keeps_its_tags() {
    pairs(|_, writer, reader| {
        at_once(writer.tagged(["numbers"]).set("count", &5_i64, secs(60))).unwrap();
        assert_eq!(at_once(reader.increment("count", 1)).unwrap(), 6);
        assert_eq!(at_once(writer.get::<i64>("count")), Some(6));
        at_once(writer.tag("numbers").invalidate()).unwrap();
        assert_eq!(at_once(reader.get::<i64>("count")), None);
        assert_eq!(at_once(reader.increment("count", 1)).unwrap(), 1, "it was untrue");
        assert_eq!(at_once(writer.get::<i64>("count")), Some(1));
        at_once(writer.delete("count")).unwrap();
    });
}

#[test]
fn one_inserts_for_all() {
    for by in 0..4 {
        let world = World::new();
        let caches = world.all();
        let loads = Loads::new();
        let insert = |cache: &Cache| at_once(cache.get_or_insert_with("insert", secs(10), async || loads.next()));
        assert_eq!(insert(&caches[by]), 1);
        assert!(caches.iter().all(|cache| insert(cache) == 1 && at_once(cache.get("insert")) == Some(1_u32)));
        let now = |cache: &Cache| cache.blocking().get_or_insert_with("insert", secs(10), || loads.next());
        assert!(caches.iter().all(|cache| now(cache) == 1));
        let tried =
            |cache: &Cache| at_once(cache.try_get_or_insert_with("insert", secs(10), async || Err::<u32, _>("no")));
        assert!(caches.iter().all(|cache| tried(cache) == Ok(1)));
        at_once(caches[by].delete("insert")).unwrap();
        assert!(caches.iter().all(|cache| tried(cache) == Err("no")));
        assert_eq!(insert(&caches[by]), 2);
        world.clock.advance(secs(10));
        assert!(caches.iter().all(|cache| insert(cache) == 3), "jitter shortens it at most");
    }
}

#[test]
fn what_is_inserted_under_tags() {
    for by in 0..4 {
        let world = World::new();
        let caches = world.all();
        let loads = Loads::new();
        let insert = |cache: &Cache| {
            at_once(cache.tagged(["t", "u"]).get_or_insert_with("insert", secs(10), async || loads.next()))
        };
        assert!(caches.iter().all(|cache| insert(cache) == 1));
        for (at, tag) in ["t", "u", "t"].into_iter().enumerate() {
            let expected = u32::try_from(at).unwrap() + 2;
            at_once(caches[by].tag(tag).invalidate()).unwrap();
            assert!(caches.iter().all(|cache| at_once(cache.get::<u32>("insert")).is_none()));
            assert!(caches.iter().all(|cache| insert(cache) == expected));
            assert!(caches.iter().all(|cache| at_once(cache.get("insert")) == Some(expected)));
        }
    }
}

#[test]
fn a_tag_is_known_by_who_only_knows_the_key() {
    pairs(|world, writer, reader| {
        let bare = world.bare();
        at_once(writer.tagged(["t", "u"]).set("tagged", &1_u32, secs(60))).unwrap();
        for cache in [writer, reader, &bare] {
            assert_eq!(at_once(cache.get("tagged")), Some(1_u32));
            assert!(at_once(cache.contains("tagged")));
        }
        at_once(reader.tag("u").invalidate()).unwrap();
        for cache in [writer, reader, &bare] {
            assert_eq!(at_once(cache.get::<u32>("tagged")), None);
            assert!(!at_once(cache.contains("tagged")));
        }
        // With other tags than before, or none.
        at_once(writer.tagged(["v"]).set("tagged", &2_u32, secs(60))).unwrap();
        at_once(writer.tag("u").invalidate()).unwrap();
        assert_eq!(at_once(reader.get("tagged")), Some(2_u32));
        at_once(writer.set("tagged", &3_u32, secs(60))).unwrap();
        at_once(writer.tag("v").invalidate()).unwrap();
        assert_eq!(at_once(reader.get("tagged")), Some(3_u32));
        at_once(writer.delete("tagged")).unwrap();
    });
}

#[test]
fn the_entry_of_a_function_is_found_by_its_key() {
    for kind in Kind::BOTH {
        pairs(|_, writer, reader| {
            let source = Source::new();
            kind.call(writer, 1, &source);
            assert_eq!(at_once(reader.get(&kind.key(1))), Some(0_u32), "although it has tags");
            assert!(at_once(reader.contains(&kind.key(1))));
            source.write();
            kind.make(How::Tag, writer, 1, &source);
            assert_eq!(at_once(reader.get::<u32>(&kind.key(1))), None);
            kind.call(writer, 1, &source);
            assert!(at_once(reader.delete(&kind.key(1))).unwrap());
            assert_eq!(at_once(writer.get::<u32>(&kind.key(1))), None);
        });
    }
}

#[test]
fn what_is_set_under_its_key_answers_the_function() {
    for kind in Kind::BOTH {
        pairs(|_, writer, reader| {
            let source = Source::new();
            at_once(writer.set(&kind.key(1), &7_u32, secs(60))).unwrap();
            assert_eq!(kind.call(reader, 1, &source), 7);
            at_once(writer.tagged(["by hand"]).set(&kind.key(1), &8_u32, secs(60))).unwrap();
            assert_eq!(kind.call(reader, 1, &source), 8);
            kind.make(How::Tag, writer, 1, &source);
            assert_eq!(kind.call(reader, 1, &source), 8, "it has the tags that it was set with");
            at_once(writer.tag("by hand").invalidate()).unwrap();
            assert_eq!(kind.call(reader, 1, &source), 0);
            kind.make(How::Invalidate, writer, 1, &source);
            assert!(at_once(reader.add(&kind.key(1), &9_u32, secs(60))).unwrap());
            assert_eq!(kind.call(writer, 1, &source), 9);
            kind.make(How::Bump, writer, 1, &source);
            assert_eq!(kind.call(reader, 1, &source), 0, "it is the function's");
            at_once(writer.set(&kind.key(1), &"text".to_owned(), secs(60))).unwrap();
            assert_eq!(kind.call(reader, 1, &source), 0, "of another type");
        });
    }
}

#[test]
fn handles_and_text_are_the_same() {
    pairs(|_, writer, reader| {
        let source = Source::new();
        let of = |cache: &Cache| at_once(scope(cache, async { number::entry(3, &source) }));
        at_once(of(writer).put(5)).unwrap();
        assert_eq!(at_once(of(reader).get()), Some(5));
        assert_eq!(at_once(reader.get("source.number:3")), Some(5_u32));
        assert_eq!(at_once(of(reader).age()), Some(Duration::ZERO));
        at_once(writer.set("source.number:3", &6_u32, secs(60))).unwrap();
        assert_eq!(at_once(of(reader).get()), Some(6), "although it has no tags");
        at_once(of(reader).invalidate()).unwrap();
        assert_eq!((at_once(of(writer).get()), at_once(of(writer).age())), (None, None));
    });
}

#[cached(timeout = 60, cache_none, jitter = 0, key = "by_hand.none:<id>", ignore(loads))]
async fn none(id: u32, loads: &Loads) -> Option<u32> {
    loads.next();
    None
}

#[test]
fn nothing_found_is_nothing_by_hand() {
    pairs(|_, writer, reader| {
        let loads = Loads::new();
        let call = |cache: &Cache| at_once(scope(cache, none(1, &loads)));
        assert_eq!((call(writer), call(reader), loads.so_far()), (None, None, 1));
        assert_eq!(at_once(reader.get::<u32>("by_hand.none:1")), None);
        assert!(!at_once(reader.contains("by_hand.none:1")));
        assert_eq!(at_once(reader.get_or_insert_with("by_hand.none:1", secs(60), async || 5_u32)), 5);
        for cache in [reader, writer] {
            assert_eq!(at_once(cache.get::<u32>("by_hand.none:1")), Some(5));
            assert_eq!(call(cache), Some(5));
        }
        at_once(writer.delete("by_hand.none:1")).unwrap();
        assert_eq!(call(reader), None);
        assert!(at_once(reader.add("by_hand.none:1", &6_u32, secs(60))).unwrap(), "nothing is no value");
        assert_eq!(call(writer), Some(6));
        at_once(writer.delete("by_hand.none:1")).unwrap();
    });
}

#[cached(timeout = 60, jitter = 0, key = "by_hand.revised:<id>", revision = revision, ignore(revision, loads))]
fn revised(id: u32, revision: u32, loads: &Loads) -> u32 {
    loads.next()
}

#[test]
fn a_revision_is_nothing_to_who_only_knows_the_key() {
    pairs(|world, writer, reader| {
        let loads = Loads::new();
        let call = |cache: &Cache, revision| scope_blocking(cache, || revised(1, revision, &loads));
        assert_eq!(call(writer, 1), 1);
        for cache in [writer, reader, &world.bare()] {
            assert_eq!(at_once(cache.get("by_hand.revised:1")), Some(1_u32));
            assert!(at_once(cache.contains("by_hand.revised:1")));
        }
        assert_eq!((call(reader, 1), loads.so_far()), (1, 1), "it has the revision that it was made from");
        assert_eq!((call(reader, 2), call(writer, 2)), (2, 2));
        assert!(!at_once(reader.add("by_hand.revised:1", &6_u32, secs(60))).unwrap());
        at_once(writer.delete("by_hand.revised:1")).unwrap();
    });
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unknown(u32);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Named(u32);

#[test]
fn types_that_nobody_has_named() {
    let world = World::new();
    for cache in world.all() {
        let error = at_once(cache.set("type", &Unknown(1), secs(60))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotShareable);
        assert!(error.to_string().contains(".value::<"), "{error}");
        assert_eq!(at_once(cache.add("type", &Unknown(1), secs(60))).unwrap_err().kind(), ErrorKind::NotShareable);
        assert_eq!(at_once(cache.get::<Unknown>("type")), None);
        assert_eq!(at_once(cache.get_or_insert_with("type", secs(60), async || Unknown(2))), Unknown(2));
        assert!(world.store.keys().is_empty());
    }
    let named = world.process_with(crate::world::Tier::Bare, larder::CacheBuilder::value::<Named>);
    at_once(named.set("type", &Named(1), secs(60))).unwrap();
    assert_eq!(at_once(named.get("type")), Some(Named(1)));
}

#[test]
fn keys_of_all_kinds() {
    let world = World::new();
    let caches = world.all();
    let keys = ["", " ", "{", "}", "{}", "a{b}c", "\\(", "a\0b", "é:%7B", "a:b:c", &"long".repeat(2_000)];
    for (at, key) in keys.iter().enumerate() {
        at_once(caches[at % 4].set(key, &at, secs(60))).unwrap();
    }
    for cache in &caches {
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(at_once(cache.get::<usize>(key)), Some(at), "{key:?}");
        }
    }
    assert_eq!(world.store.keys().len(), keys.len());
}

#[test]
fn what_was_there_when_it_was_deleted() {
    pairs(|world, writer, reader| {
        assert!(!at_once(reader.delete("there")).unwrap());
        at_once(writer.set("there", &1_u32, secs(60))).unwrap();
        assert!(at_once(reader.delete("there")).unwrap());
        at_once(writer.set("there", &1_u32, secs(60))).unwrap();
        world.clock.advance(secs(60));
        assert!(!at_once(reader.delete("there")).unwrap(), "it was past its time");
    });
}

/// Two writers of one process, whose answers come in the other order.
#[test]
fn the_last_word_of_the_store_is_that_of_memory() {
    for how in How::ALL {
        let world = World::new();
        let (cache, other) = (world.tiered(), world.bare());
        let source = Source::new();
        let entry = at_once(scope(&cache, async { number::entry(1, &source) }));
        let gate = world.store.hold(Operation::Write, When::After);
        let mut first = Call::begin(entry.put(100));
        gate.open();
        source.write();
        Kind::Async.make(how, &cache, 1, &source);
        assert!(first.step().unwrap().is_ok());
        for cache in [&cache, &other, &world.tiered()] {
            assert_eq!(Kind::Async.call(cache, 1, &source), 1, "{how:?}");
        }
    }
}

/// The same for one of another process, which this one is told of before it has its own answer.
#[test]
fn what_is_told_before_the_answer() {
    for how in How::ALL {
        let world = World::new();
        let (cache, other) = (world.tiered(), world.bare());
        let source = Source::new();
        let gate = world.store.hold(Operation::Write, When::After);
        let mut first = Call::begin(cache.set("source.number:1", &100_u32, secs(60)));
        gate.open();
        source.write();
        Kind::Async.make(how, &other, 1, &source);
        assert!(first.step().unwrap().is_ok());
        for cache in [&cache, &other, &world.tiered()] {
            // By hand it has no tags.
            let tags = matches!(how, How::Tag | How::CommonTag);
            assert_eq!(Kind::Async.call(cache, 1, &source), if tags { 100 } else { 1 }, "{how:?}");
        }
    }
}

/// An addition goes on as well, and nobody else tells this process of it.
#[test]
fn who_adds_and_goes_away() {
    for when in [When::Before, When::After] {
        let world = World::new();
        let cache = world.tiered();
        assert_eq!(at_once(cache.increment("away", 1)).unwrap(), 1);
        assert_eq!(at_once(cache.get::<i64>("away")), Some(1));
        let gate = world.store.hold(Operation::Increment, when);
        let mut call = Call::new(cache.increment("away", 1));
        assert!(call.step().is_none());
        _ = at_once(cache.get::<i64>("away"));
        drop(call);
        gate.open();
        assert_eq!(at_once(cache.get::<i64>("away")), Some(2), "{when:?}");
    }
}

/// What was asked of the store goes on when its caller goes away, and is not known to be done.
#[test]
fn a_caller_who_goes_away() {
    let operations = [Operation::Write, Operation::Remove, Operation::Expire, Operation::Bump];
    for (how, when) in How::ALL.into_iter().flat_map(|how| [(how, When::Before), (how, When::After)]) {
        let world = World::new();
        let (cache, other) = (world.tiered(), world.bare());
        let source = Source::new();
        assert_eq!((Kind::Async.call(&cache, 1, &source), Kind::Async.call(&other, 1, &source)), (0, 0));
        source.write();
        let gates = operations.map(|operation| world.store.hold(operation, when));
        let call = Call::begin(Kind::Async.make_async(how, &cache, 1, &source));
        assert_eq!(gates.iter().map(larder::testing::Gate::standing).sum::<usize>(), 1, "{how:?} {when:?}");
        // Somebody reads what the store still has.
        _ = Call::new(scope(&cache, number(1, &source))).step();
        drop(call);
        gates.iter().for_each(larder::testing::Gate::open);
        assert_eq!(Kind::Async.call(&cache, 1, &source), 1, "{how:?} {when:?}");
        assert_eq!(Kind::Async.call(&other, 1, &source), 1, "{how:?} {when:?}");
        world.clock.advance(secs(1));
        eventually("it is sent again, and the store is believed", || {
            source.write();
            Kind::Async.make(How::Invalidate, &other, 1, &source);
            Kind::Async.call(&other, 1, &source) == source.value()
                && Kind::Async.call(&cache, 1, &source) == source.value()
        });
    }
}

#[test]
fn what_is_written_by_hand_is_counted_alike_wherever_it_goes() {
    let world = World::new();
    let memory = Cache::builder().clock(world.clock.clone()).build_blocking().unwrap();
    for cache in [memory, world.tiered(), world.bare()] {
        let mut counted = Vec::new();
        let mut count = |cache: &Cache| {
            let stats = cache.stats();
            counted.push((stats.stores, stats.invalidations));
        };
        at_once(cache.set("counted", &7_i64, secs(60))).unwrap();
        count(&cache);
        assert!(!at_once(cache.add("counted", &8_i64, secs(60))).unwrap());
        assert!(at_once(cache.add("counted.too", &8_i64, secs(60))).unwrap());
        count(&cache);
        assert_eq!(at_once(cache.increment("counted", 1)).unwrap(), 8);
        count(&cache);
        assert!(at_once(cache.delete("counted")).unwrap());
        count(&cache);
        assert_eq!(counted, [(1, 1), (2, 2), (3, 3), (3, 4)], "{cache:?}");
        assert!(at_once(cache.delete("counted.too")).unwrap());
    }
}

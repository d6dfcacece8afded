//! A store that has lost something, or has something that no larder wrote, or another one: a miss, which the next load mends.

use larder::shared::{HoldOff, Remove, Store, Which};
use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};
use std::time::Duration;

use crate::how::{How, Kind, Loading};
use crate::source::Source;
use crate::support::{Loads, at_once, secs};
use crate::world::{Tier, World};

/// Plants something where a value was; it is a miss for both kinds of processes, and then there is a value again.
#[track_caller]
fn is_a_miss(what: &str, plant: impl Fn(&World, &str, &[u8])) {
    for (kind, tier) in Kind::BOTH.into_iter().flat_map(|kind| Tier::BOTH.map(|tier| (kind, tier))) {
        let world = World::new();
        let source = Source::new();
        let place = kind.place(1);
        assert_eq!(kind.call(&world.bare(), 1, &source), 0);
        let bytes = world.store.peek(&place).unwrap();
        plant(&world, &place, &bytes);
        let cache = world.process(tier);
        assert_eq!(at_once(cache.get::<u32>(&kind.key(1))), None, "{what}: {kind:?} {tier:?}");
        assert!(!at_once(cache.contains(&kind.key(1))), "{what}: {kind:?} {tier:?}");
        assert_eq!((kind.call(&cache, 1, &source), source.loads()), (0, 2), "{what}: {kind:?} {tier:?}");
        for cache in [&cache, &world.bare(), &world.tiered()] {
            assert_eq!((kind.call(cache, 1, &source), source.loads()), (0, 2), "{what}: it is mended");
        }
        assert_eq!(cache.stats().shared_errors, 0, "{what}: the store has not failed");
    }
}

fn plants(bytes: &[u8]) -> impl Fn(&World, &str, &[u8]) {
    move |world, place, _| world.store.plant(place, bytes, Some(secs(60)))
}

#[test]
fn what_nobody_understands() {
    is_a_miss("nothing", plants(b""));
    is_a_miss("a byte", plants(&[0xc7]));
    is_a_miss("zeros", plants(&[0; 100]));
    is_a_miss("text", plants(b"{\"id\": 42, \"name\": \"somebody else's JSON\"}"));
    is_a_miss("a number", plants(b"42"));
    is_a_miss("much", plants(&vec![0xc7; 9 << 20]));
}

#[test]
fn what_is_not_whole() {
    let world = World::new();
    assert_eq!(Kind::Async.call(&world.bare(), 1, &Source::new()), 0);
    let length = world.store.peek(&Kind::Async.place(1)).unwrap().len();
    for end in 0..length {
        is_a_miss(&format!("{end} bytes"), |world, place, bytes| {
            world.store.plant(place, &bytes[..end.min(bytes.len() - 1)], Some(secs(60)));
        });
    }
    is_a_miss("one more", |world, place, bytes| world.store.plant(place, &[bytes, b"x"].concat(), Some(secs(60))));
}

#[test]
fn what_is_corrupt() {
    let world = World::new();
    assert_eq!(Kind::Async.call(&world.bare(), 1, &Source::new()), 0);
    let length = world.store.peek(&Kind::Async.place(1)).unwrap().len();
    for bit in (0..length * 8).step_by(5) {
        is_a_miss(&format!("bit {bit}"), |world, place, bytes| {
            let mut bytes = bytes.to_vec();
            let at = (bit / 8).min(bytes.len() - 1);
            bytes[at] ^= 1 << (bit % 8);
            world.store.plant(place, &bytes, Some(secs(60)));
        });
    }
}

#[cached(timeout = 60, jitter = 0, key = "foreign.text:<id>", ignore(loads))]
async fn text(id: u32, loads: &Loads) -> String {
    format!("{}", loads.next())
}

#[cached(timeout = 60, jitter = 0, key = "foreign.number:<id>", ignore(loads))]
async fn number(id: u32, loads: &Loads) -> u32 {
    loads.next()
}

#[cached(timeout = 60, jitter = 0, key = "foreign.same:<id>", ignore(loads))]
fn same(id: u32, loads: &Loads) -> u32 {
    loads.next()
}

#[test]
fn values_of_another_shape_or_function() {
    for tier in Tier::BOTH {
        let world = World::new();
        let loads = Loads::new();
        let by = world.bare();
        assert_eq!(at_once(scope(&by, text(1, &loads))), "1");
        assert_eq!(scope_blocking(&by, || same(1, &loads)), 2);
        for other in ["text", "same"] {
            let bytes = world.store.peek(&format!("larder:v0:{{foreign.{other}:1}}")).unwrap();
            world.store.plant("larder:v0:{foreign.number:1}", &bytes, Some(secs(60)));
            let expected = loads.so_far() + 1;
            let cache = world.process(tier);
            for cache in [&cache, &cache, &world.bare()] {
                assert_eq!(at_once(scope(cache, number(1, &loads))), expected, "{tier:?} {other}");
            }
        }
    }
}

#[test]
fn a_value_whose_end_was_taken_away() {
    let world = World::new();
    let source = Source::new();
    assert_eq!(Kind::Async.call(&world.bare(), 1, &source), 0);
    let bytes = world.store.peek(&Kind::Async.place(1)).unwrap();
    world.store.plant(&Kind::Async.place(1), &bytes, None);
    // Who has no memory does not ask for it.
    assert_eq!((Kind::Async.call(&world.tiered(), 1, &source), source.loads()), (0, 2));
    assert!(world.store.remaining(&Kind::Async.place(1)).unwrap() <= secs(60), "it is mended");
}

#[test]
fn generations_that_were_lost() {
    for kind in Kind::BOTH {
        let function = match kind {
            Kind::Async => "number",
            Kind::Ordinary => "number_now",
        };
        let world = World::new();
        let cache = world.bare();
        kind.call(&cache, 1, &Source::new());
        let names = [
            "larder:g:{n\\0}".to_owned(),
            format!("larder:g:{{f:shared::source::{function}}}"),
            "larder:g:{t:source.all}".to_owned(),
            "larder:g:{t:source.one:1}".to_owned(),
        ];
        for name in &names {
            assert!(world.store.generation(name).is_some(), "{name}");
        }
    }
    for name in ["n\\0", "t:source.all", "t:source.one:1"] {
        is_a_miss(name, |world, _, _| assert!(world.store.forget_generation(&format!("larder:g:{{{name}}}"))));
    }
    is_a_miss("the function's", |world, _, _| {
        let lost = ["number", "number_now"]
            .map(|function| world.store.forget_generation(&format!("larder:g:{{f:shared::source::{function}}}")));
        assert!(lost.contains(&true));
    });
}

#[test]
fn values_and_everything_that_was_lost() {
    is_a_miss("the value", |world, place, _| assert!(world.store.forget(place)));
    is_a_miss("everything", |world, _, _| world.store.flush());
}

/// What is lost while somebody loads.
fn lost_meanwhile(lose: impl Fn(&World, &str)) {
    for (kind, tier) in Kind::BOTH.into_iter().flat_map(|kind| Tier::BOTH.map(|tier| (kind, tier))) {
        let world = World::new();
        let cache = world.process(tier);
        let source = Source::new();
        let gate = source.close();
        let loading = Loading::begin(kind, &cache, 1, &source, &gate);
        source.leave_open();
        lose(&world, &kind.place(1));
        gate.open();
        assert_eq!(loading.end(), 0, "{kind:?} {tier:?}");
        assert!(world.store.keys().is_empty(), "{kind:?} {tier:?}: it had no right to store");
        for cache in [&cache, &cache, &world.bare()] {
            assert_eq!((kind.call(cache, 1, &source), source.loads()), (0, 2), "{kind:?} {tier:?}");
        }
    }
}

#[test]
fn leases_that_were_lost() {
    lost_meanwhile(|world, place| assert!(world.store.forget_lease(place)));
    lost_meanwhile(|world, _| world.store.flush());
    // An ordinary function can't make its lease last; one that is async was not polled.
    lost_meanwhile(|world, _| world.clock.advance(secs(10)));
}

/// A server whose clock was set back gives values more time than they were given.
#[test]
fn a_value_of_unknown_age_is_of_no_use() {
    for kind in Kind::BOTH {
        let world = World::new();
        let (cache, source) = (world.tiered(), Source::new());
        assert_eq!(kind.call(&cache, 1, &source), 0);
        source.write();
        let bytes = world.store.peek(&kind.place(1)).unwrap();
        world.store.plant(&kind.place(1), &bytes, Some(secs(60)));
        assert_eq!(kind.call(&world.tiered(), 1, &source), 0);
        world.store.plant(&kind.place(1), &bytes, Some(secs(62)));
        assert_eq!((kind.call(&world.tiered(), 1, &source), source.loads()), (1, 2), "{kind:?}");
    }
}

#[test]
fn what_is_held_off_is_computed_and_not_stored() {
    for (kind, tier) in Kind::BOTH.into_iter().flat_map(|kind| Tier::BOTH.map(|tier| (kind, tier))) {
        let world = World::new();
        let (cache, other) = (world.process(tier), world.bare());
        let source = Source::new();
        assert_eq!((kind.call(&cache, 1, &source), kind.call(&other, 1, &source)), (0, 0));
        let store = world.store.clone();
        let hold = |hold| {
            let note = format!("I{:016x}0:0:{}", 1, kind.key(1)).into_bytes();
            at_once(store.remove(vec![Remove {
                key: kind.place(1),
                hold: HoldOff::Begun(1, hold),
                which: Which::Any,
                note,
            }]))
            .unwrap();
        };
        // Whoever writes does not belong to the namespace, so that nobody is told.
        hold(secs(10));
        world.store.drop_notes();
        world.clock.advance(secs(3));
        for loads in 2..5 {
            source.write();
            assert_eq!(kind.call(&cache, 1, &source), source.value(), "{kind:?} {tier:?}");
            assert_eq!((source.loads(), world.store.keys().is_empty()), (loads, true), "{kind:?} {tier:?}");
        }
        // What is put is not stored either.
        kind.make(How::Put, &cache, 1, &source);
        assert!(world.store.keys().is_empty());
        world.clock.advance(secs(7));
        let value = kind.call(&cache, 1, &source);
        source.write();
        assert_eq!((kind.call(&other, 1, &source), source.loads()), (value, 5), "{kind:?} {tier:?}: it is over");
    }
}

#[test]
fn who_adds_and_who_counts_where_there_is_rubbish() {
    for tier in Tier::BOTH {
        let world = World::new();
        let cache = world.process(tier);
        for rubbish in [&b""[..], b"rubbish", &[0xc7; 200]] {
            let plant = || world.store.plant("larder:v0:{rubbish}", rubbish, Some(secs(60)));
            plant();
            assert!(at_once(cache.add("rubbish", &1_u32, secs(60))).unwrap(), "{tier:?}");
            assert_eq!(at_once(cache.get("rubbish")), Some(1_u32));
            plant();
            at_once(cache.set("rubbish", &2_u32, secs(60))).unwrap();
            assert_eq!(at_once(cache.get("rubbish")), Some(2_u32));
            plant();
            assert_eq!(at_once(cache.increment("rubbish", 3)).unwrap(), 3, "{tier:?}");
            assert_eq!(at_once(cache.get("rubbish")), Some(3_i64));
            plant();
            assert!(at_once(cache.delete("rubbish")).unwrap());
        }
    }
}

/// The same bytes, read by a process that has them in memory already.
#[test]
fn memory_does_not_care_what_becomes_of_the_store() {
    let world = World::new();
    let cache: Cache = world.tiered();
    let source = Source::new();
    assert_eq!(Kind::Async.call(&cache, 1, &source), 0);
    world.store.plant(&Kind::Async.place(1), b"rubbish", Some(Duration::from_secs(60)));
    assert_eq!((Kind::Async.call(&cache, 1, &source), source.loads()), (0, 1));
}

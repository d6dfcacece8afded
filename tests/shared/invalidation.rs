//! What one process makes untrue is untrue for all: at once where there is no memory in front of the store; where there is, when
//! the note has come, and when nothing has been vouched for 3 s at the latest.

use larder::shared::{Opening, Store};
use larder::testing::{Operation, Witness, scope};
use larder::{Cache, cached};

use crate::how::{How, Kind};
use crate::source::Source;
use crate::support::{Loads, at_once, secs};
use crate::world::{Tier, World};

/// Every kind of function, every way to make its value untrue, and every kind of process that does it.
fn everything() -> impl Iterator<Item = (Kind, How, Tier)> {
    Kind::BOTH.into_iter().flat_map(|kind| {
        How::ALL.into_iter().flat_map(move |how| Tier::BOTH.into_iter().map(move |tier| (kind, how, tier)))
    })
}

/// Everybody has the value 0, and the source has 1.
fn known(kind: Kind, caches: &[&Cache]) -> Source {
    let source = Source::new();
    for cache in caches {
        assert_eq!(kind.call(cache, 1, &source), 0);
    }
    assert_eq!(source.loads(), 1);
    source.write();
    for cache in caches {
        assert_eq!(kind.call(cache, 1, &source), 0, "nobody has said that it is untrue");
    }
    source
}

#[test]
fn all_processes_see_it() {
    for (kind, how, tier) in everything() {
        let world = World::new();
        let caches = world.all();
        let source = known(kind, &caches.each_ref());
        kind.make(how, &world.process(tier), 1, &source);
        for cache in &caches {
            assert_eq!(kind.call(cache, 1, &source), 1, "{kind:?} {how:?} by {tier:?}");
        }
        assert_eq!(source.loads(), 1 + u32::from(!how.stores()), "{kind:?} {how:?} by {tier:?}: one loads for all");
    }
}

#[test]
fn the_process_itself_sees_it_whatever_it_is_told() {
    for (kind, how, tier) in everything() {
        let world = World::new();
        let cache = world.process(tier);
        let source = known(kind, &[&cache]);
        world.store.drop_notes();
        kind.make(how, &cache, 1, &source);
        assert_eq!(kind.call(&cache, 1, &source), 1, "{kind:?} {how:?} by {tier:?}");
    }
}

#[test]
fn memory_sees_it_when_the_note_has_come() {
    for (kind, how, tier) in everything() {
        let world = World::new();
        let (tiered, bare) = (world.tiered(), world.bare());
        let other = world.process(tier);
        let source = known(kind, &[&tiered, &bare]);
        world.store.keep_notes();
        kind.make(how, &other, 1, &source);
        assert_eq!(kind.call(&tiered, 1, &source), 0, "{kind:?} {how:?}: it has not been told");
        assert_eq!(kind.call(&bare, 1, &source), 1, "{kind:?} {how:?}: it asks the store");
        world.store.deliver_notes();
        assert_eq!(kind.call(&tiered, 1, &source), 1, "{kind:?} {how:?}");
        assert_eq!(source.loads(), 1 + u32::from(!how.stores()));
    }
}

#[test]
fn memory_is_of_no_use_when_nothing_has_been_vouched_for_three_seconds() {
    for (kind, how, tier) in everything() {
        let world = World::new();
        let (cache, other) = (world.tiered(), world.process(tier));
        let source = known(kind, &[&cache]);
        world.store.process(0).drop_notes();
        kind.make(how, &other, 1, &source);
        world.clock.advance(std::time::Duration::from_millis(2_999));
        assert_eq!(kind.call(&cache, 1, &source), 0, "{kind:?} {how:?}");
        world.clock.advance(std::time::Duration::from_millis(1));
        for _ in 0..2 {
            assert_eq!(kind.call(&cache, 1, &source), 1, "{kind:?} {how:?}");
        }
        world.store.process(0).deliver_notes();
        assert_eq!(kind.call(&cache, 1, &source), 1, "{kind:?} {how:?}");
        assert_eq!(source.loads(), 1 + u32::from(!how.stores()));
    }
}

#[test]
fn memory_is_of_no_use_when_notes_were_lost() {
    for how in How::ALL {
        let world = World::new();
        let (cache, other) = (world.tiered(), world.bare());
        let source = known(Kind::Async, &[&cache]);
        world.store.process(0).drop_notes();
        Kind::Async.make(how, &other, 1, &source);
        world.store.process(0).deliver_notes();
        assert_eq!(Kind::Async.call(&cache, 1, &source), 1, "{how:?}: it was told that it has missed something");
    }
}

#[test]
fn memory_is_used_again_when_it_is_vouched_for() {
    let world = World::new();
    let cache = world.tiered();
    let source = known(Kind::Async, &[&cache]);
    world.store.keep_notes();
    world.clock.advance(secs(3));
    world.store.forget_calls();
    assert_eq!(Kind::Async.call(&cache, 1, &source), 0);
    assert_eq!(world.store.calls(Operation::Read), 1, "it asks the store");
    world.store.deliver_notes();
    assert_eq!(Kind::Async.call(&cache, 1, &source), 0);
    assert_eq!(world.store.calls(Operation::Read), 1, "what it has read then may be used now");
}

#[test]
fn only_what_was_meant_is_untrue() {
    for (kind, how, tier) in everything() {
        let world = World::new();
        let caches = world.all();
        let sources = [Source::new(), Source::new()];
        for cache in &caches {
            assert_eq!((kind.call(cache, 1, &sources[0]), kind.call(cache, 2, &sources[1])), (0, 0));
        }
        sources.iter().for_each(Source::write);
        kind.make(how, &world.process(tier), 1, &sources[0]);
        let other = u32::from(matches!(how, How::Bump | How::CommonTag | How::Clear));
        for cache in &caches {
            assert_eq!(kind.call(cache, 1, &sources[0]), 1, "{kind:?} {how:?}");
            assert_eq!(kind.call(cache, 2, &sources[1]), other, "{kind:?} {how:?}");
        }
    }
}

#[test]
fn another_function_is_another_matter() {
    for how in [How::Bump, How::Clear, How::CommonTag] {
        let world = World::new();
        let caches = world.all();
        let source = Source::new();
        for cache in &caches {
            assert_eq!((Kind::Async.call(cache, 1, &source), Kind::Ordinary.call(cache, 1, &source)), (0, 0));
        }
        source.write();
        Kind::Async.make(how, &caches[0], 1, &source);
        for cache in &caches {
            assert_eq!(Kind::Async.call(cache, 1, &source), 1, "{how:?}");
            assert_eq!(Kind::Ordinary.call(cache, 1, &source), u32::from(how != How::Bump), "{how:?}");
        }
    }
}

#[test]
fn a_note_of_its_own_undoes_nothing() {
    for (kind, how, tier) in everything() {
        let world = World::new();
        let cache = world.process(tier);
        let source = known(kind, &[&cache]);
        // Its notes are on their way while it goes on, as in life.
        world.store.process(0).keep_notes();
        kind.make(how, &cache, 1, &source);
        assert_eq!(kind.call(&cache, 1, &source), 1);
        world.store.process(0).deliver_notes();
        world.store.forget_calls();
        assert_eq!(kind.call(&cache, 1, &source), 1);
        let reads = world.store.calls(Operation::Read);
        assert!(reads == 0 || tier == Tier::Bare, "{kind:?} {how:?}: its memory has the new value");
    }
}

#[test]
fn everything_at_once_for_what_was_set_by_hand() {
    let world = World::new();
    let caches = world.all();
    for (by, cache) in caches.iter().enumerate() {
        for other in &caches {
            at_once(other.set("by hand", &1_u32, secs(60))).unwrap();
            assert_eq!(at_once(other.get("by hand")), Some(1_u32));
        }
        match by {
            0 => at_once(cache.clear()).unwrap(),
            1 => assert!(at_once(cache.delete("by hand")).unwrap()),
            2 => at_once(cache.set("by hand", &2_u32, secs(60))).unwrap(),
            _ => assert_eq!(at_once(cache.delete_many(&["by hand", "nothing"])).unwrap(), 1),
        }
        for other in &caches {
            assert_eq!(at_once(other.get::<u32>("by hand")), (by == 2).then_some(2), "{by}");
        }
    }
}

#[test]
fn what_is_local_is_nobody_else_s_business() {
    #[cached(local, timeout = 60, key = "invalidation.local:<id>", tags("invalidation.tag"), ignore(loads))]
    async fn local(id: u32, loads: &Loads) -> u32 {
        loads.next()
    }
    let world = World::new();
    let (first, second) = (world.tiered(), world.bare());
    let loads = Loads::new();
    let call = |cache: &Cache| at_once(scope(cache, local(1, &loads)));
    assert_eq!((call(&first), call(&second)), (1, 2));
    world.store.forget_calls();
    for what in 0..3 {
        let entry = at_once(scope(&first, async { local::entry(1) }));
        match what {
            0 => at_once(entry.invalidate()).unwrap(),
            1 => at_once(entry.expire()).unwrap(),
            _ => at_once(entry.all().bump()).unwrap(),
        }
        assert_eq!((call(&first), call(&second)), (3 + what, 2));
    }
    let calls: usize = Operation::ALL.iter().map(|operation| world.store.calls(*operation)).sum();
    assert_eq!(calls, 0, "the store has nothing to do with it");
    at_once(first.tag("invalidation.tag").invalidate()).unwrap();
    assert_eq!((call(&first), call(&second)), (6, 7), "a tag is everybody's");
    at_once(second.clear()).unwrap();
    assert_eq!((call(&first), call(&second)), (8, 9), "so is everything");
}

#[test]
fn notes_that_mean_nothing_do_nothing() {
    let world = World::new();
    let cache = world.tiered();
    let source = known(Kind::Async, &[&cache]);
    let stranger = world.store.clone();
    let witness = std::sync::Arc::new(Witness::new(world.clock.clone()));
    stranger.open(Opening::new("larder", secs(1), witness));
    let key_of_another_version = format!("I{:016x}7:0:{}", 5, Kind::Async.key(1));
    let notes: [&[u8]; 7] = [
        b"",
        b"I",
        b"\xff\xfe",
        b"a note of somebody else who uses this channel",
        b"Zffffffffffffffff0:",
        b"Gffffffffffffffff0:no::such::function",
        key_of_another_version.as_bytes(),
    ];
    for note in notes {
        at_once(stranger.bump(Vec::new(), note.to_vec())).unwrap();
    }
    world.store.forget_calls();
    assert_eq!(Kind::Async.call(&cache, 1, &source), 0);
    assert_eq!(world.store.calls(Operation::Read), 0, "memory has kept it");
}

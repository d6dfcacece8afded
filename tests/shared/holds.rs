//! An entry that is held off while its source is changed: who ends that, and who does not.

use larder::Cache;
use larder::testing::{Lost, Operation, When, scope, scope_blocking};

use crate::how::{How, Kind};
use crate::source::{Source, number, number_now};
use crate::support::{at_once, secs};
use crate::world::{Tier, World, eventually};

async fn hold(cache: &Cache, source: &Source) -> Result<larder::Hold, larder::Error> {
    let entry = scope(cache, async { number::entry(1, source) }).await;
    entry.hold(secs(10)).await
}

fn place() -> String {
    Kind::Async.place(1)
}

/// Whether what a call loads is stored.
fn stores(world: &World, source: &Source) -> bool {
    source.write();
    assert_eq!(Kind::Async.call(&world.bare(), 1, source), source.value());
    world.store.peek(&place()).is_some()
}

#[test]
fn what_is_made_untrue_meanwhile_is_still_held_off() {
    for (tier, how) in Tier::BOTH.into_iter().flat_map(|tier| How::ALL.map(|how| (tier, how))) {
        let world = World::new();
        let (cache, other, source) = (world.process(tier), world.process(tier), Source::new());
        let held = at_once(hold(&cache, &source)).unwrap();
        for process in [&other, &cache] {
            Kind::Async.make(how, process, 1, &source);
            assert!(!stores(&world, &source), "{tier:?} {how:?}");
        }
        at_once(held.done()).unwrap();
        assert!(stores(&world, &source), "{tier:?} {how:?}: it is over");
    }
}

#[test]
fn several_hold_it_off_until_the_last_has_ended_that() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (cache, other, source) = (world.process(tier), world.process(tier), Source::new());
        let first = at_once(hold(&cache, &source)).unwrap();
        let second = at_once(hold(&other, &source)).unwrap();
        let third = at_once(hold(&cache, &source)).unwrap();
        at_once(second.done()).unwrap();
        assert!(!stores(&world, &source), "{tier:?}: two are left");
        drop(first);
        assert!(!stores(&world, &source), "{tier:?}: one is left");
        at_once(third.done()).unwrap();
        assert!(stores(&world, &source), "{tier:?}");
    }
}

#[test]
fn an_ordinary_function_holds_as_well() {
    let world = World::new();
    let (cache, source) = (world.tiered(), Source::new());
    let call = |cache: &Cache| scope_blocking(cache, || number_now(1, &source));
    let held = scope_blocking(&cache, || number_now::entry(1, &source).hold(secs(10))).unwrap();
    assert!(world.store.is_held(&Kind::Ordinary.place(1)));
    assert_eq!((call(&cache), call(&world.bare()), source.loads()), (0, 0, 2));
    held.done().unwrap();
    assert_eq!((call(&cache), call(&world.bare()), source.loads()), (0, 0, 3));
}

/// What the store did not acknowledge is sent again, perhaps when somebody holds.
#[test]
fn what_is_sent_again_does_not_end_it() {
    let world = World::new();
    let (cache, other, source) = (world.bare(), world.bare(), Source::new());
    world.store.process(0).down();
    assert!(Kind::Async.try_make(How::Invalidate, &cache, 1, &source).is_err());
    let held = at_once(hold(&other, &source)).unwrap();
    let removals = world.store.calls(Operation::Remove);
    world.store.process(0).up();
    eventually("it is sent again", || world.store.calls(Operation::Remove) > removals);
    assert!(world.store.is_held(&place()) && !stores(&world, &source));
    at_once(held.done()).unwrap();
    assert!(stores(&world, &source));
}

/// Whether it has begun is not known: nobody is to be kept waiting for a holder who has been told that there is none.
#[test]
fn one_that_is_not_acknowledged_is_ended() {
    for lost in [Lost::Request, Lost::Answer] {
        let world = World::new();
        let (cache, source) = (world.bare(), Source::new());
        world.store.time_out_next(&[Operation::Remove], 1, lost);
        assert!(at_once(hold(&cache, &source)).is_err());
        assert!(!world.store.is_held(&place()), "{lost:?}");
    }
}

/// Others go on to hold the entry off, one after the other; the one that has died does not for that.
#[test]
fn one_that_nobody_ends_is_not_prolonged_by_others() {
    let world = World::new();
    let (cache, other, source) = (world.bare(), world.bare(), Source::new());
    let held = at_once(hold(&cache, &source)).unwrap();
    world.store.process(0).down();
    drop(held);
    for (seconds, stored) in [(6, false), (12, true)] {
        world.clock.advance(secs(6));
        let held = at_once(hold(&other, &source)).unwrap();
        assert!(!stores(&world, &source));
        at_once(held.done()).unwrap();
        assert_eq!(stores(&world, &source), stored, "after {seconds} s");
    }
}

/// Its time was over, so that others have stored what they had read before the change.
#[test]
fn one_that_is_dropped_late_leaves_nothing_old() {
    let world = World::new();
    let (cache, other, source) = (world.tiered(), world.bare(), Source::new());
    let held = at_once(hold(&cache, &source)).unwrap();
    world.clock.advance(secs(10));
    assert_eq!(Kind::Async.call(&other, 1, &source), 0);
    source.write();
    let way = world.store.hold(Operation::Remove, When::Before);
    drop(held);
    assert_eq!(Kind::Async.call(&cache, 1, &source), 0, "its end is on its way");
    way.open();
    assert_eq!(Kind::Async.call(&cache, 1, &source), 1);
}

#[test]
fn it_ends_when_its_time_is_over() {
    let world = World::new();
    let (cache, source) = (world.tiered(), Source::new());
    let held = at_once(hold(&cache, &source)).unwrap();
    world.clock.advance(secs(10));
    assert!(stores(&world, &source));
    // Its holder comes late: what is there may be from before the change.
    at_once(held.done()).unwrap();
    assert!(world.store.peek(&place()).is_none());
}

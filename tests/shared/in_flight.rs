//! A load that began before its value became untrue, in whichever process, is not stored after that, and nobody who comes after
//! it is answered by it.

use larder::Cache;
use larder::testing::{Lost, Operation, scope};

use crate::how::{How, Kind, Loading};
use crate::source::{Source, number};
use crate::support::{Call, secs};
use crate::world::{Tier, World};

/// Every kind of function, process that loads, process that makes untrue, and way to do it.
fn everything() -> impl Iterator<Item = (Kind, Tier, Tier, How)> {
    Kind::BOTH.into_iter().flat_map(|kind| {
        Tier::BOTH.into_iter().flat_map(move |loads| {
            Tier::BOTH.into_iter().flat_map(move |makes| How::ALL.into_iter().map(move |how| (kind, loads, makes, how)))
        })
    })
}

#[test]
fn it_is_kept_nowhere() {
    for case in everything() {
        let (kind, loads, makes, how) = case;
        let world = World::new();
        let (loader, other) = (world.process(loads), world.process(makes));
        let source = Source::new();
        let gate = source.close();
        let loading = Loading::begin(kind, &loader, 1, &source, &gate);
        source.leave_open();
        source.write();
        kind.make(how, &other, 1, &source);
        gate.open();
        assert_eq!(loading.end(), 0, "{case:?}: its caller came before");
        for cache in [&loader, &other, &world.tiered(), &world.bare()] {
            assert_eq!(kind.call(cache, 1, &source), 1, "{case:?}");
        }
        assert_eq!(source.loads(), 1 + u32::from(!how.stores()), "{case:?}");
    }
}

#[test]
fn it_is_kept_nowhere_by_a_process_that_has_not_been_told() {
    for case in everything() {
        let (kind, loads, makes, how) = case;
        let world = World::new();
        let (loader, other) = (world.process(loads), world.process(makes));
        let source = Source::new();
        let gate = source.close();
        let loading = Loading::begin(kind, &loader, 1, &source, &gate);
        source.leave_open();
        source.write();
        world.store.process(0).keep_notes();
        kind.make(how, &other, 1, &source);
        gate.open();
        assert_eq!(loading.end(), 0, "{case:?}: its caller came before");
        if loads == Tier::Tiered && how.is_wide() {
            // Its lease is good, and its value is of no use to anybody who knows.
            assert_eq!(kind.call(&world.bare(), 1, &source), 1, "{case:?}");
            world.store.process(0).deliver_notes();
        }
        assert_eq!(kind.call(&loader, 1, &source), 1, "{case:?}");
        world.store.process(0).deliver_notes();
        for cache in [&loader, &other, &world.tiered(), &world.bare()] {
            assert_eq!(kind.call(cache, 1, &source), 1, "{case:?}");
        }
        assert_eq!(source.loads(), 1 + u32::from(!how.stores()), "{case:?}");
    }
}

#[test]
fn who_comes_after_does_not_wait_for_it() {
    for case in everything() {
        let (kind, loads, makes, how) = case;
        let world = World::new();
        let (loader, other, third) = (world.process(loads), world.process(makes), world.bare());
        let source = Source::new();
        let gate = source.close();
        let loading = Loading::begin(kind, &loader, 1, &source, &gate);
        source.leave_open();
        source.write();
        kind.make(how, &other, 1, &source);
        if kind == Kind::Async {
            for cache in [&third, &other, &loader] {
                assert_eq!(kind.call(cache, 1, &source), 1, "{case:?}");
            }
        }
        gate.open();
        assert_eq!(loading.end(), 0, "{case:?}: its caller came before");
        for cache in [&loader, &other, &third] {
            assert_eq!(kind.call(cache, 1, &source), 1, "{case:?}");
        }
        assert_eq!(source.loads(), 1 + u32::from(!how.stores()), "{case:?}");
    }
}

/// A call that comes after the value became untrue, in the process that loads, which has not been told.
fn joins_untold(loads: Tier, how: How, silence: u64) -> u32 {
    let world = World::new();
    let (loader, other) = (world.process(loads), world.bare());
    let source = Source::new();
    let gate = source.close();
    let loading = Loading::begin(Kind::Async, &loader, 1, &source, &gate);
    source.leave_open();
    source.write();
    world.store.process(0).keep_notes();
    Kind::Async.make(how, &other, 1, &source);
    world.clock.advance(secs(silence));
    let mut late = Call::new(scope(&loader, number(1, &source)));
    let at_once = late.step();
    gate.open();
    assert_eq!(loading.end(), 0);
    at_once.unwrap_or_else(|| late.end())
}

#[test]
fn nobody_joins_it_in_a_process_without_memory() {
    for how in How::ALL {
        assert_eq!(joins_untold(Tier::Bare, how, 0), 1, "{how:?}");
    }
}

#[test]
fn nobody_joins_it_when_nothing_has_been_vouched_for_three_seconds() {
    for how in How::ALL {
        assert_eq!(joins_untold(Tier::Tiered, how, 3), 1, "{how:?}");
    }
}

#[test]
fn many_who_wait_share_one_load_and_one_read() {
    for tier in Tier::BOTH {
        let world = World::new();
        let cache = world.process(tier);
        let source = Source::new();
        let gate = source.close();
        let begin = || Call::begin(scope(&cache, number(1, &source)));
        let mut calls: Vec<_> = (0..50).map(|_| begin()).collect();
        source.leave_open();
        gate.open();
        // One may be waked by another that comes before it.
        let mut answers = 0;
        for _ in 0..4 {
            calls.retain_mut(|call| match call.step() {
                Some(value) => {
                    assert_eq!(value, 0);
                    answers += 1;
                    false
                }
                None => true,
            });
        }
        assert_eq!((answers, source.loads()), (50, 1), "{tier:?}");
        assert!(world.store.calls(Operation::Read) <= 2, "{tier:?}");
    }
}

/// The leader of a load goes away; whoever takes over asks again.
#[test]
fn a_hand_over_knows_what_has_happened_meanwhile() {
    for (tier, how) in Tier::BOTH.into_iter().flat_map(|tier| How::ALL.into_iter().map(move |how| (tier, how))) {
        let world = World::new();
        let (cache, other): (Cache, Cache) = (world.process(tier), world.bare());
        let source = Source::new();
        let gate = source.close();
        let leader = Call::begin(scope(&cache, number(1, &source)));
        let waiter = Call::begin(scope(&cache, number(1, &source)));
        source.leave_open();
        source.write();
        Kind::Async.make(how, &other, 1, &source);
        drop(leader);
        assert_eq!(waiter.end(), 1, "{tier:?} {how:?}");
        gate.open();
        assert_eq!(source.loads(), 1 + u32::from(!how.stores()), "{tier:?} {how:?}");
    }
}

/// The store did not answer the first of two, and answers the second.
#[test]
fn nobody_joins_a_load_that_did_without_the_store() {
    for how in How::ALL {
        let world = World::new();
        let (cache, other) = (world.process_with(Tier::Bare, |builder| builder.outage(secs(0))), world.bare());
        let source = Source::new();
        world.store.time_out_next(&[Operation::Read], 1, Lost::Request);
        let gate = source.close();
        let loading = Loading::begin(Kind::Async, &cache, 1, &source, &gate);
        source.leave_open();
        source.write();
        world.store.process(0).keep_notes();
        Kind::Async.make(how, &other, 1, &source);
        let mut late = Call::new(scope(&cache, number(1, &source)));
        let at_once = late.step();
        gate.open();
        assert_eq!(loading.end(), 0);
        assert_eq!(at_once.unwrap_or_else(|| late.end()), 1, "{how:?}");
    }
}

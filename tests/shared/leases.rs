//! Who loads, for how long others wait for it, and what becomes of a lease when its holder does not store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use larder::testing::{Operation, When, scope, scope_blocking};
use larder::{Cache, cached};

use crate::how::{Kind, Loading};
use crate::source::{Source, number, number_now};
use crate::support::{Call, Gate, Loads, at_once, secs};
use crate::world::{Tier, World};

fn pairs() -> impl Iterator<Item = (Tier, Tier)> {
    Tier::BOTH.into_iter().flat_map(|first| Tier::BOTH.map(|second| (first, second)))
}

#[test]
fn a_load_that_takes_long_makes_its_lease_last() {
    for pair in pairs() {
        let world = World::new();
        let patient = |tier| world.process_with(tier, |builder| builder.wait(secs(1_000)));
        let (first, second) = (patient(pair.0), patient(pair.1));
        let source = Source::new();
        let gate = source.close();
        let mut loading = Call::begin(scope(&first, number(1, &source)));
        let mut waiting = Call::begin(scope(&second, number(1, &source)));
        for _ in 0..20 {
            world.clock.advance(secs(4));
            assert!(loading.step().is_none() && waiting.step().is_none());
        }
        assert!(world.store.calls(Operation::Renew) >= 20, "{pair:?}");
        gate.open();
        assert_eq!((loading.end(), waiting.end(), source.loads()), (0, 0, 1), "{pair:?}");
    }
}

#[test]
fn an_ordinary_function_has_a_lease_of_its_usual_time() {
    let world = World::new();
    let cache = world.bare();
    let source = Source::new();
    let gate = source.close();
    let loading = Loading::begin(Kind::Ordinary, &cache, 1, &source, &gate);
    world.clock.advance(secs(4));
    gate.open();
    loading.end();
    // Four seconds it took: the next has eight times as long.
    let gate = source.close();
    let loading = Loading::begin(Kind::Ordinary, &cache, 2, &source, &gate);
    world.clock.advance(secs(31));
    assert!(world.store.is_leased(&Kind::Ordinary.place(2)));
    world.clock.advance(secs(1));
    assert!(!world.store.is_leased(&Kind::Ordinary.place(2)));
    gate.open();
    loading.end();
}

#[test]
fn nobody_waits_longer_than_the_limit() {
    for pair in pairs() {
        let world = World::new();
        let first = world.process_with(pair.0, |builder| builder.lease(secs(60)));
        let second = world.process_with(pair.1, |builder| builder.wait(secs(2)));
        let source = Source::new();
        let gate = source.close();
        let leader = Call::begin(scope(&first, number(1, &source)));
        let mut waiting = Call::begin(scope(&second, number(1, &source)));
        source.leave_open();
        world.clock.advance(std::time::Duration::from_millis(1_999));
        assert!(waiting.step().is_none(), "{pair:?}");
        world.clock.advance(std::time::Duration::from_millis(1));
        assert_eq!((waiting.step(), source.loads()), (Some(0), 2), "{pair:?}: it loads for itself");
        assert!(world.store.keys().is_empty(), "{pair:?}: and leaves the store to the other");
        gate.open();
        assert_eq!(leader.end(), 0);
        assert_eq!((at_once(scope(&second, number(1, &source))), source.loads()), (0, 2), "{pair:?}");
    }
}

#[test]
fn who_waits_is_told_at_once() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let source = Source::new();
        let gate = source.close();
        let leader = Call::begin(scope(&first, number(1, &source)));
        let mut waiting = Call::begin(scope(&second, number(1, &source)));
        assert!(world.store.is_awaited(&Kind::Async.place(1)));
        gate.open();
        assert_eq!(leader.end(), 0);
        // No time has passed.
        assert_eq!(waiting.step(), Some(0), "{pair:?}");
    }
}

#[test]
fn who_is_not_told_asks_now_and_then() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let source = Source::new();
        let gate = source.close();
        let leader = Call::begin(scope(&first, number(1, &source)));
        let mut waiting = Call::begin(scope(&second, number(1, &source)));
        world.store.drop_notes();
        gate.open();
        assert_eq!(leader.end(), 0);
        assert_eq!(waiting.step(), None, "{pair:?}");
        world.clock.advance(std::time::Duration::from_millis(100));
        assert_eq!((waiting.step(), source.loads()), (Some(0), 1), "{pair:?}");
    }
}

#[cached(timeout = 60, key = "leases.error:<id>", ignore(gate, loads))]
async fn error(id: u32, gate: &Gate, loads: &Loads) -> Result<u32, ()> {
    let load = loads.next();
    gate.pass().await;
    if load == 1 { Err(()) } else { Ok(load) }
}

#[test]
fn who_waits_for_a_load_that_fails_loads_at_once() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let (gate, loads) = (Gate::new(), Loads::new());
        gate.open();
        let other = Gate::new();
        let leader = Call::begin(scope(&first, error(1, &other, &loads)));
        let mut waiting = Call::begin(scope(&second, error(1, &gate, &loads)));
        other.open();
        assert_eq!(leader.end(), Err(()));
        assert_eq!((waiting.step(), loads.so_far()), (Some(Ok(2)), 2), "{pair:?}");
    }
}

#[cached(timeout = 60, key = "leases.bumped:<id>", ignore(gate, loads))]
async fn bumped(id: u32, gate: &Gate, loads: &Loads) -> u32 {
    let load = loads.next();
    gate.pass().await;
    load
}

/// Who asks after the bump means the lease that was taken before it, and not that of whoever came after it.
#[test]
fn a_lease_that_was_taken_after_a_bump_is_left_alone() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let (late, next) = (world.process(pair.0), world.process(pair.1));
        let (before, after, loads) = (Gate::new(), Gate::new(), Loads::new());
        let former = Call::begin(scope(&first, bumped(1, &before, &loads)));
        at_once(scope(&second, async { bumped::all().bump().await })).unwrap();
        let way = world.store.hold(Operation::Lease, When::Before);
        let mut waiting = Call::begin(scope(&late, bumped(1, &after, &loads)));
        // It learns that somebody has a lease who began before the bump, and asks in spite of that one.
        assert!(way.let_one_through());
        let mut holder = Call::begin(scope(&next, bumped(1, &after, &loads)));
        assert!(waiting.step().is_none() && way.standing() == 2, "{pair:?}");
        // That one is gone when the question arrives, and another has come.
        before.open();
        assert_eq!(former.end(), 1);
        assert!(way.let_one_through() && holder.step().is_none(), "{pair:?}");
        way.open();
        assert!(waiting.step().is_none(), "{pair:?}");
        after.open();
        assert_eq!((holder.end(), waiting.end(), loads.so_far()), (2, 2, 2), "{pair:?}");
    }
}

#[test]
fn a_panic_gives_the_lease_back() {
    #[cached(timeout = 60, key = "leases.panic:<id>", ignore(loads))]
    fn panics(id: u32, loads: &Loads) -> u32 {
        let load = loads.next();
        assert!(load > 1, "the first does not succeed");
        load
    }
    for tier in Tier::BOTH {
        let world = World::new();
        let cache = world.process(tier);
        let loads = Loads::new();
        let call = |cache: &Cache| scope_blocking(cache, || panics(1, &loads));
        assert!(catch_unwind(AssertUnwindSafe(|| call(&cache))).is_err());
        assert!(!world.store.is_leased("larder:v0:{leases.panic:1}"), "{tier:?}");
        assert_eq!((call(&world.bare()), call(&cache)), (2, 2), "{tier:?}");
    }
}

#[cached(timeout = 60, store_if = |value| *value > 1, key = "leases.store_if:<id>", ignore(loads))]
async fn store_if(id: u32, loads: &Loads) -> u32 {
    loads.next()
}

#[test]
fn what_is_not_to_be_stored_gives_the_lease_back() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (cache, other) = (world.process(tier), world.bare());
        let loads = Loads::new();
        let call = |cache: &Cache| at_once(scope(cache, store_if(1, &loads)));
        assert_eq!(call(&cache), 1);
        assert!(!world.store.is_leased("larder:v0:{leases.store_if:1}") && world.store.keys().is_empty());
        assert_eq!((call(&other), call(&cache), call(&other)), (2, 2, 2), "{tier:?}");
    }
}

#[cached(timeout = 60, unless = bypass, refresh_if = refresh, key = "leases.forced:<id>", ignore(bypass, refresh, loads))]
async fn forced(id: u32, bypass: bool, refresh: bool, loads: &Loads) -> u32 {
    loads.next()
}

#[test]
fn a_forced_load_takes_the_place_of_what_is_there() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let loads = Loads::new();
        let call = |cache: &Cache, bypass, refresh| at_once(scope(cache, forced(1, bypass, refresh, &loads)));
        assert_eq!(call(&first, false, false), 1);
        assert_eq!(call(&second, true, false), 2, "{pair:?}: neither read nor stored");
        assert_eq!(call(&second, false, false), 1, "{pair:?}");
        assert_eq!(call(&second, false, true), 3, "{pair:?}");
        for cache in [&second, &world.bare(), &world.tiered()] {
            assert_eq!(call(cache, false, false), 3, "{pair:?}");
        }
        let entry = scope(&second, async { forced::entry(1) });
        assert_eq!(at_once(at_once(entry).get()), Some(3));
        assert_eq!(at_once(scope(&first, async { forced::refresh(1, false, false, &loads).await })), 4);
        assert_eq!(call(&world.bare(), false, false), 4, "{pair:?}");
    }
}

#[test]
fn a_forced_load_overtakes_another() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let source = Source::new();
        let gate = source.close();
        let slow = Call::begin(scope(&first, number(1, &source)));
        source.leave_open();
        source.write();
        let entry = at_once(scope(&second, async { number::entry(1, &source) }));
        assert_eq!(at_once(entry.refresh()), 1);
        gate.open();
        assert_eq!(slow.end(), 0);
        for cache in [&second, &first, &world.bare()] {
            assert_eq!((Kind::Async.call(cache, 1, &source), source.loads()), (1, 2), "{pair:?}");
        }
    }
}

#[test]
fn loads_that_are_not_coalesced_wait_for_nobody() {
    #[cached(timeout = 60, coalesce = false, key = "leases.alone:<id>", ignore(gate, loads))]
    async fn alone(id: u32, gate: &Gate, loads: &Loads) -> u32 {
        let load = loads.next();
        gate.pass().await;
        load
    }
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let (gate, open, loads) = (Gate::new(), Gate::new(), Loads::new());
        open.open();
        let slow = Call::begin(scope(&first, alone(1, &gate, &loads)));
        assert_eq!(at_once(scope(&second, alone(1, &open, &loads))), 2, "{pair:?}");
        gate.open();
        assert_eq!(slow.end(), 1);
        // However many overlap, the one that has the lease stores.
        for cache in [&second, &world.bare()] {
            assert_eq!(at_once(scope(cache, alone(1, &open, &loads))), 1, "{pair:?}");
        }
    }
}

/// Its source has nothing, but it is no longer the one to say so: somebody has written since.
#[test]
fn who_has_lost_the_lease_removes_nothing() {
    #[cached(timeout = 60, key = "leases.nothing:<id>", refresh_if = anew, ignore(anew, gate, loads))]
    async fn nothing(id: u32, anew: bool, gate: &Gate, loads: &Loads) -> Option<u32> {
        let load = loads.next();
        gate.pass().await;
        (load == 1).then_some(load)
    }
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let (gate, open, loads) = (Gate::new(), Gate::new(), Loads::new());
        open.open();
        assert_eq!(at_once(scope(&first, nothing(1, false, &open, &loads))), Some(1));
        let anew = Call::begin(scope(&first, nothing(1, true, &gate, &loads)));
        at_once(scope(&second, async { nothing::entry(1).put(7).await })).unwrap();
        gate.open();
        assert_eq!(anew.end(), None, "{pair:?}");
        assert_eq!(at_once(scope(&second, nothing(1, false, &open, &loads))), Some(7), "{pair:?}");
        // The one that has it does.
        assert_eq!(at_once(scope(&first, nothing(1, true, &open, &loads))), None);
        assert_eq!(at_once(scope(&second, nothing(1, false, &open, &loads))), None, "{pair:?}");
        assert_eq!(loads.so_far(), 4);
    }
}

/// It asks for its own value while it loads it.
#[cached(timeout = 60, key = "leases.itself:<id>", ignore(cache, depth, loads))]
fn itself(id: u32, cache: &Cache, depth: u32, loads: &Loads) -> u32 {
    let load = loads.next();
    if depth > 0 { scope_blocking(cache, || itself(id, cache, depth - 1, loads)) } else { load }
}

#[test]
fn a_function_that_calls_itself_does_not_wait_for_itself() {
    for tier in Tier::BOTH {
        let world = World::new();
        let cache = world.process(tier);
        let loads = Loads::new();
        assert_eq!(scope_blocking(&cache, || itself(1, &cache, 2, &loads)), 3, "{tier:?}");
        assert_eq!(scope_blocking(&world.bare(), || itself(1, &cache, 2, &loads)), 3, "{tier:?}");
        assert_eq!(loads.so_far(), 3);
    }
}

#[test]
fn many_threads_of_many_processes_load_once() {
    for _ in 0..20 {
        let world = World::new();
        let caches = world.all();
        let source = Source::new();
        let gate = source.close();
        let values: Vec<u32> = thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|at| {
                    let (cache, source) = (caches[at % 4].clone(), source.clone());
                    scope.spawn(move || scope_blocking(&cache, || number_now(1, &source)))
                })
                .collect();
            futures_lite::future::block_on(gate.reached());
            source.leave_open();
            gate.open();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!((values, source.loads()), (vec![0; 16], 1));
    }
}

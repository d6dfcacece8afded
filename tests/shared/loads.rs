//! A value that one process has loaded is there for all.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use std::time::Duration;

use larder::shared::Store as _;
use larder::testing::{Operation, scope, scope_blocking};
use larder::{Cache, cached};
use serde::{Deserialize, Serialize};

use crate::flaws::{Flaw, Flawed, done, now};
use crate::support::{Call, Gate, Loads, at_once, secs};
use crate::world::World;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct User {
    id: u64,
    name: String,
}

#[cached(timeout = 60, key = "loads.user:<id>", ignore(loads))]
fn user(id: u64, loads: &Loads) -> Option<User> {
    loads.next();
    (id < 100).then(|| User { id, name: format!("user {id}") })
}

#[cached(timeout = 60, key = "loads.number:<name>", ignore(loads))]
async fn number(name: &str, loads: &Loads) -> u32 {
    loads.next()
}

#[test]
fn one_process_loads_for_all() {
    let world = World::new();
    let loads = Loads::new();
    for cache in world.all() {
        for _ in 0..3 {
            assert_eq!(at_once(scope(&cache, number("a", &loads))), 1);
        }
    }
    assert_eq!(loads.so_far(), 1);
    assert_eq!(world.store.keys(), ["larder:v0:{loads.number:a}"]);
}

#[test]
fn ordinary_functions_too() {
    let (world, loads) = (World::new(), Loads::new());
    for cache in world.all() {
        assert_eq!(scope_blocking(&cache, || user(1, &loads)).unwrap().name, "user 1");
    }
    assert_eq!(loads.so_far(), 1);
}

#[test]
fn memory_answers_what_it_has_read() {
    let world = World::new();
    let (first, second) = (world.tiered(), world.tiered());
    let loads = Loads::new();
    assert_eq!(at_once(scope(&first, number("b", &loads))), 1);
    world.store.forget_calls();
    for _ in 0..3 {
        assert_eq!(at_once(scope(&first, number("b", &loads))), 1);
        assert_eq!(at_once(scope(&second, number("b", &loads))), 1);
    }
    assert_eq!(world.store.calls(Operation::Read), 1, "the second has read it once");
    let stats = second.stats();
    assert_eq!((stats.hits, stats.misses, stats.shared_hits, stats.loads), (2, 1, 1, 0));
}

#[test]
fn a_leader_needs_three_round_trips_and_a_hit_one() {
    let world = World::new();
    let (first, second) = (world.bare(), world.bare());
    let loads = Loads::new();
    let calls = |operation| world.store.calls(operation);
    assert_eq!(at_once(scope(&first, number("c", &loads))), 1);
    assert_eq!((calls(Operation::Read), calls(Operation::Lease), calls(Operation::Fill)), (1, 1, 1));
    world.store.forget_calls();
    assert_eq!(at_once(scope(&second, number("c", &loads))), 1);
    let all: usize = Operation::ALL.iter().map(|operation| calls(*operation)).sum();
    assert_eq!((calls(Operation::Read), all), (1, 1));
}

#[test]
fn it_lives_for_its_timeout_everywhere() {
    let world = World::new();
    let caches = world.all();
    let loads = Loads::new();
    let call = |cache: &Cache| at_once(scope(cache, number("d", &loads)));
    assert_eq!(call(&caches[0]), 1);
    world.clock.advance(secs(30));
    assert!(caches.iter().all(|cache| call(cache) == 1));
    world.clock.advance(secs(24));
    assert!(caches.iter().all(|cache| call(cache) == 1), "chance takes a tenth at most");
    world.clock.advance(secs(6));
    assert!(caches.iter().all(|cache| call(cache) == 2), "what was read late does not live longer");
}

/// A source of numbers that is changed from outside, and a gate in front of it.
static SOURCE: AtomicU32 = AtomicU32::new(0);

#[cached(timeout = 60, key = "loads.gated:<name>", ignore(gate))]
async fn gated(name: &str, gate: &Gate) -> u32 {
    let value = SOURCE.fetch_add(1, SeqCst);
    gate.pass().await;
    value
}

#[test]
fn a_second_process_waits_for_the_first() {
    let world = World::new();
    let caches = world.all();
    let gate = Gate::new();
    let mut calls: Vec<_> = caches.iter().map(|cache| Call::begin(scope(cache, gated("wait", &gate)))).collect();
    gate.open();
    let first = calls.remove(0).end();
    assert!(calls.into_iter().all(|call| call.end() == first), "they are told when it has ended");
    assert_eq!(caches.iter().map(|cache| cache.stats().loads).sum::<u64>(), 1);
}

#[test]
fn a_value_that_comes_while_its_time_is_asked_for_is_not_loaded_again() {
    let torn = Flaw {
        name: "asks for the value when its time was asked for in vain",
        bring_in: |hands| {
            hands.read = Box::new(|store, reads| {
                let mut found = now(store.read(reads));
                found.iter_mut().for_each(|found| found.remaining = found.remaining.map(|_| Duration::ZERO));
                done(found)
            });
        },
        noticed_by: &[],
    };
    let world = World::new();
    let loads = Loads::new();
    let other = Cache::builder().clock(world.clock.clone()).shared(Flawed::new(&world.store, &torn));
    let other = other.build_blocking().unwrap();
    world.clock.advance(secs(1_000));
    assert_eq!(at_once(scope(&world.tiered(), number("torn", &loads))), 1);
    assert_eq!(at_once(scope(&other, number("torn", &loads))), 1);
    assert_eq!(loads.so_far(), 1);
    world.clock.advance(secs(54));
    assert_eq!(at_once(scope(&other, number("torn", &loads))), 1, "chance takes a tenth at most");
    world.clock.advance(secs(6));
    assert_eq!(at_once(scope(&other, number("torn", &loads))), 2);
}

#[test]
fn one_that_is_cancelled_hands_over() {
    let world = World::new();
    let (first, second) = (world.tiered(), world.tiered());
    let gate = Gate::new();
    let leader = Call::begin(scope(&first, gated("hand over", &gate)));
    let mut waiter = Call::begin(scope(&second, gated("hand over", &gate)));
    assert_eq!(second.stats().loads, 0);
    drop(leader);
    assert!(waiter.step().is_none());
    assert_eq!(second.stats().loads, 1, "it loads at once");
    gate.open();
    waiter.end();
}

#[test]
fn one_that_dies_is_waited_for_until_its_lease_ends() {
    let world = World::new();
    let (first, second) = (world.tiered(), world.tiered());
    let gate = Gate::new();
    let leader = Call::begin(scope(&first, gated("dies", &gate)));
    let mut waiter = Call::begin(scope(&second, gated("dies", &gate)));
    // Its process is gone: nothing of it is ever polled again.
    std::mem::forget(leader);
    world.clock.advance(secs(9));
    assert!(waiter.step().is_none());
    assert_eq!(second.stats().loads, 0);
    world.clock.advance(secs(1));
    assert!(waiter.step().is_none());
    assert_eq!(second.stats().loads, 1);
    gate.open();
    waiter.end();
}

#[test]
fn nothing_found_is_not_stored_unless_asked_for() {
    #[cached(timeout = 60, cache_none = 30, key = "loads.none:<id>", ignore(loads))]
    async fn none(id: u32, loads: &Loads) -> Option<u32> {
        loads.next();
        None
    }
    let world = World::new();
    let caches = world.all();
    let loads = Loads::new();
    for cache in &caches {
        assert_eq!(at_once(scope(cache, none(1, &loads))), None);
    }
    assert_eq!(loads.so_far(), 1);
    world.clock.advance(secs(30));
    for cache in &caches {
        assert_eq!(at_once(scope(cache, none(1, &loads))), None);
    }
    assert_eq!(loads.so_far(), 2);
    for cache in &caches {
        assert_eq!(scope_blocking(cache, || user(100, &loads)), None);
    }
    assert_eq!(loads.so_far(), 2 + 4);
}

#[test]
fn errors_stay_in_their_process() {
    #[cached(timeout = 60, cache_err = 30, key = "loads.error:<id>", ignore(loads))]
    async fn error(id: u32, loads: &Loads) -> Result<u32, String> {
        Err(format!("load {}", loads.next()))
    }
    let world = World::new();
    let loads = Loads::new();
    for (at, cache) in world.all().iter().enumerate() {
        for _ in 0..2 {
            assert_eq!(at_once(scope(cache, error(1, &loads))), Err(format!("load {}", at + 1)));
        }
    }
    assert!(world.store.keys().is_empty());
}

#[test]
fn what_is_local_stays() {
    #[cached(local, timeout = 60, key = "loads.local:<id>", ignore(loads))]
    async fn local(id: u32, loads: &Loads) -> u32 {
        loads.next()
    }
    let world = World::new();
    let loads = Loads::new();
    for (at, cache) in world.all().iter().enumerate() {
        for _ in 0..2 {
            assert_eq!(at_once(scope(cache, local(1, &loads))), u32::try_from(at).unwrap() + 1);
        }
    }
    assert!(world.store.keys().is_empty());
}

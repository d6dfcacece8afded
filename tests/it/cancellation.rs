//! A caller may go away at any moment: cancelled while it loads or while it waits, or never polled again.

use std::cell::RefCell;
use std::sync::Arc;
use std::thread;

use futures_lite::future::yield_now;
use larder::testing::{ManualClock, scope};
use larder::{Cache, cached};

use crate::support::{Call, Gate, Loads, at_once, cache, secs, timed};

#[cached(key = "cancellation.gated:<test>", ignore(gate, loads))]
async fn gated(test: &str, gate: &Gate, loads: &Loads) -> u32 {
    let load = loads.next();
    gate.pass().await;
    load
}

#[test]
fn when_the_leader_is_cancelled_one_waiter_takes_over() {
    let (cache, gate, loads) = (cache(), Gate::new(), Loads::new());
    let call = || Call::begin(scope(&cache, gated("leader", &gate, &loads)));
    let leader = call();
    let mut waiters: Vec<_> = (0..5).map(|_| call()).collect();
    assert_eq!(loads.so_far(), 1);
    drop(leader);
    for waiter in &mut waiters {
        assert_eq!(waiter.step(), None);
    }
    assert_eq!(loads.so_far(), 2, "one of them, with its own body");
    gate.open();
    // Twice: a call can be woken by one that comes after it.
    let mut values: Vec<_> = waiters.iter_mut().filter_map(Call::step).collect();
    if values.len() < 5 {
        values.extend(waiters.iter_mut().take(5 - values.len()).filter_map(Call::step));
    }
    assert_eq!(values, [2; 5]);
    assert_eq!(loads.so_far(), 2);
}

#[test]
fn leaders_can_be_cancelled_one_after_another() {
    let (cache, gate, loads) = (cache(), Gate::new(), Loads::new());
    let call = || Call::begin(scope(&cache, gated("leaders", &gate, &loads)));
    // More often than moka puts up with.
    let mut calls: std::collections::VecDeque<_> = (0..300).map(|_| call()).collect();
    for round in 1..300 {
        drop(calls.pop_front());
        assert_eq!(calls[0].step(), None);
        assert_eq!(loads.so_far(), round + 1);
    }
    gate.open();
    assert_eq!(calls.pop_front().unwrap().end(), 300);
}

#[test]
fn a_waiter_that_is_cancelled_is_not_missed() {
    let (cache, gate, loads) = (cache(), Gate::new(), Loads::new());
    let call = || Call::begin(scope(&cache, gated("waiter", &gate, &loads)));
    let (leader, first, second) = (call(), call(), call());
    drop(first);
    drop(leader);
    let mut second = second;
    assert_eq!(second.step(), None);
    assert_eq!(loads.so_far(), 2, "the turn goes to whom is left");
    gate.open();
    assert_eq!(second.end(), 2);
}

#[test]
fn a_turn_that_was_handed_to_a_cancelled_waiter_goes_on_to_the_next() {
    let (cache, gate, loads) = (cache(), Gate::new(), Loads::new());
    let call = || Call::begin(scope(&cache, gated("handed", &gate, &loads)));
    let (leader, first, mut second) = (call(), call(), call());
    // The first waiter is woken, and gone before it is polled.
    drop(leader);
    drop(first);
    assert_eq!(second.step(), None);
    assert_eq!(loads.so_far(), 2);
    gate.open();
    assert_eq!(second.end(), 2);
}

/// P5: wherever a call stops, alone or with somebody waiting for it, the next caller loads at once.
#[test]
fn a_call_can_be_cancelled_at_every_await() {
    #[cached(key = "cancellation.steps:<test>", ignore(loads))]
    async fn f(test: u32, loads: &Loads) -> u32 {
        for _ in 0..5 {
            yield_now().await;
        }
        loads.next()
    }
    let cache = cache();
    for steps in 0..=6 {
        for waiter_steps in 0..=4 {
            let loads = Loads::new();
            let test = steps * 100 + waiter_steps;
            let mut leader = Call::new(scope(&cache, f(test, &loads)));
            let mut waiter = Call::new(scope(&cache, f(test, &loads)));
            let ended = (0..steps).find_map(|_| leader.step());
            let waiter_ended = (0..waiter_steps).any(|_| waiter.step().is_some());
            drop(leader);
            if !waiter_ended {
                (0..waiter_steps).any(|_| waiter.step().is_some());
            }
            drop(waiter);
            let before = loads.so_far();
            assert_eq!(ended.is_some(), steps == 6, "{steps} steps are to the end of it");
            let mut next = Call::new(scope(&cache, f(test, &loads)));
            let value = (0..6).find_map(|_| next.step());
            assert!(value.is_some(), "after {steps} and {waiter_steps} steps the next caller is stuck");
            assert!(loads.so_far() <= before + 1);
        }
    }
}

#[test]
fn a_cancelled_load_stores_nothing_and_a_cancelled_refresh_neither() {
    let (cache, gate, loads) = (cache(), Gate::new(), Loads::new());
    drop(Call::begin(scope(&cache, gated("stores", &gate, &loads))));
    drop(Call::begin(scope(&cache, gated::refresh("stores", &gate, &loads))));
    gate.open();
    assert_eq!(cache.stats().stores, 0);
    assert_eq!(Call::new(scope(&cache, gated("stores", &gate, &loads))).end(), 3);
}

/// A leader that is never polled again, and never dropped.
fn abandoned(test: &'static str, clock: &ManualClock, cache: &Cache) {
    let (stuck, gate, loads) = (Gate::new(), Gate::new(), Loads::new());
    gate.open();
    let _leader = Call::begin(scope(cache, gated(test, &stuck, &loads)));
    let mut first = Call::begin(scope(cache, gated(test, &gate, &loads)));
    let mut second = Call::begin(scope(cache, gated(test, &gate, &loads)));
    clock.advance(secs(9));
    assert_eq!((first.step(), second.step()), (None, None));
    clock.advance(secs(1));
    assert_eq!(first.step(), Some(2), "its patience is over");
    assert!(matches!(second.step(), Some(2 | 3)), "that of the other, too");
    assert_eq!(Call::new(scope(cache, gated(test, &gate, &loads))).end(), loads.so_far(), "it is stored");
}

#[test]
fn who_waits_for_a_leader_that_is_never_polled_again_loads_after_ten_seconds() {
    let (cache, clock) = timed();
    abandoned("abandoned", &clock, &cache);
}

#[test]
fn how_long_a_caller_waits_is_a_setting() {
    let clock = ManualClock::new();
    let cache = Cache::builder().clock(clock.clone()).wait(secs(3)).build_blocking().unwrap();
    let (stuck, gate, loads) = (Gate::new(), Gate::new(), Loads::new());
    gate.open();
    let _leader = Call::begin(scope(&cache, gated("setting", &stuck, &loads)));
    let mut waiter = Call::begin(scope(&cache, gated("setting", &gate, &loads)));
    clock.advance(secs(2));
    assert_eq!(waiter.step(), None);
    clock.advance(secs(1));
    assert_eq!(waiter.end(), 2);
}

#[test]
fn callers_who_come_after_an_abandoned_load_was_given_up_share_the_new_one() {
    let (cache, clock) = timed();
    let (stuck, gate, loads) = (Gate::new(), Gate::new(), Loads::new());
    let _leader = Call::begin(scope(&cache, gated("after", &stuck, &loads)));
    let mut waiter = Call::begin(scope(&cache, gated("after", &gate, &loads)));
    clock.advance(secs(10));
    assert_eq!(waiter.step(), None);
    assert_eq!(loads.so_far(), 2, "it loads");
    let late = Call::begin(scope(&cache, gated("after", &gate, &loads)));
    assert_eq!(loads.so_far(), 2, "and this one waits for that load");
    gate.open();
    assert_eq!((waiter.end(), late.end()), (2, 2));
}

#[test]
fn what_an_abandoned_leader_loads_in_the_end_does_not_replace_a_newer_value() {
    let (cache, clock) = timed();
    let (stuck, gate, loads) = (Gate::new(), Gate::new(), Loads::new());
    gate.open();
    let leader = Call::begin(scope(&cache, gated("replace", &stuck, &loads)));
    clock.advance(secs(10));
    Call::new(scope(&cache, async { gated::entry("replace").put(50).await.unwrap() })).end();
    stuck.open();
    assert_eq!(leader.end(), 1);
    assert_eq!(Call::new(scope(&cache, gated("replace", &gate, &loads))).end(), 50);
}

#[test]
fn a_call_may_end_with_its_thread() {
    thread_local! {
        static KEPT: RefCell<Option<Call<u32>>> = const { RefCell::new(None) };
    }
    let (cache, loads) = (cache(), Arc::new(Loads::new()));
    let (of_thread, its_loads) = (cache.clone(), loads.clone());
    let ended = thread::spawn(move || {
        // It is there before anything of larder is on this thread, and so ends after that.
        KEPT.set(None);
        let call = async move { scope(&of_thread, gated("thread", &Gate::new(), &its_loads)).await };
        KEPT.set(Some(Call::begin(call)));
    });
    ended.join().unwrap();
    let gate = Gate::new();
    gate.open();
    assert_eq!(at_once(scope(&cache, gated("thread", &gate, &loads))), 2);
}

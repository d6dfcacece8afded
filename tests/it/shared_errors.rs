//! What callers who wait for the same load are given when it fails: the error if it can be cloned; if it can't, nobody
//! waits for more than two loads before a third.

use futures_lite::future::{block_on, yield_now};
use larder::testing::scope;
use larder::{Cache, cached};

use crate::support::{Call, Gate, Loads, cache};

#[derive(Debug, PartialEq)]
struct Stubborn(u32);

#[test]
fn an_error_that_can_be_cloned_is_shared() {
    static LOADS: Loads = Loads::new();
    #[cached(ignore(gate))]
    async fn f(gate: &Gate) -> Result<u8, String> {
        let load = LOADS.next();
        gate.pass().await;
        Err(format!("load {load}"))
    }
    let (cache, gate) = (cache(), Gate::new());
    let call = || Call::begin(scope(&cache, f(&gate)));
    let mut calls: Vec<_> = (0..10).map(|_| call()).collect();
    gate.open();
    for call in &mut calls {
        assert_eq!(call.step(), Some(Err("load 1".to_owned())));
    }
    assert_eq!(LOADS.so_far(), 1);
    assert_eq!(cache.stats().coalesced, 9);
    assert_eq!(block_on(scope(&cache, f(&gate))), Err("load 2".to_owned()), "it is not stored");
}

#[test]
fn an_absence_is_shared() {
    static LOADS: Loads = Loads::new();
    #[cached(ignore(gate))]
    async fn f(gate: &Gate) -> Option<u8> {
        LOADS.next();
        gate.pass().await;
        None
    }
    let (cache, gate) = (cache(), Gate::new());
    let mut calls: Vec<_> = (0..10).map(|_| Call::begin(scope(&cache, f(&gate)))).collect();
    gate.open();
    assert!(calls.iter_mut().all(|call| call.step() == Some(None)));
    assert_eq!(LOADS.so_far(), 1);
}

#[test]
fn a_value_that_is_not_to_be_stored_is_shared() {
    static LOADS: Loads = Loads::new();
    #[cached(ignore(gate), store_if = |_| false)]
    async fn f(gate: &Gate) -> u32 {
        let load = LOADS.next();
        gate.pass().await;
        load
    }
    let (cache, gate) = (cache(), Gate::new());
    let mut calls: Vec<_> = (0..10).map(|_| Call::begin(scope(&cache, f(&gate)))).collect();
    gate.open();
    assert!(calls.iter_mut().all(|call| call.step() == Some(1)));
    assert_eq!(cache.stats().stores, 0);
}

#[cached(key = "shared_errors.stubborn:<test>", ignore(gate, loads, good_from))]
async fn stubborn(test: &str, gate: &Gate, loads: &Loads, good_from: u32) -> Result<u32, Stubborn> {
    let load = loads.next();
    gate.pass().await;
    if load < good_from { Err(Stubborn(load)) } else { Ok(load) }
}

/// Ten callers at once of a function whose loads fail until `good_from`; drives them round by round. What each was given,
/// and how many loads ran in each round.
fn ten(cache: &Cache, test: &str, good_from: u32) -> (Vec<Result<u32, Stubborn>>, Vec<u32>) {
    let (gate, loads) = (Gate::new(), Loads::new());
    let mut calls: Vec<_> =
        (0..10).map(|_| Some(Call::begin(scope(cache, stubborn(test, &gate, &loads, good_from))))).collect();
    let (mut outcomes, mut rounds, mut before) = (Vec::new(), Vec::new(), 0);
    while outcomes.len() < 10 {
        let in_this_round = loads.so_far() - before;
        before = loads.so_far();
        rounds.push(in_this_round);
        assert!(rounds.len() < 20, "nobody gets on: {rounds:?}");
        for _ in 0..in_this_round {
            gate.let_one_through();
        }
        // Twice: a call can be woken by one that comes after it.
        for _ in 0..2 {
            for call in &mut calls {
                if let Some(outcome) = call.as_mut().and_then(Call::step) {
                    outcomes.push(outcome);
                    *call = None;
                }
            }
        }
    }
    (outcomes, rounds)
}

#[test]
fn an_error_that_cannot_be_cloned_costs_nobody_more_than_three_loads() {
    let cache = cache();
    let (outcomes, rounds) = ten(&cache, "all fail", u32::MAX);
    assert_eq!(rounds, [1, 1, 8], "one, a second chance, and all the rest at once");
    assert!(outcomes.iter().all(Result::is_err));
    assert_eq!(cache.stats().load_errors, 10);
}

#[test]
fn a_second_chance_that_succeeds_is_for_all_who_wait() {
    let cache = cache();
    let (outcomes, rounds) = ten(&cache, "the second succeeds", 2);
    assert_eq!(rounds, [1, 1]);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Ok(2)).count(), 9);
}

#[test]
fn a_value_from_the_third_round_is_stored() {
    let cache = cache();
    let (outcomes, rounds) = ten(&cache, "the third succeeds", 3);
    assert_eq!(rounds, [1, 1, 8]);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 2);
    let (gate, loads) = (Gate::new(), Loads::new());
    let stored = Call::new(scope(&cache, stubborn("the third succeeds", &gate, &loads, 3))).end();
    assert!(stored.is_ok_and(|load| (3..=10).contains(&load)));
    assert_eq!(loads.so_far(), 0);
}

#[test]
fn one_caller_after_another_gets_its_own_error() {
    static LOADS: Loads = Loads::new();
    #[cached]
    async fn f() -> Result<u8, Stubborn> {
        yield_now().await;
        Err(Stubborn(LOADS.next()))
    }
    let cache = cache();
    for load in 1..5 {
        assert_eq!(block_on(scope(&cache, f())), Err(Stubborn(load)));
    }
}

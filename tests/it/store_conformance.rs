//! What every store of the shared tier has to do: the one in memory does it, and each flaw in it is noticed.

use std::collections::BTreeSet;

use larder::testing::conformance::{self, Check, Subject};
use larder::testing::{ManualClock, MemoryStore};

use crate::flaw_list::FLAWS;
use crate::flaws::{Flaw, Flawed};

fn memory() -> Subject {
    let clock = ManualClock::new();
    let store = MemoryStore::new(clock.clone());
    Subject::new(move || store.clone()).pass_time(move |time| clock.advance(time))
}

mod memory_store {
    larder::conformance_tests!(super::memory());
}

#[test]
fn a_store_may_be_made_by_a_function_alone() {
    let store = MemoryStore::new(ManualClock::new());
    conformance::run_one("a_value_is_a_hit", move || store.clone());
}

fn flawed(flaw: &'static Flaw) -> Subject {
    let clock = ManualClock::new();
    let store = MemoryStore::new(clock.clone());
    Subject::new(move || Flawed::new(&store, flaw)).pass_time(move |time| clock.advance(time))
}

fn check(name: &str) -> Check {
    *conformance::checks().iter().find(|check| check.name() == name).unwrap()
}

#[test]
fn every_flaw_is_noticed() {
    let mut unnoticed = Vec::new();
    for flaw in FLAWS {
        let passed = flaw.noticed_by.iter().filter(|name| check(name).run(&flawed(flaw)).is_ok());
        unnoticed.extend(passed.map(|name| format!("a store that {} passes {name}", flaw.name)));
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

#[test]
fn every_check_notices_a_flaw() {
    let noticing: BTreeSet<&str> = FLAWS.iter().flat_map(|flaw| flaw.noticed_by.iter().copied()).collect();
    let checks: BTreeSet<&str> = conformance::checks().iter().map(Check::name).collect();
    assert_eq!(noticing, checks);
}

#[test]
fn a_broken_promise_is_told_in_full() {
    let flaw = FLAWS.iter().find(|flaw| flaw.name == "forgets holds").unwrap();
    let text = check("a_hold_refuses_fills_and_writes").run(&flawed(flaw)).unwrap_err().to_string();
    assert_eq!(
        text,
        "a_hold_refuses_fills_and_writes\n  \
         promised: While fills are held off, nothing is stored and no lease is taken, over whatever.\n  \
         found: a lease over Known { value: None, holder: None } came to Lead while fills are held off"
    );
}

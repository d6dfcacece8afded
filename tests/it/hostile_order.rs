//! Which of two loads is kept, and what a writer has done when one of its invalidations panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use larder::testing::{scope, scope_blocking};
use larder::{Error, Invalidate, cached, invalidates};

use crate::support::{Call, Gate, at_once, cache, secs, timed};

/// Reads, and then takes its time.
#[cached(timeout = never, key = "order.row:<id>", ignore(source, gate))]
async fn row(id: u32, source: &AtomicU32, gate: &Gate) -> u32 {
    let read = source.load(SeqCst);
    gate.pass().await;
    read
}

fn open() -> Gate {
    let gate = Gate::new();
    gate.open();
    gate
}

#[test]
fn a_refresh_does_not_store_over_what_was_read_after_it() {
    let (cache, source, slow) = (cache(), AtomicU32::new(1), Gate::new());
    let refresh = Call::begin(scope(&cache, row::refresh(0, &source, &slow)));
    source.store(2, SeqCst);
    assert_eq!(at_once(scope(&cache, row(0, &source, &open()))), 2);
    slow.open();
    assert_eq!(refresh.end(), 1);
    assert_eq!(at_once(scope(&cache, row(0, &source, &open()))), 2, "it was 2 already");
}

#[test]
fn an_abandoned_leader_does_not_store_over_what_was_loaded_instead() {
    let ((cache, clock), source, stuck) = (timed(), AtomicU32::new(1), Gate::new());
    let leader = Call::begin(scope(&cache, row(0, &source, &stuck)));
    let open = open();
    let waiter = Call::begin(scope(&cache, row(0, &source, &open)));
    clock.advance(secs(10));
    source.store(2, SeqCst);
    assert_eq!(waiter.end(), 2);
    stuck.open();
    assert_eq!(leader.end(), 1);
    assert_eq!(at_once(scope(&cache, row(0, &source, &open))), 2, "it was 2 already");
}

#[test]
fn a_refresh_that_is_cancelled_costs_nobody_his_load() {
    let (cache, source, slow) = (cache(), AtomicU32::new(1), Gate::new());
    let load = Call::begin(scope(&cache, row(0, &source, &slow)));
    drop(Call::begin(scope(&cache, row::refresh(0, &source, &Gate::new()))));
    slow.open();
    assert_eq!(load.end(), 1);
    assert_eq!(cache.stats().stores, 1);
}

struct Panics;

impl Invalidate for Panics {
    async fn apply(self) -> Result<(), Error> {
        panic!("an invalidation's panic");
    }
}

/// "All others run nevertheless."
#[test]
fn a_panic_in_a_tuple_does_not_keep_the_others_back() {
    #[cached(timeout = never, key = "order.user:<id>")]
    fn user(id: u32) -> u32 {
        id
    }
    #[invalidates((Panics, user::entry(id)))]
    fn in_a_tuple(id: u32) {}
    #[invalidates(Panics, user::entry(id))]
    fn in_the_list(id: u32) {}
    scope_blocking(&cache(), || {
        for (name, writer) in [("list", in_the_list as fn(u32)), ("tuple", in_a_tuple)] {
            assert_eq!(user(1), 1);
            assert!(catch_unwind(AssertUnwindSafe(|| writer(1))).is_err());
            assert_eq!(user::entry(1).get(), None, "in a {name}");
        }
    });
}

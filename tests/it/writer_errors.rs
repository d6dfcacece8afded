//! Writers whose invalidations fail, panic, take their time, or are cut short.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use larder::testing::{scope, scope_blocking};
use larder::{Error, ErrorKind, Invalidate, invalidates};

use crate::support::{Call, Gate, at_once};
use crate::writers::{ALL, NOTHING, Outcome, Table, known, number, number_now, sum};

/// Invalidates something outside, which may fail or take its time.
struct Outside<'a> {
    done: &'a AtomicU32,
    fails: Option<&'static str>,
    gate: Option<Gate>,
}

impl Invalidate for Outside<'_> {
    async fn apply(self) -> Result<(), Error> {
        self.done.fetch_add(1, SeqCst);
        if let Some(gate) = self.gate {
            gate.pass().await;
        }
        assert_ne!(self.fails, Some("panic"), "as asked");
        self.fails.map_or(Ok(()), |text| Err(Error::other(text)))
    }
}

fn outside<'a>(done: &'a AtomicU32, fails: &'static str) -> Outside<'a> {
    Outside { done, fails: (!fails.is_empty()).then_some(fails), gate: None }
}

#[test]
fn an_error_does_not_keep_the_others_from_running() {
    #[invalidates(outside(done, "first"), number::entry(1), (outside(done, "second"), outside(done, "third")), number_now::entry(1), sum::all())]
    async fn write(table: &Table, done: &AtomicU32) -> u32 {
        table.write(1);
        7
    }

    let ((cache, table), done) = (known(), AtomicU32::new(0));
    assert_eq!(at_once(scope(&cache, write(&table, &done))), 7);
    assert_eq!((table.is_known(&cache, 1), done.load(SeqCst)), (ALL, 3));
    assert_eq!(cache.stats().invalidation_errors, 3);
}

#[test]
fn an_error_is_returned_when_the_function_asks_for_it() {
    #[invalidates(number_now::entry(1), outside(done, fails), number::entry(1), outside(done, "second"), sum::all(), on_error = return)]
    async fn write(table: &Table, done: &AtomicU32, fails: &'static str) -> Outcome<u32> {
        table.write(1);
        Ok(7)
    }

    #[invalidates(on_error = return, outside(done, fails))]
    fn write_now(done: &AtomicU32, fails: &'static str) -> Result<u32, Error> {
        Ok(7)
    }

    let ((cache, table), done) = (known(), AtomicU32::new(0));
    let error = at_once(scope(&cache, write(&table, &done, "first"))).unwrap_err();
    assert!(error.0.starts_with("invalidate: "), "{error:?}");
    assert_eq!((table.is_known(&cache, 1), done.load(SeqCst)), (ALL, 2));
    assert_eq!(cache.stats().invalidation_errors, 2);

    scope_blocking(&cache, || {
        let error = write_now(&done, "first").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other);
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "first");
        assert_eq!(write_now(&done, "").unwrap(), 7);
    });
    assert_eq!(cache.stats().invalidation_errors, 3);
}

#[test]
fn a_panic_in_an_invalidation_does_not_keep_the_others_from_running() {
    #[invalidates(outside(done, "panic"), outside(done, "error"), number::entry(1), number_now::entry(1), sum::all())]
    fn write(table: &Table, done: &AtomicU32) {
        table.write(1);
    }

    let ((cache, table), done) = (known(), AtomicU32::new(0));
    let run = || scope_blocking(&cache, || write(&table, &done));
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    assert_eq!((table.is_known(&cache, 1), done.load(SeqCst)), (ALL, 2));
    assert_eq!(cache.stats().invalidation_errors, 1);
}

#[invalidates(Outside { done, fails: None, gate: Some(slow.clone()) }, number::entry(1), number_now::entry(1), sum::all())]
async fn gated(table: &Table, done: &AtomicU32, body: &Gate, slow: &Gate) {
    table.write(1);
    body.pass().await;
}

#[test]
fn a_writer_that_is_cancelled_in_its_body_invalidates_nothing() {
    let ((cache, table), done) = (known(), AtomicU32::new(0));
    let (body, slow) = (Gate::new(), Gate::new());
    drop(Call::begin(scope(&cache, gated(&table, &done, &body, &slow))));
    assert_eq!((table.is_known(&cache, 1), done.load(SeqCst)), (NOTHING, 0));
    assert_eq!(cache.stats().invalidations, 0);
}

#[test]
fn a_writer_that_is_cancelled_while_it_invalidates_has_invalidated_all() {
    let ((cache, table), done) = (known(), AtomicU32::new(0));
    let (body, slow) = (Gate::new(), Gate::new());
    body.open();
    // It waits for the first of the list.
    drop(Call::begin(scope(&cache, gated(&table, &done, &body, &slow))));
    assert_eq!((table.is_known(&cache, 1), done.load(SeqCst)), (ALL, 1));
}

#[test]
fn a_writer_waits_for_what_is_slow() {
    let ((cache, table), done) = (known(), AtomicU32::new(0));
    let (body, slow) = (Gate::new(), Gate::new());
    body.open();
    let mut call = Call::begin(scope(&cache, gated(&table, &done, &body, &slow)));
    assert_eq!(call.step(), None);
    slow.open();
    call.end();
    assert_eq!(done.load(SeqCst), 1, "it is not begun anew");
}

#[test]
fn by_hand_an_invalidation_does_nothing_until_it_is_polled() {
    let ((cache, table), done) = (known(), AtomicU32::new(0));
    scope_blocking(&cache, || {
        table.write(1);
        let list = vec![outside(&done, ""), outside(&done, "first"), outside(&done, "second")];
        let pending = (number::entry(1), number_now::entry(1), Some(sum::all()), list).apply();
        assert_eq!((table.is_known(&cache, 1), done.load(SeqCst)), (NOTHING, 0));
        let error = at_once(pending).unwrap_err();
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "first");
        assert_eq!((table.is_known(&cache, 1), done.load(SeqCst)), (ALL, 3));
        assert_eq!(cache.stats().invalidation_errors, 1, "the one that there was no room for");
        at_once(None::<larder::Tag>.apply()).unwrap();
    });
}

//! Which of two loads is kept: the one whose body began last, whichever ends first.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use larder::cached;
use larder::testing::scope;

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
fn a_load_does_not_store_over_a_later_refresh() {
    let (cache, source, slow, open) = (cache(), AtomicU32::new(1), Gate::new(), open());
    let older = Call::begin(scope(&cache, row(0, &source, &slow)));
    source.store(2, SeqCst);
    assert_eq!(at_once(scope(&cache, row::refresh(0, &source, &open))), 2);
    slow.open();
    assert_eq!(older.end(), 1);
    assert_eq!(at_once(scope(&cache, row(0, &source, &open))), 2);
}

/// What a refresh has returned is stored, whatever other refreshes are on their way.
#[test]
fn refreshes_that_overlap_are_stored() {
    let (cache, source, open) = (cache(), AtomicU32::new(1), open());
    assert_eq!(at_once(scope(&cache, row(0, &source, &open))), 1);
    let gates: Vec<Gate> = (0..5).map(|_| Gate::new()).collect();
    source.store(2, SeqCst);
    let mut before = Call::begin(scope(&cache, row::refresh(0, &source, &gates[0])));
    for (pair, read) in gates.windows(2).zip(2..) {
        source.store(read + 1, SeqCst);
        let next = Call::begin(scope(&cache, row::refresh(0, &source, &pair[1])));
        pair[0].open();
        assert_eq!(before.end(), read);
        assert_eq!(at_once(scope(&cache, row(0, &source, &open))), read, "after a refresh that returned it");
        before = next;
    }
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

#[test]
fn loads_that_are_not_coalesced() {
    #[cached(timeout = never, key = "order.alone:<id>", coalesce = false, ignore(source, gate))]
    async fn alone(id: u32, source: &AtomicU32, gate: &Gate) -> u32 {
        row::uncached(id, source, gate).await
    }
    let (cache, source, slow, open) = (cache(), AtomicU32::new(1), Gate::new(), open());
    let older = Call::begin(scope(&cache, alone(0, &source, &slow)));
    source.store(2, SeqCst);
    assert_eq!(at_once(scope(&cache, alone(0, &source, &open))), 2);
    slow.open();
    assert_eq!(older.end(), 1);
    assert_eq!(at_once(scope(&cache, alone(0, &source, &open))), 2, "it was 2 already");
}

/// It finds nothing where the source says 0.
#[cached(timeout = never, key = "order.found:<id>", ignore(source, gate))]
async fn found(id: u32, source: &AtomicU32, gate: &Gate) -> Option<u32> {
    Some(row::uncached(id, source, gate).await).filter(|read| *read > 0)
}

/// "Nothing" leaves no entry that could tell when it was found, and counts nevertheless.
#[test]
fn a_load_does_not_store_over_what_was_found_to_be_gone_later() {
    let (cache, source, slow, open) = (cache(), AtomicU32::new(1), Gate::new(), open());
    let older = Call::begin(scope(&cache, found(0, &source, &slow)));
    source.store(0, SeqCst);
    assert_eq!(at_once(scope(&cache, found::refresh(0, &source, &open))), None);
    slow.open();
    assert_eq!(older.end(), Some(1));
    assert_eq!(at_once(scope(&cache, found(0, &source, &open))), None, "it was gone already");
}

#[test]
fn a_refresh_does_not_store_over_what_was_found_to_be_gone_later() {
    let (cache, source, slow, open) = (cache(), AtomicU32::new(1), Gate::new(), open());
    let refresh = Call::begin(scope(&cache, found::refresh(0, &source, &slow)));
    source.store(0, SeqCst);
    assert_eq!(at_once(scope(&cache, found(0, &source, &open))), None);
    slow.open();
    assert_eq!(refresh.end(), Some(1));
    assert_eq!(at_once(scope(&cache, found(0, &source, &open))), None, "it was gone already");
}

#[test]
fn what_was_not_there_yet_removes_nothing_that_was_loaded_later() {
    let (cache, source, slow, open) = (cache(), AtomicU32::new(0), Gate::new(), open());
    let older = Call::begin(scope(&cache, found(0, &source, &slow)));
    source.store(2, SeqCst);
    assert_eq!(at_once(scope(&cache, found::refresh(0, &source, &open))), Some(2));
    slow.open();
    assert_eq!(older.end(), None);
    assert_eq!(at_once(cache.get("order.found:0")), Some(2_u32));
}

#[test]
fn what_was_not_there_yet_keeps_no_later_load_from_being_stored() {
    let (cache, source, first, second) = (cache(), AtomicU32::new(0), Gate::new(), Gate::new());
    let older = Call::begin(scope(&cache, found(0, &source, &first)));
    source.store(2, SeqCst);
    let refresh = Call::begin(scope(&cache, found::refresh(0, &source, &second)));
    first.open();
    assert_eq!(older.end(), None);
    second.open();
    assert_eq!(refresh.end(), Some(2));
    assert_eq!(at_once(cache.get("order.found:0")), Some(2_u32));
}

/// Nor does the value of a refresh that is not to be stored.
#[test]
fn a_load_is_not_stored_after_a_later_refresh_that_is_not_either() {
    #[cached(timeout = never, key = "order.small:<id>", store_if = |read| *read < 2, ignore(source, gate))]
    async fn small(id: u32, source: &AtomicU32, gate: &Gate) -> u32 {
        row::uncached(id, source, gate).await
    }
    let (cache, source, slow, open) = (cache(), AtomicU32::new(1), Gate::new(), open());
    let older = Call::begin(scope(&cache, small(0, &source, &slow)));
    source.store(2, SeqCst);
    assert_eq!(at_once(scope(&cache, small::refresh(0, &source, &open))), 2);
    slow.open();
    assert_eq!(older.end(), 1);
    assert_eq!(at_once(scope(&cache, small(0, &source, &open))), 2, "it was 2 already");
}

/// A load may wait for its turn: what counts is when its body begins.
#[test]
fn what_was_invalidated_before_the_body_of_a_later_chunk() {
    use std::collections::HashMap;
    #[cached(batch, chunk = 1, timeout = never, key = "order.rows:<ids>", ignore(source, gate))]
    async fn rows(ids: &[u32], source: &AtomicU32, gate: &Gate) -> HashMap<u32, u32> {
        let read = row::uncached(0, source, gate).await;
        ids.iter().map(|id| (*id, read)).collect()
    }
    let (cache, source, gate) = (cache(), AtomicU32::new(1), Gate::new());
    let both = Call::begin(scope(&cache, rows(&[1, 2], &source, &gate)));
    source.store(2, SeqCst);
    for id in [1, 2] {
        at_once(scope(&cache, async { rows::entry(id).invalidate().await })).unwrap();
    }
    gate.open();
    assert_eq!(both.end(), HashMap::from([(1, 1), (2, 2)]));
    let stored = [1, 2].map(|id| at_once(cache.get::<u32>(&format!("order.rows:{id}"))));
    assert_eq!(stored, [None, Some(2)]);
}

//! Functions of many ids where several processes share the rows: one round trip for all of them, and each id is loaded once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use larder::testing::{Lost, ManualClock, Operation, When, scope, scope_blocking};
use larder::{Cache, KeyNeutral, cached};

use crate::support::{Call, Gate, Side, at_once, secs};
use crate::world::{Tier, World, eventually};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broken;

/// What bodies were given, and what they do. Clones are the same.
#[derive(Clone, Debug, Default)]
struct Source(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    asked: Mutex<Vec<Vec<u32>>>,
    gate: Mutex<Option<Gate>>,
    /// The next ones wait at these, each at its own.
    gates: Mutex<VecDeque<Gate>>,
    broken: Mutex<bool>,
    /// Added to each row.
    offset: Mutex<u32>,
}

impl KeyNeutral for Source {}

type Rows = Result<BTreeMap<u32, u32>, Broken>;

impl Source {
    /// What was asked for since the last look.
    fn asked(&self) -> Vec<Vec<u32>> {
        std::mem::take(&mut self.0.asked.lock().unwrap())
    }

    fn close(&self) -> Gate {
        let gate = Gate::new();
        *self.0.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    fn leave_open(&self) {
        *self.0.gate.lock().unwrap() = None;
    }

    fn be_broken(&self, broken: bool) {
        *self.0.broken.lock().unwrap() = broken;
    }

    fn write(&self) {
        *self.0.offset.lock().unwrap() += 100;
    }

    /// A row for each even id.
    async fn rows(&self, ids: &[u32]) -> Rows {
        assert!(!ids.is_empty());
        self.0.asked.lock().unwrap().push(ids.to_vec());
        let rows = ids.iter().filter(|id| *id % 2 == 0).map(|id| (*id, id + *self.0.offset.lock().unwrap())).collect();
        let own = self.0.gates.lock().unwrap().pop_front();
        let gate = own.or_else(|| self.0.gate.lock().unwrap().clone());
        if let Some(gate) = gate {
            gate.pass().await;
        }
        if *self.0.broken.lock().unwrap() { Err(Broken) } else { Ok(rows) }
    }
}

#[cached(batch, timeout = 60, jitter = 0, key = "batches.rows:<ids>", tags("batches.tag"))]
async fn rows(ids: &[u32], source: &Source) -> Rows {
    source.rows(ids).await
}

#[cached(batch, timeout = 60, jitter = 0, key = "batches.now:<ids>")]
fn rows_now(ids: &[u32], source: &Source) -> Rows {
    futures_lite::future::block_on(source.rows(ids))
}

#[cached(batch, timeout = 60, jitter = 0, chunk = 3, cache_none, key = "batches.chunks:<ids>")]
async fn chunks(ids: &[u32], source: &Source) -> Rows {
    source.rows(ids).await
}

#[cached(batch, timeout = 10, stale_while_revalidate = 60, jitter = 0, key = "batches.stale:<ids>")]
async fn stale(ids: Vec<u32>, source: Source) -> Rows {
    source.rows(&ids).await
}

fn expected(ids: impl IntoIterator<Item = u32>) -> Rows {
    Ok(ids.into_iter().filter(|id| id % 2 == 0).map(|id| (id, id)).collect())
}

fn counts(world: &World) -> [(usize, usize); 3] {
    [Operation::Read, Operation::Lease, Operation::Fill]
        .map(|operation| (world.store.calls(operation), world.store.elements(operation)))
}

#[test]
fn one_round_trip_each() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (first, second) = (world.process(tier), world.process(tier));
        let source = Source::default();
        let ids: Vec<u32> = (0..20).map(|id| id * 2).collect();
        let call = |cache: &Cache, ids: &[u32]| at_once(scope(cache, rows(ids, &source)));
        assert_eq!(call(&first, &ids), expected(ids.clone()));
        assert_eq!(counts(&world), [(1, 20), (1, 20), (1, 20)], "{tier:?}");
        world.store.forget_calls();
        assert_eq!(call(&second, &ids), expected(ids.clone()));
        assert_eq!(counts(&world), [(1, 20), (0, 0), (0, 0)], "{tier:?}");
        assert_eq!(source.asked(), std::slice::from_ref(&ids), "one has loaded for both");
        // Some are there and some are not.
        world.store.forget_calls();
        assert_eq!(call(&second, &[0, 100, 2, 102]), expected([0, 2, 100, 102]));
        let read = if tier == Tier::Tiered { 2 } else { 4 };
        assert_eq!(counts(&world), [(1, read), (1, 2), (1, 2)], "{tier:?}");
        assert_eq!(source.asked(), [[100, 102]]);
    }
}

#[test]
fn ordinary_functions_too() {
    for tier in Tier::BOTH {
        let world = World::new();
        let source = Source::default();
        for cache in [world.process(tier), world.process(tier)] {
            scope_blocking(&cache, || {
                assert_eq!(rows_now(&[2, 4, 2], &source), expected([2, 4]));
                assert_eq!(rows_now::one(4, &source), Ok(Some(4)));
            });
        }
        assert_eq!(source.asked(), [[2, 4]]);
        assert_eq!(world.store.elements(Operation::Fill), 2);
    }
}

#[test]
fn a_fill_for_each_chunk() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (first, second) = (world.process(tier), world.process(tier));
        let source = Source::default();
        let ids: Vec<u32> = (0..8).collect();
        assert_eq!(at_once(scope(&first, chunks(&ids, &source))), expected(ids.clone()));
        assert_eq!(source.asked(), [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]);
        assert_eq!(counts(&world), [(1, 8), (1, 8), (3, 8)], "{tier:?}");
        assert_eq!(at_once(scope(&second, chunks(&ids, &source))), expected(ids.clone()));
        assert!(source.asked().is_empty(), "{tier:?}: nothing found is known, too");
    }
}

#[test]
fn chunks_that_wait_for_a_slow_one_keep_their_leases() {
    for (one, other) in Tier::BOTH.into_iter().flat_map(|one| Tier::BOTH.map(|other| (one, other))) {
        let world = World::new();
        let patient = |tier| world.process_with(tier, |builder| builder.wait(secs(1_000)));
        let (first, second) = (patient(one), patient(other));
        let source = Source::default();
        let ids: Vec<u32> = (0..8).collect();
        let gate = source.close();
        let mut loading = Call::begin(scope(&first, chunks(&ids, &source)));
        for _ in 0..10 {
            world.clock.advance(secs(4));
            assert!(loading.step().is_none());
        }
        assert_eq!(source.asked(), [[0, 1, 2]], "the first chunk takes its time");
        let mut waiting = Call::begin(scope(&second, chunks(&[6, 7, 0, 5], &source)));
        assert!(waiting.step().is_none() && source.asked().is_empty(), "{one:?} {other:?}: all are being loaded");
        assert_eq!(world.store.calls(Operation::Renew) * 8, world.store.elements(Operation::Renew), "all at once");
        gate.open();
        assert_eq!(loading.end(), expected(ids));
        assert_eq!(waiting.end(), expected([6, 7, 0, 5]));
        assert_eq!(source.asked(), [vec![3, 4, 5], vec![6, 7]], "{one:?} {other:?}: each once");
    }
}

#[test]
fn a_lease_is_renewed_though_no_chunk_takes_long() {
    let world = World::new();
    let cache = world.bare();
    let source = Source::default();
    let ids: Vec<u32> = (0..30).collect();
    let gates: Vec<Gate> = (0..10).map(|_| Gate::new()).collect();
    source.0.gates.lock().unwrap().extend(gates.clone());
    let mut loading = Call::begin(scope(&cache, chunks(&ids, &source)));
    for gate in &gates {
        // Each takes less than the time after which a lease is renewed, and all of them more than a lease lasts.
        world.clock.advance(secs(3));
        assert!(world.store.is_leased("larder:v0:{batches.chunks:29}"));
        gate.open();
        let _ended = loading.step();
    }
    assert_eq!(world.store.elements(Operation::Fill), 30);
    assert_eq!(cache.stats().fenced, 0, "every value was stored by the right of its lease");
}

#[cached(batch, timeout = 60, jitter = 0, chunk = 1, key = "batches.slow_now:<ids>", ignore(clock))]
fn slow_now(ids: &[u32], clock: &ManualClock) -> BTreeMap<u32, u32> {
    clock.advance(secs(4));
    ids.iter().map(|id| (*id, *id)).collect()
}

#[test]
fn ordinary_functions_renew_between_chunks() {
    let world = World::new();
    let cache = world.bare();
    let ids: Vec<u32> = (0..10).collect();
    assert_eq!(scope_blocking(&cache, || slow_now(&ids, &world.clock)).len(), 10);
    assert_eq!(world.store.keys().len(), 10, "the last one has waited for four times as long as a lease lasts");
}

#[test]
fn leases_that_are_of_no_use_any_more_are_given_back_together() {
    let releases = |world: &World| (world.store.calls(Operation::Release), world.store.elements(Operation::Release));
    let ids: Vec<u32> = (0..8).map(|id| id * 2 + 1).collect();
    for tier in Tier::BOTH {
        let world = World::new();
        let cache = world.process(tier);
        let source = Source::default();
        let call = || at_once(scope(&cache, rows(&ids, &source)));
        let begin = || Call::begin(scope(&cache, rows(&ids, &source)));
        assert_eq!(call(), expected([]));
        assert_eq!(releases(&world), (1, 8), "{tier:?}: there was nothing");
        source.be_broken(true);
        assert_eq!(call(), Err(Broken));
        assert_eq!(releases(&world), (2, 16), "{tier:?}: it failed");
        source.be_broken(false);
        let gate = source.close();
        drop(begin());
        assert_eq!(releases(&world), (3, 24), "{tier:?}: the caller went away");
        drop(Call::begin(scope(&cache, chunks(&ids, &source))));
        assert_eq!(releases(&world).1, 32, "{tier:?}: with chunks");
        assert!(releases(&world).0 <= 5, "{tier:?}: what is loaded, and what waits for it");
        gate.open();
        source.leave_open();
        world.store.forget_calls();
        world.store.time_out_next(&[Operation::Lease], 1, Lost::Answer);
        assert_eq!(call(), expected([]));
        assert_eq!(releases(&world), (1, 8), "{tier:?}: they may have been given");
        let held = world.store.hold(Operation::Lease, When::After);
        drop(begin());
        held.open();
        assert!(ids.iter().all(|id| !world.store.is_leased(&format!("larder:v0:{{batches.rows:{id}}}"))), "{tier:?}");
    }
}

#[test]
fn what_is_not_there_is_not_stored_unless_asked_for() {
    let world = World::new();
    let source = Source::default();
    for cache in world.all() {
        assert_eq!(at_once(scope(&cache, rows(&[1, 2, 3], &source))), expected([2]));
    }
    assert_eq!(source.asked(), [vec![1, 2, 3], vec![1, 3], vec![1, 3], vec![1, 3]]);
    assert_eq!(world.store.keys(), ["larder:v0:{batches.rows:2}"]);
    assert!(!world.store.is_leased("larder:v0:{batches.rows:1}"));
}

#[test]
fn what_another_process_loads_is_awaited() {
    for (one, other) in Tier::BOTH.into_iter().flat_map(|one| Tier::BOTH.map(|other| (one, other))) {
        let world = World::new();
        let (first, second, third) = (world.process(one), world.process(other), world.process(one));
        let source = Source::default();
        let gate = source.close();
        let a = Call::begin(scope(&first, rows(&[2, 4], &source)));
        let b = Call::begin(scope(&second, rows(&[4, 6], &source)));
        let c = Call::begin(scope(&third, rows(&[2, 4, 6], &source)));
        gate.open();
        assert_eq!(a.end(), expected([2, 4]), "{one:?} {other:?}");
        assert_eq!(b.end(), expected([4, 6]), "{one:?} {other:?}");
        assert_eq!(c.end(), expected([2, 4, 6]), "{one:?} {other:?}");
        let asked: Vec<u32> = source.asked().concat();
        assert_eq!(asked, [2, 4, 6], "{one:?} {other:?}: each once");
    }
}

#[test]
fn two_who_want_the_same_in_another_order_do_not_wait_in_a_circle() {
    let world = World::new();
    let (first, second) = (world.tiered(), world.bare());
    let source = Source::default();
    let gate = source.close();
    let a = Call::begin(scope(&first, rows(&[2, 4, 6], &source)));
    let b = Call::begin(scope(&second, rows(&[8, 6, 4, 2], &source)));
    gate.open();
    assert_eq!((a.end(), b.end()), (expected([2, 4, 6]), expected([2, 4, 6, 8])));
    let asked = source.asked().concat();
    assert_eq!((asked.len(), asked.iter().collect::<BTreeSet<_>>().len()), (4, 4));
}

#[test]
fn an_error_leaves_nothing_behind() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (first, second) = (world.process(tier), world.process(tier));
        let source = Source::default();
        source.be_broken(true);
        let gate = source.close();
        let failing = Call::begin(scope(&first, rows(&[2, 4], &source)));
        let mut waiting = Call::begin(scope(&second, rows(&[2, 4, 6], &source)));
        assert_eq!(source.asked().len(), 2, "the second has begun with what is left");
        source.leave_open();
        gate.open();
        assert_eq!(failing.end(), Err(Broken));
        assert!(world.store.keys().is_empty() && !world.store.is_leased("larder:v0:{batches.rows:2}"), "{tier:?}");
        assert_eq!(waiting.step(), Some(Err(Broken)), "{tier:?}");
        source.be_broken(false);
        assert_eq!(at_once(scope(&second, rows(&[2, 4, 6], &source))), expected([2, 4, 6]), "{tier:?}");
    }
}

#[test]
fn who_goes_away_hands_over() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (first, second) = (world.process(tier), world.process(tier));
        let source = Source::default();
        let gate = source.close();
        let leader = Call::begin(scope(&first, rows(&[2, 4], &source)));
        let waiter = Call::begin(scope(&second, rows(&[2, 4], &source)));
        source.leave_open();
        drop(leader);
        assert_eq!(waiter.end(), expected([2, 4]), "{tier:?}");
        assert_eq!(source.asked(), [[2, 4], [2, 4]], "{tier:?}");
        gate.open();
    }
}

#[test]
fn one_id_that_is_invalidated_meanwhile() {
    for (one, other) in Tier::BOTH.into_iter().flat_map(|one| Tier::BOTH.map(|other| (one, other))) {
        let world = World::new();
        let (loader, writer) = (world.process(one), world.process(other));
        let source = Source::default();
        let gate = source.close();
        let loading = Call::begin(scope(&loader, rows(&[2, 4, 6], &source)));
        source.leave_open();
        source.write();
        at_once(at_once(scope(&writer, async { rows::entry(4, &source) })).invalidate()).unwrap();
        gate.open();
        assert_eq!(loading.end(), expected([2, 4, 6]), "{one:?} {other:?}");
        assert_eq!(world.store.keys(), ["larder:v0:{batches.rows:2}", "larder:v0:{batches.rows:6}"]);
        for cache in [&loader, &writer, &world.bare()] {
            let now = Ok(BTreeMap::from([(2, 2), (4, 104), (6, 6)]));
            assert_eq!(at_once(scope(cache, rows(&[2, 4, 6], &source))), now, "{one:?} {other:?}");
        }
        // All of them.
        at_once(writer.tag("batches.tag").invalidate()).unwrap();
        for cache in [&loader, &writer, &world.bare()] {
            let now = Ok(BTreeMap::from([(2, 102), (4, 104), (6, 106)]));
            assert_eq!(at_once(scope(cache, rows(&[2, 4, 6], &source))), now, "{one:?} {other:?}");
        }
    }
}

#[test]
fn during_an_outage() {
    for tier in Tier::BOTH {
        let world = World::new();
        let cache = world.process(tier);
        let source = Source::default();
        let call = |ids: &[u32]| at_once(scope(&cache, rows(ids, &source)));
        world.store.down();
        for _ in 0..2 {
            assert_eq!(call(&[2, 4]), expected([2, 4]));
        }
        assert_eq!(source.asked(), [[2, 4]], "{tier:?}: memory has them for a while");
        world.clock.advance(secs(5));
        assert_eq!(call(&[2, 4]), expected([2, 4]));
        assert_eq!(source.asked(), [[2, 4]]);
        world.store.up();
        for operation in [Operation::Read, Operation::Lease, Operation::Fill] {
            for lost in [Lost::Request, Lost::Answer] {
                at_once(cache.clear()).unwrap();
                world.store.time_out_next(&[operation], 1, lost);
                assert_eq!(call(&[2, 4]), expected([2, 4]), "{operation:?} {lost:?}");
                assert_eq!(call(&[2, 4]), expected([2, 4]), "{operation:?} {lost:?}");
            }
        }
    }
}

#[test]
fn old_rows_are_answered_at_once_and_refreshed_once() {
    for (one, other) in Tier::BOTH.into_iter().flat_map(|one| Tier::BOTH.map(|other| (one, other))) {
        let world = World::new();
        let process = |tier| {
            let side = Side::default();
            let adds = side.clone();
            (world.process_with(tier, |builder| builder.spawner(move |work| adds.add(work))), side)
        };
        let ((first, first_side), (second, second_side)) = (process(one), process(other));
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, stale(vec![2, 4], source.clone())));
        assert_eq!(call(&first), expected([2, 4]));
        source.write();
        world.clock.advance(secs(15));
        assert_eq!(source.asked().len(), 1);
        for _ in 0..2 {
            assert_eq!((call(&second), call(&first)), (expected([2, 4]), expected([2, 4])), "{one:?} {other:?}");
        }
        let gate = source.close();
        second_side.run();
        first_side.run();
        assert_eq!((call(&second), call(&first)), (expected([2, 4]), expected([2, 4])), "{one:?} {other:?}: at once");
        gate.open();
        second_side.run();
        first_side.run();
        let new = Ok(BTreeMap::from([(2, 102), (4, 104)]));
        eventually("it is refreshed", || {
            first_side.run();
            call(&second) == new && call(&first) == new
        });
        assert_eq!(source.asked(), [[2, 4]], "{one:?} {other:?}");
    }
}

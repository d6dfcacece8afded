//! Batches and loads of the same ids that are on their way elsewhere.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use futures_lite::future::block_on;
use larder::testing::scope;
use larder::{Cache, cached};

use crate::batch::{Asked, rows_of};
use crate::support::{Call, Gate, at_once, cache, promptly, promptly_blocking, secs, timed, until};

#[derive(Default)]
struct Db {
    asked: Asked,
    fails: AtomicBool,
}

type Rows<E> = Result<HashMap<u32, String>, E>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Cloneable;

#[derive(Debug, PartialEq, Eq)]
struct NotCloneable;

#[cached(batch, timeout = 60, key = "batch_flights.gated:<ids>", ignore(db, gate))]
async fn rows(ids: &[u32], db: &Db, gate: &Gate) -> Rows<Cloneable> {
    db.asked.note(ids);
    gate.pass().await;
    if db.fails.load(SeqCst) { Err(Cloneable) } else { Ok(rows_of(ids)) }
}

#[cached(batch, timeout = 60, key = "batch_flights.unshared:<ids>", ignore(db, gate))]
async fn unshared(ids: &[u32], db: &Db, gate: &Gate) -> Rows<NotCloneable> {
    db.asked.note(ids);
    gate.pass().await;
    if db.fails.load(SeqCst) { Err(NotCloneable) } else { Ok(rows_of(ids)) }
}

#[test]
fn the_answer_is_assembled_from_several_loads() {
    let (db, cache) = (Db::default(), cache());
    let gates = [Gate::new(), Gate::new(), Gate::new()];
    let mut first = Call::begin(scope(&cache, rows(&[2, 4], &db, &gates[0])));
    let mut one = Call::begin(scope(&cache, rows::one(6, &db, &gates[1])));
    let mut call = Call::begin(scope(&cache, rows(&[4, 6, 8], &db, &gates[2])));
    assert_eq!(db.asked.take(), [vec![2, 4], vec![6], vec![8]]);
    gates[2].open();
    assert_eq!(call.step(), None, "it waits for the others");
    gates[0].open();
    assert_eq!(first.step(), Some(Ok(rows_of(&[2, 4]))));
    assert_eq!(call.step(), None);
    gates[1].open();
    assert_eq!(one.step(), Some(Ok(Some("row 6".to_owned()))));
    assert_eq!(call.end(), Ok(rows_of(&[4, 6, 8])));
    assert!(db.asked.take().is_empty(), "each was loaded once");
    assert_eq!(cache.stats().coalesced, 2);
}

#[test]
fn batches_that_share_ids_do_not_wait_for_each_other_for_ever() {
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    let mut one = Call::begin(scope(&cache, rows(&[2, 4], &db, &gate)));
    let mut other = Call::begin(scope(&cache, rows(&[4, 2, 6], &db, &gate)));
    gate.open();
    assert_eq!(one.step(), Some(Ok(rows_of(&[2, 4]))));
    assert_eq!(other.step(), Some(Ok(rows_of(&[2, 4, 6]))));
    assert_eq!(db.asked.take(), [vec![2, 4], vec![6]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_over_the_same_ids() {
    for round in 0..50_u32 {
        let (db, gate, cache) = (std::sync::Arc::new(Db::default()), Gate::new(), cache());
        gate.open();
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..16 {
            let (db, gate, cache) = (db.clone(), gate.clone(), cache.clone());
            tasks.spawn(async move {
                let mut ids: Vec<u32> = (0..10).map(|n| n * 2).collect();
                ids.rotate_left((task + round as usize) % 10);
                assert_eq!(scope(&cache, rows(&ids, &db, &gate)).await, Ok(rows_of(&ids)));
            });
        }
        promptly(tasks.join_all()).await;
        let mut asked: Vec<u32> = db.asked.take().into_iter().flatten().collect();
        asked.sort_unstable();
        assert_eq!(asked, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18], "each id was loaded once");
    }
}

#[test]
fn who_waits_loads_what_a_cancelled_batch_leaves() {
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    let leader = Call::begin(scope(&cache, rows(&[2, 4, 6], &db, &gate)));
    let mut call = Call::begin(scope(&cache, rows(&[2, 4, 8], &db, &gate)));
    gate.let_one_through();
    drop(leader);
    assert_eq!(call.step(), None);
    gate.open();
    assert_eq!(call.end(), Ok(rows_of(&[2, 4, 8])));
    let asked = db.asked.take();
    assert_eq!(asked, [vec![2, 4, 6], vec![8], vec![2, 4]], "both at once, in the order of asking");
    // The id that nobody waited for is free.
    assert_eq!(at_once(scope(&cache, rows(&[6], &db, &gate))), Ok(rows_of(&[6])));
}

#[test]
fn what_is_taken_over_does_not_wait_for_the_rest() {
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    let leader = Call::begin(scope(&cache, rows::one(2, &db, &gate)));
    let _slow = Call::begin(scope(&cache, rows::one(4, &db, &gate)));
    let mut call = Call::begin(scope(&cache, rows(&[2, 4], &db, &gate)));
    drop(leader);
    assert_eq!(call.step(), None);
    assert_eq!(db.asked.take(), [vec![2], vec![4], vec![2]], "who leads a load runs it at once");
}

#[test]
fn who_waits_loads_what_a_panicking_batch_leaves() {
    #[cached(batch, timeout = 60, key = "batch_flights.panics:<ids>", ignore(db, gate))]
    async fn panics(ids: &[u32], db: &Db, gate: &Gate) -> HashMap<u32, String> {
        db.asked.note(ids);
        gate.pass().await;
        assert!(!ids.contains(&6), "the body panics");
        rows_of(ids)
    }
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    let mut leader = Call::begin(scope(&cache, panics(&[2, 4, 6], &db, &gate)));
    let call = Call::begin(scope(&cache, panics(&[2, 4], &db, &gate)));
    gate.open();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| leader.step()));
    assert!(panic.is_err());
    assert_eq!(call.end(), rows_of(&[2, 4]));
    assert_eq!(db.asked.take(), [vec![2, 4, 6], vec![2, 4]]);
}

#[test]
fn an_error_that_can_be_cloned_is_for_all_who_wait() {
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    db.fails.store(true, SeqCst);
    let mut leader = Call::begin(scope(&cache, rows(&[2, 4], &db, &gate)));
    let call = Call::begin(scope(&cache, rows(&[4], &db, &gate)));
    gate.open();
    assert_eq!((leader.step(), call.end()), (Some(Err(Cloneable)), Err(Cloneable)));
    assert_eq!(db.asked.take(), [vec![2, 4]]);
    assert_eq!(cache.stats().stores, 0);
}

#[test]
fn after_an_error_that_cannot_who_waits_tries_for_itself() {
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    db.fails.store(true, SeqCst);
    let mut leader = Call::begin(scope(&cache, unshared(&[2, 4], &db, &gate)));
    let mut call = Call::begin(scope(&cache, unshared(&[4, 2], &db, &gate)));
    gate.let_one_through();
    assert_eq!(leader.step(), Some(Err(NotCloneable)));
    db.fails.store(false, SeqCst);
    assert_eq!(call.step(), None);
    gate.open();
    assert_eq!(call.end(), Ok(rows_of(&[2, 4])));
    assert_eq!(db.asked.take(), [vec![2, 4], vec![4, 2]], "both ids at once, in the order of asking");
}

#[test]
fn who_waits_too_long_loads_all_of_them_at_once() {
    let (db, gate, (cache, clock)) = (Db::default(), Gate::new(), timed());
    let _leader = Call::begin(scope(&cache, rows(&[2, 4, 6], &db, &gate)));
    let mut call = Call::begin(scope(&cache, rows(&[6, 2, 4], &db, &gate)));
    clock.advance(secs(10));
    assert_eq!(call.step(), None);
    gate.open();
    assert_eq!(call.end(), Ok(rows_of(&[2, 4, 6])));
    assert_eq!(db.asked.take(), [vec![2, 4, 6], vec![6, 2, 4]]);
}

#[test]
fn a_batch_inside_a_batch() {
    #[cached(batch, timeout = 60, key = "batch_flights.outer:<ids>", ignore(db, gate))]
    async fn outer(ids: &[u32], db: &Db, gate: &Gate) -> Rows<Cloneable> {
        rows(ids, db, gate).await
    }
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    gate.open();
    assert_eq!(at_once(scope(&cache, outer(&[2, 4], &db, &gate))), Ok(rows_of(&[2, 4])));
    assert_eq!(at_once(scope(&cache, outer(&[4, 6], &db, &gate))), Ok(rows_of(&[4, 6])));
    assert_eq!(db.asked.take(), [vec![2, 4], vec![6]]);
}

#[test]
fn a_body_that_asks_for_its_own_ids_runs_for_them() {
    #[cached(batch, timeout = 60, key = "batch_flights.own:<ids>", ignore(asked))]
    fn own(ids: &[u32], asked: &Asked) -> HashMap<u32, String> {
        asked.note(ids);
        if ids.len() > 1 { own(&ids[1..], asked) } else { rows_of(ids) }
    }
    let (asked, cache) = (Asked::default(), cache());
    let rows = larder::testing::scope_blocking(&cache, || own(&[2, 4, 6], &asked));
    assert_eq!(rows, rows_of(&[6]));
    assert_eq!(asked.take(), [vec![2, 4, 6], vec![4, 6], vec![6]]);
}

#[test]
fn a_body_that_asks_for_ids_of_a_later_chunk_runs_for_them() {
    #[cached(batch, chunk = 1, timeout = 60, key = "batch_flights.later:<ids>", ignore(asked))]
    async fn later(ids: &[u32], asked: &Asked) -> HashMap<u32, String> {
        asked.note(ids);
        if ids == [2] {
            Box::pin(later(&[4], asked)).await
        } else {
            HashMap::new()
        };
        rows_of(ids)
    }
    let (asked, cache) = (Asked::default(), cache());
    assert_eq!(at_once(scope(&cache, later(&[2, 4], &asked))), rows_of(&[2, 4]));
    assert_eq!(asked.take(), [vec![2], vec![4], vec![4]]);
}

#[test]
fn two_batches_that_want_ids_of_later_chunks_of_each_other() {
    #[cached(batch, chunk = 1, timeout = 60, key = "batch_flights.chunked:<ids>", ignore(want, gate))]
    async fn chunked(ids: &[u32], want: u32, gate: &Gate) -> HashMap<u32, String> {
        gate.pass().await;
        if want > 0 {
            Box::pin(chunked::one(want, 0, gate)).await;
        }
        rows_of(ids)
    }
    let (gate, cache) = (Gate::new(), cache());
    let mut one = Call::begin(scope(&cache, chunked(&[2, 4], 8, &gate)));
    let other = Call::begin(scope(&cache, chunked(&[6, 8], 4, &gate)));
    gate.open();
    // The first waits for 8, which the second has not come to; the second sees that it must not wait for 4.
    assert_eq!(one.step(), None);
    assert_eq!(other.end(), rows_of(&[6, 8]));
    assert_eq!(one.end(), rows_of(&[2, 4]));
}

/// While a batch of 2, 4 and 6 loads, something happens to 4.
fn overtaken(name: &str, by: impl AsyncFnOnce()) {
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    let mut call = Call::begin(scope(&cache, tagged(&[2, 4, 6], &db, &gate)));
    at_once(scope(&cache, by()));
    gate.open();
    assert_eq!(call.step(), Some(rows_of(&[2, 4, 6])), "{name}: it was asked before");
    db.asked.take();
    let found = at_once(scope(&cache, tagged(&[2, 4, 6], &db, &gate)));
    let expected: &[Vec<u32>] = if name == "put" { &[] } else { &[vec![4]] };
    assert_eq!(db.asked.take(), expected, "{name}: the others are stored");
    assert_eq!(found[&4], if name == "put" { "by hand" } else { "row 4" }, "{name}");
    assert_eq!(cache.stats().fenced, 1, "{name}");
}

#[cached(batch, timeout = 60, key = "batch_flights.tagged:<ids>", tags("batch_flights:<ids>"), ignore(db, gate))]
async fn tagged(ids: &[u32], db: &Db, gate: &Gate) -> HashMap<u32, String> {
    db.asked.note(ids);
    gate.pass().await;
    rows_of(ids)
}

#[test]
fn an_id_that_is_overtaken_is_not_stored_and_the_others_are() {
    overtaken("invalidate", async || tagged::entry(4).invalidate().await.unwrap());
    overtaken("put", async || tagged::entry(4).put("by hand".to_owned()).await.unwrap());
    overtaken("expire", async || tagged::entry(4).expire().await.unwrap());
    overtaken("tag", async || larder::cache().tag("batch_flights:4").invalidate().await.unwrap());
    overtaken("delete", async || {
        assert!(!larder::cache().delete("batch_flights.tagged:4").await.unwrap());
    });
}

#[test]
fn a_bump_overtakes_all_ids() {
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    let mut call = Call::begin(scope(&cache, tagged(&[2, 4], &db, &gate)));
    at_once(scope(&cache, async { tagged::all().bump().await.unwrap() }));
    gate.open();
    assert_eq!(call.step(), Some(rows_of(&[2, 4])));
    assert_eq!(at_once(scope(&cache, tagged(&[2, 4], &db, &gate))), rows_of(&[2, 4]));
    assert_eq!(db.asked.take(), [vec![2, 4], vec![2, 4]]);
}

#[test]
fn after_an_error_later_chunks_are_free() {
    #[cached(batch, chunk = 1, timeout = 60, key = "batch_flights.error:<ids>", ignore(db, gate))]
    async fn chunked(ids: &[u32], db: &Db, gate: &Gate) -> Rows<Cloneable> {
        db.asked.note(ids);
        gate.pass().await;
        if ids.contains(&4) { Err(Cloneable) } else { Ok(rows_of(ids)) }
    }
    let (db, gate, cache) = (Db::default(), Gate::new(), cache());
    let mut leader = Call::begin(scope(&cache, chunked(&[2, 4, 6, 8], &db, &gate)));
    let first = Call::begin(scope(&cache, chunked(&[2], &db, &gate)));
    let failing = Call::begin(scope(&cache, chunked::one(4, &db, &gate)));
    let later = Call::begin(scope(&cache, chunked(&[6, 8], &db, &gate)));
    gate.open();
    assert_eq!(leader.step(), Some(Err(Cloneable)));
    assert_eq!(first.end(), Ok(rows_of(&[2])));
    assert_eq!(failing.end(), Err(Cloneable));
    assert_eq!(later.end(), Ok(rows_of(&[6, 8])), "that run was not theirs");
    assert_eq!(db.asked.take(), [[2], [4], [6], [8]]);
}

#[test]
fn one_waits_for_a_batch_and_a_batch_for_a_refresh() {
    static ASKED: Asked = Asked::new();
    static GATES: [LazyLock<Gate>; 2] = [const { LazyLock::new(Gate::new) }; 2];
    #[cached(batch, timeout = 60, key = "batch_flights.whole:<ids>")]
    async fn whole(ids: &[u32]) -> HashMap<u32, String> {
        ASKED.note(ids);
        GATES[usize::from(ids.len() == 1)].pass().await;
        rows_of(ids)
    }
    let cache = cache();
    let mut batch = Call::begin(scope(&cache, whole(&[2, 4])));
    let one = Call::begin(scope(&cache, whole::one(4)));
    GATES[0].let_one_through();
    assert_eq!(batch.step(), Some(rows_of(&[2, 4])));
    assert_eq!(one.end(), Some("row 4".to_owned()));
    assert_eq!(ASKED.take(), [[2, 4]]);
    at_once(scope(&cache, async { whole::entry(4).invalidate().await.unwrap() }));
    let mut refresh = Call::begin(scope(&cache, async { whole::entry(4).refresh().await }));
    let call = Call::begin(scope(&cache, whole(&[2, 4])));
    GATES[1].open();
    assert_eq!(refresh.step(), Some(Some("row 4".to_owned())));
    assert_eq!(call.end(), rows_of(&[2, 4]));
    assert_eq!(ASKED.take(), [[4], [4]], "a refresh is joined by nobody");
}

#[test]
fn ordinary_functions_on_two_threads() {
    #[cached(batch, timeout = 60, cache = cache, key = "batch_flights.threads:<ids>", ignore(db, gate))]
    fn now(ids: &[u32], cache: &Cache, db: &Db, gate: &Gate) -> Rows<Cloneable> {
        db.asked.note(ids);
        gate.pass_blocking();
        Ok(rows_of(ids))
    }
    promptly_blocking(|| {
        let (db, gate, cache) = (Db::default(), Gate::new(), cache());
        std::thread::scope(|threads| {
            let one = threads.spawn(|| now(&[2, 4], &cache, &db, &gate));
            block_on(gate.reached());
            let other = threads.spawn(|| now(&[4, 6, 2], &cache, &db, &gate));
            block_on(gate.reached());
            gate.open();
            assert_eq!(one.join().unwrap(), Ok(rows_of(&[2, 4])));
            assert_eq!(other.join().unwrap(), Ok(rows_of(&[2, 4, 6])));
        });
        assert_eq!(db.asked.take(), [vec![2, 4], vec![6]]);
    });
}

#[test]
fn a_refresh_that_asks_for_ids_of_a_later_chunk_once_they_are_too_old() {
    #[cached(batch, chunk = 1, timeout = 10, stale_while_revalidate = 10, cache = cache, ignore(asked, gate),
        key = "batch_flights.aside:<ids>")]
    fn aside(ids: &[u32], cache: &Cache, asked: &'static Asked, gate: &Gate) -> HashMap<u32, String> {
        asked.note(ids);
        if ids == [2] {
            gate.pass_blocking();
            aside::one(4, cache, asked, gate);
        }
        rows_of(ids)
    }
    static ASKED: Asked = Asked::new();
    promptly_blocking(|| {
        let (gate, (cache, clock)) = (Gate::new(), timed());
        gate.let_one_through();
        assert_eq!(aside(&[4, 2], &cache, &ASKED, &gate), rows_of(&[2, 4]));
        block_on(gate.reached());
        clock.advance(secs(10));
        assert_eq!(aside(&[2, 4], &cache, &ASKED, &gate), rows_of(&[2, 4]));
        block_on(gate.reached());
        clock.advance(secs(10));
        gate.open();
        block_on(until(|| cache.stats().stores == 5));
        assert_eq!(ASKED.take(), [[4], [2], [2], [4], [4]]);
    });
}

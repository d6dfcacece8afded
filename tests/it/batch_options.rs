//! Batches together with the other options of the attribute.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use larder::testing::{scope, scope_blocking};
use larder::{cached, tag};

use crate::batch::{Asked, rows_of};
use crate::support::{Call, Gate, Side, at_once, cache, secs, timed};

/// Rows that change with each run of the body.
#[derive(Default)]
struct Source {
    asked: Asked,
    runs: AtomicU32,
    fails: AtomicBool,
}

impl Source {
    fn new() -> &'static Self {
        Box::leak(Box::default())
    }

    fn ask(&self, ids: &[u32]) -> Result<HashMap<u32, u32>, Down> {
        self.asked.note(ids);
        let run = self.runs.fetch_add(1, SeqCst) + 1;
        if self.fails.load(SeqCst) { Err(Down) } else { Ok(ids.iter().map(|id| (*id, run)).collect()) }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Down;

fn all(run: u32, ids: &[u32]) -> HashMap<u32, u32> {
    ids.iter().map(|id| (*id, run)).collect()
}

#[cached(batch, timeout = 10, stale_while_revalidate = 100, key = "batch_options.swr:<ids>", ignore(source))]
async fn while_revalidate(ids: &[u32], source: &'static Source) -> Result<HashMap<u32, u32>, Down> {
    source.ask(ids)
}

#[test]
fn all_old_ids_are_refreshed_by_one_run_on_the_side() {
    let (source, side) = (Source::new(), Side::default());
    let (cache, clock) = side.timed();
    let call = |ids: &[u32]| at_once(scope(&cache, while_revalidate(ids, source)));
    assert_eq!(call(&[1, 2, 3]), Ok(all(1, &[1, 2, 3])));
    clock.advance(secs(10));
    let mut expected = all(1, &[1, 2, 3]);
    expected.insert(4, 2);
    assert_eq!(call(&[1, 4, 2, 3]), Ok(expected), "old ones and a new one");
    assert_eq!(side.waiting(), 1);
    assert_eq!(call(&[1, 2]), Ok(all(1, &[1, 2])), "they are being refreshed");
    assert_eq!(side.waiting(), 1);
    side.run();
    assert_eq!(source.asked.take(), [vec![1, 2, 3], vec![4], vec![1, 2, 3]]);
    assert_eq!(call(&[1, 2, 3]), Ok(all(3, &[1, 2, 3])));
    let stats = cache.stats();
    assert_eq!((stats.stale_hits, stats.refreshes), (5, 3));
}

#[test]
fn a_refresh_that_fails_lets_its_ids_rest() {
    let (source, side) = (Source::new(), Side::default());
    let (cache, clock) = side.timed();
    let call = |ids: &[u32]| at_once(scope(&cache, while_revalidate(ids, source)));
    assert_eq!(call(&[1, 2]), Ok(all(1, &[1, 2])));
    clock.advance(secs(10));
    source.fails.store(true, SeqCst);
    assert_eq!(call(&[1, 2]), Ok(all(1, &[1, 2])));
    side.run();
    assert_eq!((call(&[1, 2]), side.waiting()), (Ok(all(1, &[1, 2])), 0));
    assert_eq!(cache.stats().refreshes_failed, 2);
    source.fails.store(false, SeqCst);
    clock.advance(secs(10));
    assert_eq!(call(&[1, 2]), Ok(all(1, &[1, 2])));
    side.run();
    assert_eq!(call(&[1, 2]), Ok(all(3, &[1, 2])));
}

#[test]
fn one_refreshes_by_itself() {
    let (source, side) = (Source::new(), Side::default());
    let (cache, clock) = side.timed();
    assert_eq!(at_once(scope(&cache, while_revalidate(&[1, 2], source))), Ok(all(1, &[1, 2])));
    clock.advance(secs(10));
    assert_eq!(at_once(scope(&cache, while_revalidate::one(1, source))), Ok(Some(1)));
    side.run();
    assert_eq!(at_once(scope(&cache, while_revalidate::one(1, source))), Ok(Some(2)));
    assert_eq!(source.asked.take(), [vec![1, 2], vec![1]]);
}

#[test]
fn old_values_stand_in_for_all_or_for_none() {
    #[cached(batch, timeout = 10, stale_if_error = 100, key = "batch_options.sie:<ids>", ignore(source))]
    fn if_error(ids: &[u32], source: &Source) -> Result<HashMap<u32, u32>, Down> {
        source.ask(ids)
    }
    let (source, (cache, clock)) = (Source::new(), timed());
    let call = |ids: &[u32]| scope_blocking(&cache, || if_error(ids, source));
    assert_eq!(call(&[1, 2]), Ok(all(1, &[1, 2])));
    clock.advance(secs(10));
    source.fails.store(true, SeqCst);
    assert_eq!(call(&[1, 3]), Err(Down), "there is no row for 3");
    clock.advance(secs(10));
    assert_eq!(call(&[1, 2]), Ok(all(1, &[1, 2])));
    assert_eq!(call(&[1, 2]), Ok(all(1, &[1, 2])), "the source rests");
    assert_eq!(source.asked.take(), [vec![1, 2], vec![1, 3], vec![1, 2]]);
    source.fails.store(false, SeqCst);
    clock.advance(secs(10));
    assert_eq!(call(&[1, 2]), Ok(all(4, &[1, 2])));
}

#[test]
fn a_soft_timeout_for_all_ids_together() {
    #[cached(
        batch,
        timeout = 10,
        stale_while_revalidate = 100,
        soft_timeout = 2,
        key = "batch_options.soft:<ids>",
        ignore(source, gate)
    )]
    async fn soft(ids: &[u32], source: &'static Source, gate: &Gate) -> Result<HashMap<u32, u32>, Down> {
        let rows = source.ask(ids);
        gate.pass().await;
        rows
    }
    let (source, side, gate) = (Source::new(), Side::default(), Gate::new());
    let (cache, clock) = side.timed();
    let call = || scope(&cache, soft(&[1, 2], source, &gate));
    gate.let_one_through();
    assert_eq!(at_once(call()), Ok(all(1, &[1, 2])));
    clock.advance(secs(10));
    let mut slow = Call::begin(call());
    side.run();
    clock.advance(secs(2));
    assert_eq!(slow.step(), Some(Ok(all(1, &[1, 2]))));
    gate.let_one_through();
    side.run();
    assert_eq!(at_once(call()), Ok(all(2, &[1, 2])));
    clock.advance(secs(10));
    let quick = Call::begin(call());
    gate.let_one_through();
    side.run();
    assert_eq!(quick.end(), Ok(all(3, &[1, 2])));
    assert_eq!(source.asked.take().len(), 3);
}

#[test]
fn early_and_on_threads_of_the_cache() {
    #[cached(batch, timeout = 100, early = 0.5, chunk = 2, key = "batch_options.early:<ids>", ignore(source))]
    fn early(ids: Vec<u32>, source: &'static Source) -> HashMap<u32, u32> {
        source.ask(&ids).unwrap()
    }
    let (source, (cache, clock)) = (Source::new(), timed());
    scope_blocking(&cache, || {
        let ids = vec![1, 2, 3];
        assert_eq!(early(ids.clone(), source)[&3], 2);
        clock.advance(secs(55));
        assert_eq!(early(ids.clone(), source)[&3], 2);
        while cache.stats().stores < 6 {
            std::thread::yield_now();
        }
        assert_eq!(early(ids, source)[&3], 4);
        assert_eq!(source.asked.take(), [vec![1, 2], vec![3], vec![1, 2], vec![3]]);
    });
}

#[test]
fn each_row_by_itself() {
    #[cached(batch, timeout = |row: &u32| Duration::from_secs(u64::from(*row)), store_if = |row| *row < 100,
        key = "batch_options.row:<ids>", ignore(asked))]
    fn by_row(ids: &[u32], asked: &Asked) -> HashMap<u32, u32> {
        asked.note(ids);
        ids.iter().map(|id| (*id, *id)).collect()
    }
    let (asked, (cache, clock)) = (Asked::default(), timed());
    let call = || scope_blocking(&cache, || by_row(&[5, 10, 100], &asked));
    assert_eq!(call().len(), 3);
    assert_eq!(call().len(), 3);
    clock.advance(secs(5));
    assert_eq!(call().len(), 3);
    assert_eq!(asked.take(), [vec![5, 10, 100], vec![100], vec![5, 100]]);
}

#[test]
fn conditions_are_about_the_whole_call() {
    #[cached(batch, timeout = 60, unless = mode == 1, refresh_if = mode == 2, key = "batch_options.mode:<ids>",
        ignore(mode, source))]
    async fn by_mode(ids: &[u32], mode: u8, source: &Source) -> HashMap<u32, u32> {
        source.ask(ids).unwrap()
    }
    let (source, cache) = (Source::new(), cache());
    let call = |ids: &[u32], mode| at_once(scope(&cache, by_mode(ids, mode, source)));
    assert_eq!(call(&[1, 2], 0), all(1, &[1, 2]));
    assert_eq!(call(&[1, 2], 1), all(2, &[1, 2]), "neither read nor stored");
    assert_eq!(call(&[1, 2], 0), all(1, &[1, 2]));
    assert_eq!(call(&[2, 3], 2), all(3, &[2, 3]), "not read, but stored");
    assert_eq!(call(&[1, 2, 3], 0), HashMap::from([(1, 1), (2, 3), (3, 3)]));
    assert!(call(&[], 1).is_empty() && call(&[], 2).is_empty());
}

#[test]
fn without_coalescing_nobody_waits() {
    #[cached(
        batch,
        timeout = 60,
        coalesce = false,
        version = 2,
        local,
        key = "batch_options.uncoalesced:<ids>",
        ignore(asked, gate)
    )]
    async fn uncoalesced(ids: &[u32], asked: &Asked, gate: &Gate) -> HashMap<u32, String> {
        asked.note(ids);
        gate.pass().await;
        rows_of(ids)
    }
    let (asked, gate, cache) = (Asked::default(), Gate::new(), cache());
    let mut calls: Vec<_> = (0..2).map(|_| Call::begin(scope(&cache, uncoalesced(&[2, 4], &asked, &gate)))).collect();
    assert_eq!(asked.take(), [vec![2, 4], vec![2, 4]]);
    gate.open();
    assert!(calls.iter_mut().all(|call| call.step() == Some(rows_of(&[2, 4]))));
}

#[test]
fn a_cache_of_its_own() {
    #[cached(batch, timeout = 60, cache = cache, ignore(asked), key = "batch_options.cache:<ids>")]
    fn elsewhere(ids: &[u32], cache: &larder::Cache, asked: &Asked) -> HashMap<u32, String> {
        asked.note(ids);
        rows_of(ids)
    }
    let (asked, one, other) = (Asked::default(), cache(), cache());
    assert_eq!(elsewhere(&[2, 4], &one, &asked), elsewhere(&[4, 2], &one, &asked));
    assert_eq!(elsewhere(&[2], &other, &asked).len(), 1);
    assert_eq!(asked.take(), [vec![2, 4], vec![2]]);
    assert_eq!(elsewhere::entry(4, &one).get(), Some("row 4".to_owned()));
}

#[test]
fn tags_of_each_id() {
    #[cached(
        batch,
        timeout = 60,
        tags("batch_options", "batch_options:<ids>:<lang>"),
        ignore(lang, asked),
        key = "batch_options.tags:<ids>"
    )]
    fn tagged(ids: &[u32], lang: &str, asked: &Asked) -> HashMap<u32, String> {
        asked.note(ids);
        rows_of(ids)
    }
    let (asked, cache) = (Asked::default(), cache());
    let (id, lang) = (4, "a:b");
    let call = || scope_blocking(&cache, || tagged(&[2, 4], lang, &asked));
    call();
    tag!("batch_options:<id>:<lang>", cache = cache).blocking().invalidate().unwrap();
    call();
    cache.blocking().tag("batch_options").invalidate().unwrap();
    call();
    assert_eq!(asked.take(), [vec![2, 4], vec![4], vec![2, 4]]);
}

#[cached(
    batch,
    timeout = 10,
    stale_if_error = 100,
    chunk = 2,
    key = "batch_options.chunked:<ids>",
    ignore(source, gate)
)]
async fn chunked(ids: &[u32], source: &Source, gate: &Gate) -> Result<HashMap<u32, u32>, Down> {
    gate.pass().await;
    source.ask(ids)
}

#[test]
fn old_values_stand_in_for_each_run_by_itself() {
    let (source, gate, (cache, clock)) = (Source::new(), Gate::new(), timed());
    gate.open();
    let call = |ids: &[u32]| at_once(scope(&cache, chunked(ids, source, &gate)));
    assert_eq!(call(&[1, 2, 3]).map(|rows| rows.len()), Ok(3));
    clock.advance(secs(10));
    source.fails.store(true, SeqCst);
    assert_eq!(call(&[1, 2, 3, 4]), Err(Down), "4 has none");
    assert_eq!(source.asked.take()[2..], [[1, 2], [3, 4]]);
    let stats = cache.stats();
    assert_eq!((stats.stale_hits, stats.misses), (2, 3 + 2), "3 was answered with nothing");
    assert_eq!(call(&[3, 1, 2]), Ok(HashMap::from([(1, 1), (2, 1), (3, 2)])));
    assert!(source.asked.take().is_empty(), "all of them rest");
    source.fails.store(false, SeqCst);
    assert_eq!(call(&[1, 4]), Ok(HashMap::from([(1, 1), (4, 5)])), "an old row and a new one");
}

#[test]
fn who_waits_has_old_values_of_its_own() {
    let (source, gate, (cache, clock)) = (Source::new(), Gate::new(), timed());
    gate.let_one_through();
    let call = |ids: &'static [u32]| scope(&cache, chunked(ids, source, &gate));
    assert_eq!(at_once(call(&[1])), Ok(all(1, &[1])));
    clock.advance(secs(10));
    source.fails.store(true, SeqCst);
    let mut leader = Call::begin(call(&[1, 4]));
    let waiter = Call::begin(call(&[1]));
    gate.let_one_through();
    assert_eq!(leader.step(), Some(Err(Down)));
    gate.open();
    assert_eq!(waiter.end(), Ok(all(1, &[1])));
    assert_eq!(source.asked.take(), [vec![1], vec![1, 4]], "the source rests");
}

#[test]
fn a_refresh_that_no_longer_finds_a_row_takes_it_away() {
    #[cached(batch, timeout = 10, stale_while_revalidate = 100, key = "batch_options.gone:<ids>", ignore(source))]
    async fn gone(ids: &[u32], source: &'static Source) -> HashMap<u32, u32> {
        let mut rows = source.ask(ids).unwrap();
        rows.retain(|id, run| *id != 2 || *run == 1);
        rows
    }
    let (source, side) = (Source::new(), Side::default());
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, gone(&[1, 2], source)));
    assert_eq!(call(), all(1, &[1, 2]));
    clock.advance(secs(10));
    assert_eq!(call(), all(1, &[1, 2]));
    side.run();
    assert_eq!(call(), all(2, &[1]));
    assert_eq!(source.asked.take(), [vec![1, 2], vec![1, 2], vec![2]]);
}

#[test]
fn a_refresh_on_the_side_is_overtaken_id_by_id() {
    let (source, side) = (Source::new(), Side::default());
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, while_revalidate(&[1, 2, 3], source)));
    assert_eq!(call(), Ok(all(1, &[1, 2, 3])));
    clock.advance(secs(10));
    assert_eq!(call(), Ok(all(1, &[1, 2, 3])));
    at_once(scope(&cache, async { while_revalidate::entry(2).invalidate().await.unwrap() }));
    assert_eq!(call(), Ok(HashMap::from([(1, 1), (2, 2), (3, 1)])), "an invalidated row is no old one");
    side.run();
    assert_eq!(source.asked.take(), [vec![1, 2, 3], vec![2], vec![1, 3]]);
    assert_eq!(call(), Ok(HashMap::from([(1, 3), (2, 2), (3, 3)])));
}

#[test]
fn a_refresh_that_is_dropped_or_panics_lets_its_ids_rest() {
    #[cached(batch, timeout = 10, stale_while_revalidate = 100, key = "batch_options.panic:<ids>", ignore(source))]
    async fn panics(ids: &[u32], source: &'static Source) -> HashMap<u32, u32> {
        source.ask(ids).expect("the body panics")
    }
    let (source, side) = (Source::new(), Side::default());
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, panics(&[1, 2], source)));
    assert_eq!(call(), all(1, &[1, 2]));
    clock.advance(secs(10));
    call();
    side.forget();
    assert_eq!((call(), side.waiting(), cache.stats().refreshes_failed), (all(1, &[1, 2]), 0, 2));
    clock.advance(secs(10));
    source.fails.store(true, SeqCst);
    call();
    assert!(std::panic::catch_unwind(|| side.run()).is_err() || side.waiting() == 0);
    assert_eq!((call(), side.waiting(), cache.stats().refreshes_failed), (all(1, &[1, 2]), 0, 4));
}

#[test]
fn a_whole_batch_is_refreshed_on_demand() {
    let (source, cache) = (Source::new(), cache());
    at_once(scope(&cache, async {
        assert_eq!(while_revalidate(&[1, 2], source).await, Ok(all(1, &[1, 2])));
        assert_eq!(while_revalidate::refresh(&[2, 3, 2], source).await, Ok(all(2, &[2, 3])));
        assert_eq!(while_revalidate(&[1, 2, 3], source).await, Ok(HashMap::from([(1, 1), (2, 2), (3, 2)])));
        source.fails.store(true, SeqCst);
        assert_eq!(while_revalidate::refresh(&[1, 2], source).await, Err(Down));
        assert_eq!(while_revalidate(&[2], source).await, Ok(all(2, &[2])), "the rows stay");
    }));
    assert_eq!(source.asked.take(), [vec![1, 2], vec![2, 3], vec![1, 2]]);
}

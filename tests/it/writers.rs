//! `#[invalidates]`: what a function has made untrue is gone once it has succeeded, and only then.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use futures_lite::future::yield_now;
use larder::testing::{scope, scope_blocking};
use larder::{Cache, Error, cached, invalidates};

use crate::fence::{Source, read};
use crate::support::{Call, at_once, cache};

/// Something to read: the number under `id`, which is its version.
#[cached(timeout = 60, key = "writers.number:<id>", ignore(table))]
pub(crate) async fn number(id: usize, table: &Table) -> u32 {
    table.0[id].load(SeqCst)
}

/// The same for ordinary functions.
#[cached(timeout = 60, key = "writers.number_now:<id>", ignore(table))]
pub(crate) fn number_now(id: usize, table: &Table) -> u32 {
    table.0[id].load(SeqCst)
}

#[cached(timeout = 60, key = "writers.sum", ignore(table))]
pub(crate) fn sum(table: &Table) -> u32 {
    table.0.iter().map(|number| number.load(SeqCst)).sum()
}

#[derive(Debug, Default)]
pub(crate) struct Table(pub(crate) [AtomicU32; 4]);

impl Table {
    pub(crate) fn write(&self, id: usize) {
        self.0[id].fetch_add(1, SeqCst);
    }

    /// Whether the caches know what stands in the table.
    pub(crate) fn is_known(&self, cache: &Cache, id: usize) -> [bool; 3] {
        scope_blocking(cache, || {
            let number = at_once(scope(cache, number(id, self)));
            let there = self.0[id].load(SeqCst);
            let total: u32 = self.0.iter().map(|number| number.load(SeqCst)).sum();
            [number == there, number_now(id, self) == there, sum(self) == total]
        })
    }
}

/// A table whose numbers are all in the cache.
pub(crate) fn known() -> (Cache, Table) {
    let (cache, table) = (cache(), Table::default());
    for id in 0..4 {
        assert_eq!(table.is_known(&cache, id), [true; 3]);
    }
    (cache, table)
}

pub(crate) const ALL: [bool; 3] = [true; 3];
pub(crate) const NOTHING: [bool; 3] = [false; 3];

/// Any error.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

pub(crate) type Outcome<T> = Result<T, Failure>;

/// How a body can end.
#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    AtTheEnd,
    ByReturn,
    ByReturnedError,
    ByQuestionMark,
    WithAnError,
    ByPanic,
}

#[invalidates(number::entry(id), number_now::entry(id), sum::all())]
async fn write(table: &Table, id: usize, how: How) -> Outcome<usize> {
    table.write(id);
    yield_now().await;
    match how {
        How::AtTheEnd => {}
        How::ByReturn => return Ok(id),
        How::ByReturnedError => return Err("return".into()),
        How::ByQuestionMark => Err("?")?,
        How::WithAnError => Err(Failure("error".into()))?,
        How::ByPanic => panic!("as asked"),
    }
    Ok(id)
}

#[invalidates(number::entry(id), number_now::entry(id), sum::all())]
fn write_now(table: &Table, id: usize, how: How) -> Outcome<usize> {
    table.write(id);
    match how {
        How::AtTheEnd => {}
        How::ByReturn => return Ok(id),
        How::ByReturnedError => return Err("return".into()),
        How::ByQuestionMark => Err("?")?,
        How::WithAnError => return Outcome::Err("error".into()),
        How::ByPanic => panic!("as asked"),
    }
    Ok(id)
}

fn ends(run: impl Fn(&Cache, &Table, How) -> Outcome<usize>) {
    for how in [How::AtTheEnd, How::ByReturn] {
        let (cache, table) = known();
        assert_eq!(run(&cache, &table, how).unwrap(), 2, "{how:?}");
        assert_eq!(table.is_known(&cache, 2), ALL, "{how:?}");
        assert_eq!(cache.stats().invalidations, 3, "{how:?}");
    }
    for how in [How::ByReturnedError, How::ByQuestionMark, How::WithAnError] {
        let (cache, table) = known();
        assert!(run(&cache, &table, how).is_err(), "{how:?}");
        assert_eq!(table.is_known(&cache, 2), NOTHING, "{how:?}");
    }
    let (cache, table) = known();
    assert!(catch_unwind(AssertUnwindSafe(|| run(&cache, &table, How::ByPanic))).is_err());
    assert_eq!(table.is_known(&cache, 2), NOTHING, "a panic is no success");
}

#[test]
fn a_writer_invalidates_when_its_body_has_succeeded() {
    ends(|cache, table, how| futures_lite::future::block_on(scope(cache, write(table, 2, how))));
}

#[test]
fn an_ordinary_writer_invalidates_when_its_body_has_succeeded() {
    ends(|cache, table, how| scope_blocking(cache, || write_now(table, 2, how)));
}

#[test]
fn what_cannot_fail_succeeds() {
    #[invalidates(number::entry(0), number_now::entry(0), sum::all())]
    fn nothing(table: &Table) {
        table.write(0);
    }

    #[invalidates(number::entry(0), number_now::entry(0), sum::all())]
    async fn nothing_found(table: &Table) -> Option<u32> {
        table.write(0);
        let nothing: Option<u32> = None;
        let found = nothing?;
        Some(found)
    }

    let (cache, table) = known();
    scope_blocking(&cache, || nothing(&table));
    assert_eq!(table.is_known(&cache, 0), ALL);
    assert_eq!(at_once(scope(&cache, nothing_found(&table))), None);
    assert_eq!(table.is_known(&cache, 0), ALL);
}

struct Writers {
    table: Table,
    cache: Cache,
}

trait Write<T> {
    fn write(&mut self, id: T) -> &mut Table;

    #[invalidates(number::entry(id), number_now::entry(id), sum::all())]
    fn write_by_default(&self, table: &Table, id: usize) {
        table.write(id);
    }
}

impl<T: TryInto<usize> + Copy> Write<T> for Writers {
    #[invalidates(id.try_into().ok().map(|id| (number::entry(id), number_now::entry(id))), [sum::all()])]
    fn write(&mut self, id: T) -> &mut Table {
        if let Ok(id) = id.try_into() {
            self.table.write(id);
        }
        &mut self.table
    }
}

impl Writers {
    #[cached(timeout = 60, key = "writers.own:<id>", cache = self.cache, ignore(self), entry = own_entry)]
    fn own(&self, id: usize) -> u32 {
        self.table.0[id].load(SeqCst)
    }

    #[invalidates(self.own_entry(id))]
    async fn write_own(&mut self, id: usize) {
        self.table.write(id);
        yield_now().await;
    }
}

#[test]
fn methods_write() {
    let (cache, table) = known();
    let mut writers = Writers { table, cache: Cache::builder().build_blocking().unwrap() };
    scope_blocking(&cache, || {
        writers.write(1_u8);
        assert_eq!(writers.table.is_known(&cache, 1), ALL);
        Write::<u8>::write_by_default(&writers, &writers.table, 3);
        assert_eq!(writers.table.is_known(&cache, 3), ALL);
    });
    let before = writers.own(1);
    futures_lite::future::block_on(writers.write_own(1));
    assert_eq!(writers.own(1), before + 1, "in the cache of the method");
}

#[test]
fn the_list_sees_the_arguments_as_the_caller_gave_them() {
    #[invalidates(number::entry(ids[0]), number_now::entry(ids[0]), sum::all())]
    async fn move_on(table: &Table, mut ids: Vec<usize>) -> Vec<usize> {
        table.write(ids[0]);
        ids[0] = 3;
        yield_now().await;
        ids
    }

    let (cache, table) = known();
    let ids = futures_lite::future::block_on(scope(&cache, move_on(&table, vec![1])));
    assert_eq!((ids, table.is_known(&cache, 1)), (vec![3], ALL));
}

#[test]
fn a_load_that_began_before_the_write_does_not_store_after_it() {
    #[invalidates(read::entry("writer"))]
    async fn write(source: &Source, value: u32) {
        source.write(value);
    }

    let (cache, source) = (cache(), Source::new());
    let call = || scope(&cache, read("writer", &source));
    let (load, joined) = (Call::begin(call()), Call::begin(call()));
    at_once(scope(&cache, write(&source, 2)));
    let mut late = Call::begin(call());
    source.gate.open();
    assert_eq!((load.end(), joined.end()), (1, 1), "they were asked before the write");
    assert_eq!(late.step(), Some(2));
    assert_eq!(at_once(call()), 2);
    assert_eq!(cache.stats().fenced, 1);
}

#[test]
fn writers_of_writers() {
    #[invalidates(number::entry(1))]
    #[invalidates(number_now::entry(1))]
    fn twice(table: &Table, fails: bool) -> Result<(), Failure> {
        table.write(1);
        if fails { Err("as asked".into()) } else { Ok(()) }
    }

    #[invalidates(sum::all())]
    fn outer(table: &Table, fails: bool) -> Result<(), Failure> {
        twice(table, fails)
    }

    let (cache, table) = known();
    scope_blocking(&cache, || {
        outer(&table, true).unwrap_err();
        assert_eq!(table.is_known(&cache, 1), NOTHING);
        outer(&table, false).unwrap();
        assert_eq!(table.is_known(&cache, 1), ALL);
    });
}

static ATTRIBUTES: AtomicU32 = AtomicU32::new(0);

#[cached(timeout = 60, key = "writers.attributes:<number>")]
fn attributes(number: u32) -> u32 {
    ATTRIBUTES.fetch_add(1, SeqCst)
}

#[tokio::test]
#[invalidates(attributes::entry(1))]
async fn an_attribute_above_that_takes_async_away() {
    attributes(1);
    let before = attributes::entry(1).get();
    write_one(1).await;
    yield_now().await;
    assert_eq!((before.is_some(), attributes::entry(1).get()), (true, None));
    attributes(1);
}

#[invalidates(attributes::entry(2))]
#[tokio::test]
async fn an_attribute_below_that_takes_async_away() {
    attributes(2);
    write_one(2).await;
    assert_eq!(attributes::entry(2).get(), None);
}

#[invalidates(attributes::entry(number))]
async fn write_one(number: u32) {
    yield_now().await;
}

mod everything_imported {
    use larder::*;

    #[cached(key = "writers.imported:<id>")]
    fn imported(id: u64) -> u64 {
        id
    }

    #[test]
    fn a_handle_keeps_its_own_methods() {
        let entry = imported::entry(1);
        entry.invalidate().unwrap();
        entry.invalidate().unwrap();
        imported::all().bump().unwrap();
        cache().blocking().tag("writers").invalidate().unwrap();
    }
}

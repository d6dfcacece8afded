//! `#[invalidates(|value| ..)]`: what is known only when the function has returned it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use futures_lite::future::yield_now;
use larder::testing::{scope, scope_blocking};
use larder::{Error, invalidates};

use crate::support::at_once;
use crate::writers::{ALL, NOTHING, Outcome, Table, known, number, number_now, sum};

struct Row {
    id: usize,
}

#[invalidates(|row| number::entry(row.id), sum::all(), |Row { id }| number_now::entry(*id))]
async fn create(table: &Table, fails: bool) -> Outcome<Row> {
    let row = Row { id: 2 };
    table.write(row.id);
    if fails {
        return Err("as asked".into());
    }
    Ok(row)
}

#[test]
fn a_closure_sees_what_an_async_function_returns_unless_it_fails() {
    let (cache, table) = known();
    assert!(futures_lite::future::block_on(scope(&cache, create(&table, true))).is_err());
    assert_eq!(table.is_known(&cache, 2), NOTHING);
    assert_eq!(cache.stats().invalidations, 0);
    let row = futures_lite::future::block_on(scope(&cache, create(&table, false)));
    assert_eq!((row.unwrap().id, table.is_known(&cache, 2)), (2, ALL));
    assert_eq!(cache.stats().invalidations, 3);
}

#[test]
fn a_closure_sees_what_an_ordinary_function_returns() {
    #[invalidates(|rows: &Vec<Row>| rows.iter().map(|row| (number::entry(row.id), number_now::entry(row.id))).collect::<Vec<_>>(), |_| sum::all())]
    fn create(table: &Table) -> Vec<Row> {
        (1..3).map(|id| Row { id }).inspect(|row| table.write(row.id)).collect()
    }

    #[invalidates(|row| row.as_ref().map(|row| number::entry(row.id)))]
    fn find(table: &Table, id: Option<usize>) -> Option<Row> {
        let id = id?;
        table.write(id);
        Some(Row { id })
    }

    let (cache, table) = known();
    scope_blocking(&cache, || {
        create(&table);
        assert_eq!([1, 2].map(|id| table.is_known(&cache, id)), [ALL, ALL]);
        assert!(find(&table, None).is_none());
        find(&table, Some(3));
        assert_eq!(table.is_known(&cache, 3), [true, false, false]);
    });
}

#[test]
fn a_closure_may_use_arguments_that_the_body_does_not_move() {
    struct Tables<'a>(&'a Table, usize);

    impl Tables<'_> {
        #[invalidates(|row| [number::entry(row.id), self.entry(id), other.iter().copied().map(number::entry).next().unwrap()])]
        async fn copy(&self, id: usize, other: Vec<usize>) -> Row {
            self.0.write(0);
            self.0.write(id - self.1);
            self.0.write(2);
            yield_now().await;
            Row { id: 0 }
        }

        fn entry(&self, id: usize) -> larder::Entry<u32> {
            number::entry(id - self.1)
        }
    }

    let (cache, table) = known();
    futures_lite::future::block_on(scope(&cache, Tables(&table, 1).copy(2, vec![2])));
    assert_eq!([0, 1, 2, 3].map(|id| table.is_known(&cache, id)[0]), [true; 4]);
}

#[test]
fn the_future_is_send_also_if_the_value_is_not_sync() {
    #[invalidates(|id| number::entry(id.get()))]
    async fn write(table: &Table) -> Cell<usize> {
        table.write(1);
        yield_now().await;
        Cell::new(1)
    }

    fn send<F: Send>(future: F) -> F {
        future
    }

    let (cache, table) = known();
    futures_lite::future::block_on(send(scope(&cache, write(&table))));
    assert!(table.is_known(&cache, 1)[0]);
}

/// Borrows what the function returned until it is done.
struct Noted<'a>(&'a AtomicU32, &'a str);

impl larder::Invalidate for Noted<'_> {
    async fn apply(self) -> Result<(), Error> {
        yield_now().await;
        self.0.fetch_add(1, SeqCst);
        Err(Error::other(self.1.to_owned()))
    }
}

#[test]
fn what_a_closure_makes_may_borrow_the_value_and_fail() {
    #[invalidates(|name| Noted(done, name), on_error = return)]
    async fn write(done: &AtomicU32) -> Outcome<String> {
        Ok("name".to_owned())
    }

    #[invalidates(|name| Noted(done, name))]
    fn write_now(done: &AtomicU32) -> String {
        "name".to_owned()
    }

    let ((cache, _), done) = (known(), AtomicU32::new(0));
    let error = futures_lite::future::block_on(scope(&cache, write(&done))).err();
    assert!(error.is_some_and(|error| error.0.starts_with("invalidate: ")));
    assert_eq!(scope_blocking(&cache, || write_now(&done)), "name");
    assert_eq!((done.load(SeqCst), cache.stats().invalidation_errors), (2, 2));
}

#[test]
fn a_closure_that_panics_does_not_keep_the_others_from_running() {
    #[invalidates(|id| [number::entry(1)][*id].all(), number::entry(1), number_now::entry(1), |_| sum::all())]
    fn write(table: &Table) -> usize {
        table.write(1);
        9
    }

    let (cache, table) = known();
    let run = || scope_blocking(&cache, || write(&table));
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    assert_eq!(table.is_known(&cache, 1), ALL);
    assert_eq!(at_once(scope(&cache, number(1, &table))), 1);
}

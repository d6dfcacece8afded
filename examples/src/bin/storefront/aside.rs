//! The best sellers beside a product: a fragment of its page, the same beside every product of a shelf.
//!
//! The template says how long it is kept (`templates/aside.html`); here stands what it asks, and its handle.

use larder::fragment::{Fragment, Prefetched, prefetch};
use minijinja::{Error, ErrorKind, Value};
use tokio::runtime::Handle;

use crate::db::Db;
use crate::period::Period;
use crate::reports::best_sellers;
use crate::view::data;

/// Brings the fragment into memory if another shop has rendered it, so that rendering has nothing to wait for. What this returns is
/// held until the page is rendered: if nobody had it, it is what sends ours to the others.
pub(crate) async fn fetch(shelf: &str) -> Prefetched {
    let aside = Fragment::new("best_sellers_of").with(shelf).tagged([format!("shelf:{shelf}")]);
    prefetch(&larder::cache(), [aside]).await
}

/// The report of a shelf, for the body of the fragment to ask for.
///
/// The body asks, and not the handler beforehand, for two reasons: where the fragment is kept nobody asks at all, and what is asked
/// inside of it can't be kept if a price changes meanwhile. Rendering is synchronous, so its thread waits, outside of the runtime.
pub(crate) fn question(db: &Db) -> Value {
    let (db, runtime) = (db.clone(), Handle::current());
    Value::from_function(move |shelf: &str| {
        let report = runtime.block_on(best_sellers(&db, shelf, Period::Quarter));
        let report = report.map_err(|error| {
            Error::new(ErrorKind::InvalidOperation, "the best sellers can't be asked for").with_source(error)
        })?;
        Ok::<_, Error>(report.map(|report| data(&*report)))
    })
}

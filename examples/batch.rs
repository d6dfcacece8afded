//! Batches: a function of many ids, whose body is given only those that the cache does not have.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use larder::cached;

#[derive(Debug, PartialEq)]
struct Product {
    name: String,
}

/// Stands for a database: products 1 to 99 are there. It remembers what it was asked for.
#[derive(Debug, Default)]
struct Db(Mutex<Vec<BTreeSet<u32>>>);

impl Db {
    fn select(&self, ids: &[u32]) -> HashMap<u32, Arc<Product>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(ids.iter().copied().collect());
        let found = ids.iter().filter(|id| (1..100).contains(*id));
        found.map(|&id| (id, Arc::new(Product { name: format!("product {id}") }))).collect()
    }

    /// The queries since the last look.
    fn queries(&self) -> Vec<BTreeSet<u32>> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// In the key, `ids` stands for one of them: each product has an entry of its own. A query has three ids at most.
#[cached(batch, timeout = 60, key = "product:<ids>", ignore(db), chunk = 3)]
async fn products(db: &Db, ids: &[u32]) -> HashMap<u32, Arc<Product>> {
    tokio::task::yield_now().await;
    db.select(ids)
}

#[tokio::main]
async fn main() -> Result<(), larder::Error> {
    let db = Db::default();

    assert_eq!(products(&db, &[1, 2]).await.len(), 2);
    assert_eq!(db.queries(), [[1, 2].into()]);

    // What is there is not asked for again, and nothing is asked for twice.
    assert_eq!(products(&db, &[1, 2, 3, 3]).await.len(), 3);
    assert_eq!(db.queries(), [[3].into()]);

    // An id that is not in the answer was not found. It is asked for next time, unless there is `cache_none`.
    assert_eq!(products(&db, &[3, 100]).await.len(), 1);
    assert_eq!(db.queries(), [[100].into()]);

    // Two callers at once: each id reaches the database once.
    let (left, right) = tokio::join!(products(&db, &[10, 11]), products(&db, &[11, 12]));
    assert_eq!((left.len(), right.len()), (2, 2));
    assert_eq!(db.queries().iter().map(BTreeSet::len).sum::<usize>(), 3);

    // Many ids are asked for three at a time.
    assert_eq!(products(&db, &[20, 21, 22, 23]).await.len(), 4);
    assert_eq!(db.queries(), [[20, 21, 22].into(), [23].into()]);

    // One id, as if the function took one: the same entries.
    products::entry(1).invalidate().await?;
    assert_eq!(products::one(&db, 1).await.map(|product| product.name.clone()), Some("product 1".to_owned()));
    assert_eq!(db.queries(), [[1].into()]);
    assert_eq!(products::one(&db, 2).await.map(|product| product.name.clone()), Some("product 2".to_owned()));
    assert_eq!(db.queries(), []);
    Ok(())
}

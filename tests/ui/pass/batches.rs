//! Batches of every kind.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use larder::{KeyPart, cached};

#[derive(Clone, Debug)]
struct Db(u64);

#[derive(Clone, Debug, PartialEq)]
struct Failure;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, KeyPart)]
struct Id {
    tenant: u32,
    name: String,
}

type Found<T> = Result<T, Failure>;

const MOST: usize = 2;

#[cached(batch, timeout = 60, key = "map:<ids>", ignore(db), chunk = 2, tags("map:<ids>", "db:<db.0>"), cache_none)]
fn map(ids: &[u64], db: &Db) -> HashMap<u64, u64> {
    assert!(ids.len() <= 2);
    ids.iter().filter(|id| **id > 0).map(|id| (*id, id + db.0)).collect()
}

#[cached(batch, ignore(db), chunk = MOST, stale_if_error = "1h")]
async fn sorted(db: &Db, ids: &[Id]) -> Found<BTreeMap<Id, String>> {
    let [first, ..] = ids else { return Err(Failure) };
    if first.name.is_empty() {
        Err(Failure)?;
    }
    std::future::ready(()).await;
    Ok(ids.iter().map(|id| (id.clone(), format!("{}{}", id.name, db.0))).collect())
}

#[cached(batch, key = "v:<ids.tenant>:<ids.name>:<word>:<count>", unless = ids.len() > 9, stale_while_revalidate = 5)]
async fn by_value(mut ids: Vec<Id>, word: &str, mut count: u64) -> HashMap<Id, String> {
    ids.reverse();
    count += 1;
    std::future::ready(()).await;
    ids.into_iter().map(|id| (id, format!("{word}{count}"))).collect()
}

#[cached(batch, early = 0.5, stale_if_error = 5)]
fn generic<T: KeyPart + Clone + Eq + Hash + Send + Sync + 'static>(ids: &[T], factor: u64) -> Found<HashMap<T, u64>> {
    Ok(ids.iter().map(|id| (id.clone(), factor)).collect())
}

impl Db {
    #[cached(batch, key = "m:<self.0>:<ids>", entry = row_entry)]
    fn rows(&self, ids: &[u64]) -> HashMap<u64, u64> {
        ids.iter().map(|id| (*id, self.0)).collect()
    }

    #[cached(batch, key = "ma:<self.0>:<ids>:<word>", entry = row_later_entry, stale_while_revalidate = 5)]
    async fn rows_later(&self, ids: Vec<u64>, word: String) -> Found<BTreeMap<u64, String>> {
        std::future::ready(()).await;
        Ok(ids.iter().map(|id| (*id, format!("{word}{}", self.0))).collect())
    }

    #[cached(batch, key = "i:<self.0>:<ids>:<factor>")]
    fn inside(&self, ids: &[u64], mut factor: u64) -> Found<HashMap<u64, u64>> {
        factor = factor.checked_sub(1).ok_or(Failure)?;
        Ok(ids.iter().map(|id| (*id, self.0 * factor)).collect())
    }

    #[cached(batch, key = "ia:<self.0>:<ids>:<a>:<b>", tags("<ids>:<self.0>"))]
    async fn inside_later(&self, ids: Vec<u64>, (a, b): (u64, u64)) -> HashMap<u64, u64> {
        let row = std::future::ready(self.0 + a + b).await;
        ids.into_iter().map(|id| (id, row)).collect()
    }

    #[cached(batch, key = "o:<self.0>:<ids>:<word>", early = 0.5)]
    fn owned(&self, ids: &[u64], word: &str) -> HashMap<u64, String> {
        ids.iter().map(|id| (*id, format!("{self:?}{word}"))).collect()
    }

    #[cached(batch, key = "oa:<self.0>:<ids>:<word>", early = 0.5)]
    async fn owned_later(&self, mut ids: Vec<u64>, word: String) -> HashMap<u64, String> {
        ids.dedup();
        std::future::ready(()).await;
        ids.into_iter().map(|id| (id, format!("{self:?}{word}"))).collect()
    }
}

trait Names {
    fn names(&self, ids: &[u64]) -> BTreeMap<u64, String>;
}

impl<T: KeyPart> Names for Vec<T> {
    #[cached(batch, ignore(self))]
    fn names(&self, ids: &[u64]) -> BTreeMap<u64, String> {
        ids.iter().map(|id| (*id, id.to_string())).collect()
    }
}

#[tokio::main]
async fn main() {
    let db = Db(10);
    let id = |name: &str| Id { tenant: 1, name: name.to_owned() };
    assert_eq!(map(&[1, 2, 3, 0, 1], &db), HashMap::from([(1, 11), (2, 12), (3, 13)]));
    assert_eq!((map::one(2, &db), map::one(0, &db), map::one(4, &db)), (Some(12), None, Some(14)));
    map::entry(2, &db).put(5).unwrap();
    assert_eq!(map(&[2], &db), HashMap::from([(2, 5)]));
    assert_eq!(map::entry(2, &db).refresh(), Some(12));
    assert_eq!(map::uncached(&[2], &db).len(), 1);
    map::entry(2, &db).invalidate().unwrap();
    map::all().bump().unwrap();

    assert_eq!(sorted(&db, &[id("a"), id("b"), id("c")]).await.unwrap().len(), 3);
    assert_eq!(sorted::one(&db, id("a")).await, Ok(Some("a10".to_owned())));
    assert_eq!(sorted::one(&db, id("")).await, Err(Failure));
    assert_eq!(sorted::refresh(&db, &[id("a")]).await.unwrap().len(), 1);
    sorted::entry(id("a")).invalidate().await.unwrap();
    assert_eq!(by_value(vec![id("a")], "w", 1).await.len(), 1);
    assert_eq!(by_value::one(id("b"), "w", 1).await.as_deref(), Some("w2"));
    by_value::entry(id("b"), "w", 1).refresh().await.unwrap();
    assert_eq!(generic(&["a".to_owned()], 3), Ok(HashMap::from([("a".to_owned(), 3)])));
    assert_eq!(generic::one(5_u8, 3), Ok(Some(3)));

    assert_eq!((db.rows(&[1, 2]).len(), db.row_entry(1).get()), (2, Some(10)));
    assert_eq!(db.rows_later(vec![1], "w".to_owned()).await.unwrap().len(), 1);
    assert_eq!(db.row_later_entry(1, "w".to_owned()).get().await.as_deref(), Some("w10"));
    assert_eq!((db.inside(&[1], 3), db.inside(&[2], 0)), (Ok(HashMap::from([(1, 20)])), Err(Failure)));
    assert_eq!(db.inside_later(vec![1], (2, 3)).await, HashMap::from([(1, 15)]));
    assert_eq!(db.owned(&[1], "w"), HashMap::from([(1, "Db(10)w".to_owned())]));
    assert_eq!(db.owned_later(vec![1], "w".to_owned()).await, HashMap::from([(1, "Db(10)w".to_owned())]));
    assert_eq!(vec![1_u8].names(&[3]), BTreeMap::from([(3, "3".to_owned())]));
}

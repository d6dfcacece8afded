//! Functions of many ids: what the body is given, and what the caller gets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{at_once, cache, secs, timed};

/// What bodies were given.
#[derive(Debug, Default)]
pub(crate) struct Asked(Mutex<Vec<Vec<u32>>>);

impl Asked {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn note(&self, ids: &[u32]) {
        assert!(!ids.is_empty(), "a body is never given nothing");
        self.0.lock().unwrap().push(ids.to_vec());
    }

    /// All since the last look.
    pub(crate) fn take(&self) -> Vec<Vec<u32>> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// A row for each even id.
pub(crate) fn rows_of(ids: &[u32]) -> HashMap<u32, String> {
    ids.iter().filter(|id| **id % 2 == 0).map(|id| (*id, format!("row {id}"))).collect()
}

fn expected(ids: &[u32]) -> HashMap<u32, String> {
    rows_of(ids)
}

#[cached(batch, timeout = 60, key = "batch.rows:<ids>", ignore(asked))]
async fn rows(ids: &[u32], asked: &Asked) -> HashMap<u32, String> {
    asked.note(ids);
    rows_of(ids)
}

#[cached(batch, timeout = 60, key = "batch.now:<ids>", ignore(asked))]
fn rows_now(ids: &[u32], asked: &Asked) -> BTreeMap<u32, String> {
    asked.note(ids);
    rows_of(ids).into_iter().collect()
}

#[test]
fn only_missing_ids_reach_the_body_each_once_in_the_order_of_asking() {
    let (asked, cache) = (Asked::default(), cache());
    let call = |ids: &[u32]| at_once(scope(&cache, rows(ids, &asked)));
    assert_eq!(call(&[8, 2, 8, 6, 2]), expected(&[2, 6, 8]));
    assert_eq!(asked.take(), [vec![8, 2, 6]]);
    assert_eq!(call(&[4, 2, 0, 8]), expected(&[0, 2, 4, 8]));
    assert_eq!(asked.take(), [vec![4, 0]]);
    assert_eq!(call(&[0, 2, 4, 6, 8]), expected(&[0, 2, 4, 6, 8]));
    assert_eq!(call(&[]), HashMap::new());
    assert!(asked.take().is_empty());
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.loads, stats.stores), (7, 5 + 2 - 2, 5, 5));
}

#[test]
fn an_ordinary_function() {
    let (asked, cache) = (Asked::default(), cache());
    scope_blocking(&cache, || {
        let sorted = |ids: &[u32]| expected(ids).into_iter().collect::<BTreeMap<_, _>>();
        assert_eq!(rows_now(&[4, 2], &asked), sorted(&[2, 4]));
        assert_eq!(rows_now(&[4, 6, 2], &asked), sorted(&[2, 4, 6]));
        assert_eq!(rows_now::one(6, &asked), Some("row 6".to_owned()));
        assert_eq!(rows_now::entry(6).get(), Some("row 6".to_owned()));
    });
    assert_eq!(asked.take(), [vec![4, 2], vec![6]]);
}

#[test]
fn ids_left_out_are_absent_and_asked_for_again() {
    let (asked, cache) = (Asked::default(), cache());
    let call = |ids: &[u32]| at_once(scope(&cache, rows(ids, &asked)));
    assert_eq!(call(&[1, 2, 3]), expected(&[2]));
    assert_eq!(call(&[1, 2, 3]), expected(&[2]));
    assert_eq!(asked.take(), [vec![1, 2, 3], vec![1, 3]]);
}

#[test]
fn absence_can_be_stored() {
    #[cached(batch, timeout = 60, cache_none = 5, key = "batch.none:<ids>", ignore(asked))]
    async fn rows(ids: &[u32], asked: &Asked) -> HashMap<u32, String> {
        asked.note(ids);
        rows_of(ids)
    }
    let (asked, (cache, clock)) = (Asked::default(), timed());
    let call = |ids: &[u32]| at_once(scope(&cache, rows(ids, &asked)));
    assert_eq!((call(&[1, 2]), call(&[1, 2])), (expected(&[2]), expected(&[2])));
    assert_eq!(asked.take(), [vec![1, 2]]);
    clock.advance(secs(5));
    assert_eq!(call(&[1, 2]), expected(&[2]));
    assert_eq!(asked.take(), [vec![1]]);
}

#[test]
fn rows_that_nobody_asked_for_are_left_out() {
    #[cached(batch, timeout = 60, key = "batch.more:<ids>")]
    async fn rows(ids: &[u32]) -> HashMap<u32, u32> {
        ids.iter().flat_map(|id| [(*id, 1), (id + 100, 2)]).collect()
    }
    let cache = cache();
    at_once(scope(&cache, async {
        assert_eq!(rows(&[1]).await, HashMap::from([(1, 1)]));
        assert_eq!(rows::entry(101).get().await, None);
    }));
}

type Rows = Result<HashMap<u32, String>, Broken>;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Broken;

#[cached(batch, timeout = 60, chunk = 2, key = "batch.chunks:<ids>", ignore(asked))]
async fn chunks(ids: &[u32], asked: &Asked) -> Rows {
    asked.note(ids);
    if ids.contains(&13) { Err(Broken) } else { Ok(rows_of(ids)) }
}

#[test]
fn large_loads_are_split() {
    let (asked, cache) = (Asked::default(), cache());
    let call = |ids: &[u32]| at_once(scope(&cache, chunks(ids, &asked)));
    assert_eq!(call(&[2, 4, 6, 8, 10]), Ok(expected(&[2, 4, 6, 8, 10])));
    assert_eq!(asked.take(), [vec![2, 4], vec![6, 8], vec![10]]);
}

#[test]
fn an_error_is_the_answer_and_not_stored() {
    let (asked, cache) = (Asked::default(), cache());
    let call = |ids: &[u32]| at_once(scope(&cache, chunks(ids, &asked)));
    assert_eq!(call(&[2, 13]), Err(Broken));
    assert_eq!(call(&[2, 4, 6, 13, 8]), Err(Broken));
    assert_eq!(asked.take(), [vec![2, 13], vec![2, 4], vec![6, 13]], "the body is not asked any further");
    assert_eq!(call(&[2, 4, 6]), Ok(expected(&[2, 4, 6])));
    assert_eq!(asked.take(), [vec![6]], "what was loaded before the error stays");
    assert_eq!(at_once(scope(&cache, chunks::one(13, &asked))), Err(Broken));
    assert_eq!(at_once(scope(&cache, chunks::one(14, &asked))), Ok(Some("row 14".to_owned())));
    assert_eq!(at_once(scope(&cache, chunks::one(15, &asked))), Ok(None));
}

#[test]
fn past_the_cache_as_well() {
    let asked = Asked::default();
    let off = Cache::builder().off().build_blocking().unwrap();
    let call = |ids: &[u32]| at_once(scope(&off, chunks(ids, &asked)));
    assert_eq!(call(&[2, 4, 6]), Ok(expected(&[2, 4, 6])));
    assert_eq!(call(&[]), Ok(HashMap::new()));
    assert_eq!(asked.take(), [vec![2, 4], vec![6]]);
    assert_eq!(call(&[2, 13, 4]), Err(Broken));
}

#[test]
fn one_and_entry_share_what_the_batch_has() {
    let (asked, cache) = (Asked::default(), cache());
    at_once(scope(&cache, async {
        assert_eq!(rows(&[2, 4], &asked).await, expected(&[2, 4]));
        assert_eq!(rows::one(2, &asked).await, Some("row 2".to_owned()));
        assert_eq!(rows::one(6, &asked).await, Some("row 6".to_owned()));
        assert_eq!(rows::one(7, &asked).await, None);
        assert_eq!(asked.take(), [vec![2, 4], vec![6], vec![7]]);
        assert_eq!(rows::entry(4).key(), "batch.rows:4");
        rows::entry(4).put("by hand".to_owned()).await.unwrap();
        rows::entry(2).invalidate().await.unwrap();
        let found = rows(&[2, 4, 6], &asked).await;
        assert_eq!(found[&4], "by hand");
        assert_eq!(asked.take(), [vec![2]]);
        assert_eq!(rows::refresh(&[4], &asked).await, expected(&[4]));
        assert_eq!(cache.get::<String>("batch.rows:4").await, Some("row 4".to_owned()));
        rows::all().bump().await.unwrap();
        assert_eq!(rows(&[2, 4], &asked).await, expected(&[2, 4]));
        assert_eq!(asked.take(), [vec![4], vec![2, 4]]);
        assert_eq!(rows::uncached(&[2, 2], &asked).await, expected(&[2]));
        assert_eq!(asked.take(), [vec![2, 2]]);
    }));
}

#[test]
fn a_batch_that_ignores_nothing_is_refreshed_as_a_whole_too() {
    static ASKED: Asked = Asked::new();

    #[cached(batch, timeout = 60, chunk = 2, key = "batch.whole:<ids>")]
    async fn whole(ids: &[u32]) -> HashMap<u32, String> {
        ASKED.note(ids);
        rows_of(ids)
    }

    #[cached(batch, timeout = 60, chunk = 2, key = "batch.whole_now:<ids>")]
    fn whole_now(ids: Vec<u32>) -> Result<HashMap<u32, String>, String> {
        ASKED.note(&ids);
        if ids.contains(&9) { Err("no".to_owned()) } else { Ok(rows_of(&ids)) }
    }

    let cache = cache();
    at_once(scope(&cache, async {
        assert_eq!(whole(&[2]).await, expected(&[2]));
        assert_eq!(whole::refresh(&[2, 4, 2, 6]).await, expected(&[2, 4, 6]));
        assert_eq!(whole(&[2, 4, 6]).await, expected(&[2, 4, 6]));
        assert_eq!(whole::entry(6).refresh().await, expected(&[6]).remove(&6));
        assert_eq!(ASKED.take(), [vec![2], vec![2, 4], vec![6], vec![6]]);
    }));
    scope_blocking(&cache, || {
        assert_eq!(whole_now::refresh(vec![2, 4, 6]), Ok(expected(&[2, 4, 6])));
        assert_eq!(whole_now(vec![6, 4]), Ok(expected(&[4, 6])));
        assert_eq!(whole_now::refresh(vec![2, 4, 9]), Err("no".to_owned()));
        assert_eq!(ASKED.take(), [vec![2, 4], vec![6], vec![2, 4], vec![9]]);
    });
}

#[test]
fn of_several_slices_the_keys_of_the_map_are_the_ids() {
    static ASKED: Asked = Asked::new();

    #[cached(batch, timeout = 60, key = "batch.words:<words>:<ids>")]
    fn joined(words: &[String], ids: &[u32]) -> HashMap<u32, String> {
        ASKED.note(ids);
        ids.iter().map(|id| (*id, format!("{}{id}", words.concat()))).collect()
    }

    scope_blocking(&cache(), || {
        let (words, others) = (["a".to_owned(), "b".to_owned()], ["c".to_owned()]);
        assert_eq!(joined(&words, &[1, 2])[&2], "ab2");
        assert_eq!(joined(&words, &[2, 3])[&2], "ab2");
        assert_eq!(joined(&others, &[2])[&2], "c2");
        assert_eq!(joined::entry(&words, 3).key(), "batch.words:[a,b,]:3");
        assert_eq!(ASKED.take(), [vec![1, 2], vec![3], vec![2]]);
    });
}

#[test]
fn ids_of_the_same_key_stand_for_each_other() {
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    struct Id {
        tenant: u32,
        noise: u32,
    }
    #[cached(batch, timeout = 60, key = "batch.tenant:<ids.tenant>", ignore(asked))]
    async fn names(ids: Vec<Id>, asked: &Asked) -> HashMap<Id, String> {
        asked.note(&ids.iter().map(|id| id.tenant).collect::<Vec<_>>());
        ids.into_iter().map(|id| (id.clone(), format!("tenant {}", id.tenant))).collect()
    }
    let (asked, cache) = (Asked::default(), cache());
    let ids = [(1, 1), (2, 2), (1, 3)].map(|(tenant, noise)| Id { tenant, noise });
    for _ in 0..2 {
        let names = at_once(scope(&cache, names(ids.to_vec(), &asked)));
        assert_eq!(names.len(), 3);
        assert!(names.iter().all(|(id, name)| *name == format!("tenant {}", id.tenant)));
    }
    assert_eq!(asked.take(), [vec![1, 2]]);
}

#[derive(Default)]
struct Db {
    asked: Asked,
    cache: Option<Cache>,
}

trait Find {
    async fn find(&self, ids: &[u32]) -> Rows;
}

impl Db {
    #[cached(batch, timeout = 60, key = "batch.method:<ids>:<lang>", ignore(self), entry = row_entry)]
    async fn rows(&self, ids: &[u32], lang: &str) -> Rows {
        self.asked.note(ids);
        Ok(rows_of(ids).into_iter().map(|(id, row)| (id, format!("{row} {lang}"))).collect())
    }

    #[cached(batch, ignore(self), cache = self.cache.as_ref().unwrap())]
    fn without_key(&self, lang: String, ids: Vec<u32>) -> BTreeMap<u32, String> {
        self.asked.note(&ids);
        ids.into_iter().map(|id| (id, lang.clone())).collect()
    }
}

impl Find for Db {
    #[cached(batch, timeout = 60, key = "batch.trait:<ids>", ignore(self))]
    async fn find(&self, ids: &[u32]) -> Rows {
        self.asked.note(ids);
        Ok(rows_of(ids))
    }
}

#[test]
fn methods() {
    let (db, cache) = (Db::default(), cache());
    at_once(scope(&cache, async {
        assert_eq!(db.rows(&[2, 4], "en").await.unwrap()[&4], "row 4 en");
        assert_eq!(db.rows(&[4, 6], "en").await.unwrap().len(), 2);
        assert_eq!(db.rows(&[4], "de").await.unwrap()[&4], "row 4 de");
        assert_eq!(db.row_entry(4, "en").get().await, Some("row 4 en".to_owned()));
        assert_eq!(db.asked.take(), [vec![2, 4], vec![6], vec![4]]);
        assert_eq!(db.find(&[2, 4]).await, Ok(expected(&[2, 4])));
        assert_eq!(db.find(&[2, 6]).await, Ok(expected(&[2, 6])));
        assert_eq!(db.asked.take(), [vec![2, 4], vec![6]]);
    }));
}

#[test]
fn without_a_key_all_other_arguments_count() {
    let db = Db { cache: Some(cache()), ..Db::default() };
    assert_eq!(db.without_key("en".into(), vec![1, 2])[&2], "en");
    assert_eq!(db.without_key("en".into(), vec![2, 3])[&2], "en");
    assert_eq!(db.without_key("de".into(), vec![2])[&2], "de");
    assert_eq!(db.asked.take(), [vec![1, 2], vec![3], vec![2]]);
}

#[test]
fn ten_thousand_ids() {
    let (asked, cache) = (Asked::default(), Cache::builder().capacity(50_000).build_blocking().unwrap());
    let ids: Vec<u32> = (0..20_000).collect();
    for _ in 0..2 {
        assert_eq!(at_once(scope(&cache, rows(&ids, &asked))).len(), 10_000);
    }
    let bodies = asked.take();
    assert_eq!(bodies.iter().map(Vec::len).collect::<Vec<_>>(), [20_000, 10_000]);
}

#[test]
fn maps_and_ids_of_other_types() {
    #[cached(batch, timeout = 60, key = "batch.sorted:<names>", ignore(asked))]
    fn sorted(names: Vec<String>, asked: &Asked) -> Result<BTreeMap<String, u32>, Broken> {
        asked.note(&[u32::try_from(names.len()).unwrap()]);
        if names.iter().any(String::is_empty) { Err(Broken) } else { Ok(names.into_iter().zip(1..).collect()) }
    }
    type Hasher = std::hash::BuildHasherDefault<std::hash::DefaultHasher>;
    #[cached(batch, timeout = 60, key = "batch.hasher:<pairs.0>:<pairs.1>")]
    async fn hashed(pairs: &[(u8, char)]) -> HashMap<(u8, char), u8, Hasher> {
        pairs.iter().map(|pair| (*pair, pair.0)).collect()
    }
    let (asked, cache) = (Asked::default(), cache());
    let call = |names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        scope_blocking(&cache, || sorted(names, &asked)).map(|rows| rows.into_iter().collect::<Vec<_>>())
    };
    assert_eq!(call(&["b", "a"]), Ok(vec![("a".to_owned(), 2), ("b".to_owned(), 1)]));
    assert_eq!(call(&["c:", "a"]), Ok(vec![("a".to_owned(), 2), ("c:".to_owned(), 1)]));
    assert_eq!(call(&["", "d", "a"]), Err(Broken));
    assert_eq!(asked.take(), [[2], [1], [2]]);
    let found = at_once(scope(&cache, hashed(&[(1, 'a'), (1, 'b'), (1, 'a')])));
    assert_eq!((found.len(), found[&(1, 'b')]), (2, 1));
    assert_eq!(at_once(scope(&cache, hashed::one((1, 'b')))), Some(1));
    assert_eq!(cache.stats().loads, 2 + 1 + 2 + 2);
}

#[test]
fn what_is_counted() {
    let (asked, (cache, clock)) = (Asked::default(), timed());
    at_once(scope(&cache, async {
        let stats = || rows::all().stats();
        rows(&[1, 2, 2, 4], &asked).await;
        assert_eq!((stats().hits, stats().misses, stats().loads, stats().stores), (0, 3, 3, 2));
        rows(&[2, 4, 6], &asked).await;
        assert_eq!((stats().hits, stats().misses, stats().loads, stats().stores), (2, 4, 4, 3));
        rows::uncached(&[2], &asked).await;
        rows(&[], &asked).await;
        clock.advance(secs(60));
        rows(&[2], &asked).await;
        assert_eq!((stats().hits, stats().misses, stats().loads, stats().stores), (2, 5, 5, 4));
        let off = (stats().coalesced, stats().load_errors, stats().fenced, stats().refreshes);
        assert_eq!((off, rows_now::all().stats().misses), ((0, 0, 0, 0), 0));
    }));
}

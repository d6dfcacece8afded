//! The options about old values, tags and jitter together, on functions of every kind.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]

use std::fmt::Debug;
use std::sync::Arc;

use larder::{KeyPart, cached};

#[derive(Clone, Debug)]
struct Db(u64);

#[derive(Clone, Debug, PartialEq)]
struct Failure;

#[cached(
    timeout = 60,
    key = "sync:<id>:<name>",
    ignore(db),
    stale_while_revalidate = "30s",
    stale_if_error = "1h",
    soft_timeout = "200ms",
    early = 0.8,
    jitter = 0.1,
    tags("name:<name>", "db:<db.0>", "all"),
    cache_none,
    cache_err = 1,
    store_if = |value| *value > 0
)]
fn in_haste(db: &Db, id: u64, name: &str) -> Result<Option<u64>, Failure> {
    Ok(Some(id.checked_sub(1).ok_or(Failure)? + db.0 + name.len() as u64))
}

#[cached(
    timeout = 60,
    key = "async:<id>:<name>",
    ignore(db),
    stale_while_revalidate = "30s",
    stale_if_error = "1h",
    soft_timeout = "200ms",
    early = "10s",
    jitter = 0.1,
    tags("name:<name>", "db:<db.0>", "all")
)]
async fn later(db: &Db, id: u64, name: &str) -> Result<u64, Failure> {
    let id = std::future::ready(id.checked_sub(1)).await.ok_or(Failure)?;
    Ok(id + db.0 + name.len() as u64)
}

#[cached(stale_while_revalidate = never, tags("<of>"))]
async fn generic<T: KeyPart + Clone + Debug + Send + Sync + 'static, const N: usize>(of: T, like: &[T]) -> Vec<T> {
    let mut all = like.to_vec();
    std::future::ready(()).await;
    all.resize(N, of);
    all
}

#[cached(key = "patterns:<a>:<b>:<word>:<_quiet>", early = 0.5, tags("<a>:<b>"), ignore(list))]
fn patterns((a, b): (u64, u64), mut word: String, _quiet: u8, list: &'static [u64]) -> String {
    word.push_str(&(a + b + list.len() as u64).to_string());
    word
}

#[derive(Clone, Debug)]
struct Users<T>(T);

trait Find {
    fn find(&self, id: u64) -> u64;
    async fn find_later(&self, id: u64) -> u64;

    #[cached(key = "default:<Self>:<id>", ignore(self), stale_while_revalidate = 60, tags("type:<Self>"))]
    fn default_find(&self, id: u64) -> u64
    where
        Self: Clone + Send + 'static,
    {
        self.find(id) + 1
    }
}

impl<T: KeyPart + Clone + Debug + Send + Sync + 'static> Users<T> {
    #[cached(key = "m:<self.0>:<id>", entry = method_entry, early = 0.5, stale_if_error = never, tags("<self.0>"))]
    fn method(&self, id: u64) -> Result<u64, Failure> {
        id.checked_sub(1).ok_or(Failure)
    }

    #[cached(key = "ma:<self.0>:<id>", entry = method_later_entry, early = 0.5, tags("<self.0>"))]
    async fn method_later(&self, id: u64) -> u64 {
        std::future::ready(id).await
    }

    #[cached(key = "in:<self.0>:<id>:<name>", stale_while_revalidate = 5, soft_timeout = 1, stale_if_error = 5)]
    fn inside(&self, mut id: u64, name: &str) -> Result<String, Failure> {
        id = id.checked_sub(1).ok_or(Failure)?;
        if name.is_empty() {
            return Ok(String::new());
        }
        let this = self.clone();
        Ok(format!("{self:?} {} {name} {id} {this:?}", matches!(self, Self(_))))
    }

    #[cached(key = "ina:<self.0>:<id>:<name>", stale_while_revalidate = 5, stale_if_error = 5, jitter = 0.5)]
    async fn inside_later(&self, id: u64, name: &str) -> Result<String, Failure> {
        let id = std::future::ready(id.checked_sub(1)).await.ok_or(Failure)?;
        let length = async { self.inside(id, name) }.await?.len();
        Ok(format!("{length}{self:?}"))
    }

    #[cached(key = "arc:<self.0>", stale_while_revalidate = 5)]
    fn shared(self: Arc<Self>) -> Vec<T> {
        vec![self.0.clone()]
    }
}

impl<T: KeyPart + Clone + Debug + Send + Sync + 'static> Find for Users<T> {
    #[cached(key = "find:<self.0>:<id>", stale_while_revalidate = 5)]
    fn find(&self, id: u64) -> u64 {
        id + 1
    }

    #[cached(key = "finda:<self.0>:<id>", early = 0.9, tags("<self.0>"))]
    async fn find_later(&self, id: u64) -> u64 {
        std::future::ready(self.find(id)).await
    }
}

#[tokio::main]
async fn main() {
    let (db, users) = (Db(10), Users("a".to_owned()));
    tokio::task::spawn_blocking(move || {
        let db = Db(10);
        assert_eq!(in_haste(&db, 3, "a"), Ok(Some(13)));
        assert_eq!(in_haste(&db, 0, "a"), Err(Failure));
        in_haste::entry(&db, 3, "a").put(5).unwrap();
        assert_eq!(in_haste(&db, 3, "a"), Ok(Some(5)));
        assert_eq!(in_haste::entry(&db, 3, "a").refresh(), Ok(Some(13)));
        in_haste::all().bump().unwrap();
        assert_eq!(patterns((1, 2), "x".to_owned(), 3, &[1]), "x4");
    })
    .await
    .unwrap();
    assert_eq!(later(&db, 3, "a").await, Ok(13));
    assert_eq!(later::uncached(&db, 0, "a").await, Err(Failure));
    later::entry(&db, 3, "a").invalidate().await.unwrap();
    assert_eq!(generic::<u8, 2>(1, &[5]).await, [5, 1]);
    generic::entry::<u8, 2>(1, &[5]).refresh().await;
    tokio::spawn(async move { later(&db, 4, "b").await }).await.unwrap().unwrap();

    assert_eq!((users.method(3), users.method_entry(3).get()), (Ok(2), Some(2)));
    assert_eq!((users.method_later(3).await, users.method_later_entry(3).get().await), (3, Some(3)));
    assert_eq!(users.inside(3, "b").unwrap(), "Users(\"a\") true b 2 Users(\"a\")");
    assert_eq!(users.inside_later(4, "b").await.unwrap(), "30Users(\"a\")");
    assert_eq!((users.find(1), users.find_later(1).await, users.default_find(1)), (2, 2, 3));
    assert_eq!(Arc::new(users).shared(), ["a"]);
}

//! Free functions, with each option.

use std::sync::Arc;
use std::time::Duration;

use larder::{Cache, KeyPart, cached};

/// Something that reads rows.
#[derive(Debug)]
pub struct Db {
    cache: Cache,
    rows: u64,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub struct Failure;

/// A key of two parts.
#[derive(Clone, Copy, Debug, KeyPart)]
pub struct Place {
    /// Which street.
    pub street: u32,
    /// Which house.
    pub house: u32,
}

/// The square.
#[cached(timeout = 60)]
#[must_use]
pub fn square(x: u64) -> u64 {
    x * x
}

/// The same without hurry.
///
/// # Errors
///
/// For zero.
#[cached(timeout = "1h 30m", key = "later:<x>", cache_err = "10s", version = code)]
pub async fn later(x: u64) -> Result<u64, Failure> {
    ready(x).await.ok_or(Failure)
}

async fn ready(x: u64) -> Option<u64> {
    std::future::ready(x.checked_sub(1)).await
}

/// How many rows there are, without the database in the entry.
///
/// # Errors
///
/// Without rows.
///
/// # Panics
///
/// With too many.
#[cached(key = "rows:<shelf>", ignore(db), store_if = |rows| *rows > 0)]
pub fn rows(db: &Db, shelf: &str) -> Result<u64, Failure> {
    assert!(db.rows < 1_000_000);
    if shelf.is_empty() { Err(Failure) } else { Ok(db.rows) }
}

/// The same without hurry.
#[cached(timeout = never, ignore(db), cache_none)]
pub async fn row(db: &Db, place: Place) -> Option<Arc<str>> {
    let name = ready(u64::from(place.house)).await?;
    (name < db.rows).then(|| name.to_string().into())
}

/// The cache of the database.
#[cached(cache = db.cache, ignore(db), timeout = |value| Duration::from_secs(*value), refresh_if = db.rows == 0)]
#[must_use]
pub fn count(db: &Db) -> u64 {
    db.rows
}

/// A cache that only the attribute uses.
#[cached(cache = cache, ignore(cache, preview, revision), unless = preview, revision = revision, key = "given:<id>", local)]
#[must_use]
pub fn given(cache: &Cache, preview: bool, revision: u64, id: u64) -> u64 {
    id
}

/// Any type, any number of it.
#[cached(coalesce = false)]
#[must_use]
pub fn many<T, const N: usize>(of: T) -> [T; N]
where
    T: KeyPart + Copy + Send + Sync + 'static,
{
    [of; N]
}

/// An owned argument.
#[cached(key = "owned:<name>", ignore(list))]
#[must_use]
pub fn owned(name: String, list: Vec<u8>) -> String {
    drop(list);
    name
}

#[cached]
fn private(x: u64) -> u64 {
    x + 1
}

/// Uses the functions as their callers do.
///
/// # Errors
///
/// Those of the functions.
pub async fn all_of_them(db: &Db) -> Result<u64, Box<dyn std::error::Error>> {
    later::entry(3).invalidate().await?;
    let _ = later::uncached(3).await;
    rows::entry("a").invalidate()?;
    let _ = rows::refresh(db, "a");
    row::entry(Place { street: 1, house: 2 }).expire().await?;
    row::refresh(db, Place { street: 1, house: 2 }).await;
    count::all(&db.cache).bump()?;
    many::entry::<u64, 3>(1).invalidate()?;
    owned::entry(String::new()).invalidate()?;
    Ok(square(3) + private(3) + given(&db.cache, false, 1, 2) + count(db))
}

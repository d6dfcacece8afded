//! Batches: functions of many ids at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use larder::{Cache, KeyPart, cached};

/// A pool: cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Pool {
    cache: Cache,
    rows: u64,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub struct Failure;

/// An id of two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, KeyPart)]
pub struct Id {
    /// Whose.
    pub tenant: u32,
    /// Which.
    pub number: u32,
}

/// A result of this crate.
pub type Found<T> = Result<T, Failure>;

/// Rows.
#[cached(batch, timeout = 60, key = "row:<ids>", ignore(pool), chunk = 500, tags("rows:<ids>", "all rows"))]
#[must_use]
pub fn rows(ids: &[u64], pool: &Pool) -> HashMap<u64, String> {
    ids.iter().map(|id| (*id, (id + pool.rows).to_string())).collect()
}

/// Rows of parts, later.
///
/// # Errors
///
/// None.
#[cached(batch, key = "part:<ids.tenant>:<ids.number>:<name>", cache = pool.cache, ignore(pool), cache_none = "10s", stale_if_error = "1h")]
pub async fn parts(pool: &Pool, ids: &[Id], name: &str) -> Found<HashMap<Id, String>> {
    let _ = (pool, ids, name);
    std::future::ready(()).await;
    Err(Failure)
}

/// Ids by value, refreshed on the side.
#[cached(batch, key = "value:<ids>:<word>", stale_while_revalidate = "1m", early = 0.5, unless = ids.len() > 100)]
pub async fn by_value(mut ids: Vec<u64>, word: String) -> BTreeMap<u64, Arc<str>> {
    ids.sort_unstable();
    std::future::ready(()).await;
    ids.into_iter().map(|id| (id, word.as_str().into())).collect()
}

/// The same in haste.
#[cached(batch, key = "haste:<ids>:<word>", stale_while_revalidate = "1m")]
#[must_use]
pub fn by_value_in_haste(ids: Vec<u64>, word: String) -> BTreeMap<u64, Arc<str>> {
    let word: Arc<str> = word.into();
    ids.into_iter().map(|id| (id, word.clone())).collect()
}

/// Ids by reference, refreshed on the side.
///
/// # Errors
///
/// None.
#[cached(batch, ignore(pool), stale_while_revalidate = "1m", stale_if_error = "1h", soft_timeout = "100ms")]
pub async fn refreshed(ids: &[u64], pool: &Pool) -> Result<HashMap<u64, u64>, Failure> {
    std::future::ready(()).await;
    Ok(ids.iter().map(|id| (*id, pool.rows)).collect())
}

/// Any id.
#[cached(batch)]
#[must_use]
pub fn any<T>(ids: &[T]) -> HashMap<T, u64>
where
    T: KeyPart + Copy + Eq + std::hash::Hash + Send + Sync + 'static,
{
    ids.iter().map(|id| (*id, 1)).collect()
}

impl Pool {
    /// With an entry.
    #[cached(batch, key = "pool:<self.rows>:<ids>", entry = row_entry)]
    #[must_use]
    pub fn with_entry(&self, ids: &[u64]) -> HashMap<u64, u64> {
        ids.iter().map(|id| (*id, self.rows)).collect()
    }

    /// With an entry, later.
    #[cached(batch, key = "later:<self.rows>:<ids>", entry = row_later_entry, stale_while_revalidate = 10)]
    pub async fn with_entry_later(&self, ids: &[u64]) -> HashMap<u64, u64> {
        std::future::ready(()).await;
        ids.iter().map(|id| (*id, self.rows)).collect()
    }

    /// Inside.
    #[cached(batch, key = "inside:<self.rows>:<ids>:<factor>")]
    #[must_use]
    pub fn inside(&self, ids: &[u64], mut factor: u64) -> HashMap<u64, u64> {
        factor += 1;
        ids.iter().map(|id| (*id, self.rows * factor)).collect()
    }

    /// Inside, later.
    ///
    /// # Errors
    ///
    /// None.
    #[cached(batch, key = "inside_later:<self.rows>:<ids>:<word>")]
    pub async fn inside_later(&self, ids: Vec<u64>, word: &str) -> Result<HashMap<u64, String>, Failure> {
        let row = std::future::ready(Ok::<_, Failure>(self.rows)).await?;
        Ok(ids.into_iter().map(|id| (id, format!("{row}{word}"))).collect())
    }

    /// Inside, on the side.
    #[cached(batch, key = "inside_aside:<self.rows>:<ids>:<word>", early = 0.5)]
    pub async fn inside_aside(&self, ids: &[u64], word: &str) -> HashMap<u64, String> {
        let row = std::future::ready(self.rows).await;
        ids.iter().map(|id| (*id, format!("{row}{word}"))).collect()
    }

    /// Inside, on the side, in haste.
    #[cached(batch, key = "inside_haste:<self.rows>:<ids>:<word>:<owned>", early = 0.5)]
    #[must_use]
    pub fn inside_haste(&self, mut ids: Vec<u64>, word: &str, owned: String) -> HashMap<u64, String> {
        ids.sort_unstable();
        drop(owned);
        ids.iter().map(|id| (*id, format!("{}{word}", self.rows))).collect()
    }
}

/// Uses the functions as their callers do.
///
/// # Errors
///
/// Those of the functions.
pub async fn all_of_them(pool: &Pool) -> Result<usize, Box<dyn std::error::Error>> {
    let id = Id { tenant: 1, number: 2 };
    rows::entry(3).invalidate()?;
    let _: Option<String> = rows::one(3, pool);
    let _ = rows::refresh(&[1, 2], pool);
    let _: Found<Option<String>> = parts::one(pool, id, "a").await;
    parts::entry(pool, id, "a").invalidate().await?;
    by_value::entry(3, String::new()).invalidate().await?;
    let _ = by_value::one(3, String::new()).await;
    by_value_in_haste::all().bump()?;
    let _ = refreshed::one(3, pool).await;
    let _ = any::one(id);
    any::entry(id).invalidate()?;
    pool.row_entry(3).invalidate()?;
    pool.row_later_entry(3).invalidate().await?;
    Ok(rows(&[1, 2], pool).len())
}

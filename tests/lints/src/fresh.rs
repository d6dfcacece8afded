//! Old values, early refresh, jitter and tags: bodies that may run on the side.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

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

async fn ready(x: u64) -> Option<u64> {
    std::future::ready(x.checked_sub(1)).await
}

/// Everything together.
///
/// # Errors
///
/// For zero.
#[cached(
    timeout = 60,
    key = "together:<team>:<id>",
    ignore(pool),
    stale_while_revalidate = "30s",
    stale_if_error = "1h",
    soft_timeout = "200ms",
    early = 0.8,
    jitter = 0.1,
    tags("team:<team>", "pool:<pool.rows>", "all")
)]
pub async fn together(pool: &Pool, team: &str, id: u64) -> Result<u64, Failure> {
    let row = ready(id).await.ok_or(Failure)?;
    Ok(row + pool.rows + team.len() as u64)
}

/// The same in haste.
///
/// # Errors
///
/// For zero.
#[cached(
    timeout = 60,
    key = "haste:<team>:<id>",
    ignore(pool),
    stale_while_revalidate = "30s",
    stale_if_error = never,
    soft_timeout = 0.2,
    early = "45s",
    jitter = 0.1,
    tags("team:<team>")
)]
pub fn haste(pool: &Pool, team: &str, id: u64) -> Result<u64, Failure> {
    let row = id.checked_sub(1).ok_or(Failure)?;
    Ok(row + pool.rows + team.len() as u64)
}

/// Only old values for errors: nothing runs on the side.
///
/// # Errors
///
/// For zero.
#[cached(stale_if_error = "1h", timeout = |value| Duration::from_secs(*value), ignore(list))]
pub async fn for_errors(list: &mut Vec<u64>, id: u64) -> Result<u64, Failure> {
    list.push(id);
    ready(id).await.ok_or(Failure)
}

/// Arguments of many kinds.
#[cached(stale_while_revalidate = 30, ignore(root, shared, _unused, words), key = "kinds:<name>:<id>:<first>:<second>")]
#[must_use]
pub async fn kinds(
    name: String,
    mut id: u64,
    (first, second): (u32, u32),
    root: &Path,
    shared: Arc<str>,
    _unused: &[String],
    words: &'static str,
) -> String {
    id += u64::from(first + second);
    let name = ready(id).await.map_or(name, |id| id.to_string());
    format!("{name}{}{shared}{words}", root.display())
}

/// The same in haste.
#[cached(early = 0.5, ignore(root, shared, _unused, words), key = "hasty:<name>:<id>:<first>:<second>")]
#[must_use]
pub fn hasty_kinds(
    name: String,
    mut id: u64,
    (first, second): (u32, u32),
    root: &Path,
    shared: Arc<str>,
    _unused: &[String],
    words: &'static str,
) -> String {
    id += u64::from(first + second);
    drop((name, shared));
    format!("{id}{}{words}", root.display())
}

/// No argument at all.
#[cached(stale_while_revalidate = never)]
#[must_use]
pub async fn nothing() -> u64 {
    ready(1).await.unwrap_or(0)
}

/// No argument at all.
#[cached(stale_while_revalidate = never)]
#[must_use]
pub fn nothing_hasty() -> u64 {
    1
}

/// Any type, any number of it.
#[cached(early = "10s", timeout = 60)]
pub async fn many<T, const N: usize>(of: T, like: &T) -> [T; N]
where
    T: KeyPart + Copy + Send + Sync + 'static,
{
    let _ = ready(1).await;
    let _ = like;
    [of; N]
}

/// A cache and conditions over the arguments.
#[cached(cache = pool.cache, ignore(pool, preview), unless = preview, refresh_if = pool.rows == 0, stale_while_revalidate = 1)]
#[must_use]
pub fn count(pool: &Pool, preview: bool, id: u64) -> u64 {
    pool.rows + id
}

/// Methods with and without an entry function.
#[derive(Clone, Debug)]
pub struct Users {
    cache: Cache,
    tenant: u64,
}

impl Users {
    /// One user.
    #[cached(timeout = 60, key = "u:<self.tenant>:<id>", cache = self.cache, entry = user_entry, early = 0.5, tags("tenant:<self.tenant>"))]
    #[must_use]
    pub fn user(&self, id: u64) -> u64 {
        self.tenant + id
    }

    /// The same without hurry.
    ///
    /// # Errors
    ///
    /// None.
    #[cached(key = "ul:<self.tenant>:<id>", entry = later_entry, stale_while_revalidate = "1m", stale_if_error = "1h")]
    pub async fn later(&self, id: u64) -> Result<u64, String> {
        Ok(std::future::ready(self.tenant + id).await)
    }

    /// The body stays inside.
    #[cached(
        key = "ui:<self.tenant>:<id>:<_factor>:<a>:<b>",
        stale_while_revalidate = "1m",
        tags("tenant:<self.tenant>")
    )]
    #[must_use]
    pub fn inside(&self, mut id: u64, _factor: u64, (a, b): (u64, u64)) -> u64 {
        id += a + b;
        self.tenant + id
    }

    /// Its question mark, too.
    ///
    /// # Errors
    ///
    /// For zero.
    #[cached(key = "uil:<self.tenant>:<id>:<name>", stale_while_revalidate = "1m", stale_if_error = "1h", early = 0.9)]
    pub async fn inside_later(&self, id: u64, name: &str) -> Result<u64, String> {
        let id = std::future::ready(id.checked_sub(1)).await.ok_or("zero")?;
        if name.is_empty() {
            return Err(format!("{self:?}"));
        }
        Ok(id + self.tenant)
    }

    /// What the body does not use.
    #[cached(key = "uu:<id>:<name>", ignore(self), stale_while_revalidate = "1m")]
    #[must_use]
    pub fn unused(&self, id: u64, name: &str) -> u64 {
        3
    }

    /// By value.
    #[cached(key = "uv:<self.tenant>", stale_while_revalidate = "1m")]
    #[must_use]
    pub fn shared(self: Arc<Self>) -> u64 {
        self.tenant
    }

    /// By value, with an entry.
    #[cached(key = "uve:<self.tenant>", stale_while_revalidate = "1m", entry = shared_entry)]
    pub async fn shared_later(self: Arc<Self>) -> u64 {
        std::future::ready(self.tenant).await
    }
}

/// Something that looks things up.
pub trait Lookup {
    /// Finds it later.
    fn find_later(&self, id: u64) -> impl Future<Output = u64> + Send;

    /// Finds it.
    fn find(&self, id: u64) -> u64;
}

impl Lookup for Users {
    #[cached(key = "fl:<self.tenant>:<id>", stale_while_revalidate = "1m")]
    async fn find_later(&self, id: u64) -> u64 {
        std::future::ready(self.tenant).await + id
    }

    #[cached(key = "fi:<self.tenant>:<id>", early = 0.5)]
    fn find(&self, id: u64) -> u64 {
        self.tenant + id
    }
}

/// Uses the functions as their callers do.
///
/// # Errors
///
/// Those of the functions.
pub async fn all_of_them(pool: &Pool, users: Users) -> Result<u64, Box<dyn std::error::Error>> {
    together(pool, "a", 3).await.map_err(|_| "a")?;
    together::entry(pool, "a", 3).invalidate().await?;
    haste::entry("a", 3).invalidate()?;
    let _ = haste::refresh(pool, "a", 3);
    for_errors(&mut Vec::new(), 3).await.map_err(|_| "b")?;
    many::entry::<u64, 3>(1, &2).invalidate().await?;
    users.user_entry(3).invalidate()?;
    users.later_entry(3).invalidate().await?;
    let _ = users.find_later(3).await + users.find(3);
    Ok(nothing().await + nothing_hasty())
}

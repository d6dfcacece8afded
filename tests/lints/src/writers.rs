//! Functions that write, and say what is no longer true then.

use std::sync::Arc;

use larder::{Cache, Error, Invalidate, cached, invalidates, tag};

/// Users by number.
#[derive(Debug)]
pub struct Users {
    cache: Cache,
    names: Vec<String>,
}

/// One of them.
#[cached(key = "lints.user:<id>")]
#[must_use]
pub fn user(id: usize) -> Option<String> {
    (id > 0).then(String::new)
}

/// All of them.
#[cached(key = "lints.users")]
pub async fn users() -> Arc<[String]> {
    std::future::ready(Vec::new()).await.into()
}

/// Nothing comes back.
#[invalidates(user::entry(id), users::all(), tag!("lints.team:<team>"))]
pub fn forget(id: usize, team: u64) {}

/// The same without hurry.
///
/// # Errors
///
/// For zero.
#[invalidates(user::entry(id), larder::tag!("lints.name:<name>"), on_error = return)]
pub async fn rename(id: usize, name: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let id = std::future::ready(id.checked_sub(1)).await.ok_or("zero")?;
    if name.is_empty() {
        return Err("no name".into());
    }
    Ok(u64::try_from(id)?)
}

/// The same at once.
///
/// # Errors
///
/// For zero.
///
/// # Panics
///
/// With too many.
#[invalidates(user::entry(*id), on_error = return)]
pub fn rename_now(id: &usize, name: String) -> Result<String, Error> {
    assert!(*id < 1_000_000);
    if *id == 0 {
        return Err(Error::other("zero"));
    }
    Ok(name)
}

/// What comes back is not to be forgotten.
#[invalidates(users::all(), on_error = log)]
#[must_use]
pub fn count((shelf, _): (u64, u64), mut rows: u64, _trace: &str) -> u64 {
    rows += shelf;
    rows
}

/// What is made has a number only then.
///
/// # Errors
///
/// For those without a name.
#[invalidates(|id| user::entry(*id), users::all(), |id| tag!("lints.made:<id>"))]
pub async fn create(name: &str) -> Result<usize, Box<dyn std::error::Error>> {
    let len = std::future::ready(name.len()).await;
    if len == 0 { Err("no name".into()) } else { Ok(len) }
}

/// The same at once.
#[invalidates(|made| made.iter().map(|id| user::entry(*id)).collect::<Vec<_>>())]
#[must_use]
pub fn create_now(names: Vec<String>) -> Vec<usize> {
    names.into_iter().map(|name| name.len()).collect()
}

/// One of several.
#[invalidates(Moved { from, to })]
pub async fn transfer(from: usize, to: usize) {
    std::future::ready(()).await;
}

/// What a transfer makes untrue.
#[derive(Debug)]
pub struct Moved {
    from: usize,
    to: usize,
}

impl Invalidate for Moved {
    async fn apply(self) -> Result<(), Error> {
        (user::entry(self.from), user::entry(self.to)).apply().await
    }
}

impl Users {
    /// One name.
    #[cached(key = "lints.name:<id>", cache = self.cache, ignore(self), entry = name_entry)]
    #[must_use]
    pub fn name(&self, id: usize) -> Option<String> {
        self.names.get(id).cloned()
    }

    /// Changes it.
    #[invalidates(self.name_entry(id), tag!("lints.users:<self.names.len()>", cache = self.cache))]
    pub fn set(&mut self, id: usize, name: String) -> &mut Self {
        if let Some(place) = self.names.get_mut(id) {
            *place = name;
        }
        self
    }

    #[invalidates(self.name_entry(0), (id > 0).then(|| self.name_entry(id)), self.cache.tag("lints"))]
    async fn take(mut self, id: usize) -> Option<String> {
        std::future::ready(self.names.get_mut(id)).await.map(std::mem::take)
    }

    /// Uses the functions as their callers do.
    ///
    /// # Errors
    ///
    /// Those of the functions.
    pub async fn all_of_them(mut self) -> Result<Option<String>, Box<dyn std::error::Error>> {
        forget(1, 2);
        rename(1, "").await?;
        let made = create("a").await?;
        forget(create_now(vec![String::new(); made]).len(), 2);
        self.set(3, rename_now(&1, String::new())?).change(4);
        transfer(1, 2).await;
        let tag = larder::tag!("lints.team:<self.names.len()>");
        tag.invalidate().await?;
        tag.blocking().invalidate()?;
        Ok(self.take(5).await)
    }
}

/// Something that can be changed.
pub trait Change {
    /// Changes it.
    fn change(&mut self, id: usize);

    /// Changes it later.
    fn change_later(&mut self, id: usize) -> impl Future<Output = Option<u64>> + Send;

    /// Changes nothing.
    #[invalidates(user::entry(id))]
    fn keep(&self, id: usize) {}
}

impl Change for Users {
    #[invalidates(user::entry(id))]
    fn change(&mut self, id: usize) {
        self.names.truncate(id);
    }

    #[invalidates(user::entry(id))]
    async fn change_later(&mut self, id: usize) -> Option<u64> {
        let name = std::future::ready(self.names.pop()).await?;
        u64::try_from(name.len()).ok()
    }
}

/// Any list.
#[invalidates(users::all())]
#[must_use]
pub fn sorted<T: Ord, const N: usize>(mut list: [T; N]) -> [T; N] {
    list.sort_unstable();
    list
}

/// A type without a name.
#[invalidates(users::all())]
pub fn numbers(list: &[u64]) -> impl Iterator<Item = u64> {
    list.iter().copied()
}

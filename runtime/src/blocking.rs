//! The same handles and methods for ordinary functions: each waits, by parking its thread, where the async one awaits.
//! They need no runtime and may be called inside one, where they hold up the thread as any ordinary function does.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::Duration;

use futures_lite::future::block_on;

use crate::entry::{Handle, handle};
use crate::error::Error;
use crate::hold::BlockingHold;
use crate::outcome::Value;
use crate::stats::Stats;
use crate::target::Target;

pub use crate::hold::BlockingHold as Hold;

/// Drives an operation to its end.
macro_rules! now {
    ($operation:expr) => {
        block_on($operation)
    };
}

handle!([] now, Group, BlockingHold, refresh: FnOnce() -> R => refresh());

impl<R, L> Entry<R, L> {
    pub(crate) fn new(handle: Handle, refresh: L) -> Self {
        Self { values: ByResult(ByValue { handle, output: PhantomData }), refresh }
    }
}

/// Every entry of one annotated function that is not async: what `f::all()` returns.
#[derive(Clone, Debug)]
#[must_use = "a group does nothing by itself"]
pub struct Group(crate::Group);

impl Group {
    pub(crate) fn new(group: crate::Group) -> Self {
        Self(group)
    }

    pub(crate) fn of(target: &Target) -> Self {
        Self(crate::Group::of(target))
    }

    pub(crate) fn group(&self) -> &crate::Group {
        &self.0
    }

    /// Makes every entry of the function unreachable: see [`larder::Group::bump`](crate::Group::bump).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn bump(&self) -> Result<(), Error> {
        block_on(self.0.bump())
    }

    /// What the function's entries have done in this process. Waits for nothing.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }
}

/// A tag of a cache: what `cache.blocking().tag(..)` makes.
#[derive(Clone, Debug)]
#[must_use = "a tag does nothing by itself"]
pub struct Tag(crate::Tag);

impl Tag {
    pub(crate) fn new(tag: crate::Tag) -> Self {
        Self(tag)
    }

    /// Makes every entry unreachable that has this tag: see [`larder::Tag::invalidate`](crate::Tag::invalidate).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn invalidate(&self) -> Result<(), Error> {
        block_on(self.0.invalidate())
    }

    /// The tag's text.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The same tag for async functions.
    pub(crate) fn tag(&self) -> &crate::Tag {
        &self.0
    }
}

/// The tag's text, so that [`Cache::tagged`] takes tags as well as text.
impl AsRef<str> for Tag {
    fn as_ref(&self) -> &str {
        self.0.name()
    }
}

/// A cache whose methods block: see the methods of the same names of [`larder::Cache`](crate::Cache), also for their
/// errors.
#[derive(Clone, Debug)]
pub struct Cache(crate::Cache);

impl crate::Cache {
    /// This cache for ordinary functions: the same methods, blocking.
    #[must_use]
    pub fn blocking(&self) -> Cache {
        Cache(self.clone())
    }
}

impl Cache {
    /// The value under a key, if it is fresh and of this type. A key is taken as it is: see
    /// [`larder::Cache::get`](crate::Cache::get).
    #[must_use]
    pub fn get<T: Value>(&self, key: &str) -> Option<T> {
        block_on(self.0.get(key))
    }

    /// The values under several keys, in their order.
    #[must_use]
    pub fn get_many<T: Value>(&self, keys: &[&str]) -> Vec<Option<T>> {
        block_on(self.0.get_many(keys))
    }

    /// Is there a fresh value, of whatever type, under the key?
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        block_on(self.0.contains(key))
    }

    /// Stores a value under a key for this long.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::set`](crate::Cache::set).
    pub fn set<T: Value>(&self, key: &str, value: &T, timeout: Duration) -> Result<(), Error> {
        block_on(self.0.set(key, value, timeout))
    }

    /// Stores several values for this long.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::set_many`](crate::Cache::set_many).
    pub fn set_many<T: Value>(&self, entries: &[(&str, T)], timeout: Duration) -> Result<(), Error> {
        block_on(self.0.set_many(entries, timeout))
    }

    /// Stores a value if there is no fresh one under the key; true if it did.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::add`](crate::Cache::add).
    pub fn add<T: Value>(&self, key: &str, value: &T, timeout: Duration) -> Result<bool, Error> {
        block_on(self.0.add(key, value, timeout))
    }

    /// Adds to the number under a key and returns the sum.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::increment`](crate::Cache::increment).
    pub fn increment(&self, key: &str, by: i64) -> Result<i64, Error> {
        block_on(self.0.increment(key, by))
    }

    /// Removes the value under a key; true if there was a fresh one. A key is taken as it is: see
    /// [`larder::Cache::delete`](crate::Cache::delete).
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::delete`](crate::Cache::delete).
    pub fn delete(&self, key: &str) -> Result<bool, Error> {
        block_on(self.0.delete(key))
    }

    /// Removes the values under several keys; the number of those that were there.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::delete_many`](crate::Cache::delete_many).
    pub fn delete_many(&self, keys: &[&str]) -> Result<usize, Error> {
        block_on(self.0.delete_many(keys))
    }

    /// Removes everything from this cache.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::clear`](crate::Cache::clear).
    pub fn clear(&self) -> Result<(), Error> {
        block_on(self.0.clear())
    }

    /// Clears this cache, and removes its keys from the shared tier: see [`larder::Cache::purge`](crate::Cache::purge).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn purge(&self) -> Result<u64, Error> {
        block_on(self.0.purge())
    }

    /// This cache, to store under tags by hand: see [`larder::Cache::tagged`](crate::Cache::tagged).
    pub fn tagged(&self, tags: impl IntoIterator<Item: AsRef<str>>) -> Tagged {
        self.0.tagged(tags).blocking()
    }

    /// The entries that are stored under a tag: see [`larder::Cache::tag`](crate::Cache::tag).
    pub fn tag(&self, name: &str) -> Tag {
        self.0.tag(name).blocking()
    }

    /// The value under a key, or else that of the closure, which is stored for this long. Of several callers at once one
    /// runs its closure.
    pub fn get_or_insert_with<T: Value>(&self, key: &str, timeout: Duration, load: impl FnOnce() -> T) -> T {
        block_on(self.0.get_or_insert_with(key, timeout, || async { load() }))
    }

    /// The same with a closure that can fail; an error is returned and not stored.
    ///
    /// # Errors
    ///
    /// Those of the closure.
    pub fn try_get_or_insert_with<T: Value, E>(
        &self,
        key: &str,
        timeout: Duration,
        load: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        block_on(self.0.try_get_or_insert_with(key, timeout, || async { load() }))
    }

    /// Ends the refreshing on the side, and waits no longer than this for what has begun there.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::shutdown`](crate::Cache::shutdown).
    pub fn shutdown(&self, within: Duration) -> Result<(), Error> {
        block_on(self.0.shutdown(within))
    }

    /// What the cache has done in this process. Waits for nothing.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }
}

/// A cache whose methods store under tags, and block: see the methods of the same names of
/// [`larder::Tagged`](crate::Tagged), also for their errors.
#[derive(Clone, Debug)]
#[must_use = "it does nothing by itself"]
pub struct Tagged(crate::Tagged);

impl Tagged {
    pub(crate) fn new(tagged: crate::Tagged) -> Self {
        Self(tagged)
    }

    /// Stores a value under a key for this long.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::set`](crate::Cache::set).
    pub fn set<T: Value>(&self, key: &str, value: &T, timeout: Duration) -> Result<(), Error> {
        block_on(self.0.set(key, value, timeout))
    }

    /// Stores several values for this long.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::set_many`](crate::Cache::set_many).
    pub fn set_many<T: Value>(&self, entries: &[(&str, T)], timeout: Duration) -> Result<(), Error> {
        block_on(self.0.set_many(entries, timeout))
    }

    /// Stores a value if there is no fresh one under the key; true if it did.
    ///
    /// # Errors
    ///
    /// As for [`larder::Cache::add`](crate::Cache::add).
    pub fn add<T: Value>(&self, key: &str, value: &T, timeout: Duration) -> Result<bool, Error> {
        block_on(self.0.add(key, value, timeout))
    }

    /// The value under a key, or else that of the closure, which is stored for this long. Of several callers at once one
    /// runs its closure.
    pub fn get_or_insert_with<T: Value>(&self, key: &str, timeout: Duration, load: impl FnOnce() -> T) -> T {
        block_on(self.0.get_or_insert_with(key, timeout, || async { load() }))
    }

    /// The same with a closure that can fail; an error is returned and not stored.
    ///
    /// # Errors
    ///
    /// Those of the closure.
    pub fn try_get_or_insert_with<T: Value, E>(
        &self,
        key: &str,
        timeout: Duration,
        load: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        block_on(self.0.try_get_or_insert_with(key, timeout, || async { load() }))
    }
}

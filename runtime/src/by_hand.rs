//! The cache used by hand: get, set, delete and their kin, by the text of a key.
//!
//! There is one key space. A key that an annotated function can make belongs to that function: what is set under it, if it
//! is of the right type, answers the function (unless it compares revisions or type arguments), and the function's value is
//! found under it.

use std::any::type_name;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::cache::Cache;
use crate::clock::nanos;
use crate::entry::Rules;
use crate::error::{Error, ErrorKind};
use crate::fence::Stamp;
use crate::kind::{Fallible, Plain};
use crate::life::Life;
use crate::load::{Miss, load};
use crate::memory::{Content, Stored};
use crate::outcome::{Outcome, Value, output};
use crate::shared::{not_acknowledged, put_all, take_all};
use crate::tag::TagSet;
use crate::target::Target;

/// A timeout in nanoseconds, if it is one.
fn timeout_of(operation: &'static str, key: &str, timeout: Duration) -> Result<u64, Error> {
    if timeout.is_zero() {
        let message = "a timeout of 0 stores nothing; delete the key instead, or say `Duration::MAX` for ever";
        return Err(Error::new(ErrorKind::ZeroTimeout, operation, key, message));
    }
    Ok(nanos(timeout))
}

/// Each of these may reach the shared tier, when there is one.
impl Cache {
    /// The value under a key, if it is fresh and of this type.
    ///
    /// Never fails: what can't be read is not there.
    ///
    /// The key of an annotated function is its template, filled in as [`escape`](crate::escape) does. Here, and in all
    /// other methods, a key is taken as it is: put the parts of it that come from variables through `escape`, or take
    /// the text from the function's handle.
    ///
    /// ```
    /// # use larder::{Cache, cached, escape};
    /// # futures_lite::future::block_on(async {
    /// #[cached(key = "account:<mail>", cache = cache)]
    /// async fn account(mail: &str, cache: &Cache) -> String {
    ///     format!("the account of {mail}") // a slow query
    /// }
    ///
    /// let cache = Cache::builder().build().await?;
    /// let mail = "ann@x.org";
    /// account(mail, &cache).await;
    /// assert_eq!(cache.get::<String>("account:ann@x.org").await, None); // not the key of the entry
    /// assert!(cache.contains("account:ann%40x.org").await);
    /// assert!(cache.contains(&format!("account:{}", escape(mail))).await);
    /// assert!(cache.contains(account::entry(mail, &cache).key()).await);
    /// # Ok::<(), larder::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn get<T: Value>(&self, key: &str) -> Option<T> {
        let places = self.places(key);
        let found = self.get_at(&places, key);
        if found.is_some() {
            return found;
        }
        let entry = self.peek_at::<T>(vec![places]).await.pop()??;
        entry.value.downcast_ref::<T>().cloned()
    }

    /// The values under several keys, in their order. What memory does not have is read from the shared tier in one round trip, if
    /// there is one.
    pub async fn get_many<T: Value>(&self, keys: &[&str]) -> Vec<Option<T>> {
        let (mut values, mut missing) = (Vec::with_capacity(keys.len()), Vec::new());
        for (at, key) in keys.iter().enumerate() {
            let places = self.places(key);
            let value = self.get_at(&places, key);
            if value.is_none() {
                missing.push((at, places));
            }
            values.push(value);
        }
        let (missing, places): (Vec<usize>, Vec<_>) = missing.into_iter().unzip();
        for (at, entry) in missing.into_iter().zip(self.peek_at::<T>(places).await) {
            if let Some(value) = values.get_mut(at) {
                *value = entry.and_then(|entry| entry.value.downcast_ref().cloned());
            }
        }
        values
    }

    /// Is there a fresh value, of whatever type, under the key? Counts nothing.
    pub async fn contains(&self, key: &str) -> bool {
        let places = self.places(key);
        if self.read_at(&places, key, |_| Some(())).is_some() {
            return true;
        }
        let Some(tier) = self.tier() else { return false };
        let places = places.into_iter().filter(|place| !place.options.local).collect();
        let found = tier.peek(self, places, None, true).await;
        found.iter().flatten().any(|entry| entry.header.content == Content::Value)
    }

    /// Stores a value under a key for this long. Loads of the key on their way lose to it. The key is taken as it is: see
    /// [`get`](Self::get).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::ZeroTimeout`]; when the shared tier did not acknowledge it. `Duration::MAX` means for ever.
    pub async fn set<T: Value>(&self, key: &str, value: &T, timeout: Duration) -> Result<(), Error> {
        self.set_under(&TagSet::default(), key, value, timeout).await
    }

    /// Stores several values for this long.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set); nothing is stored if the timeout is zero.
    pub async fn set_many<T: Value>(&self, entries: &[(&str, T)], timeout: Duration) -> Result<(), Error> {
        self.set_many_under(&TagSet::default(), entries, timeout).await
    }

    /// Stores a value if there is no fresh one under the key; true if it did. Of several callers at once one succeeds. While caching
    /// is off (`LARDER=off`, `null://`) everybody does, and nothing is stored. In a
    /// full cache the policy may give up a new key for older ones that are asked for more often: a lock that must hold
    /// belongs elsewhere.
    ///
    /// # Errors
    ///
    /// As for [`set`](Self::set).
    pub async fn add<T: Value>(&self, key: &str, value: &T, timeout: Duration) -> Result<bool, Error> {
        self.add_under(&TagSet::default(), key, value, timeout).await
    }

    /// Adds to the number (`i64`) under a key and returns the sum; a key without a fresh value starts at 0 with the
    /// default timeout, and keeps its time after that. Atomic; but in a full cache the policy may give up a new key for
    /// older ones that are asked for more often, and the count starts again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongType`] if the value is no `i64`, [`ErrorKind::Overflow`] if the sum is none: nothing is changed then.
    /// [`ErrorKind::NotAcknowledged`] if the shared tier did not answer: it may have counted nevertheless.
    pub async fn increment(&self, key: &str, by: i64) -> Result<i64, Error> {
        let mut target = self.place::<i64>(key, &TagSet::default());
        if let Some(sum) = target.increment(by).await {
            return sum;
        }
        loop {
            // The sum is stored with the tags that the present entry has, and under the stamp that it would have now.
            target.tags = TagSet::default();
            let mut stamp = target.stamp();
            let seen = self.memory().get(target.key.hash);
            let present = seen.as_ref().filter(|entry| self.reads(entry, key));
            if let Some(present) = present {
                target.tags = present.header.tags.clone();
                stamp.tag_sum = present.header.tag_sum;
            }
            let start = match present {
                None => 0,
                Some(entry) => *entry.value.downcast_ref::<i64>().ok_or_else(|| {
                    Error::new(
                        ErrorKind::WrongType,
                        "increment",
                        key,
                        "its value is no `i64`; set it as one (`&0_i64`), or delete it",
                    )
                })?,
            };
            let sum = start.checked_add(by).ok_or_else(|| {
                Error::new(
                    ErrorKind::Overflow,
                    "increment",
                    key,
                    format!("{start} + {by} is out of the range of `i64`"),
                )
            })?;
            let timeout = present
                .map_or(self.default_timeout(), |entry| entry.header.fresh_until().saturating_sub(self.clock().now()));
            let entry = entry(&target, stamp, sum, timeout);
            // The stamp tells of an expiry in place and of a bump; stores of loads do not raise it.
            let unchanged = |now: Option<&Arc<Stored>>| {
                let same = match (now, &seen) {
                    (None, None) => true,
                    (Some(now), Some(seen)) => Arc::ptr_eq(now, seen),
                    _ => false,
                };
                same && target.allows(stamp)
            };
            if self.put_if(&entry, unchanged) {
                return Ok(sum);
            }
        }
    }

    /// Removes the value under a key; true if there was a fresh one (in a shared tier: or one past its timeout, or made unreachable
    /// all together, that it still has). When it returns, no call that begins afterwards is answered with a value loaded before.
    ///
    /// The key is taken as it is, and one that no entry has is no error: where a part of it comes from a variable, use the
    /// function's `entry(..).invalidate()`, or put that part through [`escape`](crate::escape).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # futures_lite::future::block_on(async {
    /// # let cache = larder::Cache::builder().build().await?;
    /// # cache.set("account:ann%40x.org", &1, Duration::MAX).await?;
    /// let mail = "ann@x.org";
    /// assert!(cache.delete(&format!("account:{}", larder::escape(mail))).await?);
    /// # Ok::<(), larder::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// When the shared tier did not acknowledge it; the value is gone from memory all the same.
    pub async fn delete(&self, key: &str) -> Result<bool, Error> {
        take_all("delete", &self.places(key)).await.map(|there| there.contains(&true))
    }

    /// Removes the values under several keys; the number of those that were there.
    ///
    /// # Errors
    ///
    /// As for [`delete`](Self::delete).
    pub async fn delete_many(&self, keys: &[&str]) -> Result<usize, Error> {
        let places: Vec<Vec<Target>> = keys.iter().map(|key| self.places(key)).collect();
        let there = take_all("delete", &places.concat()).await?;
        let mut there = there.into_iter();
        Ok(places
            .iter()
            .filter(|places| there.by_ref().take(places.len()).fold(false, |any, there| any | there))
            .count())
    }

    /// Removes everything from this cache, the entries of annotated functions included. Loads on their way do not store
    /// their results.
    ///
    /// # Errors
    ///
    /// When the shared tier did not acknowledge it; memory is empty all the same.
    pub async fn clear(&self) -> Result<(), Error> {
        self.clear_memory();
        let Some(tier) = self.tier() else { return Ok(()) };
        let cleared = tier.clear(self).await;
        // Again, for what was read meanwhile of what the store had then.
        self.empty_memory();
        cleared.map_err(|error| not_acknowledged("clear", "", error))
    }

    /// [Clears](Self::clear) this cache, and removes its keys from the shared tier, of all versions, to give their memory back; how many
    /// values there were. Takes as long as the store has keys, and longer than any deadline: for maintenance. Without a shared tier it
    /// is `clear`.
    ///
    /// # Errors
    ///
    /// As for [`clear`](Self::clear); some keys may be left then.
    pub async fn purge(&self) -> Result<u64, Error> {
        self.clear().await?;
        let Some(tier) = self.tier() else { return Ok(0) };
        tier.purge(self).await.map_err(|error| not_acknowledged("purge", "", error))
    }

    /// The value under a key, or else that of the future, which is stored for this long. Of several callers at once one
    /// runs its future; the others wait for it as calls of an annotated function do. A timeout of zero stores nothing.
    pub async fn get_or_insert_with<T: Value, F>(&self, key: &str, timeout: Duration, load: impl FnOnce() -> F) -> T
    where
        F: Future<Output = T>,
    {
        self.get_or_load::<Plain<T>, F>(&TagSet::default(), key, timeout, load).await
    }

    /// The same with a future that can fail; an error is returned and not stored.
    ///
    /// # Errors
    ///
    /// Those of the future.
    pub async fn try_get_or_insert_with<T: Value, E, F>(
        &self,
        key: &str,
        timeout: Duration,
        load: impl FnOnce() -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.get_or_load::<Fallible<T, E>, F>(&TagSet::default(), key, timeout, load).await
    }

    pub(crate) async fn set_under<T: Value>(
        &self,
        tags: &TagSet,
        key: &str,
        value: &T,
        timeout: Duration,
    ) -> Result<(), Error> {
        let timeout = timeout_of("set", key, timeout)?;
        let target = self.place::<T>(key, tags);
        target.put("set", type_name::<T>(), &entry(&target, target.stamp(), value.clone(), timeout)).await
    }

    pub(crate) async fn set_many_under<T: Value>(
        &self,
        tags: &TagSet,
        entries: &[(&str, T)],
        timeout: Duration,
    ) -> Result<(), Error> {
        let Some((first, _)) = entries.first() else { return Ok(()) };
        let timeout = timeout_of("set", first, timeout)?;
        let place = |(key, value): &(&str, T)| {
            let target = self.place::<T>(key, tags);
            let entry = entry(&target, target.stamp(), value.clone(), timeout);
            (target, entry)
        };
        put_all("set", type_name::<T>(), &entries.iter().map(place).collect::<Vec<_>>()).await
    }

    pub(crate) async fn add_under<T: Value>(
        &self,
        tags: &TagSet,
        key: &str,
        value: &T,
        timeout: Duration,
    ) -> Result<bool, Error> {
        let timeout = timeout_of("add", key, timeout)?;
        let target = self.place::<T>(key, tags);
        let entry = entry(&target, target.stamp(), value.clone(), timeout);
        target.add(type_name::<T>(), &entry, |present| !present.is_some_and(|present| self.reads(present, key))).await
    }

    pub(crate) async fn get_or_load<K: Outcome, F>(
        &self,
        tags: &TagSet,
        key: &str,
        timeout: Duration,
        body: impl FnOnce() -> F,
    ) -> K::Output
    where
        F: Future<Output = K::Output>,
    {
        if self.is_off() {
            return body().await;
        }
        let mut places = self.places(key);
        let found = self
            .read_at(&places, key, |entry| Some((output::<K>(&entry.value)?, entry.header.group, entry.header.hash)));
        if let Some((output, group, hash)) = found {
            self.count_hit(group, hash);
            return output;
        }
        let found = self.peek_at::<K::Value>(vec![places.clone()]).await.pop().flatten();
        if let Some(output) = found.and_then(|entry| output::<K>(&entry.value)) {
            return output;
        }
        let mut target = places.swap_remove(0);
        target.tags = tags.clone();
        target.wire = self.wire_of::<K::Value>();
        target.options.own_timeouts = true;
        target.options.timeout = Some(nanos(timeout));
        load::<K, F>(Box::new(Miss { target, rules: Rules::default(), forced: false, old: None }), body).await
    }
}

/// The entry of a value that is known to be right, under the stamp that its key had when that was known.
fn entry<T: Value>(target: &Target, stamp: Stamp, value: T, timeout: u64) -> Arc<Stored> {
    let mut header = target.header(stamp);
    header.set_life(Life::by_hand(timeout, &target.options));
    Arc::new(Stored { header, value })
}

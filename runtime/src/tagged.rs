//! Tags as users hold them: one, to invalidate what has it; some, to store under them by hand.

use std::future::Future;
use std::time::Duration;

use crate::cache::Cache;
use crate::error::Error;
use crate::kind::{Fallible, Plain};
use crate::outcome::Value;
use crate::shared::not_acknowledged;
use crate::tag::TagSet;

/// A tag of a cache: what [`larder::tag!`](macro@crate::tag) and [`Cache::tag`] make.
#[derive(Clone, Debug)]
#[must_use = "a tag does nothing by itself"]
pub struct Tag {
    cache: Cache,
    name: Box<str>,
}

impl Cache {
    /// The entries that are stored under a tag, whichever functions made them.
    ///
    /// ```
    /// # futures_lite::future::block_on(async {
    /// let cache = larder::Cache::builder().build().await?;
    /// cache.tag("team:7").invalidate().await?;
    /// # Ok::<(), larder::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// The text is taken as it is, while the placeholders of a function's `tags` [escape](crate::escape) what they
    /// write. So where a part of it comes from a variable, use [`larder::tag!`](macro@crate::tag), or put that part through
    /// `larder::escape`. Otherwise it may be the name of another tag, one that no entry has, and invalidating that is no
    /// error:
    ///
    /// ```
    /// # use larder::{Cache, cached, escape, tag};
    /// # futures_lite::future::block_on(async {
    /// #[cached(key = "profile:<mail>", tags("mail:<mail>"), cache = cache)]
    /// async fn profile(mail: &str, cache: &Cache) -> String {
    ///     format!("the profile of {mail}") // a slow query
    /// }
    ///
    /// let cache = Cache::builder().build().await?;
    /// let mail = "ann@x.org";
    /// profile(mail, &cache).await;
    /// cache.tag(&format!("mail:{mail}")).invalidate().await?; // not the tag of the entry
    /// assert!(profile::entry(mail, &cache).get().await.is_some());
    /// tag!("mail:<mail>", cache = cache).invalidate().await?;
    /// assert!(profile::entry(mail, &cache).get().await.is_none());
    ///
    /// assert_eq!(tag!("mail:<mail>", cache = cache).name(), "mail:ann%40x.org");
    /// assert_eq!(cache.tag(&format!("mail:{}", escape(mail))).name(), "mail:ann%40x.org");
    /// # Ok::<(), larder::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// A tag is of this cache alone. Every text is one, the empty one too.
    pub fn tag(&self, name: &str) -> Tag {
        Tag { cache: self.clone(), name: name.into() }
    }
}

impl Tag {
    /// Makes every entry unreachable that has this tag, in the same time for one entry as for a million; their memory is
    /// freed as they are overwritten, expire, or make room. Loads on their way do not store their results.
    ///
    /// # Errors
    ///
    /// When the shared tier did not acknowledge it; in memory alone it does not fail.
    pub async fn invalidate(&self) -> Result<(), Error> {
        self.cache.invalidate_tag(&self.name);
        self.invalidate_shared().await
    }

    /// The same once more, uncounted.
    pub(crate) async fn invalidate_again(&self) -> Result<(), Error> {
        self.cache.tags().invalidate(&self.name);
        self.invalidate_shared().await
    }

    async fn invalidate_shared(&self) -> Result<(), Error> {
        let Some(tier) = self.cache.tier() else { return Ok(()) };
        let invalidated = tier.invalidate_tag(&self.cache, &self.name).await;
        // Again, for what was read meanwhile of what the store had then.
        self.cache.tags().invalidate(&self.name);
        invalidated.map_err(|error| not_acknowledged("invalidate", &self.name, error))
    }

    /// The tag's text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same tag for ordinary functions.
    pub fn blocking(&self) -> crate::blocking::Tag {
        crate::blocking::Tag::new(self.clone())
    }
}

/// The tag's text, so that [`Cache::tagged`] takes tags as well as text.
impl AsRef<str> for Tag {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

/// A cache whose methods store under tags: what [`Cache::tagged`] makes.
#[derive(Clone, Debug)]
#[must_use = "it does nothing by itself"]
pub struct Tagged {
    cache: Cache,
    tags: TagSet,
}

impl Cache {
    /// This cache, to store under tags by hand: a list of texts, or of tags that [`larder::tag!`](macro@crate::tag) makes.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # futures_lite::future::block_on(async {
    /// let cache = larder::Cache::builder().build().await?;
    /// let week = Duration::from_secs(7 * 24 * 3600);
    /// cache.tagged(&["team:7", "plans"]).set("plan:7", &"basic".to_owned(), week).await?;
    /// cache.tag("team:7").invalidate().await?;
    /// assert_eq!(cache.get::<String>("plan:7").await, None);
    /// # Ok::<(), larder::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Where a part of a tag comes from a variable, use `tag!`: text is taken as it is, as by [`tag`](Self::tag), and
    /// a placeholder is [escaped](crate::escape). Of a tag only its text counts here, not the cache that it is of.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use larder::{Cache, tag};
    /// # futures_lite::future::block_on(async {
    /// # let cache = Cache::builder().build().await?;
    /// # let week = Duration::from_secs(7 * 24 * 3600);
    /// let mail = "ann@x.org";
    /// let tags = [tag!("mail:<mail>", cache = cache), tag!("plans", cache = cache)];
    /// cache.tagged(&tags).set("plan:ann", &"basic".to_owned(), week).await?;
    /// tag!("mail:<mail>", cache = cache).invalidate().await?;
    /// assert_eq!(cache.get::<String>("plan:ann").await, None);
    /// # Ok::<(), larder::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// An entry has the tags that it was stored with. What is set by hand under the key of a function has those named here,
    /// not those of the function.
    pub fn tagged(&self, tags: impl IntoIterator<Item: AsRef<str>>) -> Tagged {
        Tagged { cache: self.clone(), tags: TagSet::new(self.tags(), tags) }
    }
}

/// Each of these may reach the shared tier, when there is one.
impl Tagged {
    /// As [`Cache::set`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn set<T: Value>(&self, key: &str, value: &T, timeout: Duration) -> Result<(), Error> {
        self.cache.set_under(&self.tags, key, value, timeout).await
    }

    /// As [`Cache::set_many`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn set_many<T: Value>(&self, entries: &[(&str, T)], timeout: Duration) -> Result<(), Error> {
        self.cache.set_many_under(&self.tags, entries, timeout).await
    }

    /// As [`Cache::add`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn add<T: Value>(&self, key: &str, value: &T, timeout: Duration) -> Result<bool, Error> {
        self.cache.add_under(&self.tags, key, value, timeout).await
    }

    /// As [`Cache::get_or_insert_with`]: an entry that is there answers, whatever its tags are. If a tag is invalidated
    /// while the future runs, what it comes to is not stored.
    pub async fn get_or_insert_with<T: Value, F>(&self, key: &str, timeout: Duration, load: impl FnOnce() -> F) -> T
    where
        F: Future<Output = T>,
    {
        self.cache.get_or_load::<Plain<T>, F>(&self.tags, key, timeout, load).await
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
        self.cache.get_or_load::<Fallible<T, E>, F>(&self.tags, key, timeout, load).await
    }

    /// The same for ordinary functions.
    pub fn blocking(&self) -> crate::blocking::Tagged {
        crate::blocking::Tagged::new(self.clone())
    }
}

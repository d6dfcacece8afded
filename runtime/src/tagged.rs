//! Tags as users hold them.

use crate::cache::Cache;
use crate::error::Error;

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
    #[expect(clippy::unused_async, reason = "it may reach the shared tier")]
    pub async fn invalidate(&self) -> Result<(), Error> {
        self.cache.invalidate_tag(&self.name);
        Ok(())
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

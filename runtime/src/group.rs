//! The entries of one function, all together.

use crate::cache::Cache;
use crate::error::Error;
use crate::shared::not_acknowledged;
use crate::site::{Site, site_of};
use crate::stats::Stats;
use crate::target::Target;

/// Every entry of one annotated function: what `f::all()` returns.
#[derive(Clone, Debug)]
#[must_use = "a group does nothing by itself"]
pub struct Group {
    cache: Cache,
    number: usize,
    name: &'static str,
}

impl Group {
    pub(crate) fn new(site: &'static Site, cache: Cache) -> Self {
        Self { cache, number: site.number(), name: site.name }
    }

    pub(crate) fn of(target: &Target) -> Self {
        Self { cache: target.cache.clone(), number: target.group, name: target.name }
    }

    /// Makes every entry of the function unreachable, in the same time for one entry as for a million; their memory is
    /// freed as they are overwritten, expire, or make room. Loads on their way do not store their results.
    ///
    /// # Errors
    ///
    /// When the shared tier did not acknowledge it; in memory alone it does not fail.
    pub async fn bump(&self) -> Result<(), Error> {
        self.cache.bump(self.number);
        self.bump_shared().await
    }

    async fn bump_shared(&self) -> Result<(), Error> {
        let local = site_of(self.number).is_some_and(Site::is_local);
        let Some(tier) = self.cache.tier().filter(|_| !local) else { return Ok(()) };
        let bumped = tier.bump(&self.cache, self.number).await;
        // Again, for what was read meanwhile of what the store had then.
        self.cache.raise_generation(self.number);
        bumped.map_err(|error| not_acknowledged("bump", self.name, error))
    }

    /// The same once more, uncounted.
    pub(crate) async fn bump_again(&self) -> Result<(), Error> {
        self.cache.raise_generation(self.number);
        self.bump_shared().await
    }

    /// What the function's entries have done in this process. Waits for nothing.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.cache.group_stats(self.number)
    }

    #[cfg(feature = "http")]
    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    #[cfg(feature = "http")]
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// The function's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

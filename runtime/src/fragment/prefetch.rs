//! Before a page is rendered: its fragments are read from the shared tier, all in one round trip, and what is missing there is leased, so
//! that what the page renders can go there.

use std::collections::HashSet;
use std::fmt;

use crate::cache::Cache;
use crate::fragment::template::Fragment;
use crate::shared::Advance;

/// Brings the fragments of a page into memory, before the page is rendered: those that memory has not are read from the shared
/// tier in one round trip. In a cache without one there is nothing to do.
///
/// Those that the shared tier has not either are leased to this process in a second round trip: what is rendered of them while
/// what this returns is held goes to the shared tier, too, without the rendering waiting for it. (Of several that render the same at the
/// same time, in whatever processes, one has the lease; the others keep theirs in memory.)
///
/// ```standalone_crate
/// # #[cfg(feature = "shared")]
/// # futures_lite::future::block_on(async {
/// use larder::fragment::{Fragment, prefetch};
/// # use larder::testing::{ManualClock, MemoryStore};
/// # let store = MemoryStore::new(ManualClock::new());
/// # let cache = larder::Cache::builder().shared(store).build().await?;
/// # let user = 42;
///
/// let nav = Fragment::new("nav").tagged(["menu"]);
/// let fetched = prefetch(&cache, [nav, Fragment::new("side").with(user)]).await;
/// // page.render(..)
/// drop(fetched); // after it
/// # Ok::<(), larder::Error>(())
/// # }).unwrap();
/// ```
///
/// A fragment with tags has to be named with them here, or it costs a round trip more and is not leased. It never fails: what can't be
/// read is rendered.
pub async fn prefetch(cache: &Cache, fragments: impl IntoIterator<Item = Fragment>) -> Prefetched {
    let mut seen = HashSet::new();
    let mut missing = Vec::new();
    for fragment in fragments {
        let target = fragment.target(cache);
        let shares = target.shared().is_some_and(|(tier, _)| tier.in_memory());
        if shares && seen.insert(target.key.hash) && target.find().is_none() {
            missing.push(target);
        }
    }
    let advance = match cache.tier() {
        Some(tier) if !missing.is_empty() && !cache.is_off() => {
            Some(tier.advance(cache, &missing, Fragment::fits).await)
        }
        _ => None,
    };
    Prefetched { _advance: advance }
}

/// The right to give the shared tier what a page renders: hold it until then. Dropped, what is left of it is given back, so that other processes need not
/// wait for its end.
#[must_use = "what is rendered goes to the shared tier only while this is held"]
pub struct Prefetched {
    _advance: Option<Advance>,
}

impl fmt::Debug for Prefetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prefetched").finish_non_exhaustive()
    }
}

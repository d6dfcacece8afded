//! An old value that a call may be answered with, and the refresh that is to replace it.

use std::sync::Arc;

use crate::cache::Cache;
use crate::decide::{Decision, Facts};
use crate::dice;
use crate::memory::Stored;
use crate::outcome::{Outcome, output};
use crate::shared::Tier;
use crate::stats::count;
use crate::target::Target;

/// By how much a rest is shortened, in millionths: sources that failed together are not asked again together.
const REST_JITTER: u32 = 100_000;

/// What a call found that is not simply fresh.
#[derive(Clone, Debug)]
pub(crate) struct Old {
    entry: Arc<Stored>,
    seen: Facts,
    pub(crate) way: Way,
}

/// What the old value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To be the answer, while a refresh begins on the side.
    Aside { stale: bool },
    /// To be the answer if the refresh takes longer than this, or fails.
    Within(u64),
    /// To be the answer if the load fails.
    IfError,
}

impl Old {
    /// `None` if the decision needs nothing but the value, or has no use for it.
    pub(crate) fn new(entry: Arc<Stored>, seen: Facts, decision: Decision) -> Option<Self> {
        let way = match decision {
            Decision::Early => Way::Aside { stale: false },
            Decision::Revalidate => Way::Aside { stale: true },
            Decision::Within(soft_timeout) => Way::Within(soft_timeout),
            Decision::IfError => Way::IfError,
            Decision::Fresh | Decision::Stale | Decision::Miss => return None,
        };
        Some(Self { entry, seen, way })
    }

    /// For a forced load that may fail.
    pub(crate) fn standing_in(entry: Arc<Stored>, seen: Facts) -> Self {
        Self { entry, seen, way: Way::IfError }
    }

    /// The old value as an answer, which is counted; none if it has been invalidated since the call found it.
    pub(crate) fn answer<K: Outcome>(&self, target: &Target) -> Option<K::Output> {
        let output = self.output::<K>().filter(|_| target.cache.holds(&self.entry.header))?;
        self.count(target);
        Some(output)
    }

    pub(crate) fn output<K: Outcome>(&self) -> Option<K::Output> {
        output::<K>(&self.entry.value)
    }

    /// Counts a call that it has answered.
    pub(crate) fn count(&self, target: &Target) {
        match self.way {
            Way::Aside { stale: false } => target.cache.count_hit(target.group, target.key.hash),
            _ => count(&target.counters().stale_hits),
        }
    }

    /// Takes the right to refresh the entry on the side; of several callers who saw the same, one.
    pub(crate) fn claim(&self, target: &Target) -> Option<Refresh> {
        let tier = tier_of(&self.entry, &target.cache);
        let hash = target.key.hash;
        if tier.is_some_and(|tier| !tier.claim(hash)) {
            return None;
        }
        if self.entry.header.claim(self.seen, target.cache.clock().now()) {
            return Some(self.refresh(target));
        }
        if let Some(tier) = tier {
            tier.unclaim(hash);
        }
        None
    }

    /// The refresh of an entry by the one who leads its load anyway.
    pub(crate) fn refresh(&self, target: &Target) -> Refresh {
        Refresh { entry: self.entry.clone(), cache: target.cache.clone(), aside: false, begun: false, ended: false }
    }

    /// Does the source rest since the call looked?
    pub(crate) fn source_rests(&self, target: &Target) -> bool {
        self.entry.header.rests(target.cache.clock().now())
    }

    /// Notes that the source has failed: it is left alone for a while.
    pub(crate) fn rest(&self, cache: &Cache) {
        rest(&self.entry, cache);
    }
}

fn rest(entry: &Stored, cache: &Cache) {
    let (rest, now) = (dice::shortened(cache.rest(), REST_JITTER), cache.clock().now());
    let until = now.saturating_add(rest);
    entry.header.rest(until);
    if let Some(tier) = tier_of(entry, cache) {
        tier.rest(entry.header.hash, until, now);
    }
}

/// The shared tier, if it has the entry, which may be read from it again.
fn tier_of<'a>(entry: &Stored, cache: &'a Cache) -> Option<&'a Tier> {
    cache.tier().filter(|_| entry.header.shared)
}

/// The right and the duty to replace an old entry. Dropped before it has ended, it counts as failed.
#[derive(Debug)]
pub(crate) struct Refresh {
    entry: Arc<Stored>,
    cache: Cache,
    /// It runs on the side.
    aside: bool,
    begun: bool,
    ended: bool,
}

/// What a refresh came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refreshed {
    /// There is a new entry, or none at all, or what was loaded has been overtaken: nothing keeps the next one back.
    Done,
    /// The source gave something that is not to be stored.
    Unstored,
    Failed,
}

impl Refresh {
    /// It is to run on the side.
    pub(crate) fn aside(&mut self) {
        self.aside = true;
    }

    /// It has begun.
    pub(crate) fn begin(&mut self) {
        self.begun = true;
        if self.aside {
            count(&self.cache.counters(self.entry.header.group).refreshes);
        }
    }

    /// Has it no purpose any more? The entry may have left its place, or its source may rest, since it was asked for.
    pub(crate) fn is_late(&self) -> bool {
        self.entry.header.is_dead() || self.entry.header.rests(self.cache.clock().now())
    }

    pub(crate) fn end(mut self, refreshed: Refreshed) {
        self.ended = true;
        match refreshed {
            Refreshed::Done => {}
            Refreshed::Unstored => rest(&self.entry, &self.cache),
            Refreshed::Failed => self.fail(),
        }
        self.unclaim();
    }

    /// It does not begin after all; the next caller may.
    pub(crate) fn skip(self) {
        self.end(Refreshed::Done);
    }

    fn unclaim(&self) {
        self.entry.header.unclaim(self.cache.clock().now());
        if let Some(tier) = tier_of(&self.entry, &self.cache) {
            tier.unclaim(self.entry.header.hash);
        }
    }

    fn fail(&self) {
        rest(&self.entry, &self.cache);
        if self.aside {
            count(&self.cache.counters(self.entry.header.group).refreshes_failed);
        }
    }
}

impl Drop for Refresh {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        // If the caller that ran it was cancelled or has panicked, that says nothing of the source.
        if self.aside {
            // It was to run, and its runtime was dropped before that.
            if !self.begun {
                self.begin();
            }
            self.fail();
        }
        self.unclaim();
    }
}

//! Reading without loading: for those who use the cache by hand.

use std::sync::Arc;

use super::ending::ending;
use super::store::{Found, Read};
use super::thaw::{Asked, Remaining, needs_life};
use super::tier::Tier;
use super::wire::Wire;
use crate::cache::{Cache, NO_FUNCTION};
use crate::memory::Stored;
use crate::stats::count;
use crate::target::Target;

impl Tier {
    /// The fresh entries of these places; with `wire` they are values of that type, and memory keeps them. Whoever only knows a
    /// key (`by_hand`) does not know of which tags and of which revision that is which is there: those are read with it, and what
    /// has some is read once more.
    pub(crate) async fn peek(
        &self,
        cache: &Cache,
        mut places: Vec<Target>,
        wire: Option<&'static Wire>,
        by_hand: bool,
    ) -> Vec<Option<Arc<Stored>>> {
        let mut entries: Vec<Option<Arc<Stored>>> = places.iter().map(|_| None).collect();
        let mut open: Vec<usize> = (0..places.len()).collect();
        for aged in [false, true] {
            let epoch = self.epoch();
            // Before they are read: what is acknowledged while they are read is not known by what was read.
            open.retain(|&at| places.get(at).is_some_and(|target| self.trusts(target)));
            let list: Vec<&Target> = open.iter().filter_map(|&at| places.get(at)).collect();
            if list.is_empty() {
                break;
            }
            let stamps: Vec<_> = list.iter().map(|target| target.stamp()).collect();
            let reads = list.iter().map(|target| {
                let read = self.read_of(target);
                Read { life: read.life || aged, ..read }
            });
            let now = cache.clock().now();
            let found = match ending(self.store().read(reads.collect())).await {
                Ok(found) => found,
                Err(error) => {
                    self.failed(cache, list.first().map_or(NO_FUNCTION, |target| target.group), "read", &error);
                    break;
                }
            };
            self.answered(cache, "read");
            if epoch != self.epoch() {
                break;
            }
            let mut again = Vec::new();
            for ((&at, stamp), found) in open.iter().zip(stamps).zip(found) {
                let (Some(target), Some(entry)) = (places.get_mut(at), entries.get_mut(at)) else { continue };
                let asked = Asked { target, wire, stamp, now };
                *entry = self.fresh(&asked, &found, aged);
                if entry.is_none() {
                    let stored = found.value.and_then(|bytes| self.as_stored(target, &bytes, by_hand));
                    if let Some(stored) = stored {
                        *target = stored;
                        again.push(at);
                    }
                }
            }
            open = again;
        }
        for (target, entry) in places.iter().zip(&entries) {
            if entry.is_some() && wire.is_some() {
                count(&target.counters().tier_hits);
            }
        }
        entries
    }

    /// May what the store has there be believed?
    pub(super) fn trusts(&self, target: &Target) -> bool {
        self.queue.is_quiet() || self.queue.trusts(&target.name_in_notes(), &self.generations_of(target))
    }

    /// The request to read the target's value.
    pub(super) fn read_of(&self, target: &Target) -> Read {
        Read { key: self.name_of(target), generations: self.generations_of(target), life: needs_life(self, target) }
    }

    pub(super) fn fresh(&self, asked: &Asked<'_>, found: &Found, aged: bool) -> Option<Arc<Stored>> {
        let target = asked.target;
        let generations = found.all_generations()?;
        let remaining = Remaining::found(found.remaining, aged || needs_life(self, target));
        let entry = self.thaw(asked, found.value.as_deref()?, remaining, &generations)?;
        if asked.now >= entry.header.fresh_until() {
            return None;
        }
        if asked.wire.is_some() && self.in_memory() {
            target.cache.store(&entry, asked.stamp);
        }
        Some(entry)
    }
}

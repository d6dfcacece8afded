//! The cache itself: memory, fence, flights, clock and counters, and the few operations that keep them in step.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::background::Background;
use crate::builder::{CacheBuilder, Settings};
use crate::clock::{Clock, NEVER};
use crate::credit;
use crate::decide::{Decision, Facts, Policy, decide};
use crate::fence::{Fence, Stamp};
use crate::flight::Flights;
use crate::memory::{Content, Evicted, Header, Memory, Stored};
use crate::registry::{Registry, registry};
use crate::shared::Tier;
use crate::site::{Site, sites};
use crate::stats::{Cells, Counters, Stats, count};
use crate::tag::{TagSet, Tags};

/// A cache. Cheap to clone; clones are the same cache.
///
/// Two caches share nothing. Annotated functions use the process's default cache ([`crate::cache`]) unless they name
/// another with `cache = ...`. See [`Cache::builder`] for the settings, and the methods below for using a cache by hand.
#[derive(Clone)]
pub struct Cache(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) memory: Memory,
    pub(crate) groups: Box<[Group]>,
    pub(crate) clock: Clock,
    /// Nothing is read or stored.
    off: bool,
    cells: Cells,
    pub(crate) fence: Fence,
    flights: Flights,
    background: Background,
    pub(crate) tags: Tags,
    settings: Settings,
    /// Keys whose responses are not stored for now.
    #[cfg(feature = "http")]
    pub(crate) passes: crate::http::pass::Passes,
    /// What other processes use as well.
    tier: Option<Tier>,
}

/// The state of the entries of one function, or of all keys that no function makes. Aligned so that the generations,
/// which hits read, share no cache line with what misses write.
#[repr(align(64))]
pub(crate) struct Group {
    pub(crate) generation: AtomicU64,
    counters: Box<Counters>,
}

/// Keys that no function makes.
pub(crate) const NO_FUNCTION: usize = 0;

impl Cache {
    /// Settings for a new cache.
    pub fn builder() -> CacheBuilder {
        CacheBuilder::default()
    }

    pub(crate) fn new(settings: Settings) -> Self {
        let _numbered = registry();
        let groups = Registry::groups();
        let cache = Self(Arc::new_cyclic(|inner: &Weak<Inner>| {
            let inner = inner.clone();
            let evicted = move |evicted: Evicted| {
                if let Some(inner) = inner.upgrade() {
                    inner.memory.forget(&evicted, |entry| {
                        inner.retire(entry);
                        if evicted.for_room {
                            count(&inner.group(entry.header.group).counters.evictions);
                        }
                    });
                }
            };
            Inner {
                memory: Memory::new(settings.capacity.clone(), !settings.clock.is_manual(), evicted),
                groups: (0..groups)
                    .map(|_| Group { generation: AtomicU64::new(0), counters: Box::default() })
                    .collect(),
                clock: settings.clock.clone(),
                off: settings.off,
                cells: Cells::new(groups),
                fence: Fence::new(),
                flights: Flights::new(),
                background: Background::new(&settings),
                tags: Tags::new(),
                tier: settings.tier(),
                settings,
                #[cfg(feature = "http")]
                passes: crate::http::pass::Passes::default(),
            }
        }));
        if let Some(tier) = cache.tier() {
            tier.open(Arc::downgrade(&cache.0));
        }
        cache
    }

    /// What other processes use as well, if there is such a thing.
    #[inline]
    pub(crate) fn tier(&self) -> Option<&Tier> {
        self.0.tier.as_ref()
    }

    /// The cache, for those who must not keep it.
    #[cfg(feature = "shared")]
    pub(crate) fn downgrade(&self) -> Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    #[inline]
    pub(crate) fn memory(&self) -> &Memory {
        &self.0.memory
    }

    pub(crate) fn flights(&self) -> &Flights {
        &self.0.flights
    }

    pub(crate) fn tags(&self) -> &Tags {
        &self.0.tags
    }

    pub(crate) fn background(&self) -> &Background {
        &self.0.background
    }

    #[inline]
    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Is caching turned off?
    #[inline]
    pub(crate) fn is_off(&self) -> bool {
        self.0.off
    }

    pub(crate) fn default_timeout(&self) -> u64 {
        self.0.settings.default_timeout
    }

    /// The moment at which a caller who begins to wait now loads for itself.
    pub(crate) fn wait_deadline(&self) -> u64 {
        self.clock().precise().saturating_add(self.0.settings.wait)
    }

    /// How long a source is left alone after a failed refresh, before chance shortens it.
    pub(crate) fn rest(&self) -> u64 {
        self.0.settings.rest
    }

    /// May a reader use the entry, which is under its key, without a second look? Most hits ask no more than this.
    #[inline]
    pub(crate) fn is_calm(&self, header: &Header) -> bool {
        let now = self.0.clock.now();
        self.is_current(header) && now < header.calm_until() && self.is_valid(header, now)
    }

    /// Would this process know it, had another invalidated the entry?
    #[inline]
    fn is_valid(&self, header: &Header, now: u64) -> bool {
        !header.shared || now < self.0.tier.as_ref().map_or(NEVER, Tier::valid_until)
    }

    /// Was nothing invalidated that the entry was made under, its place aside?
    #[inline]
    fn is_current(&self, header: &Header) -> bool {
        header.generation == self.generation(header.group) && header.has_current_tags()
    }

    /// Has nothing invalidated the entry, which was found before?
    pub(crate) fn holds(&self, header: &Header) -> bool {
        !header.is_dead() && self.is_current(header)
    }

    /// What a decision about the entry depends on, which is or isn't under its reader's key.
    pub(crate) fn facts(&self, header: &Header, same_key: bool) -> Facts {
        header.facts(same_key && self.is_current(header) && self.is_valid(header, self.0.clock.now()))
    }

    /// Is the entry fresh, and under its reader's key?
    pub(crate) fn is_fresh(&self, header: &Header, same_key: bool) -> bool {
        let decision = decide(self.facts(header, same_key), Policy::default(), self.0.clock.now());
        matches!(decision, Decision::Fresh | Decision::Early)
    }

    #[inline]
    fn generation(&self, group: usize) -> u64 {
        self.0.group(group).generation.load(Ordering::Acquire)
    }

    /// The stamp of a load that begins now.
    pub(crate) fn stamp(&self, group: usize, tags: &TagSet) -> Stamp {
        self.0.fence.stamp(self.generation(group), tags.sum())
    }

    /// Has nothing overtaken a load that began under this stamp?
    pub(crate) fn allows(&self, hash: u64, group: usize, tags: &TagSet, stamp: Stamp) -> bool {
        self.0.fence.allows(hash, stamp.number)
            && stamp.generation == self.generation(group)
            && stamp.tag_sum == tags.sum()
    }

    /// Stores a load's entry, unless the load was overtaken, or the present one began after it.
    pub(crate) fn store(&self, entry: &Arc<Stored>, stamp: Stamp) {
        if self.0.off {
            return;
        }
        let header = &entry.header;
        let counters = self.counters(header.group);
        let stored = self.0.memory.store(entry, |previous, room| {
            let permitted = self.allows(header.hash, header.group, &header.tags, stamp)
                && previous.is_none_or(|previous| {
                    previous.header.number < header.number && !self.is_worse(header, &previous.header)
                });
            if permitted {
                self.0.replace(previous, entry, room);
            }
            permitted
        });
        count(if stored { &counters.stores } else { &counters.fenced });
        credit::earn();
    }

    /// An error does not take the place of a value that is of use.
    fn is_worse(&self, header: &Header, present: &Header) -> bool {
        header.content == Content::Failure
            && present.content != Content::Failure
            && present.group == header.group
            && present.text == header.text
            && self.is_current(present)
            && self.0.clock.now() < present.kept_until()
    }

    /// Stores an entry that is known to be right, if `permit` accepts the one it replaces; loads on their way lose.
    pub(crate) fn put_if(&self, entry: &Arc<Stored>, permit: impl FnOnce(Option<&Arc<Stored>>) -> bool) -> bool {
        if self.0.off {
            return true;
        }
        let stored = self.overwrite(entry, permit);
        if stored {
            count(&self.counters(entry.header.group).invalidations);
        }
        stored
    }

    /// The same where nobody has invalidated anything.
    pub(crate) fn overwrite(&self, entry: &Arc<Stored>, permit: impl FnOnce(Option<&Arc<Stored>>) -> bool) -> bool {
        if self.0.off {
            return false;
        }
        let header = &entry.header;
        let stored = self.0.memory.store(entry, |previous, room| {
            let permitted = permit(previous);
            if permitted {
                self.0.replace(previous, entry, room);
                self.0.fence.raise(header.hash);
            }
            permitted
        });
        if stored {
            count(&self.counters(header.group).stores);
        }
        stored
    }

    pub(crate) fn counters(&self, group: usize) -> &Counters {
        &self.0.group(group).counters
    }

    /// Counts a hit, and lets the policy know of it if a miss has paid for that.
    #[inline]
    pub(crate) fn count_hit(&self, group: usize, hash: u64) {
        if !self.0.cells.count(group) {
            count(&self.counters(group).other_hits);
        }
        if credit::spend() {
            self.0.memory.touch(hash);
        }
    }

    /// The mean time of a function's loads so far.
    pub(crate) fn mean_load(&self, group: usize) -> u64 {
        let counters = self.counters(group);
        let loads = counters.loads.load(Ordering::Relaxed);
        counters.load_nanos.load(Ordering::Relaxed).checked_div(loads).unwrap_or(0)
    }

    pub(crate) fn add_load_time(&self, group: usize, nanos: u64) {
        self.counters(group).load_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// What the cache has done in this process, over all functions and the methods of the cache. Waits for nothing.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut sum = Stats::default();
        for group in 0..self.0.groups.len() {
            sum.add(&self.group_stats(group));
        }
        sum
    }

    pub(crate) fn group_stats(&self, group: usize) -> Stats {
        self.counters(group).stats(self.0.cells.sum(group))
    }

    /// The annotated functions of the program with their statistics in this cache.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (&'static Site, Stats)> {
        sites().filter(|site| !site.is_copy()).map(|site| (site, self.group_stats(site.number())))
    }

    /// Makes room and frees what has expired now, instead of during later stores.
    pub(crate) fn tidy(&self) {
        self.0.memory.tidy();
        self.0.tags.sweep();
    }
}

impl Inner {
    #[inline]
    pub(crate) fn group(&self, group: usize) -> &Group {
        #[expect(clippy::indexing_slicing, reason = "every site was numbered before a cache could be made")]
        &self.groups[group]
    }

    /// Notes that the entry is no longer in the index.
    pub(crate) fn retire(&self, entry: &Stored) {
        if entry.header.kill() {
            self.group(entry.header.group).counters.entries.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Notes that the new entry takes the place of the previous one, if there is room for it.
    fn replace(&self, previous: Option<&Arc<Stored>>, entry: &Stored, room: bool) {
        if let Some(previous) = previous {
            self.retire(previous);
        }
        if !room {
            entry.header.kill();
            return;
        }
        self.group(entry.header.group).counters.entries.fetch_add(1, Ordering::Relaxed);
    }
}

impl From<Arc<Inner>> for Cache {
    fn from(inner: Arc<Inner>) -> Self {
        Self(inner)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.0.settings;
        f.debug_struct("Cache")
            .field("namespace", &settings.namespace)
            .field("key_version", &settings.key_version)
            .field("default_timeout", &Duration::from_nanos(settings.default_timeout))
            .field("capacity", &settings.capacity)
            .field("wait", &Duration::from_nanos(settings.wait))
            .field("rest", &Duration::from_nanos(settings.rest))
            .field("refresh_limit", &settings.refresh_limit)
            .field("refresh_threads", &settings.refresh_threads)
            .field("spawner", &settings.spawner.is_some())
            .field("off", &settings.off)
            .field("shared", &self.tier())
            .finish_non_exhaustive()
    }
}

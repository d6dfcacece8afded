//! What stays: moka's `TinyLFU` by number of entries or by weight, and its timers for what has expired.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::notification::RemovalCause;
use moka::sync::Cache;

use super::{Identity, Stored};
use crate::clock::NEVER;

/// Longer than this an entry needs no timer: no process lives as long.
const LONGEST_TIMER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Says how much of the capacity an entry takes.
pub(crate) type Weigher = Arc<dyn Fn(&str, &(dyn Any + Send + Sync)) -> u64 + Send + Sync>;

/// How much a cache may hold.
#[derive(Clone)]
pub(crate) struct Capacity {
    /// Entries, or the unit of the weigher.
    pub(crate) limit: u64,
    pub(crate) weigher: Option<Weigher>,
}

impl fmt::Debug for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.weigher.is_some() { "weighed" } else { "entries" };
        write!(f, "{} {unit}", self.limit)
    }
}

pub(super) struct Policy {
    cache: Cache<u64, Arc<Stored>, Identity>,
    /// Make room after each entry, not after some dozens: where they are weighed, or few, some dozens are much.
    strict: bool,
}

/// A capacity below which it is kept strictly.
const FEW: u64 = 1_000;

impl Policy {
    pub(super) fn new(
        capacity: Capacity,
        expire: bool,
        evicted: impl Fn(&Arc<Stored>, bool) + Send + Sync + 'static,
    ) -> Self {
        let strict = capacity.weigher.is_some() || capacity.limit < FEW;
        let mut builder = Cache::builder().max_capacity(capacity.limit).eviction_listener(
            move |_hash: Arc<u64>, entry: Arc<Stored>, cause| {
                // What was discarded or replaced has left the index before.
                if cause.was_evicted() {
                    evicted(&entry, cause == RemovalCause::Size);
                }
            },
        );
        if let Some(weigher) = capacity.weigher {
            builder = builder.weigher(move |_hash, entry: &Arc<Stored>| {
                u32::try_from(weigher(&entry.header.key(), &entry.value)).unwrap_or(u32::MAX)
            });
        }
        if expire {
            builder = builder.expire_after(Housekeeping);
        }
        Self { cache: builder.build_with_hasher(Identity), strict }
    }

    pub(super) fn touch(&self, hash: u64) {
        drop(self.cache.get(&hash));
    }

    pub(super) fn admit(&self, hash: u64, entry: Arc<Stored>) {
        // The miss that led here counts towards how often the key is asked for: it is what newcomers are admitted by.
        self.touch(hash);
        self.cache.insert(hash, entry);
        if self.strict {
            self.tidy();
        }
    }

    pub(super) fn discard(&self, hash: u64) {
        self.cache.invalidate(&hash);
    }

    pub(super) fn clear(&self) {
        self.cache.invalidate_all();
        self.cache.run_pending_tasks();
    }

    pub(super) fn tidy(&self) {
        self.cache.run_pending_tasks();
    }
}

/// Frees the memory of entries that have expired. Freshness itself is judged by the reader.
struct Housekeeping;

impl Housekeeping {
    fn life(entry: &Stored) -> Option<Duration> {
        let header = &entry.header;
        let until = header.fresh_until();
        let life = Duration::from_nanos(until.saturating_sub(header.created));
        Some(life).filter(|life| until != NEVER && *life < LONGEST_TIMER)
    }
}

impl Expiry<u64, Arc<Stored>> for Housekeeping {
    fn expire_after_create(&self, _hash: &u64, entry: &Arc<Stored>, _now: Instant) -> Option<Duration> {
        Self::life(entry)
    }

    fn expire_after_update(
        &self,
        _hash: &u64,
        entry: &Arc<Stored>,
        _now: Instant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        Self::life(entry)
    }
}

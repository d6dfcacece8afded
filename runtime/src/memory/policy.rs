//! What stays: moka's `TinyLFU` by number of entries or by weight, and its timers for what has expired. It knows the
//! entries by name only; the index alone holds them.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use moka::Expiry;
use moka::notification::RemovalCause;
use moka::sync::Cache;

use super::{Identity, Stored};
use crate::clock::NEVER;

/// Longer than this an entry needs no timer: no process lives as long.
const LONGEST_TIMER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A capacity below which it is kept strictly.
const FEW: u64 = 1_000;

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

/// What the policy knows of an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// Where the entry lies: its name while it lives.
    pub(super) address: usize,
    weight: u32,
    life: Option<Duration>,
}

pub(super) struct Policy {
    known: Cache<u64, Known, Identity>,
    capacity: Capacity,
    /// Make room after each entry, not after some dozens: where they are weighed, or few, some dozens are much.
    strict: bool,
}

impl Policy {
    /// `evicted` is called, on any thread, with the hash of each entry that is given up, with what was known of it, and with
    /// whether it was for want of room.
    pub(super) fn new(
        capacity: Capacity,
        expire: bool,
        evicted: impl Fn(u64, Known, bool) + Send + Sync + 'static,
    ) -> Self {
        let strict = capacity.weigher.is_some() || capacity.limit < FEW;
        let mut builder = Cache::builder().max_capacity(capacity.limit).eviction_listener(
            move |hash: Arc<u64>, known: Known, cause: RemovalCause| {
                // What was discarded or replaced has left the index before.
                if cause.was_evicted() {
                    evicted(*hash, known, cause == RemovalCause::Size);
                }
            },
        );
        if capacity.weigher.is_some() {
            builder = builder.weigher(|_hash, known: &Known| known.weight);
        }
        if expire {
            builder = builder.expire_after(Housekeeping);
        }
        Self { known: builder.build_with_hasher(Identity), capacity, strict }
    }

    /// Asks the weigher, which is the user's: a panic of it makes the entry too heavy. `None` if there is no room for the
    /// entry even alone.
    pub(super) fn know(&self, entry: &Arc<Stored>) -> Option<Known> {
        let weight = match &self.capacity.weigher {
            None => 1,
            Some(weigher) => {
                let key = entry.header.key();
                catch_unwind(AssertUnwindSafe(|| weigher(&key, &entry.value))).unwrap_or(u64::MAX)
            }
        };
        let known =
            Known { address: address(entry), weight: u32::try_from(weight).unwrap_or(u32::MAX), life: life(entry) };
        (weight <= self.capacity.limit).then_some(known)
    }

    pub(super) fn touch(&self, hash: u64) {
        self.known.get(&hash);
    }

    pub(super) fn admit(&self, hash: u64, known: Known) {
        // The miss that led here counts towards how often the key is asked for: it is what newcomers are admitted by.
        self.touch(hash);
        self.known.insert(hash, known);
        if self.strict {
            self.tidy();
        }
    }

    pub(super) fn discard(&self, hash: u64) {
        self.known.invalidate(&hash);
    }

    pub(super) fn tidy(&self) {
        self.known.run_pending_tasks();
    }
}

pub(super) fn address(entry: &Arc<Stored>) -> usize {
    Arc::as_ptr(entry).cast::<()>() as usize
}

/// How long an entry is of use, if a timer should end it.
fn life(entry: &Stored) -> Option<Duration> {
    let header = &entry.header;
    let until = header.kept_until();
    let life = Duration::from_nanos(until.saturating_sub(header.created));
    Some(life).filter(|life| until != NEVER && *life < LONGEST_TIMER)
}

/// Frees the memory of entries that have expired. Freshness itself is judged by the reader.
struct Housekeeping;

impl Expiry<u64, Known> for Housekeeping {
    fn expire_after_create(&self, _hash: &u64, known: &Known, _now: Instant) -> Option<Duration> {
        known.life
    }

    fn expire_after_update(
        &self,
        _hash: &u64,
        known: &Known,
        _now: Instant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        known.life
    }
}

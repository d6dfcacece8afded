//! Counting. A hit writes to a counter that only its own thread writes to, so that threads which read the same entry share
//! no written line; everything rarer is counted in shared atomics. Sums are exact when they are read.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counters that each thread has of its own: one for each group of each cache. Groups beyond them share a counter.
const CELLS: usize = 4096;

/// What `time_saved` takes a hit to cost.
const HIT_COST: u64 = 50;

/// The same for a hit of the shared tier: a round trip in the same house.
const SHARED_HIT_COST: u64 = 50_000;

/// What a cache or one function of it has done so far. Counts only grow; `entries` is the present number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls answered with a fresh entry.
    pub hits: u64,
    /// Calls answered with an entry past its timeout.
    pub stale_hits: u64,
    /// Calls that found no fresh entry in memory, whether they then loaded, waited for another caller's load, or were answered by the
    /// shared tier.
    pub misses: u64,
    /// Runs of the body for the cache, also those that failed. A batch counts one for each id that its body is given.
    pub loads: u64,
    /// Loads that returned an error. A batch that fails counts one for each id that its body was given.
    pub load_errors: u64,
    /// Misses answered by another caller's load.
    pub coalesced: u64,
    /// Entries written.
    pub stores: u64,
    /// Results not stored because the key was invalidated during the load, or because another load, which began later, was
    /// faster.
    pub fenced: u64,
    /// Refreshes begun on the side, by `early`, `stale_while_revalidate` and `soft_timeout`; each is a load as well.
    pub refreshes: u64,
    /// Of these, those that failed, panicked, or were dropped together with their runtime.
    pub refreshes_failed: u64,
    /// Refreshes not begun, because too many were under way or the cache was shut down.
    pub refreshes_skipped: u64,
    /// Entries removed for want of room.
    pub evictions: u64,
    /// Entries, groups and tags invalidated, written by hand or expired on request.
    pub invalidations: u64,
    /// Invalidations of `#[invalidates]` that failed. All writers of the program are counted in the default cache.
    pub invalidation_errors: u64,
    /// Misses of the memory tier answered by the shared tier.
    pub shared_hits: u64,
    /// Operations of the shared tier that failed.
    pub shared_errors: u64,
    /// Entries in memory now; some may be past their timeout.
    pub entries: u64,
    /// Time spent in loads, by the cache's clock.
    pub load_time: Duration,
    /// Hits, stale and shared ones too, times the mean time of a load, less the cost of the hits (taken as 50 ns each, and 50 us from the
    /// shared tier).
    pub time_saved: Duration,
}

impl Stats {
    /// Hits among all calls, those of the shared tier included, from 0 to 1; `None` before the first call.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    pub fn hit_ratio(&self) -> Option<f64> {
        let calls = self.hits + self.stale_hits + self.misses;
        (calls > 0).then(|| self.answered() as f64 / calls as f64)
    }

    /// Calls that needed no load.
    pub(crate) fn answered(&self) -> u64 {
        self.hits + self.stale_hits + self.shared_hits
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.hits += other.hits;
        self.stale_hits += other.stale_hits;
        self.misses += other.misses;
        self.loads += other.loads;
        self.load_errors += other.load_errors;
        self.coalesced += other.coalesced;
        self.stores += other.stores;
        self.fenced += other.fenced;
        self.refreshes += other.refreshes;
        self.refreshes_failed += other.refreshes_failed;
        self.refreshes_skipped += other.refreshes_skipped;
        self.evictions += other.evictions;
        self.invalidations += other.invalidations;
        self.invalidation_errors += other.invalidation_errors;
        self.shared_hits += other.shared_hits;
        self.shared_errors += other.shared_errors;
        self.entries += other.entries;
        self.load_time += other.load_time;
        self.time_saved += other.time_saved;
    }
}

/// The counters of one group, all but its hits.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) misses: AtomicU64,
    pub(crate) stale_hits: AtomicU64,
    pub(crate) loads: AtomicU64,
    pub(crate) load_errors: AtomicU64,
    pub(crate) coalesced: AtomicU64,
    pub(crate) stores: AtomicU64,
    pub(crate) fenced: AtomicU64,
    pub(crate) refreshes: AtomicU64,
    pub(crate) refreshes_failed: AtomicU64,
    pub(crate) refreshes_skipped: AtomicU64,
    pub(crate) evictions: AtomicU64,
    pub(crate) invalidations: AtomicU64,
    pub(crate) invalidation_errors: AtomicU64,
    pub(crate) entries: AtomicU64,
    pub(crate) load_nanos: AtomicU64,
    /// Hits of groups that have no cell.
    pub(crate) other_hits: AtomicU64,
    pub(crate) tier_hits: AtomicU64,
    pub(crate) tier_errors: AtomicU64,
    /// Responses that were not stored, by reason.
    #[cfg(feature = "http")]
    pub(crate) not_stored: crate::http::Counts,
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Counters {
    pub(crate) fn stats(&self, hits_in_cell: u64) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let hits = hits_in_cell + read(&self.other_hits);
        let (stale_hits, shared_hits) = (read(&self.stale_hits), read(&self.tier_hits));
        let loads = read(&self.loads);
        let load_nanos = read(&self.load_nanos);
        let mean_load = load_nanos.checked_div(loads).unwrap_or(0);
        Stats {
            hits,
            stale_hits,
            misses: read(&self.misses),
            loads,
            load_errors: read(&self.load_errors),
            coalesced: read(&self.coalesced),
            stores: read(&self.stores),
            fenced: read(&self.fenced),
            refreshes: read(&self.refreshes),
            refreshes_failed: read(&self.refreshes_failed),
            refreshes_skipped: read(&self.refreshes_skipped),
            evictions: read(&self.evictions),
            invalidations: read(&self.invalidations),
            invalidation_errors: read(&self.invalidation_errors),
            shared_hits,
            shared_errors: read(&self.tier_errors),
            entries: read(&self.entries),
            load_time: Duration::from_nanos(load_nanos),
            time_saved: Duration::from_nanos(
                (hits + stale_hits)
                    .saturating_mul(mean_load.saturating_sub(HIT_COST))
                    .saturating_add(shared_hits.saturating_mul(mean_load.saturating_sub(SHARED_HIT_COST))),
            ),
        }
    }
}

/// The cells of one thread.
struct Thread(Arc<[AtomicU64]>);

thread_local! {
    static THREAD: Thread = Thread::new();
}

/// All threads' cells, and those of threads that have ended.
struct Threads {
    live: Vec<Arc<[AtomicU64]>>,
    ended: Vec<u64>,
    /// First cell that no cache ever had.
    next: usize,
    free: Vec<Range<usize>>,
}

static THREADS: Mutex<Threads> = Mutex::new(Threads { live: Vec::new(), ended: Vec::new(), next: 0, free: Vec::new() });

fn threads() -> MutexGuard<'static, Threads> {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Thread {
    fn new() -> Self {
        let cells: Arc<[AtomicU64]> = (0..CELLS).map(|_| AtomicU64::new(0)).collect();
        threads().live.push(cells.clone());
        Self(cells)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        let mut threads = threads();
        threads.live.retain(|cells| !Arc::ptr_eq(cells, &self.0));
        if threads.ended.is_empty() {
            threads.ended = vec![0; CELLS];
        }
        for (ended, cell) in threads.ended.iter_mut().zip(self.0.iter()) {
            *ended += cell.load(Ordering::Relaxed);
        }
    }
}

/// The cells of one cache: one for each of its groups, given back when the cache ends.
pub(crate) struct Cells(Range<usize>);

impl Cells {
    /// Empty if there are none left.
    pub(crate) fn new(groups: usize) -> Self {
        let mut threads = threads();
        if let Some(at) = threads.free.iter().position(|range| range.len() == groups) {
            return Self(threads.free.swap_remove(at));
        }
        let end = threads.next + groups;
        if end > CELLS {
            return Self(0..0);
        }
        let range = threads.next..end;
        threads.next = end;
        Self(range)
    }

    /// Counts a hit of a group; false if the group has no cell.
    #[inline]
    pub(crate) fn count(&self, group: usize) -> bool {
        let cell = self.0.start + group;
        cell < self.0.end
            && THREAD
                .try_with(|thread| {
                    let Some(cell) = thread.0.get(cell) else { return false };
                    // No other thread writes to this cell.
                    cell.store(cell.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                    true
                })
                .unwrap_or(false)
    }

    /// The hits of a group, over all threads.
    pub(crate) fn sum(&self, group: usize) -> u64 {
        let index = self.0.start + group;
        if index >= self.0.end {
            return 0;
        }
        let threads = threads();
        let live: u64 =
            threads.live.iter().filter_map(|cells| cells.get(index)).map(|c| c.load(Ordering::Relaxed)).sum();
        live + threads.ended.get(index).copied().unwrap_or(0)
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        if self.0.is_empty() {
            return;
        }
        let mut threads = threads();
        // Nobody counts for a cache that is gone: the cells can be set back.
        for cells in &threads.live {
            for cell in cells.get(self.0.clone()).unwrap_or_default() {
                cell.store(0, Ordering::Relaxed);
            }
        }
        if let Some(ended) = threads.ended.get_mut(self.0.clone()) {
            ended.fill(0);
        }
        let range = self.0.clone();
        threads.free.push(range);
    }
}

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

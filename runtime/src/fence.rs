//! The fence: which loads may store what they have loaded.
//!
//! One counter of the cache numbers what happens to it in the order in which it happens: the beginning of each load's body,
//! before it has read anything, and each invalidation, when what it invalidates is gone. Two rules follow, both applied
//! while the bucket of the key is locked:
//!
//! 1. *What began before an invalidation is not stored after it.* A stripe of keys holds the number of its last
//!    invalidation, and loads with a smaller one don't store. Writing by hand (`put`, `set`, `add`, `increment`) and
//!    `expire` are invalidations too. Groups and tags have generations instead, which the stamp holds as well.
//! 2. *Of two loads the one that began last is kept.* An entry holds the number of its load, and only a load with a greater
//!    one takes its place. That also decides between loads that no flight keeps apart: forced ones, those that are not
//!    coalesced, those whose leader was given up, those that did not wait for each other lest they wait in a circle.
//!
//! A load may leave nothing that could hold its number: it found nothing, or it was forced and its value is not to be
//! stored. The stripe holds it then: loads that began before lose, those that began after it do not. A load that fails or is
//! cancelled changes nothing. An entry that makes room for others takes its number along.
//!
//! Stripes are shared by keys whose hashes fall together: that can only drop a result that could have been kept. The first
//! rule is that of Caffeine's linearised invalidation, and of rueidisaside's lease within one process.

use std::sync::atomic::{AtomicU64, Ordering};

/// A power of two.
const STRIPES: usize = 16_384;

/// What a load has to know of its beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    /// Which of all loads and invalidations of the cache it is.
    pub(crate) number: u64,
    /// Of the group that the key's function is.
    pub(crate) generation: u64,
    /// The sum of its tags' generations.
    pub(crate) tag_sum: u64,
}

/// The numbers of one cache.
pub(crate) struct Fence {
    last: Alone,
    stripes: Box<[AtomicU64]>,
}

/// Every miss writes it, so that it shares no cache line with what hits read.
#[repr(align(64))]
struct Alone(AtomicU64);

impl Fence {
    pub(crate) fn new() -> Self {
        Self { last: Alone(AtomicU64::new(0)), stripes: (0..STRIPES).map(|_| AtomicU64::new(0)).collect() }
    }

    fn next(&self) -> u64 {
        self.last.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn stripe(&self, hash: u64) -> Option<&AtomicU64> {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits choose the stripe")]
        self.stripes.get(hash as usize & (STRIPES - 1))
    }

    /// The stamp of a load that begins now, of a key whose group has this generation and whose tags have this sum. The
    /// number comes last: an entry of older generations has a smaller one.
    pub(crate) fn stamp(&self, generation: u64, tag_sum: u64) -> Stamp {
        Stamp { generation, tag_sum, number: self.next() }
    }

    /// May a load of this number store the key?
    pub(crate) fn allows(&self, hash: u64, number: u64) -> bool {
        self.stripe(hash).is_none_or(|stripe| stripe.load(Ordering::SeqCst) <= number)
    }

    /// Invalidates every load of the key that is on its way. The caller holds the bucket of the key, and what it invalidates
    /// is gone already: a load that begins after this has a greater number, and must not find the old entry.
    pub(crate) fn raise(&self, hash: u64) {
        self.outdo(hash, self.next());
    }

    /// Invalidates every load of the key that began before that of this number. The caller holds the bucket of the key.
    pub(crate) fn outdo(&self, hash: u64, number: u64) {
        if let Some(stripe) = self.stripe(hash) {
            stripe.fetch_max(number, Ordering::SeqCst);
        }
    }
}

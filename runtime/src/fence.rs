//! The fence: a load that began before an invalidation can't store its result after it.
//!
//! A load takes the [`Stamp`] of its key before it reads anything. Its result is stored only if the stamp is still the
//! same, which is checked while the bucket of the index is locked; an invalidation raises the stamp while it holds the same
//! lock. Counters are shared by keys whose hashes fall together: that can only drop a result that could have been kept.
//! The protocol is that of Caffeine's linearised invalidation, and of rueidisaside's lease within one process.

use std::sync::atomic::{AtomicU64, Ordering};

/// A power of two.
const STRIPES: usize = 16_384;

/// The state of everything that could have invalidated a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    stripe: u64,
    /// Of the group that the key's function is.
    pub(crate) generation: u64,
    /// The sum of its tags' generations.
    pub(crate) tag_sum: u64,
}

/// The counters of one cache.
pub(crate) struct Fence(Box<[AtomicU64]>);

impl Fence {
    pub(crate) fn new() -> Self {
        Self((0..STRIPES).map(|_| AtomicU64::new(0)).collect())
    }

    fn stripe(&self, hash: u64) -> Option<&AtomicU64> {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits choose the stripe")]
        self.0.get(hash as usize & (STRIPES - 1))
    }

    /// The stamp of a key whose group has this generation and whose tags have this sum.
    pub(crate) fn stamp(&self, hash: u64, generation: u64, tag_sum: u64) -> Stamp {
        Stamp { stripe: self.stripe(hash).map_or(0, |stripe| stripe.load(Ordering::SeqCst)), generation, tag_sum }
    }

    /// Invalidates every load of the key that is on its way. The caller holds the bucket of the key, and what it invalidates
    /// is gone already: a load that begins after this has the new stamp, and must not find the old entry.
    pub(crate) fn raise(&self, hash: u64) {
        if let Some(stripe) = self.stripe(hash) {
            stripe.fetch_add(1, Ordering::SeqCst);
        }
    }
}

//! Hit-for-miss: keys whose last response was not stored, for a few seconds. Their callers do not wait for one another, since each needs a
//! response of its own.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many keys are remembered. Two that share a place displace each other.
const PLACES: usize = 4096;

/// How long, in nanoseconds.
const PERIOD: u64 = 5_000_000_000;

/// Nanoseconds in one tick of what a place holds: 36 bits of it are more than a century.
const TICK: u32 = 26;
const TICKS: u64 = (1 << 36) - 1;

/// Keys that pass. A place holds 28 bits of the key's hash, and until when.
#[derive(Debug, Default)]
pub(crate) struct Passes(OnceLock<Box<[AtomicU64]>>);

impl Passes {
    /// The key's response was not stored.
    pub(crate) fn note(&self, hash: u64, now: u64) {
        let places = self.0.get_or_init(|| (0..PLACES).map(|_| AtomicU64::new(0)).collect());
        if let Some(place) = places.get(place(hash)) {
            place.store((hash & !TICKS) | (now.saturating_add(PERIOD) >> TICK & TICKS), Ordering::Relaxed);
        }
    }

    /// The key's response was stored.
    pub(crate) fn forget(&self, hash: u64) {
        let Some(place) = self.place(hash) else { return };
        let known = place.load(Ordering::Relaxed);
        if known & !TICKS == hash & !TICKS && known != 0 {
            // Whoever has displaced it meanwhile is forgotten as well, which costs one wait.
            place.store(0, Ordering::Relaxed);
        }
    }

    /// Was it not stored lately?
    pub(crate) fn has(&self, hash: u64, now: u64) -> bool {
        let Some(known) = self.place(hash).map(|place| place.load(Ordering::Relaxed)) else { return false };
        known != 0 && known & !TICKS == hash & !TICKS && now >> TICK & TICKS < known & TICKS
    }

    fn place(&self, hash: u64) -> Option<&AtomicU64> {
        self.0.get().and_then(|places| places.get(place(hash)))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits choose the place")]
fn place(hash: u64) -> usize {
    hash as usize & (PLACES - 1)
}

#[cfg(test)]
mod tests {
    use super::{PERIOD, Passes};

    #[test]
    fn a_key_passes_for_a_while() {
        let (passes, hash, now) = (Passes::default(), 0xFEDC_BA98_7654_3210, 1_000_000_000);
        assert!(!passes.has(hash, now));
        passes.note(hash, now);
        assert!(passes.has(hash, now) && passes.has(hash, now + PERIOD - 200_000_000));
        assert!(!passes.has(hash, now + PERIOD));
        assert!(!passes.has(hash ^ 1 << 63, now), "another key of the same place");
    }

    #[test]
    fn what_is_stored_passes_no_more() {
        let passes = Passes::default();
        passes.note(7 << 40, 0);
        passes.forget(8 << 40);
        assert!(passes.has(7 << 40, 0));
        passes.forget(7 << 40);
        assert!(!passes.has(7 << 40, 0));
    }
}

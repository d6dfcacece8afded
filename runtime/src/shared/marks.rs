//! What this process knows of old values that it may not have in memory: which are being refreshed, and whose source has failed.
//! An entry in memory says so itself; one that is read from the store again for each call can't.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::decide::BUSY;
use crate::memory::Identity;

/// Moments until which a source is left alone, [`BUSY`] while it is being asked; by the hashes of keys.
#[derive(Debug, Default)]
pub(super) struct Marks {
    until: Mutex<HashMap<u64, u64, Identity>>,
    /// There is one at least.
    any: AtomicBool,
}

/// Marks are looked through for such that are over when there are more than this.
const MANY: usize = 1_000;

impl Marks {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, u64, Identity>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the right to refresh; of several callers one.
    pub(super) fn claim(&self, hash: u64) -> bool {
        let mut until = self.lock();
        self.any.store(true, Ordering::Release);
        until.insert(hash, BUSY) != Some(BUSY)
    }

    /// Gives it back.
    pub(super) fn unclaim(&self, hash: u64) {
        self.remove_if(hash, |until| until == BUSY);
    }

    /// The source has failed, and is left alone until this moment.
    pub(super) fn rest(&self, hash: u64, until: u64, now: u64) {
        let mut all = self.lock();
        self.any.store(true, Ordering::Release);
        if all.len() > MANY {
            all.retain(|_, until| now < *until);
        }
        all.insert(hash, until.min(BUSY - 1));
    }

    /// There is something new.
    pub(super) fn end(&self, hash: u64) {
        self.remove_if(hash, |_| true);
    }

    /// What is marked.
    pub(super) fn of(&self, hash: u64, now: u64) -> Option<u64> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        self.lock().get(&hash).copied().filter(|until| now < *until)
    }

    fn remove_if(&self, hash: u64, is_it: impl Fn(u64) -> bool) {
        if !self.any.load(Ordering::Acquire) {
            return;
        }
        let mut all = self.lock();
        if all.get(&hash).is_some_and(|until| is_it(*until)) {
            all.remove(&hash);
        }
        self.any.store(!all.is_empty(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::{BUSY, MANY, Marks};

    #[test]
    fn one_refreshes() {
        let marks = Marks::default();
        assert_eq!(marks.of(1, 0), None);
        assert!(marks.claim(1) && !marks.claim(1) && marks.claim(2));
        assert_eq!((marks.of(1, 0), marks.of(3, 0)), (Some(BUSY), None));
        marks.unclaim(1);
        assert_eq!((marks.of(1, 0), marks.of(2, 0)), (None, Some(BUSY)));
        assert!(marks.claim(1));
    }

    #[test]
    fn a_source_rests_until_then() {
        let marks = Marks::default();
        assert!(marks.claim(1));
        marks.rest(1, 10, 0);
        marks.unclaim(1);
        assert_eq!((marks.of(1, 9), marks.of(1, 10)), (Some(10), None));
        marks.end(1);
        assert_eq!(marks.of(1, 9), None);
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let marks = Marks::default();
        assert!(marks.claim(0));
        for hash in 1..=10 * MANY as u64 {
            marks.rest(hash, hash + 1, hash);
        }
        assert!(marks.lock().len() <= MANY + 2);
        assert_eq!(marks.of(0, 0), Some(BUSY));
    }
}

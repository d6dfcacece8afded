//! Saying that the store fails: once for each kind of failure, and once when it answers again.

use std::sync::atomic::{AtomicU8, Ordering};

use super::store::{StoreError, StoreErrorKind};
use crate::log;

/// The kinds of failure that have been said.
#[derive(Debug, Default)]
pub(super) struct Trouble(AtomicU8);

impl Trouble {
    pub(super) fn note(&self, operation: &str, error: &StoreError) {
        let bit = match error.kind() {
            StoreErrorKind::Unavailable => 1,
            StoreErrorKind::TimedOut => 2,
            StoreErrorKind::Refused => 4,
            StoreErrorKind::Untold => 8,
        };
        if self.0.load(Ordering::Relaxed) & bit == 0 && self.0.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            log::warning(&format!(
                "the shared tier fails ({operation}: {error}); calls load for themselves until it answers again"
            ));
        }
    }

    pub(super) fn end(&self) {
        if self.0.load(Ordering::Relaxed) != 0 && self.0.swap(0, Ordering::Relaxed) != 0 {
            log::warning("the shared tier answers again");
        }
    }
}

//! Saying that the store fails: once for each kind of failure, and once when it answers again.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use super::store::{StoreError, StoreErrorKind};
use crate::log;

/// What has been said.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// Kinds of failure, a bit for each.
    kinds: AtomicU8,
    /// Functions whose values can't be made bytes.
    functions: Mutex<HashSet<usize>>,
}

impl Trouble {
    pub(super) fn note(&self, operation: &str, error: &StoreError) {
        let bit = match error.kind() {
            StoreErrorKind::Unavailable => 1,
            StoreErrorKind::TimedOut => 2,
            StoreErrorKind::Refused => 4,
            StoreErrorKind::Untold => 8,
        };
        if self.kinds.load(Ordering::Relaxed) & bit == 0 && self.kinds.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            log::warning(&format!(
                "the shared tier fails ({operation}: {error}); calls load for themselves until it answers again"
            ));
        }
    }

    pub(super) fn unshareable(&self, group: usize, name: &str, problem: &str) {
        if self.functions.lock().unwrap_or_else(PoisonError::into_inner).insert(group) {
            log::warning(&format!(
                "`{name}`: its value can't go to the shared tier, so no other process has it: {problem}"
            ));
        }
    }

    pub(super) fn end(&self) {
        if self.kinds.load(Ordering::Relaxed) != 0 && self.kinds.swap(0, Ordering::Relaxed) != 0 {
            log::warning("the shared tier answers again");
        }
    }
}

//! Operations that make values untrue, from when they are sent to when the store has acknowledged them, or has not.

use std::future::Future;
use std::mem;

use super::names::Note;
use super::queue::Operation;
use super::store::{StoreError, StoreErrorKind};
use super::tier::Tier;
use crate::cache::Cache;
use crate::registry::Registry;

/// An operation whose end is not known. Dropped, because its caller was cancelled, it counts as not acknowledged: what memory has read
/// meanwhile is forgotten, what the store has is not believed, and it is sent again.
pub(super) struct Unsettled<'a> {
    tier: &'a Tier,
    cache: &'a Cache,
    operations: Vec<Operation>,
}

impl Drop for Unsettled<'_> {
    fn drop(&mut self) {
        let now = self.cache.clock().now();
        for operation in mem::take(&mut self.operations) {
            let note = operation.note();
            self.tier.queue.add(operation, now);
            apply(self.cache, &note);
        }
    }
}

impl Unsettled<'_> {
    /// The end is known; what it was about.
    pub(super) fn settle(mut self) -> Vec<Operation> {
        mem::take(&mut self.operations)
    }
}

impl Tier {
    /// To be made before operations are sent, and settled when their end is known.
    pub(super) fn unsettled<'a>(&'a self, cache: &'a Cache, operations: Vec<Operation>) -> Unsettled<'a> {
        Unsettled { tier: self, cache, operations }
    }

    /// Waits for what makes these values untrue, and notes what becomes of it.
    pub(super) async fn settled<T>(
        &self,
        cache: &Cache,
        group: usize,
        what: &'static str,
        operations: Vec<Operation>,
        sent: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let begun = self.queue.begin();
        let unsettled = self.unsettled(cache, operations);
        let done = sent.await;
        let (operations, now) = (unsettled.settle(), cache.clock().now());
        match &done {
            Ok(_) => {
                for operation in operations {
                    self.queue.acknowledge(operation, begun, now);
                }
                self.answered(cache, what);
            }
            Err(error) => self.unacknowledged(cache, group, what, operations, begun, error),
        }
        done
    }

    /// Notes that what makes these values untrue, asked for when `begun` was the moment, has failed.
    pub(super) fn unacknowledged(
        &self,
        cache: &Cache,
        group: usize,
        what: &'static str,
        operations: Vec<Operation>,
        begun: u64,
        error: &StoreError,
    ) {
        self.failed(cache, group, what, error);
        let now = cache.clock().now();
        for operation in operations {
            if error.kind() == StoreErrorKind::Untold {
                // It has happened, so that neither this nor what was asked for before is to be sent again.
                self.queue.acknowledge(operation, begun, now);
            } else {
                self.queue.add(operation, now);
            }
        }
    }
}

/// Does to memory what a note says.
pub(super) fn apply(cache: &Cache, note: &Note) {
    match note {
        Note::Removed(name) => cache.drop_from_memory(name.key().hash),
        Note::Expired(name) => cache.expire_in_memory(&name.key()),
        Note::Ended(_) => {}
        Note::Function(path) => {
            if let Some(group) = Registry::group_of(path) {
                cache.raise_generation(group);
            }
        }
        Note::Tag(text) => cache.tags().invalidate(text),
        Note::All => cache.empty_memory(),
    }
}

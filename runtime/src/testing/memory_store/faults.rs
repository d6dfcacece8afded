//! What a test has arranged to go wrong, and how often each operation was begun.

use std::collections::HashMap;
use std::sync::Arc;

use super::gate::Bar;
use super::operation::Operation;
use crate::shared::{StoreError, StoreErrorKind};

/// Which half of a round trip is lost when an operation times out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The request: nothing happens.
    Request,
    /// The answer: it happens.
    Answer,
}

#[derive(Default)]
pub(super) struct Faults {
    pub(super) down: bool,
    /// Notes can't be passed on.
    pub(super) untold: bool,
    pub(super) refused: Vec<(Operation, String)>,
    pub(super) late: Vec<Late>,
    pub(super) gates: Vec<Arc<Bar>>,
    pub(super) calls: HashMap<Operation, Calls>,
}

/// Operations that will time out.
pub(super) struct Late {
    pub(super) operations: Vec<Operation>,
    pub(super) times: usize,
    pub(super) lost: Lost,
}

/// How often an operation was begun, and for how many elements of lists in all.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Calls {
    pub(super) calls: usize,
    pub(super) elements: usize,
}

impl Faults {
    /// Counts an operation; what becomes of it.
    pub(super) fn begin(
        &mut self,
        operation: Operation,
        elements: usize,
        cut: bool,
    ) -> Result<Option<Lost>, StoreError> {
        let calls = self.calls.entry(operation).or_default();
        calls.calls += 1;
        calls.elements += elements;
        if self.down || cut {
            return Err(StoreError::new(StoreErrorKind::Unavailable, "the store was taken down by the test"));
        }
        if let Some((_, reason)) = self.refused.iter().find(|(refused, _)| *refused == operation) {
            return Err(StoreError::new(StoreErrorKind::Refused, reason.clone()));
        }
        self.late.retain(|late| late.times > 0);
        let late = self.late.iter_mut().find(|late| late.operations.contains(&operation));
        Ok(late.map(|late| {
            late.times -= 1;
            late.lost
        }))
    }

    pub(super) fn gate(&mut self, operation: Operation) -> Option<Arc<Bar>> {
        self.gates.retain(|bar| !bar.is_open());
        self.gates.iter().find(|bar| bar.operation == operation).cloned()
    }
}

pub(super) fn timed_out() -> StoreError {
    StoreError::new(StoreErrorKind::TimedOut, "the store did not answer in time, as the test has arranged")
}

pub(super) fn untold() -> StoreError {
    StoreError::new(StoreErrorKind::Untold, "it happened, but notes can't be passed on, as the test has arranged")
}

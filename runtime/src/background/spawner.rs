//! What a program gives to the builder so that refreshes run where it wants.

use std::fmt;
use std::sync::Arc;

use super::task::{Task, Work, caught};

/// A function that begins a future somewhere.
#[derive(Clone)]
pub(crate) struct Spawner(Arc<dyn Fn(Work) + Send + Sync>);

impl Spawner {
    pub(crate) fn new(spawn: impl Fn(Work) + Send + Sync + 'static) -> Self {
        Self(Arc::new(spawn))
    }

    /// If the spawner panics the task may be lost, or run all the same.
    pub(super) fn spawn(&self, task: Task) {
        caught(|| (self.0)(Box::pin(task)));
    }
}

impl fmt::Debug for Spawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawner").finish_non_exhaustive()
    }
}

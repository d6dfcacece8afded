//! What is tested: how a process gets its store, and how time passes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::block_on;

use crate::shared::Store;

/// What the checks are about.
///
/// ```
/// use std::time::Duration;
/// use larder::testing::conformance::Subject;
/// use larder::testing::{ManualClock, MemoryStore};
///
/// let clock = ManualClock::new();
/// let store = MemoryStore::new(clock.clone());
/// let subject = Subject::new(move || store.clone())
///     .pass_time(move |time| clock.advance(time)) // left out: real time
///     .patience(Duration::from_secs(1));
/// # let _ = subject;
/// ```
pub struct Subject {
    make: Box<dyn Fn() -> Arc<dyn Store> + Send + Sync>,
    pass_time: Box<dyn Fn(Duration) + Send + Sync>,
    pub(super) deadline: Duration,
    pub(super) patience: Duration,
}

impl Subject {
    /// Each store that is made here is that of another process: not opened yet, and sharing its contents with the others.
    #[must_use]
    pub fn new<S: Store>(make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        Self {
            make: Box::new(move || Arc::new(make())),
            pass_time: Box::new(|time| block_on(futures_timer::Delay::new(time))),
            deadline: Duration::from_secs(5),
            patience: Duration::from_secs(10),
        }
    }

    /// How time passes for the stores: for one whose clock is moved by hand. At first it really passes.
    #[must_use]
    pub fn pass_time(mut self, pass_time: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.pass_time = Box::new(pass_time);
        self
    }

    /// The deadline that the stores are opened with; at first 5 s.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long to wait for a connection, and for notes; at first 10 s.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub(super) fn make(&self) -> Arc<dyn Store> {
        (self.make)()
    }

    pub(super) fn pass(&self, time: Duration) {
        (self.pass_time)(time);
    }
}

impl<F, S> From<F> for Subject
where
    F: Fn() -> S + Send + Sync + 'static,
    S: Store,
{
    fn from(make: F) -> Self {
        Self::new(make)
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("deadline", &self.deadline)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

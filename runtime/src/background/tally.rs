//! Counting the work on the side, from its acceptance to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use event_listener::Event;

use crate::clock::{Clock, until};

/// Set in the count when nothing more is accepted: a number above every limit.
const CLOSED: usize = 1 << (usize::BITS - 1);

pub(super) struct Tally {
    limit: usize,
    count: Arc<Count>,
}

struct Count {
    /// Accepted and not ended, and [`CLOSED`].
    running: AtomicUsize,
    /// The last has ended, after closing.
    empty: Event,
}

/// One piece of work is counted as long as this lives.
pub(super) struct Ticket(Arc<Count>);

impl Tally {
    pub(super) fn new(limit: usize) -> Self {
        let count = Count { running: AtomicUsize::new(0), empty: Event::new() };
        Self { limit: limit.min(CLOSED - 1), count: Arc::new(count) }
    }

    /// `None` if the limit is reached or the tally closed; nothing is written then, so that callers who are all refused do
    /// not disturb each other.
    pub(super) fn admit(&self) -> Option<Ticket> {
        let more = |running| (running < self.limit).then_some(running + 1);
        self.count.running.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more).ok()?;
        Some(Ticket(self.count.clone()))
    }

    pub(super) fn close(&self) {
        self.count.running.fetch_or(CLOSED, Ordering::SeqCst);
    }

    /// Waits, after closing, until nothing runs or the deadline has come: how many still run.
    pub(super) async fn wait(&self, clock: &Clock, deadline: u64) -> usize {
        loop {
            // Listen first, look second: an end after the look is not missed.
            let empty = self.count.empty.listen();
            let running = self.running();
            if running == 0 || until(clock, deadline, empty).await.is_none() {
                return self.running();
            }
        }
    }

    pub(super) fn running(&self) -> usize {
        self.count.running.load(Ordering::SeqCst) & !CLOSED
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::SeqCst) == CLOSED | 1 {
            self.0.empty.notify(usize::MAX);
        }
    }
}

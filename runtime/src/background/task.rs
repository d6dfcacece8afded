//! A future that runs on the side. Whoever polls or drops it sees neither its panics nor those of what it holds.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::tally::Ticket;
use crate::cache::Cache;
use crate::default::Scope;

pub(super) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The work, until it has ended.
pub(super) struct Task(Option<Running>);

/// Dropped in this order, so that the work counts until all it holds is dropped.
struct Running {
    work: Work,
    /// The default cache that its caller saw, if that was a scope's.
    scope: Option<Cache>,
    _ticket: Ticket,
}

impl Task {
    pub(super) fn new(work: Work, scope: Option<Cache>, ticket: Ticket) -> Self {
        Self(Some(Running { work, scope, _ticket: ticket }))
    }

    fn end(&mut self) {
        let ended = self.0.take();
        caught(|| drop(ended));
    }
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(running) = &mut self.0 else { return Poll::Ready(()) };
        let polled = caught(|| {
            let _scope = running.scope.as_ref().map(Scope::enter);
            running.work.as_mut().poll(context)
        });
        if let Some(Poll::Pending) = polled {
            return Poll::Pending;
        }
        self.end();
        Poll::Ready(())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs something foreign; `None` if it panics. The panic hook has told of the panic by then.
pub(super) fn caught<T>(run: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(value) => Some(value),
        Err(payload) => {
            // A payload can panic when it is dropped, and the payload of that panic could again: that one is leaked.
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(payload);
            }
            None
        }
    }
}

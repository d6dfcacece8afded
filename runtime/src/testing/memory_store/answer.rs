//! The end of an operation that waits at a gate: given once, by whoever lets it through.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Where an answer is left. Clones are the same place.
pub(super) struct Answer<T>(Arc<Mutex<Slot<T>>>);

struct Slot<T> {
    answer: Option<T>,
    waker: Option<Waker>,
}

/// Waits for an answer.
pub(super) struct Waiting<T>(Answer<T>);

impl<T> Answer<T> {
    pub(super) fn new() -> (Self, Waiting<T>) {
        let slot = Arc::new(Mutex::new(Slot { answer: None, waker: None }));
        (Self(Arc::clone(&slot)), Waiting(Self(slot)))
    }

    pub(super) fn give(self, answer: T) {
        let mut slot = self.slot();
        slot.answer = Some(answer);
        let waker = slot.waker.take();
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn slot(&self) -> MutexGuard<'_, Slot<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Future for Waiting<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut slot = self.0.slot();
        if let Some(answer) = slot.answer.take() {
            return Poll::Ready(answer);
        }
        slot.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

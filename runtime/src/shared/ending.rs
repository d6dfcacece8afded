//! The end of an operation of the store, for futures that are shared between threads although nobody does.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use super::store::{Pending, StoreError};

/// A [`Pending`] that is `Sync`: the lock is never taken, as whoever polls has it alone. An entry's handle holds the future of a
/// refresh, and would not be `Sync` otherwise.
pub(super) struct Ending<T>(Mutex<Pending<T>>);

pub(super) fn ending<T>(pending: Pending<T>) -> Ending<T> {
    Ending(Mutex::new(pending))
}

impl<T> Future for Ending<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(context)
    }
}

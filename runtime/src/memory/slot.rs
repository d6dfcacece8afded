//! The place of an entry in the index. The index drops what was removed from it late, and while a bucket is locked; a
//! value's `Drop` is somebody else's code, which may use the cache. So the places give their entries to a list of the
//! thread, and the operation that was under way drops them when it holds no lock any more.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::Stored;

/// Holds an entry, always, until it is dropped.
pub(super) struct Slot(Option<Arc<Stored>>);

impl Slot {
    pub(super) fn new(entry: Arc<Stored>) -> Self {
        Self(Some(entry))
    }

    #[inline]
    pub(super) fn get(&self) -> Option<&Arc<Stored>> {
        self.0.as_ref()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let entry = self.0.take();
        // Outside an operation, or as the thread ends, the entry is dropped here: no lock is held.
        let _ended = DEPTH.try_with(|depth| {
            if depth.get() > 0 {
                LATER.with_borrow_mut(|later| later.extend(entry));
            }
        });
    }
}

thread_local! {
    /// Operations under way on this thread.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static LATER: RefCell<Vec<Arc<Stored>>> = const { RefCell::new(Vec::new()) };
}

/// An operation on the index. What is removed meanwhile is dropped at its end.
pub(super) struct Operation;

impl Operation {
    pub(super) fn begin() -> Self {
        let _ended = DEPTH.try_with(|depth| depth.set(depth.get() + 1));
        Self
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        let left = DEPTH.try_with(|depth| {
            depth.set(depth.get() - 1);
            depth.get()
        });
        if left == Ok(0) {
            let removed = LATER.try_with(RefCell::take).unwrap_or_default();
            drop(removed);
        }
    }
}

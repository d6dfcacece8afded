//! The place of an entry in the index, and where entries go that lose theirs.
//!
//! A value's `Drop` is somebody else's code, which may use the cache, or be the end of another one. The index drops what
//! was removed from it late, on whichever thread, under locks of its own: a bucket's, or that of its collector of garbage,
//! which even a reader takes at times. So a slot never drops its entry. It hands it to a list of the thread, and the last
//! one to leave the index drops what is there, when no lock is held any more.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
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
        // Where the list has ended with its thread, the entry is dropped here: nobody else uses what the thread leaves.
        let _ended = REMOVED.try_with(|removed| {
            removed.borrow_mut().extend(entry);
            WAITING.set(true);
        });
    }
}

/// How many places the list keeps when it is empty, so that a reader who finds something to drop need not make room.
const ROOM: usize = 1_000;

thread_local! {
    /// Operations under way on this thread.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// Is there something in the list?
    static WAITING: Cell<bool> = const { Cell::new(false) };
    static REMOVED: RefCell<Vec<Arc<Stored>>> = const { RefCell::new(Vec::new()) };
}

/// An operation on the index. Whatever leaves it meanwhile is dropped at the end of the outermost.
pub(super) struct Operation;

impl Operation {
    pub(super) fn begin() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if DEPTH.get() == 1 && WAITING.get() {
            drop_removed();
        }
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Drops what is in the list, and what comes into it by that. Its end is nobody's failure.
#[cold]
fn drop_removed() {
    let next = || REMOVED.try_with(|removed| removed.borrow_mut().pop()).ok().flatten();
    while let Some(entry) = next() {
        let _panicked = catch_unwind(AssertUnwindSafe(|| drop(entry)));
    }
    WAITING.set(false);
    let _ended = REMOVED.try_with(|removed| removed.borrow_mut().shrink_to(ROOM));
}

/// Stands behind what uses the index without an operation. Dropped after it, it drops what has left the index meanwhile.
pub(super) struct Leftovers;

impl Drop for Leftovers {
    #[inline]
    fn drop(&mut self) {
        if WAITING.get() {
            drop_leftovers();
        }
    }
}

/// Not a part of each hit: there is nearly never anything.
#[cold]
#[inline(never)]
fn drop_leftovers() {
    drop(Operation::begin());
}

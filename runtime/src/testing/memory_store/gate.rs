//! A place where operations of a store wait until a test lets them through.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::Event;

use super::operation::Operation;

/// Where an operation waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// On its way to the store: nothing has happened yet.
    Before,
    /// On its way back: it has happened, and its caller does not know.
    After,
}

/// The rest of an operation.
pub(super) type Rest = Box<dyn FnOnce() + Send>;

/// A gate that operations of one kind can't pass, made by [`MemoryStore::hold`](super::MemoryStore::hold). It opens when it is
/// dropped. What waits here ends with `TimedOut` when the store's deadline has come, and still happens when it is let through.
///
/// ```
/// use std::thread;
/// use std::time::Duration;
/// use futures_lite::future::block_on;
/// use larder::shared::{HoldOff, Remove, Store, Which};
/// use larder::testing::{ManualClock, MemoryStore, Operation, When};
///
/// let store = MemoryStore::new(ManualClock::new());
/// store.plant("shop:v0:{1}", b"old", None);
/// let gate = store.hold(Operation::Remove, When::Before);
/// let process = store.clone();
/// let removed = thread::spawn(move || {
///     let key = "shop:v0:{1}".into();
///     block_on(process.remove(vec![Remove { key, hold: HoldOff::Unchanged, which: Which::Any, note: vec![] }]))
/// });
/// block_on(gate.reached(1));
/// assert!(store.peek("shop:v0:{1}").is_some());
/// gate.open();
/// assert!(removed.join().unwrap()?[0]);
/// assert!(store.peek("shop:v0:{1}").is_none());
/// # Ok::<(), larder::shared::StoreError>(())
/// ```
#[must_use = "a gate opens when it is dropped"]
pub struct Gate(Arc<Bar>);

/// What a gate and its store share.
pub(super) struct Bar {
    pub(super) operation: Operation,
    pub(super) when: When,
    state: Mutex<State>,
    arrived: Event,
}

#[derive(Default)]
struct State {
    open: bool,
    standing: VecDeque<Rest>,
}

impl Gate {
    pub(super) fn new(operation: Operation, when: When) -> (Self, Arc<Bar>) {
        let bar = Arc::new(Bar { operation, when, state: Mutex::default(), arrived: Event::new() });
        (Self(Arc::clone(&bar)), bar)
    }

    /// How many operations stand here.
    #[must_use]
    pub fn standing(&self) -> usize {
        self.0.state().standing.len()
    }

    /// Ends when at least so many operations stand here.
    pub async fn reached(&self, operations: usize) {
        loop {
            let arrived = self.0.arrived.listen();
            if self.standing() >= operations {
                return;
            }
            arrived.await;
        }
    }

    /// Lets the operation through that has stood here longest; `false` where none does.
    #[must_use = "whether one stood there"]
    pub fn let_one_through(&self) -> bool {
        let rest = self.0.state().standing.pop_front();
        rest.map(|rest| rest()).is_some()
    }

    /// Lets all through, and those that come later.
    pub fn open(&self) {
        self.0.state().open = true;
        while self.let_one_through() {}
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

impl Bar {
    /// Lets the operation wait here, or gives it back where the gate is open.
    pub(super) fn stop(&self, rest: Rest) -> Option<Rest> {
        let mut state = self.state();
        if state.open {
            return Some(rest);
        }
        state.standing.push_back(rest);
        drop(state);
        self.arrived.notify(usize::MAX);
        None
    }

    pub(super) fn is_open(&self) -> bool {
        self.state().open
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("operation", &self.0.operation)
            .field("when", &self.0.when)
            .field("standing", &self.standing())
            .finish()
    }
}

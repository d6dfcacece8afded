//! Which loads a caller runs, and what their leaders wait for, so that nobody waits in a circle.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;

use crate::flight::{Flight, lock};

thread_local! {
    /// The flights whose bodies this thread is running, the innermost last.
    static HELD: RefCell<Vec<Arc<Flight>>> = const { RefCell::new(Vec::new()) };
}

/// Runs a load that leads these flights, so that whatever it calls knows that they are held.
pub(crate) async fn run<T>(flights: &[Arc<Flight>], load: impl Future<Output = T>) -> T {
    // They go in the opposite order: what the load drops as it is cancelled is dropped while they are held.
    let _released = Released(flights.len());
    let mut load = pin!(load);
    let _taken = Taken(flights);
    poll_fn(|context| {
        let _held = Held::new(flights);
        load.as_mut().poll(context)
    })
    .await
}

/// Holds flights from its end on.
struct Taken<'a>(&'a [Arc<Flight>]);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        std::mem::forget(Held::new(self.0));
    }
}

/// Holds so many flights no longer from its end on.
struct Released(usize);

impl Drop for Released {
    fn drop(&mut self) {
        drop(Held(self.0));
    }
}

/// How many flights this thread began to hold.
pub(crate) struct Held(usize);

impl Held {
    pub(crate) fn new(flights: &[Arc<Flight>]) -> Self {
        // A load may be dropped at the end of its thread, after the list: nothing is called any more that could wait.
        let held = HELD.try_with(|held| held.borrow_mut().extend_from_slice(flights));
        Self(held.map_or(0, |()| flights.len()))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for _ in 0..self.0 {
            let released = HELD.try_with(|held| held.borrow_mut().pop());
            drop(released);
        }
    }
}

/// The note, at each flight held by this caller, that its leader waits for another flight.
pub(crate) struct Edges {
    from: Vec<Arc<Flight>>,
    to: Arc<Flight>,
}

impl Edges {
    /// `None` if waiting would close a circle. The notes are made before the search, so that of two callers who would
    /// close it together at least one sees it.
    pub(crate) fn draw(to: &Arc<Flight>) -> Option<Self> {
        let from = HELD.try_with(|held| held.borrow().clone()).unwrap_or_default();
        for flight in &from {
            lock(&flight.waits_for).push(to.clone());
        }
        let edges = Self { from, to: to.clone() };
        (!edges.close_a_circle()).then_some(edges)
    }

    fn close_a_circle(&self) -> bool {
        if self.from.is_empty() {
            return false;
        }
        let mut seen: Vec<Arc<Flight>> = Vec::new();
        let mut open = vec![self.to.clone()];
        while let Some(flight) = open.pop() {
            if self.from.iter().any(|held| Arc::ptr_eq(held, &flight)) {
                return true;
            }
            if !seen.iter().any(|known| Arc::ptr_eq(known, &flight)) {
                open.extend(lock(&flight.waits_for).iter().cloned());
                seen.push(flight);
            }
        }
        false
    }
}

impl Drop for Edges {
    fn drop(&mut self) {
        for flight in &self.from {
            let mut waits_for = lock(&flight.waits_for);
            if let Some(at) = waits_for.iter().position(|to| Arc::ptr_eq(to, &self.to)) {
                waits_for.swap_remove(at);
            }
        }
    }
}

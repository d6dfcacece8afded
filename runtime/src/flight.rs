//! Coalescing: at most one load per key at a time; the other callers wait for its outcome.
//!
//! A flight is one load and those who wait for it. When its leader is cancelled or panics, one of the waiters takes over
//! with its own body. No lock is held while anybody waits, and no wait is longer than the cache's limit. A caller that
//! leads a load itself never waits in a circle: it is told to load alone instead.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::Event;

use crate::clock::until;
use crate::fence::Stamp;
use crate::memory::{Identity, Stored};
use crate::target::Target;

const SHARDS: usize = 64;

type Shard = HashMap<u64, Arc<Flight>, Identity>;

/// Which part a caller has in a load.
pub(crate) enum Turn {
    /// Run the body, then say how it ended.
    Lead(Lead),
    /// Another caller's load has answered.
    Shared(Arc<Stored>),
    /// Run the body; nobody waits for it.
    Alone,
}

/// The loads of one cache that are on their way.
pub(crate) struct Flights(Box<[Mutex<Shard>]>);

pub(crate) struct Flight {
    target: Target,
    state: Mutex<State>,
    changed: Event,
    /// The flights that this one's leader waits for.
    waits_for: Mutex<Vec<Arc<Flight>>>,
}

struct State {
    phase: Phase,
    /// Taken when the present leader began.
    stamp: Stamp,
    /// Loads that failed with an error that can't be shared.
    failures: u8,
    waiters: usize,
}

enum Phase {
    /// Somebody runs the body.
    Running,
    /// The leader is gone; the next to look takes over.
    Vacant,
    Landed(Arc<Stored>),
    /// There is nothing to share: everybody loads for themselves.
    Scattered,
}

/// The values behind these locks are changed by single assignments: a panic can't leave them half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Flights {
    pub(crate) fn new() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        let shard = (hash >> 32) as usize % SHARDS;
        #[expect(clippy::indexing_slicing, reason = "there are SHARDS of them")]
        lock(&self.0[shard])
    }
}

/// A caller's part when it has not waited yet.
pub(crate) enum Entered {
    Leading(Lead),
    Waiting(Waiting),
}

/// Joins the load of the target's key, or begins one, without waiting for it.
pub(crate) fn enter(target: &Target) -> Entered {
    let mut shard = target.cache.flights().shard(target.key.hash);
    if let Some(flight) = shard.get(&target.key.hash)
        && flight.target.same(target)
    {
        let mut state = lock(&flight.state);
        match state.phase {
            Phase::Vacant => return Entered::Leading(flight.lead(&mut state)),
            // A load that began before an invalidation is not for those who come after it.
            Phase::Running if target.allows(state.stamp) => {
                state.waiters += 1;
                return Entered::Waiting(Waiting(flight.clone()));
            }
            Phase::Running | Phase::Landed(_) | Phase::Scattered => {}
        }
    }
    Entered::Leading(Flight::begin(target.clone(), &mut shard))
}

impl Flight {
    /// A new flight, which takes the place of any other of the key.
    fn begin(target: Target, shard: &mut Shard) -> Lead {
        let (hash, stamp) = (target.key.hash, target.stamp());
        let flight = Arc::new(Self {
            target,
            state: Mutex::new(State { phase: Phase::Running, stamp, failures: 0, waiters: 0 }),
            changed: Event::new(),
            waits_for: Mutex::default(),
        });
        shard.insert(hash, flight.clone());
        Lead { flight, stamp, landed: false }
    }

    /// A new leader of a flight that has lost its own.
    fn lead(self: &Arc<Self>, state: &mut State) -> Lead {
        let stamp = self.target.stamp();
        state.phase = Phase::Running;
        state.stamp = stamp;
        Lead { flight: self.clone(), stamp, landed: false }
    }

    /// What a waiter finds; `None` while the load goes on.
    fn look(self: &Arc<Self>) -> Option<Turn> {
        let mut state = lock(&self.state);
        match &state.phase {
            Phase::Running => None,
            Phase::Vacant => Some(Turn::Lead(self.lead(&mut state))),
            Phase::Landed(entry) => Some(Turn::Shared(entry.clone())),
            Phase::Scattered => Some(Turn::Alone),
        }
    }

    /// A waiter's limit has come. Its leader may never be polled again, so that nobody else should join it: the first
    /// waiter to give up leads a new flight in its place, the others load alone.
    fn give_up(self: &Arc<Self>) -> Turn {
        let mut shard = self.shard();
        if !self.leave_map(&mut shard) {
            return Turn::Alone;
        }
        Turn::Lead(Self::begin(self.target.clone(), &mut shard))
    }

    fn shard(&self) -> MutexGuard<'_, Shard> {
        self.target.cache.flights().shard(self.target.key.hash)
    }

    /// Removes this flight from the map, unless another has taken its place.
    fn leave_map(self: &Arc<Self>, shard: &mut Shard) -> bool {
        let there = shard.get(&self.target.key.hash).is_some_and(|current| Arc::ptr_eq(current, self));
        if there {
            shard.remove(&self.target.key.hash);
        }
        there
    }
}

/// A caller who waits. Dropped, also by cancellation, it takes a flight that nobody is left in out of the map.
pub(crate) struct Waiting(Arc<Flight>);

impl Waiting {
    /// The caller's part once the load has ended, or the limit has come: then it loads for itself.
    pub(crate) async fn turn(&self, deadline: u64) -> Turn {
        match self.watch(deadline).await {
            Some(turn) => turn,
            None => self.0.give_up(),
        }
    }

    /// The same for a caller who has another answer when the limit comes, which is `None`.
    pub(crate) async fn watch(&self, deadline: u64) -> Option<Turn> {
        let flight = &self.0;
        let Some(_edges) = Edges::draw(flight) else { return Some(Turn::Alone) };
        let clock = flight.target.cache.clock();
        loop {
            // Listen first, look second: a change after the look is not missed.
            let changed = flight.changed.listen();
            if let Some(turn) = flight.look() {
                return Some(turn);
            }
            until(clock, deadline, changed).await?;
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let flight = &self.0;
        let mut shard = flight.shard();
        let mut state = lock(&flight.state);
        state.waiters -= 1;
        if state.waiters == 0 && matches!(state.phase, Phase::Vacant) {
            flight.leave_map(&mut shard);
        }
    }
}

/// The right and the duty to run the body. Dropped before the load has ended, it hands over to a waiter.
pub(crate) struct Lead {
    flight: Arc<Flight>,
    stamp: Stamp,
    landed: bool,
}

/// How a leader's load ended, for those who wait.
pub(crate) enum Landing {
    Shared(Arc<Stored>),
    /// It failed with an error that can't be shared.
    Failed,
    /// It succeeded with a value that nobody waited for.
    Unshared,
}

impl Lead {
    pub(crate) fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(crate) fn has_waiters(&self) -> bool {
        lock(&self.flight.state).waiters > 0
    }

    pub(crate) fn flight(&self) -> &Arc<Flight> {
        &self.flight
    }

    /// The place of a caller who waits for this load, which somebody else will run.
    pub(crate) fn join(&self) -> Waiting {
        lock(&self.flight.state).waiters += 1;
        Waiting(self.flight.clone())
    }

    /// Ends the flight. After a failure that can't be shared one waiter may try, after a second one all load at once:
    /// nobody waits for more than two loads and then runs a third.
    pub(crate) fn land(mut self, landing: Landing) {
        self.landed = true;
        let flight = &self.flight;
        let mut shard = flight.shard();
        let mut state = lock(&flight.state);
        state.phase = match landing {
            Landing::Shared(entry) => Phase::Landed(entry),
            // Somebody began to wait after the leader had looked: the load is handed over.
            Landing::Unshared if state.waiters > 0 => Phase::Vacant,
            Landing::Failed if state.waiters > 0 && state.failures == 0 => {
                state.failures += 1;
                Phase::Vacant
            }
            Landing::Unshared | Landing::Failed => Phase::Scattered,
        };
        let vacant = matches!(state.phase, Phase::Vacant);
        if !vacant {
            flight.leave_map(&mut shard);
        }
        drop((state, shard));
        flight.changed.notify(if vacant { 1 } else { usize::MAX });
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        let flight = &self.flight;
        let mut shard = flight.shard();
        let mut state = lock(&flight.state);
        state.phase = Phase::Vacant;
        if state.waiters == 0 {
            flight.leave_map(&mut shard);
        }
        drop((state, shard));
        flight.changed.notify(1);
    }
}

thread_local! {
    /// The flights whose bodies this thread is running, the innermost last.
    static HELD: RefCell<Vec<Arc<Flight>>> = const { RefCell::new(Vec::new()) };
}

/// Runs a load that leads these flights, so that whatever it calls knows that they are held.
pub(crate) async fn run<T>(flights: &[Arc<Flight>], load: impl Future<Output = T>) -> T {
    let mut load = pin!(load);
    poll_fn(|context| {
        let _held = Held::new(flights);
        load.as_mut().poll(context)
    })
    .await
}

/// How many flights this thread began to hold.
pub(crate) struct Held(usize);

impl Held {
    pub(crate) fn new(flights: &[Arc<Flight>]) -> Self {
        HELD.with_borrow_mut(|held| held.extend_from_slice(flights));
        Self(flights.len())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        for _ in 0..self.0 {
            let released = HELD.with_borrow_mut(Vec::pop);
            drop(released);
        }
    }
}

/// The note, at each flight held by this caller, that its leader waits for another flight.
struct Edges {
    from: Vec<Arc<Flight>>,
    to: Arc<Flight>,
}

impl Edges {
    /// `None` if waiting would close a circle. The notes are made before the search, so that of two callers who would
    /// close it together at least one sees it.
    fn draw(to: &Arc<Flight>) -> Option<Self> {
        let from = HELD.with_borrow(Clone::clone);
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

impl fmt::Debug for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lead").field("key", &self.flight.target.key.text).finish_non_exhaustive()
    }
}

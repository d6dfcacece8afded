//! Coalescing: at most one load per key at a time; the other callers wait for its outcome.
//!
//! A flight is one load and those who wait for it. When its leader is cancelled or panics, one of the waiters takes over
//! with its own body. No lock is held while anybody waits, and no wait is longer than the cache's limit. A caller that
//! leads a load itself never waits in a circle: it is told to load alone instead.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_listener::Event;

use crate::clock::until;
use crate::fence::Stamp;
use crate::held::Edges;
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
    pub(crate) waits_for: Mutex<Vec<Arc<Flight>>>,
}

struct State {
    phase: Phase,
    /// Taken when the present leader began.
    stamp: Stamp,
    /// Loads that failed with an error that can't be shared.
    failures: u8,
    waiters: usize,
    /// Orders what follows: it moves on with each question to the shared tier, and with each answer to some of the waiters.
    moment: u64,
    /// The moment of the last answer to some.
    began: u64,
    /// The moment of the leader's last question.
    asked: Option<u64>,
    /// Doubting waiters who came after that.
    late: usize,
    /// For those who came before this moment.
    answer: Option<(Arc<Stored>, u64)>,
}

enum Phase {
    /// Somebody runs the body.
    Running,
    /// The leader waits for its turn in a queue; who has nothing else to answer with takes over.
    Queued,
    /// The leader is gone; the next to look takes over.
    Vacant,
    /// There is an answer for everybody.
    Landed,
    /// There is nothing to share: everybody loads for themselves.
    Scattered,
}

impl State {
    fn new(stamp: Stamp) -> Self {
        Self {
            phase: Phase::Running,
            stamp,
            failures: 0,
            waiters: 0,
            moment: 0,
            began: 0,
            asked: None,
            late: 0,
            answer: None,
        }
    }

    /// One more waits. Who doubts is content with what the shared tier is asked for from now on; the others with what was
    /// asked for already.
    fn join(&mut self, flight: &Arc<Flight>) -> Waiting {
        self.waiters += 1;
        let doubts = flight.target.doubts();
        self.late += usize::from(doubts);
        let came = if doubts { self.moment } else { self.began };
        Waiting { flight: flight.clone(), came, doubts }
    }

    fn leave(&mut self, waiting: &Waiting) {
        self.waiters -= 1;
        if waiting.doubts && waiting.came == self.moment {
            self.late = self.late.saturating_sub(1);
        }
    }

    /// Answers everybody, or those who came before the last question; true if there are others.
    fn answer(&mut self, entry: Arc<Stored>, everybody: bool) -> bool {
        let asked = self.asked.filter(|_| !everybody && self.late > 0);
        self.answer = Some((entry, asked.unwrap_or(self.moment + 1)));
        self.moment += 1;
        self.began = self.moment;
        asked.is_some()
    }
}

/// The values behind these locks are changed by single assignments: a panic can't leave them half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
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

/// Joins the load of the target's key, or begins one, without waiting for it. Who is `patient` joins one that is in a queue.
pub(crate) fn enter(target: &Target, patient: bool) -> Entered {
    let mut shard = target.cache.flights().shard(target.key.hash);
    if let Some(flight) = shard.get(&target.key.hash)
        && flight.target.same(target)
    {
        let mut state = lock(&flight.state);
        match state.phase {
            Phase::Vacant => return Entered::Leading(flight.lead(&mut state)),
            // A load that began before an invalidation is not for those who come after it.
            Phase::Queued if !patient => return Entered::Leading(flight.lead(&mut state)),
            Phase::Running | Phase::Queued if target.allows(state.stamp) => {
                return Entered::Waiting(state.join(flight));
            }
            Phase::Running | Phase::Queued | Phase::Landed | Phase::Scattered => {}
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
            state: Mutex::new(State::new(stamp)),
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
        state.asked = None;
        Lead { flight: self.clone(), stamp, landed: false }
    }

    /// What a waiter finds; `None` while the load goes on.
    fn look(self: &Arc<Self>, came: u64) -> Option<Turn> {
        let mut state = lock(&self.state);
        if let Some((entry, before)) = &state.answer
            && came < *before
        {
            return Some(Turn::Shared(entry.clone()));
        }
        match state.phase {
            Phase::Running | Phase::Queued => None,
            Phase::Vacant => Some(Turn::Lead(self.lead(&mut state))),
            Phase::Landed | Phase::Scattered => Some(Turn::Alone),
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
pub(crate) struct Waiting {
    flight: Arc<Flight>,
    /// The moment from which it has to be asked.
    came: u64,
    /// Another process may have invalidated what was asked for before.
    doubts: bool,
}

impl Waiting {
    /// The caller's part once the load has ended, or the limit has come: then it loads for itself.
    pub(crate) async fn turn(&self, deadline: u64) -> Turn {
        match self.watch(deadline).await {
            Some(turn) => turn,
            None => self.flight.give_up(),
        }
    }

    /// The same for a caller who has another answer when the limit comes, which is `None`.
    pub(crate) async fn watch(&self, deadline: u64) -> Option<Turn> {
        let flight = &self.flight;
        let Some(_edges) = Edges::draw(flight) else { return Some(Turn::Alone) };
        let clock = flight.target.cache.clock();
        loop {
            // Listen first, look second: a change after the look is not missed.
            let changed = flight.changed.listen();
            if let Some(turn) = flight.look(self.came) {
                return Some(turn);
            }
            until(clock, deadline, changed).await?;
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let flight = &self.flight;
        let mut shard = flight.shard();
        let mut state = lock(&flight.state);
        state.leave(self);
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
    /// With what those may have who came before the shared tier was asked, and those who do not doubt.
    Shared(Arc<Stored>),
    /// With what everybody may have: it is an error.
    ForAll(Arc<Stored>),
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

    /// It does not run yet.
    pub(crate) fn queue(&self) {
        lock(&self.flight.state).phase = Phase::Queued;
    }

    /// It runs from now on, unless somebody has taken it over.
    pub(crate) fn resume(mut self) -> Option<Self> {
        let mut state = lock(&self.flight.state);
        match state.phase {
            Phase::Queued => state.phase = Phase::Running,
            Phase::Running if state.stamp.number == self.stamp.number => {}
            _ => {
                drop(state);
                self.landed = true;
                return None;
            }
        }
        drop(state);
        Some(self)
    }

    /// Has somebody taken it over?
    fn is_lost(&self, state: &State) -> bool {
        state.stamp.number != self.stamp.number
    }

    pub(crate) fn flight(&self) -> &Arc<Flight> {
        &self.flight
    }

    /// The place of a caller who waits for this load, which somebody else will run.
    pub(crate) fn join(&self) -> Waiting {
        lock(&self.flight.state).join(&self.flight)
    }

    /// The shared tier is asked from now on: who comes later may know of an invalidation that its answer does not.
    pub(crate) fn ask(&self) {
        let mut state = lock(&self.flight.state);
        state.moment += 1;
        state.asked = Some(state.moment);
        state.late = 0;
    }

    /// Ends the flight. After a failure that can't be shared one waiter may try, after a second one all load at once:
    /// nobody waits for more than two loads and then runs a third.
    pub(crate) fn land(mut self, landing: Landing) {
        self.landed = true;
        let flight = &self.flight;
        let mut shard = flight.shard();
        let mut state = lock(&flight.state);
        let everybody = matches!(landing, Landing::ForAll(_));
        state.phase = match landing {
            // The others are content with the next answer, all of them.
            Landing::Shared(entry) | Landing::ForAll(entry) if state.answer(entry.clone(), everybody) => Phase::Vacant,
            Landing::Shared(_) | Landing::ForAll(_) => Phase::Landed,
            // Somebody began to wait after the leader had looked: the load is handed over.
            Landing::Unshared if state.waiters > 0 => Phase::Vacant,
            Landing::Failed if state.waiters > 0 && state.failures == 0 => {
                state.failures += 1;
                Phase::Vacant
            }
            Landing::Unshared | Landing::Failed => Phase::Scattered,
        };
        let (vacant, answered) = (matches!(state.phase, Phase::Vacant), state.answer.is_some());
        let waited_for = state.waiters > 0;
        if !vacant {
            flight.leave_map(&mut shard);
        }
        drop((state, shard));
        if waited_for {
            flight.changed.notify(if vacant && !answered { 1 } else { usize::MAX });
        }
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
        if self.is_lost(&state) {
            return;
        }
        state.phase = Phase::Vacant;
        if state.waiters == 0 {
            flight.leave_map(&mut shard);
        }
        drop((state, shard));
        flight.changed.notify(1);
    }
}

impl fmt::Debug for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lead").field("key", &self.flight.target.key.text).finish_non_exhaustive()
    }
}

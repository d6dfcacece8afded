//! What all processes share: what the store holds, who is told, what goes wrong.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::answer::Answer;
use super::audience::Audience;
use super::faults::{Faults, Lost, timed_out, untold};
use super::gate::{Bar, Rest, When};
use super::operation::Operation;
use super::shelf::{Shelf, after};
use crate::clock::{Clock, Follower, until};
use crate::shared::{Pending, StoreError};

pub(super) struct World {
    pub(super) clock: Clock,
    shelf: Mutex<Shelf>,
    faults: Mutex<Faults>,
    pub(super) audience: Audience,
    vouching: Mutex<bool>,
}

/// Who uses the store.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) seat: usize,
    pub(super) namespace: String,
    pub(super) deadline: Duration,
}

/// What an operation did, and the notes that it passes on.
pub(super) type Done<T> = (T, Vec<Vec<u8>>);

impl World {
    pub(super) fn new(clock: Clock) -> Arc<Self> {
        let world = Arc::new(Self {
            clock,
            shelf: Mutex::default(),
            faults: Mutex::default(),
            audience: Audience::default(),
            vouching: Mutex::new(true),
        });
        // With its type, since it becomes a `Weak` of the trait only afterwards.
        let follower: Weak<Self> = Arc::downgrade(&world);
        world.clock.follow(follower);
        world
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what the store holds, or changes it behind its back.
    pub(super) fn look<T>(&self, look: impl FnOnce(&mut Shelf, u64) -> T) -> T {
        let mut held = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        look(&mut held, self.clock.precise())
    }

    pub(super) fn vouching(&self) -> MutexGuard<'_, bool> {
        self.vouching.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what is on its way, and vouches for that if it was not forbidden.
    pub(super) fn tell(&self) {
        let vouch = *self.vouching() && !self.faults().down;
        self.audience.tell(vouch);
    }

    fn is_out_of_reach(&self, user: Option<&User>) -> bool {
        self.faults().down || user.is_some_and(|user| self.audience.is_cut(user.seat))
    }

    /// Begins an operation: it happens now, unless the test has arranged something else.
    pub(super) fn run<T: Send + 'static>(
        self: &Arc<Self>,
        user: Option<User>,
        (operation, elements): (Operation, usize),
        act: impl FnOnce(&mut Shelf, u64) -> Done<T> + Send + 'static,
    ) -> Pending<T> {
        let cut = user.as_ref().is_some_and(|user| self.audience.is_cut(user.seat));
        let mut faults = self.faults();
        let begun = faults.begin(operation, elements, cut);
        let gate = faults.gate(operation);
        drop(faults);
        let deadline = user.as_ref().map(|user| user.deadline);
        let world = Arc::clone(self);
        let effect = move || world.happen(user.as_ref(), act);
        match (begun, gate) {
            (Err(error), _) => ready(Err(error)),
            (Ok(Some(Lost::Request)), _) => ready(Err(timed_out())),
            (Ok(Some(Lost::Answer)), _) => ready(effect().and(Err(timed_out()))),
            (Ok(None), None) => ready(effect()),
            (Ok(None), Some(bar)) => self.stand(&bar, deadline, effect),
        }
    }

    /// Notes are put on their way under the lock, so that they are told in the order of what happened.
    fn happen<T>(&self, user: Option<&User>, act: impl FnOnce(&mut Shelf, u64) -> Done<T>) -> Result<T, StoreError> {
        if self.is_out_of_reach(user) {
            return Err(timed_out());
        }
        let is_untold = self.faults().untold;
        let (outcome, told) = self.look(|shelf, now| {
            let (outcome, notes) = act(shelf, now);
            for note in notes.iter().filter(|_| !is_untold) {
                self.audience.pass_on(user.map(|user| user.namespace.as_str()), note);
            }
            (outcome, notes.is_empty() || !is_untold)
        });
        self.tell();
        if told { Ok(outcome) } else { Err(untold()) }
    }

    fn stand<T: Send + 'static>(
        &self,
        bar: &Bar,
        deadline: Option<Duration>,
        effect: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<T> {
        let end = after(self.clock.precise(), deadline);
        let (answer, waiting) = Answer::new();
        let rest: Rest = match bar.when {
            When::Before => Box::new(move || answer.give(effect())),
            When::After => {
                let outcome = effect();
                Box::new(move || answer.give(outcome))
            }
        };
        if let Some(rest) = bar.stop(rest) {
            rest();
        }
        let clock = self.clock.clone();
        Box::pin(async move { until(&clock, end, waiting).await.unwrap_or_else(|| Err(timed_out())) })
    }
}

fn ready<T: Send + 'static>(outcome: Result<T, StoreError>) -> Pending<T> {
    Box::pin(std::future::ready(outcome))
}

impl Follower for World {
    fn moved(&self) {
        self.tell();
    }
}

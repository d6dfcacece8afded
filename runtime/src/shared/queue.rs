//! Invalidations that the store has not acknowledged, or may yet forget: they are sent again when it can be reached again.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::names::{Name, Note};

/// How many may wait. Beyond that, everything is invalidated instead.
const MOST: usize = 10_000;

/// How long an acknowledged one is sent again after the store was lost: a server that takes over may not have seen it.
const RECENT: u64 = 30_000_000_000;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Remove(Name),
    Expire(Name, Duration),
    /// Generations, with the note that tells of it.
    Bump(Vec<String>, Note),
}

/// What it is about: later ones take the place of earlier ones about the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum About {
    Value(String, u64),
    Generations(Vec<String>),
}

impl Operation {
    fn about(&self) -> About {
        match self {
            Self::Remove(name) | Self::Expire(name, _) => About::Value(name.text.clone(), name.version),
            Self::Bump(names, _) => About::Generations(names.clone()),
        }
    }
}

/// The last word counts, but what removes a value is not undone by what only ages it.
fn insert(operations: &mut HashMap<About, Operation>, operation: Operation) {
    let about = operation.about();
    if !(matches!(operation, Operation::Expire(..)) && operations.contains_key(&about)) {
        operations.insert(about, operation);
    }
}

#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// Nothing is unacknowledged, as nearly always: readers need no lock to know.
    quiet: AtomicBool,
}

impl Default for Queue {
    fn default() -> Self {
        Self { waiting: Mutex::default(), quiet: AtomicBool::new(true) }
    }
}

#[derive(Debug, Default)]
struct Waiting {
    unacknowledged: HashMap<About, Operation>,
    /// When each of them was added.
    order: HashMap<About, u64>,
    added: u64,
    /// More than fits: nothing of the store is to be believed before everything was invalidated.
    overflown: bool,
    /// The acknowledged ones, the oldest first.
    recent: VecDeque<(u64, Operation)>,
    replaying: bool,
}

impl Queue {
    /// The moment of now among the operations: what is acknowledged was asked for after what was added before.
    pub(super) fn begin(&self) -> u64 {
        self.lock().added
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, operation: Operation) {
        let mut waiting = self.lock();
        if waiting.overflown {
            return;
        }
        waiting.added += 1;
        let added = waiting.added;
        waiting.order.insert(operation.about(), added);
        insert(&mut waiting.unacknowledged, operation);
        self.quiet.store(false, Ordering::Release);
        if waiting.unacknowledged.len() > MOST {
            waiting.unacknowledged = HashMap::new();
            waiting.order = HashMap::new();
            waiting.overflown = true;
        }
    }

    /// It has happened; it was asked for when `begun` was the moment.
    pub(super) fn acknowledge(&self, operation: Operation, begun: u64, now: u64) {
        let mut waiting = self.lock();
        let about = operation.about();
        if waiting.order.get(&about).is_some_and(|added| *added <= begun) {
            waiting.order.remove(&about);
            waiting.unacknowledged.remove(&about);
        }
        self.settle(&waiting);
        waiting.recent.push_back((now, operation));
        while waiting.recent.len() > MOST
            || waiting.recent.front().is_some_and(|(at, _)| now.saturating_sub(*at) > RECENT)
        {
            waiting.recent.pop_front();
        }
    }

    /// May what the store has under this name be believed, which is made under these generations?
    pub(super) fn trusts(&self, name: &Name, generations: &[String]) -> bool {
        if self.quiet.load(Ordering::Acquire) {
            return true;
        }
        let waiting = self.lock();
        if waiting.overflown {
            return false;
        }
        waiting.unacknowledged.is_empty()
            || (!waiting.unacknowledged.contains_key(&About::Value(name.text.clone(), name.version))
                && !waiting.unacknowledged.values().any(|operation| match operation {
                    Operation::Bump(names, _) => names.iter().any(|name| generations.contains(name)),
                    _ => false,
                }))
    }

    /// Everything that is to be sent again, if nobody does that already; whether it is more than fits.
    pub(super) fn replay(&self, now: u64) -> Option<(Vec<Operation>, bool)> {
        let mut waiting = self.lock();
        if waiting.replaying {
            return None;
        }
        let recent = waiting.recent.iter().filter(|(at, _)| now.saturating_sub(*at) <= RECENT);
        let mut all = HashMap::new();
        for operation in recent.map(|(_, operation)| operation).chain(waiting.unacknowledged.values()) {
            insert(&mut all, operation.clone());
        }
        if all.is_empty() && !waiting.overflown {
            return None;
        }
        waiting.replaying = true;
        Some((all.into_values().collect(), waiting.overflown))
    }

    /// The replay has ended; everything was invalidated, if that was necessary and `acknowledged`.
    pub(super) fn replayed(&self, overflown: bool, acknowledged: bool) {
        let mut waiting = self.lock();
        waiting.replaying = false;
        if overflown && acknowledged {
            waiting.overflown = false;
        }
        self.settle(&waiting);
    }

    fn settle(&self, waiting: &Waiting) {
        self.quiet.store(waiting.unacknowledged.is_empty() && !waiting.overflown, Ordering::Release);
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        self.quiet.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Name, Note, Operation, Queue, RECENT};
    use std::time::Duration;

    fn name(text: &str) -> Name {
        Name { text: text.into(), version: 0 }
    }

    fn bump(name: &str) -> Operation {
        Operation::Bump(vec![name.into()], Note::All)
    }

    #[test]
    fn what_is_not_acknowledged_is_not_believed() {
        let queue = Queue::default();
        queue.add(Operation::Remove(name("a")));
        queue.add(bump("g"));
        assert!(!queue.trusts(&name("a"), &[]) && queue.trusts(&name("b"), &[]));
        assert!(!queue.trusts(&name("b"), &["g".into()]) && queue.trusts(&name("b"), &["h".into()]));
        queue.acknowledge(Operation::Remove(name("a")), 1, 1);
        queue.acknowledge(bump("g"), 1, 1);
        assert!(!queue.trusts(&name("b"), &["g".into()]), "that one began before it was added");
        queue.acknowledge(bump("g"), queue.begin(), 1);
        assert!(queue.trusts(&name("a"), &["g".into()]) && queue.is_empty());
    }

    #[test]
    fn the_last_word_counts_unless_it_is_weaker() {
        let queue = Queue::default();
        queue.add(Operation::Remove(name("a")));
        queue.add(Operation::Expire(name("a"), Duration::ZERO));
        assert_eq!(queue.replay(1), Some((vec![Operation::Remove(name("a"))], false)));
        assert_eq!(queue.replay(1), None, "one at a time");
        queue.replayed(false, true);
        assert!(queue.replay(1).is_some());
    }

    #[test]
    fn recent_ones_are_sent_again() {
        let queue = Queue::default();
        queue.acknowledge(Operation::Remove(name("a")), 0, 1);
        assert!(queue.is_empty() && queue.replay(RECENT).is_some());
        queue.replayed(false, true);
        assert_eq!(queue.replay(RECENT + 2), None);
    }

    #[test]
    fn more_than_fits() {
        let queue = Queue::default();
        (0..=MOST).for_each(|number| queue.add(Operation::Remove(name(&number.to_string()))));
        assert!(!queue.trusts(&name("x"), &[]));
        assert_eq!(queue.replay(1), Some((Vec::new(), true)));
        queue.replayed(true, false);
        assert!(!queue.trusts(&name("x"), &[]), "not yet");
        assert_eq!(queue.replay(1), Some((Vec::new(), true)));
        queue.replayed(true, true);
        assert!(queue.trusts(&name("x"), &[]));
    }
}

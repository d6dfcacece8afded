//! Invalidations that the store has not acknowledged, or may yet forget: they are sent again when it can be reached again.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::names::{Name, Note};

/// How many may wait. Beyond that, everything is invalidated instead.
const MOST: usize = 10_000;

/// How long to wait before the unacknowledged ones are sent again to a store that answers.
const RETRY: u64 = 1_000_000_000;

/// How long before the loss of the store one may have been acknowledged that is sent again: a server that takes over may not have seen it.
const RECENT: u64 = 30_000_000_000;

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Remove(Name),
    /// A value that begins with these bytes was written: whatever else is there is to be removed.
    Write(Name, Vec<u8>),
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
    /// What others are told of it.
    pub(super) fn note(&self) -> Note {
        match self {
            Self::Remove(name) | Self::Write(name, _) => Note::Removed(name.clone()),
            Self::Expire(name, _) => Note::Expired(name.clone()),
            Self::Bump(_, note) => note.clone(),
        }
    }

    fn about(&self) -> About {
        match self {
            Self::Remove(name) | Self::Write(name, _) | Self::Expire(name, _) => {
                About::Value(name.text.clone(), name.version)
            }
            Self::Bump(names, _) => About::Generations(names.clone()),
        }
    }
}

/// The last word counts, but what removes a value is not undone by what only ages it.
fn insert(operations: &mut HashMap<About, Operation>, operation: Operation) {
    let about = operation.about();
    let operation = match (operation, operations.get(&about)) {
        // What was written is not to be fresh any more.
        (Operation::Expire(name, _), Some(Operation::Write(..))) => Operation::Remove(name),
        (Operation::Expire(..), Some(_)) => return,
        (operation, _) => operation,
    };
    operations.insert(about, operation);
}

#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// Nothing is to be sent, as nearly always: readers need no lock to know.
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
    /// The moment among the operations at which the store was lost. What was asked for before may have been acknowledged by a server
    /// that is no more.
    lost: u64,
    /// Somebody sends already.
    replaying: bool,
    /// When the unacknowledged ones may be sent again to a store that answers.
    retry_at: u64,
}

/// What is to be sent again.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Replay {
    pub(super) operations: Vec<Operation>,
    /// There was more than fits: everything is to be invalidated.
    pub(super) overflown: bool,
    /// The moment among the operations.
    pub(super) begun: u64,
}

impl Queue {
    /// The moment of now among the operations: what is acknowledged was asked for after what was added before.
    pub(super) fn begin(&self) -> u64 {
        self.lock().added
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, operation: Operation, now: u64) {
        let mut waiting = self.lock();
        if waiting.unacknowledged.is_empty() {
            waiting.retry_at = now.saturating_add(RETRY);
        }
        waiting.add(operation);
        self.settle(&waiting);
    }

    /// It has happened; it was asked for when `begun` was the moment.
    pub(super) fn acknowledge(&self, operation: Operation, begun: u64, now: u64) {
        let mut waiting = self.lock();
        if begun < waiting.lost {
            waiting.add(operation);
            return self.settle(&waiting);
        }
        let about = operation.about();
        // What only ages a value is no answer to what removes it.
        let weaker = matches!(operation, Operation::Expire(..))
            && matches!(waiting.unacknowledged.get(&about), Some(Operation::Remove(_) | Operation::Write(..)));
        if !weaker {
            self.forget(&mut waiting, &about, begun);
        }
        waiting.recent.push_back((now, operation));
        while waiting.recent.len() > MOST
            || waiting.recent.front().is_some_and(|(at, _)| now.saturating_sub(*at) > RECENT)
        {
            waiting.recent.pop_front();
        }
    }

    /// The value was written over, which is as good as its removal; that was asked for when `begun` was the moment.
    pub(super) fn overwritten(&self, name: Name, begun: u64) {
        if !self.is_quiet() {
            self.forget(&mut self.lock(), &Operation::Remove(name).about(), begun);
        }
    }

    fn forget(&self, waiting: &mut Waiting, about: &About, begun: u64) {
        if waiting.order.get(about).is_some_and(|added| *added <= begun) {
            waiting.order.remove(about);
            waiting.unacknowledged.remove(about);
        }
        self.settle(waiting);
    }

    /// Is there nothing to be sent?
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::Acquire)
    }

    /// May what the store has under this name be believed, which is made under these generations? Always, while it is
    /// [quiet](Self::is_quiet).
    pub(super) fn trusts(&self, name: &Name, generations: &[String]) -> bool {
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

    /// The store was lost: it may come back as a server that has not heard of the last operations, although they were acknowledged.
    /// They count as not acknowledged from now on, so that nothing is believed which they were about before they are sent again.
    pub(super) fn lost(&self, now: u64) {
        let mut waiting = self.lock();
        waiting.added += 1;
        waiting.lost = waiting.added;
        waiting.retry_at = now;
        let recent = mem::take(&mut waiting.recent);
        if !waiting.overflown {
            let later = mem::take(&mut waiting.unacknowledged);
            let recent = recent.into_iter().filter(|(at, _)| now.saturating_sub(*at) <= RECENT);
            for operation in recent.map(|(_, operation)| operation).chain(later.into_values()) {
                insert(&mut waiting.unacknowledged, operation);
            }
            let lost = waiting.lost;
            waiting.order = waiting.unacknowledged.keys().map(|about| (about.clone(), lost)).collect();
        }
        self.settle(&waiting);
    }

    /// Everything that is to be sent again because the store can be reached. While somebody sends already it has to wait for a
    /// [`retry`](Self::retry).
    pub(super) fn replay(&self, now: u64) -> Option<Replay> {
        self.lock().replay(now)
    }

    /// What is to be sent again to a store that answers, and did not acknowledge it, or was not asked, some time ago.
    pub(super) fn retry(&self, now: u64) -> Option<Replay> {
        if self.is_quiet() {
            return None;
        }
        let mut waiting = self.lock();
        if now < waiting.retry_at {
            return None;
        }
        waiting.replay(now)
    }

    /// The replay has ended; everything was invalidated, if that was necessary and `acknowledged`.
    pub(super) fn replayed(&self, overflown: bool, begun: u64, acknowledged: bool) {
        let mut waiting = self.lock();
        waiting.replaying = false;
        if overflown && acknowledged && waiting.added == begun {
            waiting.overflown = false;
        }
        self.settle(&waiting);
    }

    fn settle(&self, waiting: &Waiting) {
        self.quiet.store(waiting.unacknowledged.is_empty() && !waiting.overflown, Ordering::Release);
    }
}

impl Waiting {
    fn add(&mut self, operation: Operation) {
        self.added += 1;
        if self.overflown {
            return;
        }
        self.order.insert(operation.about(), self.added);
        insert(&mut self.unacknowledged, operation);
        if self.unacknowledged.len() > MOST {
            self.unacknowledged = HashMap::new();
            self.order = HashMap::new();
            self.overflown = true;
        }
    }

    /// The unacknowledged ones, if nobody sends already.
    fn replay(&mut self, now: u64) -> Option<Replay> {
        if self.replaying || (self.unacknowledged.is_empty() && !self.overflown) {
            return None;
        }
        self.replaying = true;
        self.retry_at = now.saturating_add(RETRY);
        let operations = self.unacknowledged.values().cloned().collect();
        Some(Replay { operations, overflown: self.overflown, begun: self.added })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::{MOST, Name, Note, Operation, Queue, RECENT, RETRY, Replay};
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
        queue.add(Operation::Remove(name("a")), 1);
        queue.add(bump("g"), 1);
        assert!(!queue.trusts(&name("a"), &[]) && queue.trusts(&name("b"), &[]));
        assert!(!queue.trusts(&name("b"), &["g".into()]) && queue.trusts(&name("b"), &["h".into()]));
        queue.acknowledge(Operation::Remove(name("a")), 1, 1);
        queue.acknowledge(bump("g"), 1, 1);
        assert!(!queue.trusts(&name("b"), &["g".into()]), "that one began before it was added");
        queue.acknowledge(bump("g"), queue.begin(), 1);
        assert!(queue.trusts(&name("a"), &["g".into()]) && queue.is_quiet());
    }

    #[test]
    fn the_last_word_counts_unless_it_is_weaker() {
        let queue = Queue::default();
        queue.add(Operation::Remove(name("a")), 1);
        queue.add(Operation::Expire(name("a"), Duration::ZERO), 1);
        let operations = vec![Operation::Remove(name("a"))];
        assert_eq!(queue.replay(1), Some(Replay { operations, overflown: false, begun: 2 }));
        assert_eq!(queue.replay(1), None, "one at a time");
        queue.replayed(false, 2, true);
        assert!(queue.replay(1).is_some());
        queue.acknowledge(Operation::Expire(name("a"), Duration::ZERO), queue.begin(), 1);
        assert!(!queue.trusts(&name("a"), &[]), "it may still be there");
        queue.acknowledge(Operation::Remove(name("a")), queue.begin(), 1);
        assert!(queue.trusts(&name("a"), &[]));
    }

    #[test]
    fn what_was_written_and_has_expired_is_removed() {
        let write = || Operation::Write(name("a"), vec![1]);
        let expire = || Operation::Expire(name("a"), Duration::ZERO);
        let queue = Queue::default();
        queue.acknowledge(write(), 0, 1);
        queue.lost(2);
        queue.add(expire(), 3);
        assert_eq!(queue.replay(4).unwrap().operations, [Operation::Remove(name("a"))]);
        let queue = Queue::default();
        queue.acknowledge(write(), 0, 1);
        queue.acknowledge(expire(), 0, 2);
        queue.lost(3);
        assert_eq!(queue.replay(4).unwrap().operations, [Operation::Remove(name("a"))], "both were acknowledged");
        queue.replayed(false, 0, true);
        queue.add(write(), 5);
        assert_eq!(queue.retry(u64::MAX).unwrap().operations, [write()], "the last word");
    }

    #[test]
    fn recent_ones_are_not_believed_after_a_loss_and_sent_again() {
        let queue = Queue::default();
        let removed = || Operation::Remove(name("a"));
        queue.acknowledge(removed(), 0, 1);
        assert!(queue.is_quiet() && queue.replay(RECENT).is_none());
        queue.lost(RECENT);
        assert!(!queue.is_quiet() && !queue.trusts(&name("a"), &[]) && queue.trusts(&name("b"), &[]));
        // However long it takes until the store can be reached.
        let replay = queue.replay(RECENT * 9).unwrap();
        assert_eq!(replay.operations, [removed()]);
        queue.acknowledge(removed(), replay.begun, RECENT * 9);
        queue.replayed(false, replay.begun, true);
        assert!(queue.is_quiet() && queue.trusts(&name("a"), &[]));
        queue.lost(RECENT * 10 + 1);
        assert!(queue.is_quiet(), "that was long ago");
    }

    #[test]
    fn who_has_acknowledged_may_be_gone() {
        let queue = Queue::default();
        let begun = queue.begin();
        queue.lost(1);
        queue.acknowledge(bump("g"), begun, 1);
        assert!(!queue.trusts(&name("a"), &["g".into()]));
        let replay = queue.retry(1).unwrap();
        queue.lost(2);
        queue.acknowledge(bump("g"), replay.begun, 2);
        queue.replayed(false, replay.begun, true);
        assert_eq!(queue.retry(2).unwrap().operations, [bump("g")], "and again");
    }

    #[test]
    fn more_than_fits() {
        let queue = Queue::default();
        (0..=MOST).for_each(|number| queue.add(Operation::Remove(name(&number.to_string())), 1));
        assert!(!queue.trusts(&name("x"), &[]));
        let replay = |queue: &Queue| {
            let replay = queue.replay(1).unwrap();
            assert!(replay.operations.is_empty() && replay.overflown);
            replay.begun
        };
        queue.replayed(true, replay(&queue), false);
        assert!(!queue.trusts(&name("x"), &[]), "not yet");
        let begun = replay(&queue);
        queue.add(Operation::Remove(name("x")), 1);
        queue.replayed(true, begun, true);
        assert!(!queue.trusts(&name("x"), &[]), "one more has failed since");
        queue.replayed(true, replay(&queue), true);
        assert!(queue.trusts(&name("x"), &[]));
    }

    #[test]
    fn a_store_that_answers_is_asked_again_after_a_while() {
        let queue = Queue::default();
        assert_eq!(queue.retry(RETRY), None);
        queue.acknowledge(Operation::Remove(name("a")), 0, 1);
        queue.add(bump("g"), 1);
        assert_eq!(queue.retry(RETRY), None, "too early");
        let replay = queue.retry(RETRY + 1).unwrap();
        assert_eq!(replay.operations, [bump("g")], "what was acknowledged is not sent again");
        queue.replayed(false, replay.begun, false);
        assert_eq!(queue.retry(RETRY * 2), None, "too early again");
        assert!(queue.retry(RETRY * 2 + 1).is_some());
    }

    #[test]
    fn a_store_that_is_lost_while_others_are_sent_again_is_told_of_the_recent_ones() {
        let queue = Queue::default();
        queue.add(bump("g"), 1);
        let retry = queue.retry(RETRY + 1).unwrap();
        let recent = || Operation::Remove(name("a"));
        queue.acknowledge(recent(), 1, RETRY + 2);
        queue.lost(RETRY + 3);
        assert_eq!(queue.replay(RETRY + 3), None, "somebody sends already");
        queue.acknowledge(bump("g"), retry.begun, RETRY + 4);
        queue.replayed(false, retry.begun, true);
        for acknowledged in [false, true] {
            let now = queue.lock().retry_at;
            let replay = queue.retry(now).unwrap();
            assert_eq!(replay.operations.len(), 2);
            assert!(replay.operations.contains(&recent()) && !queue.trusts(&name("a"), &[]));
            for operation in replay.operations.into_iter().filter(|_| acknowledged) {
                queue.acknowledge(operation, replay.begun, now);
            }
            queue.replayed(false, replay.begun, acknowledged);
        }
        assert!(queue.is_quiet() && queue.retry(RECENT).is_none());
    }

    #[test]
    fn what_is_asked_for_during_a_replay_is_not_forgotten() {
        let queue = Queue::default();
        queue.add(Operation::Expire(name("a"), Duration::ZERO), 1);
        let replay = queue.replay(1).unwrap();
        queue.add(Operation::Remove(name("a")), 1);
        for operation in replay.operations {
            queue.acknowledge(operation, replay.begun, 1);
        }
        queue.replayed(false, replay.begun, true);
        assert!(!queue.trusts(&name("a"), &[]));
        queue.overwritten(name("a"), queue.begin());
        assert!(queue.trusts(&name("a"), &[]) && queue.is_quiet());
    }
}

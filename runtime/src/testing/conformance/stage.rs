//! Where one check takes place: a namespace of its own, and two processes that have opened the store in it.

use std::time::Duration;

use futures_lite::future::block_on;

use super::Outcome;
use super::elements::{SHORT, remove};
use super::party::Party;
use super::subject::Subject;
use crate::testing::Seen;

/// How long to wait between two looks at something that has to come.
const STEP: Duration = Duration::from_millis(2);

pub(super) struct Stage<'a> {
    subject: &'a Subject,
    pub(super) namespace: String,
    pub(super) one: Party,
    pub(super) other: Party,
}

impl<'a> Stage<'a> {
    pub(super) fn new(subject: &'a Subject) -> Self {
        let namespace = format!("conformance-{:016x}", fastrand::u64(..));
        let open = || Party::open(subject, &namespace);
        Self { one: open(), other: open(), subject, namespace }
    }

    /// A third process, in a namespace of its own, and a key there.
    pub(super) fn stranger(&self) -> Outcome<(Party, String)> {
        let namespace = format!("{}-stranger", self.namespace);
        let stranger = Party::open(self.subject, &namespace);
        self.connect(&stranger)?;
        Ok((stranger, format!("{namespace}:v0:{{note}}")))
    }

    /// Waits until both processes reach the store.
    pub(super) fn ready(&self) -> Outcome {
        self.connect(&self.one)?;
        self.connect(&self.other)
    }

    fn connect(&self, party: &Party) -> Outcome {
        self.wait_until("a watcher is told `reached`", || party.witness.seen().contains(&Seen::Reached))
    }

    /// Gives back what the check has used. That nothing comes of it is no concern of the check.
    pub(super) fn clear(&self) {
        let _purged = block_on(self.one.store.purge(&self.namespace));
        self.one.store.close();
        self.other.store.close();
    }

    /// A key as caches make them.
    pub(super) fn key(&self, text: &str) -> String {
        format!("{}:v0:{{{text}}}", self.namespace)
    }

    /// The name of a generation.
    pub(super) fn generation(&self, text: &str) -> String {
        format!("{}:g:{{{text}}}", self.namespace)
    }

    /// Lets so much time pass that everything [`SHORT`] is over.
    pub(super) fn outlast(&self) {
        self.subject.pass(SHORT * 2);
    }

    /// Waits for something, as long as the subject's patience lasts.
    pub(super) fn wait_until(&self, what: &str, mut is_so: impl FnMut() -> bool) -> Outcome {
        if self.comes_within(self.subject.patience, &mut is_so) {
            return Ok(());
        }
        Err(format!("waited {:?} in vain until {what}", self.subject.patience))
    }

    /// Whether something comes in time.
    pub(super) fn comes_within(&self, patience: Duration, mut is_so: impl FnMut() -> bool) -> bool {
        let mut waited = Duration::ZERO;
        while !is_so() {
            if waited >= patience {
                return false;
            }
            self.subject.pass(STEP);
            waited += STEP;
        }
        true
    }

    /// All notes that were told so far to the two processes: those before a last one about this key, whose value is removed.
    pub(super) fn notes(&self, key: &str) -> Outcome<[Vec<String>; 2]> {
        let last = format!("last {:016x}", fastrand::u64(..));
        self.one.remove_each(vec![remove(key, &last)])?;
        Ok([self.notes_before(&self.one, &last)?, self.notes_before(&self.other, &last)?])
    }

    pub(super) fn notes_before(&self, party: &Party, last: &str) -> Outcome<Vec<String>> {
        self.wait_until("the note of an acknowledged removal is told", || {
            party.notes().iter().any(|note| note == last)
        })?;
        Ok(party.notes().into_iter().take_while(|note| note != last).collect())
    }
}

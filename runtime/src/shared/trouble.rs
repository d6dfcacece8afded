//! Saying that the store fails: once for each kind of failure, and once when it is over.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::store::{StoreError, StoreErrorKind};
use crate::log;

/// What has been said.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    failing: Mutex<Vec<Failing>>,
    /// Something fails: whoever succeeds needs no lock to know that nothing does.
    any: AtomicBool,
    /// Functions whose values can't be made bytes.
    functions: Mutex<HashSet<usize>>,
    /// Types that were asked for and are not known.
    types: Mutex<HashSet<&'static str>>,
}

/// What fails, until the opposite is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failing {
    /// The store can't be reached: any answer ends it.
    Reach,
    /// This operation is refused, late, or nobody can be told of it. That others succeed says nothing about it: a server that is full
    /// still reads. It ends when the operation succeeds.
    Operation(&'static str, StoreErrorKind),
}

impl Failing {
    fn of(operation: &'static str, kind: StoreErrorKind) -> Self {
        match kind {
            StoreErrorKind::Unavailable => Self::Reach,
            kind => Self::Operation(operation, kind),
        }
    }

    fn is_ended_by(self, succeeded: &str) -> bool {
        match self {
            Self::Reach => true,
            Self::Operation(operation, _) => operation == succeeded,
        }
    }
}

impl Trouble {
    fn failing(&self) -> MutexGuard<'_, Vec<Failing>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, operation: &'static str, error: &StoreError) {
        if self.begins(operation, error.kind()) {
            let then = match error.kind() {
                StoreErrorKind::Untold => "other processes may keep what they have in memory for up to its timeout",
                _ => "calls load for themselves until it answers again",
            };
            log::warning(&format!("the shared tier fails ({operation}: {error}); {then}"));
        }
    }

    /// An operation has succeeded.
    pub(super) fn end(&self, operation: &str) {
        if self.any.load(Ordering::Relaxed) && self.ends(operation) {
            log::warning(&format!("the shared tier answers again ({operation})"));
        }
    }

    /// Notes a failure; whether it is a new one.
    fn begins(&self, operation: &'static str, kind: StoreErrorKind) -> bool {
        let (new, mut failing) = (Failing::of(operation, kind), self.failing());
        let is_new = !failing.contains(&new);
        if is_new {
            failing.push(new);
            self.any.store(true, Ordering::Relaxed);
        }
        is_new
    }

    /// Notes a success; whether something has failed until now that fails no more.
    fn ends(&self, operation: &str) -> bool {
        let mut failing = self.failing();
        let before = failing.len();
        failing.retain(|failing| !failing.is_ended_by(operation));
        self.any.store(!failing.is_empty(), Ordering::Relaxed);
        failing.len() < before
    }

    pub(super) fn unshareable(&self, group: usize, name: &str, so: &str, problem: &str) {
        if self.functions.lock().unwrap_or_else(PoisonError::into_inner).insert(group) {
            log::warning(&format!("`{name}`: its value can't go to the shared tier, so {so}: {problem}"));
        }
    }

    pub(super) fn unknown(&self, name: &'static str) {
        if self.types.lock().unwrap_or_else(PoisonError::into_inner).insert(name) {
            let advice = make_known(name);
            log::warning(&format!(
                "values of the type `{name}` are not found in the shared tier as long as it is not known: {advice}"
            ));
        }
    }
}

/// What to do so that values of a type can be shared by hand.
pub(super) fn make_known(type_name: &str) -> String {
    if type_name.starts_with('&') {
        return "use an owned one, for instance a `String` for a `&str`".to_owned();
    }
    format!(
        "name it where the cache is built, `.value::<{type_name}>()`, which asks for `serde::Serialize` and `serde::Deserialize`"
    )
}

#[cfg(test)]
mod tests {
    use super::Trouble;
    use crate::shared::store::StoreErrorKind::{Refused, TimedOut, Unavailable, Untold};

    #[test]
    fn a_server_that_is_full_is_told_of_once_however_many_reads_it_answers() {
        let trouble = Trouble::default();
        assert!(!trouble.ends("read"), "nothing has failed");
        assert!(trouble.begins("lease", Refused));
        for _ in 0..3 {
            assert!(!trouble.ends("read") && !trouble.ends("remove"));
            assert!(!trouble.begins("lease", Refused));
        }
        assert!(trouble.begins("write", Refused), "another operation has a reason of its own");
        assert!(trouble.ends("lease") && !trouble.ends("lease"));
        assert!(!trouble.begins("write", Refused) && trouble.begins("lease", Refused));
        assert!(trouble.begins("write", Untold));
    }

    #[test]
    fn any_answer_shows_that_the_store_can_be_reached() {
        let trouble = Trouble::default();
        assert!(trouble.begins("read", Unavailable) && !trouble.begins("lease", Unavailable));
        assert!(trouble.begins("lease", TimedOut));
        assert!(trouble.ends("remove") && !trouble.ends("read"));
        assert!(!trouble.begins("lease", TimedOut) && trouble.begins("lease", Unavailable));
    }
}

//! What every store has to do, as tests: run them against a [`Store`](crate::shared::Store) of your own.
//!
//! ```
//! use larder::testing::conformance::{self, Subject};
//! use larder::testing::{ManualClock, MemoryStore};
//!
//! let clock = ManualClock::new();
//! let store = MemoryStore::new(clock.clone());
//! let subject = Subject::new(move || store.clone()).pass_time(move |time| clock.advance(time));
//! conformance::run(subject);
//! ```
//!
//! Each check has a name and a promise, and uses a namespace of its own, so that they can run side by side against one server. A
//! [`Subject`] is what they are about: a function that makes a process's store, anew for each process, all of which share
//! their contents. Checks in which time has to pass use lives of a few hundredths of a second; none waits for longer than
//! [`Subject::patience`] for something that has to come.
//!
//! In a test file of your own [`conformance_tests!`](crate::conformance_tests) makes a test of each check:
//!
//! ```
//! # use std::sync::LazyLock;
//! # use larder::{Clock, testing::MemoryStore};
//! # static SERVER: LazyLock<MemoryStore> = LazyLock::new(|| MemoryStore::new(Clock::system()));
//! fn connect() -> MemoryStore {
//!     SERVER.clone()
//! }
//!
//! larder::conformance_tests!(connect); // a function that makes a process's store, or a `Subject`
//! # fn main() {}
//! ```

// What a check is made of:
#[macro_use]
mod elements;
mod party;
mod stage;
mod subject;
// The checks, and their list:
mod checks;
mod list;

use std::fmt;

pub use self::subject::Subject;
use stage::Stage;

/// What came of a check, or of a step of it: the text says what was found.
type Outcome<T = ()> = Result<T, String>;

/// One thing that every store has to do.
#[derive(Clone, Copy)]
pub struct Check {
    name: &'static str,
    promise: &'static str,
    run: fn(&Stage) -> Outcome,
}

impl Check {
    /// Its name, which is also that of the test that [`conformance_tests!`](crate::conformance_tests) makes of it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What the contract says.
    #[must_use]
    pub fn promise(&self) -> &'static str {
        self.promise
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// What the store does that it must not do.
    pub fn run(&self, subject: &Subject) -> Result<(), Broken> {
        let stage = Stage::new(subject);
        let outcome = stage.ready().and_then(|()| (self.run)(&stage));
        stage.clear();
        outcome.map_err(|found| Broken { name: self.name, promise: self.promise, found })
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("name", &self.name).field("promise", &self.promise).finish_non_exhaustive()
    }
}

/// A promise that a store does not keep.
#[derive(Clone, Debug)]
pub struct Broken {
    name: &'static str,
    promise: &'static str,
    found: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  promised: {}\n  found: {}", self.name, self.promise, self.found)
    }
}

impl std::error::Error for Broken {}

/// All checks.
///
/// ```
/// for check in larder::testing::conformance::checks() {
///     assert!(!check.name().is_empty() && check.promise().ends_with('.'));
/// }
/// ```
#[must_use]
pub fn checks() -> &'static [Check] {
    list::CHECKS
}

/// Runs all checks.
///
/// # Panics
///
/// When a promise is broken, with the names of all that are, what they say and what was found.
pub fn run(subject: impl Into<Subject>) {
    let subject = subject.into();
    let broken: Vec<_> = checks().iter().filter_map(|check| check.run(&subject).err()).collect();
    let report: Vec<_> = broken.iter().map(ToString::to_string).collect();
    assert!(
        broken.is_empty(),
        "the store breaks {} of {} promises:\n{}",
        broken.len(),
        checks().len(),
        report.join("\n")
    );
}

/// Runs the check of this name.
///
/// # Panics
///
/// When its promise is broken, with what it says and what was found; when there is no such check.
pub fn run_one(name: &str, subject: impl Into<Subject>) {
    let check = checks().iter().find(|check| check.name == name);
    assert!(check.is_some(), "there is no check of the name `{name}`");
    let broken = check.and_then(|check| check.run(&subject.into()).err());
    assert!(broken.is_none(), "{}", broken.map(|broken| broken.to_string()).unwrap_or_default());
}

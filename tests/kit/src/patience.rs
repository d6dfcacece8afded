//! Waiting for a condition: it is looked at again and again, and whoever waits in vain learns what for.

use std::fmt::Display;
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take before a test fails. Far more than a healthy machine needs, so that a busy one does not fail.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Short enough that nobody notices, long enough that many waiting tests leave the processor to the servers.
const PAUSE: Duration = Duration::from_millis(5);

/// Returns as soon as the condition holds.
///
/// # Panics
///
/// If the condition does not hold within [`PATIENCE`].
#[track_caller]
pub fn until(what: impl Display, mut condition: impl FnMut() -> bool) {
    obtain(what, || condition().then_some(()));
}

/// Returns the first thing that `attempt` makes.
///
/// # Panics
///
/// If it makes nothing within [`PATIENCE`].
#[track_caller]
pub fn obtain<T>(what: impl Display, mut attempt: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(made) = attempt() {
            return made;
        }
        assert!(begin.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain for: {what}");
        thread::sleep(PAUSE);
    }
}

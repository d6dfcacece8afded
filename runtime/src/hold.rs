//! Holding an entry off while its source is changed: the guard for writes that must not be followed by an old value, not even if the
//! writer dies between the write and the invalidation. The protocol is that of mcrouter's hold-off, in two phases.

use std::time::Duration;

use futures_lite::future::block_on;

use crate::error::Error;
use crate::target::Target;

/// An entry that is held off: what [`Entry::hold`](crate::Entry::hold) makes.
///
/// While it is held no process stores the entry in a shared tier, by a call or by hand: calls run their bodies. Memory alone knows
/// no hold: there it is an invalidation before, and one afterwards. It ends with [`done`](Self::done), when the time is over, or
/// when it is dropped, and by nothing else: not by an invalidation, nor by the end of another process's hold of the same entry.
#[derive(Debug)]
#[must_use = "dropped at once it holds nothing off"]
pub struct Hold {
    target: Target,
    /// Tells it from other holds of the entry, which go on when this one ends.
    token: u128,
    done: bool,
}

impl Hold {
    pub(crate) fn new(target: Target) -> Self {
        Self { target, token: fastrand::u128(..), done: false }
    }

    pub(crate) async fn begin(&self, at_most: Duration) -> Result<(), Error> {
        self.target.hold(self.token, at_most).await
    }

    /// The source has been changed: the entry is invalidated once more, and may be stored again.
    ///
    /// # Errors
    ///
    /// When the shared tier did not acknowledge it: it holds the entry off until the time is over, and nothing is stale.
    pub async fn done(mut self) -> Result<(), Error> {
        self.done = true;
        self.target.end_hold(self.token).await
    }
}

impl Drop for Hold {
    /// Whether the source was changed is not known: whatever was stored before is gone, which is right in both cases.
    fn drop(&mut self) {
        if !self.done {
            self.target.drop_hold(self.token);
        }
    }
}

/// The same for ordinary functions: what [`blocking::Entry::hold`](crate::blocking::Entry::hold) makes.
#[derive(Debug)]
#[must_use = "dropped at once it holds nothing off"]
pub struct BlockingHold(Hold);

impl BlockingHold {
    pub(crate) fn new(hold: Hold) -> Self {
        Self(hold)
    }

    /// The source has been changed: see [`larder::Hold::done`](Hold::done).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn done(self) -> Result<(), Error> {
        block_on(self.0.done())
    }
}

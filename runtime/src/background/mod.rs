//! Refreshes on the side: work that a call begins and does not wait for. A future goes to the builder's spawner or to the
//! caller's tokio runtime, a closure to a few threads of the cache's own. Each piece of work is counted until it has
//! ended, panicked or been dropped; no more than the cache's limit are there at once.

mod pool;
mod runtime;
mod spawner;
mod tally;
mod task;

use std::future::Future;
use std::time::Duration;

use crate::builder::Settings;
use crate::cache::Cache;
use crate::clock::{Clock, nanos};
use crate::default::scope;
use crate::error::{Error, ErrorKind};
use pool::{Job, Pool};
use runtime::Runtime;
pub(crate) use spawner::Spawner;
use tally::{Tally, Ticket};
use task::Task;

/// How long a thread waits for more work before it ends.
const IDLE: Duration = Duration::from_secs(10);

/// What one cache does on the side.
pub(crate) struct Background {
    spawner: Option<Spawner>,
    tally: Tally,
    pool: Pool,
}

/// Why work is not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is as much as the cache permits, or it was shut down.
    Full,
    /// Nothing is there that could run a future.
    NoRuntime,
}

/// The right to run one future on the side.
pub(crate) struct Permit {
    ticket: Ticket,
    place: Place,
}

enum Place {
    Spawner(Spawner),
    Runtime(Runtime),
}

/// The right to run one closure on the side.
pub(crate) struct BlockingPermit<'a> {
    ticket: Ticket,
    pool: &'a Pool,
}

impl Background {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            spawner: settings.spawner.clone(),
            tally: Tally::new(settings.refresh_limit),
            pool: Pool::new(settings.refresh_threads, IDLE),
        }
    }

    /// For a future, which runs on the builder's spawner, or else on the caller's tokio runtime.
    pub(crate) fn admit(&self) -> Result<Permit, Refused> {
        let place = match self.spawner.clone() {
            Some(spawner) => Place::Spawner(spawner),
            None => Place::Runtime(Runtime::current().ok_or(Refused::NoRuntime)?),
        };
        Ok(Permit { ticket: self.tally.admit().ok_or(Refused::Full)?, place })
    }

    /// For a closure, which runs on a thread of the cache's own.
    pub(crate) fn admit_blocking(&self) -> Result<BlockingPermit<'_>, Refused> {
        Ok(BlockingPermit { ticket: self.tally.admit().ok_or(Refused::Full)?, pool: &self.pool })
    }

    /// Begins nothing new from now on, and waits until all work has ended or the deadline has come: how many still run.
    pub(crate) async fn shut_down(&self, clock: &Clock, deadline: u64) -> usize {
        self.tally.close();
        self.pool.close();
        self.tally.wait(clock, deadline).await
    }
}

impl Permit {
    /// Runs the future. It is dropped at once if its runtime has ended or the spawner panics.
    pub(crate) fn spawn(self, work: impl Future<Output = ()> + Send + 'static) {
        let task = Task::new(Box::pin(work), scope(), self.ticket);
        match self.place {
            Place::Spawner(spawner) => spawner.spawn(task),
            Place::Runtime(runtime) => runtime.spawn(task),
        }
    }
}

impl BlockingPermit<'_> {
    /// Runs the closure. It is dropped at once if there is no thread and none can be started.
    pub(crate) fn run(self, work: impl FnOnce() + Send + 'static) {
        if let Some(seat) = self.pool.seat() {
            seat.take(Job::new(Box::new(work), scope(), Runtime::current(), self.ticket));
        }
    }
}

impl Cache {
    /// Ends the refreshing on the side: from now on no refresh begins there, and this waits until those that have begun
    /// have ended, but no longer than `within` by the cache's clock. For the end of a program, so that it does not break
    /// off what is under way.
    ///
    /// The cache goes on answering and storing. An entry past its timeout is still answered as its function's options
    /// say, but it is loaded anew only by calls that wait for it. Every further shutdown waits once more for what is
    /// left; nothing undoes it.
    ///
    /// What it does not do: it removes no entry, stops no refresh, and waits for no call, also not for a writer such as
    /// `set`, that somebody else awaits. Called inside a refresh it waits for that one too, until `within` is over. A
    /// refresh runs on the tokio runtime of the call that began it and gets nowhere when nobody drives that runtime: in
    /// a runtime of one thread await this method, and don't use the blocking one.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # futures_lite::future::block_on(async {
    /// let cache = larder::Cache::builder().build().await?;
    /// // ...
    /// cache.shutdown(Duration::from_secs(5)).await?;
    /// # Ok::<(), larder::Error>(())
    /// # })?;
    /// # Ok::<(), larder::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfinished`] if refreshes still run when the time is over; its text says how many. They are left to
    /// run.
    pub async fn shutdown(&self, within: Duration) -> Result<(), Error> {
        let deadline = self.clock().precise().saturating_add(nanos(within));
        let message = match self.background().shut_down(self.clock(), deadline).await {
            0 => return Ok(()),
            1 => format!("1 still runs after {within:?}; to wait longer, shut down again"),
            left => format!("{left} still run after {within:?}; to wait longer, shut down again"),
        };
        Err(Error::new(ErrorKind::Unfinished, "shutdown", "refreshes on the side", message))
    }
}

//! The `SQLite` file behind the shop: connections for async handlers, and one error type.
//!
//! `SQLite` blocks, so every query runs on tokio's blocking threads. How many run at once is
//! bounded: more readers than cores only make each other slow.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use larder::{Cache, testing};
use rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio::task;

/// A handle to the database: cheap to clone, shared by every handler.
#[derive(Debug, Clone)]
pub(crate) struct Db {
    pool: Arc<Pool>,
    /// The cache of what is asked on the blocking threads; left out, that of the process.
    cache: Option<Cache>,
}

#[derive(Debug)]
struct Pool {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
    slots: Arc<Semaphore>,
}

/// Which connection answers never changes an answer, so a `Db` has no place in a key.
impl larder::KeyNeutral for Db {}

impl Db {
    /// Opens the file, which must have been built.
    pub(crate) fn open(file: &Path) -> Result<Self, DbError> {
        let first = connect(file)?;
        // SQLite opens a file that it can't write without a word.
        if first.is_readonly(rusqlite::MAIN_DB)? {
            return Err(DbError::ReadOnly);
        }
        let slots = 2 * thread::available_parallelism().map_or(2, usize::from);
        let pool =
            Pool { file: file.to_owned(), idle: Mutex::new(vec![first]), slots: Arc::new(Semaphore::new(slots)) };
        Ok(Self { pool: Arc::new(pool), cache: None })
    }

    /// The same database for whoever measures or tests in a scope with this cache: a scope is of one task, and
    /// queries run elsewhere.
    pub(crate) fn with_cache(&self, cache: &Cache) -> Self {
        Self { pool: Arc::clone(&self.pool), cache: Some(cache.clone()) }
    }

    /// Runs `query` on a blocking thread with a connection of its own.
    ///
    /// A query that has begun runs to its end, even if the caller is gone by then.
    pub(crate) async fn run<T, Q>(&self, query: Q) -> Result<T, DbError>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection) -> Result<T, DbError> + Send + 'static,
    {
        let Self { pool, cache } = self.clone();
        let slot = Arc::clone(&pool.slots).acquire_owned().await.map_err(|_| DbError::Stopped)?;
        task::spawn_blocking(move || {
            let connection = pool.take()?;
            let result = match cache {
                Some(cache) => testing::scope_blocking(&cache, || query(&connection)),
                None => query(&connection),
            };
            pool.give_back(connection);
            drop(slot);
            result
        })
        .await
        .map_err(|_| DbError::Stopped)?
    }
}

impl Pool {
    fn take(&self) -> Result<Connection, DbError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| connect(&self.file), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

fn connect(file: &Path) -> Result<Connection, DbError> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // Readers go on while a price is written.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Why the database did not answer.
#[derive(Debug, Clone)]
pub(crate) enum DbError {
    /// `SQLite` refused.
    Sqlite(Arc<rusqlite::Error>),
    /// The file can be read, and nothing else.
    ReadOnly,
    /// The program is shutting down, or the query panicked.
    Stopped,
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(error) => error.fmt(f),
            Self::ReadOnly => f.write_str("it can't be written"),
            Self::Stopped => f.write_str("the query was stopped"),
        }
    }
}

impl std::error::Error for DbError {}

//! The settings of a cache.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::block_on;

use crate::background::Spawner;
use crate::cache::Cache;
use crate::clock::{Clock, nanos};
use crate::error::{Error, ErrorKind};
use crate::memory::{Capacity, Weigher};
use crate::shared::{Sharing, Terms};

/// Entries that a cache holds if nothing else is said.
const DEFAULT_CAPACITY: u64 = 10_000;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);
const DEFAULT_WAIT: Duration = Duration::from_secs(10);
const DEFAULT_REST: Duration = Duration::from_secs(10);
const DEFAULT_REFRESH_LIMIT: usize = 256;
const DEFAULT_REFRESH_THREADS: usize = 4;

/// What a cache is made from, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) namespace: String,
    pub(crate) key_version: u64,
    /// Nanoseconds, as all times inside.
    pub(crate) default_timeout: u64,
    pub(crate) capacity: Capacity,
    pub(crate) wait: u64,
    pub(crate) rest: u64,
    pub(crate) refresh_limit: usize,
    pub(crate) refresh_threads: usize,
    pub(crate) spawner: Option<Spawner>,
    pub(crate) off: bool,
    pub(crate) clock: Clock,
    pub(crate) sharing: Option<Sharing>,
    pub(crate) terms: Terms,
}

/// Settings for a new cache, from [`Cache::builder`].
///
/// ```
/// use std::time::Duration;
/// use larder::Cache;
///
/// let cache = Cache::builder()
///     .default_timeout(Duration::from_secs(60))
///     .capacity(100_000)
///     .build_blocking()?;
/// larder::install(cache)?;
/// # Ok::<(), larder::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct CacheBuilder {
    namespace: String,
    key_version: u64,
    default_timeout: Duration,
    capacity: u64,
    weigher: Option<Weigher>,
    wait: Duration,
    rest: Duration,
    refresh_limit: usize,
    refresh_threads: usize,
    spawner: Option<Spawner>,
    off: bool,
    clock: Clock,
    pub(crate) sharing: Option<Sharing>,
    pub(crate) terms: Terms,
}

impl Default for CacheBuilder {
    fn default() -> Self {
        Self {
            namespace: String::new(),
            key_version: 0,
            default_timeout: DEFAULT_TIMEOUT,
            capacity: DEFAULT_CAPACITY,
            weigher: None,
            wait: DEFAULT_WAIT,
            rest: DEFAULT_REST,
            refresh_limit: DEFAULT_REFRESH_LIMIT,
            refresh_threads: DEFAULT_REFRESH_THREADS,
            spawner: None,
            off: false,
            clock: Clock::default(),
            sharing: None,
            terms: Terms::default(),
        }
    }
}

impl CacheBuilder {
    /// Prefix of every key in a shared tier, so that several programs can share a server. Default: `larder`.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// Part of every key in a shared tier: another number makes every entry there unreachable. Default: 0.
    pub fn key_version(mut self, version: u64) -> Self {
        self.key_version = version;
        self
    }

    /// How long a value is fresh if its function does not say. Default: 300 s. Durations of 584 years and more, such as
    /// [`Duration::MAX`], mean for ever.
    pub fn default_timeout(mut self, timeout: Duration) -> Self {
        self.default_timeout = timeout;
        self
    }

    /// How much the cache may hold in memory: entries, or the unit of the [`weigher`](Self::weigher). Default: 10,000.
    ///
    /// What stays when it is full is decided by `TinyLFU`: what was asked for often. A capacity of 1,000 entries or more is
    /// enforced after some dozens of stores and not after each, so that so many entries more than this can be there until
    /// the next stores; one that is smaller, or weighed, is enforced after each store. The memory of some hundred removed
    /// values is freed only as other entries come and go.
    pub fn capacity(mut self, capacity: u64) -> Self {
        self.capacity = capacity;
        self
    }

    /// Weighs each entry by its key and value, in any unit, such as bytes; [`capacity`](Self::capacity) is then the sum
    /// of the weights. It is called when an entry is stored and must be quick. A weight above `u32::MAX` counts as that;
    /// an entry heavier than the capacity is not kept.
    ///
    /// ```
    /// use larder::Cache;
    ///
    /// // Strings by their length, everything else by a guess.
    /// let cache = Cache::builder()
    ///     .capacity(64 * 1024 * 1024)
    ///     .weigher(|key, value| {
    ///         let value = value.downcast_ref::<String>().map_or(1_000, |text| text.len() as u64);
    ///         key.len() as u64 + value + 200
    ///     })
    ///     .build_blocking()?;
    /// # Ok::<(), larder::Error>(())
    /// ```
    pub fn weigher(mut self, weigher: impl Fn(&str, &(dyn Any + Send + Sync)) -> u64 + Send + Sync + 'static) -> Self {
        self.weigher = Some(Arc::new(weigher));
        self
    }

    /// How long a caller waits for another caller's load of the same entry before it loads for itself. Default: 10 s.
    pub fn wait(mut self, longest: Duration) -> Self {
        self.wait = longest;
        self
    }

    /// How long a source is left alone after a refresh that failed, for each key: while there is an old value to answer
    /// with (`stale_while_revalidate`, `stale_if_error`, `early`), the body is not run again before. Chance shortens each
    /// such time by up to a tenth, so that keys that failed together don't come back together. Default: 10 s. Zero: the
    /// next call tries again.
    pub fn rest(mut self, after_failure: Duration) -> Self {
        self.rest = after_failure;
        self
    }

    /// How many refreshes of this cache there may be on the side at once, running or queued. When there are as many, calls
    /// go on answering with the old value as long as they may, and begin no refresh. Default: 256. Zero is an error, as
    /// old values would just stay; leave `stale_while_revalidate`, `soft_timeout` and `early` out instead.
    pub fn refresh_limit(mut self, most: usize) -> Self {
        self.refresh_limit = most;
        self
    }

    /// How many threads the cache may have for refreshing ordinary functions on the side; async functions need none of
    /// them. A thread is started when there is work for it, and ends when there was none for 10 s, when the cache is
    /// [shut down](Cache::shutdown) or when it is dropped. Default: 4. Zero is an error.
    ///
    /// If the call was made inside a tokio runtime its refresh is too, as far as `Handle::current` is concerned.
    pub fn refresh_threads(mut self, most: usize) -> Self {
        self.refresh_threads = most;
        self
    }

    /// Where refreshes of async functions run when no call waits for them. Default, with the feature `tokio`: on the
    /// tokio runtime of the call that begins the refresh. Where neither is, that call waits for the refresh.
    ///
    /// The spawner is given the refresh as a future and must return without waiting for it, as
    /// `smol::spawn(refresh).detach()` does. It may be called by any thread that uses the cache. The future never panics.
    /// One that is dropped is a refresh that was broken off; one that is neither polled nor dropped counts towards the
    /// [limit](Self::refresh_limit) for ever. If the spawner itself panics the call goes on, and the refresh is broken off.
    ///
    /// ```
    /// use larder::Cache;
    ///
    /// let cache = Cache::builder()
    ///     .spawner(|refresh| {
    ///         std::thread::spawn(|| futures_lite::future::block_on(refresh));
    ///     })
    ///     .build_blocking()?;
    /// # Ok::<(), larder::Error>(())
    /// ```
    pub fn spawner(mut self, spawn: impl Fn(Pin<Box<dyn Future<Output = ()> + Send>>) + Send + Sync + 'static) -> Self {
        self.spawner = Some(Spawner::new(spawn));
        self
    }

    /// Turns caching off: every call runs its body, nothing is stored.
    pub fn off(mut self) -> Self {
        self.off = true;
        self
    }

    /// Where the cache takes the time from. Default: the system's clock. Tests give a
    /// [`ManualClock`](crate::testing::ManualClock).
    pub fn clock(mut self, clock: impl Into<Clock>) -> Self {
        self.clock = clock.into();
        self
    }

    /// Makes the cache. With a shared tier it waits until that can be reached, but no longer than the tier's deadline (150 ms): a
    /// store that is down keeps no program from starting.
    ///
    /// # Errors
    ///
    /// When a setting can't be used; the error names it.
    pub async fn build(self) -> Result<Cache, Error> {
        let cache = self.make()?;
        if let Some(tier) = cache.tier() {
            tier.connect().await;
        }
        Ok(cache)
    }

    /// The same for programs that are not async.
    ///
    /// # Errors
    ///
    /// When a setting can't be used; the error names it.
    pub fn build_blocking(self) -> Result<Cache, Error> {
        block_on(self.build())
    }

    fn make(self) -> Result<Cache, Error> {
        let wrong = |setting: &str, message: &str| Err(Error::new(ErrorKind::Configuration, "build", setting, message));
        if self.capacity == 0 {
            return wrong("capacity", "a capacity of 0 keeps nothing; to turn caching off, say `.off()`");
        }
        if self.default_timeout.is_zero() {
            return wrong("default_timeout", "a timeout of 0 keeps nothing; for ever is `Duration::MAX`");
        }
        if self.refresh_limit == 0 {
            return wrong(
                "refresh_limit",
                "with a limit of 0 old values would never be refreshed on the side; leave out the functions' options that \
                 ask for it: `stale_while_revalidate`, `soft_timeout`, `early`",
            );
        }
        if self.refresh_threads == 0 {
            return wrong(
                "refresh_threads",
                "without a thread no ordinary function is refreshed on the side; say 1 or more",
            );
        }
        self.check_sharing()?;
        crate::conflict::report_once();
        Ok(Cache::new(self.settings()))
    }

    pub(crate) fn is_off(&self) -> bool {
        self.off
    }

    pub(crate) fn namespace_of_keys(&self) -> &str {
        &self.namespace
    }

    fn settings(self) -> Settings {
        Settings {
            namespace: self.namespace,
            key_version: self.key_version,
            default_timeout: nanos(self.default_timeout),
            capacity: Capacity { limit: self.capacity, weigher: self.weigher },
            wait: nanos(self.wait),
            rest: nanos(self.rest),
            refresh_limit: self.refresh_limit,
            refresh_threads: self.refresh_threads,
            spawner: self.spawner,
            off: self.off,
            clock: self.clock,
            sharing: self.sharing,
            terms: self.terms,
        }
    }
}

impl fmt::Debug for CacheBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheBuilder")
            .field("namespace", &self.namespace)
            .field("key_version", &self.key_version)
            .field("default_timeout", &self.default_timeout)
            .field("capacity", &self.capacity)
            .field("weighed", &self.weigher.is_some())
            .field("wait", &self.wait)
            .field("rest", &self.rest)
            .field("refresh_limit", &self.refresh_limit)
            .field("refresh_threads", &self.refresh_threads)
            .field("spawner", &self.spawner.is_some())
            .field("off", &self.off)
            .field("clock", &self.clock)
            .field("shared", &self.sharing)
            .field("terms", &self.terms)
            .finish()
    }
}

impl Cache {
    /// A cache that keeps nothing.
    pub(crate) fn off() -> Self {
        Self::new(CacheBuilder::default().capacity(1).off().settings())
    }
}

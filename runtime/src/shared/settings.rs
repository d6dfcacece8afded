//! The settings of a cache that are about its shared tier.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec::Codec;
use super::store::Store;
use super::tier::{Sharing, Tier};
use super::wire::WireOf;
use super::wires::register;
use crate::builder::{CacheBuilder, Settings};
use crate::clock::nanos;
use crate::error::{Error, ErrorKind};
use crate::outcome::Value;
use crate::site::sites;

const DEFAULT_NAMESPACE: &str = "larder";
const DEFAULT_DEADLINE: Duration = Duration::from_millis(150);
const DEFAULT_LEASE: Duration = Duration::from_secs(10);
const DEFAULT_OUTAGE: Duration = Duration::from_secs(5);

/// How a cache uses its store, whichever that is.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(super) codec: Codec,
    pub(super) deadline: Duration,
    /// Nanoseconds, as below.
    pub(super) lease: u64,
    pub(super) outage: u64,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            codec: Codec::MessagePack,
            deadline: DEFAULT_DEADLINE,
            lease: nanos(DEFAULT_LEASE),
            outage: nanos(DEFAULT_OUTAGE),
        }
    }
}

impl CacheBuilder {
    /// A store that the caches of several processes share, with this cache's memory in front of it.
    ///
    /// Calls are answered from memory, as without a store, and memory is told of every invalidation that another process makes:
    /// within the time that a message takes, and after 3 s at the latest whatever breaks. Values of annotated functions must be
    /// `Serialize + DeserializeOwned`, or the functions `local`: building the cache fails if one is neither.
    ///
    /// ```no_run
    /// # #[cfg(feature = "redis")] {
    /// use larder::{Cache, Redis};
    ///
    /// let cache = Cache::builder().namespace("shop").shared(Redis::url("redis://localhost:6379")?).build_blocking()?;
    /// larder::install(cache)?;
    /// # }
    /// # Ok::<(), larder::Error>(())
    /// ```
    pub fn shared(self, store: impl Store) -> Self {
        self.share(Arc::new(store), true)
    }

    /// The same without memory in front of it: every hit comes from the store, so that no process sees what another has
    /// invalidated, as long as the store answers it; what it loads meanwhile is in memory for as long as [`outage`](Self::outage)
    /// says. Values of `local` functions, and errors that `cache_err` keeps, are in memory all the same.
    pub fn shared_only(self, store: impl Store) -> Self {
        self.share(Arc::new(store), false)
    }

    pub(crate) fn share(mut self, store: Arc<dyn Store>, in_memory: bool) -> Self {
        self.sharing = Some(Sharing { store, taken: Arc::default(), in_memory });
        self
    }

    /// How values become bytes in the shared tier, for functions that don't say. Default: [`Codec::MessagePack`]. Without a
    /// shared tier it means nothing, as all that follows.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.terms.codec = codec;
        self
    }

    /// How long an operation of the shared tier may take before a call goes on without it. Default: 150 ms. While the tier is
    /// known to be out of reach, calls don't wait at all. A batch that is sent as several requests has it for each.
    pub fn deadline(mut self, longest: Duration) -> Self {
        self.terms.deadline = longest;
        self
    }

    /// How long a process may take to load a value before another may; async functions renew it while they run. A process that
    /// dies while it loads keeps the others waiting for as long (but no longer than [`wait`](Self::wait)). Default: 10 s; ordinary
    /// functions take eight times their usual time if that is longer.
    pub fn lease(mut self, time: Duration) -> Self {
        self.terms.lease = nanos(time).max(1_000_000);
        self
    }

    /// While the shared tier can't be reached: how long memory keeps what is loaded, although other processes can't invalidate it
    /// then. Default: 5 s, so that each process asks a source once in that time for each key. Zero: not at all.
    pub fn outage(mut self, longest: Duration) -> Self {
        self.terms.outage = nanos(longest);
        self
    }

    /// Lets values of this type be set and read by hand ([`Cache::set`](crate::Cache::set) and its kin) in a shared tier. The
    /// types that annotated functions return, numbers, strings and lists of these are known. It is known to the whole process.
    pub fn value<T: Value + Serialize + DeserializeOwned>(self) -> Self {
        register(WireOf::<T>::WIRE);
        self
    }

    /// Errors that can be seen before the first call.
    pub(crate) fn check_sharing(&self) -> Result<(), Error> {
        if self.sharing.is_none() || self.is_off() {
            return Ok(());
        }
        let taken = self.sharing.as_ref().is_some_and(|sharing| sharing.taken.swap(true, Ordering::Relaxed));
        let wrong =
            |setting: &str, message: String| Err(Error::new(ErrorKind::Configuration, "build", setting, message));
        if taken {
            let message = "a cache was built with this store already; make another store for this one";
            return wrong("shared", message.to_owned());
        }
        if self.terms.deadline.is_zero() {
            return wrong(
                "deadline",
                "no operation ends in no time; write how long one may take, such as 150 ms".to_owned(),
            );
        }
        let namespace = self.namespace_of_keys();
        if let Some(bad) = namespace.chars().find(|c| matches!(c, '{' | '}') || c.is_control() || c.is_whitespace()) {
            return wrong(
                "namespace",
                format!("{bad:?} can't be part of a namespace; use letters, digits, `-` and `.`"),
            );
        }
        let mut unshareable: Vec<String> = sites()
            .filter(|site| !site.is_local() && site.cache_expr.is_empty())
            .filter_map(|site| {
                let problem = match site.known_wire()?() {
                    None => "its value is not `Serialize + DeserializeOwned`".to_owned(),
                    Some(wire) => {
                        let codec = site.options.codec.unwrap_or(self.terms.codec);
                        let problem = wire.fingerprint().err().or_else(|| wire.misfit(codec))?;
                        problem.to_string().replace('\n', "; ")
                    }
                };
                Some(format!("\n  `{}` ({}:{}): {problem}", site.display_path(), site.file, site.line))
            })
            .collect();
        if unshareable.is_empty() {
            return Ok(());
        }
        unshareable.sort();
        let message = format!(
            "values of these functions can't go to a shared tier; implement `serde::Serialize` and `serde::Deserialize` for \
             them, choose another `codec`, or write `local` in the attribute:{}",
            unshareable.concat()
        );
        Err(Error::new(ErrorKind::NotShareable, "build", "shared", message))
    }
}

impl Settings {
    pub(crate) fn tier(&self) -> Option<Tier> {
        let sharing = self.sharing.clone().filter(|_| !self.off)?;
        let namespace = Some(self.namespace.as_str()).filter(|namespace| !namespace.is_empty());
        Some(Tier::new(sharing, self.terms.clone(), namespace.unwrap_or(DEFAULT_NAMESPACE), self.key_version))
    }
}

//! The cache that functions use when they name none.

use std::cell::RefCell;
use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cache::Cache;
use crate::error::{Error, ErrorKind};
use crate::log;

static DEFAULT: OnceLock<Cache> = OnceLock::new();

/// Makes this the process's default cache.
///
/// # Errors
///
/// When there is one already: because `install` was called before, or because an annotated function was, which makes the
/// default cache from the environment.
pub fn install(cache: Cache) -> Result<(), Error> {
    DEFAULT.set(cache).map_err(|_| {
        let message = "there is one already; install it before the first call of a function that uses it";
        Error::new(ErrorKind::AlreadyInstalled, "install", "default cache", message)
    })
}

/// The default cache: the installed one, or else one made from the environment by its first use (see
/// [`Cache::from_env`]). If the environment can't be understood that is said on standard error (with the feature
/// `tracing`, as a warning), and caching is off.
#[must_use]
pub fn cache() -> Cache {
    current().clone()
}

fn default() -> &'static Cache {
    DEFAULT.get_or_init(|| {
        Cache::from_env_blocking().unwrap_or_else(|error| {
            log::warning(&format!("caching is off: {error}"));
            Cache::off()
        })
    })
}

/// The default cache as this thread sees it: that of the innermost [`scope`](crate::testing::scope), or the process's.
#[doc(hidden)]
#[derive(Debug)]
pub struct Current(Option<Cache>);

#[doc(hidden)]
#[inline]
#[must_use]
pub fn current() -> Current {
    Current(scope())
}

/// The cache of the innermost scope that this thread is in.
#[inline]
pub(crate) fn scope() -> Option<Cache> {
    if SCOPES.load(Ordering::Relaxed) == 0 { None } else { scoped() }
}

impl Deref for Current {
    type Target = Cache;

    #[inline]
    fn deref(&self) -> &Cache {
        self.0.as_ref().unwrap_or_else(|| DEFAULT.get().unwrap_or_else(|| default()))
    }
}

/// Scopes that are entered now, in all threads. While there are none, no thread looks for its own.
static SCOPES: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SCOPED: RefCell<Vec<Cache>> = const { RefCell::new(Vec::new()) };
}

#[cold]
fn scoped() -> Option<Cache> {
    // At the end of a thread its list may be gone before what still calls.
    SCOPED.try_with(|scopes| scopes.borrow().last().cloned()).ok().flatten()
}

/// Makes a cache this thread's default one until it is dropped.
pub(crate) struct Scope;

impl Scope {
    pub(crate) fn enter(cache: &Cache) -> Self {
        SCOPED.with_borrow_mut(|scopes| scopes.push(cache.clone()));
        SCOPES.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        SCOPES.fetch_sub(1, Ordering::Relaxed);
        let left = SCOPED.with_borrow_mut(Vec::pop);
        drop(left);
    }
}

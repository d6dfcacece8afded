//! For the tests of programs that use larder: time moved by hand, a cache for one test alone, and a check of all
//! annotated functions.
//!
//! ```
//! use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
//! use std::time::Duration;
//! use larder::{Cache, cached, testing};
//!
//! static LOADS: AtomicU32 = AtomicU32::new(0);
//!
//! #[cached(timeout = 60, key = "square:<n>")]
//! fn square(n: u32) -> u32 {
//!     LOADS.fetch_add(1, Relaxed);
//!     n * n
//! }
//!
//! let clock = testing::ManualClock::new();
//! let cache = Cache::builder().clock(clock.clone()).build_blocking()?;
//! testing::scope_blocking(&cache, || {
//!     assert_eq!((square(3), square(3)), (9, 9));
//!     assert_eq!(LOADS.load(Relaxed), 1);
//!     clock.advance(Duration::from_secs(60));
//!     assert_eq!(square(3), 9);
//!     assert_eq!(LOADS.load(Relaxed), 2);
//! });
//! # Ok::<(), larder::Error>(())
//! ```

use std::future::{Future, poll_fn};
use std::pin::pin;

use crate::cache::Cache;
pub use crate::clock::ManualClock;
use crate::default::Scope;
use crate::registry::registry;

/// Runs a future with this cache as the default one, for this task alone: what it spawns, as a task or with
/// `spawn_blocking`, sees the process's default cache unless it enters the scope itself. Tests that use it can run in
/// parallel. Scopes can be nested.
pub async fn scope<F: Future>(cache: &Cache, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _scope = Scope::enter(cache);
        future.as_mut().poll(context)
    })
    .await
}

/// Runs a closure with this cache as the default one, for this thread alone.
pub fn scope_blocking<T>(cache: &Cache, run: impl FnOnce() -> T) -> T {
    let _scope = Scope::enter(cache);
    run()
}

/// Checks every annotated function of the program: no two of them may be able to make the same key in the same cache.
/// Call it in a test of the program that links them all.
///
/// # Panics
///
/// With the positions and templates of all pairs that can.
pub fn assert_no_conflicts() {
    let conflicts: Vec<String> = registry().conflicts().iter().map(ToString::to_string).collect();
    assert!(conflicts.is_empty(), "{}", conflicts.join("\n"));
}

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
//!
//! With the feature `shared`, `MemoryStore` is a shared tier inside one process, whose failures and races a test brings
//! about by hand, `conformance` tests a shared tier of one's own, and `Witness` keeps what a store has told.

mod conflicts;
mod scope;
// A shared tier whose failures are made by hand, what it tells its caches, and a test of any shared tier:
#[cfg(feature = "shared")]
pub mod conformance;
#[cfg(feature = "shared")]
mod memory_store;
#[cfg(feature = "shared")]
mod witness;

pub use self::conflicts::assert_no_conflicts;
#[cfg(feature = "shared")]
pub use self::memory_store::{Gate, Lost, MemoryStore, Operation, Process, When};
pub use self::scope::{scope, scope_blocking};
#[cfg(feature = "shared")]
pub use self::witness::{Seen, Witness};
pub use crate::clock::ManualClock;

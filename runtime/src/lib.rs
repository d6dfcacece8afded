//! Caching for functions: one attribute, and the value comes from memory in tens of nanoseconds.
//!
//! ```
//! use larder::cached;
//!
//! #[cached(timeout = 60, key = "user_data:<id>")]
//! fn get_user_data(id: u64) -> Result<String, std::io::Error> {
//!     Ok(format!("user {id}")) // a slow query
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let user = get_user_data(42)?; // runs the body once, then answers from the cache
//! get_user_data::entry(42).invalidate()?; // typed: a wrong argument does not compile
//! get_user_data::all().bump()?; // every entry of this function is gone, in O(1)
//! # assert_eq!(user, "user 42");
//! # Ok(())
//! # }
//! ```
//!
//! * [`macro@cached`] is the manual of the attribute: options, keys, what is stored, companions.
//! * [`Cache`] is used by annotated functions, and by hand for `get`, `set`, `delete` and their kin.
//! * [`Cache::builder`] and [`Cache::from_env`] set it up; without either there is a cache in memory with defaults.
//! * [`testing`] is for the tests of programs that use larder.
//!
//! # What holds
//!
//! * An argument is named in the key, ignored by name, or of a type that never changes a result: anything else does not
//!   compile. Two different calls never share an entry.
//! * An invalidated value does not come back: a load that began before an invalidation does not store its result after it,
//!   and whoever asks after the invalidation does not get it.
//! * The cache does not break the call: only explicit operations (`put`, `invalidate`, `set` ...) report [`Error`]s.
//! * One load at a time for each key, also when the leading caller is cancelled or panics; a caller waits 10 s at most.
//!
//! # Features
//!
//! `tracing` (warnings go there instead of standard error); `uuid`, `chrono`, `time` ([`KeyPart`] for their types).

// In reading order: the path of one call first.
mod call; // render, look, answer; or load and store
mod decide; // may this entry answer?
mod fence;
mod flight; // one load per key
mod target; // what a call is about // an invalidated value never comes back

mod conflict;
mod key; // arguments -> text
mod outcome; // what a return value means
mod part; // which types can be in it
mod site; // what one annotated function contributes // functions whose keys can be the same

pub mod blocking;
mod by_hand; // get, set, delete ...
mod cache; // memory, fence, flights and counters, in step
mod entry; // handles: of one call
mod group; // of one function
mod memory; // index and policy

mod builder; // settings
mod clock; // time
mod config; // from the environment
mod default; // the process's cache
mod error;
mod log;
mod report; // a table of it
mod stats; // counting
pub mod testing;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use builder::CacheBuilder;
pub use cache::Cache;
pub use clock::Clock;
pub use default::{cache, install};
pub use entry::Entry;
pub use error::{Error, ErrorKind};
pub use group::Group;
pub use key::{KeyWriter, escape};
pub use outcome::Value;
pub use part::{KeyNeutral, KeyPart};
pub use report::report;
pub use stats::Stats;

#[doc = include_str!("../docs/cached.md")]
pub use larder_macros::cached;

#[doc = include_str!("../docs/key_part.md")]
pub use larder_macros::KeyPart;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

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
//! * [`guide::freshness`]: old values while a new one is loaded or the source is down, early refresh, where that runs.
//!   [`guide::batches`]: functions of many ids. `guide::shared`, with the feature `shared`: one cache for many processes.
//! * [`macro@fragment`] caches the value of a block, and [`mod@fragment`] the parts of templates.
//! * [`macro@invalidates`] and [`macro@tag`]: functions that change something list what they make untrue.
//! * [`Cache`] is used by annotated functions, and by hand for `get`, `set`, `delete` and their kin.
//! * [`Cache::builder`] and [`Cache::from_env`] set it up; without either there is a cache in memory with defaults.
//! * [`testing`] is for the tests of programs that use larder.
//!
//! # What holds
//!
//! * An argument is named in the key, ignored by name, or of a type that never changes a result: anything else does not
//!   compile. Two different calls never share an entry.
//! * An invalidated value does not come back: a load that began before an invalidation does not store its result after it,
//!   and whoever asks after the invalidation does not get it. That holds for one entry, for all of a function, and for a tag.
//! * The cache does not break the call: only explicit operations (`put`, `invalidate`, `set` ...) report [`Error`]s.
//! * One load at a time for each key, also when the leading caller is cancelled or panics; a caller waits 10 s at most.
//! * Old values are given only where an option says so, and never after an invalidation. A load on the side runs once for
//!   each key, whoever began it may go away, and a source that has failed is left alone for a while.
//!
//! # Features
//!
//! `tokio`, a default feature (refreshes of async functions that no call waits for run on the caller's tokio runtime);
//! `redis` (memory in front of Redis, or Redis alone, by configuration), `redis-tls`; `shared` (a store of one's own in its place);
//! `axum` and `actix` (responses of web handlers: `larder::http`); `minijinja` and `askama` (parts of their templates);
//! `tracing` (warnings go there instead of standard error); `uuid`, `chrono`, `time` ([`KeyPart`] for their types).

// What only a shared tier uses is there without one, and is checked where there is one.
#![cfg_attr(not(feature = "shared"), expect(dead_code, reason = "only a shared tier uses it"))]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

// In reading order. Render, look, answer; or load and store:
mod call;
// A load, from the miss to the stored value:
mod load;
// What a load has made:
mod made;
// A load on the side, and the value that it replaces:
mod old;
mod owned;
mod refresh;
// Loads of many entries at once:
mod batch;
mod led;
mod parts;
mod rows;
// What a call is about:
mod target;
// May this entry answer?
mod decide;
// How long is it of use?
mod life;
// One load for each key:
mod flight;
mod held;
// Refreshes that no call waits for:
mod background;
// An invalidated value never comes back:
mod fence;
// Names under which entries are invalidated together:
mod tag;

// Arguments become text:
mod buffer;
mod key;
// Which types can be in it:
mod part;
// What a return value means:
mod checked;
mod kind;
mod outcome;
mod wired;
// What one annotated function contributes:
mod site;
// All of them:
mod registry;
// Functions whose keys can be the same:
mod conflict;
mod credit;

// Memory, fence, flights and counters, kept in step:
mod cache;
// How entries leave:
mod removal;
// The index and its policy:
mod memory;
// Handles of one entry, and of one function's entries:
mod entry;
mod group;
// An entry that nobody stores while its source is changed:
mod hold;
// A tier that several processes share:
#[cfg(feature = "shared")]
pub mod shared;
#[cfg(not(feature = "shared"))]
#[path = "no_shared.rs"]
mod shared;
// The cache by the text of its keys:
mod by_hand;
mod places;
// Handles of tags:
mod tagged;
// The values of blocks, and the parts of templates:
pub mod fragment;
// What a writer may invalidate:
mod detach;
mod invalidate;
mod writer;
// Handles and methods for ordinary functions:
pub mod blocking;

// Responses of web handlers:
#[cfg(feature = "http")]
pub mod http;

// Settings, from the program and from the environment:
mod builder;
mod config;
// The process's cache:
mod default;
// Time, and chance:
mod clock;
mod dice;
// Counting, and a table of it:
mod error;
mod log;
mod repeat;
mod report;
mod stats;
// For the tests of programs that use larder:
pub mod testing;
// Chapters of the manual:
pub mod guide;

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
pub use hold::Hold;
pub use invalidate::Invalidate;
pub use key::{KeyWriter, escape};
pub use outcome::Value;
pub use part::{KeyNeutral, KeyPart};
pub use report::report;
#[cfg(feature = "redis")]
pub use shared::Redis;
#[cfg(feature = "shared")]
#[doc(no_inline)]
pub use shared::Store;
pub use stats::Stats;
pub use tagged::{Tag, Tagged};

#[doc = include_str!("../docs/cached.md")]
pub use larder_macros::cached;

#[doc = include_str!("../docs/invalidates.md")]
pub use larder_macros::invalidates;

#[doc = include_str!("../docs/tag.md")]
pub use larder_macros::tag;

#[doc = include_str!("../docs/fragments.md")]
pub use larder_macros::fragment;

#[doc = include_str!("../docs/key_part.md")]
pub use larder_macros::KeyPart;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

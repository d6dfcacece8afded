//! The shared tier: a store that the caches of several processes use together.
//!
//! `store.rs` is the seam, public so that others can be put behind it. `redis/` is the one that comes with larder, and the only
//! place that names that crate.

mod codec;
mod envelope;
#[cfg(feature = "redis")]
mod redis;
mod shape;
mod store;
mod wire;

#[cfg(feature = "redis")]
pub use self::redis::Redis;
pub use store::{
    Expire, Fill, Found, Generation, Increment, Incremented, Lease, Leased, Moment, Opening, Over, Pending, Read,
    Release, Remove, Same, Store, StoreError, StoreErrorKind, Token, Turn, Watcher, Write,
};

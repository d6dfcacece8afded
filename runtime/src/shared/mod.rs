//! The shared tier: a store that the caches of several processes use together.
//!
//! `store.rs` is the seam, public so that others can be put behind it. `redis/` is the one that comes with larder, and the only
//! place that names that crate.

mod codec;
pub(crate) mod door;
#[cfg_attr(
    not(test),
    expect(dead_code, unused_imports, reason = "the tier that reads and writes with it is not there yet")
)]
mod envelope;
mod msgpack;
#[cfg(feature = "redis")]
mod redis;
mod shape;
mod store;
#[cfg_attr(not(test), expect(dead_code, reason = "the tier that reads and writes with it is not there yet"))]
pub(crate) mod wire;

#[cfg(feature = "redis")]
pub use self::redis::Redis;
pub use codec::Codec;
pub use store::{
    Expire, Fill, Found, Generation, Increment, Incremented, Lease, Leased, Moment, Opening, Over, Pending, Read,
    Release, Remove, Same, Store, StoreError, StoreErrorKind, Token, Turn, Watcher, Write,
};

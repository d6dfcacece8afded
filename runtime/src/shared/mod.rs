//! The shared tier: a store that the caches of several processes use together.
//!
//! `store.rs` is the seam, public so that others can be put behind it. `redis/` is the one that comes with larder, and the only
//! place that names that crate. A load asks (`load.rs`, `consult.rs`), takes a lease (`lease.rs`) and fills; what is asked by name
//! is in `explicit.rs`, `put.rs` and `peek.rs`; what others tell is in `watch.rs`.

mod ahead;
mod codec;
mod consult;
pub(crate) mod door;
mod ending;
mod envelope;
mod explicit;
mod lease;
mod load;
mod marks;
mod msgpack;
mod names;
mod peek;
mod put;
mod queue;
#[cfg(feature = "redis")]
mod redis;
mod settings;
mod shape;
mod store;
mod thaw;
mod tier;
mod trouble;
mod untrue;
mod watch;
pub(crate) mod wire;
mod wires;

#[cfg(feature = "redis")]
pub use self::redis::Redis;
pub(crate) use ahead::Advance;
pub use codec::Codec;
pub(crate) use consult::Wait;
pub(crate) use explicit::not_acknowledged;
pub(crate) use lease::LeaseGuard;
pub(crate) use load::{Kept, Step, consult_all, look_all, share_all};
pub(crate) use put::{put_all, take_all};
pub use store::{
    Expire, Fill, Found, Generation, Increment, Incremented, Lease, Leased, Moment, Opening, Over, Pending, Read,
    Release, Remove, Same, Store, StoreError, StoreErrorKind, Token, Turn, Watcher, Write,
};
pub(crate) use tier::{Sharing, Tier};
pub use wire::Wire;

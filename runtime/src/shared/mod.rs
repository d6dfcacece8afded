//! The shared tier: a store that the caches of several processes use together.
//!
//! [`guide::shared`](crate::guide) tells what it does for programs, and `larder::Redis` is the store that comes with larder. Another one
//! implements [`Store`]: its methods take lists and return futures of what came of them, and it tells a [`Watcher`], which it is given
//! when it is [opened](Store::open), what it hears from other processes, and each second that it has heard everything.
//! [`testing::conformance`](crate::testing::conformance) tests it, and [`testing::MemoryStore`](crate::testing::MemoryStore) is an example.
//! How the parts of this folder fit together is in the `ARCHITECTURE.md` beside it.

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
mod over;
mod peek;
mod put;
mod queue;
#[cfg(feature = "redis")]
mod redis;
mod settings;
mod shape;
mod store;
mod store_error;
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
pub(crate) use names::belongs;
pub(crate) use put::{put_all, take_all};
pub(crate) use settings::Terms;
pub use store::{
    Expire, Fill, Found, Generation, HoldOff, Increment, Incremented, Lease, Leased, Moment, Opening, Over, Pending,
    Read, Release, Remove, Renew, Same, Store, StoreError, StoreErrorKind, Token, Turn, Watcher, Which, Write,
};
pub(crate) use tier::{Sharing, Tier};
pub use wire::Wire;

//! Responses of web handlers, stored whole.
//!
#![doc = include_str!("../../docs/http.md")]
#![cfg_attr(
    not(any(feature = "axum", feature = "actix")),
    expect(dead_code, unreachable_pub, reason = "the core is there for a framework")
)]

// The header of a message, and what it says of caching:
pub(crate) mod control;
pub(crate) mod fields;
pub(crate) mod freshness;
pub(crate) mod vary;
// May a response be stored?
mod hints;
mod not_stored;
pub(crate) mod policy;
// A stored one:
#[cfg(feature = "shared")]
mod form;
mod page;
// What a call makes of its handler's response:
pub(crate) mod answer;
pub(crate) mod meta;
#[cfg(any(feature = "axum", feature = "actix"))]
mod returned;
// What its sender has already:
pub(crate) mod conditional;
// What the cache did:
pub(crate) mod status;
// Keys that are not stored for now:
pub(crate) mod pass;

// What a handler is given, and the headers that it lists:
#[cfg(any(feature = "axum", feature = "actix"))]
pub(crate) mod extracted;
#[cfg(any(feature = "axum", feature = "actix"))]
pub(crate) mod header;
#[cfg(feature = "actix")]
mod parts_actix;
#[cfg(feature = "axum")]
mod parts_axum;
#[cfg(feature = "actix")]
pub(crate) mod written_actix;
#[cfg(feature = "axum")]
pub(crate) mod written_axum;

// Frameworks:
#[cfg(feature = "actix")]
#[doc(hidden)]
pub mod actix;
#[cfg(feature = "axum")]
#[doc(hidden)]
pub mod axum;
#[cfg(feature = "axum")]
mod body;
#[cfg(feature = "axum")]
mod layer;
#[cfg(feature = "axum")]
mod message;
#[cfg(feature = "axum")]
mod question;
#[cfg(feature = "axum")]
mod request;
#[cfg(feature = "axum")]
mod seek;
#[cfg(feature = "axum")]
mod service;
#[cfg(feature = "axum")]
mod variants;

#[cfg(feature = "axum")]
pub use body::CachedBody;
pub use hints::Hints;
#[cfg(feature = "axum")]
pub(crate) use layer::LAYERS;
#[cfg(feature = "axum")]
pub use layer::{CacheLayer, Timeout};
pub use not_stored::NotStored;
pub(crate) use not_stored::{Counts, list};
pub use page::Page;
pub(crate) use page::stale_of;
#[cfg(feature = "axum")]
pub use service::CacheService;

//! Chapters of the manual. Nothing is in these modules but their text.
//!
//! * [`freshness`]: answering with old values while a new one is loaded, or when the source is down.
//! * [`batches`]: functions of many ids.
//! * [`handlers`]: responses of web handlers.
//! * `shared`, with the feature of that name: one cache for many processes.
//!
//! The manual itself stands at [`macro@crate::cached`], that of writers at [`macro@crate::invalidates`].

#[doc = include_str!("../docs/freshness.md")]
pub mod freshness {}

#[doc = include_str!("../docs/batches.md")]
pub mod batches {}

#[doc = include_str!("../docs/handlers.md")]
pub mod handlers {}

#[cfg(feature = "shared")]
#[doc = include_str!("../docs/shared.md")]
pub mod shared {}

//! Parts of pages, in front of template engines and without one.
//!
#![doc = include_str!("../../docs/templates.md")]

// What `larder::fragment!` comes to: a block, whose type is known after the look.
pub(crate) mod block;

// What a template engine renders: by name, and by what it varies by.
mod in_place;
mod part;
mod prefetch;
mod template;

// The engines:
#[cfg(feature = "askama")]
pub mod askama;
#[cfg(feature = "minijinja")]
pub mod minijinja;

pub use {
    part::{Part, Vary},
    prefetch::{Prefetched, prefetch},
    template::Fragment,
};

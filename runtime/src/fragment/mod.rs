//! Parts of pages, in front of template engines and without one.
//!
#![doc = include_str!("../../docs/fragments.md")]

// What `larder::fragment!` comes to: a block, whose type is known after the look.
pub(crate) mod block;

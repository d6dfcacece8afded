#![doc = include_str!("../../docs/fragments.md")]

// What `larder::fragment!` comes to: a block, whose type is known after the look.
pub(crate) mod block;

//! Annotated functions of every shape, under the lints of a user who allows nothing: `cargo clippy` over this crate finds
//! what the generated code would be blamed for.

#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    clippy::pedantic
)]

pub mod batches;
pub mod fragments;
pub mod free;
pub mod fresh;
pub mod methods;
pub mod patterns;
pub mod writers;

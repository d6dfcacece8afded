//! Behaviour of caches with a shared tier, in a store that fails when a test wants it to: no process, no network, no time that
//! passes by itself. A binary of its own, since every function that uses the default cache must be able to share its value.

#![expect(clippy::unused_async, reason = "what the annotated functions look like is what is tested")]

#[path = "../it/flaws.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod flaws;
mod how;
mod in_flight;
mod invalidation;
mod loads;
mod outage;
mod source;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod support;
mod world;

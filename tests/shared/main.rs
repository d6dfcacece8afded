//! Behaviour of caches with a shared tier, in a store that fails when a test wants it to: no process, no network, no time that
//! passes by itself. A binary of its own, since every function that uses the default cache must be able to share its value.

#![expect(
    clippy::needless_for_each,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "what the annotated functions look like is what is tested"
)]

mod batches;
mod by_hand;
mod coherence;
#[path = "../it/flaws.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod flaws;
mod foreign;
mod holds;
mod how;
mod in_flight;
mod invalidation;
mod leases;
mod loads;
mod meanwhile;
mod outage;
mod source;
mod stale;
#[path = "../it/support.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod support;
mod versions;
mod world;

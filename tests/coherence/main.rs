//! Proof of coherence: processes that read and write through one Redis while it is broken, and a check of all that they have seen.
//!
//! The source is a number for each key that only grows, so that a value says how old it is. `LARDER_COHERENCE_SECONDS` makes each run longer.

mod comebacks; // what was removed is there again
mod crew; // four processes, and the check of what they have seen
#[path = "../it/flaws.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod flaws; // stores that do something wrong
mod history; // what was seen, and what must hold of it
mod holder; // who has a lease dies
mod links; // what happens between the processes and the server
mod naive; // a store that does it wrong, which the check must notice
mod runs; // what happens to the server and the processes
mod source; // the numbers
mod stores; // Redis, with a flaw or without
mod worker; // what one process does

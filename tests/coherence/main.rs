//! Proof of coherence: processes that read and write through one Redis while it is broken, and a check of all that they have seen.
//!
//! The source is a number for each key that only grows, so that a value says how old it is. `LARDER_COHERENCE_SECONDS` makes each run longer.

#[path = "../it/flaws.rs"]
#[expect(dead_code, reason = "not everything is needed here")]
mod flaws; // stores that do something wrong
mod history; // what was seen, and what must hold of it
mod naive; // a store that does it wrong, which the check must notice
mod runs; // processes, and what happens to them
mod source; // the numbers
mod worker; // what one process does

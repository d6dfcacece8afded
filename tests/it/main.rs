//! Behaviour tests: each module is one behaviour that a user can name. They go through the attribute and the public
//! interface, count loads, move time by hand and never sleep.

#![expect(unused_variables, reason = "a body that only counts itself uses no argument")]
#![expect(dead_code, reason = "some functions are only asked for their keys")]
#![expect(
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "what the annotated functions look like is what is tested"
)]
#![expect(clippy::unchecked_time_subtraction, reason = "a panic is a failed test")]

// What the others need.
mod support;

// Which call is which entry, and for how long.
mod key_parts; // no two values share a key
mod key_space; // by the attribute and by hand
mod keys;
mod timeouts;

// What can be annotated, and what comes with it.
mod companions;
mod functions;
mod methods;

// What is kept.
mod options;
mod results;
mod shared_errors; // with callers who wait
mod versions;

// Callers at the same time.
mod cancellation;
mod deadlocks;
mod single_flight;

// What is no longer true.
mod fence; // an invalidation overtakes a load
mod fence_pairs; // each load against each operation
mod fenced_loads; // of every kind
mod generations; // a whole function, a whole cache
mod interleavings; // everything at once
mod interleavings_aside; // with old values, refreshes on the side, batches
mod load_order; // of two loads one is kept
mod tag_handles; // by tags
mod tagged; // by tags, stored by hand
mod writer_errors; // what fails there
mod writers; // by functions that say so
mod writers_of_values; // and by what they return

// Values that are not simply fresh.
mod aside;
mod early; // before the timeout: `early`, and `jitter`
mod rest; // what failed is left alone
mod shutdown; // which calls load after it
mod soft; // how long to wait for a new one: `soft_timeout`
mod stale; // after it // refreshes that no call waits for

// Many ids at once.
mod batch; // what the body is given, and the caller
mod batch_flights; // loads on their way elsewhere
mod batch_options; // together with the other options

// The cache without the attribute, and what surrounds it.
mod by_hand;
mod capacity;
mod configuration;
mod drops; // what happens when values end
mod off;
mod on_the_side; // bodies of every shape
mod panics;
mod stats;

// A tier that several processes share.
mod flaw_list; // one thing each
mod flaws; // stores that do something wrong
mod memory_store; // the one for tests, and what a test arranges there
mod store_conformance; // what every store has to do

mod found; // defects that are gone
// Defects that are not gone.
mod loads_together; // loads against loads and writers

mod tidy; // conventions of the source text

/// Where larder is for those who use it by way of another crate.
mod elsewhere {
    pub(crate) mod toolkit {
        pub(crate) use ::larder::*;
    }
}

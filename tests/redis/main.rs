//! Annotated functions over real Redis servers: the tests start them, break them, and stop them. Time passes by itself here; what has to
//! happen some time is waited for, never slept for.

#![expect(clippy::unused_async, reason = "what the annotated functions look like is what is tested")]

// Functions, caches and waiting.
mod support;

mod faults; // what a call returns while a server is broken, and afterwards
mod modes; // other kinds of servers
mod works; // what two processes share

//! Redis as a store, against real servers.

mod conformance;

//! Redis as a store, against real servers: what every store has to do, and what only a server brings about.

mod support;

// Every check of a store, over every kind of connection:
mod conformance;
// What the scripts do with what they find:
mod commands;
mod foreign;
// What a server refuses, and to whom:
mod refusals;
mod rights;
// How much is asked for at once:
mod bounds;
// What happens to connections:
mod links;
mod outages;
mod vouching;
// Other kinds of servers:
mod clusters;
mod sentinels;
mod tls;

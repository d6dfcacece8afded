//! Real Redis servers for tests and measurements, and ways to break them; and a real browser, to look at what pages become.
//!
//! Everything here panics with a text that says what was awaited, because a test can do nothing better. Nothing waits for a fixed time:
//! conditions are polled until they hold or [`patience`] is at its end.

// The programs: where they come from.
mod apt;
pub mod binary;

// What all processes of a test share.
pub mod child;
pub mod clock;
pub mod patience;
mod port;
mod watchdog;

// Servers, from one to many.
pub mod certificates;
pub mod cluster;
pub mod options;
pub mod resp;
pub mod sentinels;
pub mod server;

// What goes wrong between and beside them.
pub mod processes;
pub mod proxy;

// What a visitor of a page sees.
pub mod browser;

pub use browser::Browser;
pub use certificates::{Certificates, Identity};
pub use cluster::Cluster;
pub use options::Options;
pub use patience::until;
pub use processes::Process;
pub use proxy::{End, Fault, Links, Proxy, Way};
pub use resp::Reply;
pub use sentinels::Sentinels;
pub use server::Server;

//! What the attribute expands to.

mod handlers;
mod plain;

mod methods;
mod options;
mod signatures;

mod aside;
mod batches;
mod tags;

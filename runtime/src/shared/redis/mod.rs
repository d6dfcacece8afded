//! Redis as a store.

/// A Redis server, or several.
#[derive(Debug)]
pub struct Redis(());

//! What one call is about: an entry of a cache, and the constant options under which it is loaded and stored.

use std::sync::Arc;

use crate::cache::Cache;
use crate::fence::Stamp;
use crate::key::Key;
use crate::memory::{Guard, Header, Stored};
use crate::site::Options;
use crate::stats::Counters;

/// The place of one entry.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) cache: Cache,
    pub(crate) group: usize,
    /// The name of the function.
    pub(crate) name: &'static str,
    pub(crate) key: Key,
    /// How much of the key's text is the function's head, which its entries do not repeat.
    pub(crate) head_len: usize,
    /// Tells apart types of the same name that the key names.
    pub(crate) types: u64,
    pub(crate) revision: Option<Box<[u8]>>,
    pub(crate) options: Options,
}

impl Target {
    /// Is it the same entry, made from the same revision?
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.group == other.group
            && self.key == other.key
            && self.types == other.types
            && self.revision == other.revision
    }

    fn tail(&self) -> &str {
        self.key.text.get(self.head_len..).unwrap_or_default()
    }

    pub(crate) fn counters(&self) -> &Counters {
        self.cache.counters(self.group)
    }

    pub(crate) fn stamp(&self) -> Stamp {
        self.cache.stamp(self.key.hash, self.group)
    }

    /// The entry, if it is fresh.
    pub(crate) fn find(&self) -> Option<Arc<Stored>> {
        let entry = self.cache.memory().get(self.key.hash)?;
        self.is_fresh(&entry).then_some(entry)
    }

    /// Reads the entry in place, if it is fresh.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Stored) -> Option<T>) -> Option<T> {
        let guard = Guard::new();
        let entry = self.cache.memory().peek(self.key.hash, &guard)?;
        if self.is_fresh(entry) { read(entry) } else { None }
    }

    fn is_fresh(&self, entry: &Stored) -> bool {
        let same_key = entry.header.group == self.group
            && entry.header.text == self.tail()
            && entry.header.types == self.types
            && entry.header.revision == self.revision;
        self.cache.is_fresh(&entry.header, same_key)
    }

    /// The header of a new entry for a load that began under this stamp, with the usual timeout.
    pub(crate) fn header(&self, stamp: Stamp) -> Header {
        let created = self.cache.clock().now();
        let mut header =
            Header::new(self.key.hash, self.tail(), self.revision.clone(), self.group, stamp.generation, created);
        header.types = self.types;
        header.set_timeout(self.options.timeout.unwrap_or(self.cache.default_timeout()));
        header
    }

    /// Stores what a load made, unless its key was invalidated since the stamp was taken.
    pub(crate) fn store(&self, entry: &Arc<Stored>, stamp: Stamp) {
        self.cache.store(entry, stamp);
    }

    /// Stores what is known to be right: loads on their way lose.
    pub(crate) fn put(&self, entry: &Arc<Stored>) {
        self.cache.put_if(entry, |_| true);
    }

    pub(crate) fn invalidate(&self) -> bool {
        self.cache.invalidate(self.group, self.key.hash)
    }

    /// Ends the freshness of the entry; its value stays. Loads on their way lose.
    pub(crate) fn expire(&self) {
        self.cache.expire(self);
    }
}

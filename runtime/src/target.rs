//! What one call is about: an entry of a cache, and the constant options under which it is loaded and stored.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::cache::Cache;
use crate::fence::Stamp;
use crate::key::Key;
use crate::memory::{Guard, Header, Stored};
use crate::shared::{Tier, Wire};
use crate::site::Options;
use crate::stats::{Counters, count};
use crate::tag::{TagSet, TagWriter};

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
    pub(crate) tags: TagSet,
    pub(crate) options: Options,
    /// That of the function's code.
    pub(crate) version: u64,
    /// How the value becomes bytes; `None` if it can't.
    pub(crate) wire: Option<&'static Wire>,
}

impl Target {
    /// Is it the same entry, made from the same revision?
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.group == other.group
            && self.key == other.key
            && self.types == other.types
            && self.revision == other.revision
            && self.tags.same(&other.tags)
    }

    /// The shared tier, if the value is to go there.
    #[inline]
    pub(crate) fn shared(&self) -> Option<(&Tier, &'static Wire)> {
        Some((self.tier()?, self.wire?))
    }

    /// The shared tier, if there may be something of the target.
    pub(crate) fn tier(&self) -> Option<&Tier> {
        self.cache.tier().filter(|_| !self.options.local)
    }

    /// May another process have invalidated the value without this one knowing?
    pub(crate) fn doubts(&self) -> bool {
        self.shared().is_some_and(|(tier, _)| !tier.in_memory() || self.cache.clock().now() >= tier.valid_until())
    }

    fn tail(&self) -> &str {
        self.key.text.get(self.head_len..).unwrap_or_default()
    }

    pub(crate) fn counters(&self) -> &Counters {
        self.cache.counters(self.group)
    }

    /// Do callers of the key not wait for one another for now?
    #[cfg(feature = "http")]
    pub(crate) fn passes(&self) -> bool {
        self.cache.0.passes.has(self.key.hash, self.cache.clock().now())
    }

    /// Notes that a load came to nothing, or to something that was stored.
    #[cfg(feature = "http")]
    pub(crate) fn pass(&self, nothing: bool, stored: bool) {
        match (nothing, stored) {
            (true, _) => self.cache.0.passes.note(self.key.hash, self.cache.clock().now()),
            (false, true) => self.cache.0.passes.forget(self.key.hash),
            (false, false) => {}
        }
    }

    /// Without responses of handlers everybody waits.
    #[cfg(not(feature = "http"))]
    #[expect(clippy::unused_self, reason = "as with them")]
    pub(crate) fn passes(&self) -> bool {
        false
    }

    #[cfg(not(feature = "http"))]
    #[expect(clippy::unused_self, reason = "as with them")]
    pub(crate) fn pass(&self, _nothing: bool, _stored: bool) {}

    /// The stamp of a load that begins now.
    pub(crate) fn stamp(&self) -> Stamp {
        self.cache.stamp(self.group, &self.tags)
    }

    /// Has nothing overtaken a load that began under this stamp?
    pub(crate) fn allows(&self, stamp: Stamp) -> bool {
        self.cache.allows(self.key.hash, self.group, &self.tags, stamp)
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
        self.cache.is_fresh(&entry.header, self.is_of(entry))
    }

    /// Is it the entry of this place?
    pub(crate) fn is_of(&self, entry: &Stored) -> bool {
        entry.header.group == self.group
            && entry.header.text == self.tail()
            && entry.header.types == self.types
            && entry.header.revision == self.revision
    }

    /// The header of a new entry for a load that began under this stamp; it has no life yet.
    pub(crate) fn header(&self, stamp: Stamp) -> Header {
        let created = self.cache.clock().now();
        let mut header = Header::new(self.key.hash, self.tail(), self.revision.clone(), self.group, created);
        header.types = self.types;
        header.shared = self.shared().is_some();
        header.number = stamp.number;
        header.generation = stamp.generation;
        header.tags = self.tags.clone();
        header.tag_sum = stamp.tag_sum;
        header
    }

    /// Before the load begins: invalidations of the tags are seen from now on.
    #[cold]
    pub(crate) fn set_tags(&mut self, tags: impl FnOnce(&mut TagWriter)) {
        let mut writer = TagWriter::default();
        tags(&mut writer);
        self.tags = TagSet::new(self.cache.tags(), writer.texts());
    }

    /// By how much timeouts are shortened if the function does not say: entries that many processes share would end together
    /// for all of them.
    pub(crate) fn jitter(&self) -> u32 {
        if self.shared().is_some() { 100_000 } else { 0 }
    }

    /// The timeout of what this loads, unless the value has its own.
    pub(crate) fn timeout(&self) -> u64 {
        self.options.timeout.unwrap_or(self.cache.default_timeout())
    }

    /// Stores what a load made, unless its key was invalidated since the stamp was taken, or a later load was faster.
    pub(crate) fn store(&self, entry: &Arc<Stored>, stamp: Stamp) {
        self.cache.store(entry, stamp);
    }

    /// Removes the entry because its source has none any more, with the same exceptions. Loads that began before lose.
    pub(crate) fn remove(&self, stamp: Stamp) {
        self.cache.remove(self, stamp);
    }

    /// Stores the entry of a load that the shared tier has taken, in the place of whatever was read there before: loads on their way
    /// lose, unless something has come after this one.
    pub(crate) fn overwrite(&self, entry: &Arc<Stored>, stamp: Stamp) {
        if !self.cache.overwrite(entry, |_| self.allows(stamp)) {
            count(&self.counters().fenced);
        }
    }

    /// A call that was counted as a miss is none after all.
    pub(crate) fn uncount(&self, counted: bool) {
        if counted {
            self.counters().misses.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Loads of the key that began before the one of this stamp lose to it, whatever is stored.
    pub(crate) fn outdo(&self, stamp: Stamp) {
        self.cache.outdo(self.key.hash, stamp);
    }
}

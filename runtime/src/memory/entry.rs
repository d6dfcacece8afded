//! The stored entry. It exists once: whoever invalidates it has no copies to chase.

use std::any::Any;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use compact_str::CompactString;

use crate::clock::NEVER;
use crate::site::head_of;

/// What is kept of one load: everything about the value, and behind it the value.
#[derive(Debug)]
#[repr(C)]
pub struct Stored<V: ?Sized = dyn Any + Send + Sync> {
    pub(crate) header: Header,
    pub(crate) value: V,
}

/// What an entry says about its value. What every hit reads stands last, next to the value, to be in as few cache lines as
/// can be.
#[derive(Debug)]
#[repr(C)]
pub struct Header {
    /// The entity's version that the value was made from.
    pub(crate) revision: Option<Box<[u8]>>,
    pub(crate) created: u64,
    /// It stands for "nothing found" or for an error: there is no value to be had by hand.
    pub(crate) empty: bool,
    /// Tells apart types of the same name that the key names.
    pub(crate) types: u64,
    pub(crate) hash: u64,
    /// The moment from which no reader may use the entry; [`DEAD`] once it is no longer in the index.
    fresh_until: AtomicU64,
    /// The generation of its group when the load began.
    pub(crate) generation: u64,
    pub(crate) group: usize,
    /// The text of the key, without the head of its group.
    pub(crate) text: CompactString,
}

/// Before every moment.
const DEAD: u64 = 0;

impl Header {
    pub(crate) fn new(
        hash: u64,
        text: &str,
        revision: Option<Box<[u8]>>,
        group: usize,
        generation: u64,
        created: u64,
    ) -> Self {
        Self {
            fresh_until: AtomicU64::new(NEVER),
            generation,
            group,
            text: text.into(),
            revision,
            empty: false,
            types: 0,
            created,
            hash,
        }
    }

    /// The whole text of the key.
    pub(crate) fn key(&self) -> String {
        format!("{}{}", head_of(self.group), self.text)
    }

    /// Is it the entry of this key?
    pub(crate) fn has_key(&self, key: &str) -> bool {
        key.strip_prefix(head_of(self.group)).is_some_and(|tail| tail == self.text)
    }

    /// Gives the entry this many nanoseconds from its creation.
    pub(crate) fn set_timeout(&mut self, timeout: u64) {
        *self.fresh_until.get_mut() = self.created.saturating_add(timeout);
    }

    /// The moment from which no reader may use the entry. It is past for one that is no longer in the index.
    #[inline]
    pub(crate) fn fresh_until(&self) -> u64 {
        self.fresh_until.load(Ordering::Acquire)
    }

    /// Ends the entry's freshness now; the value stays.
    pub(crate) fn expire(&self, now: u64) {
        self.fresh_until.fetch_min(now.max(DEAD + 1), Ordering::AcqRel);
    }

    /// Marks the entry as no longer in the index; true for the one that does it.
    pub(crate) fn kill(&self) -> bool {
        self.fresh_until.swap(DEAD, Ordering::AcqRel) != DEAD
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.fresh_until() == DEAD
    }
}

/// Hashes a hash: keys are hashed before they get here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Identity;

#[derive(Debug, Default)]
pub(crate) struct IdentityHasher(u64);

impl BuildHasher for Identity {
    type Hasher = IdentityHasher;

    #[inline]
    fn build_hasher(&self) -> IdentityHasher {
        IdentityHasher(0)
    }
}

impl Hasher for IdentityHasher {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }
}

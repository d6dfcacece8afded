//! The stored entry. It exists once: whoever invalidates it has no copies to chase.

use std::any::Any;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::clock::NEVER;
use crate::key::Key;

/// What is kept of one load: everything about the value, and behind it the value.
#[derive(Debug)]
#[repr(C)]
pub struct Stored<V: ?Sized = dyn Any + Send + Sync> {
    pub(crate) header: Header,
    pub(crate) value: V,
}

/// What an entry says about its value. What a hit reads stands first.
#[derive(Debug)]
#[repr(C)]
pub struct Header {
    /// No reader may use the entry from the moment this is later than.
    fresh_until: AtomicU64,
    /// The generation of its group when the load began.
    pub(crate) generation: u64,
    pub(crate) group: usize,
    dead: AtomicBool,
    pub(crate) key: Key,
    /// The entity's version that the value was made from.
    pub(crate) revision: Option<Box<[u8]>>,
    pub(crate) created: u64,
    /// How long the load took, in nanoseconds.
    pub(crate) cost: u64,
}

impl Header {
    pub(crate) fn new(key: Key, revision: Option<Box<[u8]>>, group: usize, generation: u64, created: u64) -> Self {
        Self {
            fresh_until: AtomicU64::new(NEVER),
            generation,
            group,
            dead: AtomicBool::new(false),
            key,
            revision,
            created,
            cost: 0,
        }
    }

    /// Gives the entry this many nanoseconds from its creation.
    pub(crate) fn set_timeout(&mut self, timeout: u64) {
        *self.fresh_until.get_mut() = self.created.saturating_add(timeout);
    }

    #[inline]
    pub(crate) fn fresh_until(&self) -> u64 {
        self.fresh_until.load(Ordering::Relaxed)
    }

    /// Ends the entry's freshness now; the value stays.
    pub(crate) fn expire(&self, now: u64) {
        self.fresh_until.fetch_min(now, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
    }

    /// Marks the entry as removed; true for the one that does it.
    pub(crate) fn kill(&self) -> bool {
        !self.dead.swap(true, Ordering::AcqRel)
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

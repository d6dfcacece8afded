//! The stored entry. It exists once: whoever invalidates it has no copies to chase.

use std::any::Any;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use compact_str::CompactString;

use crate::clock::NEVER;
use crate::decide::{BUSY, Facts, Policy};
use crate::life::Life;
use crate::site::head_of;
use crate::tag::TagSet;

/// What is kept of one load: everything about the value, and behind it the value.
#[derive(Debug)]
#[repr(C)]
pub struct Stored<V: ?Sized = dyn Any + Send + Sync> {
    pub(crate) header: Header,
    pub(crate) value: V,
}

/// What may be done with a value past its time, where its reader permits this: the value may permit less.
#[cfg(feature = "http")]
pub(crate) fn policy_of(value: &(dyn Any + Send + Sync), policy: Policy) -> Policy {
    crate::http::stale_of(value, policy)
}

/// Without responses of handlers no value says anything.
#[cfg(not(feature = "http"))]
pub(crate) fn policy_of(_value: &(dyn Any + Send + Sync), policy: Policy) -> Policy {
    policy
}

/// What an entry says about its value. What every hit reads stands last, next to the value, to be in as few cache lines as
/// can be.
#[derive(Debug)]
#[repr(C)]
pub struct Header {
    /// The entity's version that the value was made from.
    pub(crate) revision: Option<Box<[u8]>>,
    pub(crate) created: u64,
    /// That of its load's stamp.
    pub(crate) number: u64,
    pub(crate) content: Content,
    /// Other processes may have it, and may invalidate it.
    pub(crate) shared: bool,
    /// Tells apart types of the same name that the key names.
    pub(crate) types: u64,
    pub(crate) hash: u64,
    /// How long it is of use past `fresh_until`.
    keep: u64,
    fresh_until: AtomicU64,
    /// Until this moment its source is left alone; [`BUSY`] while it is refreshed on the side.
    rest_until: AtomicU64,
    /// The sum of its tags' generations when the load began.
    pub(crate) tag_sum: u64,
    pub(crate) tags: TagSet,
    /// The moment from which a reader has to look twice; [`DEAD`] once it is no longer in the index.
    calm_until: AtomicU64,
    /// The generation of its group when the load began.
    pub(crate) generation: u64,
    pub(crate) group: usize,
    /// The text of the key, without the head of its group.
    pub(crate) text: CompactString,
}

/// What is in an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Value,
    /// "Nothing found": there is no value to be had by hand.
    Nothing,
    /// An error: there is none either, and it is never of use past its time.
    Failure,
}

/// Before every moment.
const DEAD: u64 = 0;

impl Header {
    pub(crate) fn new(hash: u64, text: &str, revision: Option<Box<[u8]>>, group: usize, created: u64) -> Self {
        Self {
            calm_until: AtomicU64::new(NEVER),
            fresh_until: AtomicU64::new(NEVER),
            rest_until: AtomicU64::new(0),
            keep: 0,
            generation: 0,
            tags: TagSet::default(),
            tag_sum: 0,
            group,
            text: text.into(),
            revision,
            content: Content::Value,
            shared: false,
            types: 0,
            number: 0,
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

    /// How long it was made to be fresh.
    pub(crate) fn timeout(&self) -> u64 {
        match self.fresh_until() {
            NEVER => NEVER,
            until => until.saturating_sub(self.created),
        }
    }

    /// How long it is of use past that.
    pub(crate) fn keep(&self) -> u64 {
        self.keep
    }

    /// How long after its creation it is of any use.
    #[cfg(feature = "shared")]
    pub(crate) fn life(&self) -> u64 {
        self.timeout().saturating_add(self.keep)
    }

    /// Gives the entry this life, from its creation.
    pub(crate) fn set_life(&mut self, life: Life) {
        let fresh_until = self.created.saturating_add(life.timeout);
        *self.fresh_until.get_mut() = fresh_until;
        *self.calm_until.get_mut() = self.created.saturating_add(life.calm).min(fresh_until);
        self.keep = life.keep;
    }

    /// The moment from which a reader has to look twice. It is past for an entry that is no longer in the index.
    #[inline]
    pub(crate) fn calm_until(&self) -> u64 {
        self.calm_until.load(Ordering::Acquire)
    }

    pub(crate) fn fresh_until(&self) -> u64 {
        self.fresh_until.load(Ordering::Acquire)
    }

    /// The moment from which it is of no use.
    pub(crate) fn kept_until(&self) -> u64 {
        self.fresh_until().saturating_add(self.keep)
    }

    /// What a decision about it depends on besides what was invalidated.
    pub(crate) fn facts(&self, current: bool) -> Facts {
        let calm_until = self.calm_until();
        Facts {
            current: current && calm_until != DEAD,
            failure: self.content == Content::Failure,
            calm_until,
            fresh_until: self.fresh_until(),
            kept_until: self.kept_until(),
            rest_until: self.rest_until.load(Ordering::Acquire),
        }
    }

    /// Was nothing invalidated that it was made under?
    #[inline]
    pub(crate) fn has_current_tags(&self) -> bool {
        self.tags.is_empty() || self.tags.sum() == self.tag_sum
    }

    /// Ends the entry's freshness now, and a rest of its source; the value stays. The moment of calm always changes, so
    /// that nobody who looked before can claim a refresh of what was fresh then.
    pub(crate) fn expire(&self, now: u64) {
        let now = now.max(DEAD + 1);
        self.fresh_until.fetch_min(now, Ordering::AcqRel);
        self.rest_until.store(0, Ordering::Release);
        self.move_calm(|calm| calm.min(now).saturating_sub(1).max(DEAD + 1));
    }

    /// Takes the right to refresh the entry on the side, for one of several readers who saw the same: its other readers
    /// are calm until the refresh ends.
    pub(crate) fn claim(&self, seen: Facts, now: u64) -> bool {
        if now < seen.fresh_until {
            return self
                .calm_until
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, |calm| {
                    let same = calm == seen.calm_until && self.fresh_until() == seen.fresh_until;
                    same.then_some(seen.fresh_until)
                })
                .is_ok();
        }
        self.rest_until.compare_exchange(seen.rest_until, BUSY, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Is its source left alone?
    pub(crate) fn rests(&self, now: u64) -> bool {
        let until = self.rest_until.load(Ordering::Acquire);
        until != BUSY && now < until
    }

    /// Its source has failed, and is left alone until this moment: a reader who could refresh it looks again then.
    pub(crate) fn rest(&self, until: u64) {
        self.rest_until.store(until.min(BUSY - 1), Ordering::Release);
        self.move_calm(|calm| calm.max(until.min(self.fresh_until())));
    }

    /// The same of what was read from the shared tier: it is being refreshed, or its source rests.
    pub(crate) fn mark(&self, until: u64) {
        self.rest_until.store(until, Ordering::Release);
        self.move_calm(|calm| calm.max(until.min(self.fresh_until())));
    }

    /// Gives back the right to refresh it: the next refresh may begin at this moment, or when a rest that has begun meanwhile
    /// is over.
    pub(crate) fn unclaim(&self, now: u64) {
        let idle = |until| (until == BUSY).then_some(0);
        let rest = self.rest_until.fetch_update(Ordering::AcqRel, Ordering::Acquire, idle).err().unwrap_or_default();
        self.move_calm(|_| now.max(rest).max(DEAD + 1).min(self.fresh_until()));
    }

    /// Marks the entry as no longer in the index; true for the one that does it.
    pub(crate) fn kill(&self) -> bool {
        self.calm_until.swap(DEAD, Ordering::AcqRel) != DEAD
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.calm_until() == DEAD
    }

    /// The dead stay dead.
    fn move_calm(&self, to: impl Fn(u64) -> u64) {
        let to = |calm| if calm == DEAD { None } else { Some(to(calm)).filter(|next| *next != calm) };
        let _moved = self.calm_until.fetch_update(Ordering::AcqRel, Ordering::Acquire, to);
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

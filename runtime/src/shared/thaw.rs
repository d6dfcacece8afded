//! Bytes of the store as an entry of this process, and the other way round.

use std::sync::Arc;
use std::time::Duration;

use super::envelope::{self, Head};
use super::store::Generation;
use super::tier::Tier;
use super::wire::{Wire, WireError};
use crate::cache::NO_FUNCTION;
use crate::clock::{NEVER, nanos, unix_millis};
use crate::decide::Policy;
use crate::fence::Stamp;
use crate::life::{Life, calm};
use crate::memory::{Content, Stored};
use crate::outcome::Nothing;
use crate::tag::TagSet;
use crate::target::Target;

impl Tier {
    /// The entry that these bytes are, as somebody reads it who asked at this moment, under this stamp. `None` if they are of no
    /// use to the reader: damaged, of another shape, made under other generations, from another revision, too old.
    pub(super) fn thaw(
        &self,
        asked: &Asked<'_>,
        bytes: &[u8],
        remaining: Remaining,
        generations: &[Generation],
    ) -> Option<Arc<Stored>> {
        let Asked { target, wire, stamp, now } = *asked;
        let (head, payload) = envelope::open(bytes, &self.limits).ok()?;
        if let Some(wire) = wire
            && head.fingerprint != wire.fingerprint().ok()?
        {
            return None;
        }
        let same = head.types == target.types && head.revision == context(target) && head.generations == generations;
        if !same {
            return None;
        }
        let mut header = target.header(stamp);
        header.content = if head.nothing { Content::Nothing } else { Content::Value };
        let usual =
            if head.nothing { target.options.none_timeout.unwrap_or(target.timeout()) } else { target.timeout() };
        let (age, mut timeout) = remaining.age(&head)?;
        // What was loaded under a longer timeout than the code has now is measured by that of now.
        if timeout > usual && !is_by_hand(target, &head) {
            timeout = usual;
            if !matches!(remaining, Remaining::Time(_)) {
                return None;
            }
        }
        let life = Life {
            timeout,
            calm: calm(timeout, target.options.early),
            keep: head.keep.min(target.options.policy.longest()),
        };
        if age >= life.timeout.saturating_add(life.keep) {
            return None;
        }
        header.created = now.saturating_sub(age);
        // It may be older than the clock of this process.
        header.set_life(life.without_first(age.saturating_sub(now)));
        if head.nothing {
            return Some(Arc::new(Stored { header, value: Nothing }));
        }
        let Some(wire) = wire else { return Some(Arc::new(Stored { header, value: Nothing })) };
        wire.decode(&payload, head.form, header).ok()
    }

    /// The target as somebody who stored these bytes saw it, if that is to be read again: an entry has the tags that it was stored
    /// with, which need not be those of who reads it. One who only knows the key (`by_hand`) does not know its revision either.
    pub(super) fn as_stored(&self, target: &Target, bytes: &[u8], by_hand: bool) -> Option<Target> {
        let (head, _) = envelope::look(bytes, &self.limits).ok()?;
        let (tags, revision) = head.revision.as_deref().map_or(Some((Vec::new(), None)), parts_of)?;
        let names = 1 + usize::from(target.group != NO_FUNCTION) + tags.len();
        let same = tags.iter().map(String::as_str).eq(target.tags.texts());
        // How old it is has to be known after all.
        let longer = !is_by_hand(target, &head) && head.timeout > target.timeout() && !needs_life(self, target);
        let unknown = by_hand && (revision.as_deref() != target.revision.as_deref() || head.types != target.types);
        if head.generations.len() != names || (same && !unknown && !longer) {
            return None;
        }
        let mut stored = target.clone();
        stored.tags = TagSet::new(target.cache.tags(), tags);
        if by_hand {
            (stored.revision, stored.types) = (revision, head.types);
        }
        Some(stored)
    }

    /// The bytes of an entry that was just made.
    pub(super) fn freeze(
        &self,
        target: &Target,
        wire: &'static Wire,
        entry: &Stored,
        generations: Vec<Generation>,
        cost: u64,
    ) -> Result<Vec<u8>, WireError> {
        let header = &entry.header;
        let nothing = header.content == Content::Nothing;
        let form = wire.form(target.options.codec.unwrap_or(self.terms.codec));
        let payload = if nothing { Vec::new() } else { wire.encode(&entry.value, form)? };
        let head = Head {
            nothing,
            form,
            fingerprint: wire.fingerprint()?,
            types: header.types,
            created_ms: unix_millis(),
            timeout: header.timeout(),
            keep: header.keep(),
            cost_us: u32::try_from(cost / 1_000).unwrap_or(u32::MAX),
            generations,
            revision: context(target),
        };
        envelope::seal(&head, &payload, &self.limits)
    }
}

/// A reader, and when it began.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) target: &'a Target,
    /// `None`: it does not matter what the value is.
    pub(super) wire: Option<&'static Wire>,
    pub(super) stamp: Stamp,
    pub(super) now: u64,
}

/// Was it put there for as long as somebody said, whatever the function's timeout is? A load takes some time, if only by the envelope.
fn is_by_hand(target: &Target, head: &Head) -> bool {
    target.options.own_timeouts || target.group == NO_FUNCTION || head.cost_us == 0
}

/// What stands beside a value's generations: the names of its tags, so that those can check them who only know the key, and the
/// revision. Nothing if it has neither.
pub(super) fn context(target: &Target) -> Option<Vec<u8>> {
    let revision = target.revision.as_deref();
    if revision.is_none() && target.tags.is_empty() {
        return None;
    }
    let mut context = Vec::new();
    for tag in target.tags.texts() {
        context.extend(u16::try_from(tag.len()).unwrap_or(u16::MAX).to_le_bytes());
        context.extend(tag.as_bytes());
    }
    context.extend(u16::MAX.to_le_bytes());
    if let Some(revision) = revision {
        context.push(1);
        context.extend(revision);
    }
    Some(context)
}

/// The tags and the revision.
type Parts = (Vec<String>, Option<Box<[u8]>>);

fn parts_of(mut context: &[u8]) -> Option<Parts> {
    let mut tags = Vec::new();
    loop {
        let (len, rest) = context.split_first_chunk::<2>()?;
        let len = u16::from_le_bytes(*len);
        if len == u16::MAX {
            return Some((tags, rest.split_first().map(|(_, revision)| revision.into())));
        }
        let (tag, rest) = rest.split_at_checked(usize::from(len))?;
        tags.push(String::from_utf8(tag.to_vec()).ok()?);
        context = rest;
    }
}

/// How much more may remain than a value was given: times are rounded.
const SECOND: u64 = 1_000_000_000;

/// What is known about the rest of a value's time in the store.
#[derive(Clone, Copy, Debug)]
pub(super) enum Remaining {
    /// It was not asked for: the value is fresh, since its time ends with its freshness.
    Unasked,
    /// For ever.
    Endless,
    Time(Duration),
}

impl Remaining {
    /// As a read found it, which asked for it or did not.
    pub(super) fn found(remaining: Option<Duration>, asked: bool) -> Self {
        match remaining {
            Some(left) if left != Duration::MAX => Self::Time(left),
            None if !asked => Self::Unasked,
            Some(_) | None => Self::Endless,
        }
    }

    /// How long ago it was created, and how long it was to be fresh from then. `None` where somebody has taken its end away.
    fn age(self, head: &Head) -> Option<(u64, u64)> {
        let whole = head.timeout.saturating_add(head.keep);
        match self {
            Self::Endless if whole != NEVER => None,
            Self::Unasked | Self::Endless => Some((0, head.timeout)),
            Self::Time(left) => {
                let left = nanos(left);
                if whole != NEVER && left > whole.saturating_add(SECOND) {
                    // The server's clock was set back, and how old it is nobody knows.
                    return None;
                }
                if whole == NEVER {
                    // Something that was to last for ever was expired: it is of use for what is left of that.
                    return Some((head.keep.min(u64::MAX / 4).saturating_sub(left), 0));
                }
                Some((whole.saturating_sub(left), head.timeout))
            }
        }
    }
}

/// The age of what is read has to be known if it may be of use past its timeout or before its end, or stays in memory.
pub(super) fn needs_life(tier: &Tier, target: &Target) -> bool {
    let Policy { while_revalidate, if_error, .. } = target.options.policy;
    tier.in_memory() || while_revalidate > 0 || if_error > 0 || !target.options.early.is_never()
}

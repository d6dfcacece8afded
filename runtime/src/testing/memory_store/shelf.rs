//! What a store holds, and what its operations do to that: pure functions of the moment. Notes to be passed on are returned.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::{NEVER, nanos};
use crate::shared::{
    Expire, Fill, Found, Generation, HoldOff, Lease, Leased, Read, Release, Remove, Renew, Same, Token, Turn, Write,
    belongs,
};

/// Everything that a store holds. What is over stays until somebody looks.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    values: HashMap<String, Value>,
    claims: HashMap<String, Claim>,
    generations: HashMap<String, Numbered>,
}

#[derive(Debug)]
pub(super) struct Value {
    pub(super) bytes: Vec<u8>,
    pub(super) end: u64,
}

/// What a key is claimed for: a key is leased or held off, never both.
#[derive(Debug)]
enum Claim {
    Leased {
        token: Token,
        end: u64,
        awaited: bool,
    },
    /// Each until then.
    Held(Vec<(Token, u64)>),
}

#[derive(Debug)]
struct Numbered {
    generation: Generation,
    end: u64,
}

impl Claim {
    fn end(&self) -> u64 {
        match self {
            Self::Leased { end, .. } => *end,
            Self::Held(by) => by.iter().map(|(_, end)| *end).max().unwrap_or(0),
        }
    }
}

/// The moment that is this far away; `None` is the end of time.
pub(super) fn after(now: u64, time: Option<Duration>) -> u64 {
    time.map_or(NEVER, |time| now.saturating_add(nanos(time)))
}

/// How far away a moment is.
fn left(now: u64, end: u64) -> Duration {
    if end == NEVER { Duration::MAX } else { Duration::from_nanos(end.saturating_sub(now)) }
}

/// Whether there is such a value, and enough of its time remains.
pub(super) fn is_same(value: &Value, same: &Same, now: u64) -> bool {
    let behind = value.bytes.get(same.at..).unwrap_or_default();
    behind.starts_with(&same.bytes) && value.bytes.len() >= same.at && left(now, value.end) > same.keep
}

impl Shelf {
    pub(super) fn value(&mut self, key: &str, now: u64) -> Option<&mut Value> {
        if self.values.get(key).is_some_and(|value| value.end <= now) {
            self.values.remove(key);
        }
        self.values.get_mut(key)
    }

    pub(super) fn put(&mut self, key: &str, bytes: Vec<u8>, end: u64) {
        self.values.insert(key.to_owned(), Value { bytes, end });
    }

    pub(super) fn take(&mut self, key: &str, now: u64) -> bool {
        self.values.remove(key).is_some_and(|value| value.end > now)
    }

    pub(super) fn remaining(&mut self, key: &str, now: u64) -> Option<Duration> {
        self.value(key, now).map(|value| left(now, value.end))
    }

    fn claim(&mut self, key: &str, now: u64) -> Option<&mut Claim> {
        if self.claims.get(key).is_some_and(|claim| claim.end() <= now) {
            self.claims.remove(key);
        }
        self.claims.get_mut(key)
    }

    /// How long fills are held off.
    pub(super) fn hold(&mut self, key: &str, now: u64) -> Option<Duration> {
        let claim = self.claim(key, now)?;
        matches!(claim, Claim::Held(_)).then(|| left(now, claim.end()))
    }

    /// The lease of a key, and whether somebody waits for it.
    pub(super) fn leased(&mut self, key: &str, now: u64) -> Option<bool> {
        match self.claim(key, now)? {
            Claim::Leased { awaited, .. } => Some(*awaited),
            Claim::Held(_) => None,
        }
    }

    /// Takes a lease away; a hold stays.
    pub(super) fn revoke(&mut self, key: &str) -> bool {
        let leased = matches!(self.claims.get(key), Some(Claim::Leased { .. }));
        if leased {
            self.claims.remove(key);
        }
        leased
    }

    /// Ends a lease of this holder; whether it was one, and somebody waited for it.
    fn end_lease(&mut self, key: &str, holder: Token, now: u64) -> Option<bool> {
        match self.claim(key, now)? {
            &mut Claim::Leased { token, awaited, .. } if token == holder => {
                self.claims.remove(key);
                Some(awaited)
            }
            _ => None,
        }
    }

    pub(super) fn generation(&mut self, text: &str, now: u64) -> Option<Generation> {
        self.generations.get(text).filter(|numbered| numbered.end > now).map(|numbered| numbered.generation)
    }

    pub(super) fn read(&mut self, read: &Read, now: u64) -> Found {
        let value = self.value(&read.key, now).map(|value| (value.bytes.clone(), left(now, value.end)));
        let remaining = value.as_ref().filter(|_| read.life).map(|(_, remaining)| *remaining);
        let generations = read.generations.iter().map(|text| self.generation(text, now)).collect();
        Found { value: value.map(|(bytes, _)| bytes), remaining, generations }
    }

    pub(super) fn lease(&mut self, lease: &Lease, now: u64) -> Leased {
        let turn = self.turn(lease, now);
        let generations =
            lease.generations.iter().map(|text| self.make_generation(text, lease.fresh, lease.keep, now)).collect();
        Leased { turn, generations }
    }

    fn turn(&mut self, lease: &Lease, now: u64) -> Turn {
        if let Some(hold) = self.hold(&lease.key, now) {
            return Turn::Hold(hold);
        }
        if let Some(value) = self.value(&lease.key, now)
            && !lease.over.permits_value(&value.bytes)
        {
            return Turn::Hit(value.bytes.clone(), left(now, value.end));
        }
        let claimed = Claim::Leased { token: lease.token, end: after(now, Some(lease.time)), awaited: false };
        match self.claim(&lease.key, now) {
            Some(Claim::Leased { token, end, awaited })
                if *token != lease.token && !lease.over.permits_holder(*token) =>
            {
                *awaited = true;
                return Turn::Wait { left: left(now, *end), holder: *token };
            }
            // Those who waited for the other holder wait for this one.
            Some(Claim::Leased { token, end, .. }) => {
                *token = lease.token;
                *end = claimed.end();
            }
            _ => {
                self.claims.insert(lease.key.clone(), claimed);
            }
        }
        Turn::Lead
    }

    pub(super) fn make_generation(&mut self, text: &str, fresh: Generation, keep: Duration, now: u64) -> Generation {
        let generation = self.generation(text, now).unwrap_or(fresh);
        let kept = self.generations.get(text).map_or(0, |numbered| numbered.end);
        let end = kept.max(after(now, Some(keep)));
        self.generations.insert(text.to_owned(), Numbered { generation, end });
        generation
    }

    /// Whether the value was stored; the note where somebody waits.
    pub(super) fn fill(&mut self, fill: Fill, now: u64) -> (bool, Option<Vec<u8>>) {
        let Some(awaited) = self.end_lease(&fill.key, fill.token, now) else {
            return (false, None);
        };
        self.put(&fill.key, fill.value, after(now, fill.life));
        (true, awaited.then_some(fill.note))
    }

    pub(super) fn release(&mut self, release: Release, now: u64) -> Option<Vec<u8>> {
        let awaited = self.end_lease(&release.key, release.token, now)?;
        if release.value {
            self.take(&release.key, now);
        }
        (awaited || release.value).then_some(release.note)
    }

    pub(super) fn renew(&mut self, renew: &Renew, now: u64) -> bool {
        match self.claim(&renew.key, now) {
            Some(Claim::Leased { token, end, .. }) if *token == renew.token => {
                *end = after(now, Some(renew.time));
                true
            }
            _ => false,
        }
    }

    pub(super) fn write(&mut self, write: Write, now: u64) -> (bool, Option<Vec<u8>>) {
        let there = |value: &mut Value| write.unless.as_ref().is_some_and(|same| is_same(value, same, now));
        if self.hold(&write.key, now).is_some() || self.value(&write.key, now).is_some_and(there) {
            return (false, None);
        }
        self.revoke(&write.key);
        self.put(&write.key, write.value, after(now, write.life));
        (true, Some(write.note))
    }

    /// Whether there was a value; the note, if anything happened.
    pub(super) fn remove(&mut self, remove: Remove, now: u64) -> (bool, Option<Vec<u8>>) {
        if !remove.which.means(self.value(&remove.key, now).map(|value| &*value.bytes)) {
            return (false, None);
        }
        let there = self.take(&remove.key, now);
        self.revoke(&remove.key);
        self.hold_off(&remove.key, remove.hold, now);
        (there, Some(remove.note))
    }

    fn hold_off(&mut self, key: &str, hold: HoldOff, now: u64) {
        let (token, time) = match hold {
            HoldOff::Unchanged => return,
            HoldOff::Begun(token, time) => (token, Some(time)),
            HoldOff::Ended(token) => (token, None),
        };
        let mut by = match self.claims.remove(key) {
            Some(Claim::Held(by)) => by,
            _ => Vec::new(),
        };
        by.retain(|(holder, end)| *holder != token && *end > now);
        by.extend(time.map(|time| (token, after(now, Some(time)))));
        if !by.is_empty() {
            self.claims.insert(key.to_owned(), Claim::Held(by));
        }
    }

    pub(super) fn expire(&mut self, expire: &Expire, now: u64) {
        self.revoke(&expire.key);
        if let Some(value) = self.value(&expire.key, now) {
            value.end = value.end.min(after(now, Some(expire.keep)));
        }
    }

    pub(super) fn bump(&mut self, generation: &str) {
        self.generations.remove(generation);
    }

    pub(super) fn purge(&mut self, namespace: &str, now: u64) -> u64 {
        let keys = self.keys(now).into_iter().filter(|key| belongs(key, namespace)).count();
        self.values.retain(|key, _| !belongs(key, namespace));
        self.generations.retain(|text, _| !belongs(text, namespace));
        keys.try_into().unwrap_or(u64::MAX)
    }

    /// The keys of all values, in their order.
    pub(super) fn keys(&self, now: u64) -> Vec<String> {
        let present = self.values.iter().filter(|(_, value)| value.end > now);
        let mut keys: Vec<String> = present.map(|(key, _)| key.clone()).collect();
        keys.sort_unstable();
        keys
    }
}

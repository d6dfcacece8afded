//! What is asked of the store by name: to remove, to write, to read without a load. What it does not acknowledge is reported,
//! and sent again when it can be reached.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::codec::Form;
use super::ending::ending;
use super::envelope::{FORM_AT, GENERATIONS_AT, Head, number_head};
use super::names::{Name, Note};
use super::queue::Operation;
use super::store::{
    Expire, Generation, HoldOff, Increment, Incremented, Over, Remove, Same, StoreError, StoreErrorKind, Token, Which,
    Write,
};
use super::thaw::{Asked, context};
use super::tier::{Tier, life};
use super::wire::{Wire, WireError};
use crate::cache::{Cache, NO_FUNCTION};
use crate::clock::unix_millis;
use crate::error::{Error, ErrorKind};
use crate::memory::{Content, Stored};
use crate::target::Target;

/// How often a number is looked for while the store is lost and found.
const ROUNDS: u32 = 3;

impl Tier {
    /// Removes values, and revokes the leases of their keys; which of them were there.
    pub(crate) async fn remove(
        &self,
        cache: &Cache,
        group: usize,
        names: &[Name],
        hold: HoldOff,
    ) -> Result<Vec<bool>, StoreError> {
        let removes = names.iter().map(|name| Remove { hold, ..self.removal(name) });
        let operations = names.iter().map(|name| Operation::Remove(name.clone())).collect();
        let sent = async { ending(self.store().remove(removes.collect())).await };
        self.settled(cache, group, "remove", operations, sent).await
    }

    /// Ends a hold without waiting for that, and removes the value. If it fails the hold ends when its time is over.
    pub(super) fn begin_end(&self, name: &Name, hold: Token) {
        // This process, too, may read the value before it goes.
        let note = self.names.note_to_all(&Note::Removed(name.clone()));
        drop(self.store().remove(vec![Remove { hold: HoldOff::Ended(hold), note, ..self.removal(name) }]));
    }

    /// Removes a value that is of no use and begins like this; what has come in its place stays.
    pub(super) async fn remove_useless(&self, target: &Target, beginning: Vec<u8>) -> Result<(), StoreError> {
        let removal = Remove { which: Which::Beginning(beginning), ..self.removal(&target.name_in_notes()) };
        ending(self.store().remove(vec![removal])).await.map(drop)
    }

    /// The request to remove a value.
    pub(super) fn removal(&self, name: &Name) -> Remove {
        let note = self.names.note(&Note::Removed(name.clone()));
        Remove { key: self.names.value(&name.text, name.version), hold: HoldOff::Unchanged, which: Which::Any, note }
    }

    /// The request to end the freshness of a value.
    pub(super) fn expiry(&self, name: &Name, keep: Duration) -> Expire {
        let note = self.names.note(&Note::Expired(name.clone()));
        Expire { key: self.names.value(&name.text, name.version), keep, note }
    }

    /// Ends the freshness of a value, which stays for this long.
    pub(crate) async fn expire(&self, target: &Target) -> Result<(), StoreError> {
        let name = target.name_in_notes();
        let keep = Duration::from_nanos(target.options.policy.longest());
        let expiry = self.expiry(&name, keep);
        let sent = async { ending(self.store().expire(vec![expiry])).await };
        self.settled(&target.cache, target.group, "expire", vec![Operation::Expire(name, keep)], sent).await
    }

    /// Makes everything useless that was made under the generation of a function.
    pub(crate) async fn bump(&self, cache: &Cache, group: usize) -> Result<(), StoreError> {
        let Some(name) = self.function(group) else { return Ok(()) };
        let path = crate::site::path_of(group);
        self.forget(cache, group, vec![name.to_owned()], Note::Function(path)).await
    }

    /// The same for a tag.
    pub(crate) async fn invalidate_tag(&self, cache: &Cache, text: &str) -> Result<(), StoreError> {
        self.forget(cache, NO_FUNCTION, vec![self.names.tag(text)], Note::Tag(text.to_owned())).await
    }

    /// The same for everything.
    pub(crate) async fn clear(&self, cache: &Cache) -> Result<(), StoreError> {
        self.forget(cache, NO_FUNCTION, vec![self.all().to_owned()], Note::All).await
    }

    /// Removes every key of the namespace from the store; how many values there were.
    pub(crate) async fn purge(&self, cache: &Cache) -> Result<u64, StoreError> {
        let purged = ending(self.store().purge(self.names.namespace())).await;
        match &purged {
            Ok(_) => self.answered(cache, "purge"),
            Err(error) => self.failed(cache, NO_FUNCTION, "purge", error),
        }
        purged
    }

    async fn forget(&self, cache: &Cache, group: usize, names: Vec<String>, note: Note) -> Result<(), StoreError> {
        let sent = async { ending(self.store().bump(names.clone(), self.names.note(&note))).await };
        let operations = vec![Operation::Bump(names.clone(), note.clone())];
        self.settled(cache, group, "bump", operations, sent).await
    }

    /// The generations of several targets, which are made where there are none, and outlive entries that last this long.
    async fn make_generations(&self, targets: &[&Target], longest: u64) -> Result<Vec<Vec<Generation>>, StoreError> {
        let each: Vec<Arc<[String]>> = targets.iter().map(|target| self.generations_of(target)).collect();
        let mut names: Vec<String> = each.iter().flat_map(|names| names.iter().cloned()).collect();
        names.sort_unstable();
        names.dedup();
        let keep = targets.iter().map(|target| Self::generation_life(target, longest)).max().unwrap_or_default();
        let made = ending(self.store().generations(names.clone(), fastrand::u64(..), keep)).await?;
        let made: HashMap<String, Generation> = names.into_iter().zip(made).collect();
        let of = |name: &String| made.get(name).copied().unwrap_or_default();
        Ok(each.iter().map(|names| names.iter().map(of).collect()).collect())
    }

    /// Stores entries that are known to be right, all of one type and of one cache; with `if_absent` where there is none that is
    /// fresh. Which of them are stored.
    pub(crate) async fn write(
        &self,
        wire: &'static Wire,
        places: &[(&Target, &Arc<Stored>)],
        if_absent: bool,
    ) -> Result<Vec<bool>, WriteError> {
        let Some((Target { cache, group, .. }, _)) = places.first() else { return Ok(Vec::new()) };
        let begun = self.queue.begin();
        let names = places.iter().filter(|_| !if_absent).map(|(target, _)| target.name_in_notes());
        let unsettled = self.unsettled(cache, names.map(Operation::Remove).collect());
        let written = self.try_write(wire, places, if_absent).await;
        let (operations, now) = (unsettled.settle(), cache.clock().now());
        match written {
            Ok(written) => {
                let each = places.iter().map(|(target, _)| target.name_in_notes()).zip(&written);
                for (name, written) in each {
                    match written {
                        // Sent again it would end what others have added since.
                        Some(_) if if_absent => self.queue.overwritten(name, begun),
                        Some(value) => self.queue.acknowledge(Operation::Write(name, value.clone()), begun, now),
                        None => {}
                    }
                }
                self.answered(cache, "write");
                Ok(written.iter().map(Option::is_some).collect())
            }
            Err(error) => {
                if let WriteError::Store(error) = &error {
                    self.unacknowledged(cache, *group, "write", operations, begun, error);
                }
                Err(error)
            }
        }
    }

    /// Which of them are stored, and how their bytes begin.
    async fn try_write(
        &self,
        wire: &'static Wire,
        places: &[(&Target, &Arc<Stored>)],
        if_absent: bool,
    ) -> Result<Vec<Option<Vec<u8>>>, WriteError> {
        let lives = places.iter().map(|(_, entry)| entry.header.life());
        let targets: Vec<&Target> = places.iter().map(|(target, _)| *target).collect();
        let generations = self.make_generations(&targets, lives.max().unwrap_or_default()).await?;
        let (mut writes, mut beginnings) = (Vec::with_capacity(places.len()), Vec::with_capacity(places.len()));
        for ((target, entry), generations) in places.iter().zip(generations) {
            let header = &entry.header;
            // Whatever tags it has.
            let common = generations.get(..generations.len() - target.tags.texts().count()).unwrap_or(&generations);
            let unless = if_absent.then(|| same(common, header.keep()));
            let bytes = self.freeze(target, wire, entry, generations, 0).map_err(|error| {
                WriteError::Value(format!("a value of type `{}` can't be made bytes: {error}", wire.type_name()))
            })?;
            let note = self.names.note(&Note::Removed(target.name_in_notes()));
            beginnings.push(Over::telling(&bytes).to_vec());
            writes.push(Write { key: self.name_of(target), value: bytes, life: life(header.life()), unless, note });
        }
        let stored = ending(self.store().write(writes)).await?;
        Ok(beginnings.into_iter().zip(stored).map(|(beginning, stored)| stored.then_some(beginning)).collect())
    }

    /// How the value under the key begins, if there is one and none that is fresh.
    pub(super) async fn useless(&self, target: &Target) -> Option<Vec<u8>> {
        let found = ending(self.store().read(vec![self.read_of(target)])).await.ok()?.pop()?;
        let beginning = Over::telling(&found.value?).to_vec();
        let fresh = self.peek(&target.cache, vec![target.clone()], None, true).await;
        let useless = !fresh.iter().flatten().any(|entry| entry.header.content == Content::Value);
        useless.then_some(beginning)
    }

    /// Adds to a number.
    pub(crate) async fn increment(&self, target: &Target, by: i64) -> Result<Incremented, StoreError> {
        let sum = self.try_increment(target, by).await;
        match &sum {
            Ok(_) => self.answered(&target.cache, "increment"),
            Err(error) => self.failed(&target.cache, target.group, "increment", error),
        }
        sum
    }

    async fn try_increment(&self, target: &Target, by: i64) -> Result<Incremented, StoreError> {
        let Some(wire) = target.cache.wire_of::<i64>() else {
            return Err(StoreError::new(StoreErrorKind::Refused, "numbers can't be made bytes"));
        };
        let (target, generations) = self.number_at(target).await?;
        let target = &target;
        let (timeout, keep) = (target.timeout(), target.options.policy.longest());
        let refused = |error: WireError| StoreError::new(StoreErrorKind::Refused, error.to_string());
        let head = Head {
            nothing: false,
            form: Form::Number,
            fingerprint: wire.fingerprint().map_err(refused)?,
            types: target.types,
            created_ms: unix_millis(),
            timeout,
            keep,
            cost_us: 0,
            generations: generations.clone(),
            revision: context(target),
        };
        let head = number_head(&head).map_err(refused)?;
        let increment = Increment {
            key: self.name_of(target),
            by,
            head,
            same: same(&generations, keep),
            mark: (FORM_AT, Form::Number.byte()),
            life: life(timeout.saturating_add(keep)),
            // It may happen when the caller has gone away, and nobody else would tell this process.
            note: self.names.note_to_all(&Note::Removed(target.name_in_notes())),
        };
        ending(self.store().increment(increment)).await
    }

    /// The place of a number, and its generations: with the tags that it has, which it keeps. A value that is of no use is removed,
    /// where the store could not tell.
    async fn number_at(&self, target: &Target) -> Result<(Target, Vec<Generation>), StoreError> {
        for _ in 0..ROUNDS {
            if let Some(found) = self.number_in_epoch(target).await? {
                return Ok(found);
            }
        }
        Err(StoreError::new(StoreErrorKind::Unavailable, "the store was lost while it was read"))
    }

    /// The same; nothing if the store was lost meanwhile, as the server that has answered may be no more.
    async fn number_in_epoch(&self, target: &Target) -> Result<Option<(Target, Vec<Generation>)>, StoreError> {
        let epoch = self.epoch();
        let trusted = self.trusts(target);
        let read = self.read_of(target);
        let found = ending(self.store().read(vec![read])).await?.pop().unwrap_or_default();
        if epoch != self.epoch() {
            return Ok(None);
        }
        let stored = found.value.as_deref().and_then(|bytes| self.as_stored(target, bytes, true));
        let stored = stored.filter(|_| trusted);
        if let Some(stored) = &stored {
            let read = self.read_of(stored);
            let found = ending(self.store().read(vec![read])).await?.pop().unwrap_or_default();
            let asked = Asked { target: stored, wire: None, stamp: stored.stamp(), now: stored.cache.clock().now() };
            if epoch != self.epoch() {
                return Ok(None);
            }
            if let Some(generations) = found.all_generations().filter(|_| self.fresh(&asked, &found, false).is_some()) {
                return Ok(Some((stored.clone(), generations)));
            }
        }
        if let Some(value) = found.value.as_deref().filter(|_| stored.is_some()) {
            self.remove_useless(target, Over::telling(value).to_vec()).await?;
        }
        if !trusted {
            self.remove(&target.cache, target.group, &[target.name_in_notes()], HoldOff::Unchanged).await?;
        }
        let generations = match found.all_generations() {
            Some(generations) => generations,
            None => self.make_generations(&[target], 0).await?.pop().unwrap_or_default(),
        };
        Ok(Some((target.clone(), generations)))
    }
}

/// What counts as a fresh value under these generations.
fn same(generations: &[Generation], keep: u64) -> Same {
    let bytes = generations.iter().flat_map(|generation| generation.to_le_bytes()).collect();
    Same { at: GENERATIONS_AT, bytes, keep: Duration::from_nanos(keep) }
}

/// Why a value was not written.
#[derive(Debug)]
pub(crate) enum WriteError {
    Store(StoreError),
    /// Its type can't be made bytes.
    Value(String),
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl WriteError {
    pub(crate) fn report(self, operation: &'static str, subject: &str) -> Error {
        match self {
            Self::Store(error) => not_acknowledged(operation, subject, error),
            Self::Value(message) => Error::new(ErrorKind::NotShareable, operation, subject, message),
        }
    }
}

/// The store did not acknowledge an operation, as its caller is told.
pub(crate) fn not_acknowledged(operation: &'static str, subject: &str, error: StoreError) -> Error {
    let message = match error.kind() {
        StoreErrorKind::Untold => {
            "the shared tier has done it, but could not tell the other processes, whose memory may keep the old value for up to \
             its timeout: give this process the right to the channel"
        }
        _ => match operation {
            "set" | "put" => {
                "the shared tier did not acknowledge it: take it for not stored; what the tier may have under the key is \
                 removed when it answers"
            }
            "add" | "increment" if error.kind() == StoreErrorKind::Unavailable => {
                "the shared tier can't be reached: it has not happened"
            }
            "add" | "increment" => "the shared tier did not acknowledge it: whether it has happened is not known",
            "hold" => "the shared tier did not acknowledge it: the entry is not held off, so don't write yet",
            _ => {
                "the shared tier did not acknowledge it; this process acts on it, and sends it again when the tier answers"
            }
        },
    };
    Error::new(ErrorKind::NotAcknowledged, operation, subject, message).with_source(error)
}

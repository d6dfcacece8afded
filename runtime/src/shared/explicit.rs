//! What is asked of the store by name: to remove, to write, to read without a load. What it does not acknowledge is reported,
//! and sent again when it can be reached.

use std::time::Duration;

use super::codec::Form;
use super::ending::ending;
use super::envelope::{FORM_AT, GENERATIONS_AT, Head, number_head};
use super::names::{Name, Note};
use super::queue::Operation;
use super::store::{Expire, Generation, Increment, Incremented, Remove, Same, StoreError, StoreErrorKind, Write};
use super::thaw::context;
use super::tier::{Tier, is_open, life};
use super::wire::{Wire, WireError};
use crate::cache::{Cache, NO_FUNCTION};
use crate::error::{Error, ErrorKind};
use crate::memory::Stored;
use crate::target::Target;

impl Tier {
    /// Removes values, and revokes the leases of their keys; which of them were there.
    pub(crate) async fn remove(
        &self,
        cache: &Cache,
        group: usize,
        names: &[Name],
        hold: Duration,
    ) -> Result<Vec<bool>, StoreError> {
        let removes = names.iter().map(|name| Remove {
            key: self.names.value(&name.text, name.version),
            hold,
            note: self.names.note(&Note::Removed(name.clone())),
        });
        let begun = self.queue.begin();
        let done = ending(self.store().remove(removes.collect())).await;
        let operations = names.iter().map(|name| Operation::Remove(name.clone()));
        self.settle(cache, group, "remove", begun, operations, done)
    }

    /// Ends a hold, without waiting for that. If it fails the hold ends when its time is over.
    pub(super) fn release(&self, name: &Name) {
        let note = self.names.note(&Note::Removed(name.clone()));
        let key = self.names.value(&name.text, name.version);
        drop(self.store().remove(vec![Remove { key, hold: Duration::ZERO, note }]));
    }

    /// Ends the freshness of a value, which stays for this long.
    pub(crate) async fn expire(&self, target: &Target) -> Result<(), StoreError> {
        let name = target.name_in_notes();
        let keep = Duration::from_nanos(target.options.policy.longest());
        let note = self.names.note(&Note::Expired(name.clone()));
        let begun = self.queue.begin();
        let done = ending(self.store().expire(vec![Expire { key: self.name_of(target), keep, note }])).await;
        let operation = Operation::Expire(name, keep);
        self.settle(&target.cache, target.group, "expire", begun, [operation].into_iter(), done)
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

    async fn forget(&self, cache: &Cache, group: usize, names: Vec<String>, note: Note) -> Result<(), StoreError> {
        let begun = self.queue.begin();
        let done = ending(self.store().bump(names.clone(), self.names.note(&note))).await;
        self.settle(cache, group, "bump", begun, [Operation::Bump(names, note)].into_iter(), done)
    }

    /// Notes what became of invalidations.
    fn settle<T>(
        &self,
        cache: &Cache,
        group: usize,
        what: &'static str,
        begun: u64,
        operations: impl Iterator<Item = Operation>,
        done: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let now = cache.clock().now();
        match &done {
            Ok(_) => {
                self.answered(cache);
                operations.for_each(|operation| self.queue.acknowledge(operation, begun, now));
            }
            Err(error) => {
                self.failed(cache, group, what, error);
                if is_open(error) {
                    operations.for_each(|operation| self.queue.add(operation, now));
                }
            }
        }
        done
    }

    /// The generations of a target, which are made where there are none.
    async fn make_generations(&self, target: &Target) -> Result<Vec<Generation>, StoreError> {
        let names = self.generations_of(target);
        ending(self.store().generations(names, fastrand::u64(..), Self::generation_life(target))).await
    }

    /// Stores an entry that is known to be right; with `if_absent` if there is none that is fresh. Whether it is stored.
    pub(crate) async fn write(
        &self,
        target: &Target,
        wire: &'static Wire,
        entry: &Stored,
        if_absent: bool,
    ) -> Result<bool, WriteError> {
        let begun = self.queue.begin();
        let written = self.try_write(target, wire, entry, if_absent).await;
        match &written {
            Ok(stored) => {
                if *stored {
                    self.queue.overwritten(target.name_in_notes(), begun);
                }
                self.answered(&target.cache);
            }
            Err(WriteError::Store(error)) => self.failed(&target.cache, target.group, "write", error),
            Err(WriteError::Value(_)) => {}
        }
        written
    }

    async fn try_write(
        &self,
        target: &Target,
        wire: &'static Wire,
        entry: &Stored,
        if_absent: bool,
    ) -> Result<bool, WriteError> {
        let generations = self.make_generations(target).await?;
        let bytes = self.freeze(target, wire, entry, generations.clone(), 0).map_err(|error| {
            WriteError::Value(format!("a value of type `{}` can't be made bytes: {error}", wire.type_name()))
        })?;
        let header = &entry.header;
        let unless = if_absent.then(|| same(&generations, header.keep()));
        let note = self.names.note(&Note::Removed(target.name_in_notes()));
        let life = life(header.timeout().saturating_add(header.keep()));
        let write = Write { key: self.name_of(target), value: bytes, life, unless, note };
        let written = ending(self.store().write(vec![write])).await?;
        Ok(written.first().copied().unwrap_or(false))
    }

    /// Adds to a number.
    pub(crate) async fn increment(&self, target: &Target, by: i64) -> Result<Incremented, StoreError> {
        let sum = self.try_increment(target, by).await;
        match &sum {
            Ok(_) => self.answered(&target.cache),
            Err(error) => self.failed(&target.cache, target.group, "increment", error),
        }
        sum
    }

    async fn try_increment(&self, target: &Target, by: i64) -> Result<Incremented, StoreError> {
        let Some(wire) = target.cache.wire_of::<i64>() else {
            return Err(StoreError::new(StoreErrorKind::Refused, "numbers can't be made bytes"));
        };
        let generations = self.make_generations(target).await?;
        let (timeout, keep) = (target.timeout(), target.options.policy.longest());
        let refused = |error: WireError| StoreError::new(StoreErrorKind::Refused, error.to_string());
        let head = Head {
            nothing: false,
            form: Form::Number,
            fingerprint: wire.fingerprint().map_err(refused)?,
            types: target.types,
            created_ms: crate::clock::unix_millis(),
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
            note: self.names.note(&Note::Removed(target.name_in_notes())),
        };
        ending(self.store().increment(increment)).await
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
            "the shared tier has done it, but the other processes were not told; their memory may \
                                   keep the old value for up to its timeout"
        }
        _ => {
            "the shared tier did not acknowledge it; this process acts on it, and sends it again when the tier answers"
        }
    };
    Error::new(ErrorKind::NotAcknowledged, operation, subject, message).with_source(error)
}

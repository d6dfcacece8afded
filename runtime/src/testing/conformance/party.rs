//! One process that uses the store: the operations of a store, one at a time, and waited for.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::{block_on, or};

use super::Outcome;
use super::elements::{HOLDER, LONG, fill, lease, read, release, remove, write};
use super::subject::Subject;
use crate::shared::{
    Expire, Fill, Found, HoldOff, Increment, Incremented, Lease, Leased, Opening, Over, Pending, Read, Release, Remove,
    Renew, Store, Token, Turn, Write,
};
use crate::testing::Witness;

pub(super) struct Party {
    pub(super) store: Arc<dyn Store>,
    pub(super) witness: Arc<Witness>,
    /// What no operation may take, far beyond its deadline.
    limit: Duration,
}

impl Party {
    pub(super) fn open(subject: &Subject, namespace: &str) -> Self {
        let (store, witness) = (subject.make(), Arc::new(Witness::default()));
        store.open(Opening::new(namespace, subject.deadline, Arc::<Witness>::clone(&witness)));
        Self { store, witness, limit: subject.deadline * 2 + subject.patience }
    }

    /// What an operation comes to. Real time is its limit, whatever the store takes for time.
    fn end<T>(&self, operation: &str, pending: Pending<T>) -> Outcome<T> {
        let ended =
            async { pending.await.map_err(|error| format!("`{operation}` failed: {:?}: {error}", error.kind())) };
        let late = async {
            futures_timer::Delay::new(self.limit).await;
            Err(format!("`{operation}` has not ended after {:?}", self.limit))
        };
        block_on(or(ended, late))
    }

    /// The same for a list, which has to come to as many outcomes.
    fn each<T>(&self, operation: &str, elements: usize, pending: Pending<Vec<T>>) -> Outcome<Vec<T>> {
        let outcomes = self.end(operation, pending)?;
        ensure!(outcomes.len() == elements, "`{operation}` of {elements} came to {} outcomes", outcomes.len());
        Ok(outcomes)
    }

    pub(super) fn notes(&self) -> Vec<String> {
        self.witness.notes().iter().map(|note| String::from_utf8_lossy(note).into_owned()).collect()
    }

    pub(super) fn read_each(&self, reads: Vec<Read>) -> Outcome<Vec<Found>> {
        self.each("read", reads.len(), self.store.read(reads))
    }

    pub(super) fn found(&self, read: Read) -> Outcome<Found> {
        one(self.read_each(vec![read])?)
    }

    pub(super) fn value(&self, key: &str) -> Outcome<Option<Vec<u8>>> {
        Ok(self.found(read(key))?.value)
    }

    /// What remains of a value, which has to be there.
    pub(super) fn remaining(&self, key: &str) -> Outcome<Duration> {
        let found = self.found(Read { life: true, ..read(key) })?;
        found.remaining.ok_or_else(|| format!("no time remains: {found:?}"))
    }

    pub(super) fn lease_each(&self, leases: Vec<Lease>) -> Outcome<Vec<Leased>> {
        self.each("lease", leases.len(), self.store.lease(leases))
    }

    pub(super) fn leased(&self, lease: Lease) -> Outcome<Leased> {
        one(self.lease_each(vec![lease])?)
    }

    /// Takes a long lease; whose turn it is.
    pub(super) fn turn(&self, key: &str, token: Token, over: Over) -> Outcome<Turn> {
        Ok(self.leased(lease(key, token, over, LONG))?.turn)
    }

    /// Takes a lease that nobody may have, in spite of a value; the holder's token.
    pub(super) fn lead(&self, key: &str) -> Outcome<Token> {
        let token = fastrand::u128(..);
        let turn = self.turn(key, token, Over::value(b""))?;
        ensure!(turn == Turn::Lead, "a lease that nobody has came to {turn:?}");
        Ok(token)
    }

    pub(super) fn fill_each(&self, fills: Vec<Fill>) -> Outcome<Vec<bool>> {
        self.each("fill", fills.len(), self.store.fill(fills))
    }

    pub(super) fn fill(&self, key: &str, token: Token, value: &[u8]) -> Outcome<bool> {
        one(self.fill_each(vec![fill(key, token, value)])?)
    }

    pub(super) fn release(&self, key: &str, token: Token) -> Outcome {
        self.release_each(vec![release(key, token)])
    }

    pub(super) fn release_each(&self, releases: Vec<Release>) -> Outcome {
        self.end("release", self.store.release(releases))
    }

    pub(super) fn renew_each(&self, renews: Vec<Renew>) -> Outcome<Vec<bool>> {
        self.each("renew", renews.len(), self.store.renew(renews))
    }

    pub(super) fn renew(&self, key: &str, token: Token, time: Duration) -> Outcome<bool> {
        one(self.renew_each(vec![Renew { key: key.to_owned(), token, time }])?)
    }

    pub(super) fn write_each(&self, writes: Vec<Write>) -> Outcome<Vec<bool>> {
        self.each("write", writes.len(), self.store.write(writes))
    }

    /// Writes, as the element says; whether it was stored.
    pub(super) fn write_as(&self, write: Write) -> Outcome<bool> {
        one(self.write_each(vec![write])?)
    }

    /// Writes for a long time, which has to succeed.
    pub(super) fn write(&self, key: &str, value: &[u8]) -> Outcome {
        let stored = self.write_as(write(key, value, Some(LONG)))?;
        ensure!(stored, "a write was not stored");
        Ok(())
    }

    pub(super) fn increment(&self, increment: Increment) -> Outcome<Incremented> {
        self.end("increment", self.store.increment(increment))
    }

    pub(super) fn remove_each(&self, removes: Vec<Remove>) -> Outcome<Vec<bool>> {
        self.each("remove", removes.len(), self.store.remove(removes))
    }

    pub(super) fn remove(&self, key: &str) -> Outcome<bool> {
        self.hold_off(key, HoldOff::Unchanged)
    }

    /// Removes, and holds fills off for this long.
    pub(super) fn hold(&self, key: &str, time: Duration) -> Outcome<bool> {
        self.hold_off(key, HoldOff::Begun(HOLDER, time))
    }

    /// Removes, and ends that.
    pub(super) fn end_hold(&self, key: &str) -> Outcome<bool> {
        self.hold_off(key, HoldOff::Ended(HOLDER))
    }

    pub(super) fn hold_off(&self, key: &str, hold: HoldOff) -> Outcome<bool> {
        one(self.remove_each(vec![Remove { hold, ..remove(key, "removed") }])?)
    }

    pub(super) fn expire_each(&self, expires: Vec<Expire>) -> Outcome {
        self.end("expire", self.store.expire(expires))
    }

    pub(super) fn expire(&self, key: &str, keep: Duration) -> Outcome {
        self.expire_each(vec![Expire { key: key.to_owned(), keep, note: b"expired".to_vec() }])
    }

    pub(super) fn bump(&self, generations: &[&str]) -> Outcome {
        let generations = generations.iter().map(|&generation| generation.to_owned()).collect();
        self.end("bump", self.store.bump(generations, b"bumped".to_vec()))
    }

    pub(super) fn purge(&self, namespace: &str) -> Outcome<u64> {
        self.end("purge", self.store.purge(namespace))
    }
}

/// The only outcome of a list of one.
fn one<T>(outcomes: Vec<T>) -> Outcome<T> {
    outcomes.into_iter().next().ok_or_else(|| "no outcome".to_owned())
}

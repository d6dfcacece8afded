//! A store that is open, and the elements of its lists with what most tests don't care about filled in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_lite::future::block_on;
use larder::Redis;
use larder::shared::{
    Fill, Found, HoldOff, Increment, Lease, Moment, Opening, Over, Read, Remove, Same, Store as _, StoreError,
    StoreErrorKind, Turn, Which, Write,
};
use larder::testing::{Seen, Witness};
use larder_kit::until;

/// No operation of a healthy server takes so long, on a busy machine either.
pub(crate) const PATIENT: Duration = Duration::from_secs(10);

/// A time that no test outlasts.
pub(crate) const LONG: Duration = Duration::from_secs(600);

/// A store as a process has it.
pub(crate) struct Shop {
    pub(crate) store: Redis,
    pub(crate) witness: Arc<Witness>,
    pub(crate) namespace: String,
}

impl Shop {
    /// A store of this URL, connected.
    pub(crate) fn open(url: &str) -> Self {
        Self::new(Redis::url(url).unwrap(), PATIENT).connected()
    }

    /// The store, opened in a namespace of its own, that may not be connected yet.
    pub(crate) fn new(store: Redis, deadline: Duration) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let namespace = format!("shop{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let witness = Arc::new(Witness::default());
        store.open(Opening::new(&namespace, deadline, witness.clone()));
        Self { store, witness, namespace }
    }

    pub(crate) fn connected(self) -> Self {
        until("the store to be reached", || self.witness.seen().contains(&Seen::Reached));
        self
    }

    pub(crate) fn key(&self, text: &str) -> String {
        format!("{}:v1:{{{text}}}", self.namespace)
    }

    pub(crate) fn read(&self, key: &str) -> Result<Found, StoreError> {
        let read = Read { key: key.to_owned(), generations: [].into(), life: true };
        block_on(self.store.read(vec![read])).map(|mut found| found.remove(0))
    }

    pub(crate) fn value(&self, key: &str) -> Option<Vec<u8>> {
        self.read(key).unwrap().value
    }

    pub(crate) fn write(&self, key: &str, value: &str) -> Result<bool, StoreError> {
        block_on(self.store.write(vec![write(key, value)])).map(|stored| stored == [true])
    }

    pub(crate) fn remove(&self, key: &str) -> Result<bool, StoreError> {
        block_on(self.store.remove(vec![remove(key)])).map(|was| was == [true])
    }

    pub(crate) fn lease(&self, lease: Lease) -> Result<(Turn, Vec<u64>), StoreError> {
        let mut leased = block_on(self.store.lease(vec![lease]))?;
        let leased = leased.remove(0);
        Ok((leased.turn, leased.generations))
    }

    pub(crate) fn fill(&self, fill: Fill) -> Result<bool, StoreError> {
        block_on(self.store.fill(vec![fill])).map(|stored| stored == [true])
    }

    /// Which kind of failure a write comes to, again and again, until it is this one.
    pub(crate) fn until_write_fails(&self, kind: StoreErrorKind) {
        let key = self.key("probe");
        until(format_args!("a write to fail as {kind:?}"), || {
            self.write(&key, "value").is_err_and(|error| error.kind() == kind)
        });
    }

    /// Until operations succeed again.
    pub(crate) fn until_it_works(&self) {
        let key = self.key("probe");
        until("a write to succeed", || self.write(&key, "value").is_ok());
    }

    /// Until the store vouches for a moment from now on, without having lost anything since.
    pub(crate) fn until_it_vouches(&self) -> Moment {
        let now = larder::shared::Watcher::now(&*self.witness);
        let mut moment = None;
        until("the store to vouch", || {
            moment = self.vouched().filter(|vouched| *vouched > now);
            moment.is_some()
        });
        moment.unwrap()
    }

    /// The last moment for which the store has vouched, if nothing was lost since.
    pub(crate) fn vouched(&self) -> Option<Moment> {
        let seen = self.witness.seen();
        let last = seen.iter().rev().find(|seen| matches!(seen, Seen::Vouched(..) | Seen::Lost));
        match last {
            Some(Seen::Vouched(moment, _)) => Some(*moment),
            _ => None,
        }
    }

    pub(crate) fn until_told(&self, note: &str) {
        until(format_args!("the note {note}"), || self.witness.notes().iter().any(|told| told == note.as_bytes()));
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.store.close();
    }
}

pub(crate) fn write(key: &str, value: &str) -> Write {
    let (key, value) = (key.to_owned(), value.as_bytes().to_vec());
    Write { key, value, life: Some(LONG), unless: None, note: b"written".to_vec() }
}

pub(crate) fn remove(key: &str) -> Remove {
    Remove { key: key.to_owned(), hold: HoldOff::Unchanged, which: Which::Any, note: b"removed".to_vec() }
}

pub(crate) fn lease(key: &str, token: u128, over: Over) -> Lease {
    Lease { key: key.to_owned(), token, time: LONG, over, generations: [].into(), fresh: 7, keep: LONG }
}

pub(crate) fn fill(key: &str, token: u128, value: &str) -> Fill {
    let (key, value) = (key.to_owned(), value.as_bytes().to_vec());
    Fill { key, token, value, life: Some(LONG), note: b"filled".to_vec() }
}

/// A number behind `n:`.
pub(crate) fn increment(key: &str, by: i64) -> Increment {
    let same = Same { at: 0, bytes: b"n".to_vec(), keep: Duration::ZERO };
    let (head, mark) = (b"n:".to_vec(), (1, b':'));
    Increment { key: key.to_owned(), by, head, same, mark, life: Some(LONG), note: Vec::new() }
}

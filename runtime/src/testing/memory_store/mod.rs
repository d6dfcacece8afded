//! A shared tier inside one process, for tests: every process is a clone, and everything that can go wrong is arranged by hand.

mod answer;
mod audience;
mod control;
mod faults;
mod gate;
mod number;
mod operation;
mod process;
mod shelf;
mod world;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use self::faults::Lost;
pub use self::gate::{Gate, When};
pub use self::operation::Operation;
pub use self::process::Process;
use self::world::{Done, User, World};
use crate::clock::Clock;
use crate::shared::{
    Expire, Fill, Found, Generation, Increment, Incremented, Lease, Leased, Opening, Pending, Read, Release, Remove,
    Renew, Store, Write,
};

/// A [`Store`] in the memory of one process, for tests of programs, of stores, and of larder.
///
/// Clones hold the same: each is another process that uses the store, and each is given to one cache. The one that the test keeps
/// arranges what goes wrong, for all processes, or for one of them ([`process`](Self::process)). An operation happens when it is
/// begun, and ends at once, unless the test holds it at a [`Gate`]; notes are told before it ends. Lives, leases, holds and
/// generations end by the clock that it was made with: usually a [`ManualClock`](crate::testing::ManualClock), which the caches
/// have as well.
///
/// ```
/// use std::time::Duration;
/// use futures_lite::future::block_on;
/// use larder::shared::{Read, Store, StoreErrorKind, Write};
/// use larder::testing::{Lost, ManualClock, MemoryStore, Operation};
///
/// let minute = Duration::from_secs(60);
/// let write = || Write { key: "shop:v0:{1}".into(), value: b"new".into(), life: Some(minute), unless: None, note: vec![] };
/// let read = || Read { key: "shop:v0:{1}".into(), generations: [].into(), life: true };
///
/// let clock = ManualClock::new();
/// let store = MemoryStore::new(clock.clone());
/// let process = store.clone(); // what a cache is given
/// assert!(block_on(process.write(vec![write()]))?[0]);
/// clock.advance(Duration::from_secs(20));
/// let found = block_on(process.read(vec![read()]))?.remove(0);
/// assert_eq!((found.value, found.remaining), (Some(b"new".to_vec()), Some(Duration::from_secs(40))));
///
/// store.plant("shop:v0:{1}", b"corrupt", None);
/// store.time_out_next(&[Operation::Write], 1, Lost::Answer); // it happens, but who asked for it does not know
/// assert_eq!(block_on(process.write(vec![write()])).unwrap_err().kind(), StoreErrorKind::TimedOut);
/// assert_eq!(store.peek("shop:v0:{1}").unwrap(), b"new");
///
/// store.down();
/// assert_eq!(block_on(process.read(vec![read()])).unwrap_err().kind(), StoreErrorKind::Unavailable);
/// assert_eq!((store.calls(Operation::Read), store.calls(Operation::Write)), (2, 2));
/// # Ok::<(), larder::shared::StoreError>(())
/// ```
///
/// # Memory in front of it
///
/// It vouches for what memories hold, each time for three seconds, to every process that hears all notes: when an operation has
/// happened and when the manual clock is moved. So memory in front of it is used throughout, until the test stops the notes
/// ([`keep_notes`](Self::keep_notes), [`drop_notes`](Self::drop_notes)) or takes the store [`down`](Self::down).
pub struct MemoryStore {
    world: Arc<World>,
    user: Mutex<Option<User>>,
}

impl MemoryStore {
    /// An empty store, whose time is that of this clock.
    #[must_use]
    pub fn new(clock: impl Into<Clock>) -> Self {
        Self { world: World::new(clock.into()), user: Mutex::default() }
    }

    fn user(&self) -> Option<User> {
        self.user.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn run<T: Send + 'static>(
        &self,
        operation: Operation,
        elements: usize,
        act: impl FnOnce(&mut shelf::Shelf, u64) -> Done<T> + Send + 'static,
    ) -> Pending<T> {
        self.world.run(self.user(), (operation, elements), act)
    }
}

/// Another process, which has not opened the store yet.
impl Clone for MemoryStore {
    fn clone(&self) -> Self {
        Self { world: Arc::clone(&self.world), user: Mutex::default() }
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("keys", &self.keys()).finish_non_exhaustive()
    }
}

/// The outcomes of a list, and those notes that are to be passed on.
fn each<T, E>(elements: Vec<T>, act: impl FnMut(T) -> (E, Option<Vec<u8>>)) -> Done<Vec<E>> {
    let (outcomes, notes): (Vec<E>, Vec<Option<Vec<u8>>>) = elements.into_iter().map(act).unzip();
    (outcomes, notes.into_iter().flatten().collect())
}

impl Store for MemoryStore {
    fn open(&self, opening: Opening) {
        let seat = self.world.audience.admit(opening.namespace.clone(), opening.watcher);
        let user = User { seat, namespace: opening.namespace, deadline: opening.deadline };
        *self.user.lock().unwrap_or_else(PoisonError::into_inner) = Some(user);
        let down = self.world.faults().down;
        if !down {
            self.world.audience.reach(seat);
            self.world.tell();
        }
    }

    fn read(&self, reads: Vec<Read>) -> Pending<Vec<Found>> {
        self.run(Operation::Read, reads.len(), move |shelf, now| {
            (reads.iter().map(|read| shelf.read(read, now)).collect(), Vec::new())
        })
    }

    fn lease(&self, leases: Vec<Lease>) -> Pending<Vec<Leased>> {
        self.run(Operation::Lease, leases.len(), move |shelf, now| {
            (leases.iter().map(|lease| shelf.lease(lease, now)).collect(), Vec::new())
        })
    }

    fn generations(&self, names: Vec<String>, fresh: Generation, keep: Duration) -> Pending<Vec<Generation>> {
        self.run(Operation::Generations, names.len(), move |shelf, now| {
            (names.iter().map(|text| shelf.make_generation(text, fresh, keep, now)).collect(), Vec::new())
        })
    }

    fn fill(&self, fills: Vec<Fill>) -> Pending<Vec<bool>> {
        self.run(Operation::Fill, fills.len(), move |shelf, now| each(fills, |fill| shelf.fill(fill, now)))
    }

    fn release(&self, releases: Vec<Release>) -> Pending<()> {
        self.run(Operation::Release, releases.len(), move |shelf, now| {
            let (_, notes) = each(releases, |release| ((), shelf.release(release, now)));
            ((), notes)
        })
    }

    fn renew(&self, renews: Vec<Renew>) -> Pending<Vec<bool>> {
        self.run(Operation::Renew, renews.len(), move |shelf, now| {
            (renews.iter().map(|renew| shelf.renew(renew, now)).collect(), Vec::new())
        })
    }

    fn write(&self, writes: Vec<Write>) -> Pending<Vec<bool>> {
        self.run(Operation::Write, writes.len(), move |shelf, now| each(writes, |write| shelf.write(write, now)))
    }

    fn increment(&self, increment: Increment) -> Pending<Incremented> {
        self.run(Operation::Increment, 1, move |shelf, now| {
            let (outcome, note) = shelf.increment(increment, now);
            (outcome, note.into_iter().collect())
        })
    }

    fn remove(&self, removes: Vec<Remove>) -> Pending<Vec<bool>> {
        self.run(Operation::Remove, removes.len(), move |shelf, now| each(removes, |remove| shelf.remove(remove, now)))
    }

    fn expire(&self, expires: Vec<Expire>) -> Pending<()> {
        self.run(Operation::Expire, expires.len(), move |shelf, now| {
            let (_, notes) = each(expires, |expire| (shelf.expire(&expire, now), Some(expire.note)));
            ((), notes)
        })
    }

    fn bump(&self, generations: Vec<String>, note: Vec<u8>) -> Pending<()> {
        self.run(Operation::Bump, generations.len(), move |shelf, _| {
            for generation in &generations {
                shelf.bump(generation);
            }
            ((), vec![note])
        })
    }

    fn purge(&self, namespace: &str) -> Pending<u64> {
        let namespace = namespace.to_owned();
        self.run(Operation::Purge, 1, move |shelf, now| (shelf.purge(&namespace, now), Vec::new()))
    }

    fn close(&self) {
        if let Some(user) = self.user() {
            self.world.audience.dismiss(user.seat);
        }
    }
}

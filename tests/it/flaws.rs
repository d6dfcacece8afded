//! Stores that don't do what a store has to do: the one in memory, or another, with one operation replaced.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_lite::future::block_on;
use larder::shared::{
    Expire, Fill, Found, Generation, Increment, Incremented, Lease, Leased, Moment, Opening, Pending, Read, Release,
    Remove, Renew, Store, Watcher, Write,
};
use larder::testing::MemoryStore;

/// Another way to do an operation.
type Hand<S, A, T> = Box<dyn Fn(&S, A) -> Pending<T> + Send + Sync>;

/// How each operation is done.
pub(crate) struct Hands<S = MemoryStore> {
    pub(crate) open: Box<dyn Fn(Opening) -> Opening + Send + Sync>,
    pub(crate) read: Hand<S, Vec<Read>, Vec<Found>>,
    pub(crate) lease: Hand<S, Vec<Lease>, Vec<Leased>>,
    pub(crate) fill: Hand<S, Vec<Fill>, Vec<bool>>,
    pub(crate) release: Hand<S, Vec<Release>, ()>,
    pub(crate) renew: Hand<S, Vec<Renew>, Vec<bool>>,
    pub(crate) write: Hand<S, Vec<Write>, Vec<bool>>,
    pub(crate) increment: Hand<S, Increment, Incremented>,
    pub(crate) remove: Hand<S, Vec<Remove>, Vec<bool>>,
    pub(crate) expire: Hand<S, Vec<Expire>, ()>,
    pub(crate) bump: Hand<S, (Vec<String>, Vec<u8>), ()>,
    pub(crate) purge: Hand<S, String, u64>,
}

impl<S: Store> Default for Hands<S> {
    fn default() -> Self {
        Self {
            open: Box::new(|opening| opening),
            read: Box::new(Store::read),
            lease: Box::new(Store::lease),
            fill: Box::new(Store::fill),
            release: Box::new(Store::release),
            renew: Box::new(Store::renew),
            write: Box::new(Store::write),
            increment: Box::new(Store::increment),
            remove: Box::new(Store::remove),
            expire: Box::new(Store::expire),
            bump: Box::new(|store, (generations, note)| store.bump(generations, note)),
            purge: Box::new(|store, namespace| store.purge(&namespace)),
        }
    }
}

/// What is wrong with a store, and the checks that have to notice it.
pub(crate) struct Flaw {
    pub(crate) name: &'static str,
    pub(crate) bring_in: fn(&mut Hands),
    pub(crate) noticed_by: &'static [&'static str],
}

pub(crate) struct Flawed<S = MemoryStore> {
    store: S,
    hands: Hands<S>,
    name: &'static str,
}

impl Flawed {
    /// Another process of this store, with this flaw.
    pub(crate) fn new(store: &MemoryStore, flaw: &Flaw) -> Self {
        Self::with(store, flaw.name, flaw.bring_in)
    }

    /// The same with what only one test wants.
    pub(crate) fn with(store: &MemoryStore, name: &'static str, bring_in: impl FnOnce(&mut Hands)) -> Self {
        Self::over(store.clone(), name, bring_in)
    }
}

impl<S: Store> Flawed<S> {
    /// The same with another store.
    pub(crate) fn over(store: S, name: &'static str, bring_in: impl FnOnce(&mut Hands<S>)) -> Self {
        let mut hands = Hands::default();
        bring_in(&mut hands);
        Self { store, hands, name }
    }
}

impl<S> fmt::Debug for Flawed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a store that {}", self.name)
    }
}

impl<S: Store> Store for Flawed<S> {
    fn open(&self, opening: Opening) {
        self.store.open((self.hands.open)(opening));
    }

    fn read(&self, reads: Vec<Read>) -> Pending<Vec<Found>> {
        (self.hands.read)(&self.store, reads)
    }

    fn lease(&self, leases: Vec<Lease>) -> Pending<Vec<Leased>> {
        (self.hands.lease)(&self.store, leases)
    }

    fn generations(&self, names: Vec<String>, fresh: Generation, keep: Duration) -> Pending<Vec<Generation>> {
        self.store.generations(names, fresh, keep)
    }

    fn fill(&self, fills: Vec<Fill>) -> Pending<Vec<bool>> {
        (self.hands.fill)(&self.store, fills)
    }

    fn release(&self, releases: Vec<Release>) -> Pending<()> {
        (self.hands.release)(&self.store, releases)
    }

    fn renew(&self, renews: Vec<Renew>) -> Pending<Vec<bool>> {
        (self.hands.renew)(&self.store, renews)
    }

    fn write(&self, writes: Vec<Write>) -> Pending<Vec<bool>> {
        (self.hands.write)(&self.store, writes)
    }

    fn increment(&self, increment: Increment) -> Pending<Incremented> {
        (self.hands.increment)(&self.store, increment)
    }

    fn remove(&self, removes: Vec<Remove>) -> Pending<Vec<bool>> {
        (self.hands.remove)(&self.store, removes)
    }

    fn expire(&self, expires: Vec<Expire>) -> Pending<()> {
        (self.hands.expire)(&self.store, expires)
    }

    fn bump(&self, generations: Vec<String>, note: Vec<u8>) -> Pending<()> {
        (self.hands.bump)(&self.store, (generations, note))
    }

    fn purge(&self, namespace: &str) -> Pending<u64> {
        (self.hands.purge)(&self.store, namespace.to_owned())
    }

    fn close(&self) {
        self.store.close();
    }
}

/// A watcher between the store and the cache, which changes or loses what is said.
pub(crate) struct Between {
    watcher: Arc<dyn Watcher>,
    tell: fn(&dyn Watcher, &[u8]),
    /// Notes are told one too late.
    late: Option<Mutex<Vec<u8>>>,
    /// So many times longer is vouched.
    times: u32,
}

impl Between {
    pub(crate) fn open(opening: &Opening, tell: fn(&dyn Watcher, &[u8]), late: bool) -> Opening {
        let watcher = Arc::clone(&opening.watcher);
        let between = Self { watcher, tell, late: late.then(Mutex::default), times: 1 };
        between.opening(opening)
    }

    pub(crate) fn vouching(opening: &Opening, times: u32) -> Opening {
        let watcher = Arc::clone(&opening.watcher);
        Self { watcher, tell: |watcher, note| watcher.told(note), late: None, times }.opening(opening)
    }

    fn opening(self, opening: &Opening) -> Opening {
        Opening::new(opening.namespace.clone(), opening.deadline, Arc::new(self))
    }
}

impl Watcher for Between {
    fn told(&self, note: &[u8]) {
        match &self.late {
            Some(late) => {
                let before = std::mem::replace(&mut *late.lock().unwrap(), note.to_vec());
                self.watcher.told(&before);
            }
            None => (self.tell)(&*self.watcher, note),
        }
    }

    fn now(&self) -> Moment {
        self.watcher.now()
    }

    fn vouch(&self, asked: Moment, time: Duration) {
        self.watcher.vouch(asked, time * self.times);
    }

    fn lost(&self) {
        self.watcher.lost();
    }

    fn disconnected(&self) {
        self.watcher.disconnected();
    }

    fn reached(&self) {
        self.watcher.reached();
    }
}

pub(crate) fn done<T: Send + 'static>(outcome: T) -> Pending<T> {
    Box::pin(std::future::ready(Ok(outcome)))
}

/// The outcome of an operation of the store in memory, which ends at once.
pub(crate) fn now<T>(pending: Pending<T>) -> T {
    block_on(pending).unwrap()
}

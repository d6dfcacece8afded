//! The seam of the shared tier: what a store has to do so that the caches of several processes agree.
//!
//! A store keeps bytes under texts, each for a time; hands out *leases* on them; keeps *generations*, random numbers that
//! are compared for equality only; and passes *notes* on to every process that uses it. What the bytes mean, when a lease is
//! taken and what is done with a note is the cache's business. The protocol is that of memcached's leases (Nishtala et al.,
//! NSDI 2013), with the lease beside the value, so that an old value can still be read while a new one is loaded.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use super::over::Over;
pub use super::store_error::{StoreError, StoreErrorKind};

/// What an operation of a [`Store`] comes to, when it has ended.
///
/// The operation begins when its method is called, not when the future is polled first, and it goes on when the future is
/// dropped: the future only waits for its end. Of leases alone, those that have not been asked for by then need not be taken.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// A place that the caches of several processes share.
///
/// [`Redis`](crate::Redis) is one. To use another, implement this trait, run [`conformance`](crate::testing::conformance)
/// in a test of yours, and give it to [`CacheBuilder::shared`](crate::CacheBuilder::shared).
///
/// # What has to hold
///
/// * Each element of a list is one atomic step; the list as a whole need not be. The results stand in the order of the list.
///   An implementation sends a list in one round trip where it can.
/// * Everything happens within the deadline of [`Opening::deadline`]: an operation that takes longer ends with
///   [`StoreErrorKind::TimedOut`]. A long list may be sent as several requests, one after the other, each of which has that deadline; the
///   first one that is late ends the operation. While the store is known to be out of reach, operations end at once with
///   [`StoreErrorKind::Unavailable`].
/// * A value, a lease and a generation are each gone when their time is over, and may be gone earlier. Lost state costs loads and
///   never correctness, except that a value must not come back that was removed or written over.
/// * Whatever is under a key that larder has not written, and however much, is read in bounded memory: what is longer than the longest value
///   (8 MiB), or empty, may be taken for no value. Larder stores neither.
/// * Methods don't block and don't panic.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Called once, before anything else, when the cache is built. Begins to connect; does not wait for it.
    fn open(&self, opening: Opening);

    /// Reads values, with what remains of their time, and generations. All that belongs to one read is seen in an order in which
    /// the time that remains is at least as old as the value: a value that is written meanwhile may look older, never younger.
    fn read(&self, reads: Vec<Read>) -> Pending<Vec<Found>>;

    /// Takes leases, as [`Lease::over`] says. Only the holder of a lease can [`fill`](Self::fill). The generations are read in the
    /// same step or after it; one that does not exist is made, from `fresh`, and lives for at least `Lease::keep` from now.
    fn lease(&self, leases: Vec<Lease>) -> Pending<Vec<Leased>>;

    /// Reads generations; one that does not exist is made, from `fresh`, and each lives for at least `keep` from now.
    fn generations(&self, names: Vec<String>, fresh: Generation, keep: Duration) -> Pending<Vec<Generation>>;

    /// Stores values for the holders of leases, and ends these; `false` where the lease is not the holder's any more: then
    /// nothing is stored. If somebody waits for the lease, the note is passed on.
    fn fill(&self, fills: Vec<Fill>) -> Pending<Vec<bool>>;

    /// Ends leases without a value, where they are still the holder's. The note is passed on if somebody waits, or if a value is
    /// removed.
    fn release(&self, releases: Vec<Release>) -> Pending<()>;

    /// Makes leases last for this long from now; `false` where one is not the holder's any more.
    fn renew(&self, renews: Vec<Renew>) -> Pending<Vec<bool>>;

    /// Stores values that are known to be right, and revokes the leases of their keys; `false` where [`Write::unless`] was met,
    /// or where fills are held off (see [`HoldOff`]): then nothing is stored. The note is passed on where something was.
    fn write(&self, writes: Vec<Write>) -> Pending<Vec<bool>>;

    /// Adds to a number, atomically, revokes the lease of its key, and passes the note on.
    fn increment(&self, increment: Increment) -> Pending<Incremented>;

    /// Removes values and revokes the leases of their keys, also where there is no value, and passes the notes on; whether there
    /// was a value. Nothing happens where [`Remove::which`] is another.
    fn remove(&self, removes: Vec<Remove>) -> Pending<Vec<bool>>;

    /// Shortens what remains of values to `Expire::keep`, revokes the leases of their keys, and passes the notes on.
    fn expire(&self, expires: Vec<Expire>) -> Pending<()>;

    /// Forgets generations, so that everything made under them is of no use, and passes the note on.
    fn bump(&self, generations: Vec<String>, note: Vec<u8>) -> Pending<()>;

    /// Removes every key of this namespace, to give memory back; returns how many values there were. These are the keys that begin with
    /// the namespace, a colon, a text without colons, and `:{`: a namespace whose name only begins so (`shop:eu` beside `shop`) keeps
    /// its own. Leases and holds go on until their time is over. Takes as long as the store is large.
    fn purge(&self, namespace: &str) -> Pending<u64>;

    /// The last clone of the cache is gone. What was begun goes on; then connections are closed.
    fn close(&self);
}

/// What a store is given when the cache is built.
#[derive(Clone)]
#[non_exhaustive]
pub struct Opening {
    /// The prefix of every key that the cache will name; notes are passed on between caches of one namespace.
    pub namespace: String,
    /// How long an operation may take.
    pub deadline: Duration,
    /// Who is told of notes.
    pub watcher: Arc<dyn Watcher>,
}

impl Opening {
    /// An opening, for tests of a store.
    pub fn new(namespace: impl Into<String>, deadline: Duration, watcher: Arc<dyn Watcher>) -> Self {
        Self { namespace: namespace.into(), deadline, watcher }
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening")
            .field("namespace", &self.namespace)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// Who is told what happens in a store: the cache. Its methods neither block nor panic, and may be called from any thread.
/// They may call methods of the store, [`close`](Store::close) too, so that no lock of the store may be held meanwhile.
pub trait Watcher: Send + Sync {
    /// A note that a process has passed on, this one included.
    fn told(&self, note: &[u8]);

    /// The current moment of the cache's clock, to be given to [`vouch`](Self::vouch).
    fn now(&self) -> Moment;

    /// Every note that was passed on before `asked` has been told. What memory holds may be used until this long after that
    /// moment. A store vouches again and again, about each second, and for ten at most: for so long a process may answer with what others
    /// have invalidated, if its connection was lost without a word. One that never does has no memory in front of it.
    fn vouch(&self, asked: Moment, time: Duration);

    /// Notes may have been missed, so that nothing may be used that memory holds. The store calls it when its connection is lost and
    /// again, before it vouches for the first time, when notes arrive again.
    fn lost(&self);

    /// The connection to the store was lost, and the next one may lead to a server that lacks what this one has acknowledged lately.
    /// The store calls it before it connects again, so that nothing of that is believed before it has been sent once more.
    fn disconnected(&self) {}

    /// The store can be reached, for the first time or again: what was not acknowledged is sent once more, and so is what was
    /// acknowledged lately.
    fn reached(&self);
}

/// A moment of the cache's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub(crate) u64);

/// A number that says whose a lease is. 128 random bits: it is never used twice.
pub type Token = u128;

/// A random number that stands for the state of everything that is invalidated together.
pub type Generation = u64;

/// One value to be read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The text of the key.
    pub key: String,
    /// The generations to be read with it. Most keys of a function have the same.
    pub generations: Arc<[String]>,
    /// Whether its remaining time is asked for.
    pub life: bool,
}

/// What a read has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The bytes.
    pub value: Option<Vec<u8>>,
    /// What remains of its time, if that was asked for and there is a value.
    pub remaining: Option<Duration>,
    /// The generations, in their order; `None` for one that does not exist.
    pub generations: Vec<Option<Generation>>,
}

impl Found {
    /// The bytes, unless no time remains. Such a value has ended, or came between the questions for its time and for itself: the
    /// lease, which asks for both at once, knows, and is not to be taken in spite of it.
    pub(crate) fn living(&self) -> Option<&[u8]> {
        self.value.as_deref().filter(|_| self.remaining != Some(Duration::ZERO))
    }

    /// The generations, if all of them exist.
    pub(crate) fn all_generations(&self) -> Option<Vec<Generation>> {
        self.generations.iter().copied().collect()
    }
}

/// A lease to be taken.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The text of the key.
    pub key: String,
    /// The holder's.
    pub token: Token,
    /// How long it lasts if its holder says nothing more.
    pub time: Duration,
    /// What it is taken in spite of.
    pub over: Over,
    /// Generations to be read.
    pub generations: Arc<[String]>,
    /// The number of those that do not exist.
    pub fresh: Generation,
    /// How long generations last at least.
    pub keep: Duration,
}

/// What came of taking a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// Whose turn it is.
    pub turn: Turn,
    /// The generations, in their order.
    pub generations: Vec<Generation>,
}

/// Whose turn it is to load a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The caller's: it has the lease.
    Lead,
    /// Nobody's: there is a value, with this time remaining, which the lease does not [permit](Over::permits_value).
    Hit(Vec<u8>, Duration),
    /// Somebody else's, whom the lease does not [permit](Over::permits_holder). The store notes that somebody waits.
    Wait {
        /// How long that lease lasts.
        left: Duration,
        /// Whose it is.
        holder: Token,
    },
    /// Everybody's: fills are held off for this long (see [`HoldOff`]).
    Hold(Duration),
}

/// A value to be stored by the holder of a lease.
#[derive(Clone, Debug)]
pub struct Fill {
    /// The text of the key.
    pub key: String,
    /// The holder's.
    pub token: Token,
    /// The bytes.
    pub value: Vec<u8>,
    /// How long they are kept. `None`: as long as the store keeps anything.
    pub life: Option<Duration>,
    /// What those are told who wait.
    pub note: Vec<u8>,
}

/// A lease that is to last.
#[derive(Clone, Debug)]
pub struct Renew {
    /// The text of the key.
    pub key: String,
    /// The holder's.
    pub token: Token,
    /// How long it lasts from now.
    pub time: Duration,
}

/// A lease to be ended.
#[derive(Clone, Debug)]
pub struct Release {
    /// The text of the key.
    pub key: String,
    /// The holder's.
    pub token: Token,
    /// The value that is there goes with it.
    pub value: bool,
    /// What those are told who wait; everybody, if the value goes.
    pub note: Vec<u8>,
}

/// A value to be stored because somebody knows that it is right.
#[derive(Clone, Debug)]
pub struct Write {
    /// The text of the key.
    pub key: String,
    /// The bytes.
    pub value: Vec<u8>,
    /// How long they are kept. `None`: as long as the store keeps anything.
    pub life: Option<Duration>,
    /// Nothing is stored if there is such a value.
    pub unless: Option<Same>,
    /// What everybody is told.
    pub note: Vec<u8>,
}

/// Describes a value that counts as being there: these bytes stand in it at this place, and more than `keep` of its time
/// remains.
#[derive(Clone, Debug)]
pub struct Same {
    /// How many bytes stand before them.
    pub at: usize,
    /// What is compared.
    pub bytes: Vec<u8>,
    /// What has to remain of its time.
    pub keep: Duration,
}

/// A number to be added to.
#[derive(Clone, Debug)]
pub struct Increment {
    /// The text of the key.
    pub key: String,
    /// What is added.
    pub by: i64,
    /// What stands in front of a new number. The text of every number, in decimal digits, begins behind as many bytes.
    pub head: Vec<u8>,
    /// What counts as being there; another value is as good as none, and written over.
    pub same: Same,
    /// A value that is there is a number if it has this byte at this place.
    pub mark: (usize, u8),
    /// How long a new number is kept; one that is there keeps its time.
    pub life: Option<Duration>,
    /// What everybody is told.
    pub note: Vec<u8>,
}

/// What came of adding to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incremented {
    /// The sum, which is stored.
    Sum(i64),
    /// The value is no number.
    NoNumber,
    /// The sum is no `i64`.
    Overflow,
    /// Fills are held off (see [`HoldOff`]).
    Held,
}

/// A value to be removed.
#[derive(Clone, Debug)]
pub struct Remove {
    /// The text of the key.
    pub key: String,
    /// Whether fills and writes of the key are refused from now on.
    pub hold: HoldOff,
    /// Which value is meant.
    pub which: Which,
    /// What everybody is told.
    pub note: Vec<u8>,
}

/// Which value a removal means. If there is another, nothing happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Whatever there is, and that there is none.
    #[default]
    Any,
    /// One that begins with these bytes.
    Beginning(Vec<u8>),
    /// One that does not begin with these bytes, and that there is none.
    NotBeginning(Vec<u8>),
}

impl Which {
    /// Is this one meant?
    #[must_use]
    pub fn means(&self, there: Option<&[u8]>) -> bool {
        match self {
            Self::Any => true,
            Self::Beginning(bytes) => there.is_some_and(|value| value.starts_with(bytes)),
            Self::NotBeginning(bytes) => !there.is_some_and(|value| value.starts_with(bytes)),
        }
    }
}

/// What a removal does about holding off: while somebody holds a key off, its fills and writes are refused. Several may hold it off at
/// one time, each until it ends that or its time is over. Who begins twice has begun once, the last time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HoldOff {
    /// Nothing: who holds it off goes on.
    #[default]
    Unchanged,
    /// Somebody begins, and ends it after this time at the latest.
    Begun(Token, Duration),
    /// Somebody who began ends it.
    Ended(Token),
}

/// A value that is no longer fresh.
#[derive(Clone, Debug)]
pub struct Expire {
    /// The text of the key.
    pub key: String,
    /// The most that remains of its time; zero removes it.
    pub keep: Duration,
    /// What everybody is told.
    pub note: Vec<u8>,
}

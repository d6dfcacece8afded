//! The shared tier of one cache: the store, the names of things in it, and what this process knows about it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use event_listener::{Event, EventListener};

use super::ahead::Ahead;
use super::envelope::Limits;
use super::marks::Marks;
use super::names::Names;
use super::queue::Queue;
use super::settings::Terms;
use super::store::{Opening, Store, StoreError};
use super::trouble::Trouble;
use super::watch::Watch;
use super::wire::WireError;
use crate::cache::{Cache, Inner};
use crate::clock::NEVER;
use crate::site::sites;
use crate::stats::count;
use crate::target::Target;

/// A power of two.
const WAITERS: usize = 64;

/// What a cache with a shared tier is built with.
#[derive(Clone)]
pub(crate) struct Sharing {
    pub(crate) store: Arc<dyn Store>,
    /// A cache has been built with the store.
    pub(crate) taken: Arc<AtomicBool>,
    /// Memory keeps what was read.
    pub(crate) in_memory: bool,
}

impl fmt::Debug for Sharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sharing")
            .field("store", &self.store)
            .field("in_memory", &self.in_memory)
            .finish_non_exhaustive()
    }
}

pub(crate) struct Tier {
    sharing: Sharing,
    pub(super) terms: Terms,
    pub(super) names: Names,
    pub(super) limits: Limits,
    /// Until this moment memory knows every invalidation that was acknowledged.
    valid_until: AtomicU64,
    /// How often the store was lost or found. An answer that was under way then may come from a server that lacks what another has
    /// acknowledged, whether or not it has been sent again meanwhile.
    epoch: AtomicU64,
    /// The store could be reached once.
    connected: AtomicBool,
    first: Event,
    /// Woken when another process's lease has ended; by the hashes of keys.
    ended: Box<[Event]>,
    /// What the store has not acknowledged, or might forget.
    pub(super) queue: Queue,
    pub(super) trouble: Trouble,
    pub(super) marks: Marks,
    /// Leases whose loads have not begun.
    pub(super) ahead: Ahead,
    /// The names of the generations that everything has, and those of each function's values without tags.
    all: Arc<[String]>,
    functions: Box<[Arc<[String]>]>,
}

impl Tier {
    pub(crate) fn new(sharing: Sharing, terms: Terms, namespace: &str, key_version: u64) -> Self {
        let names = Names::new(namespace, key_version);
        Self {
            valid_until: AtomicU64::new(0),
            epoch: AtomicU64::new(0),
            connected: AtomicBool::new(false),
            first: Event::new(),
            ended: (0..WAITERS).map(|_| Event::new()).collect(),
            queue: Queue::default(),
            trouble: Trouble::default(),
            marks: Marks::default(),
            ahead: Ahead::default(),
            all: [names.all()].into(),
            functions: sites().map(|site| [names.all(), names.function(&site.display_path())].into()).collect(),
            limits: Limits::default(),
            names,
            sharing,
            terms,
        }
    }

    /// Begins to connect.
    pub(crate) fn open(&self, cache: Weak<Inner>) {
        self.store().open(Opening::new(self.names.namespace(), self.terms.deadline, Arc::new(Watch(cache))));
    }

    /// Notes that the values of a function stay in memory, once for each.
    pub(super) fn stays(&self, group: usize, path: &str, problem: &str) {
        self.trouble.unshareable(group, path, "no other process has it", problem);
    }

    /// Notes that a value can't be made bytes, once for each function.
    pub(super) fn unshareable(&self, target: &Target, error: &WireError) {
        count(&target.counters().tier_errors);
        let so = if self.in_memory() { "no other process has it" } else { "it is kept nowhere" };
        self.trouble.unshareable(target.group, target.name, so, &error.to_string());
    }

    /// Notes that somebody asks for values of a type that nobody has named, once for each type.
    pub(crate) fn unknown(&self, type_name: &'static str) {
        self.trouble.unknown(type_name);
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.sharing.store
    }

    pub(super) fn reached(&self) {
        self.connected.store(true, Ordering::Release);
        self.first.notify(usize::MAX);
    }

    /// The store is lost or found: what it acknowledged lately is not believed before it has been sent again.
    pub(super) fn next_epoch(&self, now: u64) {
        // In this order: who sees the new epoch is told by the queue what not to believe.
        self.queue.lost(now);
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// To be taken before anything is trusted, and compared when the answer is there.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Waits until the store can be reached, but no longer than an operation may take: so that the first calls need not do without
    /// it, and a store that is down keeps nobody from starting.
    pub(crate) async fn connect(&self) {
        let connected = async {
            loop {
                let first = self.first.listen();
                if self.connected.load(Ordering::Acquire) {
                    return;
                }
                first.await;
            }
        };
        futures_lite::future::or(connected, async {
            futures_timer::Delay::new(self.terms.deadline).await;
        })
        .await;
    }

    pub(crate) fn in_memory(&self) -> bool {
        self.sharing.in_memory
    }

    /// Until this moment what memory holds may be used.
    #[inline]
    pub(crate) fn valid_until(&self) -> u64 {
        self.valid_until.load(Ordering::Acquire)
    }

    pub(super) fn vouch(&self, until: u64) {
        self.valid_until.fetch_max(until, Ordering::AcqRel);
    }

    pub(super) fn doubt(&self) {
        self.valid_until.store(0, Ordering::Release);
    }

    /// Where the target's value is kept.
    pub(crate) fn name_of(&self, target: &Target) -> String {
        self.names.value(&target.key.text, target.version)
    }

    /// The generations that an entry of the target is made under.
    pub(super) fn generations_of(&self, target: &Target) -> Arc<[String]> {
        let names = self.of_group(target.group).unwrap_or(&self.all);
        if target.tags.is_empty() {
            return names.clone();
        }
        let tags = target.tags.texts().map(|text| self.names.tag(text));
        names.iter().cloned().chain(tags).collect()
    }

    fn of_group(&self, group: usize) -> Option<&Arc<[String]>> {
        // The first group is that of no function.
        self.functions.get(group.checked_sub(1)?)
    }

    /// The name of a function's generation.
    pub(super) fn function(&self, group: usize) -> Option<&str> {
        self.of_group(group)?.last().map(String::as_str)
    }

    pub(super) fn all(&self) -> &str {
        self.all.first().map_or("", String::as_str)
    }

    /// Waits for a note that the lease of a key with this hash has ended.
    pub(super) fn listen(&self, hash: u64) -> Option<EventListener> {
        self.event(hash).map(Event::listen)
    }

    pub(super) fn wake(&self, hash: u64) {
        if let Some(event) = self.event(hash) {
            event.notify(usize::MAX);
        }
    }

    fn event(&self, hash: u64) -> Option<&Event> {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits choose")]
        self.ended.get(hash as usize & (WAITERS - 1))
    }

    /// Takes the right to refresh an old value on the side, wherever that is; of several callers of this process one.
    pub(crate) fn claim(&self, hash: u64) -> bool {
        self.marks.claim(hash)
    }

    /// Gives it back.
    pub(crate) fn unclaim(&self, hash: u64) {
        self.marks.unclaim(hash);
    }

    /// The source of an old value has failed, and is left alone until this moment.
    pub(crate) fn rest(&self, hash: u64, until: u64, now: u64) {
        self.marks.rest(hash, until, now);
    }

    /// There is something new, or nothing any more.
    pub(crate) fn unmark(&self, hash: u64) {
        self.marks.end(hash);
    }

    /// How long what is loaded may be kept in memory while the store can't be reached.
    pub(crate) fn outage(&self) -> u64 {
        self.terms.outage
    }

    /// Notes that an operation has failed.
    pub(super) fn failed(&self, cache: &Cache, group: usize, operation: &'static str, error: &StoreError) {
        count(&cache.counters(group).tier_errors);
        self.trouble.note(operation, error);
    }
}

impl Drop for Tier {
    fn drop(&mut self) {
        self.sharing.store.close();
    }
}

impl fmt::Debug for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tier")
            .field("store", &self.sharing.store)
            .field("in_memory", &self.sharing.in_memory)
            .field("namespace", &self.names.namespace())
            .finish_non_exhaustive()
    }
}

/// A time in the store; `None` is for ever.
pub(super) fn life(nanos: u64) -> Option<Duration> {
    (nanos != NEVER).then(|| Duration::from_nanos(nanos))
}

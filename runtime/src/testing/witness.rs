//! A watcher that keeps what a store tells it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::shared::{Moment, Watcher};

/// A [`Watcher`] that keeps what a store tells it, for tests of a store.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use futures_lite::future::block_on;
/// use larder::shared::{Opening, Store};
/// use larder::testing::{ManualClock, MemoryStore, Witness};
///
/// let clock = ManualClock::new();
/// let witness = Arc::new(Witness::new(clock.clone()));
/// let store = MemoryStore::new(clock);
/// store.open(Opening::new("shop", Duration::from_secs(1), witness.clone()));
/// block_on(store.bump(vec!["shop:g:{all}".to_owned()], b"all".to_vec()))?;
/// assert_eq!(witness.notes(), [b"all"]);
/// # Ok::<(), larder::shared::StoreError>(())
/// ```
#[derive(Debug, Default)]
pub struct Witness {
    clock: Clock,
    seen: Mutex<Vec<Seen>>,
}

/// What a store has told its watcher.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// A note.
    Told(Vec<u8>),
    /// That memory may be used until this long after that moment.
    Vouched(Moment, Duration),
    /// That notes may have been missed.
    Lost,
    /// That the store can be reached.
    Reached,
}

impl Witness {
    /// A witness whose moments are those of this clock.
    #[must_use]
    pub fn new(clock: impl Into<Clock>) -> Self {
        Self { clock: clock.into(), seen: Mutex::default() }
    }

    /// All that it was told, in this order.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.lock().clone()
    }

    /// The notes among that.
    #[must_use]
    pub fn notes(&self) -> Vec<Vec<u8>> {
        let told = |seen: &Seen| match seen {
            Seen::Told(note) => Some(note.clone()),
            _ => None,
        };
        self.lock().iter().filter_map(told).collect()
    }

    /// Forgets all that it was told; what that was.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for Witness {
    fn told(&self, note: &[u8]) {
        self.lock().push(Seen::Told(note.to_vec()));
    }

    fn now(&self) -> Moment {
        Moment(self.clock.precise())
    }

    fn vouch(&self, asked: Moment, time: Duration) {
        self.lock().push(Seen::Vouched(asked, time));
    }

    fn lost(&self) {
        self.lock().push(Seen::Lost);
    }

    fn reached(&self) {
        self.lock().push(Seen::Reached);
    }
}

//! Who is told: the watchers of all processes, and for each the notes that are on their way to it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use crate::shared::Watcher;

/// How long what memory holds may be used after it was vouched for: as long as larder's own store vouches.
const VOUCHED: Duration = Duration::from_secs(3);

/// All watchers, numbered in the order in which they came.
#[derive(Default)]
pub(super) struct Audience {
    seats: Mutex<Vec<Seat>>,
    /// Notes are told by one thread at a time, so that each watcher is told in the order of what happened.
    turn: Mutex<()>,
    teller: Mutex<Option<ThreadId>>,
}

struct Seat {
    namespace: String,
    /// `None`: closed.
    watcher: Option<Arc<dyn Watcher>>,
    inbox: VecDeque<Vec<u8>>,
    path: Path,
    /// The process can't reach the store.
    cut: bool,
    /// Notes were lost, which the watcher has not been told yet.
    missed: bool,
}

/// What becomes of notes for a watcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Passed,
    Kept,
    Dropped,
}

impl Seat {
    fn take(&mut self, note: &[u8]) {
        if self.cut || self.path == Path::Dropped {
            self.missed = true;
        } else if self.watcher.is_some() {
            self.inbox.push_back(note.to_vec());
        }
    }

    /// The watcher, if it hears all that happens.
    fn listening(&self) -> Option<Arc<dyn Watcher>> {
        self.watcher.clone().filter(|_| self.path == Path::Passed && !self.cut && !self.missed)
    }
}

impl Audience {
    fn seats(&self) -> MutexGuard<'_, Vec<Seat>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, seat: usize, change: impl FnOnce(&mut Seat) -> T) -> Option<T> {
        self.seats().get_mut(seat).map(change)
    }

    /// The number of the new watcher.
    pub(super) fn admit(&self, namespace: String, watcher: Arc<dyn Watcher>) -> usize {
        let mut seats = self.seats();
        seats.push(Seat {
            namespace,
            watcher: Some(watcher),
            inbox: VecDeque::new(),
            path: Path::Passed,
            cut: false,
            missed: false,
        });
        seats.len() - 1
    }

    pub(super) fn dismiss(&self, seat: usize) {
        // The watcher is dropped without the lock: what it owns may use the store.
        let _watcher = self.change(seat, |seat| {
            seat.inbox.clear();
            seat.watcher.take()
        });
    }

    pub(super) fn len(&self) -> usize {
        self.seats().len()
    }

    /// Puts a note on its way to all watchers of a namespace, or to every one.
    pub(super) fn pass_on(&self, namespace: Option<&str>, note: &[u8]) {
        for seat in self.seats().iter_mut() {
            if namespace.is_none_or(|namespace| namespace == seat.namespace) {
                seat.take(note);
            }
        }
    }

    /// Tells what is on its way, and then vouches that all of it has been told. A watcher that uses the store while it is told
    /// something is told the rest afterwards.
    pub(super) fn tell(&self, vouch: bool) {
        let me = Some(thread::current().id());
        if *self.teller() == me {
            return;
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        *self.teller() = me;
        let listening: Vec<_> = self.seats().iter().map(Seat::listening).collect();
        let asked: Vec<_> = listening.into_iter().map(|watcher| watcher.map(|watcher| watcher.now())).collect();
        while let Some((watcher, note)) = self.next() {
            watcher.told(&note);
        }
        for (seat, asked) in asked.into_iter().enumerate().filter(|_| vouch) {
            let watcher = self.change(seat, |seat| seat.listening()).flatten();
            if let (Some(watcher), Some(asked)) = (watcher, asked) {
                watcher.vouch(asked, VOUCHED);
            }
        }
        *self.teller() = None;
    }

    fn teller(&self) -> MutexGuard<'_, Option<ThreadId>> {
        self.teller.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<(Arc<dyn Watcher>, Vec<u8>)> {
        self.seats().iter_mut().find_map(|seat| Some((seat.listening()?, seat.inbox.pop_front()?)))
    }

    /// Vouches by hand, also for a watcher that does not hear what happens.
    pub(super) fn vouch(&self, seat: usize, time: Duration) {
        if let Some(watcher) = self.change(seat, |seat| seat.watcher.clone()).flatten() {
            watcher.vouch(watcher.now(), time);
        }
    }

    /// Keeps or drops notes from now on; what was kept is dropped with the rest.
    pub(super) fn stop(&self, seat: usize, path: Path) {
        self.change(seat, |seat| {
            seat.path = path;
            if path == Path::Dropped {
                seat.inbox.clear();
                seat.missed = true;
            }
        });
    }

    /// Passes notes on from now on, the kept ones first; a watcher that missed some is told so before.
    pub(super) fn resume(&self, seat: usize) {
        let missed = self.change(seat, |seat| {
            seat.path = Path::Passed;
            let cut = seat.cut;
            seat.watcher.clone().filter(|_| std::mem::replace(&mut seat.missed, cut) && !cut)
        });
        if let Some(watcher) = missed.flatten() {
            watcher.lost();
        }
    }

    /// Tells the note that has been kept longest.
    pub(super) fn tell_one(&self, seat: usize) -> bool {
        let kept = self.change(seat, |seat| Some((seat.watcher.clone()?, seat.inbox.pop_front()?)));
        kept.flatten().map(|(watcher, note)| watcher.told(&note)).is_some()
    }

    /// How many notes are on their way.
    pub(super) fn waiting(&self, seat: usize) -> usize {
        self.change(seat, |seat| seat.inbox.len()).unwrap_or(0)
    }

    pub(super) fn is_cut(&self, seat: usize) -> bool {
        self.change(seat, |seat| seat.cut).unwrap_or(false)
    }

    /// The process loses its connection, and with it the notes on their way.
    pub(super) fn cut(&self, seat: usize) {
        let watcher = self.change(seat, |seat| {
            seat.cut = true;
            seat.missed = true;
            seat.inbox.clear();
            seat.watcher.clone()
        });
        if let Some(watcher) = watcher.flatten() {
            watcher.lost();
        }
    }

    /// The process has a connection again. Where notes are still dropped there is more to miss.
    pub(super) fn mend(&self, seat: usize) {
        let watcher = self.change(seat, |seat| {
            seat.cut = false;
            seat.missed = seat.path == Path::Dropped;
            seat.watcher.clone()
        });
        if let Some(watcher) = watcher.flatten() {
            watcher.lost();
            watcher.reached();
        }
    }

    /// The store can be reached for the first time.
    pub(super) fn reach(&self, seat: usize) {
        if let Some(watcher) = self.change(seat, |seat| seat.watcher.clone()).flatten() {
            watcher.reached();
        }
    }
}

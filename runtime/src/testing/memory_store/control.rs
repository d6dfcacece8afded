//! What a test arranges: failures, gates, notes; and what it sees and does behind the caches' backs.

use std::time::Duration;

use super::MemoryStore;
use super::audience::Path;
use super::faults::{Late, Lost};
use super::gate::{Gate, When};
use super::operation::Operation;
use super::process::Process;
use super::shelf::{Shelf, after};
use crate::shared::Generation;

/// Failures, arranged for all processes.
impl MemoryStore {
    /// Takes the store down: operations end with `Unavailable`, and the watchers are told that notes may be missed. What
    /// the store holds stays.
    pub fn down(&self) {
        self.world.faults().down = true;
        self.each_seat(|seat| self.world.audience.cut(seat));
    }

    /// The store can be reached again, by those too that were taken down alone: watchers are told `lost`, then `reached`.
    pub fn up(&self) {
        self.world.faults().down = false;
        self.each_seat(|seat| self.world.audience.mend(seat));
        self.world.tell();
    }

    /// These operations are refused from now on, for this reason. A store without memory refuses [`Operation::GROWING`].
    pub fn refuse(&self, operations: &[Operation], reason: &str) {
        let refused = operations.iter().map(|operation| (*operation, reason.to_owned()));
        self.world.faults().refused.extend(refused);
    }

    /// No operation is refused any more.
    pub fn accept(&self) {
        self.world.faults().refused.clear();
    }

    /// The next operations of these kinds, so many in all, end with `TimedOut`, at once.
    pub fn time_out_next(&self, operations: &[Operation], times: usize, lost: Lost) {
        let late = Late { operations: operations.to_vec(), times, lost };
        self.world.faults().late.push(late);
    }

    /// Operations of this kind wait at a gate from now on.
    pub fn hold(&self, operation: Operation, when: When) -> Gate {
        let (gate, bar) = Gate::new(operation, when);
        self.world.faults().gates.push(bar);
        gate
    }

    /// One of the processes, by its number: they are counted from 0 in the order in which they opened the store.
    #[must_use]
    pub fn process(&self, number: usize) -> Process {
        Process::new(self.world.clone(), number)
    }

    fn each_seat(&self, act: impl FnMut(usize)) {
        (0..self.world.audience.len()).for_each(act);
    }
}

/// Notes, for all processes that have opened the store so far.
impl MemoryStore {
    /// Notes are kept from now on; the store stops to vouch.
    pub fn keep_notes(&self) {
        self.each_seat(|seat| self.world.audience.stop(seat, Path::Kept));
    }

    /// Notes are lost from now on, and the kept ones too, without anybody being told; the store stops to vouch.
    pub fn drop_notes(&self) {
        self.each_seat(|seat| self.world.audience.stop(seat, Path::Dropped));
    }

    /// Notes are told from now on, the kept ones first. Watchers whose notes were dropped are told `lost` before.
    pub fn deliver_notes(&self) {
        self.each_seat(|seat| self.world.audience.resume(seat));
        self.world.tell();
    }

    /// Operations happen but can't pass notes on, from now on: those that would end with `Untold`.
    pub fn deny_notes(&self, denied: bool) {
        self.world.faults().untold = denied;
    }

    /// Vouches only when the test says so, with [`vouch`](Self::vouch).
    pub fn vouch_by_hand(&self) {
        *self.world.vouching() = false;
    }

    /// Vouches when an operation has happened and when the manual clock is moved: as it does at first.
    pub fn vouch_by_itself(&self) {
        *self.world.vouching() = true;
        self.world.tell();
    }

    /// Vouches to every process for this long from now, whether or not it has heard all notes.
    pub fn vouch(&self, time: Duration) {
        self.each_seat(|seat| self.world.audience.vouch(seat, time));
    }
}

/// How often the store was used.
impl MemoryStore {
    /// How often this operation was begun, whatever came of it.
    #[must_use]
    pub fn calls(&self, operation: Operation) -> usize {
        self.world.faults().calls.get(&operation).map_or(0, |calls| calls.calls)
    }

    /// How many elements its lists had in all.
    #[must_use]
    pub fn elements(&self, operation: Operation) -> usize {
        self.world.faults().calls.get(&operation).map_or(0, |calls| calls.elements)
    }

    /// Counts from zero again.
    pub fn forget_calls(&self) {
        self.world.faults().calls.clear();
    }
}

/// What the store holds. None of these is an operation: they are not counted, pass no notes on, and work while it is down.
impl MemoryStore {
    /// The bytes under a key.
    #[must_use]
    pub fn peek(&self, key: &str) -> Option<Vec<u8>> {
        self.world.look(|shelf, now| shelf.value(key, now).map(|value| value.bytes.clone()))
    }

    /// What remains of the time of a value; `Duration::MAX` where it has no end.
    #[must_use]
    pub fn remaining(&self, key: &str) -> Option<Duration> {
        self.world.look(|shelf, now| shelf.remaining(key, now))
    }

    /// The keys of all values, sorted.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.world.look(|shelf, now| shelf.keys(now))
    }

    /// Puts bytes under a key, as somebody does who is no cache: foreign ones, or corrupt ones.
    pub fn plant(&self, key: &str, bytes: &[u8], life: Option<Duration>) {
        self.world.look(|shelf, now| shelf.put(key, bytes.to_vec(), after(now, life)));
    }

    /// Loses a value, as a store does that needs its memory; whether there was one. Leases stay.
    pub fn forget(&self, key: &str) -> bool {
        self.world.look(|shelf, now| shelf.take(key, now))
    }

    /// Whether a key is leased.
    #[must_use]
    pub fn is_leased(&self, key: &str) -> bool {
        self.world.look(|shelf, now| shelf.leased(key, now).is_some())
    }

    /// Whether somebody waits for the lease of a key.
    #[must_use]
    pub fn is_awaited(&self, key: &str) -> bool {
        self.world.look(|shelf, now| shelf.leased(key, now).unwrap_or(false))
    }

    /// Whether fills of a key are held off.
    #[must_use]
    pub fn is_held(&self, key: &str) -> bool {
        self.world.look(|shelf, now| shelf.hold(key, now).is_some())
    }

    /// Loses a lease; whether there was one.
    pub fn forget_lease(&self, key: &str) -> bool {
        self.world.look(|shelf, now| shelf.leased(key, now).is_some() && shelf.revoke(key))
    }

    /// A generation.
    #[must_use]
    pub fn generation(&self, text: &str) -> Option<Generation> {
        self.world.look(|shelf, now| shelf.generation(text, now))
    }

    /// Loses a generation; whether there was one.
    pub fn forget_generation(&self, text: &str) -> bool {
        self.world.look(|shelf, now| {
            let there = shelf.generation(text, now).is_some();
            shelf.bump(text);
            there
        })
    }

    /// Loses everything: values, leases, holds, generations.
    pub fn flush(&self) {
        self.world.look(|shelf, _| *shelf = Shelf::default());
    }
}

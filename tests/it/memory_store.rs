//! The store for tests: what a test arranges happens, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::block_on;
use larder::shared::{
    Fill, Found, HoldOff, Lease, Leased, Opening, Over, Pending, Read, Remove, Store, StoreErrorKind, Turn, Watcher,
    Which, Write,
};
use larder::testing::{Lost, ManualClock, MemoryStore, Operation, Seen, When, Witness};

use crate::support::{Call, secs};

const KEY: &str = "shop:v0:{1}";

/// A store, its clock, and two processes that have opened it.
struct World {
    store: MemoryStore,
    clock: ManualClock,
    processes: [MemoryStore; 2],
    witnesses: [Arc<Witness>; 2],
}

impl World {
    fn new() -> Self {
        let clock = ManualClock::new();
        let store = MemoryStore::new(clock.clone());
        let witnesses = [(); 2].map(|()| Arc::new(Witness::new(clock.clone())));
        let processes = witnesses.each_ref().map(|witness| open(&store, "shop", Arc::<Witness>::clone(witness)));
        Self { store, clock, processes, witnesses }
    }

    /// What both were told since this was asked last, but for what was vouched for.
    fn told(&self) -> [Vec<Seen>; 2] {
        self.witnesses.each_ref().map(|witness| {
            let mut seen = witness.take();
            seen.retain(|seen| !matches!(seen, Seen::Vouched(..)));
            seen
        })
    }

    /// Whether both were vouched to since this was asked last.
    fn vouched(&self) -> [bool; 2] {
        self.witnesses.each_ref().map(|witness| witness.take().iter().any(|seen| matches!(seen, Seen::Vouched(..))))
    }
}

fn open(store: &MemoryStore, namespace: &str, watcher: Arc<dyn Watcher>) -> MemoryStore {
    let process = store.clone();
    process.open(Opening::new(namespace, secs(1), watcher));
    process
}

fn write(store: &MemoryStore, value: &str) -> Pending<Vec<bool>> {
    let write = Write { key: KEY.into(), value: value.into(), life: Some(secs(60)), unless: None, note: b"w".to_vec() };
    store.write(vec![write])
}

fn read(store: &MemoryStore) -> Pending<Vec<Found>> {
    store.read(vec![Read { key: KEY.into(), generations: [].into(), life: false }])
}

fn one_lease() -> Lease {
    let over = Over::value(b"");
    let generations = ["shop:g:{all}".to_owned()].into();
    Lease { key: KEY.into(), token: 7, time: secs(10), over, generations, fresh: 5, keep: secs(100) }
}

fn lease(store: &MemoryStore) -> Pending<Vec<Leased>> {
    store.lease(vec![one_lease()])
}

fn fill(store: &MemoryStore, value: &str) -> Pending<Vec<bool>> {
    let fill = Fill { key: KEY.into(), token: 7, value: value.into(), life: None, note: b"f".to_vec() };
    store.fill(vec![fill])
}

fn remove(store: &MemoryStore, note: &str) -> Pending<Vec<bool>> {
    store.remove(vec![Remove { key: KEY.into(), hold: HoldOff::Unchanged, which: Which::Any, note: note.into() }])
}

fn failure<T>(pending: Pending<T>) -> StoreErrorKind {
    block_on(pending).map(|_| ()).unwrap_err().kind()
}

fn told(note: &str) -> Seen {
    Seen::Told(note.into())
}

#[test]
fn it_can_be_taken_down() {
    let world = World::new();
    assert_eq!(world.told(), [[Seen::Reached], [Seen::Reached]]);
    let [one, _] = &world.processes;
    block_on(write(one, "value")).unwrap();
    world.told();
    world.store.down();
    assert_eq!(world.told(), [[Seen::Lost], [Seen::Lost]]);
    assert_eq!(failure(read(one)), StoreErrorKind::Unavailable);
    assert_eq!(failure(remove(one, "gone")), StoreErrorKind::Unavailable);
    world.clock.advance(secs(1));
    assert_eq!(world.vouched(), [false, false]);
    let late = Arc::new(Witness::new(world.clock.clone()));
    open(&world.store, "shop", Arc::<Witness>::clone(&late));
    assert_eq!(late.take(), []);
    world.store.up();
    assert_eq!(world.told(), [[Seen::Lost, Seen::Reached], [Seen::Lost, Seen::Reached]]);
    assert!(late.take().contains(&Seen::Reached));
    assert_eq!(world.store.peek(KEY).unwrap(), b"value", "what was refused has not happened");
}

#[test]
fn one_process_can_be_cut_off() {
    let world = World::new();
    let [one, other] = &world.processes;
    world.store.process(1).down();
    world.told();
    assert_eq!(failure(read(other)), StoreErrorKind::Unavailable);
    block_on(remove(one, "gone")).unwrap();
    assert_eq!(world.told(), [vec![told("gone")], vec![]]);
    world.store.process(1).up();
    assert_eq!(world.told(), [vec![], vec![Seen::Lost, Seen::Reached]], "the note is lost");
    block_on(remove(other, "again")).unwrap();
    assert_eq!(world.told(), [[told("again")], [told("again")]]);
}

#[test]
fn operations_can_be_refused() {
    let world = World::new();
    let [one, _] = &world.processes;
    world.store.refuse(Operation::GROWING, "no memory left");
    let error = block_on(write(one, "value")).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (StoreErrorKind::Refused, "no memory left"));
    block_on(remove(one, "gone")).unwrap();
    world.store.accept();
    block_on(write(one, "value")).unwrap();
}

#[test]
fn operations_can_time_out_both_ways() {
    let world = World::new();
    let [one, _] = &world.processes;
    world.store.time_out_next(&[Operation::Write], 1, Lost::Request);
    world.store.time_out_next(Operation::ALL, 2, Lost::Answer);
    world.told();
    assert_eq!(failure(write(one, "first")), StoreErrorKind::TimedOut);
    assert_eq!(world.store.peek(KEY), None);
    assert_eq!(failure(write(one, "second")), StoreErrorKind::TimedOut);
    assert_eq!(world.store.peek(KEY).unwrap(), b"second");
    assert_eq!(world.told(), [[told("w")], [told("w")]]);
    assert_eq!(failure(read(one)), StoreErrorKind::TimedOut);
    assert_eq!(block_on(read(one)).unwrap().remove(0).value.unwrap(), b"second");
}

#[test]
fn operations_wait_at_a_gate_before_they_happen() {
    let world = World::new();
    let [one, other] = &world.processes;
    let gate = world.store.hold(Operation::Write, When::Before);
    let mut first = Call::begin(write(one, "first"));
    drop(write(other, "second"));
    block_on(gate.reached(2));
    assert_eq!((gate.standing(), world.store.peek(KEY)), (2, None));
    assert_eq!(block_on(remove(other, "gone")).unwrap(), [false], "another operation passes");
    assert!(gate.let_one_through());
    assert_eq!(first.step().unwrap().unwrap(), [true]);
    assert_eq!(world.store.peek(KEY).unwrap(), b"first");
    gate.open();
    assert_eq!(world.store.peek(KEY).unwrap(), b"second", "though nobody waits for it");
    assert!(!gate.let_one_through());
    assert_eq!(block_on(write(one, "third")).unwrap(), [true]);
}

#[test]
fn operations_wait_at_a_gate_after_they_have_happened() {
    let world = World::new();
    let [one, other] = &world.processes;
    let gate = world.store.hold(Operation::Read, When::After);
    let mut old = Call::begin(read(one));
    block_on(write(other, "new")).unwrap();
    drop(gate);
    assert_eq!(old.step().unwrap().unwrap().remove(0).value, None, "it was read before");
    assert!(block_on(read(one)).unwrap().remove(0).value.is_some(), "a gate opens when it is dropped");
}

#[test]
fn what_waits_at_a_gate_times_out() {
    let world = World::new();
    let [one, _] = &world.processes;
    let gate = world.store.hold(Operation::Write, When::Before);
    let mut call = Call::begin(write(one, "late"));
    world.clock.advance(secs(1));
    assert_eq!(call.step().unwrap().unwrap_err().kind(), StoreErrorKind::TimedOut);
    assert_eq!(world.store.peek(KEY), None);
    gate.open();
    assert_eq!(world.store.peek(KEY).unwrap(), b"late");
    let gate = world.store.hold(Operation::Write, When::Before);
    let mut lost = Call::begin(write(one, "never"));
    world.store.down();
    gate.open();
    assert_eq!(lost.step().unwrap().unwrap_err().kind(), StoreErrorKind::TimedOut);
    assert_eq!(world.store.peek(KEY).unwrap(), b"late", "the connection was lost before");
}

#[test]
fn notes_can_be_kept() {
    let world = World::new();
    let [one, _] = &world.processes;
    world.store.process(1).keep_notes();
    world.told();
    for note in ["1", "2", "3"] {
        block_on(remove(one, note)).unwrap();
    }
    assert_eq!(world.vouched(), [true, false]);
    assert_eq!(world.store.process(1).notes(), 3);
    assert!(world.store.process(1).deliver_one());
    assert_eq!(world.told(), [vec![], vec![told("1")]]);
    world.store.process(1).deliver_notes();
    assert_eq!(world.witnesses[1].notes(), [b"2", b"3"]);
    assert!(!world.store.process(1).deliver_one());
    assert_eq!(world.vouched(), [true, true]);
}

#[test]
fn notes_can_be_dropped() {
    let world = World::new();
    let [one, _] = &world.processes;
    world.store.keep_notes();
    world.told();
    block_on(remove(one, "kept")).unwrap();
    world.store.drop_notes();
    block_on(remove(one, "dropped")).unwrap();
    world.clock.advance(secs(1));
    assert_eq!(world.witnesses.each_ref().map(|witness| witness.take()), [vec![], vec![]]);
    world.store.deliver_notes();
    assert_eq!(world.told(), [[Seen::Lost], [Seen::Lost]]);
    block_on(remove(one, "told")).unwrap();
    assert_eq!(world.told(), [[told("told")], [told("told")]]);
}

#[test]
fn notes_can_be_denied() {
    let world = World::new();
    let [one, _] = &world.processes;
    block_on(write(one, "value")).unwrap();
    world.store.deny_notes(true);
    world.told();
    assert_eq!(failure(remove(one, "gone")), StoreErrorKind::Untold);
    assert_eq!((world.store.peek(KEY), world.told()), (None, [vec![], vec![]]));
    block_on(read(one)).unwrap();
    world.store.deny_notes(false);
    block_on(remove(one, "gone")).unwrap();
}

#[test]
fn it_vouches_by_itself_or_by_hand() {
    let world = World::new();
    let [one, _] = &world.processes;
    assert_eq!(world.vouched(), [true, true], "at first");
    block_on(read(one)).unwrap();
    assert_eq!(world.vouched(), [true, true], "with an operation");
    world.clock.advance(secs(60));
    assert_eq!(world.vouched(), [true, true], "when time passes");
    world.store.vouch_by_hand();
    block_on(read(one)).unwrap();
    world.clock.advance(secs(60));
    assert_eq!(world.vouched(), [false, false]);
    world.store.process(0).vouch(secs(1));
    assert_eq!(world.vouched(), [true, false]);
    let now = world.witnesses[0].now();
    world.store.vouch(secs(5));
    assert_eq!(world.witnesses[0].seen(), [Seen::Vouched(now, secs(5))]);
    world.vouched();
    world.store.vouch_by_itself();
    assert_eq!(world.vouched(), [true, true]);
}

#[test]
fn operations_are_counted() {
    let world = World::new();
    let [one, _] = &world.processes;
    block_on(read(one)).unwrap();
    let twice = ["1", "2"].map(|key| Read { key: key.into(), generations: [].into(), life: false });
    block_on(one.read(twice.to_vec())).unwrap();
    world.store.down();
    failure(read(one));
    assert_eq!((world.store.calls(Operation::Read), world.store.elements(Operation::Read)), (3, 4));
    world.store.forget_calls();
    assert_eq!((world.store.calls(Operation::Read), world.store.elements(Operation::Read)), (0, 0));
}

#[test]
fn what_it_holds_can_be_seen_and_changed() {
    let world = World::new();
    let [one, other] = &world.processes;
    world.store.plant(KEY, b"\0corrupt", Some(secs(60)));
    assert_eq!(block_on(read(one)).unwrap().remove(0).value.unwrap(), b"\0corrupt");
    assert_eq!((world.store.keys(), world.store.remaining(KEY)), (vec![KEY.to_owned()], Some(secs(60))));
    world.clock.advance(secs(60));
    assert_eq!((world.store.keys(), world.store.remaining(KEY)), (vec![], None));
    assert!(!world.store.forget(KEY));

    let leased = block_on(lease(one)).unwrap().remove(0);
    assert_eq!(leased, Leased { turn: Turn::Lead, generations: vec![5] });
    assert!(world.store.is_leased(KEY) && !world.store.is_awaited(KEY));
    block_on(other.lease(vec![Lease { token: 8, ..one_lease() }])).unwrap();
    assert!(world.store.is_awaited(KEY) && world.store.forget_lease(KEY) && !world.store.forget_lease(KEY));
    assert_eq!(block_on(fill(one, "late")).unwrap(), [false]);

    assert_eq!(world.store.generation("shop:g:{all}"), Some(5));
    assert!(world.store.forget_generation("shop:g:{all}") && !world.store.forget_generation("shop:g:{all}"));

    block_on(lease(one)).unwrap();
    assert_eq!(block_on(fill(one, "value")).unwrap(), [true]);
    world.store.flush();
    assert_eq!((world.store.keys(), world.store.generation("shop:g:{all}")), (vec![], None));
}

#[test]
fn a_closed_process_is_told_nothing() {
    let world = World::new();
    let [one, other] = &world.processes;
    world.told();
    other.close();
    block_on(remove(one, "gone")).unwrap();
    world.store.down();
    world.store.up();
    assert_eq!(world.told(), [vec![told("gone"), Seen::Lost, Seen::Lost, Seen::Reached], vec![]]);
}

/// A watcher that removes again what it is told of, once.
struct Again(MemoryStore, Witness);

impl Watcher for Again {
    fn told(&self, note: &[u8]) {
        if self.1.notes().is_empty() {
            drop(remove(&self.0, "again"));
        }
        self.1.told(note);
    }

    fn now(&self) -> larder::shared::Moment {
        self.1.now()
    }

    fn vouch(&self, asked: larder::shared::Moment, time: Duration) {
        self.1.vouch(asked, time);
    }

    fn lost(&self) {
        self.1.lost();
    }

    fn reached(&self) {
        drop(write(&self.0, "from inside"));
        self.1.reached();
    }
}

#[test]
fn a_watcher_may_use_the_store() {
    let store = MemoryStore::new(ManualClock::new());
    let again = Arc::new(Again(store.clone(), Witness::new(ManualClock::new())));
    let process = open(&store, "shop", Arc::<Again>::clone(&again));
    assert_eq!(again.1.notes(), [&b"w"[..], b"again"], "what it writes when the store is reached");
    block_on(remove(&process, "gone")).unwrap();
    assert_eq!(again.1.notes(), [&b"w"[..], b"again", b"gone"]);
}

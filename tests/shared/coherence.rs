//! Whatever the order of loads, writes, invalidations, notes and failures in several processes: after an invalidation that was
//! acknowledged nobody is given anything older. Not the process that asked for it, not one without memory, and one with memory not
//! when its note has come, or when nothing was vouched for 3 s. What was not acknowledged acts in the process that asked for it.

use std::cell::Cell;
use std::time::Duration;

use larder::testing::{Gate as StoreGate, Lost, ManualClock, MemoryStore, Operation, When, scope};
use larder::{Cache, Error, KeyNeutral, cached};
use proptest::prelude::*;

use crate::support::{Call, Gate, secs};
use crate::world::{Tier, World};

const KEYS: usize = 2;
const PROCESSES: [Tier; 3] = [Tier::Tiered, Tier::Bare, Tier::Tiered];

/// What the function reads: each write is a greater number.
#[derive(Default)]
struct Source([Cell<u32>; KEYS]);

impl KeyNeutral for Source {}
impl KeyNeutral for Gate {}

impl Source {
    fn write(&self, key: usize) {
        self.0[key].set(self.0[key].get() + 1);
    }

    fn read(&self, key: usize) -> u32 {
        self.0[key].get()
    }

    fn all(&self) -> [u32; KEYS] {
        std::array::from_fn(|key| self.read(key))
    }
}

#[cached(timeout = 60, key = "coherence.load:<key>", tags("coherence.all", "coherence.one:<key>"))]
async fn load(key: usize, source: &Source, before: &Gate, after: &Gate) -> Result<u32, Failed> {
    before.pass().await;
    let value = source.read(key);
    after.pass().await;
    // Now and then it fails, with an error that can't be cloned.
    if value % 5 == 4 { Err(Failed) } else { Ok(value) }
}

#[derive(Debug)]
struct Failed;

#[derive(Clone, Copy, Debug)]
enum Step {
    Call(usize, usize),
    /// By hand.
    Get(usize, usize),
    /// What is on its way at this place, counted round, goes on as far as it can; a load to its next gate.
    GoOn(usize),
    Cancel(usize),
    Write(usize),
    Invalidate(usize, usize, How),
    Advance(u64),
    /// The notes of a process.
    Notes(usize, Notes),
    /// Operations of the store stop, before they happen or after.
    Hold(Operation, When),
    /// Those that have stopped go on.
    Open,
    TimeOut(Operation, Lost),
    /// A process loses the store, or reaches it again.
    Cut(usize, bool),
    /// The store refuses what needs memory, or no longer.
    Full(bool),
    /// The store loses what it has of a key, as it may.
    Forget(usize),
}

#[derive(Clone, Copy, Debug)]
enum How {
    Entry,
    Put,
    Expire,
    Bump,
    Tag,
    AllTags,
    Clear,
    Delete,
    Set,
    Refresh,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notes {
    Pass,
    Keep,
    Drop,
    PassOne,
}

fn steps(faults: bool) -> impl Strategy<Value = Vec<Step>> {
    use How::{AllTags, Bump, Clear, Delete, Entry, Expire, Put, Refresh, Set, Tag};
    let key = 0..KEYS;
    let process = 0..PROCESSES.len();
    let how = prop::sample::select(vec![Entry, Put, Expire, Bump, Tag, AllTags, Clear, Delete, Set, Refresh]);
    let notes = prop::sample::select(vec![Notes::Pass, Notes::Keep, Notes::Drop, Notes::PassOne]);
    let operation = prop::sample::select(Operation::ALL);
    let when = prop::sample::select(vec![When::Before, When::After]);
    let lost = prop::sample::select(vec![Lost::Request, Lost::Answer]);
    let usual = prop_oneof![
        12 => (process.clone(), key.clone()).prop_map(|(process, key)| Step::Call(process, key)),
        3 => (process.clone(), key.clone()).prop_map(|(process, key)| Step::Get(process, key)),
        16 => (0..8_usize).prop_map(Step::GoOn),
        2 => (0..8_usize).prop_map(Step::Cancel),
        6 => key.clone().prop_map(Step::Write),
        6 => (process.clone(), key.clone(), how).prop_map(|(process, key, how)| Step::Invalidate(process, key, how)),
        2 => (1..4_000_u64).prop_map(Step::Advance),
        4 => (process.clone(), notes).prop_map(|(process, notes)| Step::Notes(process, notes)),
        2 => (operation.clone(), when).prop_map(|(operation, when)| Step::Hold(operation, when)),
        3 => Just(Step::Open),
        1 => key.prop_map(Step::Forget),
    ];
    let failing = prop_oneof![
        2 => (operation, lost).prop_map(|(operation, lost)| Step::TimeOut(operation, lost)),
        2 => (process, any::<bool>()).prop_map(|(process, up)| Step::Cut(process, up)),
        1 => any::<bool>().prop_map(Step::Full),
    ];
    let step = if faults { prop_oneof![12 => usual, 1 => failing].boxed() } else { usual.boxed() };
    prop::collection::vec(step, 1..60)
}

/// What is on its way.
enum Running<'a> {
    /// A call, or a look by hand, and the least it may be given.
    Reads {
        call: Call<'a, Option<u32>>,
        process: usize,
        key: usize,
        floor: u32,
        gates: Option<(Gate, Gate)>,
        went_on: u32,
    },
    /// An invalidation, and what was written when it began; perhaps it puts that there.
    Makes { call: Call<'a, Result<(), Error>>, process: usize, keys: Vec<usize>, written: [u32; KEYS], puts: bool },
}

/// What a process may not be given any more.
#[derive(Default)]
struct Floor {
    now: [u32; KEYS],
    /// From when something else holds.
    later: Vec<(Duration, usize, u32)>,
    notes: Option<Notes>,
    cut: bool,
}

impl Floor {
    fn raise(&mut self, key: usize, written: u32) {
        self.now[key] = self.now[key].max(written);
    }

    fn settle(&mut self, until: impl Fn(Duration) -> bool) {
        for (at, key, written) in std::mem::take(&mut self.later) {
            if until(at) {
                self.raise(key, written);
            } else {
                self.later.push((at, key, written));
            }
        }
    }
}

struct Model<'a> {
    store: MemoryStore,
    clock: &'a ManualClock,
    caches: &'a [Cache],
    source: &'a Source,
    gates: &'a [(Gate, Gate)],
    held: Vec<StoreGate>,
    /// What was to be put by those who were cancelled or have failed.
    ghosts: Vec<(usize, u32)>,
    used: usize,
    time: Duration,
    floors: [Floor; PROCESSES.len()],
    running: Vec<Running<'a>>,
}

impl<'a> Model<'a> {
    fn next_gates(&mut self) -> &'a (Gate, Gate) {
        self.used += 1;
        &self.gates[self.used - 1]
    }

    fn floor(&mut self, process: usize, key: usize) -> u32 {
        let time = self.time;
        let floor = &mut self.floors[process];
        floor.settle(|at| at <= time);
        floor.now[key]
    }

    fn advance(&mut self, time: Duration) {
        self.clock.advance(time);
        self.time += time;
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Call(process, key) => self.call(process, key),
            Step::Get(process, key) => {
                let (cache, floor) = (&self.caches[process], self.floor(process, key));
                let call = Call::new(async move { cache.get::<u32>(&format!("coherence.load:{key}")).await });
                self.running.push(Running::Reads { call, process, key, floor, gates: None, went_on: 0 });
                self.look(self.running.len() - 1);
            }
            Step::GoOn(_) | Step::Cancel(_) if self.running.is_empty() => {}
            Step::GoOn(place) => {
                let place = place % self.running.len();
                if let Running::Reads { gates: Some((before, after)), went_on, .. } = &mut self.running[place] {
                    *went_on += 1;
                    if *went_on == 1 { before.open() } else { after.open() }
                }
                self.look(place);
            }
            Step::Cancel(place) => self.drop_running(place % self.running.len(), true),
            Step::Write(key) => self.source.write(key),
            Step::Invalidate(process, key, how) => self.invalidate(process, key, how),
            Step::Advance(millis) => self.advance(Duration::from_millis(millis)),
            Step::Notes(process, notes) => self.notes(process, notes),
            Step::Hold(operation, when) => self.held.push(self.store.hold(operation, when)),
            Step::Open => self.open(),
            Step::TimeOut(operation, lost) => self.store.time_out_next(&[operation], 1, lost),
            Step::Cut(process, up) => self.cut(process, up),
            Step::Full(full) => {
                if full {
                    self.store.refuse(Operation::GROWING, "no memory left");
                } else {
                    self.store.accept();
                }
            }
            Step::Forget(key) => {
                self.store.forget(&format!("larder:v0:{{coherence.load:{key}}}"));
                self.store.forget_lease(&format!("larder:v0:{{coherence.load:{key}}}"));
                self.store.forget_generation(&format!("larder:g:{{t:coherence.one:{key}}}"));
            }
        }
    }

    /// What stands in the store goes on.
    fn open(&mut self) {
        self.held.clear();
        self.ghosts.clear();
    }

    /// Of something that puts a value it is perhaps not known whether it has happened or will yet happen.
    fn drop_running(&mut self, place: usize, unknown: bool) {
        if let Running::Makes { keys, written, puts: true, .. } = &self.running[place]
            && unknown
        {
            self.ghosts.extend(keys.iter().map(|key| (*key, written[*key])));
        }
        drop(self.running.swap_remove(place));
    }

    /// The least that those put who are on their way: they may have the last word.
    fn least_put(&self, of: usize) -> u32 {
        let running = self.running.iter().filter_map(|running| match running {
            Running::Makes { keys, written, puts: true, .. } if keys.contains(&of) => Some(written[of]),
            _ => None,
        });
        let ghosts = self.ghosts.iter().filter(|(key, _)| *key == of).map(|(_, written)| *written);
        running.chain(ghosts).min().unwrap_or(u32::MAX)
    }

    fn call(&mut self, process: usize, key: usize) {
        let (before, after) = self.next_gates();
        let (cache, source, floor) = (&self.caches[process], self.source, self.floor(process, key));
        let call = Call::new(async move { scope(cache, load(key, source, before, after)).await.ok() });
        let gates = Some((before.clone(), after.clone()));
        self.running.push(Running::Reads { call, process, key, floor, gates, went_on: 0 });
        self.look(self.running.len() - 1);
    }

    fn notes(&mut self, process: usize, notes: Notes) {
        let of = self.store.process(process);
        let floor = &mut self.floors[process];
        match notes {
            Notes::Pass => {
                of.deliver_notes();
                floor.notes = None;
                if !floor.cut {
                    floor.settle(|_| true);
                }
            }
            Notes::Keep if floor.notes.is_none() => {
                of.keep_notes();
                floor.notes = Some(notes);
            }
            Notes::Drop => {
                of.drop_notes();
                floor.notes = Some(notes);
            }
            Notes::Keep => {}
            Notes::PassOne => _ = of.deliver_one(),
        }
    }

    fn cut(&mut self, process: usize, up: bool) {
        let of = self.store.process(process);
        let floor = &mut self.floors[process];
        if up && floor.cut {
            of.up();
            floor.cut = false;
            // It was told that it may have missed something: what it had is of no use.
            floor.settle(|_| true);
        } else if !up {
            of.down();
            floor.cut = true;
        }
    }

    /// Polls what is on its way; if it has ended, it was right.
    fn look(&mut self, place: usize) {
        match &mut self.running[place] {
            Running::Reads { call, process, key, floor, .. } => {
                let Some(outcome) = call.step() else { return };
                let (process, key, floor) = (*process, *key, *floor);
                drop(self.running.swap_remove(place));
                if let Some(value) = outcome {
                    assert!(
                        value >= floor,
                        "process {process} was given {value} of {key} after an invalidation of {floor}"
                    );
                }
            }
            Running::Makes { call, process, keys, written, .. } => {
                let Some(outcome) = call.step() else { return };
                let (process, keys, written) = (*process, keys.clone(), *written);
                self.drop_running(place, outcome.is_err());
                for key in keys {
                    self.made(process, key, written[key], outcome.is_ok());
                }
            }
        }
    }

    /// An invalidation has ended.
    fn made(&mut self, by: usize, key: usize, written: u32, acknowledged: bool) {
        let (later, written) = (self.time + secs(3), written.min(self.least_put(key)));
        for (process, floor) in self.floors.iter_mut().enumerate() {
            let knows = process == by || (floor.notes.is_none() && !floor.cut);
            if process != by && !acknowledged {
                continue;
            }
            if knows || (PROCESSES[process] == Tier::Bare && !floor.cut) {
                floor.raise(key, written);
            } else {
                // A process without the store knows when it has it again.
                let at = if floor.cut { Duration::MAX } else { later };
                floor.later.push((at, key, written));
            }
        }
    }

    fn invalidate(&mut self, process: usize, key: usize, how: How) {
        let (cache, source) = (&self.caches[process], self.source);
        let (before, after) = self.next_gates();
        let (written, value) = (source.all(), source.read(key));
        if let How::Refresh = how {
            // It is no invalidation, but may not bring back what was invalidated either.
            let (gates, floor) = (Some((before.clone(), after.clone())), self.floor(process, key));
            let call = Call::new(async move {
                scope(cache, async { load::entry(key, source, before, after) }).await.refresh().await.ok()
            });
            self.running.push(Running::Reads { call, process, key, floor, gates, went_on: 0 });
            return self.look(self.running.len() - 1);
        }
        let call = Call::new(async move {
            let text = format!("coherence.load:{key}");
            let tag = format!("coherence.one:{key}");
            let entry = scope(cache, async { load::entry(key, source, before, after) }).await;
            match how {
                How::Entry => entry.invalidate().await,
                How::Put => entry.put(value).await,
                How::Expire => entry.expire().await,
                How::Bump => entry.all().bump().await,
                How::Clear => cache.clear().await,
                How::Tag => cache.tag(&tag).invalidate().await,
                How::AllTags => cache.tag("coherence.all").invalidate().await,
                How::Delete => cache.delete(&text).await.map(drop),
                How::Set => cache.tagged(["coherence.all", &tag]).set(&text, &value, secs(60)).await,
                How::Refresh => unreachable!("it is no invalidation"),
            }
        });
        let wide = matches!(how, How::Bump | How::Clear | How::AllTags);
        let keys = if wide { (0..KEYS).collect() } else { vec![key] };
        let puts = matches!(how, How::Put | How::Set);
        self.running.push(Running::Makes { call, process, keys, written, puts });
        self.look(self.running.len() - 1);
    }

    /// Lets everything end, after which nobody is stuck.
    fn end(mut self) {
        self.open();
        self.store.accept();
        for process in 0..PROCESSES.len() {
            self.notes(process, Notes::Pass);
            self.cut(process, true);
        }
        self.source.write(0);
        for round in 0.. {
            for running in &self.running {
                if let Running::Reads { gates: Some((before, after)), .. } = running {
                    before.open();
                    after.open();
                }
            }
            // A call may be waked by one that comes after it, may be the third to load, and may wait for a lease to end.
            for place in (0..self.running.len()).rev() {
                self.look(place);
            }
            if self.running.is_empty() {
                break;
            }
            self.advance(Duration::from_millis(50));
            assert!(round < 1_000, "{} are stuck", self.running.len());
        }
        for (process, key) in (0..PROCESSES.len()).flat_map(|process| (0..KEYS).map(move |key| (process, key))) {
            self.call(process, key);
            let Some(Running::Reads { gates: Some((before, after)), .. }) = self.running.last() else { continue };
            before.open();
            after.open();
            for _ in 0..1_000 {
                if self.running.is_empty() {
                    break;
                }
                self.look(0);
                self.advance(Duration::from_millis(50));
            }
            assert!(self.running.is_empty(), "a call at the end is stuck");
        }
    }
}

fn run(steps: Vec<Step>) {
    let world = World::new();
    // Nothing is kept during an outage, so that there is no exception to the rule.
    let caches = PROCESSES.map(|tier| world.process_with(tier, |builder| builder.outage(Duration::ZERO)));
    let source = Source::default();
    let gates: Vec<_> = (0..steps.len() + KEYS * PROCESSES.len()).map(|_| (Gate::new(), Gate::new())).collect();
    let mut model = Model {
        store: world.store.clone(),
        clock: &world.clock,
        caches: &caches,
        source: &source,
        gates: &gates,
        held: Vec::new(),
        ghosts: Vec::new(),
        used: 0,
        time: Duration::ZERO,
        floors: Default::default(),
        running: Vec::new(),
    };
    for step in steps {
        model.take(step);
    }
    model.end();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_any_order(steps in steps(false)) {
        run(steps);
    }

    #[test]
    fn whatever_fails(steps in steps(true)) {
        run(steps);
    }
}

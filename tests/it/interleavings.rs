//! P2: whatever the order of loads, writes and invalidations, nobody who asks after an invalidation is given a value that
//! is older than the write before it. Random schedules in one thread, then real threads.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;

use larder::testing::{ManualClock, scope};
use larder::{Cache, KeyNeutral, cached};
use proptest::prelude::*;

use crate::support::{Call, Gate, at_once, cache, promptly_blocking, secs, timed};

const KEYS: usize = 2;

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
}

#[cached(timeout = 60, key = "interleavings.load:<key>")]
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
    Call(usize),
    /// The call at this place, counted round, goes on to its next gate.
    GoOn(usize),
    Cancel(usize),
    Write(usize),
    Invalidate(usize, How),
    Advance(u64),
}

#[derive(Clone, Copy, Debug)]
enum How {
    Entry,
    Put,
    Expire,
    Bump,
    Clear,
    Delete,
    Set,
    Refresh,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use How::{Bump, Clear, Delete, Entry, Expire, Put, Refresh, Set};
    let key = 0..KEYS;
    let how = prop::sample::select(vec![Entry, Put, Expire, Bump, Clear, Delete, Set, Refresh]);
    let step = prop_oneof![
        6 => key.clone().prop_map(Step::Call),
        8 => (0..8_usize).prop_map(Step::GoOn),
        1 => (0..8_usize).prop_map(Step::Cancel),
        3 => key.clone().prop_map(Step::Write),
        3 => (key, how).prop_map(|(key, how)| Step::Invalidate(key, how)),
        1 => (1..30_u64).prop_map(Step::Advance),
    ];
    prop::collection::vec(step, 1..60)
}

/// A call on its way, and the least it may be given.
struct Running<'a> {
    call: Call<'a, Result<u32, Failed>>,
    key: usize,
    floor: u32,
    before: Gate,
    after: Gate,
    went_on: u32,
}

struct World<'a> {
    cache: &'a Cache,
    clock: &'a ManualClock,
    source: &'a Source,
    gates: &'a [(Gate, Gate)],
    used: usize,
    /// What was written before the last invalidation of each key.
    floor: [u32; KEYS],
    running: Vec<Running<'a>>,
}

impl<'a> World<'a> {
    fn next_gates(&mut self) -> &'a (Gate, Gate) {
        self.used += 1;
        &self.gates[self.used - 1]
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Call(key) => {
                let (before, after) = self.next_gates();
                let call = Call::new(scope(self.cache, load(key, self.source, before, after)));
                let (before, after) = (before.clone(), after.clone());
                self.running.push(Running { call, key, floor: self.floor[key], before, after, went_on: 0 });
                self.look(self.running.len() - 1);
            }
            Step::GoOn(_) | Step::Cancel(_) if self.running.is_empty() => {}
            Step::GoOn(place) => {
                let place = place % self.running.len();
                let running = &mut self.running[place];
                running.went_on += 1;
                if running.went_on == 1 {
                    running.before.open();
                } else {
                    running.after.open();
                }
                self.look(place);
            }
            Step::Cancel(place) => drop(self.running.swap_remove(place % self.running.len())),
            Step::Write(key) => self.source.write(key),
            Step::Invalidate(key, how) => self.invalidate(key, how),
            Step::Advance(seconds) => self.clock.advance(secs(seconds)),
        }
    }

    /// Polls a call; if it has ended, it was not given too old a value.
    fn look(&mut self, place: usize) {
        if let Some(outcome) = self.running[place].call.step() {
            let Running { key, floor, .. } = self.running.swap_remove(place);
            if let Ok(value) = outcome {
                assert!(value >= floor, "a call of {key} was given {value} after an invalidation of {floor}");
            }
        }
    }

    fn invalidate(&mut self, key: usize, how: How) {
        let written = self.source.read(key);
        let text = format!("interleavings.load:{key}");
        let (before, after) = self.next_gates();
        let entry = at_once(scope(self.cache, async { load::entry(key, self.source, before, after) }));
        match how {
            How::Entry => at_once(entry.invalidate()).unwrap(),
            How::Put => at_once(entry.put(written)).unwrap(),
            How::Expire => at_once(entry.expire()).unwrap(),
            How::Bump => at_once(scope(self.cache, async { load::all().bump().await })).unwrap(),
            How::Clear => at_once(self.cache.clear()).unwrap(),
            How::Delete => drop(at_once(self.cache.delete(&text)).unwrap()),
            How::Set => at_once(self.cache.set(&text, &written, secs(60))).unwrap(),
            How::Refresh => {
                // It is no invalidation, but may not bring back what was invalidated either.
                let (before, after) = (before.clone(), after.clone());
                let call = Call::new(entry.refresh());
                self.running.push(Running { call, key, floor: self.floor[key], before, after, went_on: 0 });
                self.look(self.running.len() - 1);
                return;
            }
        }
        self.floor[key] = written;
        if matches!(how, How::Bump | How::Clear) {
            for key in 0..KEYS {
                self.floor[key] = self.source.read(key);
            }
        }
    }

    /// Lets everything end, after which nobody is stuck.
    fn end(mut self) {
        for running in &self.running {
            running.before.open();
            running.after.open();
        }
        // A call may be waked by one that comes after it, and may be the third to load.
        for _ in 0..self.running.len() * 4 {
            for place in (0..self.running.len()).rev() {
                self.look(place);
            }
        }
        assert!(self.running.is_empty(), "{} calls are stuck", self.running.len());
        for key in 0..KEYS {
            let (before, after) = self.next_gates();
            before.open();
            after.open();
            if let Ok(value) = Call::new(scope(self.cache, load(key, self.source, before, after))).end() {
                assert!(
                    value >= self.floor[key],
                    "{value} is left of {key} after an invalidation of {}",
                    self.floor[key]
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn in_any_order(steps in steps()) {
        let (cache, clock) = timed();
        let source = Source::default();
        let gates: Vec<_> = (0..steps.len() + KEYS).map(|_| (Gate::new(), Gate::new())).collect();
        let mut world = World {
            cache: &cache,
            clock: &clock,
            source: &source,
            gates: &gates,
            used: 0,
            floor: [0; KEYS],
            running: Vec::new(),
        };
        for step in steps {
            world.take(step);
        }
        world.end();
    }
}

#[test]
fn in_real_threads() {
    const WRITES: u64 = 1_000;
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    static INVALIDATED: AtomicU64 = AtomicU64::new(0);
    #[cached(cache = cache)]
    fn read(cache: &Cache) -> u64 {
        let value = WRITTEN.load(SeqCst);
        thread::yield_now();
        value
    }
    promptly_blocking(|| {
        let cache = cache();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while INVALIDATED.load(SeqCst) < WRITES {
                        let floor = INVALIDATED.load(SeqCst);
                        let value = read(&cache);
                        assert!(value >= floor, "{value} after an invalidation of {floor}");
                    }
                });
            }
            for write in 1..=WRITES {
                WRITTEN.store(write, SeqCst);
                match write % 4 {
                    0 => read::all(&cache).bump().unwrap(),
                    1 => drop(cache.blocking().delete(read::entry(&cache).key()).unwrap()),
                    2 => read::entry(&cache).put(write).unwrap(),
                    _ => read::entry(&cache).invalidate().unwrap(),
                }
                INVALIDATED.store(write, SeqCst);
                assert!(read(&cache) >= write);
            }
        });
    });
}

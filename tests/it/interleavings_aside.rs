//! The same as `interleavings.rs` for functions with old values, refreshes on the side, tags and batches: random schedules
//! of calls, bodies that end well or badly, refreshes that run or are dropped, writes and invalidations, in one thread.

use std::collections::HashMap;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::task::Poll;

use larder::testing::{ManualClock, scope};
use larder::{Cache, cached};
use proptest::prelude::*;

use crate::support::{Call, Side, at_once, secs};

const KEYS: usize = 2;
const KINDS: usize = 5;
const PLAIN: usize = 0;
const SWR: usize = 1;
const EARLY: usize = 2;
const SOFT: usize = 3;
const ROWS: usize = 4;

/// Kinds whose expired values can still be answers.
const STALE: [usize; 2] = [SWR, SOFT];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ok,
    Err,
    Panic,
}

/// What the functions read: each write is a greater number. Bodies wait here for their verdict.
#[derive(Default)]
struct Source {
    values: [[AtomicU32; KEYS]; KINDS],
    bodies: Mutex<HashMap<u32, Option<Verdict>>>,
    begun: AtomicU32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Down;

impl Source {
    fn value(&self, kind: usize, key: usize) -> u32 {
        self.values[kind][key].load(SeqCst)
    }

    async fn read<T>(&self, read: impl FnOnce() -> T) -> Result<T, Down> {
        let value = read();
        let number = self.begun.fetch_add(1, SeqCst);
        self.bodies.lock().unwrap().insert(number, None);
        let verdict = poll_fn(|_| match self.bodies.lock().unwrap().get(&number).copied().flatten() {
            Some(verdict) => Poll::Ready(verdict),
            None => Poll::Pending,
        })
        .await;
        self.bodies.lock().unwrap().remove(&number);
        match verdict {
            Verdict::Ok => Ok(value),
            Verdict::Err => Err(Down),
            // Without the hook, which would tell of each.
            Verdict::Panic => resume_unwind(Box::new("the body panics")),
        }
    }

    /// The verdict for one of the bodies that wait for theirs.
    fn judge(&self, place: usize, verdict: Verdict) {
        let mut bodies = self.bodies.lock().unwrap();
        let mut open: Vec<u32> =
            bodies.iter().filter(|(_, verdict)| verdict.is_none()).map(|(body, _)| *body).collect();
        open.sort_unstable();
        if !open.is_empty() {
            bodies.insert(open[place % open.len()], Some(verdict));
        }
    }
}

macro_rules! kind {
    ($name:ident, $kind:ident, $template:literal $(, $option:ident = $value:expr)*) => {
        #[cached(timeout = 10 $(, $option = $value)*, key = $template, tags("aside"), ignore(source))]
        async fn $name(key: usize, source: &'static Source) -> Result<u32, Down> {
            source.read(|| source.value($kind, key)).await
        }
    };
}

kind!(plain, PLAIN, "interleavings.plain:<key>");
kind!(swr, SWR, "interleavings.swr:<key>", stale_while_revalidate = 15, stale_if_error = 30);
kind!(early, EARLY, "interleavings.early:<key>", early = 0.5);
kind!(soft, SOFT, "interleavings.soft:<key>", stale_if_error = 15, soft_timeout = 3);

#[cached(batch, timeout = 10, key = "interleavings.rows:<keys>", tags("aside"), ignore(source))]
async fn rows(keys: &[usize], source: &'static Source) -> Result<HashMap<usize, u32>, Down> {
    source.read(|| keys.iter().map(|key| (*key, source.value(ROWS, *key))).collect()).await
}

#[derive(Clone, Copy, Debug)]
enum How {
    Entry,
    Put,
    Expire,
    Delete,
    Set,
    Bump,
    Tag,
    Clear,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Call(usize, usize),
    Poll(usize),
    Cancel(usize),
    Judge(usize, Verdict),
    Write(usize, usize),
    Invalidate(usize, usize, How),
    Advance(u64),
    Side,
    Forget,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use How::{Bump, Clear, Delete, Entry, Expire, Put, Set, Tag};
    let place = || 0..8_usize;
    let how = prop::sample::select(vec![Entry, Put, Expire, Delete, Set, Bump, Tag, Clear]);
    let verdict = prop::sample::select(vec![Verdict::Ok, Verdict::Ok, Verdict::Ok, Verdict::Err, Verdict::Panic]);
    let step = prop_oneof![
        8 => (0..KINDS, 0..KEYS).prop_map(|(kind, key)| Step::Call(kind, key)),
        4 => place().prop_map(Step::Poll),
        1 => place().prop_map(Step::Cancel),
        7 => (place(), verdict).prop_map(|(place, verdict)| Step::Judge(place, verdict)),
        3 => (0..KINDS, 0..KEYS).prop_map(|(kind, key)| Step::Write(kind, key)),
        3 => (0..KINDS, 0..KEYS, how).prop_map(|(kind, key, how)| Step::Invalidate(kind, key, how)),
        4 => (1..12_u64).prop_map(Step::Advance),
        5 => Just(Step::Side),
        1 => Just(Step::Forget),
    ];
    prop::collection::vec(step, 1..80)
}

/// A call on its way, and the least that it may be given.
struct Running {
    call: Call<'static, Result<HashMap<usize, u32>, Down>>,
    kind: usize,
    floor: [u32; KEYS],
}

struct World {
    cache: Cache,
    clock: ManualClock,
    side: Side,
    source: &'static Source,
    /// What was written before the last invalidation.
    floor: [[u32; KEYS]; KINDS],
    running: Vec<Running>,
    answered: u64,
    /// Calls that may have counted or not.
    lost: u64,
}

impl World {
    fn new() -> Self {
        let side = Side::default();
        let (cache, clock) = side.timed();
        let source = Box::leak(Box::default());
        Self { cache, clock, side, source, floor: Default::default(), running: Vec::new(), answered: 0, lost: 0 }
    }

    fn call(&self, kind: usize, key: usize) -> Running {
        let (cache, source) = (self.cache.clone(), self.source);
        let call = async move {
            let one = |value| HashMap::from([(key, value)]);
            scope(&cache, async {
                match kind {
                    PLAIN => plain(key, source).await.map(one),
                    SWR => swr(key, source).await.map(one),
                    EARLY => early(key, source).await.map(one),
                    SOFT => soft(key, source).await.map(one),
                    _ if key == 0 => rows(&[0, 1], source).await,
                    _ => rows(&[1], source).await,
                }
            })
            .await
        };
        Running { call: Call::new(call), kind, floor: self.floor[kind] }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Call(kind, key) => {
                let call = self.call(kind, key);
                self.running.push(call);
                self.poll(self.running.len() - 1);
            }
            Step::Poll(_) | Step::Cancel(_) if self.running.is_empty() => {}
            Step::Poll(place) => self.poll(place % self.running.len()),
            Step::Cancel(place) => {
                let cancelled = self.running.swap_remove(place % self.running.len());
                self.lost += if cancelled.kind == ROWS { 2 } else { 1 };
            }
            Step::Judge(place, verdict) => self.source.judge(place, verdict),
            Step::Write(kind, key) => _ = self.source.values[kind][key].fetch_add(1, SeqCst),
            Step::Invalidate(kind, key, how) => self.invalidate(kind, key, how),
            Step::Advance(seconds) => self.clock.advance(secs(seconds)),
            Step::Side => self.side.run(),
            Step::Forget => self.side.forget(),
        }
    }

    /// Polls a call; if it has ended, it was not given too old a value.
    fn poll(&mut self, place: usize) {
        let running = &mut self.running[place];
        let ended = catch_unwind(AssertUnwindSafe(|| running.call.step()));
        let Running { kind, floor, .. } = match &ended {
            Ok(None) => return,
            _ => self.running.swap_remove(place),
        };
        match ended {
            Ok(Some(Ok(found))) => {
                self.answered += found.len() as u64;
                for (key, value) in found {
                    assert!(value >= floor[key], "{kind}/{key}: {value} after an invalidation of {}", floor[key]);
                    assert!(value <= self.source.value(kind, key), "{kind}/{key}: {value} was never written");
                }
            }
            Ok(_) | Err(_) => self.lost += if kind == ROWS { 2 } else { 1 },
        }
    }

    fn invalidate(&mut self, kind: usize, key: usize, how: How) {
        let (cache, written) = (self.cache.clone(), self.source.value(kind, key));
        macro_rules! by_handle {
            (|$entry:ident| $run:expr) => {
                match kind {
                    PLAIN => {
                        let $entry = plain::entry(key);
                        $run
                    }
                    SWR => {
                        let $entry = swr::entry(key);
                        $run
                    }
                    EARLY => {
                        let $entry = early::entry(key);
                        $run
                    }
                    SOFT => {
                        let $entry = soft::entry(key);
                        $run
                    }
                    _ => {
                        let $entry = rows::entry(key);
                        $run
                    }
                }
            };
        }
        let names = ["plain", "swr", "early", "soft", "rows"];
        let text = format!("interleavings.{}:{key}", names[kind]);
        at_once(scope(&cache, async {
            match how {
                How::Entry => by_handle!(|entry| entry.invalidate().await.unwrap()),
                How::Put => by_handle!(|entry| entry.put(written).await.unwrap()),
                How::Expire => by_handle!(|entry| entry.expire().await.unwrap()),
                How::Bump => by_handle!(|entry| entry.all().bump().await.unwrap()),
                How::Delete => _ = cache.delete(&text).await.unwrap(),
                // Without the tag that its function would give it, it would not be found by it.
                How::Set => cache.tagged(&["aside"]).set(&text, &written, secs(10)).await.unwrap(),
                How::Tag => cache.tag("aside").invalidate().await.unwrap(),
                How::Clear => cache.clear().await.unwrap(),
            }
        }));
        for (other, floor) in self.floor.iter_mut().enumerate() {
            for (at, floor) in floor.iter_mut().enumerate() {
                let meant = match how {
                    How::Tag | How::Clear => true,
                    How::Bump => other == kind,
                    How::Expire => (other, at) == (kind, key) && !STALE.contains(&kind),
                    How::Entry | How::Put | How::Delete | How::Set => (other, at) == (kind, key),
                };
                if meant {
                    *floor = self.source.value(other, at);
                }
            }
        }
    }

    /// Lets everything end, after which nothing is left and nobody is stuck.
    fn end(mut self) {
        for _ in 0..4 * (self.running.len() + 2) {
            while self.source.bodies.lock().unwrap().values().any(Option::is_none) {
                self.source.judge(0, Verdict::Ok);
            }
            self.side.run();
            for place in (0..self.running.len()).rev() {
                self.poll(place);
            }
        }
        assert!(self.running.is_empty(), "{} calls are stuck", self.running.len());
        assert_eq!(self.side.waiting(), 0, "a refresh is stuck");
        let stats = self.cache.stats();
        let counted = stats.hits + stats.stale_hits + stats.misses;
        assert!(
            (self.answered..=self.answered + self.lost).contains(&counted),
            "{counted} are counted of {} answered and {} lost",
            self.answered,
            self.lost
        );
        // Later, when everything is out of date, each call loads.
        self.clock.advance(secs(1_000));
        for kind in 0..KINDS {
            for key in 0..KEYS {
                self.source.values[kind][key].fetch_add(1, SeqCst);
                let running = self.call(kind, key);
                self.running.push(running);
                self.poll(0);
                while !self.running.is_empty() {
                    assert!(!self.source.bodies.lock().unwrap().is_empty(), "{kind}/{key}: nothing loads");
                    self.source.judge(0, Verdict::Ok);
                    self.poll(0);
                }
            }
        }
        at_once(self.cache.shutdown(secs(0))).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(700))]
    #[test]
    fn in_any_order(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        world.end();
    }
}

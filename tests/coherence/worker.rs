//! What one process does: it reads, writes and invalidates, on several threads, and notes all of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use larder::{Cache, cached};
use larder_kit::clock;

use crate::history::{Event, What};
use crate::source::{KEYS, Line, Load};

const THREADS: u64 = 3;

#[cached(cache = cache, timeout = 3600, key = "k:<key>", ignore(line), tags("t:<key>"))]
fn version(key: usize, cache: &Cache, line: &Line) -> u64 {
    line.load(key)
}

/// What workers are told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// To invalidate keys alone, not what many have in common.
    pub(crate) narrow: AtomicBool,
    /// To write no more.
    pub(crate) quiet: AtomicBool,
    pub(crate) stop: AtomicBool,
    /// How many of them write no more.
    pub(crate) silent: AtomicU64,
}

impl Told {
    /// Tells them to write no more, and waits until they have understood.
    pub(crate) fn silence(&self) {
        self.quiet.store(true, Relaxed);
        larder_kit::until("the writers to be silent", || self.silent.load(Relaxed) == THREADS);
    }
}

/// Works until it is told to stop.
pub(crate) fn work(process: usize, cache: &Cache, port: u16, told: &Told) -> Vec<Event> {
    thread::scope(|threads| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| threads.spawn(move || one(process, cache, &Line::connect(port), thread, told)))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

fn one(process: usize, cache: &Cache, line: &Line, thread: u64, told: &Told) -> Vec<Event> {
    let mut is_silent = false;
    let mut events = Vec::new();
    let mut dice = Dice(process as u64 * 1_000 + thread * 77 + 1);
    while !told.stop.load(Relaxed) {
        if told.quiet.load(Relaxed) && !is_silent {
            is_silent = true;
            told.silent.fetch_add(1, Relaxed);
        }
        let key = usize::try_from(dice.below(KEYS as u64)).unwrap();
        let begin = clock::now();
        let mut note = |what, version| events.push(Event { process, key, begin, end: clock::now(), version, what });
        if dice.below(20) > 0 || is_silent {
            note(What::Read, version(key, cache, line));
            // As fast as a program with something to do, and not faster.
            (0..dice.below(2_000)).for_each(|_| std::hint::spin_loop());
            thread::yield_now();
            continue;
        }
        let version = line.add(key);
        let done = match dice.below(4) {
            0 | 1 if told.narrow.load(Relaxed) => version::entry(key, cache).invalidate(),
            0 => cache.blocking().tag(&format!("t:{key}")).invalidate(),
            1 => version::all(cache).bump(),
            2 => cache.blocking().delete(&format!("k:{key}")).map(drop),
            _ => version::entry(key, cache).invalidate(),
        };
        note(if done.is_ok() { What::Written } else { What::Unknown }, version);
    }
    let loads = line.loads().into_iter();
    events.extend(loads.map(|Load { key, begin, end, version }| Event {
        process,
        key,
        begin,
        end,
        version,
        what: What::Loaded,
    }));
    events
}

/// Nanoseconds after which all must be as it is at the source.
pub(crate) const SETTLED: u64 = 10_000_000_000;

/// How long it takes until all numbers are as they are at the source, which nobody changes any more; nothing, if they never are.
pub(crate) fn settle(cache: &Cache, port: u16) -> Option<Duration> {
    let line = Line::connect(port);
    let begin = clock::now();
    for key in 0..KEYS {
        let last = line.get(key);
        let mut late = false;
        larder_kit::until(format!("number {key} to be {last}"), || {
            late = clock::now() - begin > SETTLED;
            late || version(key, cache, &line) == last
        });
        if late {
            return None;
        }
    }
    Some(Duration::from_nanos(clock::now() - begin))
}

/// The same numbers in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

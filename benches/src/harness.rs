//! Timing: every contender runs in every round, one after the other, so that what else the machine does hits all alike;
//! what counts is each one's best round.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::rng::Rng;

/// What is measured, as one loop over the keys that was compiled for it: nothing is called through a pointer inside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender<K: 'static> {
    pub(crate) name: &'static str,
    /// Looks every key up and adds the values up.
    pub(crate) run: fn(&[K]) -> u64,
    /// How often the body behind it ran; none if there is no body.
    pub(crate) loads: Option<&'static AtomicU64>,
    /// Every thread has a cache of its own.
    pub(crate) per_thread: bool,
}

/// In which order the keys are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Sequential,
    Random,
}

impl Order {
    pub(crate) const BOTH: [Self; 2] = [Self::Random, Self::Sequential];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Random => "random",
        }
    }
}

/// The value of a key: what every body returns.
pub(crate) fn value_of(id: u64) -> u64 {
    id.wrapping_mul(3) + 1
}

/// Ids to ask for in one go: each of the `count` keys equally often, about 16,000 or one turn at least.
pub(crate) fn ids(count: u64, order: Order) -> Vec<u64> {
    let turns = 16_000_u64.div_ceil(count);
    let mut ids: Vec<u64> = (0..turns).flat_map(|_| 0..count).collect();
    if order == Order::Random {
        Rng::new(count).shuffle(&mut ids);
    }
    ids
}

pub(crate) fn loads_of<K>(contender: &Contender<K>) -> u64 {
    contender.loads.map_or(0, |loads| loads.load(Ordering::Relaxed))
}

/// Makes every cache hold the keys; in which order they come is in which order their entries lie in memory.
///
/// # Panics
///
/// When a value is wrong.
pub(crate) fn fill<K>(contenders: &[Contender<K>], keys: &[K], sum: u64) {
    for contender in contenders {
        assert_eq!((contender.run)(keys), sum, "{}: wrong values while filling", contender.name);
    }
}

/// The sum of the values of these ids.
pub(crate) fn sum_of(ids: &[u64]) -> u64 {
    ids.iter().fold(0_u64, |sum, id| sum.wrapping_add(value_of(*id)))
}

/// Nanoseconds per call of each contender on one thread, its best of `rounds`.
///
/// # Panics
///
/// When a value is wrong or a body runs during the measurement: then it was no measurement of hits.
pub(crate) fn hits<K>(contenders: &[Contender<K>], keys: &[K], sum: u64, rounds: u32, calls: usize) -> Vec<f64> {
    let turns = calls.div_ceil(keys.len());
    let mut best = vec![f64::INFINITY; contenders.len()];
    let before: Vec<u64> = contenders.iter().map(loads_of).collect();
    for _ in 0..rounds {
        for (best, contender) in best.iter_mut().zip(contenders) {
            // Back into the processor's caches what the contender before pushed out.
            black_box((contender.run)(keys));
            let started = Instant::now();
            let mut total = 0_u64;
            for _ in 0..turns {
                total = total.wrapping_add((contender.run)(black_box(keys)));
            }
            let took = started.elapsed();
            assert_eq!(total, sum.wrapping_mul(turns as u64), "{}: wrong values", contender.name);
            *best = best.min(took.as_nanos() as f64 / (turns * keys.len()) as f64);
        }
    }
    for (contender, before) in contenders.iter().zip(before) {
        assert_eq!(loads_of(contender), before, "{}: these were not all hits", contender.name);
    }
    best
}

/// Million calls per second of each contender over `threads` threads together, its best of `rounds`.
///
/// # Panics
///
/// As [`hits`].
pub(crate) fn throughput<K: Sync>(
    contenders: &[Contender<K>],
    keys: &[K],
    sum: u64,
    rounds: u32,
    calls: usize,
    threads: usize,
) -> Vec<f64> {
    let turns = calls.div_ceil(keys.len());
    let mut best = vec![0.0_f64; contenders.len()];
    let before: Vec<u64> = contenders.iter().map(loads_of).collect();
    for _ in 0..rounds {
        for (best, contender) in best.iter_mut().zip(contenders) {
            let start = Barrier::new(threads);
            let one = || {
                black_box((contender.run)(keys));
                start.wait();
                let started = Instant::now();
                let mut total = 0_u64;
                for _ in 0..turns {
                    total = total.wrapping_add((contender.run)(black_box(keys)));
                }
                let ended = Instant::now();
                assert_eq!(total, sum.wrapping_mul(turns as u64), "{}: wrong values", contender.name);
                (started, ended)
            };
            let times: Vec<_> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
                threads.into_iter().map(|thread| thread.join().expect("the values are right")).collect()
            });
            let started = times.iter().map(|(started, _)| started).min();
            let ended = times.iter().map(|(_, ended)| ended).max();
            let took = ended.zip(started).map_or(f64::NAN, |(ended, started)| (*ended - *started).as_nanos() as f64);
            *best = best.max((threads * turns * keys.len()) as f64 / took * 1_000.0);
        }
    }
    for (contender, before) in contenders.iter().zip(before) {
        assert!(contender.per_thread || loads_of(contender) == before, "{}: these were not all hits", contender.name);
    }
    best
}

/// The middle one.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

//! What a miss costs beyond its body: every call has a key that nobody asked for before, and the body does nothing.

use std::hint::black_box;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cached::macros::{cached, concurrent_cached};
use foldhash::fast::RandomState;
use larder::Cache;

use crate::Effort;
use crate::harness::{Contender, loads_of, median, sum_of, value_of};
use crate::report::Section;

const KEYS: u64 = 20_000;
const TTL: Duration = Duration::from_mins(1);

fn load(counter: &AtomicU64, id: u64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed);
    value_of(id)
}

fn cache(capacity: u64) -> Cache {
    Cache::builder().capacity(capacity).build_blocking().expect("the settings are right")
}

type Moka = moka::sync::Cache<u64, u64, RandomState>;

fn moka(capacity: u64) -> Moka {
    moka::sync::Cache::builder().max_capacity(capacity).time_to_live(TTL).build_with_hasher(RandomState::default())
}

macro_rules! contender {
    ($module:ident, |$id:ident| $call:expr, { $($item:item)* }) => {
        mod $module {
            use super::*;

            pub(super) static LOADS: AtomicU64 = AtomicU64::new(0);

            $($item)*

            pub(super) fn run(ids: &[u64]) -> u64 {
                let mut sum = 0_u64;
                for $id in ids.iter().copied() {
                    let $id = black_box($id);
                    sum = sum.wrapping_add($call);
                }
                sum
            }
        }
    };
}

/// All contenders with caches of one capacity; the peers take literals only.
macro_rules! all {
    ($module:ident, $capacity:literal, $key:literal, $key_alone:literal) => {
        mod $module {
            use super::*;

            contender!(by_larder, |id| get(id), {
                static CACHE: LazyLock<Cache> = LazyLock::new(|| cache($capacity));
                #[larder::cached(timeout = 60, key = $key, cache = *CACHE)]
                fn get(id: u64) -> u64 {
                    load(&LOADS, id)
                }
            });
            contender!(larder_alone, |id| get(id), {
                static CACHE: LazyLock<Cache> = LazyLock::new(|| cache($capacity));
                #[larder::cached(timeout = 60, key = $key_alone, coalesce = false, cache = *CACHE)]
                fn get(id: u64) -> u64 {
                    load(&LOADS, id)
                }
            });
            contender!(cached_plain, |id| get(id), {
                #[cached(max_size = $capacity, ttl_secs = 60)]
                fn get(id: u64) -> u64 {
                    load(&LOADS, id)
                }
            });
            contender!(cached_by_key, |id| get(id), {
                #[cached(max_size = $capacity, ttl_secs = 60, sync_writes = "by_key")]
                fn get(id: u64) -> u64 {
                    load(&LOADS, id)
                }
            });
            contender!(concurrent, |id| get(id), {
                #[concurrent_cached(max_size = $capacity, ttl_secs = 60)]
                fn get(id: u64) -> u64 {
                    load(&LOADS, id)
                }
            });
            contender!(moka_get_with, |id| CACHE.get_with(id, || load(&LOADS, id)), {
                static CACHE: LazyLock<Moka> = LazyLock::new(|| moka($capacity));
            });
            contender!(moka_insert, |id| get(id), {
                static CACHE: LazyLock<Moka> = LazyLock::new(|| moka($capacity));
                fn get(id: u64) -> u64 {
                    CACHE.get(&id).unwrap_or_else(|| {
                        let value = load(&LOADS, id);
                        CACHE.insert(id, value);
                        value
                    })
                }
            });

            pub(super) fn all() -> Vec<Contender<u64>> {
                vec![
                    contender("larder", by_larder::run, &by_larder::LOADS),
                    contender("larder, `coalesce = false`", larder_alone::run, &larder_alone::LOADS),
                    contender("cached `#[cached]`", cached_plain::run, &cached_plain::LOADS),
                    contender(
                        "cached `#[cached]`, `sync_writes = \"by_key\"`",
                        cached_by_key::run,
                        &cached_by_key::LOADS,
                    ),
                    contender("cached `#[concurrent_cached]`", concurrent::run, &concurrent::LOADS),
                    contender("moka, `get_with`", moka_get_with::run, &moka_get_with::LOADS),
                    contender("moka, `get` and `insert`", moka_insert::run, &moka_insert::LOADS),
                ]
            }
        }
    };
}

all!(roomy, 1_048_576, "roomy:<id>", "roomy_alone:<id>");
all!(full, 10_000, "full:<id>", "full_alone:<id>");

fn contender(name: &'static str, run: fn(&[u64]) -> u64, loads: &'static AtomicU64) -> Contender<u64> {
    Contender { name, run, loads: Some(loads), per_thread: false }
}

/// Nanoseconds per miss, the best round and the median one: housekeeping falls into some rounds only.
fn cost(contenders: &[Contender<u64>], rounds: u64) -> Vec<(f64, f64)> {
    let mut costs = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        let ids: Vec<u64> = (round * KEYS..(round + 1) * KEYS).collect();
        let sum = sum_of(&ids);
        for (costs, contender) in costs.iter_mut().zip(contenders) {
            let before = loads_of(contender);
            let started = Instant::now();
            let total = (contender.run)(black_box(&ids));
            let took = started.elapsed();
            assert_eq!(total, sum, "{}: wrong values", contender.name);
            assert_eq!(loads_of(contender), before + KEYS, "{}: these were not all misses", contender.name);
            costs.push(took.as_nanos() as f64 / KEYS as f64);
        }
    }
    costs.into_iter().map(|costs| (costs.iter().copied().fold(f64::INFINITY, f64::min), median(costs))).collect()
}

pub(crate) fn measure(effort: Effort) -> Section {
    eprintln!("misses");
    let mut section = Section::new("A miss");
    section.paragraph(
        "Nanoseconds per call with a key that nobody asked for before, one thread. \"Room\": capacity of 1,048,576, \
         nothing is evicted; \"full\": capacity of 10,000. `#[cached]` and `#[concurrent_cached]` do not coalesce, and \
         evict what was used longest ago; larder and moka weigh the newcomer against what it would push out.",
    );
    let (roomy, full) = (roomy::all(), full::all());
    let in_room = cost(&roomy, u64::from(effort.rounds));
    // The first 10,000 of them fill the caches.
    let when_full = cost(&full, u64::from(effort.rounds));
    let rows: Vec<_> = roomy
        .iter()
        .zip(in_room.iter().zip(&when_full))
        .map(|(contender, (room, full))| {
            (contender.name.to_owned(), vec![Some(room.0), Some(room.1), Some(full.0), Some(full.1)])
        })
        .collect();
    let columns = ["room, best", "room, median", "full, best", "full, median"].map(str::to_owned);
    section.table("ns per miss", &columns, &rows);
    section
}

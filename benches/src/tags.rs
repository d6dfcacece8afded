//! What tags cost: a hit of an entry that has some, and the invalidation of one.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::harness::{Contender, Order, fill, hits, ids, sum_of, value_of};
use crate::report::{Section, Target};
use crate::{Effort, clear};

mod none {
    use super::{AtomicU64, Ordering, black_box, value_of};

    pub(super) static LOADS: AtomicU64 = AtomicU64::new(0);

    #[larder::cached(timeout = 60, key = "tags_0:<id>")]
    fn ask(id: u64) -> u64 {
        LOADS.fetch_add(1, Ordering::Relaxed);
        value_of(id)
    }

    pub(super) fn run(keys: &[u64]) -> u64 {
        keys.iter().fold(0_u64, |sum, key| sum.wrapping_add(ask(*black_box(key))))
    }
}

mod one {
    use super::{AtomicU64, Ordering, black_box, value_of};

    pub(super) static LOADS: AtomicU64 = AtomicU64::new(0);

    #[larder::cached(timeout = 60, key = "tags_1:<id>", tags("bench:0"))]
    fn ask(id: u64) -> u64 {
        LOADS.fetch_add(1, Ordering::Relaxed);
        value_of(id)
    }

    pub(super) fn run(keys: &[u64]) -> u64 {
        keys.iter().fold(0_u64, |sum, key| sum.wrapping_add(ask(*black_box(key))))
    }
}

mod four {
    use super::{AtomicU64, Ordering, black_box, value_of};

    pub(super) static LOADS: AtomicU64 = AtomicU64::new(0);

    #[larder::cached(timeout = 60, key = "tags_4:<id>", tags("bench:0", "bench:1", "bench:2", "bench:3"))]
    fn ask(id: u64) -> u64 {
        LOADS.fetch_add(1, Ordering::Relaxed);
        value_of(id)
    }

    pub(super) fn run(keys: &[u64]) -> u64 {
        keys.iter().fold(0_u64, |sum, key| sum.wrapping_add(ask(*black_box(key))))
    }
}

mod sixteen {
    use super::{AtomicU64, Ordering, black_box, value_of};

    pub(super) static LOADS: AtomicU64 = AtomicU64::new(0);

    #[larder::cached(
        timeout = 60,
        key = "tags_16:<id>",
        tags(
            "bench:0", "bench:1", "bench:2", "bench:3", "bench:4", "bench:5", "bench:6", "bench:7", "bench:8",
            "bench:9", "bench:10", "bench:11", "bench:12", "bench:13", "bench:14", "bench:15",
        )
    )]
    fn ask(id: u64) -> u64 {
        LOADS.fetch_add(1, Ordering::Relaxed);
        value_of(id)
    }

    pub(super) fn run(keys: &[u64]) -> u64 {
        keys.iter().fold(0_u64, |sum, key| sum.wrapping_add(ask(*black_box(key))))
    }
}

#[larder::cached(timeout = 60, key = "tags.few:<id>", tags("bench.few"))]
fn few(id: u64) -> u64 {
    value_of(id)
}

#[larder::cached(timeout = 60, key = "tags.many:<id>", tags("bench.many"))]
fn many(id: u64) -> u64 {
    value_of(id)
}

fn contenders() -> Vec<Contender<u64>> {
    macro_rules! contender {
        ($name:literal, $module:ident) => {
            Contender { name: $name, run: $module::run, loads: Some(&$module::LOADS), per_thread: false }
        };
    }
    vec![
        contender!("no tag", none),
        contender!("1 tag", one),
        contender!("4 tags", four),
        contender!("16 tags", sixteen),
    ]
}

const REPEATED: u32 = 100;

/// Nanoseconds that the invalidation of a tag takes, the least of some; each time all entries are there.
fn invalidation(tag: &str, entries: u64, rounds: u32, ask: fn(u64) -> u64) -> f64 {
    let cache = larder::Cache::builder().capacity(2 * entries).build_blocking().expect("it is in memory");
    larder::testing::scope_blocking(&cache, || {
        let mut least = Duration::MAX;
        for round in 0..rounds {
            (0..entries).for_each(|id| _ = ask(id));
            let loads = cache.stats().loads;
            assert_eq!(loads, entries * u64::from(round + 1), "every entry was loaded anew");
            let started = Instant::now();
            // The first finds in memory what the others find in the processor's caches.
            for _ in 0..REPEATED {
                cache.blocking().tag(tag).invalidate().expect("it is in memory");
            }
            least = least.min(started.elapsed());
        }
        least.as_nanos() as f64 / f64::from(REPEATED)
    })
}

pub(crate) fn measure(effort: Effort) -> Section {
    eprintln!("tags");
    let contenders = contenders();
    let mut columns = Vec::new();
    for count in [1, 1_000] {
        let ids = ids(count, Order::Random);
        let sum = sum_of(&ids);
        fill(&contenders, &ids, sum);
        columns.push((count, hits(&contenders, &ids, sum, effort.rounds, effort.calls)));
    }
    clear();
    let rounds = effort.rounds.max(5);
    let invalidations =
        [invalidation("bench.few", 100, rounds, few), invalidation("bench.many", 100_000, rounds, many)];

    let mut section = Section::new("Tags");
    section.paragraph("Nanoseconds of a hit by `u64` whose entry has tags, the best round of each.");
    let names: Vec<String> = columns.iter().map(|(count, _)| format!("{count} keys")).collect();
    let rows: Vec<_> = contenders
        .iter()
        .enumerate()
        .map(|(row, contender)| {
            (contender.name.to_owned(), columns.iter().map(|(_, times)| times.get(row).copied()).collect())
        })
        .collect();
    section.table("ns", &names, &rows);
    section.paragraph("Nanoseconds that the invalidation of a tag takes, the best of some rounds.");
    section.table(
        "entries",
        &["ns".to_owned()],
        &[("100".to_owned(), vec![Some(invalidations[0])]), ("100,000".to_owned(), vec![Some(invalidations[1])])],
    );
    let mut targets = Vec::new();
    for (count, times) in &columns {
        for (row, tags) in [(1, 1.0), (2, 4.0), (3, 16.0)] {
            let more = (times.get(row).unwrap_or(&f64::NAN) - times.first().unwrap_or(&f64::NAN)) / tags;
            targets.push(Target::at_most(format!("ns for each of {tags} tags, {count} keys"), 3.0, more));
        }
    }
    targets.push(Target::at_most(
        "time to invalidate a tag of 100,000 entries over that of 100",
        2.0,
        invalidations[1] / invalidations[0],
    ));
    section.targets(&targets);
    section
}

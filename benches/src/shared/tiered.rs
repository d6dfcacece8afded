//! A hit in memory with Redis behind it, against one in memory alone.

use larder_kit::until;

use crate::Effort;
use crate::harness::{Contender, Order, fill, hits, ids, sum_of};
use crate::report::{Section, Target};

macro_rules! function {
    ($cache:ident) => {
        mod $cache {
            use std::hint::black_box;
            use std::sync::atomic::{AtomicU64, Ordering};

            use crate::harness::value_of;
            use crate::shared::world::$cache;

            pub(super) static LOADS: AtomicU64 = AtomicU64::new(0);

            #[larder::cached(timeout = 3600, key = "bench.here:<id>", cache = $cache())]
            fn ask(id: u64) -> u64 {
                LOADS.fetch_add(1, Ordering::Relaxed);
                value_of(id)
            }

            pub(super) fn run(keys: &[u64]) -> u64 {
                keys.iter().fold(0_u64, |sum, key| sum.wrapping_add(ask(*black_box(key))))
            }
        }
    };
}

function!(memory);
function!(tiered);

pub(super) fn measure(effort: Effort, section: &mut Section, targets: &mut Vec<Target>) {
    let contenders = [
        Contender { name: "memory alone", run: memory::run, loads: Some(&memory::LOADS), per_thread: false },
        Contender { name: "memory before Redis", run: tiered::run, loads: Some(&tiered::LOADS), per_thread: false },
    ];
    let mut columns = Vec::new();
    for count in [1, 1_000] {
        let ids = ids(count, Order::Random);
        let sum = sum_of(&ids);
        // Memory is used once there is a proof that it has heard everything.
        until("hits in memory", || {
            let shared = || super::world::tiered().stats().shared_hits;
            fill(&contenders, &ids, sum);
            let before = shared();
            fill(&contenders, &ids, sum);
            shared() == before
        });
        let before = super::world::tiered().stats().shared_hits;
        columns.push((count, hits(&contenders, &ids, sum, effort.rounds, effort.calls)));
        assert_eq!(super::world::tiered().stats().shared_hits, before, "Redis was not asked");
    }
    let names: Vec<String> = columns.iter().map(|(count, _)| format!("{count} keys")).collect();
    let rows: Vec<_> = contenders
        .iter()
        .enumerate()
        .map(|(row, contender)| {
            (contender.name.to_owned(), columns.iter().map(|(_, times)| times.get(row).copied()).collect())
        })
        .collect();
    section.table("ns of a hit by `u64`, sync function", &names, &rows);
    for (count, times) in &columns {
        let more = times.last().unwrap_or(&f64::NAN) - times.first().unwrap_or(&f64::NAN);
        targets.push(Target::at_most(format!("ns that Redis behind memory adds to a hit, {count} keys"), 10.0, more));
    }
}

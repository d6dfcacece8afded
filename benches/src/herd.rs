//! Ten thousand tasks ask for one key that is not there.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cached::macros::cached;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::Effort;
use crate::harness::value_of;
use crate::report::{Section, Target};

const TASKS: u64 = 10_000;
const BODY: Duration = Duration::from_millis(20);

static LOADS: AtomicU64 = AtomicU64::new(0);

async fn load(id: u64) -> u64 {
    LOADS.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(BODY).await;
    value_of(id)
}

#[larder::cached(timeout = 60, key = "herd:<id>")]
async fn by_larder(id: u64) -> u64 {
    load(id).await
}

#[cached(max_size = 10_000, ttl_secs = 60, sync_writes = "by_key")]
async fn by_cached(id: u64) -> u64 {
    load(id).await
}

#[cached(max_size = 10_000, ttl_secs = 60)]
async fn by_cached_unsynchronised(id: u64) -> u64 {
    load(id).await
}

/// The time from the first spawn to the last answer, and the loads.
fn herd<F>(runtime: &Runtime, id: u64, ask: impl Fn(u64) -> F) -> (f64, u64)
where
    F: Future<Output = u64> + Send + 'static,
{
    let before = LOADS.load(Ordering::Relaxed);
    let took = runtime.block_on(async {
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            tasks.spawn(ask(id));
        }
        let answers = tasks.join_all().await;
        let took = started.elapsed();
        assert_eq!(answers.len() as u64, TASKS, "every task answers");
        assert!(answers.into_iter().all(|answer| answer == value_of(id)), "with the right value");
        took
    });
    (took.as_secs_f64() * 1_000.0, LOADS.load(Ordering::Relaxed) - before)
}

pub(crate) fn measure(effort: Effort) -> Section {
    eprintln!("herd");
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts");
    let moka: moka::future::Cache<u64, u64> =
        moka::future::Cache::builder().max_capacity(10_000).time_to_live(Duration::from_mins(1)).build();

    let names = ["larder", "cached, `sync_writes = \"by_key\"`", "moka, `get_with`", "cached", "tasks that only sleep"];
    let mut best = [(f64::INFINITY, 0_u64); 5];
    for id in 0..u64::from(effort.rounds) {
        let round = [
            herd(&runtime, id, by_larder),
            herd(&runtime, id, by_cached),
            herd(&runtime, id, |id| {
                let moka = moka.clone();
                async move { moka.get_with(id, load(id)).await }
            }),
            herd(&runtime, id, by_cached_unsynchronised),
            herd(&runtime, id, load),
        ];
        for (best, (took, loads)) in best.iter_mut().zip(round) {
            best.0 = best.0.min(took);
            best.1 = best.1.max(loads);
        }
    }

    let mut section = Section::new("Ten thousand tasks at a cold key");
    section.paragraph(
        "Tokio, two worker threads; the body sleeps for 20 ms. From the first spawn to the last answer, the best round; \
         the most loads of any round.",
    );
    let rows: Vec<_> = names
        .iter()
        .zip(best)
        .map(|(name, (took, loads))| ((*name).to_owned(), vec![Some(took), Some(loads as f64)]))
        .collect();
    section.table("", &["ms".to_owned(), "loads".to_owned()], &rows);
    section.targets(&[Target::at_most("loads for 10,000 callers", 1.0, best[0].1 as f64)]);
    section
}

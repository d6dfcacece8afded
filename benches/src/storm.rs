//! Reads that go on while a slow source is refreshed over and over: who waits, and for how long.
//!
//! The load is open: requests come at a fixed rate whether or not the earlier ones have ended, so that a caller who waits
//! does not keep the next ones from being counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cached::macros::cached;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::Effort;
use crate::harness::value_of;
use crate::report::{Section, Target};

const LIFE: Duration = Duration::from_millis(60);
const BODY: Duration = Duration::from_millis(20);
/// Requests that come each millisecond.
const AT_ONCE: u64 = 5;
const KEY: u64 = 7;

static LOADS: AtomicU64 = AtomicU64::new(0);

async fn load(id: u64) -> u64 {
    LOADS.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(BODY).await;
    value_of(id)
}

#[larder::cached(timeout = "60ms", stale_while_revalidate = 60, key = "storm.stale:<id>")]
async fn stale_while_revalidate(id: u64) -> u64 {
    load(id).await
}

#[larder::cached(timeout = "60ms", early = 0.5, key = "storm.early:<id>")]
async fn early(id: u64) -> u64 {
    load(id).await
}

#[larder::cached(timeout = "60ms", key = "storm.plain:<id>")]
async fn plain(id: u64) -> u64 {
    load(id).await
}

#[cached(max_size = 10_000, ttl_millis = 60, sync_writes = "by_key")]
async fn by_cached(id: u64) -> u64 {
    load(id).await
}

/// The times of all requests in microseconds, sorted, and the loads.
fn storm<F>(runtime: &Runtime, requests: u64, ask: impl Fn(u64) -> F + Copy + Send + Sync + 'static) -> (Vec<f64>, u64)
where
    F: Future<Output = u64> + Send + 'static,
{
    let before = LOADS.load(Ordering::Relaxed);
    let mut times = runtime.block_on(async {
        assert_eq!(ask(KEY).await, value_of(KEY), "the first request");
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut tasks = JoinSet::new();
        for _ in 0..requests / AT_ONCE {
            ticks.tick().await;
            for _ in 0..AT_ONCE {
                let asked = Instant::now();
                tasks.spawn(async move {
                    assert_eq!(ask(KEY).await, value_of(KEY), "a wrong value");
                    asked.elapsed().as_secs_f64() * 1_000_000.0
                });
            }
        }
        tasks.join_all().await
    });
    times.sort_by(f64::total_cmp);
    (times, LOADS.load(Ordering::Relaxed) - before)
}

fn percentile(times: &[f64], part: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let index = (times.len() as f64 * part) as usize;
    times.get(index.min(times.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

pub(crate) fn measure(effort: Effort) -> Section {
    eprintln!("storm");
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts");
    let moka: &'static moka::future::Cache<u64, u64> =
        Box::leak(Box::new(moka::future::Cache::builder().max_capacity(10_000).time_to_live(LIFE).build()));
    let requests = u64::from(effort.rounds) * 1_000;

    let rows = [
        ("larder, `stale_while_revalidate`", storm(&runtime, requests, stale_while_revalidate)),
        ("larder, `early = 0.5`", storm(&runtime, requests, early)),
        ("larder, neither", storm(&runtime, requests, plain)),
        ("cached, `sync_writes = \"by_key\"`", storm(&runtime, requests, by_cached)),
        ("moka, `get_with`", storm(&runtime, requests, move |id| async move { moka.get_with(id, load(id)).await })),
        ("a task that returns at once", storm(&runtime, requests, |id| async move { value_of(id) })),
    ];
    let mut section = Section::new("Reads during a refresh storm");
    section.paragraph(
        "One key whose value lives for 60 ms and takes 20 ms to load; 5,000 requests per second, each a task of its own, \
         on two worker threads of tokio. Microseconds from the spawn to the answer; a fourth of all requests come while a \
         load is under way.",
    );
    let columns = ["p50", "p99", "p99.9", "loads"].map(str::to_owned);
    let table: Vec<_> = rows
        .iter()
        .map(|(name, (times, loads))| {
            let numbers = [0.5, 0.99, 0.999].map(|part| Some(percentile(times, part)));
            ((*name).to_owned(), numbers.into_iter().chain([Some(*loads as f64)]).collect())
        })
        .collect();
    section.table("µs", &columns, &table);
    let p99 = |row: usize| rows.get(row).map_or(f64::NAN, |(_, (times, _))| percentile(times, 0.99));
    section.targets(&[
        Target::at_most("p99 with `stale_while_revalidate` over that of `cached`", 0.1, p99(0) / p99(3)),
        Target::at_most("p99 with `stale_while_revalidate` over that of moka", 0.1, p99(0) / p99(4)),
    ]);
    section
}

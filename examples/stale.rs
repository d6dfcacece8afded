//! Old values: instead of an error when the source is down, and at once while a slow one is asked for a new value.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use larder::testing::{self, ManualClock};
use larder::{Cache, cached};
use tokio::sync::Semaphore;

static RATE: AtomicU32 = AtomicU32::new(117);
static DOWN: AtomicBool = AtomicBool::new(false);

#[derive(Debug, PartialEq)]
struct Down;

/// Fresh for a minute. For an hour after that, the old rate is better than none.
#[cached(timeout = 60, stale_if_error = "1h", key = "rate:<currency>")]
async fn rate(currency: &str) -> Result<u32, Down> {
    let _ = currency;
    tokio::task::yield_now().await;
    if DOWN.load(Relaxed) { Err(Down) } else { Ok(RATE.load(Relaxed)) }
}

static SALES: AtomicU32 = AtomicU32::new(10);

/// The report takes as long as it takes: it waits here until it may answer.
static ANSWERS: Semaphore = Semaphore::const_new(1);

/// Fresh for a minute. For 30 s after that, the old report at once, while the new one is made on the side.
#[cached(timeout = 60, stale_while_revalidate = "30s", key = "report:<shelf>")]
async fn report(shelf: &str) -> String {
    if let Ok(answer) = ANSWERS.acquire().await {
        answer.forget();
    }
    format!("{shelf}: {} sold", SALES.load(Relaxed))
}

#[tokio::main]
async fn main() -> Result<(), larder::Error> {
    let clock = ManualClock::new();
    let cache = Cache::builder().clock(clock.clone()).build().await?;
    testing::scope(&cache, the_source_is_down(&clock)).await;
    testing::scope(&cache, the_source_is_slow(&clock)).await;

    // At the end of a program: what runs on the side is given some time.
    cache.shutdown(Duration::from_secs(5)).await
}

async fn the_source_is_down(clock: &ManualClock) {
    assert_eq!(rate("EUR").await, Ok(117));

    DOWN.store(true, Relaxed);
    clock.advance(Duration::from_secs(60));
    assert_eq!(rate("EUR").await, Ok(117), "the old rate, not the error");
    assert_eq!(rate("EUR").await, Ok(117));
    assert_eq!(rate::all().stats().loads, 2, "after a failure the source is left alone for 10 s");

    DOWN.store(false, Relaxed);
    RATE.store(120, Relaxed);
    clock.advance(Duration::from_secs(10));
    assert_eq!(rate("EUR").await, Ok(120), "it is back");

    DOWN.store(true, Relaxed);
    clock.advance(Duration::from_secs(60 + 3_600));
    assert_eq!(rate("EUR").await, Err(Down), "60 s and an hour are over");
}

async fn the_source_is_slow(clock: &ManualClock) {
    assert_eq!(report("tea").await, "tea: 10 sold");

    SALES.store(11, Relaxed);
    clock.advance(Duration::from_secs(60));
    // Nobody waits, and of two callers one begins to make the new report.
    assert_eq!(report("tea").await, "tea: 10 sold");
    assert_eq!(report("tea").await, "tea: 10 sold");

    ANSWERS.add_permits(1);
    while report::all().stats().stores < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(report("tea").await, "tea: 11 sold");

    let stats = report::all().stats();
    assert_eq!((stats.hits, stats.stale_hits, stats.misses, stats.refreshes), (1, 2, 1, 1));
}

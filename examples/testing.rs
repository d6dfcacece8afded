//! Testing a program that caches: time moved by hand, and a cache for one test alone.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use larder::testing::{self, ManualClock};
use larder::{Cache, cached};

static RATE: AtomicU32 = AtomicU32::new(100);

#[cached(timeout = "1h", key = "rate:<currency>")]
fn rate(currency: &str) -> u32 {
    let _ = currency;
    RATE.load(Relaxed)
}

#[cached(timeout = "1h", key = "price:<article>")]
async fn price(article: u32) -> u32 {
    tokio::task::yield_now().await;
    article * RATE.load(Relaxed)
}

#[tokio::main]
async fn main() -> Result<(), larder::Error> {
    let clock = ManualClock::new();
    let cache = Cache::builder().clock(clock.clone()).build().await?;

    // Inside, this cache is the default one, for this thread alone: tests run side by side.
    testing::scope_blocking(&cache, || {
        assert_eq!(rate("EUR"), 100);
        RATE.store(120, Relaxed);
        clock.advance(Duration::from_secs(3_599));
        assert_eq!(rate("EUR"), 100, "still the old one");
        clock.advance(Duration::from_secs(1));
        assert_eq!(rate("EUR"), 120, "an hour is over, and nobody waited for it");
    });
    assert_eq!(cache.stats().loads, 2);

    // The same for a future, such as the body of a `#[tokio::test]`.
    let other = Cache::builder().build().await?;
    testing::scope(&other, async {
        assert_eq!(price(2).await, 240);
        assert_eq!(rate::entry("EUR").get(), None, "nothing of the other cache");
    })
    .await;
    assert_eq!(other.stats().loads, 1);

    // One test of your program should say this: no two annotated functions can make the same key.
    testing::assert_no_conflicts();
    Ok(())
}

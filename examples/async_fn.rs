//! Async functions: many callers at once, one run of the body.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use larder::cached;

static RUNS: AtomicU32 = AtomicU32::new(0);

/// A slow service. Cloning an `Arc` is what a hit costs, however large the forecast is.
#[cached(timeout = "10m", key = "forecast:<city>")]
async fn forecast(city: &str) -> Arc<String> {
    RUNS.fetch_add(1, Relaxed);
    tokio::time::sleep(Duration::from_millis(50)).await;
    Arc::new(format!("Sunny in {city}"))
}

#[tokio::main]
async fn main() -> Result<(), tokio::task::JoinError> {
    // A hundred callers ask for what is not there yet: one loads it, the others wait for that one.
    let callers: Vec<_> = (0..100).map(|_| tokio::spawn(forecast("Lisbon"))).collect();
    for caller in callers {
        assert_eq!(*caller.await?, "Sunny in Lisbon");
    }
    assert_eq!(RUNS.load(Relaxed), 1);

    let stats = forecast::all().stats();
    assert_eq!(stats.loads, 1);
    assert_eq!(stats.hits + stats.coalesced, 99);

    // A caller that goes away does not take the load with it: the next one takes over.
    let impatient = tokio::time::timeout(Duration::from_millis(5), forecast("Oslo"));
    let (gone, patient) = tokio::join!(impatient, forecast("Oslo"));
    assert!(gone.is_err());
    assert_eq!(*patient, "Sunny in Oslo");
    Ok(())
}

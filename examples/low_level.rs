//! The cache by hand: get, set, delete, and their kin.

use std::time::Duration;

use larder::Cache;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<(), larder::Error> {
    let cache = Cache::builder().capacity(1_000).build().await?;

    cache.set("greeting", &"hello".to_owned(), MINUTE).await?;
    assert_eq!(cache.get::<String>("greeting").await.as_deref(), Some("hello"));
    assert_eq!(cache.get::<u32>("greeting").await, None, "another type is not there");
    assert!(cache.delete("greeting").await?);
    assert!(!cache.contains("greeting").await);

    // Ask, and compute what is missing.
    let area = cache.get_or_insert_with("area:3:4", MINUTE, async || 3 * 4).await;
    assert_eq!((area, cache.get::<i32>("area:3:4").await), (12, Some(12)));
    let failed: Result<u32, &str> = cache.try_get_or_insert_with("broken", MINUTE, async || Err("down")).await;
    assert_eq!((failed, cache.contains("broken").await), (Err("down"), false));

    // Several at once.
    cache.set_many(&[("a", 1), ("b", 2)], MINUTE).await?;
    assert_eq!(cache.get_many::<i32>(&["a", "b", "c"]).await, [Some(1), Some(2), None]);
    assert_eq!(cache.delete_many(&["a", "c"]).await?, 1);

    // A lock for a job that only one may do, and a counter: both in one step.
    assert!(cache.add("job", &"mine".to_owned(), MINUTE).await?);
    assert!(!cache.add("job", &"yours".to_owned(), MINUTE).await?);
    assert_eq!((cache.increment("visits", 1).await?, cache.increment("visits", 2).await?), (1, 3));

    // The same for functions that are not async; and everything gone.
    assert_eq!(cache.blocking().get::<i64>("visits"), Some(3));
    cache.clear().await?;
    assert_eq!(cache.stats().entries, 0);
    Ok(())
}

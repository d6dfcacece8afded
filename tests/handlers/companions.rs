//! What a handler has beside it.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Router};
use larder::cached;
use larder::testing::scope;

use crate::support::{Runs, Site};

#[cached(axum, timeout = 60, key = "profile:<id>", stale_if_error = "1h", tags("team:<id>"))]
async fn profile(Path(id): Path<u64>, State(runs): State<Runs>) -> Result<String, StatusCode> {
    let run = runs.count();
    if run > 2 { Err(StatusCode::INTERNAL_SERVER_ERROR) } else { Ok(format!("{id} {run}")) }
}

#[cached(axum, timeout = 60, key = "counter:<id>", tags("counters"))]
async fn counter(Path(id): Path<u64>, State(runs): State<Runs>) -> String {
    format!("{id} {}", runs.count())
}

async fn site() -> (Site, Runs) {
    let runs = Runs::default();
    let router = Router::new()
        .route("/profile/{id}", get(profile))
        .route("/counter/{id}", get(counter))
        .with_state(runs.clone());
    (Site::of(router).await, runs)
}

#[tokio::test]
async fn an_entry_is_reached_by_what_is_in_the_extractors() {
    let (site, _runs) = site().await;
    assert_eq!(site.text("/counter/1").await, "1 1");
    assert_eq!(site.text("/counter/2").await, "2 2");
    scope(&site.cache, async {
        let page = counter::entry(1).get().await.expect("it is stored");
        assert_eq!((page.status(), page.body()), (200, &b"1 1"[..]));
        counter::entry(1).invalidate().await.expect("in memory");
    })
    .await;
    assert_eq!(site.text("/counter/1").await, "1 3");
    assert_eq!(site.text("/counter/2").await, "2 2");
    scope(&site.cache, async { counter::all().bump().await.expect("in memory") }).await;
    assert_eq!(site.text("/counter/2").await, "2 4");
    site.cache.tag("counters").invalidate().await.expect("in memory");
    assert_eq!(site.text("/counter/2").await, "2 5");
    site.cache.delete("counter:2").await.expect("in memory");
    assert_eq!(site.text("/counter/2").await, "2 6");
}

#[tokio::test]
async fn the_cache_is_the_one_that_the_router_was_given() {
    let runs = Runs::default();
    let own = larder::Cache::builder().build().await.expect("a cache in memory");
    let routes = || Router::new().route("/counter/{id}", get(counter)).with_state(runs.clone());
    // Its handlers run while another cache is the default one.
    let [given, other] = [Site::of(routes().layer(Extension(own.clone()))).await, Site::of(routes()).await];
    for _ in 0..2 {
        assert_eq!(given.text("/counter/1").await, "1 1");
        assert_eq!(other.text("/counter/1").await, "1 2");
    }
    assert!(own.contains("counter:1").await && !given.cache.contains("counter:1").await);
}

#[tokio::test]
async fn the_body_runs_without_the_cache() {
    let runs = Runs::default();
    assert_eq!(counter::uncached(Path(7), State(runs.clone())).await, "7 1");
    assert_eq!(counter::uncached(Path(7), State(runs.clone())).await, "7 2");
}

#[tokio::test]
async fn an_error_is_not_stored_and_an_old_response_stands_in() {
    let (site, runs) = site().await;
    assert_eq!(site.text("/profile/1").await, "1 1");
    site.clock.advance(Duration::from_secs(61));
    assert_eq!(site.text("/profile/1").await, "1 2");
    scope(&site.cache, async { profile::entry(1).expire().await.expect("in memory") }).await;
    assert_eq!(site.text("/profile/1").await, "1 2", "the load failed");
    assert_eq!(site.get("/profile/2").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(site.get("/profile/2").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(runs.get(), 5, "nothing of it was stored");
}

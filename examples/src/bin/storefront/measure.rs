//! The same pages with and without the cache: both distributions in one picture, and as a table.
//!
//! A page is loaded as a browser does it, by its address through all of the shop's own routes; only the network is left out.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Method, Request, header};
use larder::{Cache, testing};
use minijinja::{Value, context};
use tower::ServiceExt;

use crate::failure::Failure;
use crate::latency::{HEIGHT, Latencies, WIDTH, place, ticks};
use crate::pages::{self, Page, Shop};
use crate::view::readable;

/// The pages, and what they are called.
const PAGES: [(&str, &str); 4] = [
    ("/", "The front page"),
    ("/shelf/tea?period=year", "A report, kept whole"),
    ("/search?q=smoked+paprika", "A search"),
    ("/product/1", "A product"),
];

/// How often a page is loaded: without the cache, and with it.
const RUNS: (usize, usize) = (25, 1_000);

/// Started with `LARDER=off`, a thousand loads would take minutes.
const LONGEST: Duration = Duration::from_secs(1);

/// Pages are a few kilobytes.
const LARGEST: usize = 1 << 20;

/// Always the same visitor looks, so that the shop does not see a crowd.
const VISITOR: &str = "visitor=00000000000000000000000000000000";

/// Shows the button (`GET`), or presses it (`POST`).
pub(crate) async fn show(State(shop): State<Shop>, method: Method) -> Page {
    let started = Instant::now();
    let rows = if method == Method::POST { compare(&shop).await? } else { Vec::new() };
    let (runs, hits) = RUNS;
    let page = context! { rows, runs, hits, pages => PAGES.len(), width => WIDTH, height => HEIGHT, ticks => ticks() };
    shop.show(started, "measure.html", page).await
}

async fn compare(shop: &Shop) -> Result<Vec<Value>, Failure> {
    // A scope has another cache than the process: here one that keeps nothing.
    let off = Cache::builder().off().build().await?;
    let cached = pages::router(shop.clone());
    let uncached = pages::router(Shop { db: shop.db.with_cache(&off), view: shop.view.clone() });
    let mut rows = Vec::with_capacity(PAGES.len());
    for (uri, name) in PAGES {
        let without = testing::scope(&off, sample(RUNS.0, &uncached, uri)).await?;
        let with = sample(RUNS.1, &cached, uri).await?;
        let times = without.percentile(50).as_nanos() / with.percentile(50).as_nanos().max(1);
        rows.push(context! {
            uri,
            name,
            without => figures(&without),
            with => figures(&with),
            times => i64::try_from(times).unwrap_or(i64::MAX),
        });
    }
    Ok(rows)
}

/// The times of `runs` loads, or of those that fit in a second. One load before them fills the cache.
async fn sample(runs: usize, router: &Router, uri: &str) -> Result<Latencies, Failure> {
    load(router, uri).await?;
    let started = Instant::now();
    let mut times = Vec::with_capacity(runs);
    while times.len() < runs && started.elapsed() < LONGEST {
        let asked = Instant::now();
        load(router, uri).await?;
        times.push(asked.elapsed());
    }
    Ok(Latencies::new(times))
}

/// Loads a page, to its last byte.
async fn load(router: &Router, uri: &str) -> Result<(), Failure> {
    let failed = |reason: &dyn std::fmt::Display| Failure::Internal(format!("{uri} can't be measured: {reason}"));
    let request = Request::get(uri).header(header::COOKIE, VISITOR).body(Body::empty());
    let request = request.map_err(|error| failed(&error))?;
    // `Infallible` is the error of a router.
    let Ok(response) = router.clone().oneshot(request).await;
    if !response.status().is_success() {
        return Err(failed(&response.status()));
    }
    to_bytes(response.into_body(), LARGEST).await.map_err(|error| failed(&error))?;
    Ok(())
}

/// What the table says of a distribution, and where the picture has it.
fn figures(latencies: &Latencies) -> Value {
    let (middle, slow) = (latencies.percentile(50), latencies.percentile(99));
    context! {
        count => latencies.count(),
        p50 => readable(middle),
        p99 => readable(slow),
        outline => latencies.outline(),
        middle => place(middle),
        slow => place(slow),
    }
}

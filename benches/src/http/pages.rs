//! One page of ten kilobytes, by every way to answer with it. Each way is a router of its own, and counts how often it made the page.

#![expect(clippy::unused_async, reason = "handlers are async, whether or not they wait")]

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use bytes::Bytes;
use larder::http::CacheLayer;

/// A way to answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) name: &'static str,
    pub(super) router: fn() -> Router,
    /// Whoever asks has the page already.
    pub(super) known: bool,
    /// How often the page was made; none if it is there from the start.
    pub(super) made: Option<&'static AtomicU64>,
    /// It is made for each request.
    pub(super) always: bool,
}

/// What is found beside larder.
pub(super) const PEER: &str = "axum-response-cache";
pub(super) const FLOOR: &str = "a handler that has the bytes";
pub(super) const STORED: &str = "larder, response cached";

/// How long everything is stored.
const HOUR: u64 = 3_600;

pub(super) const ALL: [Way; 8] = [
    Way { name: FLOOR, router: floor, known: false, made: None, always: false },
    Way { name: "not cached", router: uncached, known: false, made: Some(&UNCACHED), always: true },
    Way { name: "larder, value cached", router: value, known: false, made: Some(&VALUE), always: false },
    Way { name: STORED, router: response, known: false, made: Some(&RESPONSE), always: false },
    Way { name: "larder, response cached, 304", router: response, known: true, made: Some(&RESPONSE), always: false },
    Way { name: "larder, `CacheLayer`", router: layer, known: false, made: Some(&LAYER), always: false },
    Way { name: "larder, `CacheLayer`, 304", router: layer, known: true, made: Some(&LAYER), always: false },
    Way { name: PEER, router: peer, known: false, made: Some(&OTHER), always: false },
];

/// The page, of some ten kilobytes.
fn render(id: u64) -> String {
    let mut page = format!("<!doctype html><title>Report {id}</title><table>");
    for row in 0..100_u64 {
        let (price, stock) = (id.wrapping_mul(31).wrapping_add(row * 7) % 10_000, (id + row) % 50);
        // Writing to a string does not fail.
        let _ = write!(
            page,
            "<tr><td><a href=\"/item/{row}\">Item {row} of {id}</a></td><td>{}.{:02}</td><td>{stock}</td></tr>",
            price / 100,
            price % 100,
        );
        page.push_str("<!-- a row -->\n");
    }
    page.push_str("</table>");
    page
}

fn made(counter: &AtomicU64, id: u64) -> String {
    counter.fetch_add(1, Ordering::Relaxed);
    render(id)
}

fn floor() -> Router {
    let page: Bytes = render(1).into();
    Router::new().route(
        "/page/{id}",
        get(async move |Path(_): Path<u64>| ([(CONTENT_TYPE, "text/html; charset=utf-8")], page.clone())),
    )
}

static UNCACHED: AtomicU64 = AtomicU64::new(0);

fn uncached() -> Router {
    Router::new().route("/page/{id}", get(async |Path(id): Path<u64>| Html(made(&UNCACHED, id))))
}

static VALUE: AtomicU64 = AtomicU64::new(0);

#[larder::cached(local, timeout = 3600, key = "http_value:<id>")]
fn text(id: u64) -> Bytes {
    made(&VALUE, id).into()
}

fn value() -> Router {
    Router::new()
        .route("/page/{id}", get(async |Path(id): Path<u64>| ([(CONTENT_TYPE, "text/html; charset=utf-8")], text(id))))
}

static RESPONSE: AtomicU64 = AtomicU64::new(0);

#[larder::cached(axum, timeout = 3600, key = "http_response:<id>")]
async fn page(Path(id): Path<u64>) -> impl IntoResponse {
    Html(made(&RESPONSE, id))
}

fn response() -> Router {
    Router::new().route("/page/{id}", get(page))
}

static LAYER: AtomicU64 = AtomicU64::new(0);

fn layer() -> Router {
    let handler = get(async |Path(id): Path<u64>| Html(made(&LAYER, id)));
    Router::new().route("/page/{id}", handler).route_layer(CacheLayer::timeout(HOUR))
}

static OTHER: AtomicU64 = AtomicU64::new(0);

fn peer() -> Router {
    let handler = get(async |Path(id): Path<u64>| Html(made(&OTHER, id)));
    let layer = axum_response_cache::CacheLayer::with_lifespan(Duration::from_secs(HOUR));
    Router::new().route("/page/{id}", handler).route_layer(layer)
}

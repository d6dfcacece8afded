//! What a layer passes on: as it would have come without it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use larder::Cache;
use larder::http::{CacheLayer, Hints};
use tower::ServiceExt;

use crate::app::{Reply, numbered, request};
use crate::layer::Site;
use crate::support::{Gate, promptly, secs, timed};

fn minute(cache: &Cache) -> CacheLayer {
    CacheLayer::timeout(60).cache(cache)
}

type Headers = &'static [(&'static str, &'static str)];

#[tokio::test]
async fn who_has_what_is_not_stored_is_told_so() {
    const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const KEPT: Headers = &[("etag", "\"1\""), ("last-modified", MODIFIED), ("cache-control", "private")];
    let site = Site::new(minute, |_, request: Request<Body>| match request.uri().path() {
        "/long" => ([("etag", "\"1\""), ("content-type", "text/plain")], "x".repeat(2 << 20)).into_response(),
        "/missing" => (StatusCode::NOT_FOUND, [("etag", "\"1\"")]).into_response(),
        _ => numbered(1, KEPT),
    });
    for (path, header, value, status) in [
        ("/long", "if-none-match", "W/\"1\"", 304),
        ("/long", "if-none-match", "\"2\"", 200),
        ("/private", "if-none-match", "\"1\"", 304),
        ("/private", "if-modified-since", MODIFIED, 304),
        ("/private", "if-modified-since", "Sat, 05 Nov 1994 08:49:37 GMT", 200),
        ("/missing", "if-none-match", "\"1\"", 404),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = site.ask(method, path, &[(header, value)]).await;
            assert_eq!(reply.status, status, "{method} {path} {header}: {value}");
            if status == 304 {
                assert_eq!((reply.body.len(), reply.header("content-type")), (0, None));
                assert_eq!(reply.header("etag").as_deref(), Some("\"1\""));
                assert_eq!(reply.header("content-length"), None);
            }
        }
    }
}

/// A body that waits at a gate before its first byte.
struct Slow(Pin<Box<dyn Future<Output = ()> + Send>>, bool);

impl Slow {
    fn new(gate: &Gate) -> Self {
        let gate = gate.clone();
        Self(Box::pin(async move { gate.pass().await }), false)
    }
}

impl http_body::Body for Slow {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.1 {
            return Poll::Ready(None);
        }
        std::task::ready!(self.0.as_mut().poll(context));
        self.1 = true;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"slow")))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(4)
    }
}

#[tokio::test]
async fn the_body_of_what_is_not_fresh_is_not_waited_for() {
    let (cache, _clock) = timed();
    let gate = Gate::new();
    let slow = gate.clone();
    let handler = move || {
        let body = Slow::new(&slow);
        async move { Response::new(Body::new(body)) }
    };
    let router = Router::new().route("/", get(handler)).layer(CacheLayer::rfc9111().cache(&cache));
    let response = promptly(router.oneshot(request("GET", "/", &[]))).await.unwrap();
    assert_eq!(response.status(), 200);
    gate.open();
    assert_eq!(Reply::of(response).await.text(), "slow");
}

#[tokio::test]
async fn what_a_handler_says_of_its_response_every_layer_hears() {
    let (cache, clock) = timed();
    let loads = Arc::new(crate::support::Loads::new());
    let counted = loads.clone();
    let handler = move |request: Request<Body>| {
        let load = counted.next();
        let hints = match request.uri().path() {
            "/veto" => Hints::new().no_store(),
            "/short" => Hints::new().timeout(secs(5)),
            _ => Hints::new().tag("news"),
        };
        async move { (axum::Extension(hints), format!("load {load}")) }
    };
    let router = Router::new()
        .fallback(handler)
        .layer(CacheLayer::timeout(60).name("inner").cache(&cache))
        .layer(CacheLayer::timeout(600).name("outer").cache(&cache));
    let get =
        async |path: &str| Reply::of(router.clone().oneshot(request("GET", path, &[])).await.unwrap()).await.text();
    assert_eq!((&*get("/veto").await, &*get("/veto").await), ("load 1", "load 2"));
    assert_eq!(get("/short").await, "load 3");
    clock.advance(secs(4));
    assert_eq!(get("/short").await, "load 3");
    clock.advance(secs(1));
    assert_eq!(get("/short").await, "load 4");
    assert_eq!((&*get("/tagged").await, &*get("/tagged").await), ("load 5", "load 5"));
    cache.tag("news").invalidate().await.unwrap();
    assert_eq!(get("/tagged").await, "load 6");
    assert_eq!(loads.so_far(), 6);
}

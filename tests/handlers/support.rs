//! A router that is asked in the test's own thread, and counts of what ran.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::{Extension, Router};
use larder::Cache;
use larder::testing::{ManualClock, scope};
use tower::ServiceExt;

/// How often something ran.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs(Arc<AtomicUsize>);

impl Runs {
    pub(crate) fn count(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A site with a cache and a clock of its own.
pub(crate) struct Site {
    router: Router,
    pub(crate) cache: Cache,
    pub(crate) clock: ManualClock,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Site {
    pub(crate) async fn of(router: Router) -> Self {
        let clock = ManualClock::new();
        let cache = Cache::builder().clock(clock.clone()).build().await.expect("a cache in memory");
        Self { router: router.layer(Extension(cache.clone())), cache, clock }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        // What a handler's companions reach is the default cache.
        let response = scope(&self.cache, self.router.clone().oneshot(request)).await;
        let (parts, body) = response.expect("a router does not fail").into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("the body ends");
        let body = String::from_utf8(bytes.to_vec()).expect("text");
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.send(Request::get(uri).body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn post(&self, uri: &str, body: &'static str) -> Reply {
        self.send(Request::post(uri).body(Body::from(body)).expect("a request")).await
    }

    /// The body of `GET uri`.
    pub(crate) async fn text(&self, uri: &str) -> String {
        self.get(uri).await.body
    }

    /// The same with a header.
    pub(crate) async fn text_with(&self, uri: &str, name: &str, value: &str) -> String {
        let request = Request::get(uri).header(name, value).body(Body::empty());
        self.send(request.expect("a request")).await.body
    }
}

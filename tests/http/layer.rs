//! The layer in front of routes: what it keeps apart, what it passes on, what it invalidates.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::OriginalUri;
use axum::http::{Method, Request, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use larder::Cache;
use larder::http::CacheLayer;
use larder::testing::ManualClock;
use tower::{Layer, Service, ServiceExt};

use crate::app::{Reply, numbered, request};
use crate::support::{Loads, promptly, secs, timed};

/// A router behind a layer, which counts what gets through.
pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) cache: Cache,
    pub(crate) clock: ManualClock,
    pub(crate) loads: Arc<Loads>,
}

impl Site {
    /// Every request is given to this function, with the number of the load.
    pub(crate) fn new<R: IntoResponse>(
        layer: impl FnOnce(&Cache) -> CacheLayer,
        serve: impl Fn(u32, Request<Body>) -> R + Clone + Send + Sync + 'static,
    ) -> Self {
        let (cache, clock) = timed();
        Self::with(layer(&cache), cache, clock, serve)
    }

    pub(crate) fn with<R: IntoResponse>(
        layer: CacheLayer,
        cache: Cache,
        clock: ManualClock,
        serve: impl Fn(u32, Request<Body>) -> R + Clone + Send + Sync + 'static,
    ) -> Self {
        let loads = Arc::new(Loads::new());
        let counted = loads.clone();
        let handler = move |request: Request<Body>| {
            let response = serve(counted.next(), request).into_response();
            async move { response }
        };
        let router = Router::new().fallback(any(handler)).layer(layer);
        Self { router, cache, clock, loads }
    }

    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.ask("GET", uri, &[]).await
    }

    pub(crate) async fn ask(&self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Reply {
        let response = self.router.clone().oneshot(request(method, uri, headers)).await;
        Reply::of(response.unwrap_or_else(|never| match never {})).await
    }

    pub(crate) fn loads(&self) -> u32 {
        self.loads.so_far()
    }
}

pub(crate) fn minute(cache: &Cache) -> CacheLayer {
    CacheLayer::timeout(60).cache(cache)
}

pub(crate) type Headers = &'static [(&'static str, &'static str)];

pub(crate) fn site(headers: Headers) -> Site {
    Site::new(minute, move |load, _| numbered(load, headers))
}

#[tokio::test]
async fn a_response_is_found_by_host_path_and_query() {
    let site = site(&[("content-type", "text/plain"), ("link", "</a>"), ("link", "</b>")]);
    let ask = async |uri: &str, host: &str| site.ask("GET", uri, &[("host", host)]).await.text();
    for _ in 0..2 {
        assert_eq!(ask("/users?page=1", "a.org").await, "load 1");
        assert_eq!(ask("/users?page=2", "a.org").await, "load 2");
        assert_eq!(ask("/users", "a.org").await, "load 3");
        assert_eq!(ask("/users/", "a.org").await, "load 4");
        assert_eq!(ask("/Users", "a.org").await, "load 5");
        assert_eq!(ask("/users?page=1", "b.org").await, "load 6");
        assert_eq!(ask("/users?page=1&page=2", "a.org").await, "load 7");
        assert_eq!(ask("/users?page=1;page=2", "a.org").await, "load 8");
        assert_eq!(ask("/us%65rs", "a.org").await, "load 9");
    }
    assert_eq!(ask("/users", "A.ORG").await, "load 3");
    assert_eq!(ask("http://a.org/users", "a.org").await, "load 3");
    let found = site.ask("GET", "/users", &[("host", "a.org")]).await;
    assert_eq!(found.headers.get_all("link").iter().count(), 2);
    assert_eq!(found.header("age").as_deref(), Some("0"));
    assert!(found.header("etag").is_some() && found.header("date").is_some());
}

#[tokio::test]
async fn a_page_ends_with_the_layers_timeout() {
    let site = site(&[("cache-control", "max-age=5")]);
    assert_eq!(site.get("/").await.header("cache-status").as_deref(), Some("larder; fwd=uri-miss; stored; ttl=60"));
    site.clock.advance(secs(59));
    assert_eq!(site.get("/").await.header("cache-status").as_deref(), Some("larder; hit; ttl=1"));
    site.clock.advance(secs(1));
    assert_eq!(site.get("/").await.text(), "load 2");
}

#[tokio::test]
async fn requests_with_credentials_are_passed_on() {
    let site = site(&[]);
    site.get("/").await;
    for (header, reason) in [("authorization", "authorization"), ("cookie", "cookie")] {
        let before = site.loads();
        for more in 1..3 {
            let reply = site.ask("GET", "/", &[(header, "secret")]).await;
            assert_eq!(site.loads(), before + more);
            assert_eq!(reply.header("cache-status"), Some(format!("larder; fwd=bypass; detail={reason}")));
        }
        assert_eq!(site.get("/").await.text(), "load 1");
    }
    let alone = Site::new(minute, |load, _| numbered(load, &[]));
    alone.ask("GET", "/", &[("authorization", "secret of alice")]).await;
    assert_eq!(alone.get("/").await.text(), "load 2", "what was made for alice is for nobody else");
}

#[tokio::test]
async fn requests_that_are_not_for_caches_are_passed_on() {
    let site = site(&[]);
    site.get("/").await;
    for header in ["range", "if-range", "if-match", "if-unmodified-since", "upgrade"] {
        let before = site.loads();
        site.ask("GET", "/", &[(header, "x")]).await;
        assert_eq!(site.loads(), before + 1, "{header}");
    }
    let before = site.loads();
    site.ask("GET", "/", &[("content-length", "3")]).await;
    site.ask("GET", "/", &[("transfer-encoding", "chunked")]).await;
    for _ in 0..2 {
        site.ask("GET", "/", &[("host", "a"), ("host", "b")]).await;
    }
    assert_eq!(site.loads(), before + 4);
    // Since HTTP/2 a body needs no field that tells of it.
    let mut fat = request("GET", "/", &[]);
    *fat.version_mut() = Version::HTTP_2;
    *fat.body_mut() = Body::from("poison");
    let reply = Reply::of(site.router.clone().oneshot(fat).await.unwrap()).await;
    assert_eq!((site.loads(), reply.header("age")), (before + 5, None));
    let mut lean = request("GET", "/", &[]);
    *lean.version_mut() = Version::HTTP_2;
    let reply = Reply::of(site.router.clone().oneshot(lean).await.unwrap()).await;
    assert_eq!(reply.text(), "load 1");
    assert_eq!(site.get("/").await.text(), "load 1");
}

#[tokio::test]
async fn what_must_not_be_stored_is_passed_on() {
    for headers in [
        &[("set-cookie", "sid=alice")][..],
        &[("cache-control", "nO-StOrE")],
        &[("cache-control", "Private, max-age=60")],
        &[("cache-control", "no-cache")],
        &[("vary", "*, foo")],
        &[("content-security-policy", "script-src 'NONCE-abc'")],
    ] {
        let site = site(headers);
        site.get("/").await;
        assert_eq!(site.get("/").await.text(), "load 2", "{headers:?}");
    }
    let errors = Site::new(minute, |_, _| StatusCode::NOT_FOUND);
    errors.get("/").await;
    errors.get("/").await;
    assert_eq!(errors.loads(), 2);
    let named = Site::new(|cache| minute(cache).status([200, 404]), |_, _| StatusCode::NOT_FOUND);
    named.get("/").await;
    named.get("/").await;
    assert_eq!(named.loads(), 1);
}

#[tokio::test]
async fn nested_routers_do_not_mix_their_pages() {
    let (cache, _clock) = timed();
    let layer = minute(&cache);
    let say = async |OriginalUri(uri): OriginalUri| uri.path().to_owned();
    let router = Router::new()
        .nest("/admin", Router::new().route("/x", get(say)).layer(layer.clone()))
        .nest("/public", Router::new().route("/x", get(say)).layer(layer));
    for path in ["/admin/x", "/public/x", "/admin/x"] {
        let response = router.clone().oneshot(request("GET", path, &[])).await.unwrap();
        assert_eq!(Reply::of(response).await.text(), path);
    }
}

#[tokio::test]
async fn the_service_that_was_ready_is_the_one_that_is_called() {
    let (cache, _clock) = timed();
    let service = tower::service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::from("limited"))));
    let mut service = minute(&cache).layer(tower::limit::ConcurrencyLimit::new(service, 1));
    for path in ["/1", "/2"] {
        let ready = service.ready().await.unwrap();
        let response = ready.call(request("GET", path, &[])).await.unwrap();
        assert_eq!(Reply::of(response).await.text(), "limited");
    }
}

#[derive(Debug, PartialEq)]
struct Down;

#[tokio::test]
async fn the_error_of_the_service_stays_what_it_is() {
    let (cache, clock) = timed();
    let loads = Arc::new(Loads::new());
    let service = tower::service_fn(move |_: Request<Body>| {
        let first = loads.next() == 1;
        async move { if first { Ok(Response::new(Body::from("up"))) } else { Err(Down) } }
    });
    let layer = minute(&cache).stale_if_error(secs(600));
    let service = layer.layer(service);
    let ask = async || service.clone().oneshot(request("GET", "/", &[])).await.map(|response| response.status());
    assert_eq!(ask().await, Ok(StatusCode::OK));
    clock.advance(secs(61));
    assert_eq!(ask().await, Ok(StatusCode::OK), "the old page stands in");
    clock.advance(secs(600));
    assert_eq!(ask().await, Err(Down));
}

#[tokio::test]
async fn an_old_page_is_the_answer_while_it_is_refreshed() {
    let site =
        Site::new(|cache| minute(cache).stale_while_revalidate(60), |load, _| numbered(load, &[("vary", "foo")]));
    let ask = async |foo: &str| site.ask("GET", "/", &[("foo", foo)]).await.text();
    assert_eq!((ask("a").await, ask("b").await), ("load 1".to_owned(), "load 2".to_owned()));
    site.clock.advance(secs(70));
    assert_eq!((ask("a").await, ask("b").await), ("load 1".to_owned(), "load 2".to_owned()));
    promptly(async {
        while site.loads() < 4 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    promptly(async {
        while ask("a").await == "load 1" || ask("b").await == "load 2" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(site.loads(), 4);
}

#[tokio::test]
async fn tags_invalidate_the_pages_of_a_layer() {
    let site = Site::new(|cache| minute(cache).tags(["news", "all"]), |load, _| numbered(load, &[]));
    assert_eq!(site.get("/").await.text(), "load 1");
    site.cache.tag("all").invalidate().await.unwrap();
    assert_eq!(site.get("/").await.text(), "load 2");
}

#[tokio::test]
async fn layers_with_names_share_nothing() {
    let (cache, clock) = timed();
    let loads = |load: u32, _: Request<Body>| numbered(load, &[]);
    let site = |name: &str| Site::with(minute(&cache).name(name), cache.clone(), clock.clone(), loads);
    let [one, two, same] = [site("one"), site("two"), site("one")];
    one.get("/").await;
    assert!(two.get("/").await.header("age").is_none());
    assert!(same.get("/").await.header("age").is_some());
}

#[tokio::test]
async fn the_service_does_not_see_conditions_and_the_page_is_whole() {
    let site = Site::new(minute, |load, request: Request<Body>| {
        let asked = request.headers().keys().any(|name| name.as_str().starts_with("if-"));
        assert!(!asked, "a page would be stored that is none");
        numbered(load, &[("etag", "\"1\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")])
    });
    let none_match = [("if-none-match", "\"1\""), ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")];
    assert_eq!(site.ask("GET", "/", &none_match).await.status, 304);
    assert_eq!(site.get("/").await.text(), "load 1");
}

#[tokio::test]
async fn streams_and_long_bodies_are_passed_on_as_they_come() {
    let (cache, _clock) = timed();
    let endless = futures_lite::stream::repeat_with(|| Ok::<_, Infallible>("tick\n"));
    let handler = move || {
        let stream = endless.clone();
        async move { ([("content-type", "text/event-stream")], Body::from_stream(stream)) }
    };
    let router = Router::new()
        .route("/events", get(handler))
        .route("/long", get(async || "x".repeat(200)))
        .layer(minute(&cache).max_body(100));
    let response = router.clone().oneshot(request("GET", "/events", &[])).await.unwrap();
    let mut body = response.into_body();
    let first =
        std::future::poll_fn(|context| http_body::Body::poll_frame(std::pin::Pin::new(&mut body), context)).await;
    assert!(first.is_some_and(|frame| frame.is_ok()));
    for _ in 0..2 {
        let reply = Reply::of(router.clone().oneshot(request("GET", "/long", &[])).await.unwrap()).await;
        assert_eq!((reply.status, reply.body.len(), reply.header("age")), (200, 200, None));
    }
}

#[tokio::test]
async fn a_head_is_answered_by_the_page_and_stores_none() {
    let site = site(&[]);
    site.ask("HEAD", "/", &[]).await;
    assert_eq!(site.get("/").await.text(), "load 2");
    let head = site.ask("HEAD", "/", &[]).await;
    assert_eq!((head.text(), head.header("content-length").as_deref()), (String::new(), Some("6")));
    assert_eq!(site.loads(), 2);
}

#[tokio::test]
async fn a_head_of_a_service_that_knows_the_method_stores_nothing_either() {
    let (cache, _clock) = timed();
    let service = tower::service_fn(async |request: Request<Body>| {
        let body = if request.method() == Method::HEAD { "" } else { "page" };
        Ok::<_, Infallible>(Response::new(Body::from(body)))
    });
    let service = minute(&cache).layer(service);
    let ask = async |method: &str| Reply::of(service.clone().oneshot(request(method, "/", &[])).await.unwrap()).await;
    assert_eq!(ask("HEAD").await.text(), "");
    assert_eq!(ask("GET").await.text(), "page");
    let head = ask("HEAD").await;
    assert_eq!((head.text(), head.header("content-length").as_deref()), (String::new(), Some("4")));
}

#[tokio::test]
async fn a_head_takes_no_old_page_away() {
    let site = Site::new(
        |cache| minute(cache).stale_if_error(600),
        |load, _| (if load == 3 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }, format!("load {load}")),
    );
    site.get("/").await;
    site.clock.advance(secs(61));
    assert_eq!(site.ask("HEAD", "/", &[]).await.status, 200);
    assert_eq!(site.get("/").await.text(), "load 1", "it stands in");
}

#[tokio::test]
async fn with_caching_off_everything_is_passed_on() {
    let cache = Cache::builder().off().build_blocking().unwrap();
    let site = Site::with(minute(&cache), cache.clone(), ManualClock::new(), |load, _| numbered(load, &[]));
    site.get("/").await;
    let reply = site.get("/").await;
    assert_eq!((&*reply.text(), reply.header("etag")), ("load 2", None));
}

#[tokio::test]
async fn a_client_can_not_make_the_layer_load() {
    let site = site(&[]);
    site.get("/").await;
    for header in [
        ("cache-control", "no-cache"),
        ("cache-control", "no-store"),
        ("cache-control", "max-age=0"),
        ("pragma", "no-cache"),
    ] {
        assert_eq!(site.ask("GET", "/", &[header]).await.text(), "load 1", "{header:?}");
    }
    assert_eq!(site.ask("GET", "/new", &[("cache-control", "only-if-cached")]).await.status, 200);
}

#[tokio::test]
async fn a_timeout_is_seconds_or_a_duration() {
    let (cache, _clock) = timed();
    let _layers =
        [CacheLayer::timeout(1).cache(&cache), CacheLayer::timeout(Duration::from_millis(1500)).cache(&cache)];
}

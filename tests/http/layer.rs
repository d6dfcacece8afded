//! The layer in front of routes: what it keeps apart, what it passes on, what it invalidates.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::OriginalUri;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use larder::Cache;
use larder::http::CacheLayer;
use larder::testing::ManualClock;
use tower::{Layer, Service, ServiceExt};

use crate::app::{Reply, numbered, request};
use crate::support::{Gate, Loads, promptly, secs, timed};

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

fn minute(cache: &Cache) -> CacheLayer {
    CacheLayer::timeout(60).cache(cache)
}

type Headers = &'static [(&'static str, &'static str)];

fn site(headers: Headers) -> Site {
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
    site.ask("GET", "/", &[("host", "a"), ("host", "b")]).await;
    assert_eq!(site.loads(), before + 3);
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
async fn variants_are_kept_apart_as_the_response_says() {
    let site = Site::new(minute, |load, request: Request<Body>| {
        let language = request.headers().get("accept-language").map(|value| value.to_str().unwrap().to_owned());
        ([("vary", "Accept-Language")], format!("load {load} in {}", language.unwrap_or_default()))
    });
    let ask = async |language: &str| site.ask("GET", "/", &[("accept-language", language)]).await.text();
    for _ in 0..3 {
        assert_eq!(ask("en").await, "load 1 in en");
        assert_eq!(ask("de").await, "load 2 in de");
        assert_eq!(ask("").await, "load 3 in ");
        assert_eq!(site.get("/").await.text(), "load 4 in ", "none is not an empty one");
    }
    assert_eq!(site.loads(), 4);
}

#[tokio::test]
async fn all_lines_of_a_header_count() {
    let site = site(&[("vary", "foo")]);
    let ask = async |second: &str| site.ask("GET", "/", &[("foo", "1"), ("foo", second)]).await.text();
    assert_eq!(ask("2").await, "load 1");
    assert_eq!(ask("3").await, "load 2");
    assert_eq!(ask("2").await, "load 1");
    assert_eq!(site.ask("GET", "/", &[("foo", "1, 2")]).await.text(), "load 1");
}

#[tokio::test]
async fn a_resource_can_name_more_headers_later() {
    let site = Site::new(minute, |load, request: Request<Body>| {
        let german = request.headers().get("accept-language").is_some_and(|value| value == "de");
        numbered(load, if german { &[("vary", "accept-language, accept")] } else { &[("vary", "accept-language")] })
    });
    let ask = async |language: &str, accept: &str| {
        site.ask("GET", "/", &[("accept-language", language), ("accept", accept)]).await.text()
    };
    assert_eq!(ask("en", "a").await, "load 1");
    assert_eq!(ask("de", "a").await, "load 2");
    let other = ask("de", "b").await;
    assert_eq!(other, "load 3");
    for _ in 0..2 {
        assert_eq!(ask("en", "b").await, "load 1", "the first depends on the language alone");
        assert_eq!(ask("de", "b").await, other);
    }
}

#[tokio::test]
async fn a_resource_has_a_limited_number_of_variants() {
    let site = Site::new(|cache| minute(cache).vary_limit(3), |load, _| numbered(load, &[("vary", "foo")]));
    let ask = async |foo: usize| site.ask("GET", "/", &[("foo", &foo.to_string())]).await;
    for foo in 0..10 {
        ask(foo).await;
    }
    let before = site.loads();
    let mut found = 0;
    for foo in 0..10 {
        found += u32::from(ask(foo).await.header("age").is_some());
    }
    assert_eq!((found, site.loads() - before), (4, 6), "the first page and three others");
    let status = ask(9).await.header("cache-status");
    assert_eq!(status.as_deref(), Some("larder; fwd=uri-miss; detail=vary"));
}

#[tokio::test]
async fn who_waited_for_another_variant_gets_its_own() {
    let (cache, clock) = timed();
    let (gate, loads) = (Gate::new(), Arc::new(Loads::new()));
    let handler = {
        let (gate, loads) = (gate.clone(), loads.clone());
        move |headers: HeaderMap| async move {
            loads.next();
            gate.pass().await;
            ([("vary", "foo")], format!("{:?}", headers.get("foo")))
        }
    };
    let router = Router::new().route("/", get(handler)).layer(minute(&cache));
    let _still = clock;
    let mut tasks = Vec::new();
    for number in 0..6 {
        let (router, foo) = (router.clone(), ["a", "b"][number % 2]);
        tasks.push(tokio::spawn(async move {
            let response = router.oneshot(request("GET", "/", &[("foo", foo)])).await.unwrap();
            (foo, Reply::of(response).await.text())
        }));
    }
    promptly(gate.reached()).await;
    gate.open();
    for task in tasks {
        let (foo, text) = promptly(task).await.unwrap();
        assert_eq!(text, format!("Some({foo:?})"));
    }
    assert_eq!(loads.so_far(), 2);
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
async fn a_post_is_passed_on_and_makes_the_page_untrue() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "PURGE"] {
        let site = site(&[("vary", "foo")]);
        let ask = async |foo: &str| site.ask("GET", "/1?x", &[("foo", foo), ("host", "a.org")]).await.text();
        assert_eq!((ask("a").await, ask("b").await), ("load 1".to_owned(), "load 2".to_owned()));
        assert_eq!(site.ask(method, "/1?x", &[("host", "a.org")]).await.text(), "load 3");
        assert_eq!((ask("a").await, ask("b").await), ("load 4".to_owned(), "load 5".to_owned()), "{method}");
        site.ask(method, "/1?x", &[("host", "b.org")]).await;
        site.ask(method, "/1", &[("host", "a.org")]).await;
        assert_eq!(ask("a").await, "load 4", "another resource");
    }
}

#[tokio::test]
async fn what_fails_or_changes_nothing_invalidates_nothing() {
    let site = Site::new(minute, |load, request: Request<Body>| {
        let status = match *request.method() {
            Method::POST => StatusCode::BAD_REQUEST,
            Method::PUT => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::OK,
        };
        (status, format!("load {load}"))
    });
    site.get("/").await;
    for method in ["POST", "PUT", "OPTIONS", "TRACE", "HEAD"] {
        site.ask(method, "/", &[]).await;
        assert_eq!(site.get("/").await.text(), "load 1", "{method}");
    }
}

#[tokio::test]
async fn what_a_change_names_on_the_same_host_is_untrue_as_well() {
    let site = Site::new(minute, |load, request: Request<Body>| {
        let mut response = numbered(load, &[]);
        if request.method() == Method::POST {
            for (from, to) in [("x-location", "location"), ("x-content-location", "content-location")] {
                if let Some(value) = request.headers().get(from) {
                    response.headers_mut().insert(to, value.clone());
                }
            }
        }
        response
    });
    let host = ("host", "a.org");
    let text = async |path: &str| site.ask("GET", path, &[host]).await.text();
    let named = |path: &str| path.to_owned();
    for (name, value, untrue) in [
        ("x-location", "/orders/1", true),
        ("x-content-location", "http://a.org/orders/1", true),
        ("x-location", "http://b.org/orders/1", false),
        ("x-location", "//a.org/orders/1", false),
        ("x-location", "/orders/2", false),
    ] {
        let before = text(&named("/orders/1")).await;
        site.ask("POST", "/orders", &[host, (name, value)]).await;
        assert_eq!(text("/orders/1").await != before, untrue, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_load_that_began_before_a_change_is_not_stored() {
    let (cache, _clock) = timed();
    let gate = Gate::new();
    let loads = Arc::new(Loads::new());
    let handler = {
        let (gate, loads) = (gate.clone(), loads.clone());
        move || async move {
            let load = loads.next();
            gate.pass().await;
            format!("load {load}")
        }
    };
    let router = Router::new().route("/", get(handler).post(async || "changed")).layer(minute(&cache));
    let ask = |method: &'static str| {
        let router = router.clone();
        async move { Reply::of(router.oneshot(request(method, "/", &[])).await.unwrap()).await.text() }
    };
    let old = tokio::spawn(ask("GET"));
    promptly(gate.reached()).await;
    ask("POST").await;
    gate.open();
    assert_eq!(promptly(old).await.unwrap(), "load 1");
    assert_eq!(ask("GET").await, "load 2");
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

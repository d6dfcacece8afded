//! What caches in front are told of a response: for whom it is, and how long it is fresh.

use axum::Router;
use axum::routing::get;
use larder::http::CacheLayer;
use tower::ServiceExt;

use crate::app::{App, Output, Reply, Served, numbered, request};
use crate::layer::Site;
use crate::support::{Gate, Loads, promptly, secs, timed};

type Headers = &'static [(&'static str, &'static str)];

fn with(headers: Headers) -> App {
    App::serving(Served::new(move |load, _| async move { Output::Ok(numbered(load, headers)) }))
}

#[tokio::test]
async fn what_only_browsers_are_told_no_shared_cache_may_store() {
    let app = with(&[]);
    for _ in 0..2 {
        let reply = app.get("/browsers/1").await;
        assert_eq!(reply.header("cache-control").as_deref(), Some("private, max-age=30"));
        assert_eq!(reply.header("cdn-cache-control"), None);
    }
}

#[tokio::test]
async fn with_a_cdn_each_is_told_its_own_time() {
    let app = with(&[]);
    for _ in 0..2 {
        let reply = app.get("/told/1").await;
        assert_eq!(reply.header("cache-control").as_deref(), Some("public, max-age=30, s-maxage=300"));
        assert_eq!(reply.header("cdn-cache-control").as_deref(), Some("max-age=300"));
    }
}

/// Who says who they are may be given what is theirs alone: caches that many share must not take it for everybody's.
#[tokio::test]
async fn to_authorized_requests_nothing_is_told_that_is_for_shared_caches() {
    let app = with(&[]);
    for _ in 0..2 {
        let reply = app.ask("GET", "/told/1", &[("authorization", "Bearer ann")]).await;
        assert_eq!(reply.header("cache-control").as_deref(), Some("private, max-age=30"));
        assert_eq!(reply.header("cdn-cache-control"), None);
    }
    assert_eq!(app.get("/told/1").await.header("cdn-cache-control").as_deref(), Some("max-age=300"));
    assert_eq!(app.loads(), 1);
}

/// A response depends on the header whether or not it is stored here: other caches may store it.
#[tokio::test]
async fn vary_is_said_of_what_is_not_stored_as_well() {
    for headers in [&[("cache-control", "no-store")][..], &[("set-cookie", "a=b"), ("vary", "origin")]] {
        let app = with(headers);
        for method in ["GET", "HEAD", "POST"] {
            let vary = app.ask(method, "/language/1", &[]).await.header("vary").unwrap_or_default();
            assert!(vary.ends_with("accept-language"), "{method} {headers:?}: {vary}");
        }
    }
    let app = App::of(|| axum::http::StatusCode::BAD_GATEWAY);
    assert_eq!(app.get("/language/1").await.header("vary").as_deref(), Some("accept-language"), "a failure");
    let app = with(&[("vary", "Accept-Language"), ("cache-control", "no-store")]);
    assert_eq!(
        app.get("/language/1").await.header("vary").as_deref(),
        Some("Accept-Language"),
        "its handler has said it"
    );
}

#[tokio::test]
async fn the_time_that_was_asked_for_begins_when_the_page_is_sent() {
    let app = with(&[]);
    app.get("/told/1").await;
    app.clock.advance(secs(40));
    let reply = app.get("/told/1").await;
    assert_eq!(reply.header("age").as_deref(), Some("40"));
    assert_eq!(reply.header("cache-control").as_deref(), Some("public, max-age=70, s-maxage=340"));
    assert_eq!(reply.header("cdn-cache-control").as_deref(), Some("max-age=340"));
    let tag = reply.header("etag").unwrap();
    let same = app.ask("GET", "/told/1", &[("if-none-match", &tag)]).await;
    assert_eq!((same.status, same.header("cache-control").as_deref()), (304, Some("public, max-age=70, s-maxage=340")));
    app.get("/browsers/1").await;
    app.clock.advance(secs(10));
    assert_eq!(app.get("/browsers/1").await.header("cache-control").as_deref(), Some("private, max-age=40"));
}

#[tokio::test]
async fn what_is_old_as_it_comes_is_not_made_younger() {
    for layer in [CacheLayer::timeout(600), CacheLayer::rfc9111()] {
        let site = Site::new(
            |cache| layer.cache(cache),
            |load, _| numbered(load, &[("cache-control", "max-age=60"), ("age", "50")]),
        );
        assert_eq!(site.get("/").await.header("age").as_deref(), Some("50"), "the first answer");
        site.clock.advance(secs(5));
        assert_eq!(site.get("/").await.header("age").as_deref(), Some("55"));
    }
}

#[tokio::test]
async fn the_wait_for_another_load_makes_a_page_no_older() {
    let (cache, clock) = timed();
    let gate = Gate::new();
    let loads = std::sync::Arc::new(Loads::new());
    let handler = {
        let (gate, loads) = (gate.clone(), loads.clone());
        move || {
            let (gate, load) = (gate.clone(), loads.next());
            async move {
                gate.pass().await;
                let control = if load == 1 { "private" } else { "max-age=5" };
                ([("cache-control", control)], format!("load {load}"))
            }
        }
    };
    let router = Router::new().route("/", get(handler)).layer(CacheLayer::rfc9111().cache(&cache));
    let ask = || {
        let router = router.clone();
        tokio::spawn(async move { Reply::of(router.oneshot(request("GET", "/", &[])).await.unwrap()).await })
    };
    let first = ask();
    promptly(gate.reached()).await;
    let second = ask();
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    clock.advance(secs(8));
    gate.let_one_through();
    promptly(first).await.unwrap();
    promptly(gate.reached()).await;
    gate.open();
    assert_eq!(promptly(second).await.unwrap().text(), "load 2");
    let found = promptly(ask()).await.unwrap();
    assert_eq!((&*found.text(), found.header("age").as_deref()), ("load 2", Some("0")));
}

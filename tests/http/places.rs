//! How many variants of a URI a layer keeps, and for how long it remembers them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use larder::Cache;
use larder::http::CacheLayer;

use crate::app::numbered;
use crate::layer::Site;
use crate::support::secs;

fn three(cache: &Cache) -> CacheLayer {
    CacheLayer::timeout(60).cache(cache).vary_limit(3)
}

async fn ask(site: &Site, value: &str) -> crate::app::Reply {
    site.ask("GET", "/", &[("foo", value)]).await
}

/// Is this variant kept once it was asked for?
async fn is_kept(site: &Site, value: &str) -> bool {
    let first = ask(site, value).await.text();
    ask(site, value).await.text() == first
}

#[tokio::test]
async fn the_places_of_junk_are_free_once_its_pages_are_past() {
    let site = Site::new(three, |load, _| numbered(load, &[("vary", "foo")]));
    for junk in ["first", "x1", "x2", "x3"] {
        ask(&site, junk).await;
    }
    assert!(!is_kept(&site, "de").await, "its places are taken");
    site.clock.advance(secs(60));
    for foo in ["de", "en"] {
        assert!(is_kept(&site, foo).await, "{foo}");
    }
}

#[tokio::test]
async fn what_was_never_stored_takes_no_place() {
    let site = Site::new(three, |load, request: Request<Body>| {
        match request.headers().get("foo").and_then(|foo| foo.to_str().ok()) {
            Some("private") => numbered(load, &[("vary", "foo"), ("cache-control", "private")]),
            Some(foo) if foo.starts_with("missing") => (StatusCode::NOT_FOUND, [("vary", "foo")]).into_response(),
            Some(foo) if foo.starts_with("failing") => StatusCode::BAD_GATEWAY.into_response(),
            _ => numbered(load, &[("vary", "foo")]),
        }
    });
    ask(&site, "first").await;
    for junk in ["private", "missing 1", "missing 2", "missing 3", "failing 1", "failing 2"] {
        ask(&site, junk).await;
    }
    for foo in ["1", "2", "3"] {
        assert!(is_kept(&site, foo).await, "{foo}");
    }
    assert!(!is_kept(&site, "4").await);
}

#[tokio::test]
async fn a_change_of_the_resource_frees_the_places_of_its_variants() {
    let site = Site::new(three, |load, _| numbered(load, &[("vary", "foo")]));
    for junk in ["first", "x1", "x2", "x3"] {
        ask(&site, junk).await;
    }
    site.ask("POST", "/", &[]).await;
    assert!(is_kept(&site, "de").await && is_kept(&site, "en").await);
}

#[tokio::test]
async fn many_other_uris_do_not_lift_the_limit() {
    let site = Site::new(three, |load, _| numbered(load, &[("vary", "foo")]));
    let ask = async |uri: &str, foo: &str| site.ask("GET", uri, &[("foo", foo)]).await;
    for foo in ["first", "1", "2", "3"] {
        ask("/", foo).await;
    }
    for other in 0..3_000 {
        let uri = format!("/{other}");
        ask(&uri, "a").await;
        ask(&uri, "b").await;
    }
    ask("/", "4").await;
    assert_eq!(ask("/", "4").await.header("age"), None, "there are as many as there may be");
}

#[tokio::test]
async fn a_variant_that_is_gone_is_not_answered_by_an_older_page() {
    let site = Site::new(
        |cache| CacheLayer::rfc9111().cache(cache),
        |load, _| {
            if load == 4 {
                return StatusCode::NOT_FOUND.into_response();
            }
            numbered(load, &[("vary", "foo"), ("cache-control", "max-age=60")])
        },
    );
    let anew = async |foo: &str| site.ask("GET", "/", &[("foo", foo), ("cache-control", "no-cache")]).await;
    assert_eq!(ask(&site, "de").await.text(), "load 1", "the first page");
    assert_eq!(ask(&site, "en").await.text(), "load 2");
    assert_eq!(anew("de").await.text(), "load 3");
    assert_eq!(ask(&site, "de").await.text(), "load 3");
    assert_eq!(anew("de").await.status, 404);
    assert_eq!(ask(&site, "de").await.text(), "load 5", "and not load 1 again");
    assert_eq!(ask(&site, "en").await.text(), "load 2", "the others stay");
}

//! Requests that change something, and so make pages untrue.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::routing::get;
use tower::ServiceExt;

use crate::app::{Reply, numbered, request};
use crate::layer::{Site, minute, site};
use crate::support::{Gate, Loads, promptly, timed};

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
            Method::DELETE => StatusCode::SEE_OTHER,
            _ => StatusCode::OK,
        };
        (status, format!("load {load}"))
    });
    site.get("/").await;
    for method in ["POST", "PUT", "OPTIONS", "TRACE", "HEAD"] {
        site.ask(method, "/", &[]).await;
        assert_eq!(site.get("/").await.text(), "load 1", "{method}");
    }
    let before = site.loads();
    site.ask("DELETE", "/", &[]).await;
    assert_eq!(site.get("/").await.text(), format!("load {}", before + 2), "a redirection is no failure");
}

#[tokio::test]
async fn a_change_is_one_for_layers_of_the_same_name() {
    let (cache, clock) = timed();
    let loads = |load: u32, _: Request<Body>| numbered(load, &[]);
    let site = |name: &str| Site::with(minute(&cache).name(name), cache.clone(), clock.clone(), loads);
    let [one, two, same] = [site("one"), site("two"), site("one")];
    one.get("/").await;
    two.ask("POST", "/", &[]).await;
    assert!(one.get("/").await.header("age").is_some(), "another name");
    same.ask("POST", "/", &[]).await;
    assert!(one.get("/").await.header("age").is_none());
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

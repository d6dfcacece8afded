//! `Vary`: the pages of one URI, which the layer learns from its responses.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use axum::routing::get;
use tower::ServiceExt;

use crate::app::{Reply, numbered, request};
use crate::layer::{Site, minute, site};
use crate::support::{Gate, Loads, promptly, secs, timed};

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
    assert_eq!(status.as_deref(), Some("larder; fwd=vary-miss; detail=vary"));
}

#[tokio::test]
async fn who_waited_for_another_variant_gets_its_own() {
    let (cache, _clock) = timed();
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
async fn the_cache_says_what_it_knows_of_other_variants() {
    let site = site(&[("vary", "foo")]);
    let status =
        async |foo: &str| site.ask("GET", "/", &[("foo", foo)]).await.header("cache-status").unwrap_or_default();
    assert_eq!(status("a").await, "larder; fwd=uri-miss; stored; ttl=60");
    assert_eq!(status("b").await, "larder; fwd=vary-miss; stored; ttl=60");
    assert_eq!(status("b").await, "larder; hit; ttl=60");
    site.clock.advance(secs(30));
    assert_eq!(status("c").await, "larder; fwd=vary-miss; stored; ttl=60");
    site.clock.advance(secs(30));
    assert_eq!(status("d").await, "larder; fwd=miss; stored; ttl=60", "the first page has gone, others may be there");
}

#[tokio::test]
async fn a_response_that_depends_on_too_much_is_not_stored() {
    let of = |number: usize| (0..number).map(|name| format!("x-{name}")).collect::<Vec<_>>().join(", ");
    for (number, loads) in [(16, 1), (17, 2)] {
        let site = Site::new(minute, move |load, _| {
            let mut response = numbered(load, &[]);
            response.headers_mut().insert("vary", of(number).parse().unwrap());
            response
        });
        site.get("/").await;
        site.get("/").await;
        assert_eq!(site.loads(), loads, "{number}");
    }
}

#[tokio::test]
async fn an_old_page_is_not_refreshed_by_requests_for_other_variants() {
    let (cache, clock) = timed();
    let loads = |load: u32, _: Request<Body>| numbered(load, &[("vary", "foo")]);
    let layer = || minute(&cache).stale_while_revalidate(60);
    // The second has learnt nothing yet.
    let [one, two] = [(); 2].map(|()| Site::with(layer(), cache.clone(), clock.clone(), loads));
    let ask = async |site: &Site, foo: &str| site.ask("GET", "/", &[("foo", foo)]).await;
    ask(&one, "a").await;
    clock.advance(secs(70));
    let reply = ask(&two, "b").await;
    assert_eq!((reply.status, reply.header("age")), (200, None));
    assert_eq!((one.loads(), two.loads()), (1, 1));
    assert_eq!(ask(&two, "a").await.header("age").as_deref(), Some("70"), "the old one is there still");
}

#[tokio::test]
async fn responses_that_name_different_headers_are_told_apart_by_all_of_them() {
    let site = Site::new(minute, |load, request: Request<Body>| {
        let first = request.headers()["foo"] == "1";
        numbered(load, if first { &[("vary", "foo")] } else { &[("vary", "bar")] })
    });
    let ask = async |foo: &str, bar: &str| site.ask("GET", "/", &[("foo", foo), ("bar", bar)]).await;
    for _ in 0..2 {
        for (foo, bar) in [("1", "1"), ("2", "1"), ("2", "2")] {
            ask(foo, bar).await;
        }
    }
    for (foo, bar) in [("1", "1"), ("2", "1"), ("2", "2")] {
        assert_eq!(ask(foo, bar).await.header("age").as_deref(), Some("0"), "{foo} {bar}");
    }
}

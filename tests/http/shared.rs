//! Layers of several processes that share a store.

use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use larder::Cache;
use larder::http::CacheLayer;
use larder::testing::{ManualClock, MemoryStore};

use crate::app::numbered;
use crate::layer::{Headers, Site};
use crate::support::secs;

/// Two processes, each with a cache and a layer of its own, which hold pages in memory as well or only in the store.
fn processes<R: IntoResponse>(
    in_memory: bool,
    layer: impl Fn(&Cache) -> CacheLayer,
    serve: impl Fn(u32, Request<Body>) -> R + Clone + Send + Sync + 'static,
) -> [Site; 2] {
    let clock = ManualClock::new();
    let store = MemoryStore::new(clock.clone());
    [(); 2].map(|()| {
        let builder = Cache::builder().clock(clock.clone());
        let builder = if in_memory { builder.shared(store.clone()) } else { builder.shared_only(store.clone()) };
        let cache = builder.build_blocking().unwrap();
        Site::with(layer(&cache), cache, clock.clone(), serve.clone())
    })
}

fn minute(cache: &Cache) -> CacheLayer {
    CacheLayer::timeout(60).cache(cache)
}

/// Whose language the page is in, and which load it is of.
fn by_language(load: u32, request: &Request<Body>) -> Response {
    let language = request.headers().get("accept-language").map_or("none", |value| value.to_str().unwrap());
    ([("vary", "accept-language")], format!("{language} {load}")).into_response()
}

#[tokio::test]
async fn a_page_of_one_process_is_that_of_all() {
    for in_memory in [true, false] {
        let [one, two] = processes(in_memory, minute, |load, _| {
            let mut response = numbered(load, &[("x-a", "1"), ("x-a", "2")]);
            response.headers_mut().insert("x-raw", HeaderValue::from_bytes(b"\xff").unwrap());
            response
        });
        let made = one.get("/1?x").await;
        one.clock.advance(secs(20));
        let found = two.get("/1?x").await;
        assert_eq!((found.text(), two.loads()), ("load 1".to_owned(), 0), "in memory: {in_memory}");
        assert_eq!(found.header("age").as_deref(), Some("20"));
        assert_eq!(found.header("cache-status").as_deref(), Some("larder; hit; ttl=40"));
        assert_eq!((found.header("etag"), found.header("date")), (made.header("etag"), made.header("date")));
        assert_eq!(found.headers.get_all("x-a").iter().count(), 2);
        assert_eq!(found.headers.get("x-raw").map(HeaderValue::as_bytes), Some(&b"\xff"[..]));
        let tag = made.header("etag").unwrap();
        assert_eq!(two.ask("GET", "/1?x", &[("if-none-match", &tag)]).await.status, 304);
        assert_eq!(two.ask("HEAD", "/1?x", &[]).await.header("content-length").as_deref(), Some("6"));
        two.clock.advance(secs(40));
        two.get("/1?x").await;
        assert_eq!(two.loads(), 1, "its time is the same everywhere");
    }
}

#[tokio::test]
async fn a_head_asks_the_store_for_nothing_that_it_would_keep() {
    let [one, two] = processes(true, minute, |load, _| numbered(load, &[]));
    two.ask("HEAD", "/", &[]).await;
    assert_eq!(one.get("/").await.header("age"), None, "a head stores nothing");
    assert_eq!((one.loads(), two.loads()), (1, 1));
}

#[tokio::test]
async fn variants_are_learnt_from_pages_of_other_processes() {
    for in_memory in [true, false] {
        let [one, two] = processes(in_memory, minute, |load, request| by_language(load, &request));
        let ask =
            async |site: &Site, language: &str| site.ask("GET", "/", &[("accept-language", language)]).await.text();
        assert_eq!(ask(&one, "en").await, "en 1");
        assert_eq!(ask(&one, "de").await, "de 2");
        for language in ["de", "en", "de"] {
            let text = ask(&two, language).await;
            assert_eq!((text.starts_with(language), two.loads()), (true, 0), "in memory: {in_memory}");
        }
        assert_eq!(ask(&two, "fr").await, "fr 1");
        assert_eq!(ask(&one, "fr").await, "fr 1");
        assert_eq!((one.loads(), two.loads()), (2, 1));
    }
}

#[tokio::test]
async fn a_change_in_one_process_is_one_for_all() {
    for in_memory in [true, false] {
        let [one, two] = processes(in_memory, minute, |load, request| {
            let mut response = by_language(load, &request);
            if request.method() == "POST" {
                response.headers_mut().insert("location", HeaderValue::from_static("/made"));
            }
            response
        });
        let ask = async |site: &Site, method: &str, path: &str, language: &str| {
            site.ask(method, path, &[("accept-language", language), ("host", "a.org")]).await.text()
        };
        for site in [&one, &two] {
            for (path, language) in [("/", "en"), ("/", "de"), ("/made", "en"), ("/other", "en")] {
                ask(site, "GET", path, language).await;
            }
        }
        assert_eq!((one.loads(), two.loads()), (4, 0), "in memory: {in_memory}");
        ask(&two, "POST", "/", "en").await;
        for (path, language) in [("/", "en"), ("/", "de"), ("/made", "en")] {
            let before = one.loads();
            ask(&one, "GET", path, language).await;
            assert_eq!(one.loads(), before + 1, "{path} in {language}");
        }
        ask(&one, "GET", "/other", "en").await;
        assert_eq!(one.loads(), 7, "nobody has changed that");
    }
}

#[tokio::test]
async fn an_old_page_of_another_process_stands_in() {
    let [one, two] = processes(
        true,
        |cache| CacheLayer::rfc9111().cache(cache),
        |load, request: Request<Body>| {
            if request.headers().contains_key("x-fail") {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            let headers: Headers = &[("cache-control", "max-age=60, stale-if-error=600")];
            numbered(load, headers)
        },
    );
    one.get("/").await;
    one.clock.advance(secs(100));
    let reply = two.ask("GET", "/", &[("x-fail", "1")]).await;
    assert_eq!((reply.status, &*reply.text(), reply.header("age").as_deref()), (200, "load 1", Some("100")));
}

#[tokio::test]
async fn what_a_page_says_of_its_life_is_known_everywhere() {
    let headers: Headers = &[("cache-control", "max-age=60"), ("age", "10")];
    let layer = |cache: &Cache| CacheLayer::rfc9111().cache(cache);
    for in_memory in [true, false] {
        let [one, two] = processes(in_memory, layer, move |load, _| numbered(load, headers));
        one.get("/").await;
        one.clock.advance(secs(20));
        let found = two.get("/").await;
        assert_eq!(found.header("age").as_deref(), Some("30"));
        assert_eq!(found.header("cache-status").as_deref(), Some("larder; hit; ttl=30"));
        // Entries that are shared may end a little early, so that they do not all end at once.
        one.clock.advance(secs(24));
        assert_eq!(two.get("/").await.header("age").as_deref(), Some("54"));
        one.clock.advance(secs(6));
        two.get("/").await;
        assert_eq!((one.loads(), two.loads()), (1, 1), "in memory: {in_memory}");
    }
}

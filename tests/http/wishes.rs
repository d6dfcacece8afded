//! What requests may ask of a layer that goes by RFC 9111, where its pages are old, or in the shared tier.

use axum::body::Body;
use axum::http::Request;
use larder::Cache;
use larder::http::CacheLayer;
use larder::testing::{ManualClock, MemoryStore};

use crate::app::numbered;
use crate::layer::Site;
use crate::support::secs;

fn layer(cache: &Cache) -> CacheLayer {
    CacheLayer::rfc9111().cache(cache)
}

type Headers = &'static [(&'static str, &'static str)];

const WITH_OLD: Headers = &[("cache-control", "max-age=60, stale-while-revalidate=600")];

#[tokio::test]
async fn an_old_page_is_no_answer_to_who_wants_a_fresh_one() {
    for wish in ["no-cache", "max-age=0", "max-age=1000", "min-fresh=1"] {
        let site = Site::new(layer, |load, _| numbered(load, WITH_OLD));
        site.get("/").await;
        site.clock.advance(secs(100));
        assert_eq!(site.ask("GET", "/", &[("cache-control", wish)]).await.text(), "load 2", "{wish}");
        assert_eq!(site.get("/").await.text(), "load 2", "{wish}: the new one is stored");
    }
    let site = Site::new(layer, |load, _| numbered(load, WITH_OLD));
    site.get("/").await;
    site.clock.advance(secs(100));
    assert_eq!(
        site.ask("GET", "/", &[("cache-control", "max-stale")]).await.text(),
        "load 1",
        "it did not ask for that"
    );
}

/// Two processes with one store.
fn processes() -> [Site; 2] {
    let clock = ManualClock::new();
    let store = MemoryStore::new(clock.clone());
    [1, 2].map(|process| {
        let cache = Cache::builder().clock(clock.clone()).shared(store.clone()).build_blocking().unwrap();
        Site::with(layer(&cache), cache, clock.clone(), move |load, _: Request<Body>| {
            ([("cache-control", "max-age=60")], format!("load {load} of {process}"))
        })
    })
}

#[tokio::test]
async fn a_page_of_another_process_has_to_be_good_enough() {
    for wish in ["no-cache", "max-age=19", "min-fresh=41"] {
        let [one, two] = processes();
        one.get("/").await;
        one.clock.advance(secs(20));
        assert_eq!(two.ask("GET", "/", &[("cache-control", wish)]).await.text(), "load 1 of 2", "{wish}");
    }
    let [one, two] = processes();
    one.get("/").await;
    one.clock.advance(secs(20));
    assert_eq!(two.ask("GET", "/", &[("cache-control", "max-age=20")]).await.text(), "load 1 of 1");
}

#[tokio::test]
async fn only_if_cached_finds_what_other_processes_have() {
    let [one, two] = processes();
    one.get("/").await;
    let ask = async |path: &str| two.ask("GET", path, &[("cache-control", "only-if-cached")]).await;
    assert_eq!(ask("/").await.text(), "load 1 of 1");
    assert_eq!((ask("/other").await.status, two.loads()), (504, 0));
    let [one, two] = processes();
    one.get("/").await;
    one.ask("POST", "/", &[]).await;
    assert_eq!(two.ask("GET", "/", &[("cache-control", "only-if-cached")]).await.status, 504, "it is untrue by now");
}

#[tokio::test]
async fn expires_counts_from_the_reception_where_there_is_no_date() {
    let dated = Site::new(|cache| CacheLayer::timeout(60).cache(cache), |_, _| "");
    let now = httpdate::parse_http_date(&dated.get("/").await.header("date").unwrap()).unwrap();
    let site = Site::new(layer, move |load, _| {
        let expires = httpdate::fmt_http_date(now + secs(60));
        ([("expires", expires)], format!("load {load}"))
    });
    assert_eq!(site.get("/").await.text(), "load 1");
    site.clock.advance(secs(59));
    assert_eq!(site.get("/").await.text(), "load 1");
    site.clock.advance(secs(1));
    assert_eq!(site.get("/").await.text(), "load 2");
}

#[tokio::test]
async fn a_head_is_answered_by_an_old_page_that_is_refreshed_by_others() {
    let site = Site::new(layer, |load, _| numbered(load, WITH_OLD));
    site.get("/").await;
    site.clock.advance(secs(100));
    let head = site.ask("HEAD", "/", &[]).await;
    assert_eq!((head.header("age").as_deref(), site.loads()), (Some("100"), 1));
}

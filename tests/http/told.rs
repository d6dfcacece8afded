//! What caches in front are told of a response: for whom it is, and how long it is fresh.

use crate::app::{App, Output, Served, numbered};

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

//! Requests whose sender has the page already.

use axum::response::IntoResponse;

use crate::app::{App, Output, Reply, Served, numbered};
use crate::support::secs;

fn with(headers: &'static [(&'static str, &'static str)]) -> App {
    App::serving(Served::new(move |load, _| async move { Output::Ok(numbered(load, headers)) }))
}

fn is_not_modified(reply: &Reply) -> bool {
    if reply.status != 304 {
        return false;
    }
    assert_eq!((&*reply.text(), reply.header("content-type"), reply.header("content-length")), ("", None, None));
    true
}

#[tokio::test]
async fn a_sender_who_has_the_page_is_told_so() {
    let app = with(&[("content-location", "/1"), ("expires", "0"), ("cache-control", "max-age=5"), ("vary", "")]);
    let tag = app.get("/plain/1").await.header("etag").unwrap();
    app.clock.advance(secs(3));
    for list in [tag.clone(), tag.replace("W/", ""), format!("\"a\", {tag} ,\"b\""), "*".to_owned()] {
        let reply = app.ask("GET", "/plain/1", &[("if-none-match", &list)]).await;
        assert!(is_not_modified(&reply), "{list}");
        assert_eq!(reply.header("etag").as_ref(), Some(&tag));
        assert_eq!(reply.header("age").as_deref(), Some("3"));
        for name in ["date", "content-location", "expires", "cache-control", "vary"] {
            assert!(reply.header(name).is_some(), "{name}");
        }
    }
    for list in ["\"a\"", "a", "W/"] {
        assert_eq!(app.ask("GET", "/plain/1", &[("if-none-match", list)]).await.status, 200, "{list}");
    }
    let lines = [("if-none-match", "\"a\""), ("if-none-match", &*tag)];
    assert!(is_not_modified(&app.ask("GET", "/plain/1", &lines).await), "all lines are one list");
    assert!(is_not_modified(&app.ask("HEAD", "/plain/1", &[("if-none-match", "*")]).await));
    assert_eq!(app.loads(), 1);
}

#[tokio::test]
async fn so_is_one_whose_request_loads_the_page() {
    let app = with(&[("etag", "\"1\"")]);
    let reply = app.ask("GET", "/plain/1", &[("if-none-match", "\"1\"")]).await;
    assert!(is_not_modified(&reply));
    assert_eq!((reply.header("age"), app.loads()), (None, 1));
    assert_eq!(app.get("/plain/1").await.text(), "load 1", "the page was stored");
}

#[tokio::test]
async fn dates_count_where_there_is_no_tag_to_compare() {
    let app = with(&[("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")]);
    for (since, status) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 304),
        ("Sunday, 06-Nov-94 08:49:38 GMT", 304),
        ("Sun Nov  6 08:49:36 1994", 200),
        ("yesterday", 200),
    ] {
        let reply = app.ask("GET", "/plain/1", &[("if-modified-since", since)]).await;
        assert_eq!(reply.status, status, "{since}");
    }
    let both = [("if-none-match", "\"other\""), ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")];
    assert_eq!(app.ask("GET", "/plain/1", &both).await.status, 200, "the tag counts alone");
}

#[tokio::test]
async fn without_a_date_of_change_the_date_counts() {
    let app = with(&[]);
    let date = app.get("/plain/1").await.header("date").unwrap();
    let reply = app.ask("GET", "/plain/1", &[("if-modified-since", &date)]).await;
    assert!(is_not_modified(&reply));
    assert_eq!(reply.header("last-modified"), None, "none is invented");
}

#[tokio::test]
async fn conditions_of_others_and_ranges_change_nothing() {
    let app = with(&[]);
    app.get("/plain/1").await;
    for header in
        [("range", "bytes=0-1"), ("if-match", "\"other\""), ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT")]
    {
        let reply = app.ask("GET", "/plain/1", &[header]).await;
        assert_eq!((reply.status, &*reply.text()), (200, "load 1"), "{header:?}");
    }
}

#[tokio::test]
async fn a_request_can_not_make_the_cache_load() {
    let app = with(&[]);
    app.get("/plain/1").await;
    for header in [
        ("cache-control", "no-cache"),
        ("cache-control", "max-age=0"),
        ("cache-control", "no-store"),
        ("pragma", "no-cache"),
    ] {
        assert_eq!(app.ask("GET", "/plain/1", &[header]).await.text(), "load 1", "{header:?}");
    }
}

#[tokio::test]
async fn only_a_page_with_status_200_is_not_modified() {
    let app = App::of(|| axum::http::StatusCode::NOT_FOUND);
    app.get("/errors/1").await;
    assert_eq!(app.ask("GET", "/errors/1", &[("if-none-match", "*")]).await.status, 404);
}

#[tokio::test]
async fn a_tag_is_one_of_what_is_sent() {
    let tag = async |headers: &'static [(&'static str, &'static str)], body: &'static str| {
        let app = App::of(move || {
            let mut response = body.into_response();
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        });
        app.get("/plain/1").await.header("etag").unwrap()
    };
    let tags = [
        tag(&[], "a").await,
        tag(&[], "b").await,
        tag(&[("content-type", "text/html")], "a").await,
        tag(&[("content-encoding", "identity")], "a").await,
        tag(&[("content-language", "en")], "a").await,
        tag(&[("content-language", "de")], "a").await,
    ];
    for (number, tag) in tags.iter().enumerate() {
        assert!(!tags[..number].contains(tag), "{tags:?}");
    }
    assert_eq!(tag(&[], "a").await, tags[0], "the same in every process");
    assert_eq!(tag(&[("x-request-id", "7")], "a").await, tags[0]);
}

#[tokio::test]
async fn what_tells_less_than_the_tag_is_left_out() {
    let app = with(&[("etag", "\"1\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")]);
    let reply = app.ask("GET", "/plain/1", &[("if-none-match", "\"1\"")]).await;
    assert!(is_not_modified(&reply));
    assert_eq!(reply.header("last-modified"), None);
}

#[tokio::test]
async fn the_cache_says_what_the_handler_has_said() {
    let app = with(&[("etag", "\"1\"")]);
    let status = async |headers: &[(&str, &str)]| {
        app.ask("GET", "/plain/1", headers).await.header("cache-status").unwrap_or_default()
    };
    let known = [("if-none-match", "\"1\"")];
    assert_eq!(status(&known).await, "larder; fwd=uri-miss; fwd-status=200; stored; ttl=60");
    assert_eq!(status(&known).await, "larder; hit; ttl=60");
}

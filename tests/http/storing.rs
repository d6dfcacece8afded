//! What is stored of a handler's responses, and what is not.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use larder::http::{Hints, NotStored};

use crate::app::{App, Failure, Output, Served, numbered};
use crate::support::{Gate, secs};

fn with(headers: &'static [(&'static str, &'static str)]) -> App {
    App::serving(Served::new(move |load, _| async move { Output::Ok(numbered(load, headers)) }))
}

#[tokio::test]
async fn a_response_is_stored_with_all_that_belongs_to_it() {
    let app = App::of(|| {
        let mut response = (StatusCode::OK, [("content-type", "text/plain; charset=utf-8")], "hello").into_response();
        response.headers_mut().append("link", HeaderValue::from_static("</a>; rel=next"));
        response.headers_mut().append("link", HeaderValue::from_static("</b>; rel=prev"));
        response.headers_mut().append("x-name", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        response
    });
    let made = app.get("/plain/1").await;
    app.clock.advance(secs(7));
    let found = app.get("/plain/1").await;
    assert_eq!((app.loads(), found.status, &*found.text()), (1, 200, "hello"));
    assert_eq!(found.header("content-type").as_deref(), Some("text/plain; charset=utf-8"));
    assert_eq!(found.headers.get_all("link").iter().count(), 2);
    assert_eq!(found.headers.get("x-name").map(HeaderValue::as_bytes), Some(&b"caf\xe9"[..]));
    assert_eq!((made.header("age"), found.header("age").as_deref()), (None, Some("7")));
    assert_eq!(made.header("date"), found.header("date"));
    assert!(found.header("date").is_some() && found.header("etag").is_some_and(|tag| tag.starts_with("W/\"")));
    assert_eq!(found.header("cache-control"), None, "browsers are told nothing unless it is asked for");
    assert_eq!(found.header("cache-status").as_deref(), Some("larder; hit; ttl=53"));
    assert_eq!(made.header("cache-status").as_deref(), Some("larder; fwd=uri-miss; stored; ttl=60"));
    assert_eq!(app.get("/plain/2").await.header("age"), None, "another page");
}

#[tokio::test]
async fn what_a_handler_says_itself_is_not_said_again() {
    let own = [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("etag", "\"1\"")];
    let app = App::serving(Served::new(move |load, _| async move { Output::Ok(numbered(load, &own)) }));
    for _ in 0..2 {
        let reply = app.get("/plain/1").await;
        for (name, value) in own {
            assert_eq!(reply.header(name).as_deref(), Some(value));
        }
    }
}

#[tokio::test]
async fn a_page_ends_with_its_timeout() {
    let app = with(&[]);
    assert_eq!(app.get("/plain/1").await.text(), "load 1");
    app.clock.advance(secs(59));
    assert_eq!(app.get("/plain/1").await.text(), "load 1");
    app.clock.advance(secs(1));
    assert_eq!(app.get("/plain/1").await.text(), "load 2");
}

#[tokio::test]
async fn what_the_header_forbids_is_not_stored() {
    for (headers, reason) in [
        (&[("set-cookie", "sid=alice")][..], "set-cookie"),
        (&[("cache-control", "nO-StOrE")], "no-store"),
        (&[("cache-control", "Private, max-age=60")], "private"),
        (&[("cache-control", "public"), ("cache-control", "max-age=5, PRIVATE=\"x\"")], "private"),
        (&[("cache-control", "no-cache")], "no-cache"),
        (&[("cache-control", "no-cache=\"x-a, x-b\"")], "no-cache"),
        (&[("vary", "*")], "vary"),
        (&[("vary", ", *")], "vary"),
        (&[("vary", "accept-language"), ("vary", "*, foo")], "vary"),
        (&[("vary", "Accept-Language")], "vary"),
        (&[("content-security-policy", "script-src 'nonce-abc'")], "nonce"),
        (&[("content-security-policy-report-only", "script-src 'nonce-abc'")], "nonce"),
        (&[("content-type", "text/event-stream")], "length"),
        (&[("content-type", "Multipart/x-mixed-replace; boundary=frame")], "length"),
        (&[("upgrade", "h2c")], "length"),
        (&[("trailer", "x-sum")], "trailers"),
        (&[("content-length", "3")], "incomplete"),
    ] {
        let app = with(headers);
        for load in ["load 1", "load 2"] {
            let reply = app.get("/plain/1").await;
            assert_eq!(reply.text(), load, "{headers:?}");
            let status = format!("larder; fwd=uri-miss; detail={reason}");
            assert_eq!(reply.header("cache-status"), Some(status), "{headers:?}");
            assert_eq!((reply.header("etag"), reply.header("date")), (None, None), "it is passed on as it is");
        }
    }
}

#[tokio::test]
async fn what_only_looks_forbidden_is_stored() {
    for headers in [
        &[("cache-control", "community=\"no-store, private\", max-age=1")][..],
        &[("cache-control", "max-age=0, must-revalidate")],
        &[("expires", "0"), ("pragma", "no-cache")],
        &[("content-security-policy", "default-src 'self'")],
        &[("cache-control", "no-store, must-understand")],
    ] {
        let app = with(headers);
        app.get("/plain/1").await;
        assert_eq!(app.get("/plain/1").await.text(), "load 1", "{headers:?}");
    }
}

#[tokio::test]
async fn only_the_statuses_that_were_named_are_stored() {
    for status in [201, 203, 204, 206, 301, 304, 400, 401, 404, 500, 503] {
        let app = App::of(move || StatusCode::from_u16(status).unwrap());
        app.get("/plain/1").await;
        app.get("/plain/1").await;
        assert_eq!(app.loads(), 2, "{status}");
        app.get("/errors/1").await;
        app.get("/errors/1").await;
        assert_eq!(app.loads(), if status == 404 { 3 } else { 4 }, "{status}");
    }
}

#[tokio::test]
async fn an_error_is_not_stored_whatever_its_status_is() {
    let app = App::serving(Served::new(|_, _| async { Err(Failure(StatusCode::OK)) }));
    for loads in 1..3 {
        assert_eq!(app.get("/plain/1").await.text(), "failed");
        assert_eq!(app.loads(), loads);
    }
}

#[tokio::test]
async fn what_is_about_one_connection_is_not_kept() {
    let app = with(&[
        ("connection", "x-hop, close"),
        ("x-hop", "1"),
        ("keep-alive", "timeout=5"),
        ("age", "20"),
        ("x-end", "2"),
    ]);
    app.get("/plain/1").await;
    let found = app.get("/plain/1").await;
    for name in ["connection", "x-hop", "keep-alive"] {
        assert_eq!(found.header(name), None);
    }
    assert_eq!(found.header("x-end").as_deref(), Some("2"));
    assert_eq!(found.header("age").as_deref(), Some("20"), "it was that old already");
}

#[tokio::test]
async fn methods_that_change_something_bypass_the_cache() {
    let app = with(&[]);
    assert_eq!(app.get("/plain/1").await.text(), "load 1");
    assert_eq!(app.ask("POST", "/plain/1", &[]).await.text(), "load 2");
    assert_eq!(app.ask("POST", "/plain/1", &[]).await.text(), "load 3");
    assert_eq!(app.get("/plain/1").await.text(), "load 1");
}

#[tokio::test]
async fn a_head_is_answered_by_the_page_and_stores_none() {
    let app = with(&[]);
    let first = app.ask("HEAD", "/plain/1", &[]).await;
    assert_eq!((first.header("cache-status").as_deref(), first.header("etag")), (Some("larder; fwd=bypass"), None));
    assert_eq!(app.get("/plain/1").await.text(), "load 2", "the head has stored nothing");
    let head = app.ask("HEAD", "/plain/1", &[]).await;
    assert_eq!((app.loads(), head.status, &*head.text()), (2, 200, ""));
    assert_eq!(head.header("content-length").as_deref(), Some("6"));
}

#[tokio::test]
async fn a_caller_who_leaves_while_the_body_comes_stores_nothing() {
    let gate = Gate::new();
    let app = App::serving(Served::new({
        let gate = gate.clone();
        move |load, _| {
            let gate = gate.clone();
            async move {
                gate.pass().await;
                Ok(numbered(load, &[]))
            }
        }
    }));
    {
        let mut call = crate::support::Call::new(app.get("/plain/1"));
        assert!(call.step().is_none());
    }
    gate.open();
    assert_eq!(app.get("/plain/1").await.text(), "load 2");
}

#[tokio::test]
async fn a_handler_can_shorten_the_timeout_and_veto() {
    let app = App::serving(Served::new(|load, id| async move {
        let mut response = numbered(load, &[]);
        response.extensions_mut().insert(match &*id {
            "short" => Hints::new().timeout(Duration::from_secs(5)),
            "long" => Hints::new().timeout(Duration::from_secs(500)),
            "zero" => Hints::new().timeout(Duration::ZERO),
            _ => Hints::new().no_store(),
        });
        Ok(response)
    }));
    for id in ["short", "long"] {
        app.get(&format!("/plain/{id}")).await;
    }
    app.clock.advance(secs(4));
    assert_eq!(app.get("/plain/short").await.text(), "load 1");
    app.clock.advance(secs(1));
    assert_eq!(app.get("/plain/short").await.text(), "load 3");
    app.clock.advance(secs(54));
    assert_eq!(app.get("/plain/long").await.text(), "load 2");
    app.clock.advance(secs(1));
    assert_eq!(app.get("/plain/long").await.text(), "load 4", "it does not lengthen it");
    assert_eq!(app.get("/plain/none").await.text(), "load 5");
    assert_eq!(app.get("/plain/none").await.text(), "load 6");
    let status = app.get("/plain/zero").await.header("cache-status");
    assert_eq!(status.as_deref(), Some("larder; fwd=uri-miss; detail=vetoed"));
}

#[tokio::test]
async fn headers_in_the_key_make_pages_of_their_own() {
    let app = with(&[("vary", "accept-language"), ("vary", "Accept-Language")]);
    let ask = async |lines: &[&str]| {
        let headers: Vec<_> = lines.iter().map(|line| ("accept-language", *line)).collect();
        app.ask("GET", "/language/1", &headers).await.text()
    };
    assert_eq!(ask(&[]).await, "load 1");
    assert_eq!(ask(&[""]).await, "load 2", "none is not an empty one");
    assert_eq!(ask(&["en"]).await, "load 3");
    assert_eq!(ask(&["en", "de"]).await, "load 4");
    assert_eq!(ask(&["en, de"]).await, "load 4");
    assert_eq!(ask(&["  en "]).await, "load 3");
    assert_eq!(ask(&["EN"]).await, "load 5");
    assert_eq!(ask(&["~"]).await, "load 6");
    assert_eq!(ask(&["en:1"]).await, "load 7");
}

#[tokio::test]
async fn vary_names_all_headers_of_the_key_once() {
    let app = with(&[]);
    app.get("/language/1").await;
    assert_eq!(app.get("/language/1").await.header("vary").as_deref(), Some("accept-language"));
    let missing = app.get("/language/2").await.header("cache-status");
    assert_eq!(missing.as_deref(), Some("larder; fwd=miss; stored; ttl=60"), "there may be one in another language");
    let app = with(&[("vary", "ACCEPT-Language")]);
    app.get("/language/1").await;
    assert_eq!(app.get("/language/1").await.header("vary").as_deref(), Some("ACCEPT-Language"));
}

#[tokio::test]
async fn a_head_of_a_page_without_content_has_no_length() {
    let app = App::of(|| StatusCode::NO_CONTENT);
    app.get("/empty/1").await;
    let head = app.ask("HEAD", "/empty/1", &[]).await;
    assert_eq!((head.status, head.header("content-length"), app.loads()), (204, None, 1));
}

#[tokio::test]
async fn browsers_are_told_what_was_asked_for() {
    let app = with(&[]);
    for _ in 0..2 {
        let reply = app.get("/told/1").await;
        assert_eq!(reply.header("cache-control").as_deref(), Some("public, max-age=30, s-maxage=300"));
        assert_eq!(reply.header("cdn-cache-control").as_deref(), Some("max-age=300"));
    }
    app.clock.advance(secs(20));
    let found = app.get("/told/1").await;
    assert_eq!(found.header("age").as_deref(), Some("20"));
    assert_eq!(
        found.header("cache-control").as_deref(),
        Some("public, max-age=50, s-maxage=320"),
        "thirty seconds from now on"
    );
    assert_eq!(found.header("cdn-cache-control").as_deref(), Some("max-age=320"));
    let known = app.ask("GET", "/told/1", &[("if-none-match", "*")]).await;
    assert_eq!(
        (known.status, known.header("cache-control").as_deref()),
        (304, Some("public, max-age=50, s-maxage=320"))
    );
    let app = with(&[("cache-control", "max-age=5"), ("cdn-cache-control", "max-age=7")]);
    app.get("/told/1").await;
    let found = app.get("/told/1").await;
    assert_eq!(found.header("cache-control").as_deref(), Some("max-age=5"), "the handler knows better");
    assert_eq!(found.header("cdn-cache-control").as_deref(), Some("max-age=7"));
}

#[tokio::test]
async fn reasons_are_counted_and_reported() {
    let app = App::serving(Served::new(|load, id| async move {
        Output::Ok(match &*id {
            "cookie" => numbered(load, &[("set-cookie", "a=b")]),
            "private" => numbered(load, &[("cache-control", "private")]),
            _ => numbered(load, &[]),
        })
    }));
    for id in ["cookie", "private", "cookie", "stored"] {
        app.get(&format!("/plain/{id}")).await;
    }
    app.ask("POST", "/plain/1", &[]).await;
    assert_eq!(app.cache.not_stored(), [(NotStored::Method, 1), (NotStored::SetCookie, 2), (NotStored::Private, 1)]);
    let report = app.cache.report();
    let line = report.lines().find(|line| line.starts_with("responses not stored: ")).unwrap_or_default();
    assert!(line.ends_with(": method 1, set-cookie 2, private 1"), "{report}");
}

/// A handler that tags its pages with their identifier, and waits at the gate.
fn tagging(gate: &Gate) -> Served {
    let gate = gate.clone();
    Served::new(move |load, id| {
        let gate = gate.clone();
        async move {
            gate.pass().await;
            let mut response = numbered(load, &[]);
            response.extensions_mut().insert(Hints::new().tag(format!("id:{id}")).tag("all"));
            Ok(response)
        }
    })
}

#[tokio::test]
async fn a_handler_can_tag_its_pages() {
    let gate = Gate::new();
    gate.open();
    let app = App::serving(tagging(&gate));
    for (tag, loads) in [("other", [1, 2]), ("id:1", [1, 2]), ("all", [3, 2]), ("other", [4, 5])] {
        for _ in 0..2 {
            assert_eq!(app.get("/plain/1").await.text(), format!("load {}", loads[0]), "before {tag}");
            assert_eq!(app.get("/plain/2").await.text(), format!("load {}", loads[1]), "before {tag}");
        }
        app.cache.tag(tag).invalidate().await.unwrap();
    }
}

#[tokio::test]
async fn a_tag_that_is_invalidated_while_its_page_loads() {
    let gate = Gate::new();
    let app = std::sync::Arc::new(App::serving(tagging(&gate)));
    let load = tokio::spawn({
        let app = app.clone();
        async move { app.get("/plain/1").await.text() }
    });
    gate.reached().await;
    app.cache.tag("id:1").invalidate().await.unwrap();
    gate.open();
    assert_eq!(load.await.unwrap(), "load 1");
    assert_eq!(app.get("/plain/1").await.text(), "load 2", "it began before");
    assert_eq!(app.get("/plain/1").await.text(), "load 2");
}

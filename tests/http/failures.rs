//! What an old page stands in for, and what becomes of it then.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::Frame;
use larder::http::{CacheLayer, NotStored};

use crate::app::{App, Failure, Output, Served, numbered};
use crate::layer::Site;
use crate::support::secs;

/// A body that breaks off after its first byte.
struct Cut(bool);

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let first = !std::mem::replace(&mut self.0, true);
        let next = if first { Ok(Frame::data(Bytes::from_static(b"a"))) } else { Err(std::io::Error::other("cut")) };
        std::task::Poll::Ready(Some(next))
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(2)
    }
}

#[tokio::test]
async fn an_old_page_stands_in_for_a_body_that_breaks_off() {
    let app = App::serving(Served::new(|load, _| async move {
        Output::Ok(if load == 1 { numbered(load, &[]) } else { Response::new(Body::new(Cut(false))) })
    }));
    app.get("/errors/1").await;
    for outage in 1..3 {
        app.clock.advance(secs(61));
        let old = app.get("/errors/1").await;
        assert_eq!((old.status, &*old.text()), (200, "load 1"), "in outage {outage}");
    }
    assert_eq!(app.loads(), 3);
    app.clock.advance(secs(600));
    let response = app.send("GET", "/errors/1", &[]).await;
    assert!(axum::body::to_bytes(response.into_body(), 10).await.is_err(), "nothing stands in any more");
    assert_eq!(app.cache.not_stored(), [(NotStored::Incomplete, 3)]);
}

/// The handler's first response is a page, and what follows is chosen.
fn then(next: fn(u32) -> Output) -> App {
    App::serving(Served::new(
        move |load, _| async move { if load == 1 { Ok(numbered(load, &[])) } else { next(load) } },
    ))
}

#[tokio::test]
async fn an_error_that_is_an_answer_is_given_to_who_asks() {
    let as_error = |status| Err(Failure(status));
    let plainly = |status: StatusCode| Ok(status.into_response());
    for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::GONE] {
        // This one is stored if it is said plainly.
        let answers: &[fn(StatusCode) -> Output] =
            if status == StatusCode::NOT_FOUND { &[as_error] } else { &[as_error, plainly] };
        for &answer in answers {
            let app = App::serving(Served::new(move |load, _| async move {
                match load {
                    1 => Ok(numbered(load, &[])),
                    2 | 3 => answer(status),
                    _ => Err(Failure(StatusCode::BAD_GATEWAY)),
                }
            }));
            app.get("/errors/1").await;
            app.clock.advance(secs(61));
            for _ in 0..2 {
                assert_eq!(app.get("/errors/1").await.status, status, "no old page in its place");
            }
            assert_eq!(app.get("/errors/1").await.status, 502, "nor is it kept for a failure that follows");
        }
    }
}

#[tokio::test]
async fn an_error_that_is_an_answer_is_not_stored_though_its_status_would_be() {
    let app = App::serving(Served::new(|_, _| async { Err(Failure(StatusCode::NOT_FOUND)) }));
    for _ in 0..2 {
        assert_eq!(app.get("/errors/1").await.status, 404);
    }
    assert_eq!(app.loads(), 2);
    assert_eq!(app.cache.not_stored(), [(NotStored::Error, 2)]);
}

#[tokio::test]
async fn an_old_page_stands_in_for_any_error_of_the_server() {
    let app = then(|load| {
        Err(Failure(if load == 2 { StatusCode::NOT_IMPLEMENTED } else { StatusCode::INSUFFICIENT_STORAGE }))
    });
    app.get("/errors/1").await;
    for _ in 0..2 {
        app.clock.advance(secs(61));
        assert_eq!(app.get("/errors/1").await.text(), "load 1");
    }
    assert_eq!(app.loads(), 3);
}

#[tokio::test]
async fn a_response_for_one_user_leaves_the_page_of_all_where_it_is() {
    let site = Site::new(
        |cache| CacheLayer::rfc9111().cache(cache),
        |load, request: Request<Body>| {
            if load == 3 {
                return StatusCode::BAD_GATEWAY.into_response();
            }
            let who = if request.headers().contains_key("authorization") { "alice" } else { "all" };
            ([("cache-control", "max-age=60, stale-if-error=600")], format!("for {who}")).into_response()
        },
    );
    assert_eq!(site.get("/").await.text(), "for all");
    site.clock.advance(secs(61));
    assert_eq!(site.ask("GET", "/", &[("authorization", "secret")]).await.text(), "for alice");
    assert_eq!(site.get("/").await.text(), "for all", "the old page stands in for a failure still");
    assert_eq!(site.loads(), 3);
}

#[tokio::test]
async fn who_can_not_use_the_old_page_gets_the_services_own_failure() {
    let clock = larder::testing::ManualClock::new();
    let store = larder::testing::MemoryStore::new(clock.clone());
    let process = || {
        let cache = larder::Cache::builder().clock(clock.clone()).shared(store.clone()).build_blocking().unwrap();
        let layer = CacheLayer::timeout(60).stale_if_error(600).cache(&cache);
        Site::with(layer, cache, clock.clone(), |_, request: Request<Body>| {
            match request.headers().get("accept-language").map(axum::http::HeaderValue::as_bytes) {
                Some(b"de") => ([("vary", "accept-language")], "Seite").into_response(),
                _ => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "7")], "later").into_response(),
            }
        })
    };
    process().ask("GET", "/", &[("accept-language", "de")]).await;
    clock.advance(secs(61));
    let restarted = process().ask("GET", "/", &[("accept-language", "en")]).await;
    assert_eq!((restarted.status, &*restarted.text()), (503, "later"));
    assert_eq!(restarted.header("retry-after").as_deref(), Some("7"));
}

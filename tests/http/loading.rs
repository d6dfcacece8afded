//! Loads of pages: one at a time, old pages in the place of failures, the shared tier.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use larder::Cache;
use larder::http::{Hints, NotStored};
use larder::testing::{ManualClock, MemoryStore};

use crate::app::{App, Failure, Output, Served, numbered};
use crate::support::{Gate, promptly, secs};

type Headers = &'static [(&'static str, &'static str)];

/// Loads wait at the gate.
fn gated(gate: &Gate, headers: Headers) -> Served {
    let gate = gate.clone();
    Served::new(move |load, _| {
        let gate = gate.clone();
        async move {
            gate.pass().await;
            Output::Ok(numbered(load, headers))
        }
    })
}

/// So many requests at once, all of which have been sent.
async fn at_once(app: &Arc<App>, uri: &'static str, number: usize) -> Vec<tokio::task::JoinHandle<crate::app::Reply>> {
    let mut tasks = Vec::new();
    for _ in 0..number {
        let app = app.clone();
        tasks.push(tokio::spawn(async move { app.get(uri).await }));
    }
    for _ in 0..number * 4 {
        tokio::task::yield_now().await;
    }
    tasks
}

#[tokio::test]
async fn one_load_serves_all_who_ask_meanwhile() {
    let gate = Gate::new();
    let app = Arc::new(App::serving(gated(&gate, &[])));
    let tasks = at_once(&app, "/plain/1", 10).await;
    gate.open();
    let mut collapsed = 0;
    for task in tasks {
        let reply = promptly(task).await.unwrap();
        assert_eq!(reply.text(), "load 1");
        collapsed += u32::from(reply.header("cache-status").is_some_and(|status| status.contains("collapsed")));
    }
    assert_eq!((app.loads(), collapsed), (1, 9));
}

#[tokio::test]
async fn who_waited_for_what_is_not_stored_does_not_wait_again() {
    let gate = Gate::new();
    let app = Arc::new(App::serving(gated(&gate, &[("set-cookie", "a=b")])));
    let first = at_once(&app, "/plain/1", 10).await;
    gate.reached().await;
    gate.let_one_through();
    // The other nine load at once: none of them waits for another.
    for _ in 0..9 {
        promptly(gate.reached()).await;
    }
    // Nor do those who come now.
    let later = at_once(&app, "/plain/1", 3).await;
    for _ in 0..3 {
        promptly(gate.reached()).await;
    }
    gate.open();
    for task in first.into_iter().chain(later) {
        promptly(task).await.unwrap();
    }
    assert_eq!(app.loads(), 13);
    // After a while one is tried again.
    app.clock.advance(secs(10));
    let tasks = at_once(&app, "/plain/2", 2).await;
    for task in tasks {
        promptly(task).await.unwrap();
    }
}

#[tokio::test]
async fn a_key_that_passes_is_stored_again_as_soon_as_it_can_be() {
    let app = App::serving(Served::new(|load, _| async move {
        Output::Ok(numbered(load, if load == 1 { &[("set-cookie", "a=b")] } else { &[] }))
    }));
    assert_eq!(app.get("/plain/1").await.text(), "load 1");
    assert_eq!(app.get("/plain/1").await.text(), "load 2");
    assert_eq!(app.get("/plain/1").await.text(), "load 2");
}

#[tokio::test]
async fn what_is_not_stored_any_more_takes_the_old_page_with_it() {
    let app = App::serving(Served::new(|load, _| async move {
        match load {
            1 => Ok(numbered(load, &[])),
            2 => Ok(numbered(load, &[("cache-control", "no-store")])),
            _ => Err(Failure(StatusCode::BAD_GATEWAY)),
        }
    }));
    app.get("/errors/1").await;
    app.clock.advance(secs(61));
    assert_eq!(app.get("/errors/1").await.text(), "load 2");
    assert_eq!(app.get("/errors/1").await.status, 502, "there is no old page to stand in");
}

fn failing(failure: fn() -> Output) -> App {
    App::serving(Served::new(move |load, _| async move { if load == 1 { Ok(numbered(load, &[])) } else { failure() } }))
}

#[tokio::test]
async fn an_old_page_stands_in_for_a_failure() {
    let failures: [(u16, fn() -> Output); 4] = [
        (505, || Err(Failure(StatusCode::HTTP_VERSION_NOT_SUPPORTED))),
        (500, || Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response())),
        (503, || Ok(StatusCode::SERVICE_UNAVAILABLE.into_response())),
        (504, || Ok(StatusCode::GATEWAY_TIMEOUT.into_response())),
    ];
    for (status, failure) in failures {
        let app = failing(failure);
        app.get("/errors/1").await;
        app.clock.advance(secs(61));
        let old = app.get("/errors/1").await;
        assert_eq!((old.status, &*old.text(), app.loads()), (200, "load 1", 2));
        assert_eq!(old.header("age").as_deref(), Some("61"));
        let said = format!("larder; fwd=stale; fwd-status={status}; detail=stale-if-error; ttl=-1");
        assert_eq!(old.header("cache-status"), Some(said));
        let resting = app.get("/errors/1").await;
        assert_eq!((&*resting.text(), app.loads()), ("load 1", 2), "the source is left alone for a while");
        assert_eq!(resting.header("cache-status").as_deref(), Some("larder; hit; ttl=-1"));
        app.clock.advance(secs(600));
        assert_ne!(app.get("/errors/1").await.text(), "load 1");
    }
}

#[tokio::test]
async fn a_page_that_was_too_old_is_not_one_that_was_missing() {
    let app = App::serving(Served::new(|load, _| async move { Ok(numbered(load, &[])) }));
    app.get("/errors/1").await;
    app.clock.advance(secs(61));
    let reply = app.get("/errors/1").await;
    assert_eq!(reply.header("cache-status").as_deref(), Some("larder; fwd=stale; stored; ttl=60"));
    assert_eq!((&*reply.text(), reply.header("age")), ("load 2", None));
}

#[tokio::test]
async fn a_head_takes_no_old_page_away() {
    let app = App::serving(Served::new(|load, _| async move {
        if load == 3 { Err(Failure(StatusCode::BAD_GATEWAY)) } else { Ok(numbered(load, &[])) }
    }));
    app.get("/errors/1").await;
    app.clock.advance(secs(61));
    assert_eq!(app.ask("HEAD", "/errors/1", &[]).await.status, 200);
    assert_eq!(app.get("/errors/1").await.text(), "load 1", "it stands in");
}

#[tokio::test]
async fn what_is_tagged_by_its_handler_stays_in_a_process_that_is_alone() {
    let clock = ManualClock::new();
    let store = MemoryStore::new(clock.clone());
    let cache = Cache::builder().clock(clock.clone()).shared(store).build_blocking().unwrap();
    let served = Served::new(|load, _| async move {
        let mut response = numbered(load, &[]);
        response.extensions_mut().insert(Hints::new().tag("news"));
        Output::Ok(response)
    });
    let app = App::with(served, cache, clock);
    for load in ["load 1", "load 2"] {
        let reply = app.get("/plain/1").await;
        assert_eq!((&*reply.text(), reply.header("etag")), (load, None), "the others could not be told");
    }
    assert_eq!(app.cache.not_stored(), [(NotStored::Tags, 2)]);
}

#[tokio::test]
async fn no_old_page_stands_in_for_what_is_no_failure() {
    let app = failing(|| Ok(StatusCode::BAD_REQUEST.into_response()));
    app.get("/errors/1").await;
    app.clock.advance(secs(61));
    assert_eq!(app.get("/errors/1").await.status, 400);
}

#[tokio::test]
async fn a_page_that_must_be_validated_is_never_old() {
    for control in ["must-revalidate", "Proxy-Revalidate", "s-maxage=600"] {
        for uri in ["/errors/1", "/stale/1"] {
            let app = App::serving(Served::new(move |load, _| async move {
                if load > 1 {
                    return Err(Failure(StatusCode::BAD_GATEWAY));
                }
                let mut response = numbered(load, &[]);
                response.headers_mut().insert("cache-control", control.parse().unwrap());
                Ok(response)
            }));
            app.get(uri).await;
            app.clock.advance(secs(61));
            assert_eq!(app.get(uri).await.status, 502, "{control}");
        }
    }
}

#[tokio::test]
async fn an_old_page_is_the_answer_while_it_is_refreshed() {
    let gate = Gate::new();
    let app = App::serving(gated(&gate, &[]));
    gate.let_one_through();
    app.get("/stale/1").await;
    gate.reached().await;
    app.clock.advance(secs(67));
    let old = promptly(app.get("/stale/1")).await;
    assert_eq!(old.text(), "load 1");
    assert_eq!(old.header("cache-status").as_deref(), Some("larder; hit; ttl=-7"));
    promptly(gate.reached()).await;
    gate.open();
    promptly(async {
        while app.get("/stale/1").await.text() != "load 2" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(app.loads(), 2);
}

#[tokio::test]
async fn processes_share_pages() {
    for tiered in [true, false] {
        let clock = ManualClock::new();
        let store = MemoryStore::new(clock.clone());
        let process = || {
            let builder = Cache::builder().clock(clock.clone());
            let builder = if tiered { builder.shared(store.clone()) } else { builder.shared_only(store.clone()) };
            builder.build_blocking().unwrap()
        };
        let served = Served::new(|load, _| async move {
            let mut response = numbered(load, &[("x-a", "1"), ("x-a", "2")]);
            response.headers_mut().insert("x-raw", axum::http::HeaderValue::from_bytes(b"\xff").unwrap());
            Output::Ok(response)
        });
        let [one, two] = [process(), process()].map(|cache| App::with(served.clone(), cache, clock.clone()));
        let made = one.get("/plain/1").await;
        assert_eq!(made.header("cache-status").as_deref(), Some("larder; fwd=uri-miss; stored; ttl=60"));
        clock.advance(secs(20));
        let head = two.ask("HEAD", "/plain/1", &[]).await;
        assert_eq!((head.header("age").as_deref(), two.loads()), (Some("20"), 1), "tiered: {tiered}");
        let found = two.get("/plain/1").await;
        assert_eq!((found.text(), two.loads()), ("load 1".to_owned(), 1), "tiered: {tiered}");
        assert_eq!(found.header("age").as_deref(), Some("20"));
        assert_eq!(found.header("etag"), made.header("etag"));
        assert_eq!(found.headers.get_all("x-a").iter().count(), 2);
        assert_eq!(found.headers.get("x-raw").map(axum::http::HeaderValue::as_bytes), Some(&b"\xff"[..]));
    }
}

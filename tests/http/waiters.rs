//! What those are given who wait for the load of another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use larder::http::Hints;

use crate::app::{App, Output, Served, numbered};
use crate::support::{Gate, promptly};

/// Runs the other tasks until each has got as far as it can.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_comes_after_a_tag_was_invalidated_gets_no_page_from_before() {
    let gate = Gate::new();
    let app = Arc::new(App::serving(Served::new({
        let gate = gate.clone();
        move |load, _| {
            let gate = gate.clone();
            async move {
                let mut response = numbered(load, &[]);
                gate.pass().await;
                response.extensions_mut().insert(Hints::new().tag("news"));
                Output::Ok(response)
            }
        }
    })));
    let ask = || {
        let app = app.clone();
        tokio::spawn(async move { app.get("/plain/1").await.text() })
    };
    let before = ask();
    promptly(gate.reached()).await;
    app.cache.tag("news").invalidate().await.unwrap();
    let after = [ask(), ask()];
    settle().await;
    gate.open();
    assert_eq!(promptly(before).await.unwrap(), "load 1");
    for after in after {
        assert_ne!(promptly(after).await.unwrap(), "load 1", "it began after the invalidation");
    }
    let stored = app.get("/plain/1").await.text();
    assert_ne!(stored, "load 1");
    assert_eq!(app.get("/plain/1").await.text(), stored);
}

#[tokio::test]
async fn what_store_if_keeps_out_is_for_one_caller() {
    let gate = Gate::new();
    let personal = Arc::new(AtomicBool::new(true));
    let app = Arc::new(App::serving(Served::new({
        let (gate, personal) = (gate.clone(), personal.clone());
        move |load, _| {
            let gate = gate.clone();
            let headers: &[_] = if personal.load(Ordering::SeqCst) { &[("x-personal", "1")] } else { &[] };
            async move {
                gate.pass().await;
                Output::Ok(numbered(load, headers))
            }
        }
    })));
    let ask = || {
        let app = app.clone();
        tokio::spawn(async move { app.get("/impersonal/1").await.text() })
    };
    let first = ask();
    promptly(gate.reached()).await;
    let others = [ask(), ask()];
    settle().await;
    gate.let_one_through();
    assert_eq!(promptly(first).await.unwrap(), "load 1");
    // Both at once: none of them waits for the other.
    promptly(gate.reached()).await;
    promptly(gate.reached()).await;
    gate.open();
    for other in others {
        assert_ne!(promptly(other).await.unwrap(), "load 1", "that was for the first caller alone");
    }
    personal.store(false, Ordering::SeqCst);
    let stored = app.get("/impersonal/1").await.text();
    assert_eq!(app.get("/impersonal/1").await.text(), stored);
}

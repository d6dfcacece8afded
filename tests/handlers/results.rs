//! Handlers that return axum's own `Result`, whose error is no response by itself.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Result};
use axum::routing::get;
use larder::cached;

use crate::support::{Runs, Site};

#[cached(axum, timeout = 60, key = "axums_result:<id>", status(200, 404))]
async fn page(Path(id): Path<u32>, State(runs): State<Runs>) -> Result<impl IntoResponse> {
    if id == 0 {
        return Err((StatusCode::NOT_FOUND, format!("none {}", runs.count())).into());
    }
    Ok(format!("{id} {}", runs.count()))
}

#[tokio::test]
async fn axums_result_is_a_result() {
    let runs = Runs::default();
    let site = Site::of(Router::new().route("/{id}", get(page)).with_state(runs)).await;
    assert_eq!((&*site.text("/1").await, &*site.text("/1").await), ("1 1", "1 1"));
    for text in ["none 2", "none 3"] {
        let reply = site.get("/0").await;
        assert_eq!((reply.status, &*reply.body), (StatusCode::NOT_FOUND, text), "an error is not stored");
    }
}

//! Attributes of handlers that `cfg_attr` puts there.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use larder::cached;

use crate::support::{Runs, Site};

#[cached(axum, timeout = 60, key = "traced_if:<id>")]
#[cfg_attr(debug_assertions, tracing::instrument(skip(runs)))]
async fn traced(Path(id): Path<u32>, State(runs): State<Runs>) -> String {
    format!("{id} {}", runs.count())
}

#[cached(axum, timeout = 60, key = "checked_if:<id>")]
#[cfg_attr(debug_assertions, axum::debug_handler, tracing::instrument(skip_all))]
async fn checked(State(runs): State<Runs>, Path(id): Path<u32>) -> String {
    format!("{id} {}", runs.count())
}

#[tokio::test]
async fn they_stand_where_they_would_without() {
    let router = Router::new().route("/traced/{id}", get(traced)).route("/checked/{id}", get(checked));
    let site = Site::of(router.with_state(Runs::default())).await;
    for _ in 0..2 {
        assert_eq!(site.text("/traced/7").await, "7 1");
        assert_eq!(site.text("/checked/7").await, "7 2");
    }
}

//! Other attributes on a handler, above and below.

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Router, debug_handler};
use larder::cached;

use crate::support::{Runs, Site};

#[debug_handler(state = Runs)]
#[cached(axum, timeout = 60, key = "checked_above:<id>")]
async fn checked_above(Path(id): Path<u64>, State(runs): State<Runs>) -> String {
    format!("{id} {}", runs.count())
}

#[cached(axum, timeout = 60, key = "checked_below:<id>")]
#[debug_handler]
async fn checked_below(Path(id): Path<u64>, State(runs): State<Runs>) -> String {
    format!("{id} {}", runs.count())
}

#[cached(axum, timeout = 60)]
#[debug_handler]
async fn state_alone(State(runs): State<Runs>) -> String {
    runs.count().to_string()
}

#[cached(axum, timeout = 60)]
#[axum::debug_handler]
async fn no_arguments() -> &'static str {
    "nothing"
}

#[cached(axum, timeout = 60, key = "traced:<id>")]
#[tracing::instrument(skip(runs))]
async fn traced(Path(id): Path<u64>, State(runs): State<Runs>) -> String {
    format!("{id} {}", runs.count())
}

/// With documentation, lint levels and conditions.
#[cached(axum, timeout = 60, key = "quiet:<_id>")]
#[cfg(not(any()))]
#[expect(clippy::used_underscore_binding, reason = "said of the body")]
pub(crate) async fn quiet(Path(_id): Path<u64>) -> String {
    _id.to_string()
}

#[utoipa::path(get, path = "/documented/{id}", params(("id" = u64, Path)), responses((status = 200)))]
#[cached(axum, key = "documented:<id>")]
async fn documented(Path(id): Path<u64>, State(runs): State<Runs>) -> String {
    format!("{id} {}", runs.count())
}

#[tokio::test]
async fn they_go_where_they_belong() {
    let runs = Runs::default();
    let router = Router::new()
        .route("/above/{id}", get(checked_above))
        .route("/below/{id}", get(checked_below))
        .route("/state", get(state_alone))
        .route("/none", get(no_arguments))
        .route("/traced/{id}", get(traced))
        .route("/quiet/{id}", get(quiet))
        .route("/documented/{id}", get(documented))
        .with_state(runs.clone());
    let site = Site::of(router).await;
    for _ in 0..2 {
        assert_eq!(site.text("/above/1").await, "1 1");
        assert_eq!(site.text("/below/1").await, "1 2");
        assert_eq!(site.text("/state").await, "3");
        assert_eq!(site.text("/none").await, "nothing");
        assert_eq!(site.text("/traced/1").await, "1 4");
        assert_eq!(site.text("/quiet/1").await, "1");
        assert_eq!(site.text("/documented/1").await, "1 5");
    }
    assert_eq!(runs.get(), 5);
}

/// `#[debug_handler]` above emits the function a second time, in a function that nobody calls.
#[test]
fn a_function_that_is_emitted_twice_is_listed_once() {
    larder::testing::assert_no_conflicts();
}

//! Timeouts that a handler chooses: by a closure, and by what it says of one response.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};
use larder::cached;
use larder::http::Hints;

use crate::support::{Runs, Site};

#[cached(axum, timeout = |_| Duration::from_secs(600), key = "hinted:<seconds>")]
async fn hinted(Path(seconds): Path<u64>, State(runs): State<Runs>) -> impl IntoResponse {
    (Extension(Hints::new().timeout(Duration::from_secs(seconds))), format!("{}", runs.count()))
}

#[tokio::test]
async fn a_hint_shortens_what_a_closure_chose() {
    let site = Site::of(Router::new().route("/{seconds}", get(hinted)).with_state(Runs::default())).await;
    assert_eq!((&*site.text("/5").await, &*site.text("/5").await), ("1", "1"));
    assert_eq!(site.text("/5000").await, "2");
    site.clock.advance(Duration::from_secs(5));
    assert_eq!((&*site.text("/5").await, &*site.text("/5000").await), ("3", "2"));
    site.clock.advance(Duration::from_secs(595));
    assert_eq!(site.text("/5000").await, "4", "and lengthens nothing");
}

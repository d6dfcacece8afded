//! A revision beside headers in the key.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use larder::cached;

use crate::support::{Runs, Site};

#[cached(axum, timeout = 60, key = "revised:<id>", revision = *rev, ignore(rev), vary = ["accept-language"])]
async fn revised(Path((id, rev)): Path<(u32, u32)>, State(runs): State<Runs>) -> String {
    format!("{id} {rev} {}", runs.count())
}

#[tokio::test]
async fn variants_live_beside_each_other_under_one_revision() {
    let site = Site::of(Router::new().route("/{id}/{rev}", get(revised)).with_state(Runs::default())).await;
    let ask = async |uri: &str, language: &str| site.text_with(uri, "accept-language", language).await;
    for _ in 0..2 {
        assert_eq!(ask("/7/1", "de").await, "7 1 1");
        assert_eq!(ask("/7/1", "en").await, "7 1 2");
    }
    assert_eq!(ask("/7/2", "en").await, "7 2 3", "another revision is another page");
    assert_eq!(ask("/7/1", "de").await, "7 1 1");
}

//! The same handlers in two routers, whose states differ.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use larder::cached;

use crate::support::{Runs, Site};

#[derive(Clone)]
struct Tenant {
    name: String,
    runs: Runs,
}

#[cached(axum, timeout = 60, key = "tenant_report:<app.name>:<year>")]
async fn report(Path(year): Path<u32>, State(app): State<Tenant>) -> String {
    format!("{} {year} {}", app.name, app.runs.count())
}

#[tokio::test]
async fn a_key_can_name_what_states_differ_in() {
    let runs = Runs::default();
    let tenant = |name: &str| {
        let state = Tenant { name: name.to_owned(), runs: runs.clone() };
        Router::new().route("/{year}", get(report)).with_state(state)
    };
    let site = Site::of(Router::new().nest("/a", tenant("a")).nest("/b", tenant("b"))).await;
    for _ in 0..2 {
        assert_eq!(site.text("/a/2024").await, "a 2024 1");
        assert_eq!(site.text("/b/2024").await, "b 2024 2");
    }
}

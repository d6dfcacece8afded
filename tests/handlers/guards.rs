//! Extractors run for every request, so that one that rejects guards what is stored.

use axum::Router;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::get;
use larder::cached;

use crate::support::{Runs, Site};

/// Whoever has a name.
struct Member;

impl FromRequestParts<Runs> for Member {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, runs: &Runs) -> Result<Self, StatusCode> {
        runs.count();
        let known = parts.headers.get("authorization").is_some_and(|value| value == "Bearer ann");
        if known { Ok(Self) } else { Err(StatusCode::UNAUTHORIZED) }
    }
}

#[cached(axum, timeout = 60, key = "minutes:<year>", ignore(_member))]
async fn minutes(_member: Member, Path(year): Path<u16>, State(runs): State<Runs>) -> String {
    format!("{year} {}", runs.get())
}

#[cached(axum, timeout = 60, key = "agenda:<year>")]
async fn agenda(Path(year): Path<u16>, _: Member, State(runs): State<Runs>) -> String {
    format!("{year} {}", runs.get())
}

#[tokio::test]
async fn who_may_not_see_it_does_not_see_what_is_stored() {
    let runs = Runs::default();
    let router = Router::new()
        .route("/minutes/{year}", get(minutes))
        .route("/agenda/{year}", get(agenda))
        .with_state(runs.clone());
    let site = Site::of(router).await;
    for (uri, first) in [("/minutes/2024", "2024 1"), ("/agenda/2024", "2024 4")] {
        assert_eq!(site.text_with(uri, "authorization", "Bearer ann").await, first);
        assert_eq!(site.get(uri).await.status, StatusCode::UNAUTHORIZED, "it is stored, and guarded");
        assert_eq!(site.text_with(uri, "authorization", "Bearer ann").await, first);
    }
    assert_eq!(runs.get(), 6, "on hits as well");
}

#[cached(axum, timeout = 60, key = "draft:<id>", unless = *preview, ignore(preview))]
async fn draft(Path((id, preview)): Path<(u64, bool)>, State(runs): State<Runs>) -> String {
    format!("{id} {preview} {}", runs.count())
}

#[tokio::test]
async fn what_a_handler_excepts_is_passed_on_as_it_is() {
    let runs = Runs::default();
    let site = Site::of(Router::new().route("/draft/{id}/{preview}", get(draft)).with_state(runs.clone())).await;
    for _ in 0..2 {
        assert_eq!(site.text("/draft/1/false").await, "1 false 1");
    }
    for run in 2..4 {
        let reply = site.get("/draft/1/true").await;
        assert_eq!(reply.body, format!("1 true {run}"));
        assert_eq!(reply.headers.get("etag"), None);
        assert_eq!(reply.headers["cache-status"], "larder; fwd=bypass");
    }
}

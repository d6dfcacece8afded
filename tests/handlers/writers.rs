//! Handlers that invalidate, and whether their response says that they have done something.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router, debug_handler};
use larder::{cached, invalidates};

use crate::support::{Runs, Site};

#[cached(axum, timeout = 60, key = "user:<id>")]
async fn user(Path(id): Path<u64>, State(runs): State<Runs>) -> String {
    format!("{id} {}", runs.count())
}

#[derive(serde::Serialize)]
struct Renamed {
    id: u64,
}

#[invalidates(axum, user::entry(id))]
async fn answer(Path((id, status)): Path<(u64, u16)>, body: String) -> impl IntoResponse {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    (status, body)
}

#[debug_handler(state = Runs)]
#[invalidates(axum, user::entry(id))]
async fn redirect(Path(id): Path<u64>) -> Result<Redirect, StatusCode> {
    let to = (id > 0).then_some("/").ok_or(StatusCode::SEE_OTHER)?;
    Ok(Redirect::to(to))
}

#[invalidates(axum, |renamed| user::entry(renamed.id))]
async fn rename(body: String) -> Result<Json<Renamed>, StatusCode> {
    let id = body.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(Json(Renamed { id }))
}

struct Failed;

impl From<larder::Error> for Failed {
    fn from(_error: larder::Error) -> Self {
        Self
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        StatusCode::BAD_GATEWAY.into_response()
    }
}

/// Something whose invalidation fails.
struct Broken;

impl larder::Invalidate for Broken {
    async fn apply(self) -> Result<(), larder::Error> {
        Err(larder::Error::other("out of order"))
    }
}

#[invalidates(axum, Broken, user::entry(id), on_error = return)]
async fn strict(Path(id): Path<u64>) -> Result<impl IntoResponse, Failed> {
    Ok(id.to_string())
}

async fn site() -> Site {
    let router = Router::new()
        .route("/user/{id}", get(user))
        .route("/answer/{id}/{status}", post(answer))
        .route("/redirect/{id}", post(redirect))
        .route("/rename", post(rename))
        .route("/strict/{id}", post(strict))
        .with_state(Runs::default());
    Site::of(router).await
}

#[tokio::test]
async fn only_success_and_redirections_invalidate() {
    let site = site().await;
    assert_eq!(site.text("/user/7").await, "7 1");
    for status in ["404", "409", "500", "503"] {
        let reply = site.post(&format!("/answer/7/{status}"), "no").await;
        assert_eq!((reply.status.as_str(), reply.body.as_str()), (status, "no"));
        assert_eq!(site.text("/user/7").await, "7 1");
    }
    for (status, after) in [("200", "7 2"), ("201", "7 3"), ("303", "7 4")] {
        let reply = site.post(&format!("/answer/7/{status}"), "yes").await;
        assert_eq!((reply.status.as_str(), reply.body.as_str()), (status, "yes"));
        assert_eq!(site.text("/user/7").await, after);
    }
    assert_eq!(site.text("/user/8").await, "8 5");
    assert_eq!(site.post("/answer/7/200", "yes").await.status, StatusCode::OK);
    assert_eq!(site.text("/user/8").await, "8 5", "the others stay");
}

#[tokio::test]
async fn an_error_is_none_whatever_its_status() {
    let site = site().await;
    assert_eq!(site.text("/user/0").await, "0 1");
    assert_eq!(site.post("/redirect/0", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.text("/user/0").await, "0 1");
    assert_eq!(site.text("/user/1").await, "1 2");
    assert_eq!(site.post("/redirect/1", "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.text("/user/1").await, "1 3");
}

#[tokio::test]
async fn what_a_handler_returns_names_what_it_has_changed() {
    let site = site().await;
    assert_eq!(site.text("/user/7").await, "7 1");
    assert_eq!(site.post("/rename", "x").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.text("/user/7").await, "7 1");
    assert_eq!(site.post("/rename", "7").await.body, r#"{"id":7}"#);
    assert_eq!(site.text("/user/7").await, "7 2");
}

#[tokio::test]
async fn an_invalidation_that_fails_can_be_the_answer() {
    let site = site().await;
    assert_eq!(site.text("/user/7").await, "7 1");
    assert_eq!(site.post("/strict/7", "").await.status, StatusCode::BAD_GATEWAY);
    assert_eq!(site.text("/user/7").await, "7 2", "the others have run");
}

//! Whatever axum takes for a handler can be cached, and stays a handler.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use larder::cached;

use crate::support::{Runs, Site};

#[cached(axum, timeout = 60)]
async fn nothing() {}

#[cached(axum, timeout = 60)]
async fn text() -> &'static str {
    "text"
}

#[derive(serde::Deserialize, larder::KeyPart)]
struct Page {
    number: u32,
}

#[cached(axum, timeout = 60, key = "report:<year>:<page.number>")]
async fn report(Path(year): Path<u16>, Query(page): Query<Page>, State(runs): State<Runs>) -> impl IntoResponse {
    (StatusCode::OK, Html(format!("{year} {} {}", page.number, runs.count())))
}

struct NoSuchYear;

impl IntoResponse for NoSuchYear {
    fn into_response(self) -> axum::response::Response {
        StatusCode::BAD_REQUEST.into_response()
    }
}

#[cached(axum, timeout = 60, stale_while_revalidate = 10, stale_if_error = 60)]
async fn fallible(State(runs): State<Runs>, Path(year): Path<u16>) -> Result<impl IntoResponse, NoSuchYear> {
    let age = 2026_u16.checked_sub(year).ok_or(NoSuchYear)?;
    Ok(format!("{age} {}", runs.count()))
}

struct Api;

impl Api {
    #[cached(axum, timeout = 60, key = "api:<id>", vary = ["accept-language"], entry = user_entry)]
    async fn user(Path(id): Path<u64>, State(runs): State<Runs>) -> Result<impl IntoResponse, NoSuchYear> {
        Ok(format!("{id} {}", runs.count()))
    }

    #[cached(axum, timeout = 60, key = "inside:<Self>:<id>", early = 0.5)]
    async fn inside(Path(id): Path<u64>, State(runs): State<Runs>) -> Result<impl IntoResponse, NoSuchYear> {
        let id = id.checked_sub(1).ok_or(NoSuchYear)?;
        Ok(format!("{id} {}", runs.count()))
    }
}

#[tokio::test]
async fn every_shape_is_a_handler_still() {
    let runs = Runs::default();
    let router = Router::new()
        .route("/nothing", get(nothing))
        .route("/text", get(text))
        .route("/report/{year}", get(report))
        .route("/fallible/{year}", get(fallible))
        .route("/user/{id}", get(Api::user))
        .route("/inside/{id}", get(Api::inside))
        .with_state(runs.clone());
    let site = Site::of(router).await;
    for _ in 0..2 {
        assert_eq!(site.text("/nothing").await, "");
        assert_eq!(site.text("/text").await, "text");
        assert_eq!(site.text("/report/2024?number=3").await, "2024 3 1");
        assert_eq!(site.text("/fallible/2024").await, "2 2");
        assert_eq!(site.text("/user/7").await, "7 3");
        assert_eq!(site.text("/inside/8").await, "7 4");
    }
    assert_eq!(site.get("/fallible/2030").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(report::entry(2024, Page { number: 3 }).key(), "report:2024:3");
    assert_eq!(Api::user_entry(7, [None]).key(), "api:7:~");
}

//! Handlers of axum in surroundings that make things hard for generated code.

#![deny(warnings, missing_docs, clippy::pedantic)]
#![forbid(unsafe_code)]

use axum::extract::{Json, Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use larder::{KeyPart, cached, invalidates};

mod core {}
mod std {}
mod larder_names {
    #![allow(dead_code)]
    pub struct Context;
    pub struct Policy;
}

/// Sorted how?
#[derive(serde::Deserialize, KeyPart)]
pub enum Sort {
    /// By name.
    Name,
    /// By price.
    Price,
}

/// Which page?
#[derive(serde::Deserialize, KeyPart)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// In this order.
    pub sort: Sort,
}

/// A handler that others may link to.
#[cached(axum, timeout = "5m", key = "items:<shelf>:<page.number>:<page.sort>", browser = 30, cdn = "1h", status(200, 404))]
pub async fn items(Path(shelf): Path<String>, Query(page): Query<Page>, State(db): State<u64>) -> impl IntoResponse {
    Html(format!("{shelf} {} {db}", page.number))
}

#[cached(axum, max_body = "64KiB", unless = *context, refresh_if = *site, revision = answer)]
async fn hard_names(Path((context, site, answer)): Path<(bool, bool, u64)>, State(making): State<u64>) -> String {
    let (cache, meta, key) = (1, 2, 3);
    format!("{context} {site} {answer} {making} {cache} {meta} {key}")
}

#[cached(axum, ignore(body, tenant))]
#[allow(clippy::too_many_arguments)]
async fn sixteen(
    State(a): State<u64>,
    Path(b): Path<u64>,
    State(c): State<u64>,
    State(d): State<u64>,
    State(e): State<u64>,
    State(f): State<u64>,
    State(g): State<u64>,
    State(h): State<u64>,
    State(i): State<u64>,
    State(j): State<u64>,
    State(k): State<u64>,
    State(l): State<u64>,
    State(m): State<u64>,
    State(n): State<u64>,
    Extension(tenant): Extension<String>,
    Json(body): Json<u64>,
) -> Json<u64> {
    let _ = tenant;
    Json(a + b + c + d + e + f + g + h + i + j + k + l + m + n + body)
}

#[cached(axum, key = "alone:<id>", ignore(body))]
async fn body_alone((Path(id), body): (Path<u64>, String)) -> Response {
    format!("{id}{body}").into_response()
}

trait Shop: Clone + Send + Sync + 'static {
    fn name(&self) -> String;
}

impl Shop for u64 {
    fn name(&self) -> String {
        self.to_string()
    }
}

#[cached(axum, stale_while_revalidate = 30, stale_if_error = "1h", soft_timeout = "1s", early = 0.8, jitter = 0.1, tags("shops"))]
async fn generic<S: Shop>(State(shop): State<S>, Path(id): Path<u64>) -> Result<impl IntoResponse, String> {
    if id == 0 {
        return Err("none".to_owned());
    }
    Ok(shop.name())
}

struct Api<T>(T);

impl<T: Shop> Api<T> {
    #[cached(axum, entry = shop_entry, key = "shop:<Self>:<id>", version = 2)]
    async fn shop(Path(id): Path<u64>, State(shop): State<T>) -> Html<String> {
        Html(format!("{id} {}", shop.name()))
    }

    #[cached(axum, vary = ["accept-language", "sec-ch-ua-platform-version"], timeout = |page| larder_timeout(page.status()))]
    async fn inside(State(shop): State<T>) -> Html<String> {
        Self::html(&shop)
    }

    fn html(shop: &T) -> Html<String> {
        Html(shop.name())
    }
}

fn larder_timeout(status: u16) -> ::std::time::Duration {
    ::std::time::Duration::from_secs(status.into())
}

macro_rules! handlers {
    ($($name:ident: $ty:ty),*) => {$(
        #[cached(axum, key = "made:<id>")]
        async fn $name(Path(id): Path<$ty>) -> String {
            id.to_string()
        }
    )*};
}

mod made {
    use super::{Path, cached};
    handlers!(of_macro: u64);

    pub(super) fn entry() -> String {
        of_macro::entry(7).key().to_owned()
    }

    pub(super) fn route() -> axum::routing::MethodRouter<u64> {
        axum::routing::get(of_macro)
    }
}

#[invalidates(axum, items::all(), generic::entry::<u64>(id), |done| Api::<u64>::shop_entry(done.0))]
async fn write(Path(id): Path<u64>) -> Result<Json<u64>, String> {
    if id == 0 { Err("none".to_owned()) } else { Ok(Json(id)) }
}

fn main() {
    let router: Router<u64> = Router::new()
        .route("/items/{shelf}", get(items))
        .route("/hard/{a}/{b}/{c}", get(hard_names))
        .route("/sixteen/{b}", get(sixteen))
        .route("/alone/{id}", get(body_alone))
        .route("/generic/{id}", get(generic::<u64>))
        .route("/shop/{id}", get(Api::<u64>::shop))
        .route("/inside", get(Api::<u64>::inside))
        .route("/made/{id}", made::route())
        .route("/write/{id}", post(write));
    drop(router);
    assert_eq!(items::entry("a".to_owned(), Page { number: 1, sort: Sort::Price }).key(), "items:a:1:Price");
    assert!(sixteen::entry(7).key().ends_with(".sixteen:7"));
    assert_eq!(made::entry(), "made:7");
    assert!(Api(1).0 == 1);
}

//! The pages: one handler each, from the request to the template.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::rejection::{FormRejection, PathRejection, QueryRejection};
use axum::extract::{Form, Path, Query, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use minijinja::{Value, context};
use serde::Deserialize;
use tokio::task::block_in_place;

use crate::catalog::Card;
use crate::db::Db;
use crate::failure::{self, Failure};
use crate::money;
use crate::search::Words;
use crate::shelf::shelf_page;
use crate::view::{View, data, readable};
use crate::visitor::{Look, Visitor};
use crate::{aside, catalog, measure, pricing, reports, search, stats};

/// What every handler works with.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) db: Db,
    pub(crate) view: View,
}

/// All routes of the shop.
pub(crate) fn router(shop: Shop) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/shelf/{slug}", get(shelf_page))
        .route("/search", get(results))
        .route("/product/{id}", get(product))
        .route("/product/{id}/price", get(price_form).post(change_price))
        .route("/stats", get(stats::show))
        .route("/stats/forget", post(stats::forget_all))
        .route("/measure", get(measure::show).post(measure::show))
        .route("/style.css", get(style))
        .fallback(async || Failure::NotFound)
        .layer(middleware::from_fn(guard))
        .layer(middleware::map_response_with_state(shop.clone(), failure::explain))
        .layer(middleware::map_response(harden))
        .layer(middleware::from_fn(time))
        .with_state(shop)
}

/// What a handler answers.
pub(crate) type Page = Result<Response, Failure>;

impl Shop {
    /// Renders a page inside the frame, whose menu is the list of shelves. At its foot is the time since `started`.
    pub(crate) async fn show(&self, started: Instant, template: &str, page: Value) -> Page {
        self.whole(template, context! { elapsed => elapsed(started), ..page }).await
    }

    /// The same without the time, for a page that is kept whole: it would be that of the first reader.
    pub(crate) async fn whole(&self, template: &str, page: Value) -> Page {
        let shelves = catalog::categories(&self.db).await?;
        Ok(self.view.render(template, context! { shelves => data(&*shelves), ..page })?.into_response())
    }
}

/// A function for templates, so that it is called when most of the page is there.
fn elapsed(started: Instant) -> Value {
    Value::from_function(move || readable(started.elapsed()))
}

async fn home(State(shop): State<Shop>) -> Page {
    let started = Instant::now();
    let front = reports::front_page(&shop.db).await?;
    shop.show(started, "home.html", context! { front => data(&*front) }).await
}

#[derive(Deserialize)]
struct SearchQuery {
    #[serde(default)]
    q: String,
    page: Option<u32>,
}

async fn results(State(shop): State<Shop>, query: Result<Query<SearchQuery>, QueryRejection>) -> Page {
    let started = Instant::now();
    let Query(SearchQuery { q, page }) = query?;
    let page = page.unwrap_or(1).max(1);
    let Some(words) = Words::parse(&q) else {
        return shop.show(started, "search.html", context! { q => "" }).await;
    };
    let found = search::search(&shop.db, &words, page).await?;
    let ids: Vec<u32> = found.rows.iter().map(|row| row.id).collect();
    let cards = catalog::cards(&shop.db, &ids).await?;
    let rows = listed(&cards, found.rows.iter().map(|row| (row.id, row.sold)));
    let (total, pages) = (found.total, found.total.div_ceil(search::PAGE));
    shop.show(started, "search.html", context! { q => words.as_str(), total, rows, page, pages }).await
}

/// The cards of a list, each with a number; without those of products that are gone.
fn listed(cards: &HashMap<u32, Arc<Card>>, list: impl Iterator<Item = (u32, u32)>) -> Vec<Value> {
    list.filter_map(|(id, number)| Some(context! { card => data(&**cards.get(&id)?), number })).collect()
}

#[derive(Deserialize)]
struct ProductQuery {
    saved: Option<String>,
}

async fn product(
    State(shop): State<Shop>,
    id: Result<Path<u32>, PathRejection>,
    query: Result<Query<ProductQuery>, QueryRejection>,
    visitor: Visitor,
) -> Page {
    let started = Instant::now();
    let (Path(id), Query(query)) = (id?, query?);
    let product = catalog::product(&shop.db, id).await?.ok_or(Failure::NotFound)?;
    let together = catalog::bought_together(&shop.db, id).await?;
    let Look { before, visitors } = visitor.look_at(id).await;
    let ids: Vec<u32> = together.iter().map(|companion| companion.id).chain(before.iter().copied()).collect();
    let cards = catalog::cards(&shop.db, &ids).await?;
    let companions = listed(&cards, together.iter().map(|companion| (companion.id, companion.orders)));
    let before = listed(&cards, before.iter().map(|id| (*id, 0)));
    let shelves = catalog::categories(&shop.db).await?;
    let fetched = aside::fetch(&product.shelf_slug).await;
    let page = context! {
        product => data(&*product), companions, before, visitors, saved => query.saved.is_some(),
        shelves => data(&*shelves), best_sellers => aside::question(&shop.db), elapsed => elapsed(started),
    };
    // The part beside the product may have to ask the database while the page is rendered.
    let page = block_in_place(|| shop.view.render("product.html", page))?;
    drop(fetched);
    Ok((visitor, page).into_response())
}

async fn price_form(State(shop): State<Shop>, id: Result<Path<u32>, PathRejection>) -> Page {
    let started = Instant::now();
    let Path(id) = id?;
    let product = catalog::product(&shop.db, id).await?.ok_or(Failure::NotFound)?;
    let typed = money::plain(product.price);
    shop.show(started, "price.html", context! { product => data(&*product), typed, refused => false }).await
}

#[derive(Deserialize)]
struct NewPrice {
    price: String,
}

async fn change_price(
    State(shop): State<Shop>,
    id: Result<Path<u32>, PathRejection>,
    form: Result<Form<NewPrice>, FormRejection>,
) -> Page {
    let started = Instant::now();
    let (Path(id), Form(NewPrice { price: typed })) = (id?, form?);
    let product = catalog::product(&shop.db, id).await?.ok_or(Failure::NotFound)?;
    let Some(price) = money::parse(&typed) else {
        let page = context! { product => data(&*product), typed, refused => true };
        let form = shop.show(started, "price.html", page).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, form).into_response());
    };
    pricing::set_price(&shop.db, &product, price).await?;
    Ok(Redirect::to(&format!("/product/{id}?saved=yes")).into_response())
}

async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=60")];
    (headers, include_str!("style.css"))
}

/// Refuses forms that another site sends: browsers say where a request comes from.
async fn guard(request: Request, next: Next) -> Response {
    let from_elsewhere =
        request.headers().get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    if from_elsewhere && request.method() == Method::POST {
        return Failure::Forbidden.into_response();
    }
    next.run(request).await
}

/// Tells the browser's tools how long the answer took, those that were kept whole included.
async fn time(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let mut response = next.run(request).await;
    let timing = format!("page;dur={:.3}", started.elapsed().as_secs_f64() * 1e3);
    if let Ok(timing) = timing.parse() {
        response.headers_mut().insert(HeaderName::from_static("server-timing"), timing);
    }
    response
}

/// The shop loads nothing from anywhere else and runs no scripts.
async fn harden(mut response: Response) -> Response {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    );
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

//! What the cache did: a page of numbers, and a button for each question that forgets its answers.

use std::time::Instant;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect};
use larder::Stats;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::catalog::{bought_together, cards, categories, places, product, rating};
use crate::failure::Failure;
use crate::pages::{Page, Shop};
use crate::reports::{best_sellers, front_page};
use crate::search::search;
use crate::shelf::shelf_page;
use crate::view::readable;

/// Every annotated function of the shop, under its name.
fn questions() -> [(&'static str, Stats); 10] {
    [
        ("shelf_page", shelf_page::all().stats()),
        ("front_page", front_page::all().stats()),
        ("best_sellers", best_sellers::all().stats()),
        ("search", search::all().stats()),
        ("product", product::all().stats()),
        ("cards", cards::all().stats()),
        ("bought_together", bought_together::all().stats()),
        ("places", places::all().stats()),
        ("rating", rating::all().stats()),
        ("categories", categories::all().stats()),
    ]
}

/// Makes all answers to a question unreachable; `false` if there is no such question.
async fn forget(question: &str) -> Result<bool, larder::Error> {
    match question {
        "shelf_page" => shelf_page::all().bump().await?,
        "front_page" => front_page::all().bump().await?,
        "best_sellers" => best_sellers::all().bump().await?,
        "search" => search::all().bump().await?,
        "product" => product::all().bump().await?,
        "cards" => cards::all().bump().await?,
        "bought_together" => bought_together::all().bump().await?,
        // These two are ordinary functions, so what belongs to them does not await.
        "places" => places::all().bump()?,
        "rating" => rating::all().bump()?,
        "categories" => categories::all().bump().await?,
        _ => return Ok(false),
    }
    Ok(true)
}

pub(crate) async fn show(State(shop): State<Shop>) -> Page {
    let started = Instant::now();
    let rows: Vec<Value> = questions().iter().map(|(name, stats)| row(name, stats)).collect();
    let total = larder::cache().stats();
    let page = context! { rows, saved => readable(total.time_saved), report => larder::report() };
    shop.show(started, "stats.html", page).await
}

fn row(name: &str, stats: &Stats) -> Value {
    let loads = u32::try_from(stats.loads).unwrap_or(u32::MAX);
    context! {
        name,
        hits => stats.hits,
        stale => stats.stale_hits,
        misses => stats.misses,
        ratio => stats.hit_ratio().map(|ratio| format!("{:.1} %", 100.0 * ratio)),
        loads => stats.loads,
        mean => stats.load_time.checked_div(loads).map(readable),
        coalesced => stats.coalesced,
        stores => stats.stores,
        fenced => stats.fenced,
        entries => stats.entries,
        saved => readable(stats.time_saved),
    }
}

#[derive(Deserialize)]
pub(crate) struct Forget {
    question: String,
}

pub(crate) async fn forget_all(form: Result<Form<Forget>, FormRejection>) -> Page {
    let Form(Forget { question }) = form?;
    if forget(&question).await? {
        Ok(Redirect::to("/stats").into_response())
    } else {
        Err(Failure::BadRequest(format!("There is no question `{question}`.")))
    }
}

//! The page of a shelf: a cached route. Its response is kept whole, status, headers and all.
//!
//! So nothing on it may depend on who asks or when: it has no time at its foot and no list of what a visitor has looked at. In
//! return an answer costs a look into memory, and a browser that has the page already is told so in a few bytes (304).

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use larder::cached;
use minijinja::context;
use serde::Deserialize;

use crate::failure::Failure;
use crate::pages::{Page, Shop};
use crate::period::Period;
use crate::reports;
use crate::view::data;

/// What the address says: `/shelf/tea?period=year`. Anything else in it makes no other page.
pub(crate) struct Address {
    slug: String,
    period: Period,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    period: Period,
}

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let slug: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, state).await;
        let query: Result<Query<Choice>, QueryRejection> = Query::from_request_parts(parts, state).await;
        let (Path(slug), Query(Choice { period })) = (slug?, query?);
        Ok(Self { slug, period })
    }
}

/// The best sellers of a shelf. The tag is that of the report, so that a new price takes both.
///
/// When its minute is over the report behind it still answers at once, with what it had if need be (see [`reports`]): to build this
/// page again costs a rendering, and nobody waits for the database.
#[cached(axum, timeout = 60, key = "shelf_page:<address.slug>:<address.period>", tags("shelf:<address.slug>"))]
pub(crate) async fn shelf_page(State(shop): State<Shop>, address: Address) -> Page {
    let Address { slug, period } = address;
    let report = reports::best_sellers(&shop.db, &slug, period).await?.ok_or(Failure::NotFound)?;
    let periods = data(Period::CHOICES);
    let page = context! { kept => true, slug, report => data(&*report), period => data(period), periods };
    shop.whole("shelf.html", page).await
}

//! What is kept of pages: a whole one, a part of one, and what a visitor has looked at.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use larder::fragment::Fragment;
use larder::testing::ManualClock;
use minijinja::{Value, context};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::{Checked, get, open, open_at, post, read, send};
use crate::catalog::product;
use crate::pages::Shop;
use crate::period::Period;
use crate::pricing::set_price;
use crate::reports::best_sellers;
use crate::shelf::shelf_page;
use crate::view::data;

const TEA: &str = "/shelf/tea?period=year";

/// The answer to a browser that sends this header.
async fn ask(shop: &Shop, uri: &str, name: &str, value: &str) -> Checked<(StatusCode, HeaderMap, String)> {
    let response = send(shop, Request::get(uri).header(name, value).body(Body::empty())?).await?;
    let headers = response.headers().clone();
    let (status, page) = read(response).await?;
    Ok((status, headers, page))
}

fn tag(headers: &HeaderMap) -> Checked<String> {
    Ok(headers.get(header::ETAG).ok_or("a page that is kept has a tag")?.to_str()?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shelf_is_kept_as_a_whole_page() -> Checked {
    open(async |shop| {
        let (_, first) = get(shop, TEA).await?;
        let (_, second) = get(shop, "/shelf/tea?period=year&utm_source=letter").await?;
        assert_eq!(first, second, "to the last letter");
        let stats = shelf_page::all().stats();
        assert_eq!((stats.hits, stats.loads, best_sellers::all().stats().hits), (1, 1, 0));
        get(shop, "/shelf/tea").await?;
        assert_eq!(shelf_page::all().stats().loads, 2, "another period is another page");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_has_the_page_is_only_told_so() -> Checked {
    open(async |shop| {
        let (_, headers, _) = ask(shop, TEA, "accept", "text/html").await?;
        let had = tag(&headers)?;
        let (status, headers, page) = ask(shop, TEA, "if-none-match", &had).await?;
        assert_eq!((status, page.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(tag(&headers)?, had);
        send(shop, post("/product/1/price", "price=4321.05")?).await?;
        let (status, headers, page) = ask(shop, TEA, "if-none-match", &had).await?;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("£4,321.05") && tag(&headers)? != had, "{page}");
        Ok(())
    })
    .await
}

/// Its tag is of what it says, so that a browser keeps it although the shop has built it anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_built_anew_and_says_the_same_has_the_same_tag() -> Checked {
    let clock = ManualClock::new();
    open_at(&clock, async |shop| {
        let had = tag(&ask(shop, TEA, "accept", "text/html").await?.1)?;
        clock.advance(Duration::from_secs(60));
        let (status, ..) = ask(shop, TEA, "if-none-match", &had).await?;
        assert_eq!((status, shelf_page::all().stats().loads), (StatusCode::NOT_MODIFIED, 2));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_kept_has_nothing_of_its_first_reader() -> Checked {
    open(async |shop| {
        let cookie = "visitor=0123456789abcdef0123456789abcdef";
        ask(shop, "/product/1", "cookie", cookie).await?;
        let (_, headers, first) = ask(shop, TEA, "cookie", cookie).await?;
        assert!(!headers.contains_key(header::SET_COOKIE));
        let (_, headers, second) = ask(shop, TEA, "accept", "text/html").await?;
        assert!(!headers.contains_key(header::SET_COOKIE) && first == second, "{second}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_shelf_does_not_have_is_not_kept() -> Checked {
    open(async |shop| {
        for uri in ["/shelf/nothing", "/shelf/tea?period=week"] {
            get(shop, uri).await?;
        }
        assert_eq!(shelf_page::all().stats().stores, 0);
        Ok(())
    })
    .await
}

/// The part of a page beside a product.
fn aside(page: &str) -> &str {
    let rest = page.split_once("<aside").map_or("", |(_, rest)| rest);
    rest.split_once("</aside>").map_or("", |(aside, _)| aside)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_sellers_beside_a_product_are_rendered_once_for_their_shelf() -> Checked {
    open(async |shop| {
        let (_, one) = get(shop, "/product/1").await?;
        let asked = best_sellers::all().stats();
        let (_, other) = get(shop, "/product/2").await?;
        assert!(aside(&one).contains("Best sellers: ") && aside(&one) == aside(&other), "{one}");
        let now = best_sellers::all().stats();
        assert_eq!((now.loads, now.hits), (asked.loads, asked.hits), "what is kept asks nobody");
        assert!(larder::cache().contains(Fragment::new("best_sellers_of").with("tea").key()).await);
        let (_, of_another_shelf) = get(shop, "/product/21").await?;
        assert_ne!(aside(&one), aside(&of_another_shelf));
        Ok(())
    })
    .await
}

/// The number of the first product in it.
fn best(page: &str) -> Checked<u32> {
    let id = aside(page).split_once("/product/").and_then(|(_, rest)| rest.split('"').next());
    Ok(id.ok_or("there is a best seller")?.parse()?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_price_is_beside_every_product_of_the_shelf() -> Checked {
    open(async |shop| {
        let (_, page) = get(shop, "/product/2").await?;
        let best = best(&page)?;
        send(shop, post(&format!("/product/{best}/price"), "price=4321.05")?).await?;
        let (_, page) = get(shop, "/product/2").await?;
        assert!(aside(&page).contains("£4,321.05"), "{best}: {page}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_changes_while_its_neighbours_are_rendered_is_not_kept_as_it_was() -> Checked {
    open(async |shop| {
        let (_, page) = get(shop, "/product/2").await?;
        let changed = product(&shop.db, best(&page)?).await?.ok_or("it is on the shelf")?;
        Fragment::new("best_sellers_of").with("tea").invalidate(&larder::cache()).await?;
        let (db, runtime) = (shop.db.clone(), Handle::current());
        // The body has the old price when the new one is written.
        let overtaken = Value::from_function(move |shelf: &str| {
            let report = runtime.block_on(best_sellers(&db, shelf, Period::Quarter)).ok().flatten();
            let written = runtime.block_on(set_price(&db, &changed, 432_105));
            report.filter(|_| written.is_ok()).map(|report| data(&*report))
        });
        let page = context! { product => context! { shelf_slug => "tea" }, best_sellers => overtaken };
        let old = block_in_place(|| shop.view.render("aside.html", page))?;
        assert!(aside(&old.0).contains("£") && !aside(&old.0).contains("£4,321.05"), "{}", old.0);
        let (_, page) = get(shop, "/product/2").await?;
        assert!(aside(&page).contains("£4,321.05"), "{page}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_find_what_they_looked_at() -> Checked {
    open(async |shop| {
        let (_, headers, page) = ask(shop, "/product/1", "accept", "text/html").await?;
        assert!(!page.contains("You looked at") && page.contains("1 visitor looked"), "{page}");
        let cookie = headers.get(header::SET_COOKIE).ok_or("a new visitor gets a number")?.to_str()?;
        let number = cookie.split(';').next().unwrap_or_default();
        let (_, headers, page) = ask(shop, "/product/2", "cookie", number).await?;
        assert!(!headers.contains_key(header::SET_COOKIE), "this one has a number");
        let before = page.split_once("You looked at").map_or("", |(_, rest)| rest);
        assert!(before.contains("/product/1\"") && !before.contains("/product/2\""), "{page}");
        // Others see nothing of it, and a second look is no second visitor.
        let (_, page) = get(shop, "/product/2").await?;
        assert!(!page.contains("You looked at") && page.contains("2 visitors looked"), "{page}");
        let (_, _, page) = ask(shop, "/product/1", "cookie", number).await?;
        assert!(page.contains("1 visitor looked"), "{page}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_looked_at_is_forgotten_after_half_an_hour() -> Checked {
    let clock = ManualClock::new();
    open_at(&clock, async |shop| {
        let cookie = "visitor=0123456789abcdef0123456789abcdef";
        ask(shop, "/product/1", "cookie", cookie).await?;
        clock.advance(Duration::from_secs(30 * 60 - 1));
        let (_, _, page) = ask(shop, "/product/2", "cookie", cookie).await?;
        assert!(page.contains("You looked at"), "{page}");
        clock.advance(Duration::from_secs(30 * 60));
        let (_, _, page) = ask(shop, "/product/3", "cookie", cookie).await?;
        assert!(!page.contains("You looked at"), "{page}");
        Ok(())
    })
    .await
}

//! The shop over a small database: every page answers, and says what it should.

mod kept;

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use larder::Cache;
use larder::testing::{self, ManualClock};
use tower::ServiceExt;

use crate::catalog::{cards, product};
use crate::db::Db;
use crate::pages::{self, Shop};
use crate::reports::{best_sellers, front_page};
use crate::search::search;
use crate::seed::{self, Found, Scale};
use crate::view::View;

type Checked<T = ()> = Result<T, Box<dyn Error>>;

const SMALL: Scale = Scale { products_per_shelf: 20, orders: 400, reviews: 300 };

/// Runs a test with a shop and a cache of its own.
async fn open(test: impl AsyncFnOnce(&Shop) -> Checked) -> Checked {
    open_at(&ManualClock::new(), test).await
}

/// The same with a clock that the test moves.
async fn open_at(clock: &ManualClock, test: impl AsyncFnOnce(&Shop) -> Checked) -> Checked {
    let folder = Folder::new();
    seed::build(&folder.file(), SMALL).map_err(|error| error.to_string())?;
    let cache = Cache::builder().clock(clock.clone()).build().await?;
    let shop = Shop { db: Db::open(&folder.file())?.with_cache(&cache), view: View::new()? };
    testing::scope(&cache, test(&shop)).await
}

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("storefront-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    fn file(&self) -> PathBuf {
        self.0.join("shop.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn get(shop: &Shop, uri: &str) -> Result<(StatusCode, String), Box<dyn Error>> {
    read(send(shop, Request::get(uri).body(Body::empty())?).await?).await
}

fn post(uri: &str, form: &'static str) -> Result<Request<Body>, axum::http::Error> {
    Request::post(uri).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form))
}

async fn send(shop: &Shop, request: Request<Body>) -> Result<Response, Box<dyn Error>> {
    Ok(pages::router(shop.clone()).oneshot(request).await?)
}

async fn read(response: Response) -> Result<(StatusCode, String), Box<dyn Error>> {
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 20).await?;
    Ok((status, String::from_utf8(bytes.to_vec())?))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_answers() -> Checked {
    open(async |shop| {
        for (uri, text) in [
            ("/", "What everyone bought"),
            ("/shelf/tea", "Best sellers"),
            ("/shelf/pans?period=year", "Best sellers"),
            ("/search", "Type a word"),
            ("/search?q=tea", "those that sell best first"),
            ("/search?q=tea&page=999", "There is no page 999"),
            ("/search?q=no+such+thing", "Nothing found"),
            ("/product/1", "Reviews"),
            ("/product/1/price", "New price in pounds"),
            ("/stats", "best_sellers"),
            ("/measure", "Measure"),
        ] {
            let (status, page) = get(shop, uri).await?;
            assert_eq!(status, StatusCode::OK, "{uri}");
            let foot = if uri.starts_with("/shelf/") { "This page is kept" } else { "This page took" };
            assert!(page.contains(text) && page.contains(foot), "{uri}: {page}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_measurement_is_drawn_and_told_in_figures() -> Checked {
    open(async |shop| {
        let (status, page) = read(send(shop, post("/measure", "")?).await?).await?;
        assert_eq!(status, StatusCode::OK);
        let pictures = page.matches(r#"role="img""#).count();
        assert_eq!((pictures, page.matches("</desc>").count()), (4, 4), "{page}");
        assert_eq!(page.matches("<path d=\"M0 56V").count(), 2 * pictures, "two distributions in each: {page}");
        // Every picture's text has the figures that the table has.
        for told in page.split("<desc").skip(1) {
            let middle = told.split("at most ").nth(1).and_then(|rest| rest.split(" and ").next()).unwrap_or("");
            assert!(page.contains(&format!(r#"<td class="number">{middle}</td>"#)), "{middle}: {page}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_can_be_read_aloud() -> Checked {
    open(async |shop| {
        let pages =
            ["/", "/shelf/tea", "/search", "/search?q=tea", "/product/1", "/product/1/price", "/stats", "/nowhere"];
        let mut texts = vec![read(send(shop, post("/measure", "")?).await?).await?.1];
        for uri in pages {
            texts.push(get(shop, uri).await?.1);
        }
        for page in texts {
            assert_eq!(page.matches("<h1").count(), 1, "{page}");
            for landmark in
                ["<header>", "<main id=\"main\"", "<footer>", "href=\"#main\"", "role=\"search\"", "lang=\"en\""]
            {
                assert!(page.contains(landmark), "{landmark}: {page}");
            }
            let levels: Vec<u32> =
                page.split("<h").skip(1).filter_map(|tag| tag.chars().next()?.to_digit(10)).collect();
            assert!(levels.iter().zip(levels.iter().skip(1)).all(|(one, next)| *next <= one + 1), "{levels:?}: {page}");
            for field in page.split("<input ").skip(1).filter(|field| !field.starts_with(r#"type="hidden""#)) {
                let id = field.strip_prefix("id=\"").and_then(|rest| rest.split('"').next()).unwrap_or("?");
                assert!(page.contains(&format!("<label for=\"{id}\"")), "the field {id} has no label: {page}");
            }
            assert_eq!(page.matches("<table").count(), page.matches("<caption").count(), "{page}");
            let (drawn, mute) = (page.matches("<svg").count(), page.matches("aria-hidden=\"true\">").count());
            let mute = mute - page.matches("<span aria-hidden").count();
            assert_eq!(drawn - mute, page.matches("</title>").count() - 1, "{page}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found() -> Checked {
    open(async |shop| {
        let nowhere = ["/nothing", "/product/0", "/product/999999", "/product/tea", "/shelf/nothing", "/shelf/%FF"];
        for uri in nowhere {
            let (status, page) = get(shop, uri).await?;
            assert_eq!(status, StatusCode::NOT_FOUND, "{uri}");
            assert!(page.contains("There is no page at this address."), "{uri}: {page}");
        }
        let (status, _) = get(shop, "/shelf/tea?period=week").await?;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_visitors_type_is_text() -> Checked {
    open(async |shop| {
        let (_, page) = get(shop, "/search?q=%3Cscript%3E%22'").await?;
        assert!(page.contains("&lt;script&gt;&quot;&#x27;") && !page.contains("<script>"), "{page}");
        // No product has a percent sign in its name, and every one matches the wildcard.
        let (_, page) = get(shop, "/search?q=%25").await?;
        assert!(page.contains("Nothing found"), "{page}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_asks_the_database_once() -> Checked {
    open(async |shop| {
        for uri in ["/", "/shelf/tea", "/search?q=tea", "/product/1"] {
            let (_, first) = get(shop, uri).await?;
            let loads = larder::cache().stats().loads;
            let (_, second) = get(shop, uri).await?;
            assert_eq!(larder::cache().stats().loads, loads, "{uri}");
            assert_eq!(first.lines().count(), second.lines().count(), "{uri}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_price_is_on_every_page_at_once() -> Checked {
    open(async |shop| {
        let pages = ["/", "/shelf/tea?period=year", "/search?q=assam", "/product/1"];
        for uri in pages {
            let (_, page) = get(shop, uri).await?;
            assert!(!page.contains("£4,321.05"), "{uri}");
        }
        let saved = send(shop, post("/product/1/price", "price=4321.05")?).await?;
        assert_eq!(saved.status(), StatusCode::SEE_OTHER);
        assert_eq!(saved.headers()[header::LOCATION], "/product/1?saved=yes");
        for uri in pages {
            let (_, page) = get(shop, uri).await?;
            assert!(page.contains("£4,321.05"), "{uri}: {page}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_report_does_not_have_an_old_price() -> Checked {
    let clock = ManualClock::new();
    open_at(&clock, async |shop| {
        let year = "/shelf/tea?period=year";
        get(shop, year).await?;
        get(shop, "/shelf/pans").await?;
        clock.advance(Duration::from_secs(60));
        get(shop, year).await?;
        assert_eq!(best_sellers::all().stats().stale_hits, 1, "nobody waited");
        send(shop, post("/product/1/price", "price=4321.05")?).await?;
        let (_, page) = get(shop, year).await?;
        assert!(page.contains("£4,321.05"), "{page}");
        get(shop, "/shelf/pans").await?;
        assert_eq!(best_sellers::all().stats().stale_hits, 2, "pans are on another shelf");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shelves_are_open_while_the_database_is_broken() -> Checked {
    let clock = ManualClock::new();
    open_at(&clock, async |shop| {
        let (_, before) = get(shop, "/shelf/tea").await?;
        let break_it = "ALTER TABLE order_line RENAME TO lost; ALTER TABLE category RENAME TO lost_too";
        shop.db.run(move |connection| Ok(connection.execute_batch(break_it)?)).await?;
        clock.advance(Duration::from_secs(60 + 600));
        let (status, after) = get(shop, "/shelf/tea").await?;
        assert_eq!((status, before.lines().count()), (StatusCode::OK, after.lines().count()));
        clock.advance(Duration::from_secs(3_600));
        let (status, _) = get(shop, "/shelf/tea").await?;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_price_is_one_card_to_ask_for() -> Checked {
    open(async |shop| {
        let searches = ["/search?q=assam", "/search?q=tea"];
        for uri in searches {
            get(shop, uri).await?;
        }
        let (asked, run) = (cards::all().stats().loads, search::all().stats().loads);
        assert!(asked > 1, "{asked} cards");
        send(shop, post("/product/1/price", "price=12.50")?).await?;
        for uri in searches {
            get(shop, uri).await?;
        }
        assert_eq!((cards::all().stats().loads, search::all().stats().loads), (asked + 1, run));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_can_t_be_is_asked_for_again() -> Checked {
    open(async |shop| {
        let (status, page) = read(send(shop, post("/product/1/price", "price=%22%3E")?).await?).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains(r#"role="alert""#) && page.contains(r#"value="&quot;&gt;""#), "{page}");
        let (status, _) = read(send(shop, post("/product/999999/price", "price=1")?).await?).await?;
        assert_eq!(status, StatusCode::NOT_FOUND);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_can_t_change_a_price() -> Checked {
    open(async |shop| {
        let mut request = post("/product/1/price", "price=1")?;
        request.headers_mut().insert("sec-fetch-site", header::HeaderValue::from_static("cross-site"));
        assert_eq!(send(shop, request).await?.status(), StatusCode::FORBIDDEN);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forgotten_with_a_button_is_asked_for_again() -> Checked {
    open(async |shop| {
        get(shop, "/").await?;
        assert!(front_page::entry(&shop.db).get().await.is_some());
        let status = send(shop, post("/stats/forget", "question=front_page")?).await?.status();
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert!(front_page::entry(&shop.db).get().await.is_none());
        let status = send(shop, post("/stats/forget", "question=everything")?).await?.status();
        assert_eq!(status, StatusCode::BAD_REQUEST);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_works_without_a_cache() -> Checked {
    open(async |shop| {
        testing::scope(&Cache::builder().off().build().await?, async {
            let (status, _) = get(shop, "/product/1").await?;
            assert_eq!(status, StatusCode::OK);
            assert!(product::entry(&shop.db, 1).get().await.is_none());
            Ok(())
        })
        .await
    })
    .await
}

#[test]
fn no_two_questions_share_a_key() {
    testing::assert_no_conflicts();
}

#[test]
fn only_our_own_file_is_used() -> Checked {
    let folder = Folder::new();
    fs::create_dir_all(&folder.0)?;
    let file = folder.file();
    assert_eq!(seed::inspect(&file)?, Found::Nothing);
    fs::write(&file, "")?;
    assert_eq!(seed::inspect(&file)?, Found::Nothing);
    fs::write(&file, "a letter to a friend, long enough to be no database at all ".repeat(20))?;
    assert_eq!(seed::inspect(&file)?, Found::Foreign);
    seed::build(&file, SMALL).map_err(|error| error.to_string())?;
    assert_eq!(seed::inspect(&file)?, Found::Ready);
    Ok(())
}

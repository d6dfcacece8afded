//! Tags: entries of several functions forgotten together, by the function that changes what they show.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use larder::{cached, invalidates, tag};

/// Stands for a table of prices.
static PRICES: [AtomicU32; 3] = [AtomicU32::new(10), AtomicU32::new(20), AtomicU32::new(30)];

/// The shop has two shelves: articles 0 and 1 are on the first.
fn shelf_of(article: usize) -> usize {
    article / 2
}

#[cached(timeout = "1h", key = "price:<article>")]
fn price(article: usize) -> Option<u32> {
    Some(PRICES.get(article)?.load(Relaxed))
}

/// There may be any number of pages: the tag stands for all of them.
#[cached(timeout = "1h", key = "shelf:<shelf>:<page>", tags("shelf:<shelf>"))]
fn shelf_page(shelf: usize, page: usize) -> Vec<u32> {
    let on_it = (0..PRICES.len()).filter(|&article| shelf_of(article) == shelf);
    on_it.skip(page).take(1).filter_map(price).collect()
}

#[cached(timeout = "1h", key = "cheapest:<shelf>", tags("shelf:<shelf>", "front"))]
fn cheapest(shelf: usize) -> Option<u32> {
    (0..PRICES.len()).filter(|&article| shelf_of(article) == shelf).filter_map(price).min()
}

#[derive(Debug, PartialEq)]
struct NoSuchArticle;

/// What its success makes untrue stands above it. A name or an argument that is wrong does not compile.
#[invalidates(price::entry(article), tag!("shelf:<shelf>"))]
fn set_price(shelf: usize, article: usize, cents: u32) -> Result<(), NoSuchArticle> {
    PRICES.get(article).ok_or(NoSuchArticle)?.store(cents, Relaxed);
    Ok(())
}

fn main() -> Result<(), larder::Error> {
    assert_eq!((shelf_page(0, 0), shelf_page(0, 1), shelf_page(1, 0)), (vec![10], vec![20], vec![30]));
    assert_eq!((cheapest(0), cheapest(1)), (Some(10), Some(30)));

    assert_eq!(set_price(0, 1, 5), Ok(()));
    assert_eq!((price(1), shelf_page(0, 1), cheapest(0)), (Some(5), vec![5], Some(5)));
    assert_eq!(cheapest::all().stats().loads, 3, "the other shelf was not asked again");

    // Nothing was changed, so nothing is forgotten.
    assert_eq!(set_price(0, 9, 5), Err(NoSuchArticle));
    assert!(cheapest::entry(0).get().is_some());

    // By hand, by the text of the tag.
    larder::cache().blocking().tag("front").invalidate()?;
    assert_eq!((cheapest::entry(0).get(), cheapest::entry(1).get()), (None, None));
    Ok(())
}

//! Arguments that are patterns, as handlers of web frameworks have them.

use larder::{Cache, cached};

/// An extractor.
#[derive(Debug)]
pub struct Way<T>(pub T);

/// A part of a query.
#[derive(Debug)]
pub struct Page {
    /// Which page.
    pub number: u64,
    /// How long it is.
    pub size: u64,
}

/// All kinds of them.
#[cached(key = "patterns:<id>:<a>:<number>", ignore(size, b))]
#[must_use]
pub fn patterns(Way(id): Way<u64>, (a, b): (u8, u8), Page { number, size, .. }: Page) -> u64 {
    id + u64::from(a + b) + number + size
}

/// Bound for the attribute alone.
#[cached(cache = cache, key = "attribute:<id>", ignore(cache, page), revision = page.number)]
pub async fn attribute(Way(cache): Way<&Cache>, page: Page, Way(id): Way<u64>) -> u64 {
    std::future::ready(id).await
}

/// Changed in the body.
#[cached(ignore(_trace))]
#[must_use]
pub fn changed(mut count: u64, &step: &u64, _: Way<u8>, _trace: &str) -> u64 {
    count += step;
    count
}

//! Methods: `self` is an argument like any other.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use larder::cached;

/// The price list of one shop.
struct Prices {
    shop: String,
    lookups: AtomicU32,
}

impl Prices {
    fn of(shop: &str) -> Self {
        Self { shop: shop.to_owned(), lookups: AtomicU32::new(0) }
    }

    /// The shop decides the price, so it is in the key: naming a field of `self` says that this field identifies it.
    ///
    /// A method has no companions, because an `impl` block has no room for them; `entry` names a method that returns the
    /// entry.
    #[cached(timeout = 60, key = "price:<self.shop>:<article>", entry = price_entry)]
    fn price(&self, article: &str) -> usize {
        self.lookups.fetch_add(1, Relaxed);
        100 * self.shop.len() + article.len()
    }

    /// The same everywhere: `self` does not matter, and that is said.
    #[cached(timeout = 60, key = "vat:<country>", ignore(self))]
    fn vat(&self, country: &str) -> u32 {
        self.lookups.fetch_add(1, Relaxed);
        if country == "GB" { 20 } else { 19 }
    }
}

fn main() -> Result<(), larder::Error> {
    let (left, right) = (Prices::of("left"), Prices::of("right"));

    assert_eq!((left.price("tea"), left.price("tea")), (403, 403));
    assert_eq!(right.price("tea"), 503);
    assert_eq!((left.lookups.load(Relaxed), right.lookups.load(Relaxed)), (1, 1));

    left.price_entry("tea").invalidate()?;
    assert_eq!((left.price("tea"), right.price("tea")), (403, 503));
    assert_eq!((left.lookups.load(Relaxed), right.lookups.load(Relaxed)), (2, 1));

    assert_eq!((left.vat("GB"), right.vat("GB")), (20, 20));
    assert_eq!(right.lookups.load(Relaxed), 1, "answered with what the left shop looked up");
    Ok(())
}

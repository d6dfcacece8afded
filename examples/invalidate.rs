//! What changes must be forgotten: one entry, all entries of a function, or the new value at once.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use larder::cached;

/// Stands for the database.
static STOCK: AtomicU32 = AtomicU32::new(10);

#[cached(timeout = never, key = "stock:<article>")]
fn stock(article: u64) -> u32 {
    let _ = article;
    STOCK.load(Relaxed)
}

fn main() -> Result<(), larder::Error> {
    assert_eq!((stock(1), stock(2)), (10, 10));

    // Forgotten: the next call asks again. An argument of the wrong type would not compile.
    STOCK.store(9, Relaxed);
    stock::entry(1).invalidate()?;
    assert_eq!((stock(1), stock(2)), (9, 10));

    // All entries of the function at once, however many there are.
    stock::all().bump()?;
    assert_eq!((stock(1), stock(2)), (9, 9));

    // Written: whoever changes it knows the new value.
    stock::entry(1).put(8)?;
    assert_eq!(stock(1), 8);

    // Looked at, and asked for whether it is there or not.
    assert_eq!(stock::entry(3).get(), None);
    assert_eq!(stock::entry(1).refresh(), 9);
    assert_eq!(stock::entry(1).get(), Some(9));

    // By hand, with the key that the function makes.
    assert!(larder::cache().blocking().delete("stock:1")?);
    assert_eq!(stock::entry(1).get(), None);
    Ok(())
}

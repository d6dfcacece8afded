//! What is stored: of a `Result` the `Ok`, of an `Option` the `Some`. Failures and gaps are asked for again.

use std::num::ParseIntError;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use larder::cached;

static PARSED: AtomicU32 = AtomicU32::new(0);
static ASKED: AtomicU32 = AtomicU32::new(0);

#[cached(timeout = 60, key = "number:<text>")]
fn number(text: &str) -> Result<u32, ParseIntError> {
    PARSED.fetch_add(1, Relaxed);
    text.parse()
}

#[cached(timeout = 60, key = "capital:<country>")]
fn capital(country: &str) -> Option<&'static str> {
    ASKED.fetch_add(1, Relaxed);
    match country {
        "France" => Some("Paris"),
        _ => None,
    }
}

/// With `cache_none` an absence is kept too, here for 5 seconds: for questions that are often asked in vain.
#[cached(timeout = 60, key = "capital_or_not:<country>", cache_none = 5)]
fn capital_or_not(country: &str) -> Option<&'static str> {
    ASKED.fetch_add(1, Relaxed);
    match country {
        "France" => Some("Paris"),
        _ => None,
    }
}

fn main() {
    assert_eq!((number("7"), number("7")), (Ok(7), Ok(7)));
    assert_eq!(PARSED.swap(0, Relaxed), 1, "an `Ok` is stored");
    assert!(number("seven").is_err() && number("seven").is_err());
    assert_eq!(PARSED.load(Relaxed), 2, "an `Err` is not");

    assert_eq!((capital("France"), capital("France")), (Some("Paris"), Some("Paris")));
    assert_eq!(ASKED.swap(0, Relaxed), 1, "a `Some` is stored");
    assert_eq!((capital("Atlantis"), capital("Atlantis")), (None, None));
    assert_eq!(ASKED.swap(0, Relaxed), 2, "a `None` is not");

    assert_eq!((capital_or_not("Atlantis"), capital_or_not("Atlantis")), (None, None));
    assert_eq!(ASKED.load(Relaxed), 1, "unless the function says so");
}

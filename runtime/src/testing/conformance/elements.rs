//! Elements of the lists that a store is given, with what most checks don't care about filled in; and what checks say.

use std::sync::Arc;
use std::time::Duration;

use crate::shared::{Fill, HoldOff, Lease, Over, Read, Release, Remove, Same, Token, Which, Write};

/// A time that is not over before its check is.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// A time that a check outlasts.
pub(super) const SHORT: Duration = Duration::from_millis(30);

/// Who holds a key off, if one does.
pub(super) const HOLDER: Token = 1 << 100;

/// Ends a check that has found something else.
macro_rules! ensure {
    ($holds:expr, $($found:tt)+) => {
        if !$holds {
            return Err(format!($($found)+));
        }
    };
}

/// Ends a check that has found something else than this.
macro_rules! ensure_eq {
    ($found:expr, $expected:expr, $($what:tt)+) => {{
        let (found, expected) = (&$found, &$expected);
        if found != expected {
            return Err(format!("{}: {found:?} instead of {expected:?}", format_args!($($what)+)));
        }
    }};
}

/// Whether what remains of a time is right, if not much of it is over.
pub(super) fn is_left(left: Duration, of: Duration) -> bool {
    left <= of && left > of / 2
}

pub(super) fn read(key: &str) -> Read {
    Read { key: key.to_owned(), generations: Arc::default(), life: false }
}

pub(super) fn lease(key: &str, token: Token, over: Over, time: Duration) -> Lease {
    Lease { key: key.to_owned(), token, time, over, generations: Arc::default(), fresh: 1, keep: LONG }
}

pub(super) fn fill(key: &str, token: Token, value: &[u8]) -> Fill {
    Fill { key: key.to_owned(), token, value: value.to_vec(), life: Some(LONG), note: b"filled".to_vec() }
}

pub(super) fn release(key: &str, token: Token) -> Release {
    Release { key: key.to_owned(), token, value: false, note: b"released".to_vec() }
}

pub(super) fn write(key: &str, value: &[u8], life: Option<Duration>) -> Write {
    Write { key: key.to_owned(), value: value.to_vec(), life, unless: None, note: b"written".to_vec() }
}

pub(super) fn same(at: usize, bytes: &[u8], keep: Duration) -> Same {
    Same { at, bytes: bytes.to_vec(), keep }
}

pub(super) fn remove(key: &str, note: &str) -> Remove {
    Remove { key: key.to_owned(), hold: HoldOff::Unchanged, which: Which::Any, note: note.as_bytes().to_vec() }
}

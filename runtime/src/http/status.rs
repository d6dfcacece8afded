//! `Cache-Status` (RFC 9211): what the cache did with a request. Only programs in development say it: it tells those who probe which
//! pages others have asked for.

use std::fmt::Write as _;

use super::not_stored::NotStored;
use crate::outcome::Origin;

/// This cache in the list.
const NAME: &str = "larder";

/// Is it said?
pub(crate) const SHOWN: bool = cfg!(debug_assertions);

/// What is said of a page; `left` is how many seconds it is fresh from now on.
pub(crate) fn of_page(origin: Origin, left: Option<i64>) -> String {
    let mut text = NAME.to_owned();
    text.push_str(match origin {
        Origin::Stored => "; hit",
        Origin::Made => "; fwd=uri-miss; stored",
        Origin::Collapsed => "; fwd=uri-miss; collapsed",
        Origin::Instead => "; fwd=stale; detail=stale-if-error",
    });
    if let Some(left) = left {
        // Writing to a string does not fail.
        let _ = write!(text, "; ttl={left}");
    }
    text
}

/// What is said of a response that is not stored.
pub(crate) fn of_live(reason: Option<NotStored>) -> String {
    match reason {
        Some(NotStored::Method) => format!("{NAME}; fwd=method"),
        Some(reason @ (NotStored::Authorization | NotStored::Cookie | NotStored::Request)) => {
            format!("{NAME}; fwd=bypass; detail={reason}")
        }
        Some(reason) => format!("{NAME}; fwd=uri-miss; detail={reason}"),
        None => format!("{NAME}; fwd=bypass"),
    }
}

/// What is said of a response that failed.
pub(crate) fn of_failed() -> String {
    format!("{NAME}; fwd=uri-miss; detail=failed")
}

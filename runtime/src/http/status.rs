//! `Cache-Status` (RFC 9211): what the cache did with a request. Only programs in development say it: it tells those who probe which
//! pages others have asked for.

use std::fmt::Write as _;

use super::meta::Meta;
use super::not_stored::NotStored;
use super::page::Page;
use crate::outcome::Origin;

/// This cache in the list.
const NAME: &str = "larder";

/// Is it said?
pub(crate) const SHOWN: bool = cfg!(debug_assertions);

/// Why no page was the answer to a request, as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// The resource has none.
    Uri,
    /// Those that it has were made for other headers.
    Vary,
    /// One of the two.
    Any,
    /// The request did not want the one that there was.
    Request,
}

impl Miss {
    fn name(self) -> &'static str {
        match self {
            Self::Uri => "uri-miss",
            Self::Vary => "vary-miss",
            Self::Any => "miss",
            Self::Request => "request",
        }
    }

    /// Of a resource that may have pages: that one was not wanted tells most.
    #[cfg(feature = "axum")]
    pub(crate) fn among(self, other: Self) -> Self {
        if self == Self::Request { self } else { other }
    }

    /// An old page is none that was missing.
    fn unless_old(self, old: bool) -> &'static str {
        if old && self != Self::Request { "stale" } else { self.name() }
    }
}

/// What is said of a page that is sent with this status.
pub(crate) fn of_page(meta: &Meta, page: &Page, origin: Origin, sent: u16) -> String {
    let (forwarded, given, end) = match origin {
        Origin::Stored => (None, None, "; hit"),
        Origin::Made { old } => (Some(meta.miss.unless_old(old)), Some(page.status()), "; stored"),
        Origin::Collapsed { old } => (Some(meta.miss.unless_old(old)), Some(page.status()), "; collapsed"),
        Origin::Instead(status) => (Some(meta.miss.unless_old(true)), status, "; detail=stale-if-error"),
    };
    let mut text = NAME.to_owned();
    // Writing to a string does not fail.
    if let Some(reason) = forwarded {
        let _ = write!(text, "; fwd={reason}");
    }
    if let Some(given) = given.filter(|given| *given != sent) {
        let _ = write!(text, "; fwd-status={given}");
    }
    text.push_str(end);
    if let Some(left) = meta.left(page) {
        let _ = write!(text, "; ttl={left}");
    }
    text
}

/// What is said of a response that is not stored.
pub(crate) fn of_live(reason: Option<NotStored>, miss: Miss) -> String {
    match reason {
        Some(NotStored::Method) => format!("{NAME}; fwd=method"),
        Some(reason @ (NotStored::Authorization | NotStored::Cookie | NotStored::Request)) => {
            format!("{NAME}; fwd=bypass; detail={reason}")
        }
        Some(reason) => format!("{NAME}; fwd={}; detail={reason}", miss.name()),
        None => format!("{NAME}; fwd=bypass"),
    }
}

/// What is said of a response that failed.
pub(crate) fn of_failed(miss: Miss) -> String {
    format!("{NAME}; fwd={}; detail=failed", miss.name())
}

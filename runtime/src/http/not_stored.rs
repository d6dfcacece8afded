//! Why a response was not stored, and how often.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cache::Cache;
use crate::group::Group;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $reason:ident = $name:literal,)*) => {
        /// Why a response was not stored.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum NotStored {
            $($(#[doc = $doc])+ $reason,)*
        }

        impl NotStored {
            const ALL: &'static [Self] = &[$(Self::$reason),*];

            /// Its name in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$reason => $name,)* }
            }
        }
    };
}

reasons! {
    /// The request's method is neither `GET` nor `HEAD`.
    Method = "method",
    /// The request has `Authorization`: only behind extractors that guard a handler, or if the response permits it, is it stored.
    Authorization = "authorization",
    /// The request has `Cookie`.
    Cookie = "cookie",
    /// The request asks for a part, or sets conditions that are not a cache's.
    Request = "request",
    /// Its status is not one of those that are stored.
    Status = "status",
    /// A handler returned `Err`.
    Error = "error",
    /// A handler vetoed it with [`Hints::no_store`](super::Hints::no_store).
    Vetoed = "vetoed",
    /// It sets a cookie.
    SetCookie = "set-cookie",
    /// `Cache-Control: no-store`.
    NoStore = "no-store",
    /// `Cache-Control: private`.
    Private = "private",
    /// `Cache-Control: no-cache`.
    NoCache = "no-cache",
    /// It does not say how long it is fresh, or is no longer.
    Stale = "no-freshness",
    /// `Vary: *`, or on a header that is not part of the key, or it has too many variants.
    Vary = "vary",
    /// Its `Content-Security-Policy` has a nonce, which must be used once.
    Nonce = "nonce",
    /// It is a stream, or does not say how long it is.
    Length = "length",
    /// Its body is longer than the limit.
    TooLarge = "too-large",
    /// Its body broke off, or was not as long as it said.
    Incomplete = "incomplete",
    /// Something follows its body.
    Trailers = "trailers",
    /// Tags that only the response names do not reach the shared tier.
    Tags = "tags",
}

/// How often each reason was met.
#[derive(Debug)]
pub(crate) struct Counts([AtomicU64; NotStored::ALL.len()]);

impl Default for Counts {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; NotStored::ALL.len()])
    }
}

impl Counts {
    pub(crate) fn count(&self, reason: NotStored) {
        for (_, count) in NotStored::ALL.iter().zip(&self.0).filter(|(known, _)| **known == reason) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The reasons that were met.
    pub(crate) fn met(&self) -> Vec<(NotStored, u64)> {
        let counted = |(reason, count): (&NotStored, &AtomicU64)| (*reason, count.load(Ordering::Relaxed));
        NotStored::ALL.iter().zip(&self.0).map(counted).filter(|(_, count)| *count > 0).collect()
    }
}

impl Group {
    /// Why responses of the handler were not stored in this process, and how often: each reason that was met.
    #[must_use]
    pub fn not_stored(&self) -> Vec<(NotStored, u64)> {
        self.cache().counters(self.number()).not_stored.met()
    }
}

impl Cache {
    /// Why responses of handlers and layers were not stored in this process, and how often: each reason that was met, over all of them.
    #[must_use]
    pub fn not_stored(&self) -> Vec<(NotStored, u64)> {
        let mut sums = BTreeMap::new();
        for (site, _) in self.functions() {
            for (reason, count) in self.counters(site.number()).not_stored.met() {
                *sums.entry(reason).or_default() += count;
            }
        }
        sums.into_iter().collect()
    }
}

/// The reasons that a function met, as text for people; nothing if it met none.
pub(crate) fn list(reasons: &[(NotStored, u64)]) -> String {
    let texts: Vec<String> = reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
    texts.join(", ")
}

impl fmt::Display for NotStored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

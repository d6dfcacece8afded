//! What is stored, and what a stored response says besides what its handler said.

use std::borrow::{Borrow, Cow};

use bytes::Bytes;
use twox_hash::XxHash3_128;

use super::control::{CacheControl, LONGEST};
use super::fields::{Fields, date_text};
use super::freshness::{Life, initial_age};
use super::hints::Hints;
use super::not_stored::NotStored;
use super::page::{Page, Parts};
use super::status::Miss;
use super::vary::{self, Selector};
use crate::clock::nanos;
use crate::outcome::OwnTags;

/// On how many headers of the request a response may depend.
const MOST_NAMES: usize = 16;

/// The longest body that is stored if nothing else is said.
const MAX_BODY: u64 = 1 << 20;

/// What of the responses of one handler or layer is stored. Generated code makes one in a constant.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Policy {
    statuses: Cow<'static, [u16]>,
    max_body: u64,
    browser: Option<u32>,
    cdn: Option<u32>,
    etag: Etag,
    profile: Profile,
    /// In the key already, by extractors.
    keyed: Cow<'static, [&'static str]>,
}

/// The tag that a response gets which has none.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Etag {
    Weak,
    Strong,
    Off,
}

/// Who decides how long a response is fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// The handler's or the layer's options.
    Program,
    /// The response, as RFC 9111 says.
    Rfc9111,
}

/// Responses whose status means that it may be another one soon: an old one may stand in for them (RFC 5861 section 4).
pub(crate) fn is_failure(status: u16) -> bool {
    matches!(status, 500 | 502 | 503 | 504)
}

/// Those that are about a part, about a condition, or not the last.
fn is_never_stored(status: u16) -> bool {
    !(200..=999).contains(&status) || matches!(status, 206 | 304)
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy {
    #[must_use]
    pub const fn new() -> Self {
        Self {
            statuses: Cow::Borrowed(&[200]),
            max_body: MAX_BODY,
            browser: None,
            cdn: None,
            etag: Etag::Weak,
            profile: Profile::Program,
            keyed: Cow::Borrowed(&[]),
        }
    }

    /// These statuses are stored.
    #[must_use]
    pub const fn status(mut self, statuses: &'static [u16]) -> Self {
        // A value with a destructor can't be replaced in a constant.
        if let Cow::Borrowed(old) = &mut self.statuses {
            *old = statuses;
        }
        self
    }

    #[must_use]
    pub const fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = bytes;
        self
    }

    /// Browsers are told that a response is fresh for so many seconds from when it is sent, and no shared cache is, but with [`cdn`](Self::cdn).
    #[must_use]
    pub const fn browser(mut self, seconds: u32) -> Self {
        self.browser = Some(seconds);
        self
    }

    /// The same for the caches of a CDN, and with [`browser`](Self::browser) for all shared caches.
    #[must_use]
    pub const fn cdn(mut self, seconds: u32) -> Self {
        self.cdn = Some(seconds);
        self
    }

    #[must_use]
    pub const fn etag(mut self, etag: Etag) -> Self {
        self.etag = etag;
        self
    }

    /// These headers, in lower case, are in the key.
    #[must_use]
    pub const fn vary(mut self, names: &'static [&'static str]) -> Self {
        if let Cow::Borrowed(old) = &mut self.keyed {
            *old = names;
        }
        self
    }

    /// For those who know their statuses at run time.
    #[cfg(any(feature = "axum", feature = "actix"))]
    pub(crate) fn with(mut self, profile: Profile, statuses: Vec<u16>) -> Self {
        self.profile = profile;
        self.statuses = statuses.into();
        self
    }

    /// What is known of a key that has no page: with headers in it, there may be another one with others.
    pub(crate) fn miss(&self) -> Miss {
        if self.keyed.is_empty() { Miss::Uri } else { Miss::Any }
    }

    pub(crate) fn longest_body(&self) -> u64 {
        self.max_body
    }

    fn stores_status(&self, status: u16, control: &CacheControl) -> bool {
        if is_never_stored(status) {
            return false;
        }
        match self.profile {
            Profile::Program => self.statuses.contains(&status),
            // Any that is understood: nothing of those beyond the table depends on more than that (RFC 9111 section 3).
            Profile::Rfc9111 => {
                self.statuses.is_empty() && (!control.has("must-understand") || is_known(status))
                    || self.statuses.contains(&status)
            }
        }
    }

    /// May a response with this head be stored?
    pub(crate) fn check(&self, head: &Head<'_>) -> Result<(), NotStored> {
        let (fields, control) = (head.fields, head.control);
        if !self.stores_status(head.status, control) {
            return Err(NotStored::Status);
        }
        if head.hints.no_store || head.hints.timeout.is_some_and(|timeout| timeout.is_zero()) {
            return Err(NotStored::Vetoed);
        }
        // With `must-understand` a cache that understands the status ignores `no-store` (RFC 9111 section 5.2.2.3).
        if control.has("no-store") && !(control.has("must-understand") && is_known(head.status)) {
            return Err(NotStored::NoStore);
        }
        if control.has("private") {
            return Err(NotStored::Private);
        }
        if control.has("no-cache") {
            return Err(NotStored::NoCache);
        }
        if head.authorized && !control.permits_authorization() {
            return Err(NotStored::Authorization);
        }
        if self.profile == Profile::Program && fields.has("set-cookie") {
            return Err(NotStored::SetCookie);
        }
        let names = vary::names(fields).filter(|names| names.len() <= MOST_NAMES).ok_or(NotStored::Vary)?;
        if !names
            .iter()
            .all(|name| self.keyed.iter().any(|keyed| keyed.eq_ignore_ascii_case(name)) || (head.learns)(name))
        {
            return Err(NotStored::Vary);
        }
        if has_nonce(fields) {
            return Err(NotStored::Nonce);
        }
        if is_stream(fields) {
            return Err(NotStored::Length);
        }
        if fields.has("trailer") {
            return Err(NotStored::Trailers);
        }
        Ok(())
    }

    /// Is a response with this head fresh as it is received now? Times are milliseconds since 1970.
    pub(crate) fn check_freshness(&self, head: &Head<'_>, asked: u64, received: u64) -> Result<(), NotStored> {
        match self.life(head.fields, head.control, head.hints, asked, received) {
            Some(_) => Ok(()),
            None => Err(NotStored::Stale),
        }
    }

    fn life(&self, fields: &Fields, control: &CacheControl, hints: &Hints, asked: u64, received: u64) -> Option<Life> {
        let shortest = hints.timeout.map(nanos);
        match self.profile {
            Profile::Program => Some(Life::of_program(control, shortest)),
            Profile::Rfc9111 => Life::of_response(fields, control, (asked, received), shortest),
        }
    }

    /// Would a body of this length be stored?
    pub(crate) fn check_length(&self, exact: Option<u64>, fields: &Fields) -> Result<(), NotStored> {
        let length = exact.ok_or(NotStored::Length)?;
        if length > self.max_body {
            return Err(NotStored::TooLarge);
        }
        match fields.first("content-length").map(|text| super::fields::number(super::fields::trim(text))) {
            Some(said) if said != Some(length) => Err(NotStored::Incomplete),
            _ => Ok(()),
        }
    }

    /// The response as it is stored, whose head was checked and whose body is complete. Times are milliseconds since 1970.
    pub(crate) fn page(&self, new: New<'_>) -> Result<Page, NotStored> {
        let New { status, mut fields, body, hints, control, asked, received, selectors, tags } = new;
        let age = initial_age(&fields, asked, received);
        let life = self.life(&fields, control, hints, asked, received).ok_or(NotStored::Stale)?;
        let aged = fields.has("age");
        strip(&mut fields);
        self.complete(&mut fields, &body, received);
        Ok(Page::new(Parts { status, fields, body, received, age, aged, life, selectors, tags }))
    }

    /// What caches in front are told of a page as it is sent: they count its age against the time, which begins now.
    /// To an `authorized` request nothing is told that is for caches which many share.
    pub(crate) fn tells(
        &self,
        page: &Page,
        age: Option<u64>,
        authorized: bool,
    ) -> impl Iterator<Item = (&'static str, String)> {
        let cdn = self.cdn.filter(|_| !authorized);
        let from = |seconds: u32| u64::from(seconds).saturating_add(age.unwrap_or(0)).min(LONGEST);
        // Without `private` every shared cache on the way would store the page of one user for all who ask for its URI.
        let control = match (self.browser.map(from), cdn.map(from)) {
            (Some(browser), None) => Some(format!("private, max-age={browser}")),
            (Some(browser), Some(cdn)) => Some(format!("public, max-age={browser}, s-maxage={cdn}")),
            (None, _) => None,
        };
        let cdn = cdn.map(from).map(|cdn| format!("max-age={cdn}"));
        let told = [("cache-control", control), ("cdn-cache-control", cdn)].into_iter();
        told.filter_map(|(name, text)| Some((name, text?))).filter(|(name, _)| page.header(name).is_none())
    }

    /// Adds what a stored response has in any case.
    fn complete(&self, fields: &mut Fields, body: &Bytes, received: u64) {
        if !fields.has("date") {
            fields.push("date", date_text(received / 1_000));
        }
        if !fields.has("etag") && self.etag != Etag::Off {
            fields.push("etag", tag_of(fields, body, self.etag));
        }
        if let Some(missing) = self.unsaid(|| &*fields) {
            fields.push("vary", missing);
        }
    }

    /// The headers on which responses depend and that this one does not name in `Vary`.
    pub(crate) fn unsaid<F: Borrow<Fields>>(&self, fields: impl FnOnce() -> F) -> Option<String> {
        if self.keyed.is_empty() {
            return None;
        }
        let said = vary::names(fields().borrow()).unwrap_or_default();
        let missing = self.keyed.iter().filter(|name| !said.iter().any(|said| said.eq_ignore_ascii_case(name)));
        let missing: Vec<&str> = missing.copied().collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }
}

/// What is known of a response before its body is.
pub(crate) struct Head<'a> {
    pub(crate) status: u16,
    pub(crate) fields: &'a Fields,
    pub(crate) control: &'a CacheControl,
    pub(crate) hints: &'a Hints,
    /// The request had `Authorization`, and nobody else guards the response.
    pub(crate) authorized: bool,
    /// May the response depend on this header of the request?
    pub(crate) learns: &'a dyn Fn(&str) -> bool,
}

/// A response that is about to be stored.
pub(crate) struct New<'a> {
    pub(crate) status: u16,
    pub(crate) fields: Fields,
    pub(crate) body: Bytes,
    pub(crate) hints: &'a Hints,
    pub(crate) control: &'a CacheControl,
    pub(crate) asked: u64,
    pub(crate) received: u64,
    pub(crate) selectors: Vec<Selector>,
    pub(crate) tags: Option<OwnTags>,
}

/// Statuses whose caching a cache must understand if the response says so.
fn is_known(status: u16) -> bool {
    matches!(status, 200 | 203 | 204 | 300 | 301 | 302 | 303 | 307 | 308 | 404 | 405 | 410 | 414 | 501)
}

fn has_nonce(fields: &Fields) -> bool {
    ["content-security-policy", "content-security-policy-report-only"].iter().any(|name| {
        fields.lines(name).any(|line| line.to_ascii_lowercase().windows(7).any(|window| window == b"'nonce-"))
    })
}

/// Types whose bodies have no end.
fn is_stream(fields: &Fields) -> bool {
    let endless = |line: &[u8]| {
        let line = line.to_ascii_lowercase();
        line.starts_with(b"text/event-stream") || line.starts_with(b"multipart/x-mixed-replace")
    };
    fields.lines("content-type").any(endless) || fields.has("upgrade")
}

/// Fields that are about one connection (RFC 9111 section 3.1), and the age, which is counted anew.
const ONE_HOP: [&str; 11] = [
    "age",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn strip(fields: &mut Fields) {
    let listed: Vec<String> =
        fields.members("connection").map(|name| String::from_utf8_lossy(name).to_ascii_lowercase()).collect();
    fields.retain(|name| !ONE_HOP.contains(&name) && !listed.iter().any(|listed| listed == name));
}

/// A tag of what the response is. Weak unless asked for: what stands in front may compress the body, and leave the tag as it is.
fn tag_of(fields: &Fields, body: &Bytes, etag: Etag) -> String {
    let mut hasher = XxHash3_128::new();
    for name in ["content-type", "content-encoding", "content-language"] {
        let value = fields.first(name).unwrap_or_default();
        hasher.write(&(value.len() as u64).to_le_bytes());
        hasher.write(value);
    }
    hasher.write(body);
    let prefix = if etag == Etag::Weak { "W/" } else { "" };
    format!("{prefix}\"{:032x}\"", hasher.finish_128())
}

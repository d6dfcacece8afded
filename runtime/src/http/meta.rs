//! What a call knows of its request and of its handler while the handler runs: all of it is the call's own.

use std::sync::Arc;

use bytes::Bytes;

use super::control::CacheControl;
use super::fields::Fields;
use super::hints::Hints;
use super::not_stored::NotStored;
use super::page::{Page, stale_of};
use super::policy::{Head, New, Policy, is_failure};
use super::status::Miss;
use super::vary::{self, Selector};
use crate::cache::Cache;
use crate::clock::NEVER;
use crate::outcome::{Origin, OwnTags};
use crate::site::Site;

/// What making and sending the response of one call needs.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Meta {
    pub(crate) cache: Cache,
    pub(crate) site: &'static Site,
    pub(crate) policy: &'static Policy,
    /// Why its response is not stored, whatever it is.
    pub(crate) passes: Option<Passes>,
    /// When the handler was asked, in milliseconds since 1970. A call that finds its page asks none.
    asked: u64,
    /// The moment of the cache's tags then.
    moment: u64,
    /// The request's header, where a response may depend on any of it.
    pub(crate) request: Option<Arc<Fields>>,
    /// Why there was no page for it, if there was none.
    pub(crate) miss: Miss,
}

/// Why a response is not stored, whatever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passes {
    /// Nobody asked for a page: caching is off, or the head alone is wanted of one that is not there.
    Unasked,
    Because(NotStored),
}

/// What a handler has given, without its body.
pub(crate) struct Given {
    pub(crate) status: u16,
    pub(crate) fields: Fields,
    pub(crate) hints: Hints,
    /// How long the body is, if that is known.
    pub(crate) length: Option<u64>,
    /// The handler returned `Err`.
    pub(crate) is_error: bool,
}

/// What becomes of it.
pub(crate) enum Verdict {
    /// It is stored once its body is complete.
    Store(Box<Storing>),
    Pass(Option<NotStored>),
    Failed,
}

/// A response that is stored once its body is complete.
pub(crate) struct Storing {
    meta: Meta,
    given: Given,
    control: CacheControl,
}

impl Meta {
    pub(crate) fn new(cache: &Cache, site: &'static Site, policy: &'static Policy, passes: Option<Passes>) -> Self {
        let passes = if cache.is_off() { Some(Passes::Unasked) } else { passes };
        let miss = policy.miss();
        Self { cache: cache.clone(), site, policy, passes, asked: 0, moment: 0, request: None, miss }
    }

    /// The handler begins now: the wait for another load made its response no older.
    #[must_use]
    pub fn begun(self) -> Self {
        let (asked, moment) = (self.now(), self.cache.tags().moment());
        Self { asked, moment, ..self }
    }

    /// The response may depend on anything in this header.
    #[cfg(feature = "axum")]
    pub(crate) fn of_request(self, request: Arc<Fields>) -> Self {
        Self { request: Some(request), ..self }
    }

    #[cfg(feature = "axum")]
    pub(crate) fn missed(self, miss: Miss) -> Self {
        Self { miss, ..self }
    }

    /// The response is passed on if the function says so.
    #[must_use]
    pub fn unless(mut self, bypass: bool) -> Self {
        if bypass {
            self.passes = Some(Passes::Unasked);
        }
        self
    }

    fn count(&self, reason: NotStored) {
        self.cache.counters(self.site.number()).not_stored.count(reason);
    }

    /// Counts why a response is not stored.
    pub(crate) fn passes_because(&self, reason: NotStored) -> NotStored {
        self.count(reason);
        reason
    }

    /// Decides by the head.
    pub(crate) fn judge(self, given: Given) -> Verdict {
        if is_failure(given.status) || given.is_error && given.status >= 500 {
            return Verdict::Failed;
        }
        match self.passes {
            Some(Passes::Unasked) => return Verdict::Pass(None),
            Some(Passes::Because(reason)) => return Verdict::Pass(Some(self.passes_because(reason))),
            None => {}
        }
        if given.is_error {
            // That there is no such page, or not for this user, is an answer.
            return Verdict::Pass(Some(self.passes_because(NotStored::Error)));
        }
        let control = CacheControl::of(given.fields.lines("cache-control"));
        let learns = |_: &str| self.request.is_some();
        let head = Head {
            status: given.status,
            fields: &given.fields,
            control: &control,
            hints: &given.hints,
            authorized: self.request.as_ref().is_some_and(|request| request.has("authorization")),
            learns: &learns,
        };
        let checked = self
            .policy
            .check(&head)
            .and_then(|()| self.policy.check_freshness(&head, self.asked, self.now()))
            .and_then(|()| self.check_tags(&given.hints))
            .and_then(|()| self.policy.check_length(given.length, &given.fields));
        match checked {
            Ok(()) => Verdict::Store(Box::new(Storing { meta: self, given, control })),
            Err(reason) => Verdict::Pass(Some(self.passes_because(reason))),
        }
    }

    /// Other processes could not be told of tags that only this one knows.
    fn check_tags(&self, hints: &Hints) -> Result<(), NotStored> {
        let shared = self.cache.tier().is_some() && !self.site.is_local();
        if shared && !hints.tags.is_empty() { Err(NotStored::Tags) } else { Ok(()) }
    }

    /// How many seconds a page is fresh from now on.
    pub(crate) fn left(&self, page: &Page) -> Option<i64> {
        let usual = self.site.options.timeout.unwrap_or(self.cache.default_timeout());
        let fresh = page.lifetime(usual);
        if fresh == NEVER {
            return None;
        }
        let past = self.now().saturating_sub(page.parts().received) / 1_000;
        Some(i64::try_from(fresh / 1_000_000_000).ok()?.saturating_sub(i64::try_from(past).ok()?))
    }

    /// When a page that is stored now can't be used any more, by the cache's clock.
    pub(crate) fn end(&self, page: &Page) -> u64 {
        let usual = self.site.options.timeout.unwrap_or(self.cache.default_timeout());
        let longest = stale_of(page, self.site.options.policy).longest();
        self.cache.clock().now().saturating_add(page.lifetime(usual)).saturating_add(longest)
    }

    /// The time in milliseconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.cache.clock().unix_millis()
    }

    /// Its age, if the page was not made for this call, or came from another cache.
    pub(crate) fn age(&self, page: &Page, origin: Origin) -> Option<u64> {
        (!matches!(origin, Origin::Made { .. }) || page.parts().aged).then(|| page.age(self.now()))
    }
}

impl Storing {
    /// How long a body may be.
    pub(crate) fn longest(&self) -> u64 {
        self.meta.policy.longest_body()
    }

    /// The page, now that the body is complete. It is copied once: what a handler gives may be a piece of something larger, or have room for
    /// more, and would keep all of that in memory.
    pub(crate) fn finish(self, body: &[u8]) -> Result<Page, NotStored> {
        let body = Bytes::copy_from_slice(body);
        let Self { meta, given, control } = self;
        let selectors = meta.request.as_ref().map(|request| selectors(&given.fields, request)).unwrap_or_default();
        let texts = given.hints.tags.clone();
        let tags = (!texts.is_empty()).then_some(OwnTags { texts, moment: meta.moment });
        let received = meta.now();
        let length = u64::try_from(body.len()).ok().filter(|length| given.length == Some(*length));
        let page = meta.policy.check_length(length, &given.fields).map_err(|_| NotStored::Incomplete).and_then(|()| {
            meta.policy.page(New {
                status: given.status,
                fields: given.fields,
                body,
                hints: &given.hints,
                control: &control,
                asked: meta.asked,
                received,
                selectors,
                tags,
            })
        });
        page.inspect_err(|reason| meta.count(*reason))
    }

    /// It is not stored after all.
    pub(crate) fn give_up(self, reason: NotStored) -> NotStored {
        self.meta.passes_because(reason)
    }
}

/// What of the request the response says that it depends on.
fn selectors(fields: &Fields, request: &Fields) -> Vec<Selector> {
    let names = vary::names(fields).unwrap_or_default();
    names
        .into_iter()
        .map(|name| {
            let value = vary::value(request.lines(&name));
            Selector { name, value }
        })
        .collect()
}

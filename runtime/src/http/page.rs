//! A stored response.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::fields::{Field, Fields};
use super::freshness::Life;
use super::hints::Hints;
use super::vary::Selector;
use crate::decide::Policy;
use crate::outcome::OwnTags;

/// A response as it is stored: what a cached handler's [`Entry`](crate::Entry) holds. A clone is the same response, and copies nothing.
#[derive(Clone)]
pub struct Page(Arc<Parts>);

/// What there is of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Parts {
    pub(crate) status: u16,
    pub(crate) fields: Fields,
    pub(crate) body: Bytes,
    /// When it was received, in milliseconds since 1970.
    pub(crate) received: u64,
    /// Its age at that time, in seconds.
    pub(crate) age: u64,
    /// Its service has said that it was not new. It matters to the first answer alone, and stays in this process.
    pub(crate) aged: bool,
    pub(crate) life: Life,
    /// What of the request it was made for.
    pub(crate) selectors: Vec<Selector>,
    /// The tags that its handler has given it.
    pub(crate) tags: Option<OwnTags>,
}

impl Page {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.0
    }

    /// Its status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// Its header fields in their order, with names in lower case, repeated ones included.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.fields.iter().map(|Field { name, value }| (&**name, &**value))
    }

    /// Its first header field of this name, which is to be in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.0.fields.first(name)
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// Its age at a time in milliseconds since 1970 (RFC 9111 section 4.2.3), in seconds.
    pub(crate) fn age(&self, now: u64) -> u64 {
        self.0.age.saturating_add(now.saturating_sub(self.0.received) / 1_000)
    }

    /// How long it is fresh from now on, if it says so itself.
    pub(crate) fn lifetime(&self, usual: u64) -> u64 {
        self.0.life.fresh.map_or(usual, |own| own.min(usual))
    }

    /// What its handler has said of it, as it is now; nothing if it has said nothing.
    pub(crate) fn hints(&self, now: u64) -> Option<Hints> {
        let Parts { life, tags, received, .. } = &*self.0;
        let past = Duration::from_millis(now.saturating_sub(*received));
        let timeout = life.fresh.map(|fresh| Duration::from_nanos(fresh).saturating_sub(past));
        let tags = tags.as_ref().map(|tags| tags.texts.clone()).unwrap_or_default();
        (timeout.is_some() || !tags.is_empty()).then_some(Hints { timeout, no_store: false, tags })
    }

    /// How long it may be used past its time.
    fn stale(&self, policy: Policy) -> Policy {
        let Life { while_revalidate, if_error, .. } = self.0.life;
        Policy {
            while_revalidate: while_revalidate.min(policy.while_revalidate),
            if_error: if_error.min(policy.if_error),
            soft_timeout: policy.soft_timeout,
        }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("status", &self.0.status)
            .field("headers", &self.0.fields.len())
            .field("body", &self.0.body.len())
            .field("fresh_for", &self.0.life.fresh.map(Duration::from_nanos))
            .finish_non_exhaustive()
    }
}

/// How long a value may be used past its time where its function permits this much: a response may say less.
pub(crate) fn stale_of(value: &(dyn Any + Send + Sync), policy: Policy) -> Policy {
    value.downcast_ref::<Page>().map_or(policy, |page| page.stale(policy))
}

//! What a handler can say of one response.

use std::time::Duration;

/// What a handler says to caches about one response: an extension of it, which no client sees. Where one cache stands in another, as a layer
/// around a cached handler, both go by it.
///
/// It can only make the response be stored for a shorter time, or not at all.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Hints {
    pub(crate) timeout: Option<Duration>,
    pub(crate) no_store: bool,
    pub(crate) tags: Vec<String>,
}

impl Hints {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The response is fresh for this long at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The response is not stored.
    pub fn no_store(mut self) -> Self {
        self.no_store = true;
        self
    }

    /// The response has this tag as well, with which it is [invalidated](crate::Tag::invalidate). Text is taken as it is: see
    /// [`tag!`](crate::tag!). In a cache with a shared tier such a response is not stored at all: its tags have to be known before it is made.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }
}

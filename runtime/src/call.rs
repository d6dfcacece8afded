//! The path of one call: render the key, look in memory, answer; or load (`load.rs`). Read this first.
//!
//! The hit path is an ordinary function for sync and async callers alike.

use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

use compact_str::CompactString;

use crate::buffer::KeyBuffer;
use crate::cache::Cache;
use crate::decide::{Decision, decide, stands_in};
use crate::entry::{self, Rules};
use crate::key::{Key, KeyWriter, hash_head, hash_tail};
use crate::load::{Miss, load, load_blocking};
use crate::memory::{Guard, Stored, policy_of};
use crate::old::Old;
#[cfg(feature = "http")]
use crate::old::Way;
use crate::outcome::{CanFail, FindsNothing, KeepsErrors, Outcome, output};
use crate::site::Site;
use crate::stats::count;
use crate::tag::{TagSet, TagWriter};
use crate::target::Target;

/// How a call uses the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Normal,
    /// `unless`: neither read nor store.
    Bypass,
    /// `refresh_if`: load, whatever there is.
    Refresh,
    /// `refresh`: the same, and nothing stands in for an error.
    Forced,
}

/// One call of an annotated function, before its key is known.
#[doc(hidden)]
#[derive(Debug)]
#[must_use]
pub struct Call<K: Outcome> {
    site: &'static Site,
    rules: Rules<K::Value>,
    mode: Mode,
}

/// Starts a call. The kind is the end of the walk in `outcome.rs`; only its type matters.
#[doc(hidden)]
#[inline]
pub fn call<K: Outcome>(site: &'static Site, _kind: K) -> Call<K> {
    call_of(site)
}

/// The same where the kind is known as a type, or not yet.
#[inline]
pub(crate) fn call_of<K: Outcome>(site: &'static Site) -> Call<K> {
    Call { site, rules: Rules::default(), mode: Mode::Normal }
}

impl<K: Outcome> Clone for Call<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Outcome> Copy for Call<K> {}

impl<K: Outcome> Call<K> {
    pub(crate) fn rules(self) -> Rules<K::Value> {
        self.rules
    }

    #[inline]
    pub fn unless(mut self, bypass: bool) -> Self {
        if bypass {
            self.mode = Mode::Bypass;
        }
        self
    }

    #[inline]
    pub fn refresh_if(mut self, refresh: bool) -> Self {
        if refresh && self.mode == Mode::Normal {
            self.mode = Mode::Refresh;
        }
        self
    }

    #[inline]
    pub fn refresh(mut self) -> Self {
        self.mode = Mode::Forced;
        self
    }

    #[inline]
    pub fn store_if(mut self, condition: fn(&K::Value) -> bool) -> Self {
        self.rules.store_if = Some(condition);
        self
    }

    #[inline]
    pub fn timeout_with(mut self, timeout: fn(&K::Value) -> Duration) -> Self {
        self.rules.timeout = Some(timeout);
        self
    }

    #[inline]
    pub fn cache_none(mut self) -> Self
    where
        K::Kind: FindsNothing,
    {
        self.rules.cache_none = true;
        self
    }

    #[inline]
    pub fn cache_err(mut self) -> Self
    where
        K::Kind: KeepsErrors,
    {
        self.rules.cache_err = true;
        self
    }

    /// `stale_if_error`, whose periods are the site's: here is only checked that the function can fail.
    #[inline]
    pub fn stale_if_error(self) -> Self
    where
        K::Kind: CanFail,
    {
        self
    }

    /// Renders the key and looks it up.
    #[inline]
    pub fn lookup<C: Deref<Target = Cache>>(self, cache: C, render: impl FnOnce(&mut KeyWriter<'_>)) -> Lookup<K> {
        let cache = &*cache;
        if self.mode == Mode::Bypass || cache.is_off() {
            return Lookup::Bypass;
        }
        let mut buffer = KeyBuffer::new();
        render(&mut KeyWriter::new(&mut buffer, Some(self.site)));
        let asked = Asked::new(self.site, &buffer);
        if self.mode == Mode::Normal {
            let guard = Guard::new();
            if let Some(entry) = asked.find(cache, &guard)
                && cache.is_calm(&entry.header)
                && let Some(output) = output::<K>(&entry.value)
            {
                cache.count_hit(asked.group, asked.hash);
                return Lookup::Found(output);
            }
        }
        self.look_twice(cache, &asked)
    }

    /// There is no entry, or one that is not simply fresh.
    #[cold]
    fn look_twice(self, cache: &Cache, asked: &Asked<'_>) -> Lookup<K> {
        let forced = self.mode != Mode::Normal;
        let mut old = None;
        let policy = self.site.options.policy;
        let found = cache.memory().get(asked.hash).filter(|entry| asked.is_of(entry));
        if let Some((entry, output)) = found.and_then(|entry| output::<K>(&entry.value).map(|output| (entry, output))) {
            let policy = policy_of(&entry.value, policy);
            let seen = cache.facts(&entry.header, true);
            let now = cache.clock().now();
            if forced {
                let stands_in = self.mode == Mode::Refresh && stands_in(seen, policy, now);
                old = stands_in.then(|| Old::standing_in(entry, seen));
            } else {
                match decide(seen, policy, now) {
                    Decision::Fresh => {
                        cache.count_hit(asked.group, asked.hash);
                        return Lookup::Found(output);
                    }
                    Decision::Stale => {
                        count(&cache.counters(asked.group).stale_hits);
                        return Lookup::Found(output);
                    }
                    decision => old = Old::new(entry, seen, decision),
                }
            }
        }
        if self.mode == Mode::Refresh && old.is_none() {
            // The others are counted when they load, and a refresh by hand is no call.
            count(&cache.counters(asked.group).misses);
        }
        let target = self.place(asked, cache);
        Lookup::Missing(Box::new(Miss { target, rules: self.rules, forced, old }))
    }

    /// The place of the entry.
    fn place(self, asked: &Asked<'_>, cache: &Cache) -> Target {
        let mut target = asked.target(self.site, cache);
        target.options.own_timeouts = self.rules.timeout.is_some();
        target.wire = cache.wire_for(self.site, K::wire());
        target.options.uncoalesced |= K::PASSES && target.passes();
        target
    }

    /// The entry of these arguments, for its handle.
    pub fn target<C: Deref<Target = Cache>>(
        self,
        cache: C,
        render: impl FnOnce(&mut KeyWriter<'_>),
    ) -> entry::Unloaded<K> {
        let mut buffer = KeyBuffer::new();
        render(&mut KeyWriter::new(&mut buffer, Some(self.site)));
        entry::Unloaded::new(self.place(&Asked::new(self.site, &buffer), &cache), self.rules)
    }
}

/// A rendered key, on the stack of the call.
struct Asked<'a> {
    group: usize,
    hash: u64,
    head: &'a str,
    buffer: &'a KeyBuffer,
}

impl<'a> Asked<'a> {
    #[inline]
    fn new(site: &'static Site, buffer: &'a KeyBuffer) -> Self {
        let head = site.head();
        let tail = buffer.tail();
        let hash = if head.dynamic { Self::hash_whole(site, tail) } else { hash_tail(head.hash, tail) };
        Self { group: site.number(), hash, head: &head.text, buffer }
    }

    /// The whole key was rendered: its head ends at its first `:`, wherever that is.
    #[cold]
    fn hash_whole(site: &Site, text: &[u8]) -> u64 {
        let (head, tail) = text.split_at(text.iter().position(|&byte| byte == b':').map_or(0, |colon| colon + 1));
        hash_tail(hash_head(&String::from_utf8_lossy(head), site.version), tail)
    }

    #[inline]
    fn find<'g>(&self, cache: &'g Cache, guard: &'g Guard) -> Option<&'g Stored> {
        cache.memory().peek(self.hash, guard).filter(|entry| self.is_of(entry))
    }

    /// Is it the entry of this key?
    #[inline]
    fn is_of(&self, entry: &Stored) -> bool {
        // The group is the function's own, and so is the head.
        let text = entry.header.text.as_bytes();
        entry.header.group == self.group
            && text.len() == self.buffer.tail().len()
            && self.buffer.ends(text)
            && (self.buffer.types() == 0 || self.buffer.types() == entry.header.types)
            // A function has revisions or has none: without one there is nothing to read.
            && self.buffer.revision().is_none_or(|revision| entry.header.revision.as_deref() == Some(revision))
    }

    #[cold]
    #[inline(never)]
    fn target(&self, site: &'static Site, cache: &Cache) -> Target {
        let mut text = CompactString::with_capacity(self.head.len() + self.buffer.tail().len());
        text.push_str(self.head);
        text.push_str(&String::from_utf8_lossy(self.buffer.tail()));
        Target {
            cache: cache.clone(),
            group: self.group,
            name: site.name,
            key: Key { hash: self.hash, text },
            head_len: self.head.len(),
            types: self.buffer.types(),
            revision: self.buffer.revision().map(Into::into),
            tags: TagSet::default(),
            options: site.options,
            version: site.version,
            wire: None,
        }
    }
}

/// What looking for the value came to.
#[doc(hidden)]
#[derive(Debug)]
#[must_use]
pub enum Lookup<K: Outcome> {
    Found(K::Output),
    Missing(Box<Miss<K::Value>>),
    /// The value is the answer if the shared tier has it; if not, the call has nothing to do with the cache.
    IfFound(Box<Miss<K::Value>>),
    /// The call has nothing to do with the cache.
    Bypass,
}

impl<K: Outcome> Lookup<K> {
    /// The tags of what is loaded.
    #[inline]
    pub fn tagged(mut self, tags: impl FnOnce(&mut TagWriter)) -> Self {
        match &mut self {
            Self::Missing(miss) | Self::IfFound(miss) => miss.target.set_tags(tags),
            Self::Found(_) | Self::Bypass => {}
        }
        self
    }

    /// What nobody has is not loaded for the cache: the body runs, and nothing is stored. An old value that may be the answer is: who
    /// loads next refreshes it.
    #[inline]
    pub fn if_found(self, only: bool) -> Self {
        match self {
            Self::Missing(mut miss) if only => match miss.take_refresh::<K>() {
                Some(old) => Self::Found(old.unless_new::<K>(&miss.target, None)),
                None => Self::IfFound(miss),
            },
            lookup => lookup,
        }
    }

    /// What was found, or else the same lookup.
    #[cfg(feature = "http")]
    pub(crate) fn found(self) -> Result<K::Output, Self> {
        match self {
            Self::Found(output) => Ok(output),
            lookup => Err(lookup),
        }
    }

    /// What may be the answer although it is not fresh.
    #[cfg(feature = "http")]
    pub(crate) fn old_output(&self) -> Option<K::Output> {
        match self {
            Self::Missing(miss) => miss.old.as_ref()?.output::<K>(),
            Self::Found(_) | Self::IfFound(_) | Self::Bypass => None,
        }
    }

    /// Is that the answer while the body runs on the side?
    #[cfg(feature = "http")]
    pub(crate) fn may_refresh_aside(&self) -> bool {
        matches!(self, Self::Missing(miss) if miss.old.as_ref().is_some_and(|old| old.way != Way::IfError))
    }

    /// The value that was found, or that of the body.
    #[inline]
    pub async fn load<F>(self, body: impl FnOnce() -> F) -> K::Output
    where
        F: Future<Output = K::Output>,
    {
        match self {
            Self::Found(output) => output,
            Self::Missing(miss) => load::<K, F>(miss, body).await,
            Self::IfFound(miss) => if_found::<K, F>(miss, body).await,
            Self::Bypass => body().await,
        }
    }

    /// The same for an ordinary function.
    #[inline]
    pub fn load_blocking(self, body: impl FnOnce() -> K::Output) -> K::Output {
        match self {
            Self::Found(output) => output,
            Self::Missing(miss) => load_blocking::<K>(miss, body),
            Self::IfFound(_) | Self::Bypass => body(),
        }
    }
}

/// The value that the shared tier has, or what the body gives without the cache.
pub(crate) async fn if_found<K: Outcome, F>(miss: Box<Miss<K::Value>>, body: impl FnOnce() -> F) -> K::Output
where
    F: Future<Output = K::Output>,
{
    if let Some(output) = miss.target.peek().await.and_then(|entry| output::<K>(&entry.value)) {
        return output;
    }
    count(&miss.target.counters().misses);
    body().await
}

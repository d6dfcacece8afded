//! The path of one call: render the key, look in memory, answer; or load (`load.rs`). Read this first.
//!
//! The hit path is an ordinary function for sync and async callers alike.

use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

use compact_str::CompactString;

use crate::buffer::KeyBuffer;
use crate::cache::Cache;
use crate::entry::{self, Rules};
use crate::key::{Key, KeyWriter, hash_head, hash_tail};
use crate::load::{Miss, load, load_blocking};
use crate::memory::{Guard, Stored};
use crate::outcome::{FindsNothing, KeepsErrors, Outcome, output};
use crate::site::Site;
use crate::target::Target;

/// How a call uses the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Normal,
    /// `unless`: neither read nor store.
    Bypass,
    /// `refresh_if`: don't read.
    Refresh,
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
    Call { site, rules: Rules::default(), mode: Mode::Normal }
}

impl<K: Outcome> Call<K> {
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
        K: FindsNothing,
    {
        self.rules.cache_none = true;
        self
    }

    #[inline]
    pub fn cache_err(mut self) -> Self
    where
        K: KeepsErrors,
    {
        self.rules.cache_err = true;
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
                && let Some(output) = output::<K>(&entry.value)
            {
                cache.count_hit(asked.group, asked.hash);
                return Lookup::Found(output);
            }
        }
        let forced = self.mode == Mode::Refresh;
        Lookup::Missing(Box::new(Miss { target: asked.target(self.site, cache), rules: self.rules, forced }))
    }

    /// The entry of these arguments, for its handle.
    pub fn target<C: Deref<Target = Cache>>(
        self,
        cache: C,
        render: impl FnOnce(&mut KeyWriter<'_>),
    ) -> entry::Unloaded<K> {
        let mut buffer = KeyBuffer::new();
        render(&mut KeyWriter::new(&mut buffer, Some(self.site)));
        entry::Unloaded::new(Asked::new(self.site, &buffer).target(self.site, &cache), self.rules)
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
        let entry = cache.memory().peek(self.hash, guard)?;
        // The group is the function's own, and so is the head.
        let text = entry.header.text.as_bytes();
        let same_key = entry.header.group == self.group
            && text.len() == self.buffer.tail().len()
            && self.buffer.ends(text)
            && (self.buffer.types() == 0 || self.buffer.types() == entry.header.types)
            // A function has revisions or has none: without one there is nothing to read.
            && self.buffer.revision().is_none_or(|revision| entry.header.revision.as_deref() == Some(revision));
        cache.is_fresh(&entry.header, same_key).then_some(entry)
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
            options: site.options,
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
    /// The call has nothing to do with the cache.
    Bypass,
}

impl<K: Outcome> Lookup<K> {
    /// The value that was found, or that of the body.
    #[inline]
    pub async fn load<F>(self, body: impl FnOnce() -> F) -> K::Output
    where
        F: Future<Output = K::Output>,
    {
        match self {
            Self::Found(output) => output,
            Self::Missing(miss) => load::<K, F>(miss, body).await,
            Self::Bypass => body().await,
        }
    }

    /// The same for an ordinary function.
    #[inline]
    pub fn load_blocking(self, body: impl FnOnce() -> K::Output) -> K::Output {
        match self {
            Self::Found(output) => output,
            Self::Missing(miss) => load_blocking::<K>(miss, body),
            Self::Bypass => body(),
        }
    }
}

//! The path of one call: render the key, look in memory, answer; or load, once for all who ask, and store. Read this
//! first.
//!
//! The hit path is an ordinary function for sync and async callers alike. Everything behind it is one async function;
//! ordinary functions drive it with a parking `block_on`.

use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::block_on;

use crate::buffer::KeyBuffer;
use crate::cache::Cache;
use crate::clock::nanos;
use crate::entry::{self, Rules};
use crate::flight::{self, Landing, Lead, Turn};
use crate::key::{Key, KeyWriter, hash_head, hash_tail};
use crate::memory::{Guard, Header, Stored};
use crate::outcome::Nothing;
use crate::outcome::{FindsNothing, KeepsErrors, Outcome, Seen, output};
use crate::site::{Options, Site};
use crate::stats::count;
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
        // The group is the function's own, so the heads are the same if the lengths are.
        let text = entry.header.text.as_bytes();
        let same_key = entry.header.group == self.group
            && text.len() == self.head.len() + self.buffer.tail().len()
            && self.buffer.ends(text)
            && entry.header.revision.as_deref() == self.buffer.revision();
        cache.is_fresh(&entry.header, same_key).then_some(entry)
    }

    #[cold]
    #[inline(never)]
    fn target(&self, site: &'static Site, cache: &Cache) -> Target {
        let mut text = compact_str::CompactString::with_capacity(self.head.len() + self.buffer.tail().len());
        text.push_str(self.head);
        text.push_str(&String::from_utf8_lossy(self.buffer.tail()));
        Target {
            cache: cache.clone(),
            group: self.group,
            name: site.name,
            key: Key { hash: self.hash, text },
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

/// What a call needs to load.
#[doc(hidden)]
#[derive(Debug)]
pub struct Miss<V> {
    pub(crate) target: Target,
    pub(crate) rules: Rules<V>,
    /// Load although the entry may be fresh, and join no other load.
    pub(crate) forced: bool,
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

#[cold]
pub(crate) fn load_blocking<K: Outcome>(miss: Box<Miss<K::Value>>, body: impl FnOnce() -> K::Output) -> K::Output {
    block_on(load::<K, _>(miss, || async move { body() }))
}

/// The slow path.
pub(crate) async fn load<K: Outcome, F>(miss: Box<Miss<K::Value>>, body: impl FnOnce() -> F) -> K::Output
where
    F: Future<Output = K::Output>,
{
    let Miss { target, rules, forced } = *miss;
    let counters = target.cache.counters(target.group);
    if !forced {
        count(&counters.misses);
    }
    let turn = if forced || target.options.uncoalesced { Turn::Alone } else { flight::turn(&target).await };
    let lead = match turn {
        Turn::Shared(entry) => match output::<K>(&entry.value) {
            Some(output) => {
                count(&counters.coalesced);
                return output;
            }
            None => None,
        },
        Turn::Lead(lead) => {
            // Between this call's look and its lead another load may have ended.
            if let Some(entry) = target.find()
                && let Some(output) = output::<K>(&entry.value)
            {
                lead.land(Landing::Shared(entry));
                count(&counters.coalesced);
                return output;
            }
            Some(lead)
        }
        Turn::Alone => None,
    };
    let stamp = lead.as_ref().map_or_else(|| target.stamp(), Lead::stamp);
    count(&counters.loads);
    let clock = target.cache.clock();
    let started = clock.precise();
    let output = flight::run(lead.as_ref().map(Lead::flight), async { body().await }).await;
    let cost = clock.precise().saturating_sub(started);
    target.cache.add_load_time(target.group, cost);
    let has_waiters = lead.as_ref().is_some_and(Lead::has_waiters);
    let made = make::<K>(&output, &target.options, &rules, &mut Some(target.header(stamp)), has_waiters);
    if made.failed {
        count(&counters.load_errors);
    }
    if let Some(entry) = made.entry.as_ref().filter(|_| made.keep) {
        target.store(entry, stamp);
    }
    if let Some(lead) = lead {
        lead.land(match made.entry {
            Some(entry) => Landing::Shared(entry),
            None if made.failed => Landing::Failed,
            None => Landing::Unshared,
        });
    }
    output
}

/// An output in the form in which it is stored and shared.
pub(crate) struct Made {
    pub(crate) entry: Option<Arc<Stored>>,
    /// It is to be stored.
    pub(crate) keep: bool,
    pub(crate) failed: bool,
}

/// Makes the entry of an output, if it is to be stored or `wanted` by others; `header` is taken for it.
pub(crate) fn make<K: Outcome>(
    output: &K::Output,
    options: &Options,
    rules: &Rules<K::Value>,
    header: &mut Option<Header>,
    wanted: bool,
) -> Made {
    let mut failed = false;
    let timeout = match K::seen(output) {
        Seen::Value(value) => rules.timeout_of(value, options),
        Seen::Nothing => rules.cache_none.then_some(options.none_timeout.or(options.timeout)),
        Seen::Failed => {
            failed = true;
            rules.cache_err.then_some(Some(options.err_timeout))
        }
    };
    // The outer level says whether to store, the inner one for how long if not for the cache's default.
    let keep = timeout.is_some_and(|timeout| timeout != Some(0));
    if !keep && !wanted {
        return Made { entry: None, keep, failed };
    }
    if let (Some(header), Some(Some(timeout))) = (header.as_mut(), timeout) {
        header.set_timeout(timeout);
    }
    let entry = match K::seen(output) {
        Seen::Value(value) => {
            header.take().map(|header| Arc::new(Stored { header, value: value.clone() }) as Arc<Stored>)
        }
        Seen::Nothing => header.take().map(|header| Arc::new(Stored { header, value: Nothing }) as Arc<Stored>),
        Seen::Failed => K::share(output, header),
    };
    Made { entry, keep, failed }
}

impl<V> Rules<V> {
    /// Whether to store the value, and for how long if the function says so.
    #[expect(clippy::option_option, reason = "whether, and for how long")]
    fn timeout_of(&self, value: &V, options: &Options) -> Option<Option<u64>> {
        if self.store_if.is_some_and(|store_if| !store_if(value)) {
            return None;
        }
        Some(self.timeout.map(|timeout| nanos(timeout(value))).or(options.timeout))
    }
}

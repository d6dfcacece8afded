//! Tags: names under which entries of any function are invalidated together, in the same time for one entry as for a
//! million.
//!
//! A tag is a number that only grows. An entry holds pointers to its tags and the sum of their numbers when its load began;
//! a read compares the sum, and looks nothing up. There is a number for as long as an entry, a load or a waiter holds it: of
//! a tag that nobody holds there is nothing to invalidate, so that it may be forgotten.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;

use crate::buffer::KeyBuffer;
use crate::key::KeyWriter;

/// A power of two.
const SHARDS: usize = 64;

/// A shard is swept when it has this many tags more than twice what the last sweep left.
const SLACK: usize = 32;

/// One tag of a cache.
#[derive(Debug)]
pub(crate) struct TagState {
    text: Box<str>,
    generation: AtomicU64,
}

/// The tags of one cache that somebody holds, and some that nobody holds any more.
pub(crate) struct Tags {
    shards: Box<[Mutex<Shard>; SHARDS]>,
    hasher: RandomState,
    /// How many invalidations there were, of any tag.
    moment: AtomicU64,
}

#[derive(Default)]
struct Shard {
    states: HashSet<Held, RandomState>,
    /// What the last sweep left.
    kept: usize,
}

/// A state, found by its text.
struct Held(Arc<TagState>);

impl Tags {
    pub(crate) fn new() -> Self {
        Self {
            shards: Box::new(std::array::from_fn(|_| Mutex::default())),
            hasher: RandomState::default(),
            moment: AtomicU64::new(0),
        }
    }

    /// The moment: another one as soon as any tag is invalidated. For those who learn their tags late.
    #[cfg(feature = "http")]
    pub(crate) fn moment(&self) -> u64 {
        self.moment.load(Ordering::SeqCst)
    }

    /// Was no tag invalidated since this moment?
    pub(crate) fn is_at(&self, moment: u64) -> bool {
        self.moment.load(Ordering::SeqCst) == moment
    }

    /// The tag of this text. Whoever holds it sees every invalidation from now on.
    pub(crate) fn of(&self, text: &str) -> Arc<TagState> {
        let mut shard = self.shard(text);
        if let Some(held) = shard.states.get(text) {
            return held.0.clone();
        }
        if shard.states.len() >= shard.kept * 2 + SLACK {
            shard.sweep();
        }
        let state = Arc::new(TagState { text: text.into(), generation: AtomicU64::new(0) });
        shard.states.insert(Held(state.clone()));
        state
    }

    /// Makes every entry and every load that holds the tag useless.
    pub(crate) fn invalidate(&self, text: &str) {
        // First: whoever has seen the tag after this must not find the moment as it was before.
        self.moment.fetch_add(1, Ordering::SeqCst);
        if let Some(held) = self.shard(text).states.get(text) {
            held.0.generation.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Forgets every tag that nobody holds.
    pub(crate) fn sweep(&self) {
        for shard in self.shards.iter() {
            lock(shard).sweep();
        }
    }

    /// How many tags are remembered.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).states.len()).sum()
    }

    fn shard(&self, text: &str) -> MutexGuard<'_, Shard> {
        #[expect(clippy::cast_possible_truncation, reason = "the low bits choose the shard")]
        let index = self.hasher.hash_one(text) as usize & (SHARDS - 1);
        #[expect(clippy::indexing_slicing, reason = "masked")]
        lock(&self.shards[index])
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shard {
    /// A tag that only the shard holds stays so for as long as the shard is locked. What ends here is text and a number:
    /// nothing of the user's runs under the lock.
    fn sweep(&mut self) {
        self.states.retain(|held| Arc::strong_count(&held.0) > 1);
        self.kept = self.states.len();
        self.states.shrink_to(self.kept * 2 + SLACK);
    }
}

impl Borrow<str> for Held {
    fn borrow(&self) -> &str {
        &self.0.text
    }
}

impl Hash for Held {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.text.hash(hasher);
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Held {}

impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tags").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The tags of one entry or load; most have none. One word, and cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct TagSet(Option<Arc<Set>>);

/// The first stands apart, so that a hit of an entry with one tag goes through one pointer less.
#[derive(Debug)]
struct Set {
    first: Arc<TagState>,
    rest: Box<[Arc<TagState>]>,
}

impl TagSet {
    /// The tags of these texts, each once.
    pub(crate) fn new(tags: &Tags, texts: impl IntoIterator<Item: AsRef<str>>) -> Self {
        let mut texts = texts.into_iter();
        let Some(first) = texts.next().map(|text| tags.of(text.as_ref())) else {
            return Self(None);
        };
        let mut rest: Vec<Arc<TagState>> = Vec::new();
        for text in texts {
            let text = text.as_ref();
            let known = std::iter::once(&first).chain(&rest).any(|state| *state.text == *text);
            if !known {
                rest.push(tags.of(text));
            }
        }
        Self(Some(Arc::new(Set { first, rest: rest.into() })))
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The sum of the generations. They only grow: it changes exactly if one of them does.
    #[inline]
    pub(crate) fn sum(&self) -> u64 {
        self.0.as_ref().map_or(0, |set| set.sum())
    }

    /// The names of the tags.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|set| set.states()).map(|state| &*state.text)
    }

    /// Are they the same tags, in the same order?
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(left), Some(right)) => {
                Arc::ptr_eq(left, right) || left.states().map(Arc::as_ptr).eq(right.states().map(Arc::as_ptr))
            }
            _ => false,
        }
    }
}

impl Set {
    #[inline]
    fn states(&self) -> impl Iterator<Item = &Arc<TagState>> {
        std::iter::once(&self.first).chain(&self.rest)
    }

    #[inline]
    fn sum(&self) -> u64 {
        let rest = self.rest.iter().fold(0_u64, |sum, state| sum.wrapping_add(state.generation()));
        rest.wrapping_add(self.first.generation())
    }
}

impl TagState {
    #[inline]
    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
}

/// Collects the tags that the templates of a function give for one call.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct TagWriter(Vec<String>);

impl TagWriter {
    /// Renders one tag, as a key is.
    pub fn add(&mut self, render: impl FnOnce(&mut KeyWriter<'_>)) {
        let mut buffer = KeyBuffer::new();
        render(&mut KeyWriter::new(&mut buffer, None));
        self.0.push(String::from_utf8_lossy(buffer.tail()).into_owned());
    }

    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::{SHARDS, SLACK, TagSet, Tags};

    #[test]
    fn the_sum_changes_with_each_tag_of_the_set() {
        let tags = Tags::new();
        let set = TagSet::new(&tags, ["team:7", "user:1", "team:7"]);
        let other = TagSet::new(&tags, ["team:8"]);
        assert_eq!(tags.len(), 3);
        let before = (set.sum(), other.sum());
        tags.invalidate("team:7");
        assert_eq!(set.sum(), before.0 + 1, "a tag that is named twice counts once");
        tags.invalidate("user:1");
        assert_eq!(set.sum(), before.0 + 2);
        assert_eq!(other.sum(), before.1);
    }

    #[test]
    fn a_tag_that_nobody_holds_has_no_state() {
        let tags = Tags::new();
        tags.invalidate("team:7");
        assert_eq!(tags.len(), 0);
        assert!(TagSet::new(&tags, [""; 0]).is_empty());
        assert_eq!(TagSet::default().sum(), 0);
    }

    #[test]
    fn sets_are_the_same_by_their_tags() {
        let tags = Tags::new();
        let set = TagSet::new(&tags, ["a", "b"]);
        assert!(set.same(&set.clone()) && set.same(&TagSet::new(&tags, ["a", "b", "a"])));
        assert!(TagSet::default().same(&TagSet::default()));
        for other in [TagSet::default(), TagSet::new(&tags, ["a"]), TagSet::new(&tags, ["b", "a"])] {
            assert!(!set.same(&other) && !other.same(&set));
        }
        let elsewhere = Tags::new();
        assert!(!set.same(&TagSet::new(&elsewhere, ["a", "b"])), "another cache has tags of its own");
    }

    #[test]
    fn a_set_is_one_word() {
        assert_eq!(size_of::<TagSet>(), size_of::<usize>());
    }

    #[test]
    fn a_sweep_leaves_what_is_held() {
        let tags = Tags::new();
        let held = TagSet::new(&tags, ["held", "too"]);
        let dropped = TagSet::new(&tags, ["dropped"]);
        tags.invalidate("held");
        drop(dropped);
        tags.sweep();
        assert_eq!(tags.len(), 2);
        assert!(held.same(&TagSet::new(&tags, ["held", "too"])), "a sweep changes no state");
        assert_eq!(held.sum(), 1);
        drop(held);
        tags.sweep();
        assert_eq!(tags.len(), 0);
    }

    #[test]
    fn tags_that_come_and_go_are_swept_on_the_way() {
        let tags = Tags::new();
        let most = (0..100_000).map(|number| {
            let _set = TagSet::new(&tags, [format!("tag:{number}").as_str()]);
            if number % 1000 == 0 { tags.len() } else { 0 }
        });
        assert!(most.max() <= Some(SHARDS * (SLACK + 1)));
    }

    #[test]
    fn tags_that_stay_are_not_swept_each_time() {
        let tags = Tags::new();
        let sets: Vec<_> = (0..10_000).map(|number| TagSet::new(&tags, [format!("tag:{number}").as_str()])).collect();
        assert_eq!(tags.len(), 10_000);
        tags.invalidate("tag:77");
        assert_eq!(sets.iter().map(TagSet::sum).sum::<u64>(), 1);
    }
}

//! What a layer has learnt of the URIs that it has seen: on which headers their pages depend, and how many variants they have.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;

use crate::clock::NEVER;
use crate::memory::Identity;

const SHARDS: usize = 64;

/// How many URIs with variants a shard remembers. Of one more than that the pages that end first are forgotten: that URI is learnt anew
/// from its first page.
const PLACES: usize = 256;

/// The names of headers, in lower case, sorted.
pub(crate) type Names = Arc<[Box<str>]>;

/// What is known of the URIs of one layer.
#[derive(Debug)]
pub(crate) struct Variants {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
}

type Shard = HashMap<u64, Place, Identity>;

#[derive(Debug, Default)]
struct Place {
    names: Names,
    /// Those that have pages, or may have.
    variants: Vec<Variant>,
}

/// A variant keeps its place while a page of it is made or can be used: then what was asked for once, or was never stored, makes room.
#[derive(Debug)]
struct Variant {
    hash: u64,
    loads: usize,
    /// When its page ends, by the cache's clock.
    end: u64,
}

impl Variant {
    fn is_taken(&self, now: u64) -> bool {
        self.loads > 0 || self.end > now
    }
}

impl Place {
    /// When its last page ends.
    fn end(&self) -> u64 {
        self.variants.iter().map(|variant| if variant.loads > 0 { NEVER } else { variant.end }).max().unwrap_or(0)
    }
}

impl Variants {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), hasher: RandomState::default() }
    }

    /// The number under which a URI is known.
    pub(crate) fn number(&self, authority: &str, path: &str) -> u64 {
        self.hasher.hash_one((authority, path))
    }

    /// The number of a variant, by the values of the headers.
    pub(crate) fn variant(&self, values: &impl Hash) -> u64 {
        self.hasher.hash_one(values)
    }

    /// The headers on which the pages of a URI depend, as far as that is known.
    pub(crate) fn names(&self, uri: u64) -> Names {
        self.shard(uri).and_then(|shard| shard.get(&uri).map(|place| place.names.clone())).unwrap_or_default()
    }

    /// They depend on these as well; all that are known then.
    pub(crate) fn learn<'a>(&self, uri: u64, names: impl Iterator<Item = &'a str>) -> Names {
        let Some(mut shard) = self.shard(uri) else { return Names::default() };
        let known = shard.get(&uri).map(|place| place.names.clone()).unwrap_or_default();
        let mut all: Vec<Box<str>> = known.to_vec();
        all.extend(names.map(Box::from));
        all.sort_unstable();
        all.dedup();
        if all.len() == known.len() {
            return known;
        }
        if shard.len() >= PLACES
            && !shard.contains_key(&uri)
            && let Some(first) = shard.iter().min_by_key(|(_, place)| place.end()).map(|(uri, _)| *uri)
        {
            shard.remove(&first);
        }
        let names = Names::from(all);
        // Its pages are found by other keys from now on.
        shard.insert(uri, Place { names: names.clone(), variants: Vec::new() });
        names
    }

    /// The pages of a URI have become untrue.
    pub(crate) fn forget(&self, uri: u64) {
        if let Some(place) = self.shard(uri).as_mut().and_then(|shard| shard.get_mut(&uri)) {
            place.variants.clear();
        }
    }

    fn shard(&self, uri: u64) -> Option<MutexGuard<'_, Shard>> {
        let shard = (uri >> 32) as usize & (SHARDS - 1);
        self.shards.get(shard).map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The variant of a place in which it counts.
    fn with(&self, uri: u64, hash: u64, change: impl FnOnce(&mut Variant)) {
        let mut shard = self.shard(uri);
        let place = shard.as_mut().and_then(|shard| shard.get_mut(&uri));
        if let Some(variant) = place.and_then(|place| place.variants.iter_mut().find(|known| known.hash == hash)) {
            change(variant);
        }
    }
}

/// A variant of which a page is to be made.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) variants: Arc<Variants>,
    pub(crate) uri: u64,
    pub(crate) variant: u64,
    /// How many the URI may have.
    pub(crate) limit: usize,
}

impl Wanted {
    /// May a page of it be stored, as things are? If not, the cache need not be troubled.
    pub(crate) fn has_room(&self, now: u64) -> bool {
        let shard = self.variants.shard(self.uri);
        let Some(place) = shard.as_ref().and_then(|shard| shard.get(&self.uri)) else { return false };
        let others = place.variants.iter().filter(|known| known.hash != self.variant);
        let taken = others.filter(|known| known.is_taken(now)).count();
        taken < self.limit
    }

    /// The right to store it, if there is room.
    pub(crate) fn admit(self, now: u64) -> Option<Admitted> {
        {
            let mut shard = self.variants.shard(self.uri)?;
            let variants = &mut shard.get_mut(&self.uri)?.variants;
            if let Some(known) = variants.iter_mut().find(|known| known.hash == self.variant) {
                known.loads += 1;
            } else {
                variants.retain(|known| known.is_taken(now));
                if variants.len() >= self.limit {
                    return None;
                }
                variants.push(Variant { hash: self.variant, loads: 1, end: 0 });
            }
        }
        Some(Admitted(self))
    }
}

/// A variant of which a page is being made. Dropped, it leaves its place, unless there is a page.
#[derive(Debug)]
pub(crate) struct Admitted(Wanted);

impl Admitted {
    /// It has a page until then.
    pub(crate) fn keep(self, end: u64) {
        self.0.variants.with(self.0.uri, self.0.variant, |variant| variant.end = variant.end.max(end));
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let Wanted { variants, uri, variant, .. } = &self.0;
        variants.with(*uri, *variant, |variant| variant.loads = variant.loads.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Admitted, PLACES, SHARDS, Variants, Wanted};

    #[test]
    fn a_uri_is_learnt_by_and_by() {
        let variants = Variants::new();
        let (uri, other) = (variants.number("a", "/1"), variants.number("a", "/2"));
        assert!(variants.names(uri).is_empty());
        assert_eq!(&*variants.learn(uri, ["b"].into_iter()), [Box::<str>::from("b")]);
        assert_eq!(&*variants.learn(uri, ["a", "b"].into_iter()), ["a", "b"].map(Box::<str>::from));
        assert_eq!(variants.names(uri).len(), 2);
        assert!(variants.names(other).is_empty());
    }

    fn admit(variants: &Arc<Variants>, uri: u64, variant: u64, now: u64) -> Option<Admitted> {
        Wanted { variants: variants.clone(), uri, variant, limit: 2 }.admit(now)
    }

    /// A page of it is stored at 0, and ends at 10.
    fn keep(variants: &Arc<Variants>, uri: u64, variant: u64) {
        if let Some(admitted) = admit(variants, uri, variant, 0) {
            admitted.keep(10);
        }
    }

    #[test]
    fn variants_are_limited_while_they_have_pages() {
        let variants = Arc::new(Variants::new());
        let uri = variants.number("a", "/1");
        variants.learn(uri, ["a"].into_iter());
        for variant in 0..2 {
            keep(&variants, uri, variant);
        }
        assert!(admit(&variants, uri, 2, 9).is_none() && admit(&variants, uri, 1, 9).is_some());
        assert!(admit(&variants, uri, 2, 10).is_some());
        let loads = [3, 4].map(|variant| admit(&variants, uri, variant, 10));
        assert!(admit(&variants, uri, 5, 10).is_none(), "two are being made");
        drop(loads);
        assert!(admit(&variants, uri, 5, 10).is_some(), "nothing was stored");
    }

    #[test]
    fn the_number_of_uris_is_limited() {
        let variants = Arc::new(Variants::new());
        let kept = variants.number("a", "kept");
        variants.learn(kept, ["a"].into_iter());
        keep(&variants, kept, 1);
        for uri in 0..2 * SHARDS * PLACES {
            variants.learn(variants.number("a", &uri.to_string()), ["a"].into_iter());
        }
        let all: usize = variants.shards.iter().map(|shard| shard.lock().map_or(0, |shard| shard.len())).sum();
        assert!(all <= SHARDS * PLACES);
        assert_eq!(variants.names(kept).len(), 1, "its pages end last");
    }
}

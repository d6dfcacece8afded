//! What a layer has learnt of the URIs that it has seen: on which headers their pages depend, and how many variants they have.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;

/// How many URIs are remembered. Two that share a place displace each other: then a URI is learnt anew from its first page.
const PLACES: usize = 1024;

/// The names of headers, in lower case, sorted.
pub(crate) type Names = Arc<[Box<str>]>;

/// What is known of the URIs of one layer.
#[derive(Debug)]
pub(crate) struct Variants {
    places: Box<[Mutex<Place>]>,
    hasher: RandomState,
}

#[derive(Debug, Default)]
struct Place {
    uri: u64,
    names: Names,
    /// The hashes of the variants that were stored.
    seen: Vec<u64>,
}

impl Variants {
    pub(crate) fn new() -> Self {
        Self { places: (0..PLACES).map(|_| Mutex::default()).collect(), hasher: RandomState::default() }
    }

    /// The number under which a URI is known.
    pub(crate) fn number(&self, authority: &str, path: &str) -> u64 {
        self.hasher.hash_one((authority, path)) | 1
    }

    /// The headers on which the pages of a URI depend, as far as that is known.
    pub(crate) fn names(&self, uri: u64) -> Names {
        self.place(uri).filter(|place| place.uri == uri).map(|place| place.names.clone()).unwrap_or_default()
    }

    /// They depend on these as well; all that are known then.
    pub(crate) fn learn<'a>(&self, uri: u64, names: impl Iterator<Item = &'a str>) -> Names {
        let Some(mut place) = self.place(uri) else { return Names::default() };
        if place.uri != uri {
            *place = Place { uri, ..Place::default() };
        }
        let mut all: Vec<Box<str>> = place.names.to_vec();
        all.extend(names.map(Box::from));
        all.sort_unstable();
        all.dedup();
        if all.len() > place.names.len() {
            place.names = all.into();
            place.seen.clear();
        }
        place.names.clone()
    }

    /// May the URI have this variant, if it is to have no more than so many?
    pub(crate) fn admits(&self, uri: u64, variant: &impl std::hash::Hash, limit: usize) -> bool {
        let variant = self.hasher.hash_one(variant);
        let Some(mut place) = self.place(uri).filter(|place| place.uri == uri) else { return false };
        if place.seen.contains(&variant) {
            return true;
        }
        let admitted = place.seen.len() < limit;
        if admitted {
            place.seen.push(variant);
        }
        admitted
    }

    fn place(&self, uri: u64) -> Option<MutexGuard<'_, Place>> {
        let index = (uri >> 32) as usize & (PLACES - 1);
        self.places.get(index).map(|place| place.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::Variants;

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

    #[test]
    fn variants_are_limited() {
        let variants = Variants::new();
        let uri = variants.number("a", "/1");
        variants.learn(uri, ["a"].into_iter());
        assert!((0..3).all(|variant| variants.admits(uri, &variant, 3)));
        assert!(!variants.admits(uri, &3, 3) && variants.admits(uri, &2, 3));
        variants.learn(uri, ["b"].into_iter());
        assert!((0..3).all(|variant| variants.admits(uri, &variant, 3)), "they were told apart by less");
    }
}

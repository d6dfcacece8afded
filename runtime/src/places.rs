//! Where the text of a key leads: the places of the functions that can make it, or its own; and what is there.

use std::any::type_name;
use std::sync::Arc;

use crate::cache::{Cache, NO_FUNCTION};
use crate::key::Key;
use crate::memory::{Content, Guard, Stored};
use crate::outcome::Value;
use crate::registry::registry;
use crate::site::Options;
use crate::stats::count;
use crate::tag::TagSet;
use crate::target::Target;

impl Cache {
    /// The fresh values of this type that the shared tier has, each in one of some places.
    pub(crate) async fn peek_at<T: Value>(&self, places: Vec<Vec<Target>>) -> Vec<Option<Arc<Stored>>> {
        let mut values: Vec<Option<Arc<Stored>>> = places.iter().map(|_| None).collect();
        let Some(tier) = self.tier() else { return values };
        let Some(wire) = self.wire_of::<T>() else {
            tier.unknown(type_name::<T>());
            return values;
        };
        let each =
            places.into_iter().enumerate().flat_map(|(at, places)| places.into_iter().map(move |place| (at, place)));
        let shared = each.filter(|(_, place)| !place.options.local);
        let (of, places): (Vec<usize>, Vec<Target>) =
            shared.map(|(at, place)| (at, Target { wire: Some(wire), ..place })).unzip();
        if places.is_empty() {
            return values;
        }
        for (at, entry) in of.into_iter().zip(tier.peek(self, places, Some(wire), true).await) {
            let entry = entry.filter(|entry| entry.header.content == Content::Value);
            if let Some(value) = values.get_mut(at)
                && value.is_none()
            {
                *value = entry;
            }
        }
        values
    }

    /// The value that memory has in one of these places, which is counted.
    pub(crate) fn get_at<T: Value>(&self, places: &[Target], key: &str) -> Option<T> {
        let found = self.read_at(places, key, |entry| {
            let value = entry.value.downcast_ref::<T>()?.clone();
            Some((value, entry.header.group, entry.header.hash))
        });
        let Some((value, group, hash)) = found else {
            count(&self.counters(NO_FUNCTION).misses);
            return None;
        };
        self.count_hit(group, hash);
        Some(value)
    }

    pub(crate) fn read_at<T>(&self, places: &[Target], key: &str, read: impl Fn(&Stored) -> Option<T>) -> Option<T> {
        let guard = Guard::new();
        places.iter().find_map(|place| {
            let entry = self.memory().peek(place.key.hash, &guard).filter(|entry| self.reads(entry, key))?;
            read(entry)
        })
    }

    pub(crate) fn reads(&self, entry: &Stored, key: &str) -> bool {
        entry.header.content == Content::Value && self.is_fresh(&entry.header, entry.header.has_key(key))
    }

    /// The places that the key can have, one for each version of the code that makes it; that of its function first.
    pub(crate) fn places(&self, key: &str) -> Vec<Target> {
        let mut places: Vec<Target> = registry()
            .owners(key)
            .map(|site| Target {
                group: site.number(),
                name: site.name,
                head_len: site.head().text.len(),
                options: site.options,
                ..self.place_of_nobody(key, site.version)
            })
            .collect();
        let unversioned = self.place_of_nobody(key, 0);
        if !places.iter().any(|place| place.key.hash == unversioned.key.hash) {
            places.push(unversioned);
        }
        places
    }

    /// The place of a key that no function makes.
    fn place_of_nobody(&self, key: &str, version: u64) -> Target {
        Target {
            cache: self.clone(),
            group: NO_FUNCTION,
            name: "",
            key: Key::new(key, version),
            head_len: 0,
            types: 0,
            revision: None,
            tags: TagSet::default(),
            options: Options::default(),
            version,
            wire: None,
        }
    }

    pub(crate) fn place<T: Value>(&self, key: &str, tags: &TagSet) -> Target {
        let mut places = self.places(key);
        let place = places.swap_remove(0);
        Target { tags: tags.clone(), wire: self.wire_of::<T>(), ..place }
    }
}

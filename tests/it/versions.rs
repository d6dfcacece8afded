//! Versions of the code, which are part of the key, and revisions of an entity, which are part of the entry.

use larder::cached;
use larder::testing::{scope, scope_blocking};

use crate::support::{Call, Gate, Loads, cache};

#[test]
fn versions_keep_apart_what_has_the_same_key() {
    mod old {
        #[larder::cached(key = "versions.version:<id>", version = super::shared::OLD)]
        pub(super) fn f(id: u8) -> u32 {
            super::shared::LOADS.next()
        }
    }
    mod new {
        #[larder::cached(key = "versions.version:<id>", version = 7)]
        pub(super) fn f(id: u8) -> u32 {
            super::shared::LOADS.next()
        }
    }
    let cache = cache();
    let by_hand = cache.blocking();
    scope_blocking(&cache, || {
        assert_eq!(old::f::entry(1).key(), new::f::entry(1).key());
        assert_eq!((old::f(1), new::f(1)), (1, 2));
        assert_eq!((old::f(1), new::f(1)), (1, 2), "neither throws the other out");
        assert!(by_hand.delete("versions.version:1").unwrap());
        assert_eq!((old::f(1), new::f(1)), (3, 4), "the text of the key stands for all of its versions");
    });
}

/// For the test above: items inside a function can't be reached from a module inside it.
mod shared {
    pub(super) const OLD: u32 = 6;
    pub(super) static LOADS: crate::support::Loads = crate::support::Loads::new();
}

#[test]
fn the_code_can_be_the_version() {
    mod before {
        #[larder::cached(key = "versions.code:<id>", version = code)]
        pub(super) fn f(id: u32) -> u32 {
            id + 1
        }
    }
    mod after {
        #[larder::cached(key = "versions.code:<id>", version = code)]
        pub(super) fn f(id: u32) -> u32 {
            id + 2
        }
    }
    let cache = cache();
    scope_blocking(&cache, || {
        for _ in 0..3 {
            assert_eq!((before::f(1), after::f(1)), (2, 3));
        }
        assert_eq!(cache.stats().loads, 2, "neither throws the other out");
    });
}

#[test]
fn another_revision_is_a_miss_and_overwrites() {
    static LOADS: Loads = Loads::new();
    struct Article {
        id: u32,
        updated_at: u64,
    }
    #[cached(key = "versions.revision:<article.id>", revision = article.updated_at)]
    fn render(article: &Article) -> u32 {
        LOADS.next()
    }
    let cache = cache();
    scope_blocking(&cache, || {
        let first = Article { id: 1, updated_at: 100 };
        let second = Article { updated_at: 200, ..first };
        assert_eq!((render(&first), render(&first)), (1, 1));
        assert_eq!((render(&second), render(&second)), (2, 2));
        assert_eq!(cache.stats().entries, 1, "in the same place");
        assert_eq!(render(&first), 3, "the older one is gone");
        assert_eq!(render::entry(&first).key(), render::entry(&second).key());
        assert_eq!(render::entry(&first).get(), Some(3));
        assert_eq!(render::entry(&second).get(), None, "a handle has its revision, too");
        render::entry(&second).invalidate().unwrap();
        assert_eq!(render(&first), 4, "what is invalidated is the entry, whatever its revision");
    });
}

#[test]
fn callers_of_different_revisions_do_not_share_a_load() {
    #[cached(key = "versions.revisions", revision = revision, ignore(revision, gate))]
    async fn f(revision: u8, gate: &Gate) -> u8 {
        gate.pass().await;
        revision
    }
    let (cache, gate) = (cache(), Gate::new());
    let first = Call::begin(scope(&cache, f(1, &gate)));
    let second = Call::begin(scope(&cache, f(2, &gate)));
    gate.open();
    assert_eq!((first.end(), second.end()), (1, 2));
}

//! Functions whose values can't go to a shared tier: an error that names them all when a cache with one is built. A binary of its own,
//! since that is about all functions of a program.

#![expect(clippy::option_option, clippy::unnecessary_wraps, reason = "what the functions look like is what is tested")]

use larder::testing::{ManualClock, MemoryStore};
use larder::{Cache, Error, ErrorKind, cached};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq)]
struct Plain(u32);

#[derive(Clone, Serialize, Deserialize)]
struct Shared(u32);

#[cached(key = "unshareable.plain:<id>")]
fn plain(id: u32) -> Plain {
    Plain(id)
}

#[cached(key = "unshareable.lost:<id>")]
fn lost(id: u32) -> Vec<Option<Option<u32>>> {
    vec![Some(None), Some(Some(id))]
}

#[cached(codec = raw, key = "unshareable.raw:<id>")]
fn no_bytes(id: u32) -> u32 {
    id
}

#[cached(codec = raw, key = "unshareable.text:<id>")]
fn text(id: u32) -> String {
    id.to_string()
}

#[cached(local, key = "unshareable.local:<id>")]
fn stays(id: u32) -> Plain {
    Plain(id)
}

#[cached(cache = cache, key = "unshareable.own:<id>")]
fn own(id: u32, cache: &Cache) -> Plain {
    Plain(id)
}

#[cached(key = "unshareable.generic:<id>")]
fn generic<T: Clone + Send + Sync + From<u32> + 'static>(id: u32) -> T {
    T::from(id)
}

#[cached(key = "unshareable.shared:<id>")]
fn shared(id: u32) -> Result<Option<Shared>, std::io::Error> {
    Ok(Some(Shared(id)))
}

fn build(set: impl FnOnce(larder::CacheBuilder) -> larder::CacheBuilder) -> Result<Cache, Error> {
    let clock = ManualClock::new();
    set(Cache::builder().clock(clock.clone()).shared(MemoryStore::new(clock))).build_blocking()
}

#[test]
fn all_of_them_are_named_with_file_and_line() {
    let error = build(|builder| builder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotShareable);
    let text = error.to_string();
    let named: Vec<_> = text.lines().skip(1).collect();
    assert_eq!(named.len(), 3, "{text}");
    for (line, function, problem) in
        [(21, "lost", "Option"), (16, "plain", "Serialize"), (26, "no_bytes", "codec = raw")]
    {
        let place = format!("unshareable::{function}` (");
        let line = format!("unshareable.rs:{line})");
        assert!(
            named.iter().any(|named| named.contains(&place) && named.contains(&line) && named.contains(problem)),
            "{function}: {text}"
        );
    }
}

#[test]
fn memory_alone_has_no_such_wish() {
    let cache = Cache::builder().build_blocking().unwrap();
    larder::testing::scope_blocking(&cache, || {
        assert_eq!((plain(1), stays(2), generic::<u32>(3)), (Plain(1), Plain(2), 3));
        assert_eq!(lost(1), [Some(None), Some(Some(1))]);
        assert_eq!((no_bytes(1), text(1)), (1, "1".to_owned()));
        assert_eq!(shared(4).unwrap().unwrap().0, 4);
    });
    assert_eq!(own(5, &cache), Plain(5));
    assert!(build(larder::CacheBuilder::off).is_ok(), "nor has a cache that keeps nothing");
}

#[test]
fn a_namespace_must_not_look_like_a_place_in_a_cluster() {
    for namespace in ["a{b", "a b", "a\n"] {
        let error = build(|builder| builder.namespace(namespace)).unwrap_err();
        assert_eq!((error.kind(), error.subject()), (ErrorKind::Configuration, "namespace"));
    }
}

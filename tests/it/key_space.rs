//! One key space: the entry of a function is reached by the text of its key, and what is set under it answers the
//! function.

use larder::testing::scope_blocking;
use larder::{cached, escape};

use crate::support::{Loads, cache, secs};

#[test]
fn an_entry_is_reached_by_the_text_of_its_key() {
    static LOADS: Loads = Loads::new();
    #[cached(key = "key_space.reach:<id>")]
    fn f(id: u64) -> u32 {
        LOADS.next()
    }
    let cache = cache();
    let by_hand = cache.blocking();
    scope_blocking(&cache, || {
        assert_eq!(by_hand.get::<u32>("key_space.reach:42"), None);
        assert_eq!(f(42), 1);
        assert_eq!(by_hand.get::<u32>("key_space.reach:42"), Some(1));
        assert!(by_hand.contains("key_space.reach:42"));

        assert!(by_hand.delete("key_space.reach:42").unwrap());
        assert_eq!(f(42), 2);

        by_hand.set("key_space.reach:42", &77_u32, secs(60)).unwrap();
        assert_eq!(f(42), 77, "what is set under the key answers the function");
        assert_eq!(f::entry(42).get(), Some(77));
        assert_eq!(LOADS.so_far(), 2);
    });
}

#[test]
fn an_entry_without_a_template_is_reached_by_its_key_too() {
    #[cached]
    fn f(id: u64) -> u64 {
        id
    }
    let cache = cache();
    scope_blocking(&cache, || {
        f(3);
        let entry = f::entry(3);
        assert_eq!(cache.blocking().get::<u64>(entry.key()), Some(3));
        assert!(cache.blocking().delete(entry.key()).unwrap());
        assert_eq!(entry.get(), None);
    });
}

#[test]
fn a_key_that_starts_with_a_placeholder_is_reached_too() {
    #[cached(key = "<tenant>|key_space-headless|<id>")]
    fn f(tenant: &str, id: u64) -> u64 {
        id
    }
    let cache = cache();
    scope_blocking(&cache, || {
        assert_eq!(f("a:b", 1), 1);
        assert_eq!(f::entry("a:b", 1).key(), "a%3Ab|key_space-headless|1");
        assert_eq!(cache.blocking().get::<u64>("a%3Ab|key_space-headless|1"), Some(1));
        assert!(cache.blocking().delete("a%3Ab|key_space-headless|1").unwrap());
        assert_eq!(f::entry("a:b", 1).get(), None);
    });
}

#[test]
fn the_parts_of_a_key_that_is_made_by_hand_are_escaped() {
    #[cached(key = "key_space.parts:<name>/<id>")]
    fn f(name: &str, id: Option<u32>) -> String {
        name.to_owned()
    }
    let cache = cache();
    let by_hand = cache.blocking();
    scope_blocking(&cache, || {
        for name in ["ann@x.org", "a b", "a/b", "a:b", "50%", "<a>", ""] {
            f(name, Some(7));
            let key = format!("key_space.parts:{}/{}", escape(name), escape(&Some(7)));
            assert_eq!(f::entry(name, Some(7)).key(), key);
            assert_eq!(by_hand.get::<String>(&key).as_deref(), Some(name));
            by_hand.set(&key, &"by hand".to_owned(), secs(60)).unwrap();
            assert_eq!(f(name, Some(7)), "by hand");
            let plain = format!("key_space.parts:{name}/7");
            assert_eq!(by_hand.delete(&plain).unwrap(), name.is_empty(), "{name} is taken as it is");
            assert_eq!(by_hand.delete(&key).unwrap(), !name.is_empty());
            assert_eq!(f::entry(name, Some(7)).get(), None);
        }
    });
}

#[test]
fn another_type_under_the_key_is_a_miss() {
    static LOADS: Loads = Loads::new();
    #[cached(key = "key_space.type:<id>")]
    fn f(id: u64) -> u32 {
        LOADS.next()
    }
    let cache = cache();
    let by_hand = cache.blocking();
    scope_blocking(&cache, || {
        by_hand.set("key_space.type:1", &"text".to_owned(), secs(60)).unwrap();
        assert_eq!(by_hand.get::<u32>("key_space.type:1"), None);
        assert_eq!(f(1), 1, "it loads, and takes the place");
        assert_eq!(by_hand.get::<String>("key_space.type:1"), None);
        assert_eq!(by_hand.get::<u32>("key_space.type:1"), Some(1));
        assert_eq!(f(1), 1);
    });
}

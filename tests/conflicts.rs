//! Two functions whose keys can be the same text: both are named, with where they are, and their entries are not mixed up.

use std::panic::catch_unwind;

use larder::testing::{assert_no_conflicts, scope_blocking};
use larder::{Cache, cached};
use larder_tests::alone;

const BY_ID: u32 = line!() + 1;
#[cached(key = "user:<id>")]
fn by_id(id: u64) -> String {
    format!("number {id}")
}

const BY_NAME: u32 = line!() + 1;
#[cached(key = "user:<name>")]
fn by_name(name: &str) -> String {
    format!("name {name}")
}

/// Another version: another key.
#[cached(key = "user:<id>", version = 2)]
fn of_another_version(id: u64) -> u64 {
    id
}

/// Another cache: another key space.
#[cached(key = "user:<id>", cache = cache)]
fn of_another_cache(id: u64, cache: &Cache) -> u64 {
    id
}

/// The text can't be the same.
#[cached(key = "user:<id>:name")]
fn longer(id: u64) -> u64 {
    id
}

/// Both functions, at their lines, and what they have in common.
fn assert_told(text: &str) {
    for (name, template, line) in [("by_id", "user:<id>", BY_ID), ("by_name", "user:<name>", BY_NAME)] {
        let at = |line: u32| text.contains(&format!("conflicts.rs:{line}"));
        assert!(at(line) || at(line + 1), "the line of `{name}`, {line}, in: {text}");
        assert!(text.contains(name) && text.contains(template), "`{name}` in: {text}");
    }
    for other in ["another_version", "another_cache", "longer"] {
        assert!(!text.contains(other), "{text}");
    }
}

#[test]
fn a_test_can_ask_for_conflicts() {
    let panic = catch_unwind(assert_no_conflicts).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert_told(text);
    assert_eq!(text.lines().count(), 1, "one line for each pair: {text}");
}

#[test]
fn the_first_cache_of_a_process_reports_conflicts() {
    let said = alone("the_first_cache_of_a_process_reports_conflicts", [("LARDER", "on")], || {
        for _ in 0..3 {
            Cache::builder().build_blocking().unwrap();
        }
    });
    if let Some(said) = said {
        assert_told(&said);
        assert_eq!(said.matches("can make the same key").count(), 1, "once: {said}");
    }
}

#[test]
fn the_report_of_a_cache_names_conflicts() {
    assert_told(&Cache::builder().build_blocking().unwrap().report());
}

#[test]
fn entries_are_not_mixed_up_all_the_same() {
    let cache = Cache::builder().build_blocking().unwrap();
    scope_blocking(&cache, || {
        for _ in 0..3 {
            assert_eq!((by_id(1).as_str(), by_name("1").as_str()), ("number 1", "name 1"));
            assert_eq!((of_another_version(1), of_another_cache(1, &cache), longer(1)), (1, 1, 1));
        }
        assert!(cache.blocking().delete("user:1").unwrap());
        assert_eq!((by_id::entry(1).get(), by_name::entry("1").get()), (None, None));
        assert_eq!(of_another_version::entry(1).get(), None);
        assert_eq!(longer::entry(1).get(), Some(1));
    });
}

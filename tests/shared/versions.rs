//! What keeps values apart that have the same key, and what becomes of values when the code or an entity changes, where a store
//! outlives the process.

use std::time::Duration;

use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Loads, at_once, secs};
use crate::world::{Tier, World};

mod old {
    #[larder::cached(timeout = 60, key = "versions.version:<id>", version = 6, ignore(loads))]
    pub(super) fn f(id: u8, loads: &crate::support::Loads) -> u32 {
        loads.next()
    }

    #[larder::cached(timeout = 60, key = "versions.code:<id>", version = code, ignore(loads))]
    pub(super) fn code(id: u32, loads: &crate::support::Loads) -> u32 {
        loads.next() + 10
    }
}

mod new {
    #[larder::cached(timeout = 60, key = "versions.version:<id>", version = 7, ignore(loads))]
    pub(super) fn f(id: u8, loads: &crate::support::Loads) -> u32 {
        loads.next()
    }

    #[larder::cached(timeout = 60, key = "versions.code:<id>", version = code, ignore(loads))]
    pub(super) fn code(id: u32, loads: &crate::support::Loads) -> u32 {
        loads.next() + 20
    }
}

#[test]
fn two_versions_live_beside_each_other() {
    let world = World::new();
    let loads = Loads::new();
    let caches = world.all();
    for cache in &caches {
        scope_blocking(cache, || assert_eq!((old::f(1, &loads), new::f(1, &loads)), (1, 2)));
    }
    assert_eq!(world.store.keys(), ["larder:v0.6:{versions.version:1}", "larder:v0.7:{versions.version:1}"]);
    // By hand both are meant.
    for (at, cache) in caches.iter().enumerate() {
        assert!(at_once(cache.contains("versions.version:1")) && at_once(cache.delete("versions.version:1")).unwrap());
        assert!(world.store.keys().is_empty());
        let first = 3 + 2 * u32::try_from(at).unwrap();
        for cache in &caches {
            scope_blocking(cache, || assert_eq!((old::f(1, &loads), new::f(1, &loads)), (first, first + 1)));
        }
    }
}

#[test]
fn the_code_can_be_the_version() {
    let world = World::new();
    let loads = Loads::new();
    for cache in world.all() {
        scope_blocking(&cache, || assert_eq!((old::code(1, &loads), new::code(1, &loads)), (11, 22)));
    }
    assert_eq!((loads.so_far(), world.store.keys().len()), (2, 2));
}

#[test]
fn an_invalidation_of_one_version_leaves_the_other() {
    let world = World::new();
    let loads = Loads::new();
    let caches = world.all();
    let calls = |cache: &Cache| scope_blocking(cache, || (old::f(1, &loads), new::f(1, &loads)));
    assert!(caches.iter().all(|cache| calls(cache) == (1, 2)));
    scope_blocking(&caches[0], || old::f::entry(1).invalidate().unwrap());
    assert!(caches.iter().all(|cache| calls(cache) == (3, 2)));
    scope_blocking(&caches[1], || new::f::all().bump().unwrap());
    assert!(caches.iter().all(|cache| calls(cache) == (3, 4)));
}

#[cached(timeout = 60, jitter = 0, key = "versions.revision:<id>", revision = revision, ignore(revision, loads))]
async fn revised(id: u32, revision: u64, loads: &Loads) -> u32 {
    loads.next()
}

#[test]
fn another_revision_is_a_miss_and_takes_its_place() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (first, second) = (world.process(tier), world.process(tier));
        let loads = Loads::new();
        let call = |cache: &Cache, revision| at_once(scope(cache, revised(1, revision, &loads)));
        assert_eq!((call(&first, 1), call(&second, 1)), (1, 1), "{tier:?}");
        assert_eq!((call(&second, 2), call(&first, 2)), (2, 2), "{tier:?}: the first has the old one in memory");
        assert_eq!(world.store.keys(), ["larder:v0:{versions.revision:1}"], "{tier:?}: in place");
        assert_eq!(call(&world.bare(), 2), 2, "{tier:?}");
        assert_eq!((call(&first, 1), call(&second, 1)), (3, 3), "{tier:?}: it goes both ways");
    }
}

#[test]
fn key_versions_and_namespaces_share_nothing() {
    let world = World::new();
    let processes: Vec<Cache> = [("a", 0), ("a", 1), ("b", 0), ("", 0)]
        .into_iter()
        .flat_map(|(name, version)| {
            Tier::BOTH.map(|tier| world.process_with(tier, |builder| builder.namespace(name).key_version(version)))
        })
        .collect();
    let loads = Loads::new();
    let call = |cache: &Cache| at_once(scope(cache, revised(1, 1, &loads)));
    let values: Vec<u32> = processes.iter().map(call).collect();
    assert_eq!(values, [1, 1, 2, 2, 3, 3, 4, 4], "two of each kind share");
    assert_eq!(world.store.keys().len(), 4);
    // Neither does an invalidation reach another.
    let entry = at_once(scope(&processes[0], async { revised::entry(1, 1) }));
    at_once(entry.invalidate()).unwrap();
    assert_eq!(processes.iter().map(call).collect::<Vec<_>>(), [5, 5, 2, 2, 3, 3, 4, 4]);
    at_once(processes[4].clear()).unwrap();
    at_once(scope(&processes[6], async { revised::all().bump().await })).unwrap();
    assert_eq!(processes.iter().map(call).collect::<Vec<_>>(), [5, 5, 2, 2, 6, 6, 7, 7]);
}

/// The same function in two deployments, which differ in their default timeout.
#[cached(jitter = 0, key = "versions.timeout:<id>", ignore(loads))]
async fn default_timeout(id: u32, loads: &Loads) -> u32 {
    loads.next()
}

#[test]
fn a_timeout_that_was_shortened_counts_for_what_is_stored_already() {
    for (writes, reads) in Tier::BOTH.into_iter().flat_map(|writes| Tier::BOTH.map(|reads| (writes, reads))) {
        for long in [Duration::from_secs(100), Duration::MAX] {
            let world = World::new();
            let of = |tier, timeout| world.process_with(tier, |builder| builder.default_timeout(timeout));
            let (before, after) = (of(writes, long), of(reads, secs(10)));
            let loads = Loads::new();
            let call = |cache: &Cache| at_once(scope(cache, default_timeout(1, &loads)));
            assert_eq!(call(&before), 1);
            if long < Duration::MAX {
                world.clock.advance(secs(9));
                assert_eq!(call(&after), 1, "{writes:?} {reads:?}");
                world.clock.advance(secs(1));
            }
            assert_eq!(call(&after), 2, "{writes:?} {reads:?} {long:?}");
            assert_eq!(call(&after), 2, "{writes:?} {reads:?} {long:?}: it is mended");
            world.clock.advance(secs(10));
            assert_eq!(call(&before), if writes == Tier::Tiered { 1 } else { 3 }, "{writes:?} {reads:?} {long:?}");
        }
    }
}

#[test]
fn a_timeout_that_was_lengthened_counts_for_what_is_stored_from_now_on() {
    for tier in Tier::BOTH {
        let world = World::new();
        let of = |timeout| world.process_with(tier, |builder| builder.default_timeout(timeout));
        let (before, after) = (of(secs(10)), of(secs(100)));
        let loads = Loads::new();
        let call = |cache: &Cache| at_once(scope(cache, default_timeout(1, &loads)));
        assert_eq!((call(&before), call(&after)), (1, 1));
        world.clock.advance(secs(10));
        assert_eq!((call(&after), call(&before)), (2, 2), "{tier:?}");
        world.clock.advance(secs(9));
        assert_eq!((call(&after), call(&before)), (2, 2), "{tier:?}");
    }
}

#[test]
fn what_is_set_by_hand_lasts_as_long_as_was_said() {
    for (writes, reads) in Tier::BOTH.into_iter().flat_map(|writes| Tier::BOTH.map(|reads| (writes, reads))) {
        for (key, timeout) in [("versions.hand", 3600), ("versions.timeout:7", 3600), ("versions.timeout:7", 5)] {
            let world = World::new();
            let (writer, reader) = (world.process(writes), world.process(reads));
            at_once(writer.set(key, &1_u32, secs(timeout))).unwrap();
            let loads = Loads::new();
            let call = |cache: &Cache| at_once(scope(cache, default_timeout(7, &loads)));
            world.clock.advance(secs(timeout - 1));
            for cache in [&reader, &writer, &world.bare(), &world.tiered()] {
                assert_eq!(at_once(cache.get(key)), Some(1_u32), "{writes:?} {reads:?} {key}");
                if key.ends_with('7') {
                    assert_eq!((call(cache), loads.so_far()), (1, 0), "{writes:?} {reads:?}");
                }
            }
            world.clock.advance(secs(1));
            assert_eq!(at_once(reader.get::<u32>(key)), None);
        }
    }
}

#[test]
fn a_value_is_not_younger_than_it_is_in_a_process_that_began_after_it() {
    #[cached(timeout = 3600, stale_if_error = 3600, jitter = 0, key = "versions.age:<id>", ignore(loads))]
    async fn f(id: u32, loads: &Loads) -> Result<u32, ()> {
        Ok(loads.next())
    }
    // The clock of a process counts from when its machine was started.
    let world = World::new();
    for tier in Tier::BOTH {
        let world_time = secs(3000);
        let loads = Loads::new();
        let call = |cache: &Cache| at_once(scope(cache, f(1, &loads)));
        assert_eq!(call(&world.process(tier)), Ok(1));
        world.clock.advance(world_time);
        let young = larder::testing::ManualClock::new();
        let builder = Cache::builder().clock(young.clone());
        let reader = match tier {
            Tier::Tiered => builder.shared(world.store.clone()),
            Tier::Bare => builder.shared_only(world.store.clone()),
        };
        let reader = reader.build_blocking().unwrap();
        assert_eq!(call(&reader), Ok(1));
        for (seconds, value) in [(599, 1), (1, 2)] {
            young.advance(secs(seconds));
            world.clock.advance(secs(seconds));
            world.store.vouch(secs(10));
            assert_eq!(call(&reader), Ok(value), "{tier:?} after {seconds} more");
        }
        at_once(reader.clear()).unwrap();
    }
}

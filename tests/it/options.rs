//! The options of the attribute that decide whether, where and under which version a value is kept.

use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Call, Gate, Loads, cache};

#[test]
fn unless_neither_reads_nor_stores() {
    static LOADS: Loads = Loads::new();
    #[cached(key = "options.unless:<id>", unless = preview.0 || id == 0)]
    fn f(id: u8, preview: Neutral) -> u32 {
        LOADS.next()
    }
    let cache = cache();
    scope_blocking(&cache, || {
        assert_eq!(f(1, NO), 1);
        assert_eq!(f(1, YES), 2, "not read");
        assert_eq!(f(1, NO), 1, "not stored");
        assert_eq!((f(0, NO), f(0, NO)), (3, 4));
        assert_eq!(cache.stats().loads, 1, "the others had nothing to do with the cache");
    });
}

/// An argument that decides about the cache, not about the value.
#[derive(Clone, Copy)]
struct Neutral(bool);
impl larder::KeyNeutral for Neutral {}
const YES: Neutral = Neutral(true);
const NO: Neutral = Neutral(false);

#[test]
fn refresh_if_runs_the_body_and_stores() {
    static LOADS: Loads = Loads::new();
    #[cached(refresh_if = force.0)]
    fn f(id: u8, force: Neutral) -> u32 {
        LOADS.next()
    }
    scope_blocking(&cache(), || {
        assert_eq!(f(1, NO), 1);
        assert_eq!(f(1, YES), 2, "although there is a fresh one");
        assert_eq!(f(1, NO), 2, "the new one is stored");
        assert_eq!(f(2, YES), 3, "also when there was none");
        assert_eq!(f(2, NO), 3);
    });
}

#[test]
fn unless_goes_before_refresh_if() {
    static LOADS: Loads = Loads::new();
    #[cached(unless = bypass.0, refresh_if = force.0)]
    fn f(bypass: Neutral, force: Neutral) -> u32 {
        LOADS.next()
    }
    scope_blocking(&cache(), || {
        assert_eq!(f(NO, NO), 1);
        assert_eq!(f(YES, YES), 2);
        assert_eq!(f(NO, NO), 1);
    });
}

#[test]
fn store_if_decides_by_the_value() {
    static LOADS: Loads = Loads::new();
    fn is_complete(value: &(u32, bool)) -> bool {
        value.1
    }
    #[cached(store_if = |value: &(u32, bool)| value.1)]
    fn by_closure(complete: bool) -> (u32, bool) {
        (LOADS.next(), complete)
    }
    #[cached(store_if = is_complete)]
    fn by_path(complete: bool) -> Result<(u32, bool), ()> {
        Ok((LOADS.next(), complete))
    }
    let cache = cache();
    scope_blocking(&cache, || {
        assert_eq!((by_closure(false).0, by_closure(false).0), (1, 2));
        assert_eq!((by_closure(true).0, by_closure(true).0), (3, 3));
        assert_eq!((by_path(false).unwrap().0, by_path(false).unwrap().0), (4, 5));
        assert_eq!((by_path(true).unwrap().0, by_path(true).unwrap().0), (6, 6));
        assert_eq!(cache.stats().stores, 2);
    });
}

#[test]
fn local_is_kept_in_this_process() {
    /// Can't be serialised.
    #[derive(Clone)]
    struct Handle(fn() -> u32);
    static LOADS: Loads = Loads::new();
    #[cached(local)]
    fn f() -> Handle {
        LOADS.next();
        Handle(|| 5)
    }
    scope_blocking(&cache(), || {
        assert_eq!((f().0() + f().0(), LOADS.so_far()), (10, 1));
    });
}

#[test]
fn without_coalescing_everybody_loads() {
    static LOADS: Loads = Loads::new();
    #[cached(coalesce = false, ignore(gate))]
    async fn f(gate: &Gate) -> u32 {
        let load = LOADS.next();
        gate.pass().await;
        load
    }
    let (cache, gate) = (cache(), Gate::new());
    let calls: Vec<_> = (0..3).map(|_| Call::begin(scope(&cache, f(&gate)))).collect();
    assert_eq!(LOADS.so_far(), 3);
    gate.open();
    let values: Vec<u32> = calls.into_iter().map(Call::end).collect();
    assert_eq!(values, [1, 2, 3]);
    assert_eq!(Call::new(scope(&cache, f(&gate))).end(), 3, "the last one is stored");
}

#[test]
fn what_is_ignored_makes_no_difference() {
    struct Database;
    static LOADS: Loads = Loads::new();
    #[cached(ignore(db, trace))]
    fn in_parentheses(id: u8, db: &Database, trace: f64) -> u32 {
        LOADS.next()
    }
    #[cached(key = "options.ignore:<id>", ignore = (db, trace))]
    fn after_an_equals_sign(id: u8, db: &mut Database, trace: f64) -> u32 {
        LOADS.next()
    }
    scope_blocking(&cache(), || {
        assert_eq!((in_parentheses(1, &Database, 0.5), in_parentheses(1, &Database, f64::NAN)), (1, 1));
        assert_eq!(in_parentheses(2, &Database, 0.5), 2);
        assert_eq!((after_an_equals_sign(1, &mut Database, 0.5), after_an_equals_sign(1, &mut Database, 1.5)), (3, 3));
    });
}

#[test]
fn a_neutral_argument_needs_no_word() {
    struct Pool;
    impl larder::KeyNeutral for Pool {}
    static LOADS: Loads = Loads::new();
    #[cached(key = "options.neutral:<id>")]
    fn named(id: u8, pool: &Pool) -> u32 {
        LOADS.next()
    }
    #[cached]
    fn all(pool: &Pool, id: u8) -> u32 {
        LOADS.next()
    }
    scope_blocking(&cache(), || {
        assert_eq!((named(1, &Pool), named(1, &Pool), named(2, &Pool)), (1, 1, 2));
        assert_eq!((all(&Pool, 1), all(&Pool, 1), all(&Pool, 2)), (3, 3, 4));
        assert!(all::entry(&Pool, 1).key().ends_with(":1"));
    });
}

#[test]
fn a_function_can_name_its_cache() {
    static LOADS: Loads = Loads::new();
    static OWN: std::sync::LazyLock<Cache> = std::sync::LazyLock::new(cache);
    struct State {
        cache: Cache,
    }
    #[cached(cache = OWN)]
    fn of_a_static(id: u8) -> u32 {
        LOADS.next()
    }
    #[cached(cache = cache)]
    fn of_an_argument(id: u8, cache: &Cache) -> u32 {
        LOADS.next()
    }
    #[cached(key = "options.state:<id>", cache = state.cache, ignore(state))]
    fn of_a_state(id: u8, state: &State) -> u32 {
        LOADS.next()
    }
    assert_eq!((of_a_static(1), of_a_static(1)), (1, 1));
    assert_eq!(OWN.stats().stores, 1);
    of_a_static::all().bump().unwrap();
    assert_eq!(of_a_static(1), 2);

    let (one, two) = (cache(), cache());
    assert_eq!((of_an_argument(1, &one), of_an_argument(1, &two)), (3, 4), "two caches share nothing");
    assert_eq!((of_an_argument(1, &one), of_an_argument(1, &two)), (3, 4));
    of_an_argument::entry(1, &one).invalidate().unwrap();
    assert_eq!((of_an_argument(1, &one), of_an_argument(1, &two)), (5, 4));
    of_an_argument::all(&two).bump().unwrap();
    assert_eq!((of_an_argument(1, &one), of_an_argument(1, &two)), (5, 6));

    let state = State { cache: one.clone() };
    assert_eq!((of_a_state(1, &state), of_a_state(1, &state)), (7, 7));
    assert_eq!(one.blocking().get::<u32>("options.state:1"), Some(7));
    assert_eq!(two.blocking().get::<u32>("options.state:1"), None);
}

#[test]
fn larder_can_be_elsewhere() {
    mod larder {
        //! Not the crate: what starts at `::larder` would still be found, what starts at `larder` would not.
    }
    static LOADS: Loads = Loads::new();
    #[cached(crate = crate::elsewhere::toolkit, timeout = 60, key = "options.elsewhere:<id>")]
    fn f(id: Id) -> u32 {
        LOADS.next()
    }
    #[derive(::larder::KeyPart)]
    #[key_part(crate = crate::elsewhere::toolkit)]
    struct Id(u8);
    scope_blocking(&cache(), || {
        assert_eq!((f(Id(1)), f(Id(1)), f(Id(2))), (1, 1, 2));
        f::all().bump().unwrap();
        assert_eq!(f(Id(1)), 3);
    });
}

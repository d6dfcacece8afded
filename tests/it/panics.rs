//! A body, or the clone of a value, that panics: the panic reaches its caller, nobody hangs, and the next call works.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use futures_lite::future::block_on;
use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Call, Gate, Loads, at_once, cache, promptly_blocking, secs, until};

/// The panic's text.
fn panic_of<T>(run: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).err().expect("no panic");
    panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned()).unwrap()
}

#[test]
fn a_body_that_panics() {
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f(id: u8) -> u32 {
        let load = LOADS.next();
        assert!(load > 2, "load {load}");
        load
    }
    let cache = cache();
    scope_blocking(&cache, || {
        assert_eq!(panic_of(|| f(1)), "load 1");
        assert_eq!(panic_of(|| f(1)), "load 2", "not stored, nothing in the way");
        assert_eq!((f(1), f(1)), (3, 3));
    });
}

#[test]
fn when_the_leader_panics_one_waiter_takes_over() {
    static LOADS: Loads = Loads::new();
    #[cached(ignore(gate))]
    async fn f(gate: &Gate) -> u32 {
        let load = LOADS.next();
        gate.pass().await;
        assert!(load > 1, "the first load");
        load
    }
    let (cache, gate) = (cache(), Gate::new());
    let call = || Call::begin(scope(&cache, f(&gate)));
    let (leader, waiters) = (call(), [call(), call(), call()]);
    gate.open();
    assert_eq!(panic_of(|| leader.end()), "the first load");
    assert!(waiters.into_iter().all(|waiter| waiter.end() == 2));
    assert_eq!(LOADS.so_far(), 2);
}

#[test]
fn a_thread_that_panics_hands_over_to_one_that_waits() {
    static LOADS: Loads = Loads::new();
    #[cached(cache = cache, ignore(gate))]
    fn f(cache: &Cache, gate: &Gate) -> u32 {
        let load = LOADS.next();
        gate.pass_blocking();
        assert!(load > 1, "the first load");
        load
    }
    promptly_blocking(|| {
        let (cache, gate) = (cache(), Gate::new());
        thread::scope(|scope| {
            let leader = scope.spawn(|| panic_of(|| f(&cache, &gate)));
            block_on(gate.reached());
            let waiters: Vec<_> = (0..3).map(|_| scope.spawn(|| f(&cache, &gate))).collect();
            block_on(until(|| cache.stats().misses == 4));
            gate.open();
            assert_eq!(leader.join().unwrap(), "the first load");
            for waiter in waiters {
                assert_eq!(waiter.join().unwrap(), 2);
            }
        });
    });
}

#[test]
fn a_refresh_that_panics_leaves_the_value() {
    static FAIL: AtomicBool = AtomicBool::new(false);
    #[cached]
    fn f() -> u8 {
        assert!(!FAIL.load(SeqCst), "in the refresh");
        5
    }
    scope_blocking(&cache(), || {
        assert_eq!(f(), 5);
        FAIL.store(true, SeqCst);
        assert_eq!(panic_of(|| f::entry().refresh()), "in the refresh");
        assert_eq!(f(), 5);
    });
}

/// A value whose clone panics while the flag is up.
#[derive(Debug)]
struct Fragile(u32, &'static AtomicBool);

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(!self.1.load(SeqCst), "the clone");
        Self(self.0, self.1)
    }
}

#[test]
fn a_value_that_cannot_be_cloned_for_the_store() {
    static BROKEN: AtomicBool = AtomicBool::new(true);
    static LOADS: Loads = Loads::new();
    #[cached]
    fn f() -> Fragile {
        Fragile(LOADS.next(), &BROKEN)
    }
    scope_blocking(&cache(), || {
        assert_eq!(panic_of(f), "the clone");
        BROKEN.store(false, SeqCst);
        assert_eq!((f().0, f().0), (2, 2));
    });
}

#[test]
fn a_value_that_cannot_be_cloned_for_a_hit() {
    static BROKEN: AtomicBool = AtomicBool::new(false);
    #[cached(key = "panics.hit")]
    fn f() -> Fragile {
        Fragile(1, &BROKEN)
    }
    let cache = cache();
    scope_blocking(&cache, || {
        f();
        BROKEN.store(true, SeqCst);
        for _ in 0..3 {
            assert_eq!(panic_of(f), "the clone");
            assert_eq!(panic_of(|| f::entry().get()), "the clone");
            assert_eq!(panic_of(|| cache.blocking().get::<Fragile>("panics.hit")), "the clone");
        }
        // Writers of the same place are not held up either.
        f::entry().invalidate().unwrap();
        BROKEN.store(false, SeqCst);
        assert_eq!((f().0, f().0), (1, 1));
    });
}

#[test]
fn a_value_that_cannot_be_cloned_for_one_who_waits() {
    static BROKEN: AtomicBool = AtomicBool::new(false);
    #[cached(ignore(gate))]
    async fn f(gate: &Gate) -> Fragile {
        gate.pass().await;
        Fragile(1, &BROKEN)
    }
    let (cache, gate) = (cache(), Gate::new());
    let call = || Call::begin(scope(&cache, f(&gate)));
    let (leader, first, second) = (call(), call(), call());
    gate.open();
    leader.end();
    BROKEN.store(true, SeqCst);
    assert_eq!(panic_of(|| first.end()), "the clone");
    BROKEN.store(false, SeqCst);
    assert_eq!(second.end().0, 1);
}

#[test]
fn conditions_and_timeouts_that_panic() {
    static BROKEN: AtomicBool = AtomicBool::new(true);
    static LOADS: Loads = Loads::new();
    fn broken() -> bool {
        assert!(!BROKEN.load(SeqCst), "the condition");
        true
    }
    #[cached(store_if = |_| broken(), timeout = |_| Duration::from_secs(u64::from(broken())))]
    fn stored() -> u32 {
        LOADS.next()
    }
    #[cached(unless = !broken())]
    fn looked_up() -> u32 {
        LOADS.next()
    }
    scope_blocking(&cache(), || {
        assert_eq!((panic_of(stored), panic_of(looked_up)), ("the condition".into(), "the condition".into()));
        BROKEN.store(false, SeqCst);
        assert_eq!((stored(), stored(), looked_up(), looked_up()), (2, 2, 3, 3));
    });
}

#[test]
fn a_part_of_the_key_that_panics() {
    struct Part(bool);
    impl larder::KeyPart for Part {
        fn render(&self, key: &mut larder::KeyWriter<'_>) {
            key.string("before");
            assert!(self.0, "the part");
        }
    }
    #[cached]
    fn f(part: Part) -> u8 {
        1
    }
    scope_blocking(&cache(), || {
        assert_eq!(panic_of(|| f(Part(false))), "the part");
        assert_eq!((f(Part(true)), f(Part(true))), (1, 1));
    });
}

/// What it can't weigh is too heavy to be kept; the call has its value all the same.
#[test]
fn a_weigher_that_panics() {
    static BROKEN: AtomicBool = AtomicBool::new(true);
    let weigher = |_: &str, _: &(dyn std::any::Any + Send + Sync)| {
        assert!(!BROKEN.load(SeqCst), "the weigher");
        1
    };
    promptly_blocking(move || {
        let cache = Cache::builder().weigher(weigher).build_blocking().unwrap();
        let load = |value| cache.blocking().get_or_insert_with("weighed", secs(60), || value);
        assert_eq!((load(1), load(2), cache.stats().entries), (1, 2, 0));
        BROKEN.store(false, SeqCst);
        assert_eq!((load(3), load(4), cache.stats().entries), (3, 3, 1));
    });
}

#[test]
fn a_future_dropped_in_a_panic_hands_over() {
    #[cached(ignore(gate))]
    async fn f(gate: &Gate) -> u8 {
        gate.pass().await;
        1
    }
    let (cache, gate) = (cache(), Gate::new());
    let leader = Call::begin(scope(&cache, f(&gate)));
    let mut waiter = Call::begin(scope(&cache, f(&gate)));
    let text = panic_of(|| {
        let _leader = leader;
        panic!("elsewhere");
    });
    assert_eq!(text, "elsewhere");
    assert!(waiter.step().is_none());
    gate.open();
    assert_eq!(waiter.end(), 1);
    assert_eq!(at_once(scope(&cache, f(&gate))), 1);
}

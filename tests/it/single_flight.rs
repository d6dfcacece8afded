//! One load at a time for each key, whoever asks: tasks, threads, ordinary functions and by-hand calls.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

use futures_lite::future::block_on;
use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Call, Gate, Loads, cache, promptly, promptly_blocking, secs, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_tasks_at_a_cold_key_run_the_body_once() {
    static LOADS: Loads = Loads::new();
    #[cached(cache = cache, ignore(gate))]
    async fn f(id: u64, cache: &Cache, gate: &Gate) -> u64 {
        LOADS.next();
        gate.pass().await;
        id * 2
    }
    let (cache, gate) = (cache(), Gate::new());
    let tasks: Vec<_> = (0..10_000)
        .map(|_| {
            let (cache, gate) = (cache.clone(), gate.clone());
            tokio::spawn(async move { f(21, &cache, &gate).await })
        })
        .collect();
    promptly(until(|| cache.stats().misses == 10_000)).await;
    gate.open();
    for task in tasks {
        assert_eq!(promptly(task).await.unwrap(), 42);
    }
    assert_eq!(LOADS.so_far(), 1);
    let stats = cache.stats();
    assert_eq!((stats.loads, stats.coalesced, stats.hits, stats.stores), (1, 9_999, 0, 1));
}

#[test]
fn a_thousand_threads_at_a_cold_key_run_the_body_once() {
    static LOADS: Loads = Loads::new();
    #[cached(cache = cache, ignore(gate))]
    fn f(id: u64, cache: &Cache, gate: &Gate) -> u64 {
        LOADS.next();
        gate.pass_blocking();
        id * 2
    }
    promptly_blocking(|| {
        let (cache, gate) = (cache(), Gate::new());
        thread::scope(|scope| {
            let call = || f(21, &cache, &gate);
            let threads: Vec<_> = (0..1_000)
                .map(|_| thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, call).unwrap())
                .collect();
            block_on(until(|| cache.stats().misses == 1_000));
            gate.open();
            for thread in threads {
                assert_eq!(thread.join().unwrap(), 42);
            }
        });
        assert_eq!(LOADS.so_far(), 1);
        assert_eq!(cache.stats().coalesced, 999);
    });
}

/// P4: whatever the schedule, while nothing is invalidated and nothing fails, no two loads of a key overlap.
#[test]
fn no_two_loads_of_a_key_overlap() {
    static RUNNING: [AtomicU32; 4] = [const { AtomicU32::new(0) }; 4];
    static LOADS: Loads = Loads::new();
    #[cached(cache = cache, store_if = |_| false)]
    fn f(id: usize, cache: &Cache) -> usize {
        assert_eq!(RUNNING[id].fetch_add(1, SeqCst), 0, "another load of the key is running");
        thread::yield_now();
        RUNNING[id].fetch_sub(1, SeqCst);
        LOADS.next();
        id
    }
    promptly_blocking(|| {
        let (cache, start) = (cache(), Barrier::new(8));
        thread::scope(|scope| {
            for thread in 0..8_usize {
                let (cache, start) = (&cache, &start);
                scope.spawn(move || {
                    start.wait();
                    for call in 0..500 {
                        let id = (thread + call) % 4;
                        assert_eq!(f(id, cache), id);
                    }
                });
            }
        });
        let stats = cache.stats();
        assert_eq!(stats.loads, u64::from(LOADS.so_far()));
        assert_eq!(stats.loads + stats.coalesced, 4_000);
    });
}

#[test]
fn callers_of_different_keys_do_not_wait_for_each_other() {
    #[cached(ignore(gate))]
    async fn f(id: u32, gate: &Gate) -> u32 {
        gate.pass().await;
        id
    }
    let (cache, closed, open) = (cache(), Gate::new(), Gate::new());
    open.open();
    let stuck = Call::begin(scope(&cache, f(0, &closed)));
    for id in 1..1_000 {
        assert_eq!(Call::new(scope(&cache, f(id, &open))).end(), id);
    }
    closed.open();
    assert_eq!(stuck.end(), 0);
}

#[test]
fn callers_of_different_caches_do_not_wait_for_each_other() {
    #[cached(cache = cache, ignore(gate))]
    async fn f(cache: &Cache, gate: &Gate, value: Value) -> u32 {
        gate.pass().await;
        value.0
    }
    struct Value(u32);
    impl larder::KeyNeutral for Value {}
    let (one, two, gate) = (cache(), cache(), Gate::new());
    let first = Call::begin(f(&one, &gate, Value(1)));
    let second = Call::begin(f(&two, &gate, Value(2)));
    gate.open();
    assert_eq!((first.end(), second.end()), (1, 2));
}

#[test]
fn by_hand_and_annotated_callers_wait_for_each_other() {
    static LOADS: Loads = Loads::new();
    #[cached(key = "single_flight.by_hand:<id>", ignore(gate))]
    async fn f(id: u32, gate: &Gate) -> u32 {
        gate.pass().await;
        LOADS.next()
    }
    let (cache, gate) = (cache(), Gate::new());
    let leader = Call::begin(scope(&cache, f(1, &gate)));
    let by_hand = Call::begin(cache.get_or_insert_with("single_flight.by_hand:1", secs(60), || async { LOADS.next() }));
    gate.open();
    assert_eq!((leader.end(), by_hand.end()), (1, 1));
    assert_eq!(LOADS.so_far(), 1);
}

#[test]
fn by_hand_callers_run_one_future() {
    static LOADS: Loads = Loads::new();
    let (cache, gate) = (cache(), Gate::new());
    let call = || {
        cache.get_or_insert_with("single_flight.plain", secs(60), || async {
            gate.pass().await;
            LOADS.next()
        })
    };
    let calls: Vec<_> = (0..100).map(|_| Call::begin(call())).collect();
    gate.open();
    assert!(calls.into_iter().all(|call| call.end() == 1));
    assert_eq!(LOADS.so_far(), 1);
}

#[test]
fn an_ordinary_function_waits_inside_a_thread_as_well_as_a_task_does() {
    static LOADS: Loads = Loads::new();
    #[cached(key = "single_flight.mixed")]
    fn f(gate: Blocking) -> u32 {
        gate.0.pass_blocking();
        LOADS.next()
    }
    struct Blocking(Gate);
    impl larder::KeyNeutral for Blocking {}
    promptly_blocking(|| {
        let (cache, gate) = (cache(), Gate::new());
        thread::scope(|scope| {
            let leader = scope.spawn(|| scope_blocking(&cache, || f(Blocking(gate.clone()))));
            block_on(gate.reached());
            let mut waiter = Call::begin(cache.get_or_insert_with("single_flight.mixed", secs(1), || async { 7_u32 }));
            assert_eq!(waiter.step(), None);
            gate.open();
            assert_eq!(leader.join().unwrap(), 1);
            assert_eq!(waiter.end(), 1);
        });
    });
}

#[test]
fn a_refresh_waits_for_nobody() {
    static LOADS: Loads = Loads::new();
    #[cached(ignore(gate))]
    async fn f(gate: &Gate) -> u32 {
        let load = LOADS.next();
        gate.pass().await;
        load
    }
    let (cache, closed, open) = (cache(), Gate::new(), Gate::new());
    open.open();
    let leader = Call::begin(scope(&cache, f(&closed)));
    let refreshed = Call::new(scope(&cache, f::refresh(&open))).end();
    assert_eq!(refreshed, 2);
    closed.open();
    assert_eq!(leader.end(), 1);
}

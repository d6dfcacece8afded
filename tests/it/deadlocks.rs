//! Loads that call cached functions themselves: recursion, and circles between tasks and threads, never wait for each
//! other. No clock moves here: a caller that waited would wait for ever.

use std::sync::Barrier;
use std::thread;

use futures_lite::future::block_on;
use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Call, Gate, Loads, at_once, cache, promptly, promptly_blocking};

#[test]
fn a_function_can_call_itself() {
    #[cached]
    fn fibonacci(n: u32) -> u64 {
        if n < 2 { u64::from(n) } else { fibonacci(n - 1) + fibonacci(n - 2) }
    }
    let cache = cache();
    scope_blocking(&cache, || {
        assert_eq!(fibonacci(60), 1_548_008_755_920);
        assert_eq!(cache.stats().loads, 61, "each number once");
    });
}

#[test]
fn a_function_can_call_itself_with_the_same_arguments() {
    static LOADS: Loads = Loads::new();
    #[cached(ignore(depth))]
    fn f(id: u8, depth: u32) -> u32 {
        LOADS.next();
        if depth == 0 { 0 } else { f(id, depth - 1) + 1 }
    }
    promptly_blocking(|| {
        scope_blocking(&cache(), || {
            assert_eq!(f(1, 5), 5);
            assert_eq!(LOADS.so_far(), 6);
            f(1, 5);
            assert_eq!(LOADS.so_far(), 6, "stored");
        });
    });
}

#[test]
fn an_async_function_can_call_itself_with_the_same_arguments() {
    #[cached(ignore(depth))]
    async fn f(id: u8, depth: u32) -> u32 {
        futures_lite::future::yield_now().await;
        if depth == 0 { 0 } else { Box::pin(f(id, depth - 1)).await + 1 }
    }
    let cache = cache();
    let mut call = Call::new(scope(&cache, f(1, 5)));
    assert!((0..20).any(|_| call.step() == Some(5)));
}

#[test]
fn a_function_can_call_itself_by_way_of_another_kind() {
    #[cached]
    async fn outer(id: u8) -> u8 {
        inner(id) + 1
    }
    #[cached(ignore(id))]
    fn inner(id: u8) -> u8 {
        if id == 0 { 0 } else { block_on(outer(0)) + 10 }
    }
    promptly_blocking(|| {
        // outer(1) -> inner -> outer(0) -> inner, which is the key that is held.
        assert_eq!(at_once(scope(&cache(), outer(1))), 12);
    });
}

#[test]
fn two_threads_that_want_what_the_other_loads() {
    for _ in 0..20 {
        promptly_blocking(|| {
            let (cache, both) = (cache(), Barrier::new(2));
            let meet = || {
                both.wait();
            };
            thread::scope(|scope| {
                // Each holds its own key when they meet, and then wants the other's.
                let first = scope.spawn(|| left(&cache, 3, &meet));
                let second = scope.spawn(|| right(&cache, 3, &meet));
                assert!(first.join().unwrap() > 0);
                assert!(second.join().unwrap() > 0);
            });
        });
    }
}

#[cached(key = "deadlocks.left", cache = cache, ignore(depth, meet))]
fn left(cache: &Cache, depth: u32, meet: &(dyn Fn() + Sync)) -> u32 {
    meet();
    if depth == 0 { 1 } else { right(cache, depth - 1, &|| ()) + 1 }
}

#[cached(key = "deadlocks.right", cache = cache, ignore(depth, meet))]
fn right(cache: &Cache, depth: u32, meet: &(dyn Fn() + Sync)) -> u32 {
    meet();
    if depth == 0 { 1 } else { left(cache, depth - 1, &|| ()) + 1 }
}

#[test]
fn a_circle_of_three_keys_in_one_thread() {
    #[cached(ignore(depth))]
    fn next(node: u32, depth: u32) -> u32 {
        if depth == 0 { 0 } else { next((node + 1) % 3, depth - 1) + 1 }
    }
    promptly_blocking(|| {
        scope_blocking(&cache(), || assert_eq!(next(0, 7), 7));
    });
}

#[tokio::test]
async fn two_tasks_that_want_what_the_other_loads() {
    #[cached(cache = cache, ignore(depth, mine, others))]
    async fn one(cache: &Cache, depth: u32, mine: &Gate, others: &Gate) -> u32 {
        mine.pass().await;
        if depth == 0 { 1 } else { Box::pin(two(cache, depth - 1, others, mine)).await + 1 }
    }
    #[cached(cache = cache, ignore(depth, mine, others))]
    async fn two(cache: &Cache, depth: u32, mine: &Gate, others: &Gate) -> u32 {
        mine.pass().await;
        if depth == 0 { 1 } else { Box::pin(one(cache, depth - 1, others, mine)).await + 1 }
    }
    let (cache, left, right) = (cache(), Gate::new(), Gate::new());
    let first = tokio::spawn({
        let (cache, left, right) = (cache.clone(), left.clone(), right.clone());
        async move { one(&cache, 3, &left, &right).await }
    });
    let second = tokio::spawn({
        let (cache, left, right) = (cache.clone(), left.clone(), right.clone());
        async move { two(&cache, 3, &right, &left).await }
    });
    promptly(async {
        left.reached().await;
        right.reached().await;
        left.open();
        right.open();
        assert!(first.await.unwrap() > 0);
        assert!(second.await.unwrap() > 0);
    })
    .await;
}

#[test]
fn many_threads_in_a_tangle_of_keys() {
    #[cached(cache = cache, store_if = |_| false)]
    fn walk(node: usize, depth: Depth, cache: &Cache) -> usize {
        if depth.0 == 0 {
            return 1;
        }
        let next = |step: usize| walk((node * 3 + step) % 7, Depth(depth.0 - 1), cache);
        next(1) + next(5)
    }
    #[derive(Clone, Copy)]
    struct Depth(u32);
    impl larder::KeyNeutral for Depth {}
    promptly_blocking(|| {
        let cache = cache();
        thread::scope(|scope| {
            for node in 0..6 {
                let cache = &cache;
                scope.spawn(move || (0..20).map(|_| walk(node, Depth(5), cache)).sum::<usize>());
            }
        });
    });
}

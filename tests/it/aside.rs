//! Refreshes that no call waits for: who runs them, how many, and what is left when they come to no good end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use larder::testing::{ManualClock, scope, scope_blocking};
use larder::{Cache, ErrorKind, cached};

use crate::stale::{Outcome, Source};
use crate::support::{Call, Gate, Loads, Side, at_once, promptly, promptly_blocking, secs, timed, until};

#[cached(timeout = 10, stale_while_revalidate = 1000, key = "aside.gated:<id>", ignore(loads, gate))]
async fn gated(id: u32, loads: &'static Loads, gate: &Gate) -> u32 {
    let load = loads.next();
    gate.pass().await;
    load
}

#[cached(timeout = 10, stale_while_revalidate = 1000, key = "aside.blocking:<id>", ignore(loads, gate))]
fn blocking(id: u32, loads: &'static Loads, gate: &Gate) -> u32 {
    let load = loads.next();
    gate.pass_blocking();
    load
}

#[tokio::test]
async fn a_hundred_callers_begin_one_refresh() {
    static LOADS: Loads = Loads::new();
    let (gate, (cache, clock)) = (Gate::new(), timed());
    gate.let_one_through();
    assert_eq!(scope(&cache, gated(1, &LOADS, &gate)).await, 1);
    gate.reached().await;
    clock.advance(secs(10));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (cache, gate) = (cache.clone(), gate.clone());
        tasks.spawn(async move { scope(&cache, gated(1, &LOADS, &gate)).await });
    }
    assert_eq!(tasks.join_all().await, [1; 100]);
    gate.reached().await;
    gate.open();
    until(|| cache.stats().stores == 2).await;
    assert_eq!(LOADS.so_far(), 2);
}

#[test]
fn a_hundred_threads_begin_one_refresh() {
    static LOADS: Loads = Loads::new();
    promptly_blocking(|| {
        let (gate, (cache, clock)) = (Gate::new(), timed());
        gate.let_one_through();
        assert_eq!(scope_blocking(&cache, || blocking(1, &LOADS, &gate)), 1);
        clock.advance(secs(10));
        std::thread::scope(|threads| {
            for _ in 0..100 {
                threads.spawn(|| assert_eq!(scope_blocking(&cache, || blocking(1, &LOADS, &gate)), 1));
            }
        });
        gate.open();
        while cache.stats().stores < 2 {
            std::thread::yield_now();
        }
        assert_eq!((LOADS.so_far(), cache.stats().stale_hits), (2, 100));
    });
}

#[test]
fn a_caller_who_goes_away_leaves_the_refresh() {
    static LOADS: Loads = Loads::new();
    let (gate, side) = (Gate::new(), Side::default());
    let (cache, clock) = side.timed();
    gate.open();
    let call = || scope(&cache, gated(1, &LOADS, &gate));
    assert_eq!(at_once(call()), 1);
    clock.advance(secs(10));
    // Not even polled once: it has not begun anything.
    drop(call());
    assert_eq!(side.waiting(), 0);
    assert_eq!(at_once(call()), 1);
    side.run();
    assert_eq!(at_once(call()), 2);
}

#[test]
fn a_refresh_that_is_dropped_has_failed() {
    static LOADS: Loads = Loads::new();
    for begun in [false, true] {
        let (gate, side) = (Gate::new(), Side::default());
        let (cache, clock) = side.timed();
        gate.let_one_through();
        let call = || at_once(scope(&cache, gated(1, &LOADS, &gate)));
        let first = call();
        clock.advance(secs(10));
        assert_eq!(call(), first);
        if begun {
            side.run();
        }
        side.forget();
        assert_eq!((call(), side.waiting()), (first, 0), "the source rests");
        assert_eq!(cache.stats().refreshes_failed, 1);
        clock.advance(secs(10));
        assert_eq!((call(), side.waiting()), (first, 1));
        gate.open();
        side.run();
        assert!(call() > first);
    }
}

#[tokio::test]
async fn a_runtime_that_ends_takes_its_refreshes_along() {
    static LOADS: Loads = Loads::new();
    let (gate, (cache, clock)) = (Gate::new(), timed());
    let in_a_runtime = |cache: Cache, gate: Gate| {
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let value = scope(&cache, gated(1, &LOADS, &gate)).await;
                tokio::task::yield_now().await;
                value
            })
        })
        .join()
        .unwrap()
    };
    gate.let_one_through();
    assert_eq!(in_a_runtime(cache.clone(), gate.clone()), 1);
    clock.advance(secs(10));
    assert_eq!(in_a_runtime(cache.clone(), gate.clone()), 1, "this one ends in the middle of a refresh");
    assert_eq!(cache.stats().refreshes_failed, 1);
    clock.advance(secs(10));
    assert_eq!(scope(&cache, gated(1, &LOADS, &gate)).await, 1);
    gate.open();
    until(|| cache.stats().stores == 2).await;
    assert_eq!(scope(&cache, gated(1, &LOADS, &gate)).await, 3);
}

#[test]
fn without_a_runtime_one_caller_refreshes_and_the_others_do_not_wait() {
    static LOADS: Loads = Loads::new();
    let (gate, (cache, clock)) = (Gate::new(), timed());
    let call = || scope(&cache, gated(1, &LOADS, &gate));
    gate.let_one_through();
    assert_eq!(at_once(call()), 1);
    clock.advance(secs(10));
    let leader = Call::begin(call());
    assert_eq!(at_once(call()), 1);
    // If it goes away, the next one refreshes.
    drop(leader);
    let mut leader = Call::begin(call());
    assert_eq!(at_once(call()), 1);
    gate.let_one_through();
    assert_eq!(leader.step(), Some(3));
    assert_eq!((at_once(call()), cache.stats().refreshes), (3, 0));
}

#[test]
fn no_more_than_the_limit_at_once() {
    static LOADS: Loads = Loads::new();
    let side = Side::default();
    let (spawner, clock) = (side.clone(), ManualClock::new());
    let cache = Cache::builder()
        .clock(clock.clone())
        .spawner(move |work| spawner.add(work))
        .refresh_limit(2)
        .build_blocking()
        .unwrap();
    let gate = Gate::new();
    gate.open();
    let call = |id| at_once(scope(&cache, gated(id, &LOADS, &gate)));
    let first: Vec<u32> = (0..4).map(call).collect();
    clock.advance(secs(10));
    assert_eq!((0..4).map(call).collect::<Vec<_>>(), first, "all old");
    assert_eq!((side.waiting(), cache.stats().refreshes_skipped), (2, 2));
    side.run();
    assert_eq!((2..4).map(call).collect::<Vec<_>>(), first[2..], "old again");
    side.run();
    assert!((0..4).map(call).all(|value| value > 4), "nobody was left alone for long");
}

#[test]
fn panics_are_nobodys_but_counted() {
    static SOURCE: Source = Source::new();
    #[cached(timeout = 10, stale_while_revalidate = 1000, key = "aside.panics:<id>")]
    fn panics(id: u32) -> Option<u32> {
        SOURCE.ask().unwrap()
    }
    promptly_blocking(|| {
        let (cache, clock) = timed();
        scope_blocking(&cache, || {
            assert_eq!(panics(1), Some(1));
            clock.advance(secs(10));
            SOURCE.give(Outcome::Panic);
            assert_eq!(panics(1), Some(1));
            while cache.stats().refreshes_failed < 1 {
                std::thread::yield_now();
            }
            SOURCE.give(Outcome::Number);
            assert_eq!(panics(1), Some(1), "the source rests");
            clock.advance(secs(10));
            assert_eq!(panics(1), Some(1));
            while cache.stats().stores < 2 {
                std::thread::yield_now();
            }
            assert_eq!(panics(1), Some(3));
        });
    });
}

#[tokio::test]
async fn shutdown_waits_for_what_has_begun_and_begins_nothing() {
    static LOADS: Loads = Loads::new();
    let (gate, (cache, clock)) = (Gate::new(), timed());
    gate.let_one_through();
    let call = || scope(&cache, gated(1, &LOADS, &gate));
    assert_eq!(call().await, 1);
    gate.reached().await;
    clock.advance(secs(10));
    assert_eq!(call().await, 1);
    gate.reached().await;

    let mut shutdown = Call::begin(cache.shutdown(secs(5)));
    clock.advance(secs(5));
    let error =
        promptly(std::future::poll_fn(|_| shutdown.step().map_or(std::task::Poll::Pending, std::task::Poll::Ready)))
            .await
            .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unfinished);
    gate.let_one_through();
    promptly(cache.shutdown(Duration::MAX)).await.unwrap();
    assert_eq!(call().await, 2, "it has been waited for");
    clock.advance(secs(10));
    assert_eq!(call().await, 2, "old values are answers as before");
    assert_eq!((LOADS.so_far(), cache.stats().refreshes_skipped), (2, 1));
}

#[test]
fn a_refresh_that_asks_for_its_own_key_gets_the_old_value() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 10, stale_while_revalidate = 1000, key = "aside.own:<id>")]
    async fn own(id: u32) -> u32 {
        let load = LOADS.next();
        if load == 2 { 100 + Box::pin(again(id)).await } else { load }
    }
    fn again(id: u32) -> std::pin::Pin<Box<dyn Future<Output = u32> + Send>> {
        Box::pin(own(id))
    }
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, own(1)));
    assert_eq!(call(), 1);
    clock.advance(secs(10));
    assert_eq!(call(), 1);
    side.run();
    assert_eq!((side.waiting(), call()), (0, 101));
}

#[test]
fn the_default_cache_of_the_caller_is_that_of_its_refresh() {
    static LOADS: Loads = Loads::new();
    #[cached(timeout = 10, stale_while_revalidate = 1000, key = "aside.outer:<id>")]
    async fn outer(id: u32) -> u32 {
        inner(id).await
    }
    #[cached(timeout = 1000, key = "aside.inner:<id>")]
    async fn inner(id: u32) -> u32 {
        LOADS.next()
    }
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || at_once(scope(&cache, outer(1)));
    assert_eq!(call(), 1);
    clock.advance(secs(10));
    assert_eq!(call(), 1);
    side.run();
    assert_eq!((call(), LOADS.so_far()), (1, 1), "the refresh has found the inner entry");
}

/// A pool as users have one: clones are the same.
#[derive(Clone, Default)]
struct Pool {
    clones: Arc<AtomicUsize>,
    loads: Arc<AtomicUsize>,
}

trait Users {
    fn name(&self, id: u32) -> impl Future<Output = String> + Send;
}

impl Pool {
    #[cached(timeout = 10, stale_while_revalidate = 1000, key = "aside.method:<id>", ignore(self), entry = user_entry)]
    async fn user(&self, id: u32) -> usize {
        self.loads.fetch_add(1, SeqCst) + 1
    }

    #[cached(timeout = 10, stale_while_revalidate = 1000, key = "aside.generic:<part>", ignore(self))]
    async fn generic<T: larder::KeyPart + Clone + Send + Sync + 'static>(&self, part: T) -> usize {
        let _kept = part;
        self.clones.fetch_add(1, SeqCst) + 1
    }
}

impl Users for Pool {
    #[cached(timeout = 10, stale_while_revalidate = 1000, key = "aside.trait:<id>", ignore(self))]
    async fn name(&self, id: u32) -> String {
        format!("user {}", self.loads.fetch_add(1, SeqCst) + 1)
    }
}

#[test]
fn methods_refresh_with_a_clone_of_themselves() {
    let side = Side::default();
    let (cache, clock) = side.timed();
    let users = Pool::default();
    let call =
        || at_once(scope(&cache, async { (users.user(1).await, users.generic('x').await, users.name(1).await) }));
    let first = call();
    assert_eq!(first, (1, 1, "user 2".to_owned()));
    clock.advance(secs(10));
    assert_eq!(call(), first);
    assert_eq!(side.waiting(), 3);
    side.run();
    let (user, generic, name) = call();
    assert_eq!(generic, 2);
    assert!(user > 2 && name != first.2, "{user} {name}");
    at_once(scope(&cache, async { users.user_entry(1).invalidate().await.unwrap() }));
    assert_eq!(at_once(scope(&cache, users.user(1))), 5);
}

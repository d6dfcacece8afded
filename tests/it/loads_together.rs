//! Loads of every kind, against each other and against writers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use larder::testing::{ManualClock, scope, scope_blocking};
use larder::{Cache, Error, Invalidate, cached, invalidates};

use crate::support::{Call, Gate, Loads, Side, at_once, cache, promptly_blocking, secs, timed};

/// While a load waits for a thread nobody waits for it who has no old value.
#[test]
fn a_load_in_a_queue_keeps_nobody_waiting() {
    #[cached(timeout = 10, stale_while_revalidate = "1h", key = "together.busy:<id>", ignore(gate))]
    fn busy(id: u32, gate: &Gate) -> u32 {
        gate.pass_blocking();
        id
    }
    #[cached(timeout = 10, stale_while_revalidate = 10, soft_timeout = 1, key = "together.soft:<id>", ignore(loads))]
    fn soft(id: u32, loads: &'static Loads) -> u32 {
        loads.next()
    }
    static LOADS: Loads = Loads::new();
    promptly_blocking(|| {
        let (clock, gate) = (ManualClock::new(), Gate::new());
        let cache = Cache::builder().clock(clock.clone()).refresh_threads(1).build_blocking().unwrap();
        gate.let_one_through();
        scope_blocking(&cache, || (busy(1, &gate), soft(1, &LOADS)));
        futures_lite::future::block_on(gate.reached());
        clock.advance(secs(11));
        // The only thread is busy from now on.
        scope_blocking(&cache, || busy(1, &gate));
        futures_lite::future::block_on(gate.reached());
        thread::scope(|threads| {
            let patient = threads.spawn(|| scope_blocking(&cache, || soft(1, &LOADS)));
            while !patient.is_finished() {
                clock.advance(Duration::from_millis(1));
                thread::yield_now();
            }
            assert_eq!(patient.join().unwrap(), 1, "the old value: its load is in the queue");
        });
        clock.advance(secs(20));
        let late = promptly(move || scope_blocking(&cache, || soft(1, &LOADS)));
        assert_eq!(late, Some(2), "there is no old value any more, and nobody runs the load");
        gate.open();
    });
}

/// What it comes to within a second.
fn promptly<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || sender.send(run()));
    receiver.recv_timeout(secs(1)).ok()
}

/// `cache_err` does not replace a value that can still be the answer.
#[test]
fn an_error_does_not_replace_a_fresh_value() {
    #[cached(timeout = 60, stale_if_error = "1h", cache_err = 5, key = "together.err:<id>", ignore(down))]
    fn number(id: u32, down: bool) -> Result<u32, u32> {
        if down { Err(id) } else { Ok(id) }
    }
    scope_blocking(&cache(), || {
        assert_eq!(number(1, false), Ok(1));
        assert_eq!(number::refresh(1, true), Err(1));
        assert_eq!(number(1, true), Ok(1), "it is fresh");
    });
}

/// The same for two loads at the same time.
#[test]
fn an_error_does_not_replace_the_value_of_another_load() {
    #[cached(timeout = 60, cache_err = 5, coalesce = false, key = "together.err2:<id>", ignore(down, gate))]
    async fn number(id: u32, down: bool, gate: &Gate) -> Result<u32, u32> {
        gate.pass().await;
        if down { Err(id) } else { Ok(id) }
    }
    let (cache, slow, open) = (cache(), Gate::new(), Gate::new());
    open.open();
    let fails = Call::begin(scope(&cache, number(1, true, &slow)));
    assert_eq!(at_once(scope(&cache, number(1, false, &open))), Ok(1));
    slow.open();
    assert_eq!(fails.end(), Err(1));
    assert_eq!(at_once(scope(&cache, number(1, true, &open))), Ok(1), "it is fresh");
}

/// A batch that only waits for a refresh of somebody else is no work on the side.
#[test]
fn a_batch_that_waits_is_no_refresh() {
    #[cached(batch, timeout = 10, stale_while_revalidate = "1h", soft_timeout = 5, key = "together.rows:<ids>")]
    async fn rows(ids: &[u32]) -> HashMap<u32, u32> {
        ids.iter().map(|id| (*id, *id)).collect()
    }
    let side = Side::default();
    let (cache, clock) = side.timed();
    at_once(scope(&cache, rows(&[1])));
    clock.advance(secs(11));
    let first = Call::begin(scope(&cache, rows(&[1])));
    assert_eq!(side.waiting(), 1);
    let _second = Call::begin(scope(&cache, rows(&[1])));
    assert_eq!(side.waiting(), 1, "it waits for the first one's");
    side.run();
    assert_eq!(first.end().len(), 1);
    assert!(cache.blocking().shutdown(Duration::ZERO).is_ok(), "nothing runs on the side");
}

#[derive(Clone, Copy)]
struct During(fn());

impl Invalidate for During {
    async fn apply(self) -> Result<(), Error> {
        (self.0)();
        Ok(())
    }
}

/// "When the function has returned, no call that begins afterwards is answered with a value that was loaded before."
#[test]
fn a_writer_may_list_what_it_invalidates_in_any_order() {
    static NAME: AtomicU32 = AtomicU32::new(1);
    #[cached(timeout = never, key = "together.user:<id>")]
    fn user(id: u32) -> u32 {
        NAME.load(SeqCst)
    }
    #[cached(timeout = never, key = "together.users")]
    fn users() -> Vec<u32> {
        vec![user(1)]
    }
    // What another thread may do at any moment: it stands between the two.
    #[invalidates(users::all(), During(|| drop(users())), user::entry(id))]
    fn rename(id: u32, name: u32) {
        NAME.store(name, SeqCst);
    }
    scope_blocking(&cache(), || {
        assert_eq!(users(), [1]);
        rename(1, 2);
        assert_eq!(user(1), 2);
        assert_eq!(users(), [2]);
    });
}

/// Of the refreshes that have begun, some have failed.
#[test]
fn no_more_refreshes_fail_than_have_begun() {
    #[cached(timeout = 10, stale_while_revalidate = "1h", key = "together.failed:<id>")]
    async fn number(id: u32) -> u32 {
        id
    }
    let side = Side::default();
    let (cache, clock) = side.timed();
    at_once(scope(&cache, number(1)));
    clock.advance(secs(11));
    at_once(scope(&cache, number(1)));
    side.forget();
    let stats = cache.stats();
    assert!(stats.refreshes_failed <= stats.refreshes, "{} of {}", stats.refreshes_failed, stats.refreshes);
}

/// Each call is a hit, a stale hit or a miss.
#[test]
fn a_forced_load_is_counted_like_any_other() {
    #[cached(timeout = 10, key = "together.forced:<id>", refresh_if = force, ignore(force))]
    fn plain(id: u32, force: bool) -> Result<u32, u32> {
        Ok(id)
    }
    #[cached(timeout = 10, stale_if_error = 10, key = "together.forced2:<id>", refresh_if = force, ignore(force))]
    fn stale(id: u32, force: bool) -> Result<u32, u32> {
        Ok(id)
    }
    scope_blocking(&cache(), || {
        for force in [false, true] {
            assert_eq!((plain(1, force), stale(1, force)), (Ok(1), Ok(1)));
        }
        assert_eq!(plain::all().stats().misses, stale::all().stats().misses);
    });
}

/// A timeout of zero stores nothing.
#[test]
fn what_is_not_to_be_stored_is_not_put_either() {
    #[cached(timeout = |value| secs(*value), stale_while_revalidate = "1h", key = "together.put:<id>")]
    fn seconds(id: u32) -> u64 {
        5
    }
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        seconds::entry(1).put(0).unwrap();
        assert_eq!(seconds(1), 5);
    });
}

/// A future that is dropped may use the cache as it goes.
#[test]
fn a_body_that_asks_for_its_own_key_as_it_is_dropped() {
    struct Farewell(Cache);
    impl Drop for Farewell {
        fn drop(&mut self) {
            scope_blocking(&self.0, || at_once(number(1, None)));
        }
    }
    #[cached(timeout = 10, key = "together.farewell:<id>", ignore(gate))]
    async fn number(id: u32, gate: Option<&Gate>) -> u32 {
        if let Some(gate) = gate {
            let _farewell = Farewell(larder::cache());
            gate.pass().await;
        }
        id
    }
    let (cache, gate) = (cache(), Gate::new());
    drop(Call::begin(scope(&cache, number(1, Some(&gate)))));
}

/// What a call is to return is known when one of the loads that it waits for has failed.
#[test]
fn a_batch_that_has_failed_waits_for_nothing_more() {
    #[cached(batch, timeout = 10, key = "together.fails:<ids>", ignore(gate))]
    async fn rows(ids: &[u32], gate: &Gate) -> Result<HashMap<u32, u32>, u32> {
        gate.pass().await;
        Err(ids[0])
    }
    let (cache, one, two, mine) = (cache(), Gate::new(), Gate::new(), Gate::new());
    let first = Call::begin(scope(&cache, rows(&[1], &one)));
    let _second = Call::begin(scope(&cache, rows(&[2], &two)));
    let mut both = Call::begin(scope(&cache, rows(&[1, 2], &mine)));
    one.open();
    assert_eq!(first.end(), Err(1));
    assert_eq!(both.step(), Some(Err(1)));
}

/// `invalidate`: the old value is never given again.
#[test]
fn an_invalidated_value_does_not_stand_in() {
    #[cached(timeout = 10, stale_if_error = "1h", key = "together.wrong:<id>", ignore(gate, down))]
    async fn price(id: u32, gate: &Gate, down: &AtomicBool) -> Result<u32, u32> {
        gate.pass().await;
        if down.load(SeqCst) { Err(0) } else { Ok(1) }
    }
    let ((cache, clock), gate, down) = (timed(), Gate::new(), AtomicBool::new(false));
    gate.let_one_through();
    assert_eq!(at_once(scope(&cache, price(1, &gate, &down))), Ok(1));
    clock.advance(secs(11));
    let call = Call::begin(scope(&cache, price(1, &gate, &down)));
    at_once(scope(&cache, async { price::entry(1).invalidate().await })).unwrap();
    down.store(true, SeqCst);
    gate.open();
    assert_eq!(call.end(), Err(0), "1 was invalidated before the load failed");
}

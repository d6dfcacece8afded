//! Values past their timeout: what the caller gets, what is stored, and what runs on the side, by age, by the outcome of
//! the load and by the options.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

use larder::cached;
use larder::testing::{scope, scope_blocking};

use crate::support::{Gate, Loads, at_once, promptly, secs, timed, until};

/// A source that can be told to fail, and whose every answer is a new number.
#[derive(Debug, Default)]
struct Source {
    loads: Loads,
    fails: AtomicBool,
}

impl Source {
    const fn new() -> Self {
        Self { loads: Loads::new(), fails: AtomicBool::new(false) }
    }

    fn fail(&self, fails: bool) {
        self.fails.store(fails, SeqCst);
    }

    fn ask(&self) -> Result<u32, Down> {
        let load = self.loads.next();
        if self.fails.load(SeqCst) { Err(Down) } else { Ok(load) }
    }
}

/// Can't be cloned, as most errors can't.
#[derive(Debug, PartialEq, Eq)]
struct Down;

mod while_revalidate {
    use super::*;

    static SOURCE: Source = Source::new();

    #[cached(timeout = 10, stale_while_revalidate = 20, key = "stale.wr:<id>")]
    async fn number(id: u32) -> u32 {
        SOURCE.loads.next()
    }

    #[tokio::test]
    async fn the_old_value_at_once_and_a_new_one_on_the_side() {
        let (cache, clock) = timed();
        scope(&cache, async {
            assert_eq!(number(1).await, 1);
            clock.advance(secs(10));
            assert_eq!(number(1).await, 1, "old");
            until(|| SOURCE.loads.so_far() == 2).await;
            until(|| cache.stats().stores == 2).await;
            assert_eq!(number(1).await, 2, "new");
            let stats = cache.stats();
            assert_eq!((stats.hits, stats.stale_hits, stats.misses, stats.refreshes), (1, 1, 1, 1));
            clock.advance(secs(30));
            assert_eq!(number(1).await, 3, "the stale period is over");
            assert_eq!(cache.stats().refreshes, 1);
        })
        .await;
    }
}

mod blocking {
    use super::*;

    static LOADS: Loads = Loads::new();

    #[cached(timeout = 10, stale_while_revalidate = 20, key = "stale.blocking:<id>")]
    fn number(id: &str) -> u32 {
        LOADS.next()
    }

    #[test]
    fn the_old_value_at_once_and_a_new_one_on_the_side() {
        let (cache, clock) = timed();
        scope_blocking(&cache, || {
            assert_eq!(number("a"), 1);
            clock.advance(secs(10));
            assert_eq!(number("a"), 1, "old");
            while cache.stats().stores < 2 {
                std::thread::yield_now();
            }
            assert_eq!(number("a"), 2, "new");
        });
    }
}

mod if_error {
    use super::*;

    #[cached(timeout = 10, stale_if_error = 60, key = "stale.ie:<id>", ignore(source))]
    async fn number(id: u32, source: &Source) -> Result<u32, Down> {
        source.ask()
    }

    #[tokio::test]
    async fn the_old_value_if_the_load_fails_and_then_a_rest() {
        let (source, (cache, clock)) = (Source::new(), timed());
        let call = || scope(&cache, number(1, &source));
        assert_eq!(call().await, Ok(1));
        clock.advance(secs(10));
        source.fail(true);
        assert_eq!(call().await, Ok(1), "old");
        assert_eq!(source.loads.so_far(), 2);
        assert_eq!(call().await, Ok(1), "the source rests");
        assert_eq!(source.loads.so_far(), 2);
        clock.advance(secs(10));
        assert_eq!(call().await, Ok(1), "asked again");
        assert_eq!(source.loads.so_far(), 3);
        clock.advance(secs(10));
        source.fail(false);
        assert_eq!(call().await, Ok(4));
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.stale_hits, stats.misses, stats.load_errors), (0, 3, 2, 2));
        clock.advance(secs(70));
        source.fail(true);
        assert_eq!(call().await, Err(Down), "the stale period is over");
    }
}

mod soft {
    use super::*;

    static LOADS: AtomicU32 = AtomicU32::new(0);

    #[cached(timeout = 10, stale_while_revalidate = 20, soft_timeout = 2, key = "stale.soft:<id>", ignore(gate))]
    async fn number(id: u32, gate: &Gate) -> u32 {
        let load = LOADS.fetch_add(1, SeqCst) + 1;
        gate.pass().await;
        load
    }

    #[tokio::test]
    async fn the_old_value_if_the_load_takes_too_long() {
        let (gate, (cache, clock)) = (Gate::new(), timed());
        let call = || scope(&cache, number(1, &gate));
        gate.let_one_through();
        assert_eq!(call().await, 1);
        clock.advance(secs(10));
        let waiting = call();
        let mut waiting = std::pin::pin!(waiting);
        assert!(futures_lite::future::poll_once(waiting.as_mut()).await.is_none());
        gate.reached().await;
        gate.reached().await;
        clock.advance(secs(2));
        assert_eq!(promptly(waiting).await, 1, "too slow");
        gate.let_one_through();
        until(|| cache.stats().stores == 2).await;
        assert_eq!(at_once(call()), 2);
        clock.advance(secs(10));
        gate.let_one_through();
        assert_eq!(promptly(call()).await, 3, "in time");
    }
}

mod early {
    use super::*;

    static LOADS: Loads = Loads::new();

    #[cached(timeout = 100, early = 0.5, key = "stale.early:<id>")]
    async fn number(id: u32) -> u32 {
        LOADS.next()
    }

    #[tokio::test]
    async fn a_refresh_ahead_of_the_timeout() {
        let (cache, clock) = timed();
        scope(&cache, async {
            assert_eq!(number(1).await, 1);
            clock.advance(secs(44));
            assert_eq!(number(1).await, 1);
            assert_eq!(LOADS.so_far(), 1, "too early");
            clock.advance(secs(11));
            assert_eq!(number(1).await, 1);
            until(|| cache.stats().stores == 2).await;
            assert_eq!(number(1).await, 2);
            assert_eq!(cache.stats().hits, 3);
        })
        .await;
    }
}

//! Refreshes on the side: work that a call begins and does not wait for. A future goes to the builder's spawner or to the
//! caller's tokio runtime, a closure to a few threads of the cache's own. Each piece of work is counted until it has
//! ended, panicked or been dropped; no more than the cache's limit are there at once.

mod pool;
mod runtime;
mod spawner;
mod tally;
mod task;

use std::future::Future;
use std::time::Duration;

use crate::builder::Settings;
use crate::cache::Cache;
use crate::clock::{Clock, nanos};
use crate::default::scope;
use crate::error::{Error, ErrorKind};
use pool::{Job, Pool};
use runtime::Runtime;
pub(crate) use spawner::Spawner;
use tally::{Tally, Ticket};
use task::Task;

/// How long a thread waits for more work before it ends.
const IDLE: Duration = Duration::from_secs(10);

/// What one cache does on the side.
pub(crate) struct Background {
    spawner: Option<Spawner>,
    tally: Tally,
    pool: Pool,
}

/// Why work is not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is as much as the cache permits, or it was shut down.
    Full,
    /// Nothing is there that could run a future.
    NoRuntime,
}

/// The right to run one future on the side.
pub(crate) struct Permit {
    ticket: Ticket,
    place: Place,
}

enum Place {
    Spawner(Spawner),
    Runtime(Runtime),
}

/// The right to run one closure on the side.
pub(crate) struct BlockingPermit<'a> {
    ticket: Ticket,
    pool: &'a Pool,
}

impl Background {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            spawner: settings.spawner.clone(),
            tally: Tally::new(settings.refresh_limit),
            pool: Pool::new(settings.refresh_threads, IDLE),
        }
    }

    /// For a future, which runs on the builder's spawner, or else on the caller's tokio runtime.
    pub(crate) fn admit(&self) -> Result<Permit, Refused> {
        let place = match self.spawner.clone() {
            Some(spawner) => Place::Spawner(spawner),
            None => Place::Runtime(Runtime::current().ok_or(Refused::NoRuntime)?),
        };
        Ok(Permit { ticket: self.tally.admit().ok_or(Refused::Full)?, place })
    }

    /// For a closure, which runs on a thread of the cache's own.
    pub(crate) fn admit_blocking(&self) -> Result<BlockingPermit<'_>, Refused> {
        Ok(BlockingPermit { ticket: self.tally.admit().ok_or(Refused::Full)?, pool: &self.pool })
    }

    /// Begins nothing new from now on, and waits until all work has ended or the deadline has come: how many still run.
    pub(crate) async fn shut_down(&self, clock: &Clock, deadline: u64) -> usize {
        self.tally.close();
        self.pool.close();
        self.tally.wait(clock, deadline).await
    }
}

impl Permit {
    /// Runs the future. It is dropped at once if its runtime has ended or the spawner panics.
    pub(crate) fn spawn(self, work: impl Future<Output = ()> + Send + 'static) {
        let task = Task::new(Box::pin(work), scope(), self.ticket);
        match self.place {
            Place::Spawner(spawner) => spawner.spawn(task),
            Place::Runtime(runtime) => runtime.spawn(task),
        }
    }
}

impl BlockingPermit<'_> {
    /// Runs the closure. It is dropped at once if there is no thread and none can be started.
    pub(crate) fn run(self, work: impl FnOnce() + Send + 'static) {
        if let Some(seat) = self.pool.seat() {
            seat.take(Job::new(Box::new(work), scope(), Runtime::current(), self.ticket));
        }
    }
}

impl Cache {
    /// Ends the refreshing on the side: from now on no refresh begins there, and this waits until those that have begun
    /// have ended, but no longer than `within` by the cache's clock. For the end of a program, so that it does not break
    /// off what is under way.
    ///
    /// The cache goes on answering and storing. Where a refresh would begin on the side (`early`,
    /// `stale_while_revalidate`, `soft_timeout`) the call gets the value that is there, at once, and nothing is loaded for
    /// as long as it may have that value; [`refreshes_skipped`](crate::Stats::refreshes_skipped) counts them. All other
    /// calls load as before: those that find no old value, or one for `stale_if_error` alone without `soft_timeout`; those
    /// that force a load; and those of async functions where there is neither a spawner nor a tokio runtime. (As a table:
    /// [`guide::freshness`](crate::guide::freshness#after-a-shutdown).) Every further shutdown waits once more for what is
    /// left; nothing undoes it.
    ///
    /// What it does not do: it removes no entry, stops no refresh, and waits for no call, also not for a writer such as
    /// `set`, that somebody else awaits. Called inside a refresh it waits for that one too, until `within` is over. A
    /// refresh runs on the tokio runtime of the call that began it and gets nowhere when nobody drives that runtime: in
    /// a runtime of one thread await this method, and don't use the blocking one.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # futures_lite::future::block_on(async {
    /// let cache = larder::Cache::builder().build().await?;
    /// // ...
    /// cache.shutdown(Duration::from_secs(5)).await?;
    /// # Ok::<(), larder::Error>(())
    /// # })?;
    /// # Ok::<(), larder::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfinished`] if refreshes still run when the time is over; its text says how many. They are left to
    /// run.
    pub async fn shutdown(&self, within: Duration) -> Result<(), Error> {
        let deadline = self.clock().precise().saturating_add(nanos(within));
        let message = match self.background().shut_down(self.clock(), deadline).await {
            0 => return Ok(()),
            1 => format!("1 still runs after {within:?}; to wait longer, shut down again"),
            left => format!("{left} still run after {within:?}; to wait longer, shut down again"),
        };
        Err(Error::new(ErrorKind::Unfinished, "shutdown", "refreshes on the side", message))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use std::future::{Future, pending};
    use std::pin::{Pin, pin};
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::mpsc::{Sender, channel};
    use std::sync::{Arc, Mutex};
    use std::thread;
    use std::time::Duration;

    use futures_lite::future::{block_on, poll_once, yield_now};

    use super::Refused;
    use crate::testing::{ManualClock, scope_blocking};
    use crate::{Cache, CacheBuilder, ErrorKind};

    type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

    const SECOND: Duration = Duration::from_secs(1);

    fn cache(set: impl FnOnce(CacheBuilder) -> CacheBuilder) -> Cache {
        set(Cache::builder()).build_blocking().unwrap()
    }

    /// A cache, and what was given to its spawner.
    fn keeping(set: impl FnOnce(CacheBuilder) -> CacheBuilder) -> (Cache, Arc<Mutex<Vec<Boxed>>>) {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let keep = kept.clone();
        (cache(|builder| set(builder.spawner(move |work| keep.lock().unwrap().push(work)))), kept)
    }

    fn spawn(cache: &Cache, work: impl Future<Output = ()> + Send + 'static) -> Result<(), Refused> {
        cache.background().admit().map(|permit| permit.spawn(work))
    }

    fn run(cache: &Cache, work: impl FnOnce() + Send + 'static) -> Result<(), Refused> {
        cache.background().admit_blocking().map(|permit| permit.run(work))
    }

    fn running(cache: &Cache) -> usize {
        cache.background().tally.running()
    }

    /// Tells when it is dropped, and panics then if asked to.
    struct Held {
        dropped: Arc<AtomicBool>,
        panics: bool,
    }

    impl Held {
        fn new(panics: bool) -> (Self, Arc<AtomicBool>) {
            let dropped = Arc::new(AtomicBool::new(false));
            (Self { dropped: dropped.clone(), panics }, dropped)
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            self.dropped.store(true, Ordering::SeqCst);
            assert!(!self.panics, "a destructor's panic");
        }
    }

    /// Tells when the thread that holds it has ended.
    struct Ended(Sender<()>);

    impl Drop for Ended {
        fn drop(&mut self) {
            let _received = self.0.send(());
        }
    }

    thread_local! {
        static ENDED: std::cell::RefCell<Option<Ended>> = const { std::cell::RefCell::new(None) };
    }

    fn tell_the_end(end: Sender<()>) {
        ENDED.set(Some(Ended(end)));
    }

    #[test]
    fn without_a_runtime_there_is_no_permit() {
        let cache = cache(|builder| builder);
        assert_eq!(spawn(&cache, async {}), Err(Refused::NoRuntime));
        assert_eq!(running(&cache), 0);
    }

    #[test]
    fn a_permit_counts_until_it_is_dropped() {
        let cache = cache(|builder| builder.refresh_limit(1).spawner(drop));
        let permit = cache.background().admit().unwrap();
        assert_eq!(run(&cache, || {}), Err(Refused::Full));
        drop(permit);
        let permit = cache.background().admit_blocking().ok().unwrap();
        assert_eq!(spawn(&cache, async {}), Err(Refused::Full));
        drop(permit);
        assert_eq!(running(&cache), 0);
    }

    #[test]
    fn the_limit_holds_until_work_ends_or_is_dropped() {
        let (cache, kept) = keeping(|builder| builder.refresh_limit(2));
        let spawn = || spawn(&cache, async {});
        spawn().unwrap();
        spawn().unwrap();
        assert_eq!(spawn(), Err(Refused::Full));
        assert_eq!(run(&cache, || {}), Err(Refused::Full));
        let mut first = kept.lock().unwrap().remove(0);
        block_on(&mut first);
        assert_eq!(running(&cache), 1, "one that has ended, but is still held, does not count");
        spawn().unwrap();
        assert_eq!(spawn(), Err(Refused::Full));
        kept.lock().unwrap().clear();
        assert_eq!(running(&cache), 0);
        spawn().unwrap();
    }

    #[test]
    fn work_that_is_dropped_is_dropped_whole() {
        let (cache, kept) = keeping(|builder| builder);
        for panics in [false, true] {
            let (held, dropped) = Held::new(panics);
            spawn(&cache, async move { drop(held) }).unwrap();
            kept.lock().unwrap().clear();
            assert!(dropped.load(Ordering::SeqCst));
            assert_eq!(running(&cache), 0);
        }
    }

    #[test]
    fn panics_stay_inside() {
        let (cache, kept) = keeping(|builder| builder.refresh_threads(1));
        let (held, dropped) = Held::new(false);
        let work = async move {
            let _held = held;
            yield_now().await;
            panic!("the work's panic");
        };
        spawn(&cache, work).unwrap();
        block_on(kept.lock().unwrap().remove(0));
        assert!(dropped.load(Ordering::SeqCst));
        // What the panic carries panics when it is dropped.
        let (held, _) = Held::new(true);
        spawn(&cache, async move { std::panic::panic_any(held) }).unwrap();
        block_on(kept.lock().unwrap().remove(0));
        assert_eq!(running(&cache), 0);

        let (held, dropped) = Held::new(false);
        let work = move || {
            let _held = held;
            panic!("the work's panic");
        };
        run(&cache, work).unwrap();
        let (told, done) = channel();
        run(&cache, move || told.send(()).unwrap()).unwrap();
        done.recv().unwrap();
        assert!(dropped.load(Ordering::SeqCst), "the one thread has done both");
        cache.blocking().shutdown(Duration::MAX).unwrap();
    }

    #[test]
    fn a_spawner_may_panic_or_lose_the_work() {
        let (held, dropped) = Held::new(false);
        let panicking = cache(|builder| builder.spawner(|_| panic!("the spawner's panic")));
        spawn(&panicking, async move { drop(held) }).unwrap();
        assert!(dropped.load(Ordering::SeqCst));
        let losing = cache(|builder| builder.spawner(drop));
        spawn(&losing, async {}).unwrap();
        assert_eq!((running(&panicking), running(&losing)), (0, 0));
    }

    #[test]
    fn a_spawner_may_run_the_work_at_once() {
        let cache = cache(|builder| builder.spawner(block_on));
        let inner = cache.clone();
        let (told, done) = channel();
        let work = async move {
            spawn(&inner, async move { told.send(()).unwrap() }).unwrap();
        };
        spawn(&cache, work).unwrap();
        done.try_recv().unwrap();
    }

    #[test]
    fn work_can_begin_work() {
        let cache = cache(|builder| builder.refresh_threads(1));
        let (told, done) = channel();
        let inner = cache.clone();
        let outer = move || run(&inner, move || told.send(()).unwrap()).unwrap();
        run(&cache, outer).unwrap();
        done.recv().unwrap();
    }

    #[test]
    fn a_shutdown_waits_for_what_has_begun() {
        let (cache, kept) = keeping(|builder| builder.clock(ManualClock::new()));
        spawn(&cache, async {}).unwrap();
        spawn(&cache, pending()).unwrap();
        let mut shutdown = pin!(cache.shutdown(Duration::MAX));
        assert!(block_on(poll_once(&mut shutdown)).is_none());
        assert_eq!(spawn(&cache, async {}), Err(Refused::Full));
        assert_eq!(run(&cache, || {}), Err(Refused::Full));
        block_on(kept.lock().unwrap().remove(0));
        assert!(block_on(poll_once(&mut shutdown)).is_none());
        kept.lock().unwrap().clear();
        block_on(poll_once(&mut shutdown)).unwrap().unwrap();
        cache.blocking().shutdown(Duration::ZERO).unwrap();
    }

    #[test]
    fn a_shutdown_gives_up_when_its_time_is_over() {
        let clock = ManualClock::new();
        let (cache, kept) = keeping(|builder| builder.clock(clock.clone()));
        spawn(&cache, pending()).unwrap();
        spawn(&cache, pending()).unwrap();
        let mut shutdown = pin!(cache.shutdown(SECOND));
        assert!(block_on(poll_once(&mut shutdown)).is_none());
        clock.advance(SECOND / 2);
        assert!(block_on(poll_once(&mut shutdown)).is_none());
        clock.advance(SECOND / 2);
        let error = block_on(poll_once(&mut shutdown)).unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unfinished);
        let text = "shutdown: refreshes on the side: 2 still run after 1s; to wait longer, shut down again";
        assert_eq!(error.to_string(), text);
        kept.lock().unwrap().pop();
        let error = cache.blocking().shutdown(Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("1 still runs after 0ns"), "{error}");
        kept.lock().unwrap().pop();
        cache.blocking().shutdown(Duration::ZERO).unwrap();
    }

    #[test]
    fn whatever_is_accepted_has_run_when_the_shutdown_ends() {
        for _ in 0..20 {
            let cache = cache(|builder| builder.refresh_limit(1_000_000).refresh_threads(3));
            let (accepted, ran) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
            let ran_by_then = thread::scope(|threads| {
                for _ in 0..3 {
                    threads.spawn(|| {
                        for _ in 0..200 {
                            let ran = ran.clone();
                            let work = move || _ = ran.fetch_add(1, Ordering::SeqCst);
                            accepted.fetch_add(usize::from(run(&cache, work).is_ok()), Ordering::SeqCst);
                        }
                    });
                }
                cache.blocking().shutdown(Duration::MAX).unwrap();
                ran.load(Ordering::SeqCst)
            });
            assert_eq!(ran_by_then, accepted.load(Ordering::SeqCst));
            assert_eq!(ran_by_then, ran.load(Ordering::SeqCst));
        }
    }

    #[test]
    fn the_work_sees_its_callers_default_cache() {
        let (scoped, kept) = keeping(|builder| builder);
        scoped.blocking().set("here", &true, SECOND).unwrap();
        let here = || crate::cache().blocking().get("here").unwrap_or(false);
        let (told, done) = channel();
        scope_blocking(&scoped, || {
            let tell = told.clone();
            run(&scoped, move || tell.send(here()).unwrap()).unwrap();
            let work = async move {
                yield_now().await;
                told.send(here()).unwrap();
            };
            spawn(&scoped, work).unwrap();
        });
        assert!(done.recv().unwrap(), "on a thread");
        let work = kept.lock().unwrap().remove(0);
        block_on(work);
        assert!(done.recv().unwrap(), "on the spawner");
        assert!(!here());
    }

    #[test]
    fn threads_end_with_the_cache_even_if_it_ends_on_one() {
        for on_a_thread in [false, true] {
            let cache = cache(|builder| builder.refresh_threads(1));
            let ((gate, open), (told, ended)) = (channel::<()>(), channel());
            let held = on_a_thread.then(|| cache.clone());
            let work = move || {
                tell_the_end(told);
                open.recv().unwrap();
                drop(held);
            };
            run(&cache, work).unwrap();
            if on_a_thread {
                drop(cache);
                gate.send(()).unwrap();
            } else {
                gate.send(()).unwrap();
                assert!(ended.try_recv().is_err());
                drop(cache);
            }
            ended.recv_timeout(10 * SECOND).unwrap();
        }
    }

    #[test]
    fn threads_end_with_a_shutdown() {
        let cache = cache(|builder| builder);
        let (told, ended) = channel();
        run(&cache, move || tell_the_end(told)).unwrap();
        cache.blocking().shutdown(Duration::MAX).unwrap();
        ended.recv_timeout(5 * SECOND).unwrap();
    }

    #[cfg(feature = "tokio")]
    mod with_tokio {
        use tokio::runtime::{Builder, Handle, Runtime};

        use super::*;

        fn runtime() -> Runtime {
            Builder::new_current_thread().build().unwrap()
        }

        #[test]
        fn the_callers_runtime_runs_it() {
            let cache = cache(|builder| builder);
            let (told, done) = channel();
            runtime().block_on(async {
                let work = async move {
                    yield_now().await;
                    told.send(Handle::try_current().is_ok()).unwrap();
                };
                spawn(&cache, work).unwrap();
                spawn(&cache, async { panic!("the work's panic") }).unwrap();
                cache.shutdown(Duration::MAX).await.unwrap();
            });
            assert!(done.try_recv().unwrap());
        }

        #[test]
        fn the_spawner_is_asked_first() {
            let (cache, kept) = keeping(|builder| builder);
            runtime().block_on(async { spawn(&cache, async {}).unwrap() });
            assert_eq!(kept.lock().unwrap().len(), 1);
        }

        #[test]
        fn a_runtime_that_ends_drops_the_work() {
            let cache = cache(|builder| builder);
            let runtime = runtime();
            let handle = runtime.handle().clone();
            let spawn_held = |panics| {
                let (held, dropped) = Held::new(panics);
                let work = async move {
                    pending::<()>().await;
                    drop(held);
                };
                spawn(&cache, work).unwrap();
                dropped
            };
            let dropped = runtime.block_on(async { [spawn_held(false), spawn_held(true)] });
            assert_eq!(running(&cache), 2);
            drop(runtime);
            let _entered = handle.enter();
            for dropped in dropped.into_iter().chain([spawn_held(false), spawn_held(true)]) {
                assert!(dropped.load(Ordering::SeqCst));
            }
            cache.blocking().shutdown(Duration::ZERO).unwrap();
        }

        #[test]
        fn the_last_clone_of_a_cache_may_go_in_a_task() {
            let runtime = runtime();
            let cache = cache(|builder| builder);
            let (told, ended) = channel();
            run(&cache, move || tell_the_end(told)).unwrap();
            runtime.block_on(async {
                let last = cache.clone();
                spawn(&cache, async move { drop(last) }).unwrap();
                drop(cache);
                yield_now().await;
            });
            ended.recv_timeout(5 * SECOND).unwrap();
        }

        #[test]
        fn ordinary_functions_keep_their_callers_runtime() {
            let cache = cache(|builder| builder);
            let (told, done) = channel();
            let tell = |told: Sender<bool>| {
                run(&cache, move || told.send(Handle::try_current().is_ok()).unwrap()).unwrap();
            };
            runtime().block_on(async { tell(told.clone()) });
            assert!(done.recv().unwrap());
            tell(told);
            assert!(!done.recv().unwrap());
        }
    }
}

//! What most tests need: a cache with a clock that stands still, a count of the loads, a gate in a loader, and a call
//! that is driven by hand. Nothing here waits for time to pass.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_lite::future::block_on;
use larder::Cache;
use larder::testing::ManualClock;
use tokio::sync::Semaphore;

/// A cache of the test's own, and its clock.
pub(crate) fn timed() -> (Cache, ManualClock) {
    let clock = ManualClock::new();
    (Cache::builder().clock(clock.clone()).build_blocking().unwrap(), clock)
}

/// A cache of the test's own, whose time stands still.
pub(crate) fn cache() -> Cache {
    timed().0
}

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// How often a body ran.
#[derive(Debug, Default)]
pub(crate) struct Loads(AtomicU32);

impl Loads {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Counts one more; which one it is, from 1.
    pub(crate) fn next(&self) -> u32 {
        self.0.fetch_add(1, SeqCst) + 1
    }

    pub(crate) fn so_far(&self) -> u32 {
        self.0.load(SeqCst)
    }
}

/// A place in a loader where it waits until the test lets it through. Clones are the same gate.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<[Semaphore; 2]>);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new([Semaphore::new(0), Semaphore::new(0)]))
    }

    /// For the loader: says that it is here, and waits.
    pub(crate) async fn pass(&self) {
        self.0[0].add_permits(1);
        self.0[1].acquire().await.unwrap().forget();
    }

    /// The same in an ordinary function.
    pub(crate) fn pass_blocking(&self) {
        block_on(self.pass());
    }

    /// Waits until a loader stands here; each loader is seen once.
    pub(crate) async fn reached(&self) {
        self.0[0].acquire().await.unwrap().forget();
    }

    /// Lets one loader through, now or later.
    pub(crate) fn let_one_through(&self) {
        self.0[1].add_permits(1);
    }

    /// Lets every loader of any test through from now on.
    pub(crate) fn open(&self) {
        self.0[1].add_permits(100_000);
    }
}

/// A call that a test drives by hand, step by step. Dropped, it is cancelled.
pub(crate) struct Call<'a, T>(Pin<Box<dyn Future<Output = T> + 'a>>);

impl<'a, T> Call<'a, T> {
    pub(crate) fn new(future: impl Future<Output = T> + 'a) -> Self {
        Self(Box::pin(future))
    }

    /// Begins the call, which can't end yet.
    pub(crate) fn begin(future: impl Future<Output = T> + 'a) -> Self {
        let mut call = Self::new(future);
        assert!(call.step().is_none(), "the call has ended at once");
        call
    }

    /// Goes on as far as it can.
    pub(crate) fn step(&mut self) -> Option<T> {
        match self.0.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    /// The outcome of a call that nothing holds up any more.
    pub(crate) fn end(mut self) -> T {
        self.step().expect("the call waits for something")
    }
}

/// The outcome of a future that has nothing to wait for.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    Call::new(future).end()
}

/// Long enough for anything that does not hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fails instead of hanging.
pub(crate) async fn promptly<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it hangs")
}

/// Fails instead of hanging.
pub(crate) fn promptly_blocking<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        // The test may have given up.
        let _ = sender.send(run());
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(output) => {
            thread.join().unwrap();
            output
        }
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Ok(()) => unreachable!("it has sent its output"),
            Err(panic) => std::panic::resume_unwind(panic),
        },
    }
}

/// Waits, without a clock, until other threads or tasks have made it true.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a cache begins on the side, for the test to run or to drop. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Side(Arc<Mutex<Vec<Work>>>);

impl Side {
    /// A cache of the test's own that leaves its refreshes here, and its clock.
    pub(crate) fn timed(&self) -> (Cache, ManualClock) {
        let (side, clock) = (self.clone(), ManualClock::new());
        let spawner = move |work| side.add(work);
        (Cache::builder().clock(clock.clone()).spawner(spawner).build_blocking().unwrap(), clock)
    }

    /// For a spawner of one's own.
    pub(crate) fn add(&self, work: Work) {
        self.0.lock().unwrap().push(work);
    }

    /// How much waits here.
    pub(crate) fn waiting(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Runs everything as far as it goes; what does not end stays.
    pub(crate) fn run(&self) {
        let mut works = std::mem::take(&mut *self.0.lock().unwrap());
        works.retain_mut(|work| work.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        self.0.lock().unwrap().extend(works);
    }

    /// As a runtime does that ends.
    pub(crate) fn forget(&self) {
        let works = std::mem::take(&mut *self.0.lock().unwrap());
        drop(works);
    }
}

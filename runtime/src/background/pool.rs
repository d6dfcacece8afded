//! A few threads for closures, started when there is work and ended when there has been none for a while. They hold the
//! queue and not the cache, so that a cache can be dropped anywhere, also on one of them: nobody waits for a thread.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::runtime::Runtime;
use super::tally::Ticket;
use super::task::caught;
use crate::cache::Cache;
use crate::default::Scope;

const NAME: &str = "larder-refresh";

pub(super) struct Pool(Arc<Shared>);

struct Shared {
    /// The most threads.
    most: usize,
    /// How long a thread waits for work.
    idle: Duration,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Never longer than the limit that the tickets are issued by. While it isn't empty there is a thread.
    queue: VecDeque<Job>,
    threads: usize,
    /// The threads among them that have no job, also those that have not yet begun to look for one.
    free: usize,
    /// No thread stays when the queue is empty.
    closed: bool,
}

/// A closure with what it needs around it.
pub(super) struct Job {
    work: Box<dyn FnOnce() + Send>,
    /// The default cache that its caller saw, if that was a scope's.
    scope: Option<Cache>,
    /// The tokio runtime that its caller was in.
    runtime: Option<Runtime>,
    ticket: Ticket,
}

/// The pool, locked, with a thread for one more job.
pub(super) struct Seat<'a> {
    state: MutexGuard<'a, State>,
    changed: &'a Condvar,
}

impl Pool {
    pub(super) fn new(most: usize, idle: Duration) -> Self {
        Self(Arc::new(Shared { most, idle, state: Mutex::default(), changed: Condvar::new() }))
    }

    /// `None` if there is no thread and none can be started.
    pub(super) fn seat(&self) -> Option<Seat<'_>> {
        let mut state = self.0.lock();
        if state.queue.len() >= state.free && state.threads < self.0.most {
            // The new thread waits for the lock. If there can't be more, those that are there do the work.
            self.0.start(&mut state);
        }
        (state.threads > 0).then_some(Seat { state, changed: &self.0.changed })
    }

    /// From now on threads end as soon as the queue is empty. More work is still done.
    pub(super) fn close(&self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}

impl Seat<'_> {
    pub(super) fn take(mut self, job: Job) {
        self.state.queue.push_back(job);
        drop(self.state);
        self.changed.notify_one();
    }
}

impl Shared {
    /// No foreign code runs while the lock is held, so that no panic leaves the state half changed.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(self: &Arc<Self>, state: &mut State) {
        let shared = self.clone();
        let thread = move || {
            while let Some(job) = shared.next() {
                job.run();
                // The job and the cache that it held are gone by now: what waits holds neither.
                shared.lock().free += 1;
            }
        };
        if thread::Builder::new().name(NAME.to_owned()).spawn(thread).is_ok() {
            state.threads += 1;
            state.free += 1;
        }
    }

    /// A job for a thread that has none; `None` if the thread is to end.
    fn next(&self) -> Option<Job> {
        let mut state = self.lock();
        let mut waited_enough = false;
        loop {
            if let Some(job) = state.queue.pop_front() {
                state.free -= 1;
                return Some(job);
            }
            if waited_enough || state.closed {
                state.free -= 1;
                state.threads -= 1;
                return None;
            }
            let waited = self.changed.wait_timeout(state, self.idle).unwrap_or_else(PoisonError::into_inner);
            state = waited.0;
            waited_enough = waited.1.timed_out();
        }
    }
}

impl Job {
    pub(super) fn new(
        work: Box<dyn FnOnce() + Send>,
        scope: Option<Cache>,
        runtime: Option<Runtime>,
        ticket: Ticket,
    ) -> Self {
        Self { work, scope, runtime, ticket }
    }

    fn run(self) {
        let Self { work, scope, runtime, ticket } = self;
        caught(|| {
            let _scope = scope.as_ref().map(Scope::enter);
            match &runtime {
                Some(runtime) => runtime.hold(work),
                None => work(),
            }
        });
        // What is in a cache can panic when the last of its clones goes.
        caught(|| drop((scope, runtime, ticket)));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread;
    use std::time::Duration;

    use super::{Job, NAME, Pool};
    use crate::background::tally::Tally;

    const FOR_EVER: Duration = Duration::from_secs(1_000_000);

    fn run(pool: &Pool, work: impl FnOnce() + Send + 'static) {
        let ticket = Tally::new(1).admit().unwrap();
        pool.seat().unwrap().take(Job::new(Box::new(work), None, None, ticket));
    }

    /// Threads, and those of them that have no job.
    fn threads(pool: &Pool) -> (usize, usize) {
        let state = pool.0.lock();
        (state.threads, state.free)
    }

    fn wait_for(pool: &Pool, expected: (usize, usize)) {
        while threads(pool) != expected {
            thread::yield_now();
        }
    }

    /// Work that says when it has begun and waits to be let go.
    fn gated() -> (impl FnOnce() + Send + 'static, Receiver<()>, Sender<()>) {
        let ((told, begun), (go, gate)) = (channel(), channel());
        let work = move || {
            told.send(()).unwrap();
            let _gone = gate.recv();
        };
        (work, begun, go)
    }

    #[test]
    fn there_are_as_many_threads_as_there_is_work_up_to_the_limit() {
        let pool = Pool::new(2, FOR_EVER);
        assert_eq!(threads(&pool), (0, 0));
        let (works, gates): (Vec<_>, Vec<_>) =
            (0..3).map(|_| gated()).map(|(work, begun, go)| (work, (begun, go))).unzip();
        for work in works {
            run(&pool, work);
        }
        let mut gates = gates.into_iter();
        let (first, second, third) = (gates.next().unwrap(), gates.next().unwrap(), gates.next().unwrap());
        first.0.recv().unwrap();
        second.0.recv().unwrap();
        assert_eq!(threads(&pool), (2, 0));
        assert!(third.0.try_recv().is_err());
        second.1.send(()).unwrap();
        third.0.recv().unwrap();
        drop((first, third));
        wait_for(&pool, (2, 2));
    }

    #[test]
    fn a_free_thread_is_used_again() {
        let pool = Pool::new(4, FOR_EVER);
        for _ in 0..5 {
            let (told, done) = channel();
            run(&pool, move || told.send(()).unwrap());
            done.recv().unwrap();
            wait_for(&pool, (1, 1));
        }
        // Two at once need a second one, whether or not the first has begun to run.
        let (work, begun, _go) = gated();
        let (other_work, other_begun, _other_go) = gated();
        run(&pool, work);
        run(&pool, other_work);
        begun.recv().unwrap();
        other_begun.recv().unwrap();
        assert_eq!(threads(&pool), (2, 0));
    }

    #[test]
    fn a_thread_without_work_ends_and_another_is_started() {
        let pool = Pool::new(1, Duration::from_millis(1));
        for _ in 0..3 {
            let (told, done) = channel();
            run(&pool, move || told.send(thread::current().name() == Some(NAME)).unwrap());
            assert!(done.recv().unwrap());
            wait_for(&pool, (0, 0));
        }
    }

    #[test]
    fn there_is_no_seat_where_no_thread_can_be() {
        assert!(Pool::new(0, FOR_EVER).seat().is_none());
    }

    #[test]
    fn what_is_queued_is_done_after_closing() {
        let pool = Pool::new(1, FOR_EVER);
        let (work, begun, go) = gated();
        run(&pool, work);
        begun.recv().unwrap();
        let (told, done) = channel();
        let tell = told.clone();
        run(&pool, move || tell.send(()).unwrap());
        pool.close();
        run(&pool, move || told.send(()).unwrap());
        drop(go);
        done.recv().unwrap();
        done.recv().unwrap();
        wait_for(&pool, (0, 0));
        run(&pool, || {});
        wait_for(&pool, (0, 0));
    }
}

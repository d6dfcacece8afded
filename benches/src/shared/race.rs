//! Timing of calls that wait: tasks that ask one call after the other, each for ids of its own, so that no call is answered by another's.

use std::fmt;
use std::time::Instant;

use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Which ids are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    pub(super) tasks: u64,
    /// Of each task.
    pub(super) calls: u64,
    pub(super) first: u64,
    /// So many ids belong to each task, which asks for them in turn.
    pub(super) span: u64,
}

impl Walk {
    pub(super) fn all(self) -> u64 {
        self.tasks * self.calls
    }

    /// The same for what was prepared: 16 ids of each task.
    pub(super) fn of_what_is_there(self) -> Self {
        Self { first: 0, span: super::hits::SPAN, ..self }
    }

    fn id(self, task: u64, call: u64) -> u64 {
        self.first + task * self.span + call % self.span
    }
}

/// What a walk took, or several.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Microseconds of a call, the middle one.
    pub(super) p50: f64,
    /// Thousand calls per second of all tasks.
    pub(super) throughput: f64,
}

impl Pace {
    pub(super) const NONE: Self = Self { p50: f64::INFINITY, throughput: 0.0 };

    /// Of several rounds: the middle time of a call, since the shortest is luck, and the highest throughput.
    pub(super) fn of(rounds: &[Self]) -> Self {
        Self {
            p50: crate::harness::median(rounds.iter().map(|pace| pace.p50).collect()),
            throughput: rounds.iter().map(|pace| pace.throughput).fold(0.0, f64::max),
        }
    }
}

/// Who is timed: the loop around the calls was compiled for it.
pub(super) struct Runner {
    pub(super) name: &'static str,
    run: Box<dyn Fn(Walk) -> Pace>,
}

impl Runner {
    pub(super) fn new<F, A>(name: &'static str, runtime: &'static Runtime, ask: F) -> Self
    where
        F: Fn(u64) -> A + Clone + Send + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        Self { name, run: Box::new(move |walk| runtime.block_on(walked(walk, ask.clone()))) }
    }

    pub(super) fn run(&self, walk: Walk) -> Pace {
        (self.run)(walk)
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("name", &self.name).finish_non_exhaustive()
    }
}

async fn walked<F, A>(walk: Walk, ask: F) -> Pace
where
    F: Fn(u64) -> A + Clone + Send + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    let started = Instant::now();
    for task in 0..walk.tasks {
        let ask = ask.clone();
        tasks.spawn(async move {
            let mut times = Vec::with_capacity(usize::try_from(walk.calls).unwrap_or(0));
            let mut before = Instant::now();
            for call in 0..walk.calls {
                ask(walk.id(task, call)).await;
                let now = Instant::now();
                times.push((now - before).as_nanos() as f64 / 1_000.0);
                before = now;
            }
            times
        });
    }
    let times: Vec<f64> = tasks.join_all().await.into_iter().flatten().collect();
    let took = started.elapsed();
    assert_eq!(times.len() as u64, walk.all(), "every call was answered");
    Pace { p50: crate::harness::median(times), throughput: walk.all() as f64 / took.as_secs_f64() / 1_000.0 }
}

/// What each took in some rounds, in which all run one after the other.
pub(super) fn race(runners: &[Runner], rounds: u32, walk: impl Fn(u32) -> Walk) -> Vec<Pace> {
    let mut paces = vec![Vec::new(); runners.len()];
    for round in 0..rounds {
        for (paces, runner) in paces.iter_mut().zip(runners) {
            paces.push(runner.run(walk(round)));
        }
    }
    paces.iter().map(|rounds| Pace::of(rounds)).collect()
}

//! Four processes over one store: what each of them is told, and the check of what they have seen.

use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use larder::Cache;
use larder_kit::processes::{order, report};
use larder_kit::{Process, clock};

use crate::history::{Broken, Event, Slack, check, check_strictly};
use crate::source::Source;
use crate::stores::store;
use crate::worker::{SETTLED, Told, settle, work};

pub(crate) const PROCESSES: usize = 4;

/// Every second process has memory in front of the server.
fn is_bare(process: usize) -> bool {
    process.is_multiple_of(2)
}

/// While nothing is broken: memory of others is right when a message has arrived, at the latest when nobody vouches any more (3 s), and
/// a busy machine needs a second for anything.
pub(crate) const WHOLE: Slack =
    Slack { bare: Duration::ZERO, tiered: Duration::from_secs(4), call: Duration::from_secs(4) };

/// While the server can't be reached, each process keeps what it loads for 5 s.
pub(crate) const BROKEN: Slack =
    Slack { bare: Duration::from_secs(6), tiered: Duration::from_secs(6), call: Duration::from_secs(6) };

/// The time of one phase of a run.
pub(crate) fn phase() -> Duration {
    let seconds = std::env::var("LARDER_COHERENCE_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

pub(crate) fn pass(time: Duration) {
    let end = clock::now() + u64::try_from(time.as_nanos()).unwrap();
    // Nothing waits for longer than a test may take to fail, and a long run does.
    while clock::now() < end {
        let next = end.min(clock::now() + 1_000_000_000);
        larder_kit::until("time to pass", || clock::now() >= next);
    }
}

/// In the other processes: works until the order to stop, then settles, then reports all.
pub(crate) fn play() {
    let number = |name: &str| std::env::var(name).unwrap().parse::<u64>().unwrap();
    let (process, port) = (usize::try_from(number("PROCESS")).unwrap(), u16::try_from(number("SOURCE")).unwrap());
    let store = store(&std::env::var("REDIS").unwrap(), std::env::var("FLAW").ok().as_deref());
    let builder = Cache::builder().namespace("coherence").wait(Duration::from_secs(2));
    let builder = if is_bare(process) { builder.shared_only(store) } else { builder.shared(store) };
    let is_strict = std::env::var("STRICT").is_ok();
    // A busy machine is no outage, and no end of a lease where that would be against the rules.
    let (lease, deadline) = if is_strict { (20_000, 10_000) } else { (500, 1_000) };
    let builder = builder.lease(Duration::from_millis(lease)).deadline(Duration::from_millis(deadline));
    let builder = if is_strict { builder.wait(Duration::from_secs(60)) } else { builder };
    let cache = builder.build_blocking().unwrap();
    report("ready");
    let told = Told { narrow: is_strict.into(), ..Told::default() };
    let events = thread::scope(|threads| {
        let work = threads.spawn(|| work(process, &cache, port, &told));
        loop {
            match order().as_deref() {
                Some("narrow") => told.narrow.store(true, Relaxed),
                Some("quiet") => told.silence(),
                _ => break,
            }
            report("done");
        }
        told.stop.store(true, Relaxed);
        work.join().unwrap()
    });
    report("stopped");
    let _told = order();
    match settle(&cache, port) {
        Some(time) => report(format!("settled {}", time.as_nanos())),
        None => report("unsettled"),
    }
    for event in &events {
        report(event.line());
    }
    report("end");
}

/// What has become of a run.
pub(crate) struct Outcome {
    pub(crate) broken: Vec<Broken>,
    pub(crate) events: Vec<Event>,
    pub(crate) loads: u64,
}

impl Outcome {
    /// Everything is as it has to be.
    pub(crate) fn is_right(&self, test: &str) {
        let Self { broken, events, loads } = self;
        let shown: Vec<String> = broken.iter().take(5).map(ToString::to_string).collect();
        assert!(broken.is_empty(), "{} of {} against the rules:\n{}", broken.len(), events.len(), shown.join("\n"));
        let writes = events.iter().filter(|event| event.writes()).count();
        assert!(events.len() > 1_000 && writes > 50, "too little happened: {} events, {writes} writes", events.len());
        eprintln!("{test}: {} events, {writes} writes, {loads} loads, nothing against the rules", events.len());
    }

    /// Whether this rule was broken.
    pub(crate) fn breaks(&self, rule: &str) -> bool {
        self.broken.iter().any(|broken| broken.0 == rule)
    }
}

/// Four processes, which write no more when they are told so.
pub(crate) struct Crew {
    pub(crate) processes: Vec<Process>,
    source: Source,
    is_strict: bool,
}

impl Crew {
    /// Starts them over this store, with this flaw.
    pub(crate) fn start(test: &str, url: &str, flaw: Option<&str>) -> Self {
        Self::start_with(test, url, flaw, false)
    }

    /// The same so that [strict rules](check_strictly) hold, if nothing breaks.
    pub(crate) fn start_strictly(test: &str, url: &str, flaw: Option<&str>) -> Self {
        Self::start_with(test, url, flaw, true)
    }

    fn start_with(test: &str, url: &str, flaw: Option<&str>, is_strict: bool) -> Self {
        let source = Source::start();
        let spawn = |process: usize| {
            let mut variables = vec![
                ("PROCESS", process.to_string()),
                ("SOURCE", source.port().to_string()),
                ("REDIS", url.to_owned()),
            ];
            variables.extend(flaw.map(|flaw| ("FLAW", flaw.to_owned())));
            variables.extend(is_strict.then(|| ("STRICT", String::new())));
            Process::spawn(test, "worker", variables)
        };
        let processes: Vec<Process> = (0..PROCESSES).map(spawn).collect();
        for process in &processes {
            assert_eq!(process.report(), "ready");
        }
        Self { processes, source, is_strict }
    }

    fn all(&self, order: &str, done: &str) {
        for process in &self.processes {
            process.tell(order);
        }
        for process in &self.processes {
            assert_eq!(process.report(), done);
        }
    }

    /// From now on they invalidate keys alone.
    pub(crate) fn narrow(&self) {
        self.all("narrow", "done");
    }

    /// From now on they only read.
    pub(crate) fn quiet(&self) {
        self.all("quiet", "done");
    }

    /// Ends them, and checks what they have seen. Those of `stopped` were stopped themselves.
    pub(crate) fn end(self, slack: Slack, stopped: &[usize]) -> Outcome {
        self.all("stop", "stopped");
        for process in &self.processes {
            process.tell("settle");
        }
        let (mut broken, mut events) = (Vec::new(), Vec::new());
        for (number, process) in self.processes.iter().enumerate() {
            let settled = process.report();
            let nanos = settled.strip_prefix("settled ").and_then(|nanos| nanos.parse::<u64>().ok());
            if nanos.is_none_or(|nanos| nanos > SETTLED) {
                broken.push(Broken::settling(number, &settled));
            }
            loop {
                let line = process.report();
                if line == "end" {
                    break;
                }
                events.push(Event::parse(number, &line).unwrap());
            }
        }
        broken.extend(check(&events, slack, is_bare, |process| !stopped.contains(&process)));
        if self.is_strict {
            broken.extend(check_strictly(&events));
        }
        Outcome { broken, events, loads: self.source.reads() }
    }
}

/// Runs the processes, lets `happen` do its worst, and checks what they have seen. Those of `stopped` were stopped themselves.
pub(crate) fn run(test: &str, url: &str, slack: Slack, stopped: &[usize], happen: impl FnOnce(&Crew)) {
    let crew = Crew::start(test, url, None);
    pass(phase());
    happen(&crew);
    crew.end(slack, stopped).is_right(test);
}

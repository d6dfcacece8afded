//! What Redis costs behind a cache: real servers, which `larder-kit` starts, and bare redis-rs beside larder in the same run.

mod apart; // the server on a processor of its own
mod commands; // what the server does for an operation
mod functions; // the functions that are cached
mod race; // timing of calls that wait
mod world; // the server, and the caches in front of it

// What is measured.
mod batches;
mod hits;
mod misses;
mod processes;
mod tiered;

use std::fs;
use std::sync::OnceLock;
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Runtime};

pub(crate) use self::processes::play;
use crate::Effort;
use crate::report::Section;

/// The runtimes in which callers live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Threads {
    Current,
    Two,
}

impl Threads {
    const BOTH: [Self; 2] = [Self::Current, Self::Two];

    fn name(self) -> &'static str {
        match self {
            Self::Current => "`current_thread`",
            Self::Two => "`multi_thread`, 2 threads",
        }
    }

    /// The same one each time: connections live in the runtime that made them.
    fn runtime(self) -> &'static Runtime {
        static CURRENT: OnceLock<Runtime> = OnceLock::new();
        static TWO: OnceLock<Runtime> = OnceLock::new();
        let (place, mut builder) = match self {
            Self::Current => (&CURRENT, Builder::new_current_thread()),
            Self::Two => (&TWO, Builder::new_multi_thread()),
        };
        place.get_or_init(|| builder.worker_threads(2).enable_all().build().expect("a runtime starts"))
    }
}

/// What else the machine did, where it tells.
fn load_average() -> String {
    let average = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let processors = available_parallelism().map_or(1, usize::from);
    match average.split_whitespace().next() {
        Some(average) => format!(
            "Load average in the minute before: {average}, of {processors} processors; server, callers and larder's thread share them."
        ),
        None => String::new(),
    }
}

pub(crate) fn measure(effort: Effort) -> Section {
    eprintln!("shared");
    let quiet = load_average();
    let server = world::start();
    let mut section = Section::new("A shared tier");
    section.paragraph(&format!(
        "Redis {} on the same machine, through TCP; redis-rs with one `MultiplexedConnection` in the callers' runtime; \
         the middle round's p50 of each and its best round's throughput. {quiet} \
         \"Apart\": the server has a processor of its own, and callers and larder's thread have the others. Else whether two of them \
         share one while one task waits is luck, and a round trip takes 15 µs or 55.",
        server.info("redis_version")
    ));
    let mut targets = Vec::new();
    hits::measure(server, effort, &mut section, &mut targets);
    tiered::measure(effort, &mut section, &mut targets);
    misses::measure(server, effort, &mut section, &mut targets);
    batches::measure(server, effort, &mut section);
    processes::measure(server, &mut section, &mut targets);
    section.targets(&targets);
    section
}

//! Measures larder beside its peers, in one process and in turn, and says which targets are met. See `README.md`.
//!
//! Every measurement checks what it measures: that values are right, and how often bodies ran.

#![expect(clippy::print_stdout, reason = "a program that prints its results")]
#![expect(clippy::cast_precision_loss, reason = "times and counts become ratios")]

mod harness; // timing
mod report; // tables and targets
mod rng; // the same numbers in every run

mod peers; // one function, by every contender

// The parts.
mod build;
mod herd;
mod hits;
mod http;
mod memory;
mod misses;
mod ratio;
mod shared;
mod storm;
mod tags;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fmt, io};

use larder::Cache;

use crate::report::Section;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Effort {
    rounds: u32,
    /// Calls of each contender in each round.
    calls: usize,
    /// Requests of each trace.
    requests: u64,
    builds: u32,
}

impl Effort {
    const FULL: Self = Self { rounds: 15, calls: 400_000, requests: 1_000_000, builds: 3 };
    const QUICK: Self = Self { rounds: 3, calls: 200_000, requests: 200_000, builds: 1 };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Hits,
    Threads,
    Misses,
    Herd,
    Storm,
    Tags,
    Ratio,
    Memory,
    Build,
    Shared,
    Http,
}

impl Part {
    const ALL: [Self; 11] = [
        Self::Hits,
        Self::Threads,
        Self::Misses,
        Self::Herd,
        Self::Storm,
        Self::Tags,
        Self::Ratio,
        Self::Memory,
        Self::Build,
        Self::Shared,
        Self::Http,
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.to_string() == name)
    }

    fn measure(self, effort: Effort) -> io::Result<Section> {
        Ok(match self {
            Self::Hits => hits::measure(effort),
            Self::Threads => hits::measure_threads(effort),
            Self::Misses => misses::measure(effort),
            Self::Herd => herd::measure(effort),
            Self::Storm => storm::measure(effort),
            Self::Tags => tags::measure(effort),
            Self::Ratio => ratio::measure(effort),
            Self::Memory => memory::measure(),
            Self::Build => build::measure(effort)?,
            Self::Shared => shared::measure(effort),
            Self::Http => http::measure(effort)?,
        })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hits => "hits",
            Self::Threads => "threads",
            Self::Misses => "misses",
            Self::Herd => "herd",
            Self::Storm => "storm",
            Self::Tags => "tags",
            Self::Ratio => "ratio",
            Self::Memory => "memory",
            Self::Build => "build",
            Self::Shared => "shared",
            Self::Http => "http",
        })
    }
}

/// Empties larder's cache between parts, as each peer has one for each function.
fn clear() {
    larder::cache().blocking().clear().expect("memory alone does not fail");
}

fn main() -> ExitCode {
    if let Some(role) = larder_kit::processes::role() {
        shared::play(&role);
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    // One cache for the three functions that the peers have three caches for.
    let cache = Cache::builder().capacity(3 * peers::CAPACITY as u64).build_blocking();
    cache.and_then(larder::install).expect("the first cache is installed");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["memory-of", kind, name] => {
            memory::child(kind, name);
            return ExitCode::SUCCESS;
        }
        ["responses-of", name] => {
            http::memory::child(name);
            return ExitCode::SUCCESS;
        }
        ["serve"] => http::loopback::serve(),
        _ => {}
    }

    let mut effort = Effort::FULL;
    let mut write = false;
    let mut parts = Vec::new();
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        match argument.as_str() {
            "--write" => write = true,
            "--only" => _ = left.next().map(|name| peers::ONLY.set(name.clone())),
            "--quick" => effort = Effort::QUICK,
            name => {
                let Some(part) = Part::named(name) else {
                    let names = Part::ALL.map(|part| part.to_string()).join(", ");
                    eprintln!(
                        "`{name}` is no part; the parts are {names}, the options --quick, --write and --only <name>"
                    );
                    return ExitCode::FAILURE;
                };
                parts.push(part);
            }
        }
    }
    if parts.is_empty() {
        parts.extend(Part::ALL);
    }
    match run(&parts, effort, write) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(parts: &[Part], effort: Effort, write: bool) -> io::Result<()> {
    let mut sections = Vec::new();
    for part in parts {
        let section = part.measure(effort)?;
        println!("{}", section.markdown());
        sections.push(section);
    }
    if write {
        report::write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md"), &sections)?;
    }
    Ok(())
}

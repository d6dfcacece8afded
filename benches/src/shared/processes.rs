//! Four processes ask for the same cold keys at the same time.

use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use larder_kit::processes::{order, report};
use larder_kit::{Process, Server};
use tokio::task::JoinSet;

use super::Threads;
use super::world::{self, tiered};
use crate::harness::value_of;
use crate::report::{Section, Target};

const PROCESSES: usize = 4;
const KEYS: u64 = 1_000;
const CALLERS: u64 = 200;
/// Of each caller; so that each key is asked for by 20 callers of each process.
const CALLS: u64 = 100;
const BODY: Duration = Duration::from_millis(5);

const URL: &str = "LARDER_BENCH_URL";

static LOADS: AtomicU64 = AtomicU64::new(0);

async fn load(id: u64) -> u64 {
    LOADS.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(BODY).await;
    value_of(id)
}

#[larder::cached(timeout = 3600, key = "bench.cold:<id>", cache = tiered())]
async fn by_larder(id: u64) -> u64 {
    load(id).await
}

#[cached::macros::concurrent_cached(
    map_error = "|error| error.to_string()",
    ty = "cached::AsyncRedisCache<u64, u64>",
    create = r#"{ cached::AsyncRedisCache::builder("cold").ttl(Duration::from_hours(1)).connection_string(world::url()).build().await.expect("the server is up") }"#
)]
async fn by_cached(id: u64) -> Result<u64, String> {
    Ok(load(id).await)
}

/// What one of the processes does: it waits for the start, asks, and says how often its body ran.
pub(crate) fn play(role: &str) {
    world::connect(&env::var(URL).expect("the URL of the server"));
    let runtime = Threads::Two.runtime();
    // A first call makes the connection.
    runtime.block_on(ask(role.to_owned(), KEYS));
    LOADS.store(0, Ordering::Relaxed);
    report("ready");
    order().expect("the start");
    runtime.block_on(async {
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let role = role.to_owned();
            callers.spawn(async move {
                let first = caller * KEYS / CALLERS;
                for call in 0..CALLS {
                    ask(role.clone(), (first + call) % KEYS).await;
                }
            });
        }
        callers.join_all().await;
    });
    report(LOADS.load(Ordering::Relaxed));
}

async fn ask(role: String, id: u64) {
    let value = match role.as_str() {
        "larder" => by_larder(id).await,
        _ => by_cached(id).await.expect("the server answers"),
    };
    assert_eq!(value, value_of(id), "the right value");
}

/// Seconds until all have ended, and the loads of all of them.
fn run(server: &Server, role: &str) -> (f64, u64) {
    let start = || Process::spawn("shared", role, [(URL, server.url())]);
    let processes: Vec<Process> = (0..PROCESSES).map(|_| start()).collect();
    for process in &processes {
        assert_eq!(process.report(), "ready");
    }
    let started = Instant::now();
    for process in &processes {
        process.tell("go");
    }
    let loads = processes.iter().map(|process| process.report().parse::<u64>().expect("a number")).sum();
    let took = started.elapsed().as_secs_f64();
    for process in processes {
        assert_eq!(process.finish(), Vec::<String>::new());
    }
    (took, loads)
}

pub(super) fn measure(server: &Server, section: &mut Section, targets: &mut Vec<Target>) {
    let roles = ["larder", "cached"];
    let results = roles.map(|role| run(server, role));
    section.paragraph(
        "Four processes with two threads and 200 callers each; every caller asks for 100 of 1,000 cold keys, so that 80 \
         callers want each key. The body sleeps for 5 ms.",
    );
    let rows: Vec<_> = roles
        .iter()
        .zip(results)
        .map(|(role, (took, loads))| ((*role).to_owned(), vec![Some(took * 1_000.0), Some(loads as f64 / KEYS as f64)]))
        .collect();
    section.table("", &["ms".to_owned(), "loads per key".to_owned()], &rows);
    targets.push(Target::at_most("loads per key of four processes", 1.0, results[0].1 as f64 / KEYS as f64));
    assert!(results[0].1 >= KEYS, "every key was loaded");
}

//! Misses and invalidations: what they take, as round trips, and what the server does for them.

use std::fmt::Write as _;

use larder_kit::Server;
use redis::aio::MultiplexedConnection;
use tokio::runtime::Runtime;

use super::apart::Apart;
use super::commands::{counted, processor, requests};
use super::functions;
use super::hits::{Names, get};
use super::race::{Pace, Runner, Walk};
use super::{Threads, world};
use crate::Effort;
use crate::report::{Section, Target};

/// Nobody else asks for ids from here on.
const FIRST: u64 = 1_000_000;
/// One task asks for so many at once.
const CALLS: u64 = 400;
/// How often the server's time is taken.
const TURNS: u32 = 3;

const TRIP: &str = "redis-rs, `GET`: one round trip";
const HIT: &str = "larder, a hit";
const MISS: &str = "larder, a miss";
const INVALIDATION: &str = "larder, `invalidate`";

async fn remove(mut connection: MultiplexedConnection, id: u64) {
    let _: u64 = redis::cmd("DEL").arg(id).query_async(&mut connection).await.expect("the server answers");
}

async fn read_and_set(mut connection: MultiplexedConnection, id: u64) {
    let value: Option<Vec<u8>> =
        redis::cmd("GET").arg(id).query_async(&mut connection).await.expect("the server answers");
    assert!(value.is_none(), "a miss");
    let bytes = rmp_serde::to_vec_named(&functions::row_of(id)).expect("a row is bytes");
    let _: () = redis::cmd("SET")
        .arg(id)
        .arg(bytes)
        .arg("PX")
        .arg(3_600_000)
        .query_async(&mut connection)
        .await
        .expect("the server answers");
}

/// Who asks for what is there, and then who asks for what nobody has asked for: what is loaded is removed afterwards.
fn runners(runtime: &'static Runtime, names: &Names) -> ([Runner; 2], [Runner; 5]) {
    let connection = runtime.block_on(world::bare());
    let (set, del) = (connection.clone(), connection.clone());
    let names = names.clone();
    let there = [
        Runner::new(TRIP, runtime, move |id| {
            let bytes = get(connection.clone(), &names, id);
            async move { assert!(bytes.await.len() > 64, "an envelope") }
        }),
        Runner::new(HIT, runtime, |id| async move { assert_eq!(functions::row(id).await.id, id) }),
    ];
    let new = [
        Runner::new(MISS, runtime, |id| async move { assert_eq!(functions::row(id).await.id, id) }),
        Runner::new("redis-rs, `GET`, then `SET`", runtime, move |id| read_and_set(set.clone(), id)),
        Runner::new("cached, a miss", runtime, |id| async move {
            assert_eq!(functions::current::row(id).await.expect("the server answers").id, id);
        }),
        Runner::new(INVALIDATION, runtime, |id| async move {
            functions::row::entry(id).invalidate().await.expect("the server answers");
        }),
        Runner::new("redis-rs, `DEL`", runtime, move |id| remove(del.clone(), id)),
    ];
    (there, new)
}

/// So many calls of each task, for ids that nobody has asked for.
#[derive(Debug)]
struct Fresh(u64);

impl Fresh {
    fn walk(&mut self, tasks: u64, calls: u64) -> Walk {
        let walk = Walk { tasks, calls, first: self.0, span: calls };
        self.0 += walk.all();
        walk
    }
}

/// What was found out about one of them.
#[derive(Debug)]
struct Cost {
    name: &'static str,
    p50: f64,
    /// Microseconds of the server, at one task and at many.
    server: [f64; 2],
    /// How often the server has read from a connection.
    requests: f64,
    commands: String,
}

fn costs(server: &Server, effort: Effort) -> Vec<Cost> {
    let (there, new) = runners(Threads::Current.runtime(), &Names::find(server, "bench.row"));
    let mut fresh = Fresh(FIRST);
    let before = functions::loads();
    let walks: Vec<Walk> = (0..effort.rounds).map(|_| fresh.walk(1, CALLS)).collect();
    let mut paces = vec![Vec::new(); there.len() + new.len()];
    for walk in walks {
        let hits = there.iter().map(|runner| (runner, walk.of_what_is_there()));
        for (paces, (runner, walk)) in paces.iter_mut().zip(hits.chain(new.iter().map(|runner| (runner, walk)))) {
            paces.push(runner.run(walk));
        }
    }
    let loads = functions::loads() - before;
    assert_eq!(loads, 2 * u64::from(effort.rounds) * CALLS, "larder and cached have loaded each id once");

    let last = fresh.walk(1, CALLS);
    let counts: Vec<(f64, String)> = there
        .iter()
        .map(|runner| (runner, last.of_what_is_there()))
        .chain(new.iter().map(|runner| (runner, last)))
        .map(|(runner, walk)| {
            let mut reads = 0.0;
            let commands = counted(server, CALLS, || reads = requests(server, CALLS, || _ = runner.run(walk)));
            (reads, commands)
        })
        .collect();

    // A server that is asked by many reads and writes for several of them at a time.
    let many = (effort.calls as u64 / 2_000).max(100);
    let mut times = vec![[f64::INFINITY; 2]; paces.len()];
    for _ in 0..TURNS {
        let walks = [fresh.walk(1, effort.calls as u64 / 100), fresh.walk(64, many)];
        for (place, walk) in walks.into_iter().enumerate() {
            let hits = there.iter().map(|runner| (runner, walk.of_what_is_there()));
            for (times, (runner, walk)) in times.iter_mut().zip(hits.chain(new.iter().map(|runner| (runner, walk)))) {
                let took = processor(server, walk.all(), || _ = runner.run(walk));
                times[place] = times[place].min(took);
            }
        }
    }
    let names = there.iter().chain(&new).map(|runner| runner.name);
    let rest = paces.iter().map(|rounds| Pace::of(rounds)).zip(times).zip(counts);
    names
        .zip(rest)
        .map(|(name, ((pace, server), (requests, commands)))| Cost { name, p50: pace.p50, server, requests, commands })
        .collect()
}

pub(super) fn measure(server: &Server, effort: Effort, section: &mut Section, targets: &mut Vec<Target>) {
    let costs = {
        let _apart = Apart::begin(server);
        costs(server, effort)
    };
    let of = |name: &str| costs.iter().find(|cost| cost.name == name);
    let trip = of(TRIP).map_or(f64::NAN, |cost| cost.p50);
    let columns =
        ["p50, µs", "times a `GET`", "requests", "server, µs, 1 task", "server, µs, 64 tasks"].map(str::to_owned);
    let row = |cost: &Cost| [cost.p50, cost.p50 / trip, cost.requests, cost.server[0], cost.server[1]].map(Some).into();
    let table: Vec<_> = costs.iter().map(|cost| (cost.name.to_owned(), row(cost))).collect();
    section.paragraph(
        "One task, `current_thread`, apart; the body does nothing. A miss of larder reads, takes a lease and stores. Beside it \
         how often the server has read from a connection, and what the server's processor does for one operation, for one task and for 64: the fewer ask at once, the more \
         of it is reading and writing sockets.",
    );
    section.table("", &columns, &table);
    let mut commands = String::new();
    for cost in &costs {
        _ = write!(commands, "\n- {}: {}", cost.name, cost.commands);
    }
    section.paragraph(&format!(
        "Commands of each, as the server counts them, those inside of scripts as well:\n{commands}"
    ));
    for (name, limit) in [(HIT, 1.0), (MISS, 3.0), (INVALIDATION, 1.0)] {
        // Each second there is a heartbeat, too.
        let found = of(name).map_or(f64::NAN, |cost| cost.requests);
        targets.push(Target::at_most(format!("requests: {name}"), limit + 0.02, found));
    }
}

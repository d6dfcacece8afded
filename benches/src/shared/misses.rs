//! Misses and invalidations: what they take, as round trips, and what the server does for them.

use std::fmt::Write as _;

use larder_kit::Server;
use redis::aio::MultiplexedConnection;
use tokio::runtime::Runtime;

use super::commands::{counted, processor};
use super::functions;
use super::hits::{Names, get};
use super::race::{Runner, Walk, race};
use super::{Threads, world};
use crate::Effort;
use crate::report::{Section, Target};

/// Nobody else asks for ids from here on.
const FIRST: u64 = 1_000_000;
/// One task asks for so many at once.
const CALLS: u64 = 400;

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

/// In this order: what the first ones load the later ones remove.
fn runners(runtime: &'static Runtime, names: &Names) -> Vec<Runner> {
    let connection = runtime.block_on(world::bare());
    let (set, del) = (connection.clone(), connection.clone());
    let names = names.clone();
    vec![
        Runner::new("redis-rs, `GET`: one round trip", runtime, move |id| {
            let bytes = get(connection.clone(), &names, id % 16);
            async move { assert!(bytes.await.len() > 64, "an envelope") }
        }),
        Runner::new(
            "larder, a hit",
            runtime,
            |id| async move { assert_eq!(functions::row(id % 16).await.id, id % 16) },
        ),
        Runner::new("larder, a miss", runtime, |id| async move { assert_eq!(functions::row(id).await.id, id) }),
        Runner::new("redis-rs, `GET`, then `SET`", runtime, move |id| read_and_set(set.clone(), id)),
        Runner::new("cached, a miss", runtime, |id| async move {
            assert_eq!(functions::current::row(id).await.expect("the server answers").id, id);
        }),
        Runner::new("larder, `invalidate`", runtime, |id| async move {
            functions::row::entry(id).invalidate().await.expect("the server answers");
        }),
        Runner::new("redis-rs, `DEL`", runtime, move |id| remove(del.clone(), id)),
    ]
}

pub(super) fn measure(server: &Server, effort: Effort, section: &mut Section, targets: &mut Vec<Target>) {
    let runtime = Threads::Current.runtime();
    let runners = runners(runtime, &Names::find(server, "bench.row"));
    let walk = |round: u32| Walk { tasks: 1, calls: CALLS, first: FIRST + u64::from(round) * CALLS, span: CALLS };
    let before = functions::loads();
    let paces = race(&runners, effort.rounds, walk);
    let loads = functions::loads() - before;
    assert_eq!(loads, 2 * u64::from(effort.rounds) * CALLS, "larder and cached have loaded each id once");

    // Many at once, since a server that is asked by many reads and writes for several of them at a time.
    let calls = (effort.calls as u64 / 2_000).max(100);
    let many = Walk { tasks: 64, calls, first: 2 * FIRST, span: calls };
    let one = Walk { tasks: 1, calls: effort.calls as u64 / 100, first: 4 * FIRST, span: effort.calls as u64 / 100 };
    let mut commands = String::new();
    let mut times = Vec::new();
    for runner in &runners {
        let text = counted(server, CALLS, || _ = runner.run(walk(effort.rounds)));
        _ = write!(commands, "\n- {}: {text}", runner.name);
        times.push([one, many].map(|walk| processor(server, walk.all(), || _ = runner.run(walk))));
    }

    let trip = paces.first().map_or(f64::NAN, |pace| pace.p50);
    let columns = ["p50, µs", "round trips", "server, µs, 1 task", "server, µs, 64 tasks"].map(str::to_owned);
    let table: Vec<_> = runners
        .iter()
        .zip(&paces)
        .zip(&times)
        .map(|((runner, pace), [one, many])| {
            (runner.name.to_owned(), [pace.p50, pace.p50 / trip, *one, *many].map(Some).into())
        })
        .collect();
    section.paragraph(
        "One task, `current_thread`; the body does nothing. A miss of larder reads, takes a lease and stores. Beside it \
         what the server's processor does for one operation, for one task and for 64: the fewer ask at once, the more \
         of it is reading and writing sockets.",
    );
    section.table("", &columns, &table);
    section.paragraph(&format!(
        "Commands of each, as the server counts them, those inside of scripts as well:\n{commands}"
    ));
    let of = |name: &str| {
        let found = runners.iter().zip(&paces).find(|(runner, _)| runner.name == name);
        found.map_or(f64::NAN, |(_, pace)| pace.p50)
    };
    targets.push(Target::at_most("round trips of a miss that loads", 3.45, of("larder, a miss") / trip));
    targets.push(Target::at_most("round trips of an invalidation", 1.5, of("larder, `invalidate`") / trip));
}

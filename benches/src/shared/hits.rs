//! A hit from Redis, against bare redis-rs and `cached`.

use larder_kit::Server;
use redis::aio::MultiplexedConnection;
use tokio::runtime::Runtime;

use super::apart::Apart;
use super::functions::{self, Row, row_of};
use super::race::{Pace, Runner, Walk, race};
use super::{Threads, world};
use crate::Effort;
use crate::harness::value_of;
use crate::report::{Section, Target};

const TASKS: u64 = 64;
/// At least so many, as where the scheduler puts threads differs from one to the next.
const ROUNDS: u32 = 7;
/// So many ids of each task are there.
pub(super) const SPAN: u64 = 16;

const LARDER: &str = "larder";
const BARE: &str = "redis-rs, `GET` of the same bytes";

/// What is asked of the server without a cache: the names of what larder keeps there.
#[derive(Clone, Debug)]
pub(super) struct Names {
    prefix: String,
    /// Two numbers that larder reads with every value.
    generations: [String; 2],
}

impl Names {
    /// Those of a function whose key begins so, of which the entry 0 is there.
    pub(super) fn find(server: &Server, function: &str) -> Self {
        let (key, generations) = (server.cli(&["KEYS", &format!("*{{{function}:0}}")]), server.cli(&["KEYS", "*:g:*"]));
        let mut generations = generations.lines().map(str::to_owned);
        let mut next = || generations.next().expect("there are generations");
        let generations = [next(), next()];
        let prefix = key.strip_suffix("0}").expect("the entry is there").to_owned();
        Self { prefix, generations }
    }

    pub(super) fn of(&self, id: u64) -> String {
        format!("{}{id}}}", self.prefix)
    }
}

pub(super) fn get(connection: MultiplexedConnection, names: &Names, id: u64) -> impl Future<Output = Vec<u8>> + use<> {
    let (mut connection, key) = (connection, names.of(id));
    async move {
        let bytes: Option<Vec<u8>> =
            redis::cmd("GET").arg(key).query_async(&mut connection).await.expect("the server answers");
        bytes.expect("the entry is there")
    }
}

/// Two ways without a cache.
fn bare(runtime: &'static Runtime, names: &Names) -> [Runner; 2] {
    let connection = runtime.block_on(world::bare());
    let (one, three) = ((connection.clone(), names.clone()), (connection, names.clone()));
    [
        Runner::new(BARE, runtime, move |id| {
            let bytes = get(one.0.clone(), &one.1, id);
            async move { assert!(bytes.await.len() > 64, "an envelope") }
        }),
        Runner::new("redis-rs, `MGET` of the same and two numbers", runtime, move |id| {
            let (mut connection, names) = three.clone();
            async move {
                let mut command = redis::cmd("MGET");
                command.arg(names.of(id)).arg(&names.generations);
                let found: Vec<Vec<u8>> = command.query_async(&mut connection).await.expect("the server answers");
                assert_eq!(found.len(), 3, "all are there");
            }
        }),
    ]
}

fn rows(threads: Threads, runtime: &'static Runtime, names: &Names) -> Vec<Runner> {
    let right = |id: u64, row: &Row| assert_eq!(row.id, id, "the right value");
    let mut runners = vec![Runner::new(LARDER, runtime, move |id| async move {
        right(id, &functions::row(id).await);
    })];
    runners.extend(bare(runtime, names));
    let connection = runtime.block_on(world::bare());
    runners.push(Runner::new("redis-rs, `GET` of the value alone, and `rmp-serde`", runtime, move |id| {
        let mut connection = connection.clone();
        async move {
            let key = format!("bare:{id}");
            let bytes: Vec<u8> =
                redis::cmd("GET").arg(key).query_async(&mut connection).await.expect("the server answers");
            right(id, &rmp_serde::from_slice(&bytes).expect("a row"));
        }
    }));
    runners.push(match threads {
        Threads::Current => Runner::new("cached", runtime, move |id| async move {
            right(id, &functions::current::row(id).await.expect("the server answers"));
        }),
        Threads::Two => Runner::new("cached", runtime, move |id| async move {
            right(id, &functions::two::row(id).await.expect("the server answers"));
        }),
    });
    runners
}

fn numbers(threads: Threads, runtime: &'static Runtime, names: &Names) -> Vec<Runner> {
    let right = |id: u64, number: u64| assert_eq!(number, value_of(id), "the right value");
    let mut runners =
        vec![Runner::new(LARDER, runtime, move |id| async move { right(id, functions::number(id).await) })];
    runners.extend(bare(runtime, names));
    runners.push(match threads {
        Threads::Current => Runner::new("cached", runtime, move |id| async move {
            right(id, functions::current::number(id).await.expect("the server answers"));
        }),
        Threads::Two => Runner::new("cached", runtime, move |id| async move {
            right(id, functions::two::number(id).await.expect("the server answers"));
        }),
    });
    runners
}

/// Puts there what bare redis-rs shall find, and asserts that it is what it is said to be.
fn prepare(runtime: &Runtime) {
    runtime.block_on(async {
        let mut connection = world::bare().await;
        for id in 0..TASKS * SPAN {
            let bytes = rmp_serde::to_vec_named(&row_of(id)).expect("a row is bytes");
            assert!((90..120).contains(&bytes.len()), "about a hundred bytes, not {}", bytes.len());
            let _: () = redis::cmd("SET")
                .arg(format!("bare:{id}"))
                .arg(bytes)
                .query_async(&mut connection)
                .await
                .expect("the server answers");
            functions::row(id).await;
            functions::number(id).await;
        }
    });
}

pub(super) fn measure(server: &Server, effort: Effort, section: &mut Section, targets: &mut Vec<Target>) {
    for value in ["a struct of about 100 bytes", "a `u64`"] {
        let columns =
            ["µs at 1 task, apart", "anywhere", "µs at 64 tasks", "thousand hits/s at 64 tasks"].map(str::to_owned);
        for threads in Threads::BOTH {
            let runtime = threads.runtime();
            prepare(runtime);
            let rows_of = value.starts_with("a struct");
            let names = Names::find(server, if rows_of { "bench.row" } else { "bench.number" });
            let runners = if rows_of { rows(threads, runtime, &names) } else { numbers(threads, runtime, &names) };
            let timed = |tasks: u64| {
                let calls = effort.calls as u64 / 200 / if tasks == 1 { 1 } else { 8 };
                let walk = Walk { tasks, calls, first: 0, span: SPAN };
                race(&runners, 1, |_| walk);
                let before = functions::loads();
                let paces = race(&runners, effort.rounds.max(ROUNDS), |_| walk);
                assert_eq!(functions::loads(), before, "these were all hits");
                paces
            };
            let (anywhere, many) = (timed(1), timed(TASKS));
            let apart = {
                let _apart = Apart::begin(server);
                timed(1)
            };
            let table: Vec<_> = runners
                .iter()
                .zip(apart.iter().zip(&anywhere).zip(&many))
                .map(|(runner, ((apart, anywhere), many))| {
                    let numbers = [apart.p50, anywhere.p50, many.p50, many.throughput];
                    (runner.name.to_owned(), numbers.map(Some).into())
                })
                .collect();
            section.table(&format!("a hit of {value}, {}; p50", threads.name()), &columns, &table);
            let of = |paces: &[Pace], name: &str| {
                let at = runners.iter().position(|runner| runner.name == name);
                at.and_then(|at| paces.get(at)).copied().unwrap_or(Pace::NONE)
            };
            let what = format!("{value}, {}", threads.name());
            targets.push(Target::at_most(
                format!("p50 of a hit over a bare `GET`: {what}, 1 task, apart"),
                1.5,
                of(&apart, LARDER).p50 / of(&apart, BARE).p50,
            ));
            targets.push(Target::at_least(
                format!("throughput of hits over bare `GET`s: {what}, 64 tasks"),
                0.85,
                of(&many, LARDER).throughput / of(&many, BARE).throughput,
            ));
        }
    }
}

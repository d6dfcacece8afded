//! A hundred ids in one call, against a hundred calls.

use std::time::Instant;

use larder_kit::Server;
use redis::aio::MultiplexedConnection;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::apart::Apart;
use super::{Threads, functions, world};
use crate::Effort;
use crate::report::Section;

const IDS: u64 = 100;
/// Nobody else asks for ids from here on.
const FIRST: u64 = 10_000_000;

async fn batch(ids: Vec<u64>) {
    let found = functions::rows(&ids).await;
    assert!(ids.iter().all(|id| found.get(id).is_some_and(|row| row.id == *id)), "all rows");
}

async fn in_turn(ids: Vec<u64>) {
    for id in ids {
        assert_eq!(functions::row(id).await.id, id);
    }
}

async fn at_once(ids: Vec<u64>) {
    let mut tasks = JoinSet::new();
    for id in ids {
        tasks.spawn(async move { assert_eq!(functions::row(id).await.id, id) });
    }
    tasks.join_all().await;
}

async fn mget(mut connection: MultiplexedConnection, ids: Vec<u64>) {
    let keys: Vec<String> = ids.iter().map(|id| format!("bare:{id}")).collect();
    let found: Vec<Vec<u8>> =
        redis::cmd("MGET").arg(keys).query_async(&mut connection).await.expect("the server answers");
    for (id, bytes) in ids.into_iter().zip(found) {
        assert_eq!(rmp_serde::from_slice::<functions::Row>(&bytes).expect("a row").id, id);
    }
}

fn timed<A: Future<Output = ()>>(runtime: &Runtime, work: A) -> f64 {
    let started = Instant::now();
    runtime.block_on(work);
    started.elapsed().as_nanos() as f64 / 1_000.0
}

pub(super) fn measure(server: &Server, effort: Effort, section: &mut Section) {
    let _apart = Apart::begin(server);
    let runtime = Threads::Current.runtime();
    let connection = runtime.block_on(world::bare());
    let names = ["one call", "a hundred calls, one after the other", "a hundred calls, at the same time"];
    let mut best = [[f64::INFINITY; 2]; 3];
    let mut bare = f64::INFINITY;
    for round in 0..u64::from(effort.rounds.max(5)) {
        // What is cold has never been asked for; then it is asked for again. Single calls share their function.
        let ids = |part: u64| -> Vec<u64> { (0..IDS).map(|id| FIRST + (round * 2 + part) * IDS + id).collect() };
        let before = functions::loads();
        for turn in 0..2 {
            let took =
                [timed(runtime, batch(ids(0))), timed(runtime, in_turn(ids(0))), timed(runtime, at_once(ids(1)))];
            for (best, took) in best.iter_mut().zip(took) {
                best[turn] = best[turn].min(took);
            }
            bare = bare.min(timed(runtime, mget(connection.clone(), (0..IDS).collect())));
        }
        assert_eq!(functions::loads() - before, 3 * IDS, "each id was loaded once, and then hit");
    }
    let mut rows: Vec<_> =
        names.iter().zip(best).map(|(name, took)| ((*name).to_owned(), took.map(Some).into())).collect();
    rows.push(("redis-rs, one `MGET`, and `rmp-serde`".to_owned(), vec![None, Some(bare)]));
    section.paragraph(
        "A hundred rows, `#[cached(batch)]` against single calls; `current_thread`, apart; the whole of it in µs.",
    );
    section.table("µs for 100 ids", &["cold".to_owned(), "warm".to_owned()], &rows);
}

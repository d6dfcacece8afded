//! The same questions with and without the cache: both distributions in one picture, and as a table.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::Method;
use minijinja::{Value, context};

use crate::catalog::bought_together;
use crate::db::{Db, DbError};
use crate::failure::Failure;
use crate::latency::{HEIGHT, Latencies, WIDTH, place};
use crate::pages::{Page, Shop};
use crate::period::Period;
use crate::reports::{best_sellers, front_page};
use crate::search::{Words, search};
use crate::view::readable;

/// How often a question is asked: without the cache, and with it.
const RUNS: (usize, usize) = (25, 1_000);

/// Started with `LARDER=off`, a thousand answers would take minutes.
const LONGEST: Duration = Duration::from_secs(1);

/// Shows the button (`GET`), or presses it (`POST`).
pub(crate) async fn show(State(shop): State<Shop>, method: Method) -> Page {
    let started = Instant::now();
    let rows = if method == Method::POST { compare(&shop.db).await? } else { Vec::new() };
    let (runs, hits) = RUNS;
    let page = context! { rows, runs, hits, width => WIDTH, height => HEIGHT, ticks => ticks() };
    shop.show(started, "measure.html", page).await
}

async fn compare(db: &Db) -> Result<Vec<Value>, Failure> {
    let year = Period::Year;
    let words = &Words::parse("smoked paprika").ok_or(Failure::NotFound)?;
    Ok(vec![
        Pair {
            without: sample(RUNS.0, || front_page::uncached(db)).await?,
            with: sample(RUNS.1, || front_page(db)).await?,
        }
        .row("The front page", "front_page"),
        Pair {
            without: sample(RUNS.0, || best_sellers::uncached(db, "tea", year)).await?,
            with: sample(RUNS.1, || best_sellers(db, "tea", year)).await?,
        }
        .row("Best sellers of a year", "best_sellers"),
        Pair {
            without: sample(RUNS.0, || search::uncached(db, words, 1)).await?,
            with: sample(RUNS.1, || search(db, words, 1)).await?,
        }
        .row("A search", "search"),
        Pair {
            without: sample(RUNS.0, || bought_together::uncached(db, 1)).await?,
            with: sample(RUNS.1, || bought_together(db, 1)).await?,
        }
        .row("Often bought together", "bought_together"),
    ])
}

/// The times of `runs` calls, or of those that fit in a second. One call before them fills the cache.
async fn sample<T, F>(runs: usize, ask: impl Fn() -> F) -> Result<Latencies, DbError>
where
    F: Future<Output = Result<T, DbError>>,
{
    ask().await?;
    let started = Instant::now();
    let mut times = Vec::with_capacity(runs);
    while times.len() < runs && started.elapsed() < LONGEST {
        let asked = Instant::now();
        ask().await?;
        times.push(asked.elapsed());
    }
    Ok(Latencies::new(times))
}

/// The times of one question.
struct Pair {
    without: Latencies,
    with: Latencies,
}

impl Pair {
    fn row(&self, question: &str, function: &str) -> Value {
        let times = self.without.percentile(50).as_nanos() / self.with.percentile(50).as_nanos().max(1);
        context! {
            question,
            function,
            without => figures(&self.without),
            with => figures(&self.with),
            times => i64::try_from(times).unwrap_or(i64::MAX),
        }
    }
}

/// What the table says of a distribution, and where the picture has it.
fn figures(latencies: &Latencies) -> Value {
    let (middle, slow) = (latencies.percentile(50), latencies.percentile(99));
    context! {
        count => latencies.count(),
        p50 => readable(middle),
        p99 => readable(slow),
        outline => latencies.outline(),
        middle => place(middle),
        slow => place(slow),
    }
}

/// The marks under the picture.
fn ticks() -> Vec<Value> {
    [("100 ns", 100), ("10 µs", 10_000), ("1 ms", 1_000_000), ("100 ms", 100_000_000)]
        .map(|(label, nanos)| context! { label, x => place(Duration::from_nanos(nanos)) })
        .into()
}

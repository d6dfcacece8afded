//! The same questions with and without the cache, side by side.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::Method;
use minijinja::{Value, context};

use crate::catalog::bought_together;
use crate::db::{Db, DbError};
use crate::failure::Failure;
use crate::pages::{Page, Shop};
use crate::period::Period;
use crate::reports::{best_sellers, front_page};
use crate::search::{Words, search};
use crate::view::readable;

/// How often a question is asked: without the cache, and with it.
const RUNS: (u32, u32) = (5, 1_000);

/// Started with `LARDER=off`, a thousand answers would take minutes.
const LONGEST: Duration = Duration::from_secs(1);

/// Shows the button (`GET`), or presses it (`POST`).
pub(crate) async fn show(State(shop): State<Shop>, method: Method) -> Page {
    let started = Instant::now();
    let rows = if method == Method::POST { compare(&shop.db).await? } else { Vec::new() };
    shop.show(started, "measure.html", context! { rows, runs => RUNS.0, hits => RUNS.1 }).await
}

async fn compare(db: &Db) -> Result<Vec<Value>, Failure> {
    let year = Period::Year;
    let words = &Words::parse("smoked paprika").ok_or(Failure::NotFound)?;
    Ok(vec![
        Pair {
            without: mean(RUNS.0, || front_page::uncached(db)).await?,
            with: mean(RUNS.1, || front_page(db)).await?,
        }
        .row("The front page", "front_page"),
        Pair {
            without: mean(RUNS.0, || best_sellers::uncached(db, "tea", year)).await?,
            with: mean(RUNS.1, || best_sellers(db, "tea", year)).await?,
        }
        .row("Best sellers of a year", "best_sellers"),
        Pair {
            without: mean(RUNS.0, || search::uncached(db, words, 1)).await?,
            with: mean(RUNS.1, || search(db, words, 1)).await?,
        }
        .row("A search", "search"),
        Pair {
            without: mean(RUNS.0, || bought_together::uncached(db, 1)).await?,
            with: mean(RUNS.1, || bought_together(db, 1)).await?,
        }
        .row("Often bought together", "bought_together"),
    ])
}

/// The mean time of `runs` calls, or of those that fit in a second. One call before them fills the cache.
async fn mean<T, F>(runs: u32, ask: impl Fn() -> F) -> Result<Duration, DbError>
where
    F: Future<Output = Result<T, DbError>>,
{
    ask().await?;
    let started = Instant::now();
    let mut done = 0;
    while done < runs && started.elapsed() < LONGEST {
        ask().await?;
        done += 1;
    }
    Ok(started.elapsed() / done.max(1))
}

/// The mean time of one question.
struct Pair {
    without: Duration,
    with: Duration,
}

impl Pair {
    fn row(&self, question: &str, function: &str) -> Value {
        let times = self.without.as_nanos() / self.with.as_nanos().max(1);
        context! {
            question,
            function,
            without => readable(self.without),
            with => readable(self.with),
            nanos => (self.without.as_secs_f64() * 1e9, self.with.as_secs_f64() * 1e9),
            times => i64::try_from(times).unwrap_or(i64::MAX),
        }
    }
}

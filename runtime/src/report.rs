//! A table that a person can read: for each function whether caching pays, and what to change if not.

use std::fmt::Write as _;
use std::time::Duration;

use crate::cache::Cache;
use crate::registry::registry;
use crate::stats::Stats;

/// The report of the default cache: see [`Cache::report`].
#[must_use]
pub fn report() -> String {
    crate::default::current().report()
}

impl Cache {
    /// A table of the annotated functions that this cache was used by: calls, hit ratio, mean time of a load, time saved,
    /// and whether caching pays. Functions whose keys can be the same are named below it. The form of the text is not part
    /// of the interface; for numbers use [`stats`](Self::stats) or `f::all().stats()`.
    #[must_use]
    pub fn report(&self) -> String {
        if self.is_off() {
            return "caching is off: every call runs its body\n".to_owned();
        }
        self.tidy();
        let mut rows: Vec<_> = self
            .functions()
            .filter(|(_, stats)| stats.hits + stats.misses + stats.loads > 0)
            .map(|(site, stats)| (site.display_path(), stats))
            .collect();
        rows.sort_by(|(a, x), (b, y)| y.time_saved.cmp(&x.time_saved).then_with(|| a.cmp(b)));
        let width = rows.iter().map(|(path, _)| path.len()).max().unwrap_or(0).max("function".len());
        let mut table = format!(
            "{:<width$} {:>10} {:>7} {:>9} {:>10} {:>10} {:>8}  {}\n",
            "function", "calls", "hits", "loads", "mean load", "saved", "entries", "advice"
        );
        for (path, stats) in &rows {
            let ratio = stats.hit_ratio().map_or_else(|| "-".to_owned(), |ratio| format!("{:.1}%", ratio * 100.0));
            // Writing to a string does not fail.
            let _ = writeln!(
                table,
                "{:<width$} {:>10} {:>7} {:>9} {:>10} {:>10} {:>8}  {}",
                path,
                stats.hits + stats.misses,
                ratio,
                stats.loads,
                short(mean_load(stats)),
                short(stats.time_saved),
                stats.entries,
                advice(stats),
            );
        }
        if rows.is_empty() {
            table.push_str("no annotated function was called\n");
        }
        for conflict in registry().conflicts() {
            let _ = writeln!(table, "conflict: {conflict}");
        }
        table
    }
}

fn mean_load(stats: &Stats) -> Duration {
    let loads = u32::try_from(stats.loads).unwrap_or(u32::MAX);
    stats.load_time.checked_div(loads).unwrap_or_default()
}

fn short(duration: Duration) -> String {
    format!("{duration:.1?}")
}

/// Calls after which a verdict means something.
const ENOUGH: u64 = 100;

fn advice(stats: &Stats) -> &'static str {
    let calls = stats.hits + stats.misses;
    let answered = stats.hits + stats.coalesced;
    if calls < ENOUGH {
        "too few calls to tell"
    } else if stats.load_errors * 2 > stats.loads {
        "most loads fail, and failures are not stored: see `cache_err`"
    } else if stats.stores + stats.fenced == 0 {
        "nothing that it returns is stored: see `cache_none` and `store_if`"
    } else if stats.fenced * 2 > stats.loads {
        "entries are invalidated while they load: invalidate more narrowly"
    } else if mean_load(stats) < Duration::from_micros(1) {
        "the body is about as quick as a hit: remove the attribute"
    } else if stats.evictions * 2 > stats.stores {
        "entries are evicted before they are used: raise the capacity"
    } else if answered * 10 < calls {
        "hardly ever hit: lengthen the timeout, or name fewer arguments in the key"
    } else {
        "pays"
    }
}

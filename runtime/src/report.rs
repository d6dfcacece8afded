//! A table that a person can read: for each function whether caching pays, and what to change if not.

use std::fmt::Write as _;
use std::time::Duration;

use crate::cache::{Cache, NO_FUNCTION};
use crate::registry::registry;
use crate::stats::Stats;

/// Entries that no function makes.
const OTHERS: &str = "(keys by hand, fragments of templates)";

/// The report of the default cache: see [`Cache::report`].
#[must_use]
pub fn report() -> String {
    crate::default::current().report()
}

impl Cache {
    /// A table of the annotated functions that this cache was used by: calls, how many of them were hits, and how many of
    /// these stale, mean time of a load, time saved,
    /// and whether caching pays. Keys that are set by hand and fragments of templates are one row. Functions whose keys can be the same are named below it, and why responses of handlers were not stored.
    /// The form of the text is not part of the interface; for numbers use [`stats`](Self::stats) or `f::all().stats()`.
    #[must_use]
    pub fn report(&self) -> String {
        if self.is_off() {
            return "caching is off: every call runs its body\n".to_owned();
        }
        self.tidy();
        let others = (OTHERS.to_owned(), self.group_stats(NO_FUNCTION));
        let mut rows: Vec<_> = self
            .functions()
            .map(|(site, stats)| (site.display_path(), stats))
            .chain([others])
            .filter(|(_, stats)| calls(stats) + stats.loads > 0)
            .collect();
        rows.sort_by(|(a, x), (b, y)| y.time_saved.cmp(&x.time_saved).then_with(|| a.cmp(b)));
        let width = rows.iter().map(|(path, _)| path.len()).max().unwrap_or(0).max("function".len());
        let mut table = format!(
            "{:<width$} {:>10} {:>7} {:>7} {:>9} {:>10} {:>10} {:>8}  {}\n",
            "function", "calls", "hits", "stale", "loads", "mean load", "saved", "entries", "advice"
        );
        for (path, stats) in &rows {
            // Writing to a string does not fail.
            let _ = writeln!(
                table,
                "{:<width$} {:>10} {:>7} {:>7} {:>9} {:>10} {:>10} {:>8}  {}",
                path,
                calls(stats),
                percent(stats.answered(), calls(stats)),
                percent(stats.stale_hits, calls(stats)),
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
        #[cfg(feature = "http")]
        for (site, _) in self.functions() {
            let reasons = crate::http::list(&self.counters(site.number()).not_stored.met());
            if !reasons.is_empty() {
                let _ = writeln!(table, "responses not stored: {}: {reasons}", site.display_path());
            }
        }
        for conflict in registry().conflicts() {
            let _ = writeln!(table, "conflict: {conflict}");
        }
        table
    }
}

fn calls(stats: &Stats) -> u64 {
    stats.hits + stats.stale_hits + stats.misses
}

#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.1}%", part as f64 / whole as f64 * 100.0) }
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
    let calls = calls(stats);
    let answered = stats.answered() + stats.coalesced;
    if calls < ENOUGH {
        "too few calls to tell"
    } else if stats.load_errors * 2 > stats.loads {
        "most loads fail, and failures are not stored: see `cache_err`"
    } else if stats.stores + stats.fenced == 0 {
        "nothing that it returns is stored: see `cache_none` and `store_if`"
    } else if stats.fenced * 2 > stats.loads {
        "entries are invalidated while they load: invalidate more narrowly"
    } else if stats.refreshes_skipped > stats.refreshes {
        "most refreshes find no room: see `refresh_limit` of the builder"
    } else if stats.stale_hits * 2 > calls {
        "mostly answered with old values: lengthen the timeout"
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

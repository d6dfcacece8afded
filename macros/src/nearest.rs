//! "Did you mean": the known word nearest to what was written.

use crate::attr::OPTIONS;

/// Words of other libraries, and ours for the same thing.
const SYNONYMS: &[(&str, &str)] = &[
    ("ttl", "timeout"),
    ("time", "timeout"),
    ("expire", "timeout"),
    ("expires", "timeout"),
    ("expiry", "timeout"),
    ("expiration", "timeout"),
    ("max_age", "timeout"),
    ("time_to_live", "timeout"),
    ("convert", "key"),
    ("name", "key"),
    ("skip", "ignore"),
    ("exclude", "ignore"),
    ("etag", "revision"),
    ("bypass", "unless"),
    ("skip_if", "unless"),
    ("force", "refresh_if"),
    ("forced_update", "refresh_if"),
    ("force_refresh", "refresh_if"),
    ("cache_if", "store_if"),
    ("response_filter", "store_if"),
    ("store", "cache"),
    ("negative", "cache_none"),
    ("swr", "stale_while_revalidate"),
    ("stale", "stale_while_revalidate"),
    ("while_revalidate", "stale_while_revalidate"),
    ("revalidate", "stale_while_revalidate"),
    ("sie", "stale_if_error"),
    ("if_error", "stale_if_error"),
    ("fail_safe", "stale_if_error"),
    ("failsafe", "stale_if_error"),
    ("grace", "stale_if_error"),
    ("factory_timeout", "soft_timeout"),
    ("load_timeout", "soft_timeout"),
    ("refresh_ahead", "early"),
    ("refresh_after", "early"),
    ("eager", "early"),
    ("eager_refresh", "early"),
    ("early_refresh", "early"),
    ("beta", "early"),
    ("spread", "jitter"),
    ("tag", "tags"),
    ("group", "tags"),
    ("groups", "tags"),
    ("bulk", "batch"),
    ("many", "batch"),
    ("chunk_size", "chunk"),
    ("batch_size", "chunk"),
    ("max_batch", "chunk"),
    ("single_flight", "coalesce"),
    ("sync_writes", "coalesce"),
    ("with_cached_flag", "entry"),
];

pub(crate) fn option(word: &str) -> Option<&'static str> {
    let synonym = SYNONYMS.iter().find(|(theirs, _)| *theirs == word).map(|(_, ours)| *ours);
    synonym.or_else(|| of(word, OPTIONS.iter().copied()))
}

/// The word at the smallest distance, if it is near enough to be meant.
pub(crate) fn of<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.map(|candidate| (distance(word, candidate), candidate)).min_by_key(|(distance, _)| *distance);
    let limit = (word.chars().count() / 3).max(1);
    near.filter(|(distance, _)| *distance <= limit).map(|(_, candidate)| candidate)
}

/// Edits between two words; two swapped neighbours are one edit.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, l) in left.to_lowercase().chars().enumerate() {
        let mut now = vec![row + 1];
        for (column, r) in right.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, column) + usize::from(l != *r)).min(at(&last, column + 1) + 1);
            best = best.min(at(&now, column) + 1);
            let swapped = column > 0 && previous == Some(*r) && right.get(column - 1) == Some(&l);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            now.push(best);
        }
        previous = Some(l);
        before = std::mem::replace(&mut last, now);
    }
    last.last().copied().unwrap_or(usize::MAX)
}

//! The search: what a visitor typed, and what the shop finds for it.

use std::sync::Arc;

use larder::{KeyPart, cached};
use rusqlite::named_params;
use serde::{Deserialize, Serialize};

use crate::db::{Db, DbError};

/// The words of a search, in one spelling: `" Smoked  PAPRIKA"` and `"smoked paprika"` are the same
/// question, so they have the same answer, and the same entry in the cache.
#[derive(Debug, Clone, PartialEq, Eq, KeyPart)]
pub(crate) struct Words(String);

impl Words {
    const WORDS: usize = 4;
    const LETTERS: usize = 60;

    /// Lower case, single spaces, the first few words; `None` if nothing is left.
    pub(crate) fn parse(typed: &str) -> Option<Self> {
        let short: String = typed.chars().take(Self::LETTERS).collect();
        let words: Vec<_> = short.split_whitespace().take(Self::WORDS).map(str::to_lowercase).collect();
        (!words.is_empty()).then(|| Self(words.join(" ")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// One `LIKE` pattern for each word, with `\` as the escape; the rest match anything.
    pub(crate) fn patterns(&self) -> [String; Self::WORDS] {
        let mut words = self.0.split(' ');
        [(); Self::WORDS].map(|()| words.next().map_or_else(|| "%".to_owned(), pattern))
    }
}

fn pattern(word: &str) -> String {
    let literal = word.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    format!("%{literal}%")
}

/// One page of what a search found.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Found {
    pub(crate) total: u32,
    pub(crate) rows: Vec<Hit>,
}

/// A product that was found. Its name and price are on its card, so that a new price makes no search untrue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hit {
    pub(crate) id: u32,
    pub(crate) sold: u32,
}

/// How many products one page of a search shows.
pub(crate) const PAGE: u32 = 20;

/// The products whose name or description has all the words, those that sell best first; pages
/// count from 1.
#[cached(timeout = 60, key = "search:<words>:<page>")]
pub(crate) async fn search(db: &Db, words: &Words, page: u32) -> Result<Arc<Found>, DbError> {
    // Unused words match everything: one statement serves any number of them.
    let [a, b, c, d] = words.patterns();
    db.run(move |connection| {
        let mut query = connection.prepare_cached(
            "SELECT p.id,
                    (SELECT COALESCE(SUM(quantity), 0) FROM order_line
                     WHERE product_id = p.id) AS sold,
                    COUNT(*) OVER ()
             FROM product p
             WHERE (p.name || ' ' || p.description) LIKE :a ESCAPE '\\'
               AND (p.name || ' ' || p.description) LIKE :b ESCAPE '\\'
               AND (p.name || ' ' || p.description) LIKE :c ESCAPE '\\'
               AND (p.name || ' ' || p.description) LIKE :d ESCAPE '\\'
             ORDER BY sold DESC, p.id LIMIT :size OFFSET :skip",
        )?;
        let skip = i64::from(page.saturating_sub(1)) * i64::from(PAGE);
        let mut rows =
            query.query(named_params! { ":a": a, ":b": b, ":c": c, ":d": d, ":size": PAGE, ":skip": skip })?;
        let mut found = Found { total: 0, rows: Vec::new() };
        while let Some(row) = rows.next()? {
            found.total = row.get(2)?;
            found.rows.push(Hit { id: row.get(0)?, sold: row.get(1)? });
        }
        Ok(Arc::new(found))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_question_are_equal() {
        assert_eq!(Words::parse("  Smoked \t PAPRIKA "), Words::parse("smoked paprika"));
        assert_eq!(Words::parse("   "), None);
    }

    #[test]
    fn what_sqlite_would_read_as_a_wildcard_is_literal() {
        let words = Words::parse(r"100%_\").map(|words| words.patterns());
        assert_eq!(words.map(|[first, ..]| first), Some(r"%100\%\_\\%".to_owned()));
    }
}

//! Whether the store is in reach, and why not: said once for each change.

use crate::log;

/// How many reasons are remembered, so that two which take turns are not repeated for ever.
const REASONS: usize = 8;

pub(super) struct Health {
    /// Where the store is, without a login.
    place: String,
    why: String,
    /// What has been said since the store was in reach.
    said: Vec<String>,
}

impl Health {
    pub(super) fn new(place: String) -> Self {
        Self { place, why: "it is not connected yet".to_owned(), said: Vec::new() }
    }

    pub(super) fn why(&self) -> &str {
        &self.why
    }

    pub(super) fn up(&mut self) {
        if !self.said.is_empty() {
            self.said.clear();
            log::warning(&format!("redis at {} can be reached again", self.place));
        }
    }

    pub(super) fn down(&mut self, why: &str) {
        self.why.clear();
        self.why.push_str(why);
        if self.said.len() < REASONS && !self.said.iter().any(|said| said == why) {
            self.said.push(why.to_owned());
            log::warning(&format!("redis at {} can't be used: {why}; its caches go on without it", self.place));
        }
    }
}

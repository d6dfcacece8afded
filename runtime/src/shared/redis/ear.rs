//! What is passed on: a note behind a number of its own. The nodes of a cluster pass every note on to each other, so that who listens to
//! several of them hears it several times, and tells it once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::shared::store::Watcher;

const SIZE: usize = size_of::<u64>();

/// So many numbers are remembered, and as many again. To tell a note twice does no harm.
const MANY: usize = 8_192;

/// A note as it is passed on.
pub(super) fn message(note: &[u8]) -> Vec<u8> {
    [&fastrand::u64(..).to_le_bytes(), note].concat()
}

/// Who hears what is passed on.
#[derive(Clone)]
pub(super) struct Ear {
    watcher: Arc<dyn Watcher>,
    /// Where there are several nodes.
    heard: Option<Arc<Mutex<Recent>>>,
}

impl Ear {
    pub(super) fn new(watcher: Arc<dyn Watcher>, several: bool) -> Self {
        Self { watcher, heard: several.then(Arc::default) }
    }

    /// Tells a note for the first time. What is no note has come from somebody else.
    pub(super) fn hear(&self, message: &[u8]) {
        let Some((number, note)) = message.split_first_chunk::<SIZE>() else { return };
        let number = u64::from_le_bytes(*number);
        let is_new = |heard: &Arc<Mutex<Recent>>| heard.lock().unwrap_or_else(PoisonError::into_inner).add(number);
        if self.heard.as_ref().is_none_or(is_new) {
            self.watcher.told(note);
        }
    }
}

#[derive(Default)]
struct Recent {
    young: HashSet<u64, foldhash::fast::RandomState>,
    old: HashSet<u64, foldhash::fast::RandomState>,
}

impl Recent {
    /// Whether it is new.
    fn add(&mut self, number: u64) -> bool {
        if self.old.contains(&number) || !self.young.insert(number) {
            return false;
        }
        if self.young.len() >= MANY {
            self.old = std::mem::take(&mut self.young);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{MANY, Recent, message};

    #[test]
    fn a_number_is_new_once_while_it_is_remembered() {
        let mut recent = Recent::default();
        let many = MANY as u64;
        for number in 0..many * 3 {
            assert!(recent.add(number));
            assert!(!recent.add(number));
        }
        assert!(!recent.add(many * 2) && recent.add(0), "only the last are remembered");
    }

    #[test]
    fn equal_notes_are_two_messages() {
        assert_ne!(message(b"note"), message(b"note"));
        assert!(message(b"note").ends_with(b"note"));
    }
}

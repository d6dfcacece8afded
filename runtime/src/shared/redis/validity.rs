//! When every node has answered, all notes from before have been told: then the store vouches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::shared::store::{Moment, Watcher};

/// How long memory may be used after a moment at which nothing was missing.
pub(super) const VALIDITY: Duration = Duration::from_secs(3);

/// The nodes whose notes are heard, each with the moment before which none is missing.
pub(super) struct Validity {
    nodes: Mutex<HashMap<String, Option<Moment>>>,
    watcher: Arc<dyn Watcher>,
}

impl Validity {
    pub(super) fn new(watcher: Arc<dyn Watcher>) -> Arc<Self> {
        Arc::new(Self { nodes: Mutex::default(), watcher })
    }

    fn nodes(&self) -> MutexGuard<'_, HashMap<String, Option<Moment>>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn watcher(&self) -> &Arc<dyn Watcher> {
        &self.watcher
    }

    /// From now on this node has to answer as well.
    pub(super) fn join(&self, node: &str) {
        self.nodes().entry(node.to_owned()).or_default();
    }

    /// It need not answer any more.
    pub(super) fn leave(&self, node: &str) {
        self.nodes().remove(node);
    }

    /// Notes of this node may have been missed.
    pub(super) fn lost(&self, node: &str) {
        if let Some(moment) = self.nodes().get_mut(node) {
            *moment = None;
        }
        self.watcher.lost();
    }

    /// All notes of this node from before the moment have been told.
    pub(super) fn answered(&self, node: &str, asked: Moment) {
        let mut nodes = self.nodes();
        let Some(moment) = nodes.get_mut(node) else { return };
        *moment = Some(asked);
        let earliest = nodes.values().copied().min().flatten();
        drop(nodes);
        if let Some(earliest) = earliest {
            self.watcher.vouch(earliest, VALIDITY);
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::Validity;
    use crate::shared::store::{Moment, Watcher};

    #[derive(Default)]
    struct Log(Mutex<Vec<Option<u64>>>);

    impl Watcher for Log {
        fn told(&self, _note: &[u8]) {}

        fn now(&self) -> Moment {
            Moment(0)
        }

        fn vouch(&self, asked: Moment, _time: Duration) {
            self.0.lock().unwrap().push(Some(asked.0));
        }

        fn lost(&self) {
            self.0.lock().unwrap().push(None);
        }

        fn reached(&self) {}
    }

    #[test]
    fn the_store_vouches_when_all_nodes_have_answered_for_the_earliest_moment() {
        let log = Arc::new(Log::default());
        let validity = Validity::new(log.clone());
        let said = || std::mem::take(&mut *log.0.lock().unwrap());
        validity.answered("a", Moment(1));
        assert_eq!(said(), [], "an unknown node says nothing");
        validity.join("a");
        validity.join("b");
        validity.answered("a", Moment(2));
        assert_eq!(said(), [], "the other is missing");
        validity.answered("b", Moment(3));
        validity.answered("a", Moment(5));
        assert_eq!(said(), [Some(2), Some(3)]);
        validity.join("a");
        validity.lost("b");
        validity.answered("a", Moment(6));
        assert_eq!(said(), [None]);
        validity.answered("b", Moment(7));
        validity.leave("a");
        validity.answered("b", Moment(8));
        assert_eq!(said(), [Some(6), Some(8)]);
        validity.join("c");
        validity.answered("b", Moment(9));
        assert_eq!(said(), []);
    }
}

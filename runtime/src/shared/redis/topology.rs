//! In a cluster notes are heard from every primary: the nodes pass them on to each other, but a link between two of them that is lost
//! says nothing to those who listen.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::cluster;
use super::connection::Connection;
use super::door::Door;
use super::ear::Ear;
use super::latch::Latch;
use super::link::Link;
use super::notes::{Notes, OutOfReach};
use super::settings::{Host, Place, Settings};
use super::validity::Validity;

/// How often the primaries are asked for.
const PERIOD: Duration = Duration::from_secs(5);

/// How often where the last attempt has failed.
const SOON: Duration = Duration::from_millis(500);

/// Stands among the nodes for the knowledge which they are: without it nobody vouches.
const MAP: &str = "the map of the cluster";

pub(super) struct Topology {
    pub(super) link: Arc<Link>,
    pub(super) settings: Arc<Settings>,
    pub(super) channel: String,
    pub(super) ear: Ear,
    pub(super) validity: Arc<Validity>,
    /// Told when the first attempts to subscribe have ended.
    pub(super) tried: Arc<Latch>,
    /// Told when the connection for commands is a new one, or a node is out of reach.
    pub(super) ask_again: Arc<Notify>,
}

impl Topology {
    /// Runs until it is dropped.
    pub(super) async fn follow(self) {
        let mut heard: HashMap<Host, Heard> = HashMap::new();
        self.validity.join(MAP);
        loop {
            let known = self.primaries().await;
            if let Some(primaries) = &known {
                self.hear(primaries, &mut heard);
                self.validity.leave(MAP);
                for heard in heard.values() {
                    heard.tried.wait().await;
                }
                self.tried.open();
            } else {
                self.validity.join(MAP);
            }
            let period = if known.is_some() { PERIOD } else { SOON };
            let _asked = timeout(period, self.ask_again.notified()).await;
        }
    }

    async fn primaries(&self) -> Option<Vec<Host>> {
        let Ok((_, Connection::Cluster(connection, _))) = self.link.connection() else { return None };
        let primaries = timeout(self.settings.connect_timeout, cluster::primaries(connection)).await.ok()?.ok()?;
        Some(primaries).filter(|primaries| !primaries.is_empty())
    }

    fn hear(&self, primaries: &[Host], heard: &mut HashMap<Host, Heard>) {
        let before = heard.len();
        heard.retain(|host, _| primaries.contains(host));
        if heard.len() < before {
            // A node that hangs never says that another has taken its place.
            self.link.outdated.notify_one();
        }
        for host in primaries {
            heard.entry(host.clone()).or_insert_with(|| self.begin(host));
        }
    }

    fn begin(&self, host: &Host) -> Heard {
        let node = host.to_string();
        self.validity.join(&node);
        let tried = Arc::new(Latch::default());
        let settings = Settings { place: Place::Server(host.clone()), ..(*self.settings).clone() };
        let notes = Notes {
            node: node.clone(),
            channel: self.channel.clone(),
            door: Door::new(Arc::new(settings)),
            ear: self.ear.clone(),
            validity: self.validity.clone(),
            tried: tried.clone(),
            server: None,
            out_of_reach: Some(OutOfReach { ask_again: self.ask_again.clone(), link: self.link.clone() }),
        };
        Heard { node, tried, validity: self.validity.clone(), task: tokio::spawn(notes.hear()).abort_handle() }
    }
}

/// A node that is heard until this is dropped.
struct Heard {
    node: String,
    tried: Arc<Latch>,
    validity: Arc<Validity>,
    task: AbortHandle,
}

impl Drop for Heard {
    fn drop(&mut self) {
        self.task.abort();
        self.validity.leave(&self.node);
    }
}

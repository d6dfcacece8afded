//! Keeps the connection for commands: connects, looks after it, and connects again, for as long as the store is open.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::or;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use super::backoff::Backoff;
use super::cluster::Cluster;
use super::connection::Connection;
use super::door::{Door, Refusal, Who};
use super::latch::Latch;
use super::link::Link;
use super::thread::pause;
use crate::log;
use crate::shared::store::Watcher;

/// How often an idle connection is asked whether it is still there, and how long the answer may take.
const BEAT: Duration = Duration::from_secs(1);

/// So many beats make a good connection, after whose end the next attempt waits for nothing.
const GOOD: u32 = 2;

/// How to connect.
pub(super) enum Target {
    Node(Box<Door>),
    Cluster(Cluster),
}

impl Target {
    async fn connect(&mut self, gone: &Arc<Notify>) -> Result<(Connection, Who), Refusal> {
        match self {
            Self::Node(door) => {
                let (connection, who) = door.connect(gone).await?;
                Ok((Connection::Node(connection), who))
            }
            Self::Cluster(cluster) => Ok((cluster.connect().await?, Who::default())),
        }
    }
}

/// Who has to know that there is a connection.
pub(super) struct Herald {
    pub(super) watcher: Arc<dyn Watcher>,
    /// Whether notes are heard yet, or can't be.
    pub(super) tried: Arc<Latch>,
    /// Told which server it is.
    pub(super) server: watch::Sender<Option<Who>>,
    /// Told that it is a new one.
    pub(super) connected: Arc<Notify>,
}

impl Herald {
    fn announce(&self, who: &Who) {
        if let Some(before) = self.server.send_replace(Some(who.clone()))
            && !before.is_run_of(who)
        {
            // What it had may be gone, or what was removed be there again; the cache sends its removals anew when it is told.
            log::debug(&format!("redis at {} is another server, or has started anew", who.address));
        }
        self.connected.notify_one();
        let (watcher, tried) = (self.watcher.clone(), self.tried.clone());
        tokio::spawn(async move {
            // What is done from then on should be heard as well; but notes are not what the store is reached by.
            let _tried = timeout(BEAT, tried.wait()).await;
            watcher.reached();
        });
    }
}

/// Runs until it is dropped.
pub(super) async fn supervise(link: Arc<Link>, mut target: Target, herald: Herald) {
    let mut backoff = Backoff::default();
    loop {
        pause(backoff.next()).await;
        let gone = Arc::new(Notify::new());
        match target.connect(&gone).await {
            Ok((connection, who)) => {
                link.up(connection.clone());
                herald.announce(&who);
                if let Some(why) = look_after(&link, &connection, &gone, &mut backoff).await {
                    link.down(why);
                }
                herald.watcher.disconnected();
            }
            Err(refusal) => link.down(&refusal.to_string()),
        }
    }
}

/// Ends when the connection does and says why, if nobody else has; or when another one would be better.
async fn look_after(
    link: &Link,
    connection: &Connection,
    gone: &Notify,
    backoff: &mut Backoff,
) -> Option<&'static str> {
    let broken = async {
        or(link.broken.notified(), link.outdated.notified()).await;
        None
    };
    let lost = async {
        gone.notified().await;
        Some("the connection was lost")
    };
    let beats = async {
        let mut beats: u32 = 0;
        loop {
            pause(BEAT).await;
            if !answers(connection).await {
                return Some("it does not answer");
            }
            beats = beats.saturating_add(1);
            if beats == GOOD {
                backoff.reset();
            }
        }
    };
    or(broken, or(lost, beats)).await
}

/// Whether a server answers. The nodes of a cluster are looked after by its client.
async fn answers(connection: &Connection) -> bool {
    match connection {
        Connection::Node(_) => matches!(timeout(BEAT, connection.ask(&redis::cmd("PING"))).await, Ok(Ok(_))),
        Connection::Cluster(..) => true,
    }
}

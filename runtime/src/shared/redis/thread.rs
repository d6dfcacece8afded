//! The thread that does everything: one of each store, with a runtime of its own, so that the store works from any executor and from none,
//! outlives the runtimes of tests, and never waits behind a program's tasks.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use redis::Pipeline;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{Notify, watch};
use tokio::task::yield_now;
use tokio::time::timeout;

use super::answer::Answer;
use super::cluster::Cluster;
use super::connection::{Reply, Tries};
use super::door::Door;
use super::ear::Ear;
use super::health::Health;
use super::latch::Latch;
use super::link::Link;
use super::notes::Notes;
use super::purge::purge;
use super::reads::{self, Reading};
use super::settings::{Place, Settings};
use super::supervisor::{Herald, Target, supervise};
use super::topology::Topology;
use super::validity::Validity;
use crate::log;
use crate::shared::store::{Opening, StoreError};

/// How many jobs are taken from the queue at once.
const MANY: usize = 128;

/// How long those who wait on one thread have time to wake each other.
const REST: Duration = Duration::from_millis(1);

/// Whatever is begun holds a copy of this; when all are gone, everything has ended.
pub(super) type Busy = mpsc::Sender<()>;

/// How long what becomes several requests goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    Done,
    /// No longer than somebody waits for the answer: who goes away gives back what may have been taken, and cannot if it is taken later.
    Cancelled,
}

/// What the thread is asked to do.
pub(super) enum Job {
    Read(Reading),
    Calls { calls: Pipeline, tries: Tries, until: Until, answer: Answer<Result<Vec<Reply>, StoreError>> },
    Purge { namespace: String, answer: Answer<Result<u64, StoreError>> },
    Close,
}

/// Starts the thread, which ends when the queue does and what was begun has ended.
pub(super) fn start(settings: Settings, opening: Opening) -> io::Result<UnboundedSender<Job>> {
    let (jobs, queue) = mpsc::unbounded_channel();
    thread::Builder::new().name("larder-redis".to_owned()).spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                log::warning(&format!("redis can't be used, as its thread has no runtime: {error}"));
                return;
            }
        };
        runtime.block_on(serve(settings, opening, queue));
        // A name that is still being resolved must not keep the thread.
        runtime.shutdown_background();
    })?;
    Ok(jobs)
}

async fn serve(settings: Settings, opening: Opening, queue: UnboundedReceiver<Job>) {
    let settings = Arc::new(settings);
    let deadline = settings.deadline.filter(|deadline| !deadline.is_zero()).unwrap_or(opening.deadline);
    let cluster = matches!(settings.place, Place::Cluster(_));
    let link = Link::new(deadline, cluster, Health::new(settings.place.to_string()));
    let validity = Validity::new(opening.watcher.clone());
    let ear = Ear::new(opening.watcher.clone(), cluster);
    let tried = Arc::new(Latch::default());
    let channel = super::channel(&opening.namespace);
    let (server, servers) = watch::channel(None);
    let connected = Arc::new(Notify::new());
    let target = if cluster {
        let topology = Topology {
            link: link.clone(),
            settings: settings.clone(),
            channel,
            ear,
            validity,
            tried: tried.clone(),
            ask_again: connected.clone(),
        };
        tokio::spawn(topology.follow());
        Target::Cluster(Cluster::new(settings, deadline))
    } else {
        let node = settings.place.to_string();
        validity.join(&node);
        let door = Door::new(settings.clone());
        let (server, tried) = (Some(servers), tried.clone());
        let notes = Notes { node, channel, door, ear, validity, tried, server, out_of_reach: None };
        tokio::spawn(notes.hear());
        Target::Node(Box::new(Door::new(settings)))
    };
    let herald = Herald { watcher: opening.watcher, tried, server, connected };
    tokio::spawn(supervise(link.clone(), target, herald));
    work(link, queue).await;
}

/// Does what is asked for, all of it at the same time, until the queue ends.
async fn work(link: Arc<Link>, mut queue: UnboundedReceiver<Job>) {
    let (busy, mut ended): (Busy, _) = mpsc::channel(1);
    let mut jobs = Vec::with_capacity(MANY);
    while queue.recv_many(&mut jobs, MANY).await > 0 {
        let mut readings = Vec::with_capacity(jobs.len());
        for job in jobs.drain(..) {
            let (link, busy) = (link.clone(), busy.clone());
            match job {
                Job::Read(reading) => readings.push(reading),
                Job::Calls { calls, tries, until, answer } => {
                    tokio::spawn(async move {
                        let goes_on = || until == Until::Done || answer.is_waited_for();
                        let ended = link.run(&calls, tries, goes_on).await;
                        answer.send(ended);
                        drop(busy);
                    });
                }
                Job::Purge { namespace, answer } => {
                    tokio::spawn(async move {
                        answer.send(purge(&link, &namespace).await);
                        drop(busy);
                    });
                }
                // What stands in the queue is done; nothing more is taken.
                Job::Close => queue.close(),
            }
        }
        for group in reads::groups(readings) {
            let (link, busy) = (link.clone(), busy.clone());
            tokio::spawn(async move {
                let rest = reads::answer(&link, group, &busy).await;
                if !rest.is_empty() {
                    pause(REST).await;
                    for rest in rest {
                        rest.wake();
                    }
                }
                drop(busy);
            });
        }
        // What comes meanwhile need not wake this thread, which costs whoever asks a call of the system.
        yield_now().await;
    }
    drop(busy);
    let _ended = timeout(link.deadline, ended.recv()).await;
}

/// Lets time pass.
pub(super) async fn pause(time: Duration) {
    let _over = timeout(time, pending::<()>()).await;
}

//! The connection for commands, and whether there is one. Without one, operations end at once; one task connects again for ever.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::{Pipeline, RedisError};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::connection::{Connection, Reply, Tries};
use super::errors::{self, Verdict};
use super::health::Health;
use super::requests;
use super::room::Room;
use crate::shared::store::StoreError;

/// So many operations without an answer in time, one begun after the other, and the connection is given up: a server that is gone
/// without a word leaves a socket that looks well. Those that were under way at one time count once, as one stop may hold up all of them.
const LATE: u32 = 3;

/// What operations go through.
pub(super) struct Link {
    state: Mutex<State>,
    /// Told when the connection is of no use any more.
    pub(super) broken: Notify,
    /// Told when another connection would be better, which replaces it without a gap.
    pub(super) outdated: Notify,
    /// How long an operation may take, or one request of a long one.
    pub(super) deadline: Duration,
    /// How many bytes such a request may have.
    pub(super) room: Room,
    /// Whether there are several nodes, which are connected to and given up one by one.
    pub(super) cluster: bool,
}

/// Which connection an operation uses, and how many had been late on it when it began.
#[derive(Clone, Copy)]
pub(super) struct Use {
    number: u64,
    late: u32,
}

struct State {
    connection: Option<Connection>,
    /// Which connection it is, so that an old one's failure does not break the next.
    number: u64,
    late: u32,
    /// How often a node of a cluster was lost.
    losses: u64,
    health: Health,
}

impl Link {
    pub(super) fn new(deadline: Duration, cluster: bool, health: Health) -> Arc<Self> {
        let state = State { connection: None, number: 0, late: 0, losses: 0, health };
        Arc::new(Self {
            state: Mutex::new(state),
            broken: Notify::new(),
            outdated: Notify::new(),
            deadline,
            room: Room::default(),
            cluster,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There is a connection.
    pub(super) fn up(&self, connection: Connection) {
        let mut state = self.state();
        state.number += 1;
        state.late = 0;
        state.connection = Some(connection);
        state.health.up();
    }

    /// There is none, and this is why.
    pub(super) fn down(&self, why: &str) {
        let mut state = self.state();
        state.connection = None;
        state.health.down(why);
    }

    pub(super) fn connection(&self) -> Result<(Use, Connection), StoreError> {
        let state = self.state();
        match &state.connection {
            Some(connection) => Ok((Use { number: state.number, late: state.late }, connection.clone())),
            None => Err(errors::unavailable(state.health.why())),
        }
    }

    /// A node of a cluster was lost, and another may go on in its place.
    pub(super) fn node_lost(&self) {
        self.state().losses += 1;
    }

    /// As [`perform`](Self::perform), for what is of no use if a node was lost meanwhile: the client sends it again to the node that takes
    /// over, which may not know what the lost one has acknowledged.
    pub(super) async fn perform_on_same_nodes(
        &self,
        work: impl AsyncFnOnce(Connection) -> Vec<Reply>,
    ) -> Result<Vec<Reply>, StoreError> {
        let losses = self.state().losses;
        let replies = self.perform(work).await?;
        if self.state().losses == losses { Ok(replies) } else { Err(errors::unavailable("a node was lost meanwhile")) }
    }

    /// Sends commands, and waits for their answers; for those of each request no longer than the deadline. It ends with the first that is
    /// late, or before one that need not be sent any more.
    pub(super) async fn run(
        &self,
        calls: &Pipeline,
        tries: Tries,
        goes_on: impl Fn() -> bool,
    ) -> Result<Vec<Reply>, StoreError> {
        let Some(requests) = requests::split(calls, self.room.bytes()) else {
            return self.perform(async |connection| connection.run(calls, tries).await).await;
        };
        let mut replies = Vec::with_capacity(calls.len());
        for request in requests {
            if !goes_on() {
                return Err(errors::unavailable("nobody waits any more"));
            }
            let sent = self.perform(async |connection| connection.run(&request, tries).await);
            let size = |_: &Vec<Reply>| request.cmd_iter().map(requests::size).sum();
            replies.extend(self.room.learn(self.deadline, size, sent).await?);
        }
        Ok(replies)
    }

    pub(super) async fn perform(
        &self,
        work: impl AsyncFnOnce(Connection) -> Vec<Reply>,
    ) -> Result<Vec<Reply>, StoreError> {
        let (using, connection) = self.connection()?;
        match timeout(self.deadline, work(connection)).await {
            Ok(replies) => {
                self.answered(using, &replies);
                Ok(replies)
            }
            Err(_late) => {
                self.late(using);
                Err(errors::timed_out())
            }
        }
    }

    fn answered(&self, using: Use, replies: &[Reply]) {
        let failures = || replies.iter().filter_map(|reply| reply.as_ref().err());
        let useless = failures().find(|error| errors::verdict(error, self.cluster) == Verdict::Useless);
        let lost = |error: &RedisError| errors::code(error).is_none();
        if let Some(error) = useless {
            self.give_up(using.number, &errors::reason(error));
        } else if failures().any(lost) {
            self.late(using);
        } else {
            let mut state = self.state();
            if state.number == using.number {
                state.late = 0;
            }
        }
    }

    fn late(&self, Use { number, late }: Use) {
        let mut state = self.state();
        if state.number != number || state.late != late {
            return;
        }
        state.late += 1;
        if state.late >= LATE {
            drop(state);
            self.give_up(number, "it does not answer in time");
        }
    }

    /// From now on operations end at once; the supervisor connects again.
    fn give_up(&self, number: u64, why: &str) {
        let mut state = self.state();
        if state.number == number && state.connection.take().is_some() {
            state.health.down(why);
            self.broken.notify_one();
        }
    }
}

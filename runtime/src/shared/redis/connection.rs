//! A connection that takes a list of commands and gives their answers: one pipeline to one server, or each command to its node of
//! a cluster.

use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, Pipeline, RedisResult, Value};
use tokio::task::JoinSet;

use super::{errors, once, scripts};

/// What a server says to one command. Errors of single commands stand in their places.
pub(super) type Reply = RedisResult<Value>;

#[derive(Clone)]
pub(super) enum Connection {
    Node(MultiplexedConnection),
    Cluster(ClusterConnection, Once),
}

/// The same cluster through a client that sends nothing again.
#[derive(Clone)]
pub(super) struct Once(pub(super) ClusterConnection);

/// How often a cluster may be asked for something whose answer was lost. One server is never asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tries {
    One,
    Many,
}

impl Connection {
    /// The answers, one for each command and in their order. Scripts that the server does not know are sent in full.
    pub(super) async fn run(&self, calls: &Pipeline, tries: Tries) -> Vec<Reply> {
        let mut replies = self.send(calls, tries).await;
        let unknown = |reply: &Reply| reply.as_ref().is_err_and(errors::is_unknown_script);
        if !replies.iter().any(unknown) {
            return replies;
        }
        let mut again = Pipeline::new();
        let mut places = Vec::new();
        for (place, (call, reply)) in calls.cmd_iter().zip(&replies).enumerate() {
            // What has been done is not done twice.
            if let Some(full) = scripts::in_full(call).filter(|_| unknown(reply)) {
                again.add_command(full);
                places.push(place);
            }
        }
        for (place, reply) in places.into_iter().zip(self.send(&again, tries).await) {
            if let Some(old) = replies.get_mut(place) {
                *old = reply;
            }
        }
        replies
    }

    async fn send(&self, calls: &Pipeline, tries: Tries) -> Vec<Reply> {
        match self {
            Self::Node(connection) => {
                let mut connection = connection.clone();
                let mut commands = calls.cmd_iter();
                match (commands.next(), calls.len()) {
                    (None, _) => Vec::new(),
                    (Some(command), 1) => vec![checked(connection.send_packed_command(command).await)],
                    (Some(_), count) => spread(connection.send_packed_commands(calls, 0, count).await, count),
                }
            }
            Self::Cluster(connection, Once(once)) => {
                let commands = calls.cmd_iter().map(|command| {
                    let (mut connection, once, command) = (connection.clone(), once.clone(), command.clone());
                    async move {
                        match tries {
                            Tries::One => once::send(once, &command).await,
                            Tries::Many => checked(connection.req_packed_command(&command).await),
                        }
                    }
                });
                together(commands).await
            }
        }
    }

    /// The answers to pipelines, each of which belongs to one slot and is answered in its order.
    pub(super) async fn run_each(&self, pipelines: Vec<Pipeline>) -> Vec<Vec<Reply>> {
        together(pipelines.into_iter().map(|pipeline| {
            let connection = self.clone();
            async move {
                let count = pipeline.len();
                match connection {
                    Self::Node(mut connection) => {
                        spread(connection.send_packed_commands(&pipeline, 0, count).await, count)
                    }
                    Self::Cluster(mut connection, _) => {
                        spread(connection.req_packed_commands(&pipeline, 0, count).await, count)
                    }
                }
            }
        }))
        .await
    }

    /// One answer, or the error.
    pub(super) async fn ask(&self, command: &Cmd) -> Reply {
        match self.clone() {
            Self::Node(mut connection) => checked(connection.send_packed_command(command).await),
            Self::Cluster(mut connection, _) => checked(connection.req_packed_command(command).await),
        }
    }
}

/// Waits for all, in their order. What is begun ends when this future is dropped.
async fn together<T: Send + 'static>(work: impl Iterator<Item = impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let mut tasks = JoinSet::new();
    for (place, work) in work.enumerate() {
        tasks.spawn(async move { (place, work.await) });
    }
    let mut done = Vec::with_capacity(tasks.len());
    while let Some(ended) = tasks.join_next().await {
        done.extend(ended.ok());
    }
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, value)| value).collect()
}

/// An error that the server has answered is no value.
pub(super) fn checked(reply: Reply) -> Reply {
    match reply {
        Ok(Value::ServerError(error)) => Err(error.into()),
        reply => reply,
    }
}

/// The answers of a pipeline, or its failure in the place of each.
fn spread(replies: RedisResult<Vec<Value>>, count: usize) -> Vec<Reply> {
    match replies {
        Ok(replies) => replies.into_iter().map(|reply| checked(Ok(reply))).collect(),
        Err(error) => (0..count).map(|_| Err(error.clone())).collect(),
    }
}

//! A connection that takes a list of commands and gives their answers: one pipeline to one server, or each command to its node of
//! a cluster.

use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisResult, Value};
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
                together(commands, |_| Err(lost())).await
            }
        }
    }

    /// The answers to pipelines, each of which belongs to one slot and is answered in its order.
    pub(super) async fn run_each(&self, pipelines: Vec<Pipeline>) -> Vec<Vec<Reply>> {
        let counts: Vec<usize> = pipelines.iter().map(Pipeline::len).collect();
        let each = pipelines.into_iter().map(|pipeline| {
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
        });
        together(each, |place| spread(Err(lost()), counts.get(place).copied().unwrap_or(0))).await
    }

    /// One answer, or the error.
    pub(super) async fn ask(&self, command: &Cmd) -> Reply {
        match self.clone() {
            Self::Node(mut connection) => checked(connection.send_packed_command(command).await),
            Self::Cluster(mut connection, _) => checked(connection.req_packed_command(command).await),
        }
    }
}

/// Waits for all, in their order; `lost` stands in the place of one that has panicked. What is begun ends when this future is dropped.
async fn together<T: Send + 'static>(
    work: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
    lost: impl Fn(usize) -> T,
) -> Vec<T> {
    let mut tasks = JoinSet::new();
    for (place, work) in work.enumerate() {
        tasks.spawn(async move { (place, work.await) });
    }
    let mut done: Vec<Option<T>> = (0..tasks.len()).map(|_| None).collect();
    while let Some(ended) = tasks.join_next().await {
        if let Ok((place, value)) = ended
            && let Some(done) = done.get_mut(place)
        {
            *done = Some(value);
        }
    }
    done.into_iter().enumerate().map(|(place, value)| value.unwrap_or_else(|| lost(place))).collect()
}

/// Whether a command has been done is not known.
fn lost() -> RedisError {
    RedisError::from((ErrorKind::Io, "the client has lost the answer"))
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

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn one_that_panics_does_not_move_the_answers_of_others() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let work = (0..3).map(|number| async move {
            assert!(number != 1, "a task that panics, as it should in this test");
            number
        });
        let found = runtime.map(|runtime| runtime.block_on(together(work, |place| 10 * place)));
        assert_eq!(found.ok(), Some(vec![0, 10, 2]));
    }
}

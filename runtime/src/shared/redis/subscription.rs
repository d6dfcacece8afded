//! A connection that hears notes. Answers and notes come in one order, so that the answer to a `PING` says that every note from before
//! has been told.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::StreamExt as _;
use futures_lite::future::or;
use redis::aio::{MultiplexedConnection, PubSubSink, PubSubStream};
use redis::{PushInfo, PushKind, RedisError, Value};
use tokio::sync::Notify;
use tokio::task::unconstrained;
use tokio::time::timeout;

use super::door::{Door, Refusal, Who};
use super::ear::Ear;
use super::place;

pub(super) enum Subscription {
    /// Notes come unasked between the answers; they are told by the connection's own task.
    Third { connection: MultiplexedConnection, gone: Arc<Notify> },
    /// The second version of the protocol has connections that can't do anything else.
    Second { sink: PubSubSink, stream: PubSubStream, ear: Ear },
}

impl Subscription {
    /// Connects, subscribes, and waits until the server has confirmed it.
    pub(super) async fn new(door: &mut Door, channel: &str, ear: &Ear) -> Result<(Self, Who), Refusal> {
        loop {
            match Self::subscribe(door, channel, ear).await {
                Err(Refusal::Failed(error)) if door.fall_back(&error) => {}
                end => return end,
            }
        }
    }

    async fn subscribe(door: &mut Door, channel: &str, ear: &Ear) -> Result<(Self, Who), Refusal> {
        let limit = door.settings().connect_timeout;
        let client = timeout(limit.saturating_mul(3), door.client()).await.map_err(|_| Refusal::Late)??;
        let who = Who { address: client.get_connection_info().addr().to_string(), ..Who::default() };
        if !door.protocol().supports_resp3() {
            let connect = async {
                let (mut sink, stream) = client.get_async_pubsub().await?.split();
                sink.subscribe(channel).await?;
                Ok::<_, RedisError>((sink, stream))
            };
            let (sink, stream) = timeout(limit, connect).await.map_err(|_| Refusal::Late)??;
            return Ok((Self::Second { sink, stream, ear: ear.clone() }, who));
        }
        let gone = Arc::new(Notify::new());
        let pushes = {
            let (ear, gone) = (ear.clone(), gone.clone());
            move |push: PushInfo| {
                match (push.kind, push.data.as_slice()) {
                    (PushKind::Message, [_, Value::BulkString(note)]) => ear.hear(note),
                    (PushKind::Disconnection, _) => gone.notify_one(),
                    _ => {}
                }
                Ok::<(), ()>(())
            }
        };
        let behaviour = place::behaviour_with(door.settings(), pushes);
        let mut connection = client.get_multiplexed_async_connection_with_config(&behaviour).await?;
        let (who, _) = timeout(limit, super::door::identify(&connection, who)).await.map_err(|_| Refusal::Late)?;
        timeout(limit, connection.subscribe(channel)).await.map_err(|_| Refusal::Late)??;
        Ok((Self::Third { connection, gone }, who))
    }

    /// Sends a `PING`; whether its answer came in time, and with it all notes from before.
    pub(super) async fn barrier(&mut self, limit: Duration) -> bool {
        match self {
            Self::Third { connection, .. } => {
                let ping = redis::cmd("PING");
                let answer = timeout(limit, connection.send_packed_command(&ping)).await;
                matches!(answer, Ok(Ok(value)) if !matches!(value, Value::ServerError(_)))
            }
            Self::Second { sink, stream, ear } => {
                let pong = async { sink.ping::<Value>().await.is_ok() };
                let answered = timeout(limit, or(pong, listen(stream, ear))).await == Ok(true);
                // What came before the answer waits in the stream. The scheduler must not cut this short.
                let drained = unconstrained(futures_lite::future::poll_once(listen(stream, ear))).await;
                answered && drained.is_none()
            }
        }
    }

    /// Hears notes until the connection ends.
    pub(super) async fn ended(&mut self) {
        match self {
            Self::Third { gone, .. } => gone.notified().await,
            Self::Second { stream, ear, .. } => {
                listen(stream, ear).await;
            }
        }
    }
}

/// Tells notes until there are no more.
async fn listen(stream: &mut PubSubStream, ear: &Ear) -> bool {
    while let Some(note) = stream.next().await {
        ear.hear(note.get_payload_bytes());
    }
    false
}

//! Finds the server, connects to it, and looks who it is.

use std::fmt;
use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{Client, InfoDict, Pipeline, ProtocolVersion, PushInfo, PushKind, RedisError, RedisResult, Value};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::connection::{Connection, Reply, Tries};
use super::sentinel::Sentinels;
use super::settings::{Place, Settings};
use super::{errors, place};

/// Which server a connection leads to. After a failover the same name can lead to another.
#[derive(Clone, Debug, Default)]
pub(super) struct Who {
    pub(super) address: String,
    /// Nothing where the user may not ask.
    pub(super) run: Option<String>,
    pub(super) replication: Option<String>,
}

impl Who {
    /// Whether it is the same run of the same server, with the same history.
    pub(super) fn is_run_of(&self, other: &Self) -> bool {
        (&self.run, &self.replication) == (&other.run, &other.replication)
    }

    /// Whether it can be the same server, in the same run.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        let runs = self.run.as_ref().zip(other.run.as_ref());
        self.address == other.address && runs.is_none_or(|(one, other)| one == other)
    }
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Refusal {
    Late,
    Replica,
    Failed(RedisError),
    /// The greeting of TLS was not answered, or not in TLS.
    NoTls(RedisError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late => f.write_str("it does not answer"),
            Self::Replica => f.write_str("the server is a replica, and writes go to its primary"),
            Self::Failed(error) => f.write_str(&errors::reason(error)),
            Self::NoTls(error) => {
                write!(f, "{}; if nobody speaks TLS there, the URL begins with `redis://`", errors::reason(error))
            }
        }
    }
}

impl From<RedisError> for Refusal {
    fn from(error: RedisError) -> Self {
        Self::Failed(error)
    }
}

pub(super) struct Door {
    settings: Arc<Settings>,
    protocol: ProtocolVersion,
    sentinels: Option<Sentinels>,
}

impl Door {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self { protocol: settings.protocol.first(), settings, sentinels: None }
    }

    pub(super) fn protocol(&self) -> ProtocolVersion {
        self.protocol
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Falls back to the second version of the protocol, if that can be the reason; whether there is a reason to try again.
    pub(super) fn fall_back(&mut self, error: &RedisError) -> bool {
        self.settings.protocol.fall_back(&mut self.protocol, error)
    }

    /// A client of the server, or of the one that the sentinels name now.
    pub(super) async fn client(&mut self) -> RedisResult<Client> {
        match &self.settings.place {
            Place::Server(host) => place::client(&self.settings, place::address(&self.settings, host), self.protocol),
            Place::Cluster(_) => {
                Err(RedisError::from((redis::ErrorKind::InvalidClientConfig, "a cluster is no single server")))
            }
            Place::Socket(path) => {
                let address = redis::ConnectionAddr::Unix(path.clone());
                place::client(&self.settings, address, self.protocol)
            }
            Place::Sentinel(hosts, service) => {
                let known = self.sentinels.take().filter(|sentinels| sentinels.protocol() == self.protocol);
                let mut sentinels = match known {
                    Some(sentinels) => sentinels,
                    None => Sentinels::new(&self.settings, hosts, service, self.protocol)?,
                };
                let client = sentinels.primary().await;
                self.sentinels = Some(sentinels);
                client
            }
        }
    }

    /// A connection whose server answers, and who that is. `gone` is told when it ends, where the protocol can tell.
    pub(super) async fn connect(&mut self, gone: &Arc<Notify>) -> Result<(MultiplexedConnection, Who), Refusal> {
        loop {
            match self.connect_once(gone).await {
                Err(Refusal::Failed(error)) if self.fall_back(&error) => {}
                Err(Refusal::Failed(error)) if self.settings.tls.is_some() && errors::is_no_tls(&error) => {
                    return Err(Refusal::NoTls(error));
                }
                end => return end,
            }
        }
    }

    async fn connect_once(&mut self, gone: &Arc<Notify>) -> Result<(MultiplexedConnection, Who), Refusal> {
        let limit = self.settings.connect_timeout;
        // Sentinels have limits of their own; the first to answer may be the last of several.
        let client = timeout(limit.saturating_mul(3), self.client()).await.map_err(|_| Refusal::Late)??;
        let behaviour = if self.protocol.supports_resp3() {
            let gone = gone.clone();
            place::behaviour_with(&self.settings, move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    gone.notify_one();
                }
                Ok::<(), ()>(())
            })
        } else {
            place::behaviour(&self.settings)
        };
        let connection = client.get_multiplexed_async_connection_with_config(&behaviour).await?;
        let address = client.get_connection_info().addr().to_string();
        let who = timeout(limit, look(&connection, address)).await.map_err(|_| Refusal::Late)??;
        Ok((connection, who))
    }
}

/// Asks whether the server is ready, and who it is.
async fn look(connection: &MultiplexedConnection, address: String) -> Result<Who, Refusal> {
    let (ready, ping) = (Connection::Node(connection.clone()), redis::cmd("PING"));
    let ready = ready.ask(&ping);
    let who = identify(connection, Who { address, ..Who::default() });
    let (ready, (who, replica)) = futures_lite::future::zip(ready, who).await;
    ready?;
    if replica { Err(Refusal::Replica) } else { Ok(who) }
}

/// Asks a server who it is, and whether it is a replica that can't be written to. A user may be forbidden to know.
pub(super) async fn identify(connection: &MultiplexedConnection, mut who: Who) -> (Who, bool) {
    let mut calls = Pipeline::with_capacity(2);
    calls.cmd("INFO").arg("server").cmd("INFO").arg("replication");
    let mut replica = false;
    for reply in Connection::Node(connection.clone()).run(&calls, Tries::Many).await {
        let information = information(reply);
        who.run = who.run.or_else(|| information.get("run_id"));
        who.replication = who.replication.or_else(|| information.get("master_replid"));
        let word = |name| information.get::<String>(name).unwrap_or_default();
        replica |= word("role") == "slave" && word("slave_read_only") != "0";
    }
    (who, replica)
}

fn information(reply: Reply) -> InfoDict {
    let text = match reply {
        Ok(Value::BulkString(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Ok(Value::VerbatimString { text, .. }) => text,
        _ => String::new(),
    };
    InfoDict::new(&text)
}

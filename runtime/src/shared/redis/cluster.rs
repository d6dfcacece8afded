//! A cluster: its client for commands, and who its primaries are.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::try_zip;
use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{RoutingInfo, SingleNodeRoutingInfo};
use redis::{ProtocolVersion, RedisResult, Value};
use tokio::time::timeout;

use super::connection::{Connection, Once};
use super::door::Refusal;
use super::place;
use super::settings::{Host, Place, Settings};

/// How often a command follows a redirection or is sent again, within the deadline of its operation.
const RETRIES: u32 = 4;

/// A node that is asked where the slots are has this time at least.
const LEAST: Duration = Duration::from_secs(1);

pub(super) struct Cluster {
    settings: Arc<Settings>,
    deadline: Duration,
    protocol: ProtocolVersion,
}

impl Cluster {
    pub(super) fn new(settings: Arc<Settings>, deadline: Duration) -> Self {
        Self { protocol: settings.protocol.first(), settings, deadline }
    }

    pub(super) async fn connect(&mut self) -> Result<Connection, Refusal> {
        loop {
            // One node after another may have to be asked.
            let limit = self.settings.connect_timeout.saturating_mul(3);
            let both = try_zip(self.connect_once(RETRIES), self.connect_once(0));
            match timeout(limit, both).await {
                Err(_late) => return Err(Refusal::Late),
                Ok(Ok((connection, once))) => return Ok(Connection::Cluster(connection, Once(once))),
                Ok(Err(error)) if self.settings.protocol.fall_back(&mut self.protocol, &error) => {}
                Ok(Err(error)) => return Err(error.into()),
            }
        }
    }

    async fn connect_once(&self, retries: u32) -> RedisResult<ClusterConnection> {
        let Place::Cluster(hosts) = &self.settings.place else { return Err(no_cluster()) };
        let mut nodes = Vec::with_capacity(hosts.len());
        for host in hosts {
            nodes.push(place::information(&self.settings, place::address(&self.settings, host), self.protocol)?);
        }
        let builder = ClusterClientBuilder::new(nodes)
            .use_protocol(self.protocol)
            .tcp_settings(place::tcp())
            .connection_timeout(self.settings.connect_timeout)
            // Behind our own deadline, so that nothing is kept for ever that a node does not answer.
            .response_timeout(self.deadline.saturating_mul(2).max(LEAST))
            .overall_response_timeout(None)
            .retries(retries)
            .min_retry_wait(5)
            .max_retry_wait(50);
        #[cfg(feature = "redis-tls")]
        let builder = match &self.settings.tls {
            Some(tls) => {
                super::tls::choose_provider();
                builder.tls(redis::TlsMode::Secure).certs(super::tls::certificates(tls))
            }
            None => builder,
        };
        builder.build()?.get_async_connection().await
    }
}

fn no_cluster() -> redis::RedisError {
    redis::RedisError::from((redis::ErrorKind::InvalidClientConfig, "it is no cluster"))
}

/// The primaries that some node knows.
pub(super) async fn primaries(mut connection: ClusterConnection) -> RedisResult<Vec<Host>> {
    let mut command = redis::cmd("CLUSTER");
    command.arg("SLOTS");
    let anywhere = RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random);
    let slots = connection.route_command(command, anywhere).await?.extract_error()?;
    let mut primaries = Vec::new();
    let Value::Array(ranges) = slots else { return Ok(primaries) };
    for range in ranges {
        let Value::Array(range) = range else { continue };
        // A range begins with its first slot, its last one, and the primary.
        if let Some(Value::Array(node)) = range.get(2)
            && let Some(host) = host(node)
            && !primaries.contains(&host)
        {
            primaries.push(host);
        }
    }
    Ok(primaries)
}

fn host(node: &[Value]) -> Option<Host> {
    let (Some(Value::BulkString(name)), Some(Value::Int(port))) = (node.first(), node.get(1)) else { return None };
    let name = String::from_utf8(name.clone()).ok().filter(|name| !name.is_empty() && name != "?")?;
    Some(Host { name, port: u16::try_from(*port).ok()? })
}

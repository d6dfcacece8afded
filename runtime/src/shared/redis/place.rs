//! Settings become clients of the redis crate: where to connect, as whom, and how.

use std::time::Duration;

use redis::aio::AsyncPushSender;
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, ProtocolVersion,
    RedisConnectionInfo, RedisResult,
};

use super::settings::{Host, Login, Settings};

/// A dead peer is found out by this time at the latest, where nothing else does: the kernel alone takes a quarter of an hour.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const USER_TIMEOUT: Duration = Duration::from_secs(5);

/// How many requests may wait to be written before the next has to.
const QUEUE: usize = 4096;

pub(super) fn tcp() -> TcpSettings {
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(5));
    let tcp = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let tcp = tcp.set_user_timeout(USER_TIMEOUT);
    tcp
}

pub(super) fn address(settings: &Settings, host: &Host) -> ConnectionAddr {
    if settings.tls.is_some() {
        ConnectionAddr::TcpTls { host: host.name.clone(), port: host.port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host.name.clone(), host.port)
    }
}

fn identity(login: &Login, database: i64, protocol: ProtocolVersion) -> RedisConnectionInfo {
    let mut identity = RedisConnectionInfo::default().set_db(database).set_protocol(protocol);
    identity = identity.set_lib_name("larder", env!("CARGO_PKG_VERSION"));
    if let Some(user) = &login.user {
        identity = identity.set_username(user);
    }
    if let Some(password) = &login.password {
        identity = identity.set_password(&password.0);
    }
    identity
}

pub(super) fn information(
    settings: &Settings,
    address: ConnectionAddr,
    protocol: ProtocolVersion,
) -> RedisResult<ConnectionInfo> {
    let identity = identity(&settings.login, settings.database, protocol);
    Ok(address.into_connection_info()?.set_redis_settings(identity).set_tcp_settings(tcp()))
}

/// A client of one server.
pub(super) fn client(settings: &Settings, address: ConnectionAddr, protocol: ProtocolVersion) -> RedisResult<Client> {
    let information = information(settings, address, protocol)?;
    #[cfg(feature = "redis-tls")]
    if let Some(tls) = &settings.tls {
        super::tls::choose_provider();
        return Client::build_with_tls(information, super::tls::certificates(tls));
    }
    Client::open(information)
}

/// How a connection behaves. Deadlines of requests are ours: a request without an answer says something about the connection.
pub(super) fn behaviour(settings: &Settings) -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(settings.connect_timeout))
        .set_response_timeout(None)
        .set_pipeline_buffer_size(QUEUE)
}

/// The same, with somebody who is told what the server sends unasked. Only the third version of the protocol can.
pub(super) fn behaviour_with(settings: &Settings, pushes: impl AsyncPushSender) -> AsyncConnectionConfig {
    behaviour(settings).set_push_sender(pushes)
}

//! Sentinels, which are asked anew before each connection where the primary is.

use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{Client, ProtocolVersion, RedisResult};

use super::place;
use super::settings::{Host, Settings};

/// Keeps its connections to the sentinels between two questions.
pub(super) struct Sentinels {
    client: SentinelClient,
    protocol: ProtocolVersion,
}

impl Sentinels {
    pub(super) fn new(
        settings: &Settings,
        hosts: &[Host],
        service: &str,
        protocol: ProtocolVersion,
    ) -> RedisResult<Self> {
        let addresses: Vec<_> = hosts.iter().map(|host| place::address(settings, host)).collect();
        let mut builder = SentinelClientBuilder::new(addresses, service, SentinelServerType::Master)?
            .set_client_to_redis_db(settings.database)
            .set_client_to_redis_protocol(protocol)
            .set_client_to_redis_tcp_settings(place::tcp())
            .set_client_to_sentinel_tcp_settings(place::tcp());
        if let Some(user) = &settings.login.user {
            builder = builder.set_client_to_redis_username(user);
        }
        if let Some(password) = &settings.login.password {
            builder = builder.set_client_to_redis_password(&password.0);
        }
        if let Some(user) = &settings.sentinel_login.user {
            builder = builder.set_client_to_sentinel_username(user);
        }
        if let Some(password) = &settings.sentinel_login.password {
            builder = builder.set_client_to_sentinel_password(&password.0);
        }
        #[cfg(feature = "redis-tls")]
        if let Some(tls) = &settings.tls {
            super::tls::choose_provider();
            builder = builder
                .set_client_to_redis_tls_mode(redis::TlsMode::Secure)
                .set_client_to_redis_certificates(super::tls::certificates(tls))
                .set_client_to_sentinel_certificates(super::tls::certificates(tls));
        }
        Ok(Self { client: builder.build()?, protocol })
    }

    pub(super) fn protocol(&self) -> ProtocolVersion {
        self.protocol
    }

    /// A client of the server that is the primary now, and says so itself.
    pub(super) async fn primary(&mut self) -> RedisResult<Client> {
        self.client.async_get_client().await
    }
}

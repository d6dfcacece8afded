//! What a URL and the methods of [`Redis`](super::Redis) have said. Secrets are never shown.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use redis::{ProtocolVersion, RedisError};

use super::errors;
use crate::error::Error;

/// How long a connection may take to be made.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) place: Place,
    pub(super) login: Login,
    /// Who asks the sentinels.
    pub(super) sentinel_login: Login,
    pub(super) database: i64,
    pub(super) protocol: Protocol,
    pub(super) tls: Option<Tls>,
    /// Wins over the deadline of the cache.
    pub(super) deadline: Option<Duration>,
    pub(super) connect_timeout: Duration,
}

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Server(Host),
    Socket(PathBuf),
    /// Where the sentinels say that this service is.
    Sentinel(Vec<Host>, String),
    /// Some nodes of a cluster, which know the others.
    Cluster(Vec<Host>),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |hosts: &[Host]| hosts.iter().map(Host::to_string).collect::<Vec<_>>().join(",");
        match self {
            Self::Server(host) => host.fmt(f),
            Self::Socket(path) => path.display().fmt(f),
            Self::Sentinel(hosts, service) => write!(f, "{}/{service}", list(hosts)),
            Self::Cluster(hosts) => f.write_str(&list(hosts)),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) port: u16,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// The third version, or the second where the server or the user's rights don't know it.
    Any,
    Second,
    Third,
}

impl Protocol {
    /// The version to begin with.
    pub(super) fn first(self) -> ProtocolVersion {
        match self {
            Self::Second => ProtocolVersion::RESP2,
            Self::Any | Self::Third => ProtocolVersion::RESP3,
        }
    }

    /// Falls back to the second version, if that can be the reason; whether there is a reason to try again.
    pub(super) fn fall_back(self, version: &mut ProtocolVersion, error: &RedisError) -> bool {
        let may = self == Self::Any && *version == ProtocolVersion::RESP3 && errors::is_older_protocol(error);
        if may {
            *version = ProtocolVersion::RESP2;
        }
        may
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret>,
}

/// Certificates and keys as texts.
pub(super) type Pem = Secret<Vec<u8>>;

/// Who is trusted, and what is shown. Public authorities are trusted where there is no root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tls {
    pub(super) root: Option<Pem>,
    /// The client's certificate and its key.
    pub(super) client: Option<(Pem, Pem)>,
}

#[cfg(feature = "redis-tls")]
impl Settings {
    /// Trusts what is signed by one of these certificates, and nothing else.
    pub(super) fn trust(&mut self, pem: Vec<u8>) -> Result<(), Error> {
        let tls = self.with_tls()?;
        tls.root = Some(Secret(pem));
        super::tls::check(tls)
    }

    /// Shows a certificate, whose key is this one.
    pub(super) fn show(&mut self, certificate: Vec<u8>, key: Vec<u8>) -> Result<(), Error> {
        let tls = self.with_tls()?;
        tls.client = Some((Secret(certificate), Secret(key)));
        super::tls::check(tls)
    }

    fn with_tls(&mut self) -> Result<&mut Tls, Error> {
        let without = || super::url::wrong("a certificate is of no use without TLS; write `rediss://`");
        self.tls.as_mut().ok_or_else(without)
    }
}

/// Without TLS there is nobody to be trusted.
#[cfg(not(feature = "redis-tls"))]
impl Settings {
    #[expect(clippy::unused_self, reason = "as with TLS")]
    pub(super) fn trust(&mut self, _pem: Vec<u8>) -> Result<(), Error> {
        Err(super::url::wrong("certificates need TLS, which this build does not have: turn on the feature `redis-tls`"))
    }

    pub(super) fn show(&mut self, certificate: Vec<u8>, _key: Vec<u8>) -> Result<(), Error> {
        self.trust(certificate)
    }
}

/// What is not shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret<T = String>(pub(super) T);

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

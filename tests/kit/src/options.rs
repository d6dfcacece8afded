//! How a server shall be: what a test wants to be different from an empty, open server that forgets everything.

use crate::certificates::{Certificates, Identity};
use crate::port::Port;
use crate::resp::{PASSWORD, USER};
use crate::server::Server;

/// What kind of server the program shall be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Plain,
    Sentinel,
    Cluster,
}

/// What a test wants of its server. The default is an empty server without a password that writes nothing to disk.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Options {
    pub(crate) kind: Kind,
    pub(crate) password: Option<String>,
    pub(crate) tls: bool,
    users: Vec<String>,
    lines: Vec<String>,
}

impl Options {
    /// An empty server without a password that writes nothing to disk.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The default user needs this password. It stands in URLs as it is: letters and digits.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// One more user, as a line of an ACL file without its first word: `app on >secret ~larder:* +@all`. A line that starts with
    /// `default ` says what the default user may do.
    pub fn user(mut self, rules: impl Into<String>) -> Self {
        self.users.push(rules.into());
        self
    }

    /// A line of the configuration, written as it is: `set("maxmemory-policy", "allkeys-lru")`.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.lines.push(format!("{name} {value}"));
        self
    }

    /// The server holds this much, such as `4mb`, and drops the keys that were used longest ago.
    pub fn maxmemory(self, size: &str) -> Self {
        self.set("maxmemory", size).set("maxmemory-policy", "allkeys-lru")
    }

    /// The port speaks TLS only, the server shows this identity, and clients need not show any.
    pub fn tls(mut self, certificates: &Certificates, identity: &Identity) -> Self {
        self.tls = true;
        let quoted = |path: &std::path::Path| format!("\"{}\"", path.display());
        self.set("tls-cert-file", &quoted(&identity.certificate))
            .set("tls-key-file", &quoted(&identity.key))
            .set("tls-ca-cert-file", &quoted(&certificates.ca()))
            .set("tls-auth-clients", "optional")
    }

    /// As [`Options::tls`] with the server's own identity, and clients must show one of the same authority.
    pub fn mutual_tls(self, certificates: &Certificates) -> Self {
        // Of two lines the later one counts.
        self.tls(certificates, &certificates.server()).set("tls-auth-clients", "yes")
    }

    /// The server copies another one. [`Server::wait_for_replicas`] of that one waits for the copy.
    pub fn replica_of(self, master: &Server) -> Self {
        self.set("replicaof", &format!("127.0.0.1 {}", master.port()))
    }

    /// The configuration file. Port and bus are the server's; its folder is the working folder.
    pub(crate) fn file(&self, port: u16, bus: Option<&Port>) -> String {
        let ports = if self.tls { format!("port 0\ntls-port {port}") } else { format!("port {port}") };
        let mut file = format!(
            "{ports}\nbind 127.0.0.1\nprotected-mode no\nunixsocket redis.sock\nlogfile redis.log\naclfile users.acl\n"
        );
        if self.kind != Kind::Sentinel {
            // Copies shall begin at once and leave no file that a restart would read.
            file += "save \"\"\nappendonly no\nenable-debug-command yes\nrepl-diskless-sync-delay 0\nrdb-del-sync-files yes\n";
            file.extend(["masteruser ", USER, "\nmasterauth ", PASSWORD, "\n"]);
        }
        if let Some(bus) = bus {
            file += "cluster-enabled yes\ncluster-node-timeout 1000\ncluster-announce-ip 127.0.0.1\n";
            file.extend(["cluster-port ", &bus.number().to_string(), "\n"]);
        }
        self.lines.iter().fold(file, |file, line| file + line + "\n")
    }

    /// The users file. The kit's own user may do everything and is nobody that a test logs in as.
    pub(crate) fn acl(&self) -> String {
        let mut file = format!("user {USER} on >{PASSWORD} ~* &* +@all\n");
        if !self.users.iter().any(|rules| rules.starts_with("default ")) {
            let secret = self.password.as_ref().map_or_else(|| "nopass".to_owned(), |password| format!(">{password}"));
            file.extend(["user default on ", &secret, " ~* &* +@all\n"]);
        }
        self.users.iter().fold(file, |file, rules| file + "user " + rules + "\n")
    }
}

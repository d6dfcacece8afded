//! A master with two copies, and three sentinels that watch over them.

use crate::options::{Kind, Options};
use crate::patience::{obtain, until};
use crate::resp::Reply;
use crate::server::Server;

/// The name under which the sentinels know the master.
pub const MASTER: &str = "larder";

/// How many of the sentinels must agree that a master is dead.
const QUORUM: usize = 2;

/// Three servers and three sentinels. A dead master is noticed after half a second and replaced within a few.
#[derive(Debug)]
pub struct Sentinels {
    servers: Vec<Server>,
    sentinels: Vec<Server>,
}

impl Sentinels {
    /// Starts them without passwords, and returns once every sentinel knows all others and both copies are complete.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&Options::new())
    }

    /// As [`Sentinels::start`], with servers of this kind.
    #[must_use]
    pub fn start_with(options: &Options) -> Self {
        let first = Server::start(options.clone());
        let copy = || Server::start(options.clone().replica_of(&first));
        let (second, third) = (copy(), copy());
        let sentinel = || {
            let watched = format!("monitor {MASTER} 127.0.0.1 {} {QUORUM}", first.port());
            let options = Options::new().kind(Kind::Sentinel).set("sentinel", &watched);
            let options = options.set("sentinel", &format!("down-after-milliseconds {MASTER} 500"));
            let options = options.set("sentinel", &format!("failover-timeout {MASTER} 2000"));
            let options = options.set("sentinel", &format!("auth-user {MASTER} {}", crate::resp::USER));
            let server =
                Server::start(options.set("sentinel", &format!("auth-pass {MASTER} {}", crate::resp::PASSWORD)));
            // Sentinels look at servers every ten seconds and at each other every two. Waiting for that tests nothing.
            server.call(&["SENTINEL", "DEBUG", "INFO-PERIOD", "200", "PUBLISH-PERIOD", "200", "ASK-PERIOD", "200"]);
            server
        };
        let sentinels = vec![sentinel(), sentinel(), sentinel()];
        let started = Self { servers: vec![first, second, third], sentinels };
        started.wait_until_complete();
        started
    }

    /// The sentinels.
    #[must_use]
    pub fn sentinels(&self) -> &[Server] {
        &self.sentinels
    }

    /// The URLs of the sentinels.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.sentinels.iter().map(Server::url).collect()
    }

    /// The servers: one master and two copies, dead ones among them, in the order of their start.
    #[must_use]
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The server that the sentinels name as the master, as soon as all that answer name the same, and it is one and accepts writes.
    #[must_use]
    pub fn master(&self) -> &Server {
        obtain("the sentinels to agree on a living master", || {
            let mut ports = self.sentinels.iter().filter(|sentinel| sentinel.answers()).map(named);
            let first = ports.next()??;
            let agreed = ports.all(|port| port == Some(first));
            let server = self.servers.iter().find(|server| server.port() == first)?;
            (agreed && server.answers() && role(server) == "master").then_some(server)
        })
    }

    /// Lets another server be the master while all live, and returns the new one. It has everything that was written before.
    #[expect(clippy::must_use_candidate, reason = "the failover is what matters")]
    pub fn failover(&self) -> &Server {
        let old = self.master();
        old.wait_for_replicas(self.servers.len() - 1);
        // Refused as long as the last failover is not over for all sentinels.
        until("a sentinel to begin a failover", || {
            self.sentinels
                .iter()
                .any(|sentinel| !matches!(sentinel.call(&["SENTINEL", "FAILOVER", MASTER]), Reply::Error(_)))
        });
        self.wait_for_another(old.port())
    }

    /// Kills the master and returns it at once, while the sentinels have not noticed.
    #[expect(clippy::must_use_candidate, reason = "its death is what matters")]
    pub fn kill_master(&self) -> &Server {
        let master = self.master();
        master.kill();
        master
    }

    /// The new master, once the sentinels have replaced the one on this port.
    #[expect(clippy::must_use_candidate, reason = "the wait is what matters")]
    pub fn wait_for_another(&self, old: u16) -> &Server {
        obtain("another master", || Some(self.master()).filter(|master| master.port() != old))
    }

    /// Waits until every server lives and copies the one master, and every sentinel knows all of them: after a start, or when a killed
    /// server has been restarted.
    pub fn wait_until_complete(&self) {
        until("the copies to be complete and the sentinels to know each other", || {
            let copies = self.servers.len() - 1;
            let others = (self.sentinels.len() - 1).to_string();
            let master = self.master();
            let followed = self.servers.iter().all(|server| {
                server.port() == master.port()
                    || server.answers()
                        && server.info("master_port") == master.port().to_string()
                        && server.info("master_link_status") == "up"
            });
            let known = self.sentinels.iter().all(|sentinel| {
                let fields = sentinel.call(&["SENTINEL", "MASTER", MASTER]);
                field(&fields, "num-slaves") == copies.to_string()
                    && field(&fields, "num-other-sentinels") == others
                    && field(&fields, "flags") == "master"
            });
            followed && known && master.is_followed_by(copies)
        });
    }
}

/// The port of the master that this sentinel names.
fn named(sentinel: &Server) -> Option<u16> {
    let address = sentinel.call(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER]);
    address.items().get(1)?.to_string().parse().ok()
}

/// `master` or `slave`.
fn role(server: &Server) -> String {
    server.call(&["ROLE"]).items().first().map(ToString::to_string).unwrap_or_default()
}

/// The value after this name in a flat list of names and values.
fn field(fields: &Reply, name: &str) -> String {
    let pairs = fields.items().chunks(2);
    let mut values = pairs.filter(|pair| pair.first().is_some_and(|first| first.to_string() == name));
    values.find_map(|pair| pair.get(1)).map(ToString::to_string).unwrap_or_default()
}

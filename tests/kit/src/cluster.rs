//! A Redis Cluster: three masters with a copy each, or one node that holds every slot.

use crate::options::{Kind, Options};
use crate::patience::until;
use crate::resp::Reply;
use crate::server::Server;

/// How many slots there are for keys.
const SLOTS: usize = 16384;

/// The nodes of a cluster. A dead master is replaced by its copy within a few seconds.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Server>,
}

/// A node as `CLUSTER NODES` shows it to another.
#[derive(Debug)]
struct Seen {
    id: String,
    port: u16,
    is_master: bool,
    master: String,
}

impl Cluster {
    /// Three masters with one copy each, once every node says that all slots are served and every copy is complete.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&Options::new())
    }

    /// As [`Cluster::start`], with nodes of this kind.
    #[must_use]
    pub fn start_with(options: &Options) -> Self {
        Self::build(options, 3, true)
    }

    /// One node with all slots: enough for key slots, hash tags and `CROSSSLOT`.
    #[must_use]
    pub fn single() -> Self {
        Self::single_with(&Options::new())
    }

    /// As [`Cluster::single`], with a node of this kind.
    #[must_use]
    pub fn single_with(options: &Options) -> Self {
        Self::build(options, 1, false)
    }

    fn build(options: &Options, masters: usize, copies: bool) -> Self {
        let count = if copies { 2 * masters } else { masters };
        let node = || Server::start(options.clone().kind(Kind::Cluster));
        let cluster = Self { nodes: (0..count).map(|_| node()).collect() };
        let (first, others) = cluster.nodes.split_first().expect("a cluster has a node");
        for (index, node) in cluster.nodes.iter().enumerate() {
            // Without this, nodes that meet settle among themselves who has which epoch, which takes a while.
            node.cli(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()]);
            if index < masters {
                let (from, to) = (index * SLOTS / masters, (index + 1) * SLOTS / masters - 1);
                node.cli(&["CLUSTER", "ADDSLOTSRANGE", &from.to_string(), &to.to_string()]);
            }
        }
        for node in others {
            first.cli(&["CLUSTER", "MEET", "127.0.0.1", &node.port().to_string(), &node.bus().to_string()]);
        }
        if copies {
            for (master, copy) in cluster.nodes.iter().zip(cluster.nodes.iter().skip(masters)) {
                let master = master.cli(&["CLUSTER", "MYID"]);
                // Refused until the copy has heard of its master.
                until("a copy to know its master", || {
                    !matches!(copy.call(&["CLUSTER", "REPLICATE", &master]), Reply::Error(_))
                });
            }
        }
        cluster.wait_until_complete();
        cluster
    }

    /// All nodes, dead ones among them, in the order of their start.
    #[must_use]
    pub fn nodes(&self) -> &[Server] {
        &self.nodes
    }

    /// The URLs of all nodes.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Server::url).collect()
    }

    /// The nodes that are masters and live.
    #[must_use]
    pub fn masters(&self) -> Vec<&Server> {
        self.living().filter(|node| is_master(node)).collect()
    }

    /// The living node that serves this key.
    ///
    /// # Panics
    ///
    /// If no node does.
    #[must_use]
    pub fn master_of(&self, key: &str) -> &Server {
        // A node that does not serve the slot says who does, before it looks whether there is such a key.
        let owner = |node: &&Server| !matches!(node.call(&["EXISTS", key]), Reply::Error(_));
        let mut masters = self.living().filter(|node| is_master(node));
        masters.find(owner).unwrap_or_else(|| panic!("no node serves the key {key:?}"))
    }

    /// Lets the copy of this living master take over, and returns the new master once all nodes know.
    ///
    /// # Panics
    ///
    /// If the node is not a master, or has no living copy.
    pub fn failover(&self, master: &Server) -> &Server {
        let id = master.cli(&["CLUSTER", "MYID"]);
        let copy = self.copy_of(master).unwrap_or_else(|| panic!("the node {} has no living copy", master.port()));
        // The request is forgotten if the copy and its master are not connected just then, so it is made until it is granted.
        until("the copy to become the master", || {
            is_master(copy) || {
                copy.call(&["CLUSTER", "FAILOVER"]);
                false
            }
        });
        until("all nodes to know of the new master", || {
            self.living().all(|node| seen(node).iter().any(|one| one.id == id && !one.is_master))
        });
        self.wait_until_served();
        copy
    }

    /// Kills this master and returns its copy, which knows nothing of it yet; [`Cluster::wait_until_promoted`] waits until it has taken over.
    ///
    /// # Panics
    ///
    /// If the node has no living copy.
    pub fn kill(&self, master: &Server) -> &Server {
        let copy = self.copy_of(master).unwrap_or_else(|| panic!("the node {} has no living copy", master.port()));
        master.kill();
        copy
    }

    /// Waits until this copy is a master and all living nodes say that all slots are served.
    pub fn wait_until_promoted(&self, copy: &Server) {
        until("the copy to take over", || is_master(copy));
        self.wait_until_served();
    }

    /// Waits until all living nodes say that all slots are served.
    pub fn wait_until_served(&self) {
        until("all slots to be served", || self.living().all(serves));
    }

    /// Waits until all nodes live, know each other and serve all slots, and every copy is complete: after a start, or when a killed node has
    /// been restarted.
    pub fn wait_until_complete(&self) {
        until("the cluster to be complete", || {
            self.nodes
                .iter()
                .all(|node| node.answers() && serves(node) && seen(node).len() == self.nodes.len() && copied(node))
        });
    }

    fn living(&self) -> impl Iterator<Item = &Server> {
        self.nodes.iter().filter(|node| node.answers())
    }

    fn copy_of(&self, master: &Server) -> Option<&Server> {
        let nodes = seen(master);
        let id = &nodes.iter().find(|node| node.port == master.port())?.id;
        let copies: Vec<u16> = nodes.iter().filter(|node| &node.master == id).map(|node| node.port).collect();
        self.living().find(|node| copies.contains(&node.port()))
    }
}

fn is_master(node: &Server) -> bool {
    node.call(&["ROLE"]).items().first().is_some_and(|role| role.to_string() == "master")
}

/// Whether this master is followed by all its copies, or this copy has copied its master.
fn copied(node: &Server) -> bool {
    if is_master(node) {
        node.info("connected_slaves").parse().is_ok_and(|copies| node.is_followed_by(copies))
    } else {
        node.info("master_link_status") == "up"
    }
}

/// Whether this node says that the cluster works and every slot is served.
fn serves(node: &Server) -> bool {
    let info = node.cli(&["CLUSTER", "INFO"]);
    let all = format!("cluster_slots_ok:{SLOTS}");
    info.lines().any(|line| line == "cluster_state:ok") && info.lines().any(|line| line == all)
}

/// All nodes that this one knows.
fn seen(node: &Server) -> Vec<Seen> {
    let nodes = node.cli(&["CLUSTER", "NODES"]);
    let lines = nodes.lines().filter_map(|line| {
        // ID HOST:PORT@BUS[,NAME] FLAGS MASTER ...
        let mut words = line.split(' ');
        let id = words.next()?.to_owned();
        let port = words.next()?.split('@').next()?.rsplit(':').next()?.parse().ok()?;
        let is_master = words.next()?.split(',').any(|flag| flag == "master");
        Some(Seen { id, port, is_master, master: words.next()?.to_owned() })
    });
    lines.collect()
}

//! One Redis server on a port of its own, and what may be done to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::binary;
use crate::child::Child;
use crate::options::{Kind, Options};
use crate::patience::{PATIENCE, obtain, until};
use crate::port::Port;
use crate::resp::{Connection, Reply};
use crate::watchdog;

/// A running server. Dropping it kills it and removes its folder.
///
/// The kit talks to it over a Unix socket as a user of its own, so commands get through whatever a test has done to the port, to
/// certificates and to other users; they count in the server's numbers like everybody's.
#[derive(Debug)]
pub struct Server {
    child: Mutex<Child>,
    options: Options,
    port: Port,
    bus: Option<Port>,
    folder: PathBuf,
}

impl Server {
    /// An empty server without a password that writes nothing to disk, once it answers.
    #[must_use]
    pub fn plain() -> Self {
        Self::start(Options::new())
    }

    /// A server of this kind, once it answers.
    ///
    /// # Panics
    ///
    /// If there is no server program, or it ends at once: the text has the last lines of its log.
    #[must_use]
    pub fn start(options: Options) -> Self {
        let folder = watchdog::folder();
        let (port, bus) = (Port::reserve(), (options.kind == Kind::Cluster).then(Port::reserve));
        let write =
            |name: &str, text: String| fs::write(folder.join(name), text).expect("a new folder can be written to");
        write("redis.conf", options.file(port.number(), bus.as_ref()));
        write("users.acl", options.acl());
        let child = Mutex::new(launch(&folder, options.kind));
        let server = Self { child, options, port, bus, folder };
        server.wait_until_it_answers();
        server
    }

    /// The port, of 127.0.0.1. It stays this server's when it is dead.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The port of a cluster node's bus.
    pub(crate) fn bus(&self) -> u16 {
        self.bus.as_ref().map_or(0, Port::number)
    }

    /// Address and port, as a proxy or a socket wants it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The URL for clients: `redis://` or `rediss://`, with the default user's password if it has one.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_through(self.port())
    }

    /// As [`Server::url`], through the port of a proxy.
    #[must_use]
    pub fn url_through(&self, port: u16) -> String {
        let scheme = if self.options.tls { "rediss" } else { "redis" };
        let password = self.options.password.as_ref().map(|password| format!(":{password}@")).unwrap_or_default();
        format!("{scheme}://{password}127.0.0.1:{port}")
    }

    /// The path of its Unix socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    /// The number of its process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child().pid()
    }

    /// The last lines of its log, for a test that wonders.
    #[must_use]
    pub fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.join("redis.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }

    /// Kills it (SIGKILL). Connections to its port are refused from now on.
    pub fn kill(&self) {
        self.child().kill();
    }

    /// Kills it and starts it on the same port, with what the last [`Server::save`] has kept: nothing if there was none.
    pub fn restart(&self) {
        let mut child = self.child();
        child.kill();
        *child = launch(&self.folder, self.options.kind);
        drop(child);
        self.wait_until_it_answers();
    }

    /// Kills it and starts it on the same port without any data.
    pub fn restart_empty(&self) {
        self.kill();
        // There is none if nothing was ever saved.
        drop(fs::remove_file(self.folder.join("dump.rdb")));
        self.restart();
    }

    /// Writes all data to disk (SAVE), for the next [`Server::restart`].
    pub fn save(&self) {
        self.cli(&["SAVE"]);
    }

    /// Stops it in the middle of whatever it does (SIGSTOP): connections open, nothing answers.
    pub fn freeze(&self) {
        self.child().freeze();
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&self) {
        self.child().thaw();
    }

    /// The reply to a command of text or bytes, an error among others.
    ///
    /// # Panics
    ///
    /// If the server does not answer at all.
    pub fn call<A: AsRef<[u8]>>(&self, words: &[A]) -> Reply {
        let reply = Connection::open(&self.socket(), PATIENCE).and_then(|mut connection| connection.call(words));
        reply.unwrap_or_else(|error| panic!("the server {} does not answer: {error}\n{}", self.port(), self.log()))
    }

    /// The reply to a command as text, each thing of an array on its own line.
    ///
    /// # Panics
    ///
    /// If the command fails or the server does not answer.
    pub fn cli(&self, words: &[&str]) -> String {
        match self.call(words) {
            Reply::Error(error) => panic!("{words:?} failed: {error}"),
            reply => reply.to_string(),
        }
    }

    /// A field of INFO, such as `connected_clients`; empty if there is none of this name.
    #[must_use]
    pub fn info(&self, field: &str) -> String {
        let info = self.cli(&["INFO", "everything"]);
        let value = info.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        value.unwrap_or_default().to_owned()
    }

    /// How often each command was called since the start or [`Server::reset_stats`], by its name in small letters. A command of a script
    /// counts as well as the script; `subcommand`s are named as in `config|get`.
    #[must_use]
    pub fn commandstats(&self) -> BTreeMap<String, u64> {
        let info = self.cli(&["INFO", "commandstats"]);
        let stats = info.lines().filter_map(|line| {
            let (name, numbers) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
            Some((name.to_owned(), numbers.split(',').next()?.parse().ok()?))
        });
        stats.collect()
    }

    /// How often this command was called: see [`Server::commandstats`].
    #[must_use]
    pub fn calls(&self, command: &str) -> u64 {
        self.commandstats().get(command).copied().unwrap_or_default()
    }

    /// Sets all numbers of INFO to zero.
    pub fn reset_stats(&self) {
        self.cli(&["CONFIG", "RESETSTAT"]);
    }

    /// Forgets all keys of all databases.
    pub fn flush(&self) {
        self.cli(&["FLUSHALL"]);
    }

    /// Forgets all scripts.
    pub fn script_flush(&self) {
        self.cli(&["SCRIPT", "FLUSH"]);
    }

    /// Changes the configuration of the running server; a restart undoes it.
    pub fn config_set(&self, name: &str, value: &str) {
        self.cli(&["CONFIG", "SET", name, value]);
    }

    /// Closes the connections that have subscribed to something, and returns how many they were.
    pub fn client_kill_pubsub(&self) -> u64 {
        self.cli(&["CLIENT", "KILL", "TYPE", "pubsub"]).parse().unwrap_or_default()
    }

    /// Closes all connections of ordinary clients, and returns how many they were.
    pub fn client_kill_normal(&self) -> u64 {
        self.cli(&["CLIENT", "KILL", "TYPE", "normal"]).parse().unwrap_or_default()
    }

    /// Writes and scripts wait this long (CLIENT PAUSE WRITE); GET and read-only scripts go on.
    pub fn pause_writes(&self, time: Duration) {
        self.cli(&["CLIENT", "PAUSE", &time.as_millis().to_string(), "WRITE"]);
    }

    /// Ends [`Server::pause_writes`].
    pub fn unpause(&self) {
        self.cli(&["CLIENT", "UNPAUSE"]);
    }

    /// Waits until so many replicas have all that was written so far, and get what is written next.
    pub fn wait_for_replicas(&self, count: usize) {
        until(format_args!("{count} replicas of {} to follow", self.port()), || self.is_followed_by(count));
    }

    /// A replica that says that its link is up need not get anything yet: its master waits for a first acknowledgement. To ask for more
    /// replicas than there are sends a request for acknowledgements down the link, and whoever acknowledges that follows.
    pub(crate) fn is_followed_by(&self, count: usize) -> bool {
        self.call(&["WAIT", &(count + 1).to_string(), "1"]);
        let following = self.call(&["WAIT", &count.to_string(), "500"]);
        matches!(following, Reply::Int(following) if usize::try_from(following).is_ok_and(|following| following >= count))
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it can be asked and answers, within a short time.
    pub(crate) fn answers(&self) -> bool {
        let open = Connection::open(&self.socket(), Duration::from_secs(1));
        let pong = open.and_then(|mut connection| connection.call(&["PING"]));
        pong.is_ok_and(|pong| pong == Reply::Text("PONG".into()))
    }

    fn wait_until_it_answers(&self) {
        obtain(format_args!("the server {} to answer\n{}", self.port(), self.log()), || {
            assert!(self.child().is_running(), "the server ended at once:\n{}\n{}", self.complaint(), self.log());
            self.answers().then_some(())
        });
    }

    /// What the server said before it had a log.
    fn complaint(&self) -> String {
        fs::read_to_string(self.folder.join("start.log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The folder can go once nobody writes to it; a child that is dropped later is killed then, after a log entry perhaps.
        self.kill();
        watchdog::remove(&self.folder);
    }
}

fn launch(folder: &std::path::Path, kind: Kind) -> Child {
    let output = fs::File::create(folder.join("start.log")).expect("a new folder can be written to");
    let errors = output.try_clone().expect("a file can be shared");
    let mut command = binary::find().command();
    command.arg("redis.conf").args((kind == Kind::Sentinel).then_some("--sentinel"));
    command.current_dir(folder).stdin(Stdio::null()).stdout(output).stderr(errors);
    Child::spawn(&mut command)
}

//! Redis as a store. Only this folder names the redis crate.
//!
//! Each method turns its arguments into commands and hands them to the store's thread (`thread.rs`), whose connection
//! (`link.rs`, kept by `supervisor.rs`) answers them; `scripts.rs` holds the atomic steps. Beside it `notes.rs` hears what is passed on.

// What is asked for, and what the answers mean:
mod keys;
mod operations;
mod reads;
mod requests;
mod room;
mod scripts;
// The thread, and the connection that it keeps:
mod answer;
mod backoff;
mod connection;
mod health;
mod link;
mod once;
mod purge;
mod supervisor;
mod thread;
// Where the server is:
mod cluster;
mod door;
mod place;
mod sentinel;
#[cfg(feature = "redis-tls")]
mod tls;
// Notes, and how long memory may be used:
mod ear;
mod latch;
mod notes;
mod subscription;
mod topology;
mod validity;
// Settings and failures:
mod errors;
mod settings;
mod url;

use std::fmt;
use std::future::ready;
use std::sync::OnceLock;
use std::time::Duration;

use ::redis::Pipeline;
use tokio::sync::mpsc::UnboundedSender;

use self::answer::{Answer, Waiting};
use self::connection::{Reply, Tries};
use self::reads::Reading;
use self::settings::{Place, Secret, Settings};
use self::thread::{Job, Until};
use super::store::{
    Expire, Fill, Found, Generation, Increment, Incremented, Lease, Leased, Opening, Over, Pending, Read, Release,
    Remove, Renew, Store, StoreError, Write,
};
use crate::error::Error;
use crate::log;

/// A Redis server as a shared tier, or several: one that sentinels name, or a cluster. Valkey is as good.
///
/// ```
/// use larder::Redis;
///
/// let redis = Redis::url("redis://:secret@localhost:6379/1")?;
/// assert!(!format!("{redis:?}").contains("secret"));
/// # Ok::<(), larder::Error>(())
/// ```
///
/// | URL | |
/// |---|---|
/// | `redis://[[user]:password@]host[:port][/database]` | one server |
/// | `rediss://...` | the same over TLS (feature `redis-tls`) |
/// | `redis+unix:///path/to/socket?db=1` | one server, through a socket |
/// | `redis-sentinel://[login@]host1:port,host2:port/service[/database]` | the primary of a service, as sentinels name it |
/// | `redis-cluster://[login@]host1:port,host2:port` | a cluster, of which these nodes are known |
/// | `rediss-sentinel://...`, `rediss-cluster://...` | the same over TLS |
///
/// Settings follow behind `?`, joined by `&`:
///
/// | setting | |
/// |---|---|
/// | `db=1` | the database |
/// | `deadline=150ms` | how long an operation may take: see [`deadline`](Self::deadline); without a unit it is seconds |
/// | `connect_timeout=1s` | how long a connection may take to be made |
/// | `ca=/path`, `cert=/path`, `key=/path` | PEM files: whose signature is trusted; the client's certificate and its key (feature `redis-tls`) |
/// | `protocol=2` | the version of the protocol; left out, the third one, or the second where the third is unknown |
/// | `sentinel_user=...`, `sentinel_password=...` | the login at the sentinels, which is not that of the server |
///
/// In user, password, path and settings `%40` stands for `@`, and so on.
///
/// # Rights
///
/// What a user of the server needs is in the chapter `guide::shared`, section "The server". Without the right to the channel, values are
/// shared all the same, but nothing is kept in memory in front of them, and operations end as
/// [`Untold`](crate::shared::StoreErrorKind::Untold).
///
/// # Connections
///
/// One thread of the store does all input and output, so that it works with any executor and without one. While the server is out of
/// reach, operations end at once, and the thread tries to connect for as long as the store is open. State of the connection is
/// logged when it changes.
pub struct Redis {
    settings: Settings,
    open: OnceLock<Open>,
}

/// What there is once the store is open.
struct Open {
    /// The thread ends when this does.
    jobs: UnboundedSender<Job>,
    channel: String,
}

impl Redis {
    /// Redis at this place. Nothing is connected to before a cache is built with it.
    ///
    /// # Errors
    ///
    /// When the URL can't be used. No error repeats a password.
    pub fn url(url: &str) -> Result<Self, Error> {
        Ok(Self { settings: url::parse(url)?, open: OnceLock::new() })
    }

    /// How long an operation may take; after that a cache goes on without it. A long list is sent as several
    /// requests, each of which has this time. Left out, or zero, the cache says how long.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = Some(deadline);
        self
    }

    /// How long a connection may take to be made: one second, if left out.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// The password of the sentinels, if they have one.
    #[must_use]
    pub fn sentinel_password(mut self, password: impl Into<String>) -> Self {
        self.settings.sentinel_login.password = Some(Secret(password.into()));
        self
    }

    /// Trusts servers whose certificate is signed by one of these (PEM), and no others. Left out, public authorities are trusted.
    /// With the feature `redis-tls`; in the URL it is `ca=/path/to/ca.pem`.
    ///
    /// # Errors
    ///
    /// When the text holds no certificate, or the URL asks for no TLS.
    #[cfg(feature = "redis-tls")]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Result<Self, Error> {
        self.settings.trust(pem.into())?;
        Ok(self)
    }

    /// Shows the server this certificate, whose key is this one (both PEM). With the feature `redis-tls`; in the URL these are
    /// `cert=/path/to/cert.pem` and `key=/path/to/key.pem`.
    ///
    /// # Errors
    ///
    /// When one of them can't be read, or the URL asks for no TLS.
    #[cfg(feature = "redis-tls")]
    pub fn client_certificate(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Result<Self, Error> {
        self.settings.show(certificate.into(), key.into())?;
        Ok(self)
    }

    fn is_cluster(&self) -> bool {
        matches!(self.settings.place, Place::Cluster(_))
    }

    /// Hands a job to the thread, now; the future only waits for the end. The job is given the channel.
    fn ask<T, Q>(&self, question: Q, job: impl FnOnce(&str, Answer<Result<T, StoreError>, Q>) -> Job) -> Asked<T, Q> {
        let (answer, end) = answer::channel(question);
        let sent = self.open.get().is_some_and(|open| open.jobs.send(job(&open.channel, answer)).is_ok());
        Asked { end, sent }
    }

    /// Sends calls, and gives their answers to `read`.
    fn calls<T: 'static>(
        &self,
        calls: impl FnOnce(&str) -> Pipeline,
        read: impl FnOnce(Vec<Reply>) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<T> {
        self.calls_with(Tries::Many, Until::Done, calls, read)
    }

    fn calls_with<T: 'static>(
        &self,
        tries: Tries,
        until: Until,
        calls: impl FnOnce(&str) -> Pipeline,
        read: impl FnOnce(Vec<Reply>) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<T> {
        let asked = self.ask((), |channel, answer| Job::Calls { calls: calls(channel), tries, until, answer });
        Box::pin(async move { read(asked.end().await?) })
    }
}

/// The end of a job to come.
struct Asked<T, Q> {
    end: Waiting<Result<T, StoreError>, Q>,
    sent: bool,
}

impl<T, Q> Asked<T, Q> {
    async fn end(self) -> Result<T, StoreError> {
        match self.end.await {
            Some(end) => end,
            None if self.sent => Err(errors::timed_out()),
            None => Err(errors::unavailable("the store is not open")),
        }
    }
}

impl Store for Redis {
    fn open(&self, opening: Opening) {
        let channel = channel(&opening.namespace);
        match thread::start(self.settings.clone(), opening) {
            Ok(jobs) => {
                if self.open.set(Open { jobs, channel }).is_err() {
                    // A second cache would be told the notes of the first.
                    log::warning("a store of redis is opened twice; make one for each cache");
                }
            }
            Err(error) => log::warning(&format!("redis can't be used, as it has no thread: {error}")),
        }
    }

    fn read(&self, reads: Vec<Read>) -> Pending<Vec<Found>> {
        if reads.is_empty() {
            return Box::pin(ready(Ok(Vec::new())));
        }
        let found = reads::blank(&reads);
        Box::pin(self.ask(reads, |_, answer| Job::Read(Reading { answer, found })).end())
    }

    fn lease(&self, leases: Vec<Lease>) -> Pending<Vec<Leased>> {
        let mut calls = operations::lease(&leases);
        operations::generations(&mut calls, &leases, self.is_cluster());
        self.calls_with(Tries::Many, Until::Cancelled, |_| calls, move |replies| operations::leased(&leases, replies))
    }

    fn generations(&self, names: Vec<String>, fresh: Generation, keep: Duration) -> Pending<Vec<Generation>> {
        // As behind a lease, without one.
        let time = Duration::ZERO;
        let lease =
            Lease { key: String::new(), token: 0, time, over: Over::NOTHING, generations: names.into(), fresh, keep };
        let mut calls = Pipeline::new();
        operations::generations(&mut calls, std::slice::from_ref(&lease), self.is_cluster());
        self.calls(
            |_| calls,
            move |replies| {
                let mut numbers = operations::numbers(std::slice::from_ref(&lease), replies)?;
                numbers.pop().ok_or_else(|| errors::strange("no generations"))
            },
        )
    }

    fn fill(&self, fills: Vec<Fill>) -> Pending<Vec<bool>> {
        self.calls(|channel| operations::fill(&fills, channel), operations::flags)
    }

    fn release(&self, releases: Vec<Release>) -> Pending<()> {
        self.calls(|channel| operations::release(&releases, channel), done)
    }

    fn renew(&self, renews: Vec<Renew>) -> Pending<Vec<bool>> {
        self.calls(|_| operations::renew(&renews), operations::flags)
    }

    fn write(&self, writes: Vec<Write>) -> Pending<Vec<bool>> {
        // Done again, one would find the value that it has stored, and say that it was another's.
        let tries = if writes.iter().any(|write| write.unless.is_some()) { Tries::One } else { Tries::Many };
        self.calls_with(tries, Until::Done, |channel| operations::write(&writes, channel), operations::flags)
    }

    fn increment(&self, increment: Increment) -> Pending<Incremented> {
        self.calls_with(
            Tries::One,
            Until::Done,
            |channel| operations::increment(&increment, channel),
            |mut replies| operations::incremented(replies.pop().ok_or_else(|| errors::strange("no answer"))?),
        )
    }

    fn remove(&self, removes: Vec<Remove>) -> Pending<Vec<bool>> {
        self.calls(|channel| operations::remove(&removes, channel), operations::flags)
    }

    fn expire(&self, expires: Vec<Expire>) -> Pending<()> {
        self.calls(|channel| operations::expire(&expires, channel), done)
    }

    fn bump(&self, generations: Vec<String>, note: Vec<u8>) -> Pending<()> {
        self.calls(|channel| operations::bump(&generations, &note, channel, self.is_cluster()), done)
    }

    fn purge(&self, namespace: &str) -> Pending<u64> {
        let namespace = namespace.to_owned();
        Box::pin(self.ask((), |_, answer| Job::Purge { namespace, answer }).end())
    }

    fn close(&self) {
        if let Some(open) = self.open.get() {
            // A thread that has ended needs no telling.
            let _told = open.jobs.send(Job::Close);
        }
    }
}

fn done(replies: Vec<Reply>) -> Result<(), StoreError> {
    operations::flags(replies).map(drop)
}

/// The channel of a namespace.
fn channel(namespace: &str) -> String {
    format!("{namespace}:inv")
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("settings", &self.settings).finish_non_exhaustive()
    }
}

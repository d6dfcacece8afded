//! A TCP proxy between clients and one server, which passes bytes on until a test tells it not to.
//!
//! It knows the connections that have subscribed to a channel from the others by what they send, so that the link of invalidations may
//! fail alone. It reads plain RESP: under TLS every connection counts as one that sends commands.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::patience::until;
use crate::port::Port;

// What passes one way, and what holds it up.
mod flow;
// One connection.
mod link;
// Who has subscribed.
mod sniff;

/// Which connections are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// All.
    All,
    /// Those that have sent SUBSCRIBE, PSUBSCRIBE or SSUBSCRIBE, from this command on.
    Subscribed,
    /// The others.
    Commands,
}

/// Which direction is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// What clients send.
    ToServer,
    /// What the server sends.
    ToClient,
    /// Both.
    Both,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In order: the client reads the end of the stream.
    Fin,
    /// By a reset: the client reads an error.
    Rst,
}

/// What is done to connections, old and new ones, until something else is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    Pass,
    /// Every byte takes this much longer, each way.
    Delay(Duration),
    /// So many bytes arrive in a second, each way of each connection.
    Rate(u32),
    /// Nothing arrives this way, not even the end of a connection, and nobody is told: half-open. What was held arrives later.
    Stall(Way),
    /// Exactly so many bytes arrive this way on each connection, from now or from its beginning; then it ends.
    Cut {
        /// The bytes that count.
        way: Way,
        /// How many arrive.
        after: u64,
        /// What comes then.
        end: End,
    },
    /// Everything is read and nothing arrives. Connections that have lost something are reset when this ends.
    BlackHole,
}

/// What a proxy does at present.
#[derive(Clone, Debug)]
struct Settings {
    target: String,
    accepting: bool,
    /// Of connections that send commands, and of those that have subscribed.
    rules: [Rule; 2],
}

/// What is done to one class of connections.
#[derive(Clone, Copy, Debug, Default)]
struct Rule {
    fault: Fault,
    /// Counts the faults, so that one that is set again begins again.
    since: u64,
    /// The last one-time end: how many there were, and how this one was.
    ended: (u64, Option<End>),
}

/// What the proxy's thread lets its owner know.
#[derive(Debug, Default)]
struct Shared {
    /// The open connections, and whether each has subscribed.
    links: Mutex<HashMap<u64, bool>>,
    listening: AtomicBool,
    accepted: AtomicU64,
    to_server: AtomicU64,
    to_client: AtomicU64,
}

impl Shared {
    fn links(&self) -> MutexGuard<'_, HashMap<u64, bool>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Links {
    fn contain(self, subscribed: bool) -> bool {
        match self {
            Links::All => true,
            Links::Subscribed => subscribed,
            Links::Commands => !subscribed,
        }
    }
}

impl Way {
    fn contains(self, other: Way) -> bool {
        self == Way::Both || self == other
    }
}

/// A proxy on a port of its own. Dropping it closes all its connections.
#[derive(Debug)]
pub struct Proxy {
    port: Port,
    settings: Option<watch::Sender<Settings>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// A proxy that passes everything on to the server at this address: [`crate::Server::address`].
    ///
    /// # Panics
    ///
    /// If no thread can be started.
    #[must_use]
    pub fn start(target: impl Into<String>) -> Self {
        let port = Port::reserve();
        let settings = Settings { target: target.into(), accepting: true, rules: [Rule::default(); 2] };
        let (settings, seen) = watch::channel(settings);
        let shared = Arc::new(Shared::default());
        let (number, state) = (port.number(), Arc::clone(&shared));
        let thread = thread::Builder::new().name("larder-kit-proxy".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(serve(number, seen, &state));
        });
        let thread = Some(thread.expect("a thread can be started"));
        let proxy = Self { port, settings: Some(settings), shared, thread };
        proxy.wait_for_listener(true);
        proxy
    }

    /// The port, of 127.0.0.1. It stays this proxy's while connections are refused.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// The URL for clients of a server without TLS and password; [`crate::Server::url_through`] makes that of others.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port())
    }

    /// Does this to these connections from now on. It holds for every byte sent after this returns.
    pub fn set(&self, links: Links, fault: Fault) {
        self.change(links, |rule| {
            rule.fault = fault;
            rule.since += 1;
        });
    }

    /// Passes everything on again, and accepts connections.
    pub fn heal(&self) {
        self.set(Links::All, Fault::Pass);
        self.accept();
    }

    /// Ends these connections now, once, and returns how many they were. New ones are not concerned.
    #[expect(clippy::must_use_candidate, reason = "the end is what matters")]
    pub fn end(&self, links: Links, end: End) -> usize {
        // Chosen before the word is spread, so that a connection that comes between is not waited for.
        let chosen: Vec<u64> =
            self.shared.links().iter().filter(|link| links.contain(*link.1)).map(|link| *link.0).collect();
        self.change(links, |rule| rule.ended = (rule.ended.0 + 1, Some(end)));
        until("connections through the proxy to end", || {
            let open = self.shared.links();
            chosen.iter().all(|id| open.get(id).is_none_or(|subscribed| !links.contain(*subscribed)))
        });
        chosen.len()
    }

    /// Refuses new connections from now on. Open ones go on.
    pub fn refuse(&self) {
        self.settings().send_modify(|settings| settings.accepting = false);
        self.wait_for_listener(false);
    }

    /// Accepts connections again.
    pub fn accept(&self) {
        self.settings().send_modify(|settings| settings.accepting = true);
        self.wait_for_listener(true);
    }

    /// New connections go to the server at this address. Open ones stay.
    pub fn retarget(&self, target: impl Into<String>) {
        let target = target.into();
        self.settings().send_modify(|settings| settings.target = target);
    }

    /// How many of these connections are open.
    #[must_use]
    pub fn connections(&self, links: Links) -> usize {
        self.shared.links().values().filter(|subscribed| links.contain(**subscribed)).count()
    }

    /// How many connections there were in all.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::Relaxed)
    }

    /// How many bytes have arrived this way in all. They are counted a moment after they have arrived.
    #[must_use]
    pub fn passed(&self, way: Way) -> u64 {
        let of = |one: Way, count: &AtomicU64| if way.contains(one) { count.load(Ordering::Relaxed) } else { 0 };
        of(Way::ToServer, &self.shared.to_server) + of(Way::ToClient, &self.shared.to_client)
    }

    fn settings(&self) -> &watch::Sender<Settings> {
        self.settings.as_ref().expect("only dropping the proxy takes its settings")
    }

    fn change(&self, links: Links, change: impl Fn(&mut Rule)) {
        self.settings().send_modify(|settings| {
            for (rule, subscribed) in settings.rules.iter_mut().zip([false, true]) {
                if links.contain(subscribed) {
                    change(rule);
                }
            }
        });
    }

    fn wait_for_listener(&self, listening: bool) {
        until("the proxy to open or close its port", || self.shared.listening.load(Ordering::SeqCst) == listening);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.settings.take());
        if let Some(thread) = self.thread.take() {
            // Its panic, if any, has been printed.
            drop(thread.join());
        }
    }
}

/// Accepts connections until the proxy is dropped. The connections end with the runtime then.
async fn serve(port: u16, mut settings: watch::Receiver<Settings>, shared: &Arc<Shared>) {
    let mut listener = None;
    loop {
        let accepting = settings.borrow_and_update().accepting;
        if !accepting {
            listener = None;
        } else if listener.is_none() {
            listener = Some(TcpListener::bind(("127.0.0.1", port)).await.expect("the proxy has its port for itself"));
        }
        shared.listening.store(accepting, Ordering::SeqCst);
        tokio::select! {
            biased;
            changed = settings.changed() => if changed.is_err() { return },
            client = accept(listener.as_ref()) => {
                let id = shared.accepted.fetch_add(1, Ordering::Relaxed);
                let rule = settings.borrow().rules[0];
                let entry = link::Entry::new(id, Arc::clone(shared));
                tokio::spawn(link::run(client, settings.clone(), rule, entry));
            }
        }
    }
}

/// The next connection; never any without a listener.
async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    loop {
        match listener {
            Some(listener) => {
                if let Ok((client, _)) = listener.accept().await {
                    return client;
                }
                tokio::task::yield_now().await;
            }
            None => std::future::pending().await,
        }
    }
}

//! One connection through the proxy: a client's socket, the server's, and what passes between them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::flow::{Flow, Next, Source};
use super::sniff::Sniffer;
use super::{End, Fault, Rule, Settings, Shared, Way};

/// How long a peer may go on sending into a connection that has ended in order.
const LINGER: Duration = Duration::from_secs(1);

/// How much is read at once.
const CHUNK: usize = 1 << 14;

/// The place of a connection in the list of open ones.
#[derive(Debug)]
pub(super) struct Entry {
    id: u64,
    shared: Arc<Shared>,
}

impl Entry {
    pub(super) fn new(id: u64, shared: Arc<Shared>) -> Self {
        shared.links().insert(id, false);
        Self { id, shared }
    }

    fn subscribe(&self) {
        self.shared.links().insert(self.id, true);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.shared.links().remove(&self.id);
    }
}

/// What has happened to a connection. No length means an error: the connection is lost.
enum Event {
    Changed(bool),
    Read(Way, Option<usize>),
    Wrote(Way, Option<usize>),
    Due,
}

/// What the connection and its rules are at present.
struct Link {
    settings: watch::Receiver<Settings>,
    entry: Entry,
    sniffer: Sniffer,
    subscribed: bool,
    rule: Rule,
    /// A one-time end that the rule has brought.
    ended: Option<End>,
    to_server: Flow,
    to_client: Flow,
    /// A black hole has swallowed something.
    lost: bool,
}

/// Passes bytes between the client and the server until the connection ends. The rule is that of the moment before it was listed.
pub(super) async fn run(mut client: TcpStream, settings: watch::Receiver<Settings>, rule: Rule, entry: Entry) {
    let target = settings.borrow().target.clone();
    let Ok(mut server) = TcpStream::connect(target).await else {
        return reset(&client);
    };
    drop((client.set_nodelay(true), server.set_nodelay(true)));
    let mut link = Link {
        settings,
        entry,
        sniffer: Sniffer::default(),
        subscribed: false,
        rule,
        ended: None,
        to_server: Flow::new(Way::ToServer),
        to_client: Flow::new(Way::ToClient),
        lost: false,
    };
    match link.pass(&mut client, &mut server).await {
        End::Rst => {
            reset(&client);
            reset(&server);
            // The sockets first: whoever waits for the entry to go finds the connection reset.
            drop((client, server));
            drop(link);
        }
        End::Fin => {
            drop((client.shutdown().await, server.shutdown().await));
            drop(link);
            // Bytes that arrive on a closed socket would turn its orderly end into a reset, so they are read.
            drop(timeout(LINGER, async { tokio::join!(drain(client), drain(server)) }).await);
        }
    }
}

impl Link {
    /// Returns how the connection shall end.
    async fn pass(&mut self, client: &mut TcpStream, server: &mut TcpStream) -> End {
        let (mut from_client, mut from_server) = (vec![0; CHUNK], vec![0; CHUNK]);
        let (mut client_in, mut client_out) = client.split();
        let (mut server_in, mut server_out) = server.split();
        loop {
            if let Some(end) = self.end() {
                return end;
            }
            let now = Instant::now();
            let (up, down) = (self.next(&self.to_server, now), self.next(&self.to_client, now));
            match (up, down) {
                (Next::Break, _) | (_, Next::Break) => return End::Rst,
                (Next::Finish, _) => {
                    self.to_server.over = true;
                    drop(server_out.shutdown().await);
                    continue;
                }
                (_, Next::Finish) => {
                    self.to_client.over = true;
                    drop(client_out.shutdown().await);
                    continue;
                }
                _ => {}
            }
            let due = up.time().into_iter().chain(down.time()).min();
            let event = tokio::select! {
                // News first: a fault holds for every byte that is sent after it was set.
                biased;
                changed = self.settings.changed() => Event::Changed(changed.is_ok()),
                length = server_out.write(self.to_server.front(up.length())), if up.length() > 0 => {
                    Event::Wrote(Way::ToServer, length.ok())
                }
                length = client_out.write(self.to_client.front(down.length())), if down.length() > 0 => {
                    Event::Wrote(Way::ToClient, length.ok())
                }
                length = client_in.read(&mut from_client), if self.to_server.has_room() => {
                    Event::Read(Way::ToServer, length.ok())
                }
                length = server_in.read(&mut from_server), if self.to_client.has_room() => {
                    Event::Read(Way::ToClient, length.ok())
                }
                () = sleep_until(due.unwrap_or(now)), if due.is_some() => Event::Due,
            };
            match event {
                // The proxy is gone.
                Event::Changed(false) => return End::Rst,
                Event::Changed(true) => self.refresh(),
                Event::Due => {}
                Event::Read(Way::ToServer, length) => {
                    let bytes = length.map(|length| from_client.get(..length).unwrap_or_default());
                    self.sniff(bytes.unwrap_or_default());
                    self.to_server.take(bytes);
                }
                Event::Read(_, length) => {
                    self.to_client.take(length.map(|length| from_server.get(..length).unwrap_or_default()));
                }
                Event::Wrote(way, length) => self.wrote(way, length),
            }
        }
    }

    /// How the connection ends now, if it does.
    fn end(&mut self) -> Option<End> {
        if self.ended.is_some() {
            return self.ended;
        }
        if self.rule.fault == Fault::BlackHole {
            self.lost |= self.to_server.lose() | self.to_client.lose();
        } else if self.lost {
            return Some(End::Rst);
        }
        match self.rule.fault {
            Fault::Cut { way, after, end } if self.passed(way) >= after => Some(end),
            _ if self.to_server.over && self.to_client.over => Some(End::Fin),
            _ => None,
        }
    }

    fn passed(&self, way: Way) -> u64 {
        [&self.to_server, &self.to_client].iter().filter(|flow| way.contains(flow.way())).map(|flow| flow.passed).sum()
    }

    fn next(&self, flow: &Flow, now: Instant) -> Next {
        let left = match self.rule.fault {
            Fault::Cut { way, after, .. } if way.contains(flow.way()) => after.saturating_sub(self.passed(way)),
            _ => u64::MAX,
        };
        flow.next(self.rule.fault, left, now)
    }

    /// Takes the present rule of its class, and its one-time end if there was one since the last.
    fn refresh(&mut self) {
        let rule = self.settings.borrow().rules[usize::from(self.subscribed)];
        if rule.ended.0 != self.rule.ended.0 {
            self.ended = rule.ended.1;
        }
        self.obey(rule);
    }

    fn obey(&mut self, rule: Rule) {
        if rule.since != self.rule.since {
            self.to_server.passed = 0;
            self.to_client.passed = 0;
        }
        self.rule = rule;
    }

    /// Looks whether the client has subscribed. Ends of that class that were before are no business of this connection.
    fn sniff(&mut self, bytes: &[u8]) {
        if !self.subscribed && self.sniffer.subscribed(bytes) {
            self.refresh();
            self.subscribed = true;
            self.entry.subscribe();
            self.to_server.passed = 0;
            self.to_client.passed = 0;
            self.rule = self.settings.borrow().rules[1];
        }
    }

    fn wrote(&mut self, way: Way, length: Option<usize>) {
        let shared = &self.entry.shared;
        let (flow, back, total) = match way {
            Way::ToServer => (&mut self.to_server, &mut self.to_client, &shared.to_server),
            _ => (&mut self.to_client, &mut self.to_server, &shared.to_client),
        };
        match length {
            Some(length) if length > 0 => {
                flow.arrived(length, self.rule.fault);
                total.fetch_add(length as u64, Ordering::Relaxed);
            }
            // The receiver is gone. The other side hears of it when this way is open.
            _ => {
                flow.close();
                back.source = Source::Broken;
            }
        }
    }
}

/// Closing this socket will be a reset.
fn reset(socket: &TcpStream) {
    // It cannot fail on a socket; if it does, the connection ends in order.
    let _ = set_socket_linger(socket, Some(Duration::ZERO));
}

async fn drain(mut socket: TcpStream) {
    let mut buffer = [0; 1024];
    while socket.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
}

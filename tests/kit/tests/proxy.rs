//! The proxy does to connections what it was told, to the right ones, and no more.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use larder_kit::patience::PATIENCE;
use larder_kit::{End, Fault, Links, Proxy, Server, Way, until};

/// So long a byte is waited for that must not come. It is the only time here that must pass, and a slow machine makes no test fail.
const SILENCE: Duration = Duration::from_millis(50);

/// A server that sends back what it reads, at an address. Its threads end with their connections.
fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            thread::spawn(move || {
                let mut buffer = vec![0; 1 << 16];
                while let Ok(length) = connection.read(&mut buffer) {
                    if length == 0 || connection.write_all(&buffer[..length]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

/// A client of the proxy that does not wait for ever.
struct Client(TcpStream);

impl Client {
    fn of(proxy: &Proxy) -> Self {
        Self::over(TcpStream::connect(("127.0.0.1", proxy.port())).unwrap())
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }

    fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).unwrap();
    }

    fn reads(&mut self, text: &str) {
        let mut buffer = vec![0; text.len()];
        self.0.read_exact(&mut buffer).unwrap();
        assert_eq!(String::from_utf8_lossy(&buffer), text);
    }

    fn says(&mut self, text: &str) {
        self.send(text);
        self.reads(text);
    }

    fn hears_nothing(&mut self) {
        self.0.set_read_timeout(Some(SILENCE)).unwrap();
        let heard = self.0.read(&mut [0; 10]);
        assert!(matches!(&heard, Err(error) if error.kind() == ErrorKind::WouldBlock), "{heard:?}");
        self.0.set_read_timeout(Some(PATIENCE)).unwrap();
    }

    fn hears_the_end(&mut self, end: End) {
        let heard = self.0.read(&mut [0; 10]).map_err(|error| error.kind());
        assert_eq!(heard, if end == End::Fin { Ok(0) } else { Err(ErrorKind::ConnectionReset) });
    }
}

#[test]
fn everything_passes_both_ways_until_both_have_ended() {
    let proxy = Proxy::start(echo());
    let mut client = Client::of(&proxy);
    client.says("hello");
    let large = "0123456789".repeat(500_000);
    thread::scope(|scope| {
        let mut sender = Client(client.0.try_clone().unwrap());
        let sent = &large;
        scope.spawn(move || sender.send(sent));
        client.reads(&large);
    });
    until("all bytes to be counted", || proxy.passed(Way::Both) == 10_000_010);
    assert_eq!(proxy.passed(Way::ToServer), 5_000_005);
    client.0.shutdown(std::net::Shutdown::Write).unwrap();
    client.hears_the_end(End::Fin);
    until("the connection to end", || proxy.connections(Links::All) == 0);
    assert_eq!(proxy.accepted(), 1);
}

#[test]
fn a_delay_is_at_least_as_long_as_asked_and_not_once_per_piece() {
    let proxy = Proxy::start(echo());
    let mut client = Client::of(&proxy);
    let delay = Duration::from_millis(40);
    proxy.set(Links::All, Fault::Delay(delay));
    let begin = Instant::now();
    client.says("hello");
    assert!(begin.elapsed() >= 2 * delay);
    proxy.set(Links::All, Fault::Delay(Duration::from_secs(600)));
    client.send("a");
    client.hears_nothing();
    client.send("b");
    proxy.heal();
    client.reads("ab");
}

#[test]
fn a_slow_way_takes_its_time_for_every_byte() {
    let proxy = Proxy::start(echo());
    let mut client = Client::of(&proxy);
    proxy.set(Links::All, Fault::Rate(1 << 20));
    let begin = Instant::now();
    client.says(&"x".repeat(100 << 10));
    assert!(begin.elapsed() >= Duration::from_millis(85), "{:?}", begin.elapsed());
    proxy.heal();
    client.says("hello");
}

#[test]
fn a_connection_is_cut_after_exactly_so_many_bytes() {
    let proxy = Proxy::start(echo());
    for end in [End::Fin, End::Rst] {
        let mut old = Client::of(&proxy);
        old.says("1234567");
        proxy.set(Links::All, Fault::Cut { way: Way::ToClient, after: 5, end });
        for mut client in [old, Client::of(&proxy)] {
            client.says("abc");
            client.send("defghi");
            if end == End::Fin {
                client.reads("de");
            }
            // The bytes before a reset may be lost with it.
            let mut rest = Vec::new();
            let read = client.0.read_to_end(&mut rest).map_err(|error| error.kind());
            assert_eq!(read.is_err(), end == End::Rst, "{end:?} {read:?}");
            assert!(b"de".starts_with(&rest), "{rest:?}");
        }
        proxy.heal();
        Client::of(&proxy).says("whole");
    }
    // What was cut off on the way to the server never arrived there.
    let before = proxy.passed(Way::ToServer);
    proxy.set(Links::All, Fault::Cut { way: Way::ToServer, after: 2, end: End::Fin });
    let mut client = Client::of(&proxy);
    client.send("abcdef");
    let mut heard = String::new();
    client.0.read_to_string(&mut heard).unwrap();
    assert!("ab".starts_with(&heard), "{heard}");
    until("two bytes to be counted", || proxy.passed(Way::ToServer) - before == 2);
}

#[test]
fn a_stalled_way_holds_what_the_other_way_passes() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::start(listener.local_addr().unwrap().to_string());
    let mut client = Client::of(&proxy);
    let mut server = Client::over(listener.accept().unwrap().0);
    proxy.set(Links::All, Fault::Stall(Way::ToClient));
    server.send("late");
    client.send("now");
    server.reads("now");
    client.hears_nothing();
    drop(server);
    client.hears_nothing();
    proxy.heal();
    client.reads("late");
    client.hears_the_end(End::Fin);

    // A client that dies behind a stalled way is not missed by the server.
    let client = Client::of(&proxy);
    let mut server = Client::over(listener.accept().unwrap().0);
    proxy.set(Links::All, Fault::Stall(Way::ToServer));
    drop(client);
    server.send("is anybody there?");
    server.send("hello?");
    server.hears_nothing();
    proxy.heal();
    let heard = server.0.read(&mut [0; 10]);
    assert!(matches!(heard, Ok(0) | Err(_)), "{heard:?}");
}

#[test]
fn a_black_hole_swallows_and_is_noticed_when_it_ends() {
    let proxy = Proxy::start(echo());
    let (mut talker, mut quiet) = (Client::of(&proxy), Client::of(&proxy));
    talker.says("a");
    quiet.says("a");
    proxy.set(Links::All, Fault::BlackHole);
    let mut late = Client::of(&proxy);
    talker.send("b");
    late.send("b");
    talker.hears_nothing();
    late.hears_nothing();
    proxy.heal();
    talker.hears_the_end(End::Rst);
    late.hears_the_end(End::Rst);
    quiet.says("c");
}

#[test]
fn connections_are_refused_and_accepted_again() {
    let proxy = Proxy::start(echo());
    let mut old = Client::of(&proxy);
    old.says("a");
    proxy.refuse();
    let refused = TcpStream::connect(("127.0.0.1", proxy.port()));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    old.says("b");
    proxy.accept();
    Client::of(&proxy).says("c");
}

#[test]
fn open_connections_end_on_demand() {
    let proxy = Proxy::start(echo());
    for end in [End::Rst, End::Fin] {
        let mut clients = [Client::of(&proxy), Client::of(&proxy)];
        clients[0].says("a");
        clients[1].says("b");
        assert_eq!(proxy.end(Links::All, end), 2);
        clients[0].hears_the_end(end);
        clients[1].hears_the_end(end);
        assert_eq!(proxy.connections(Links::All), 0);
        let mut new = Client::of(&proxy);
        new.says("c");
        drop(new);
        until("the connection to end", || proxy.connections(Links::All) == 0);
    }
}

#[test]
fn a_dropped_proxy_closes_everything() {
    let proxy = Proxy::start(echo());
    let (mut client, port) = (Client::of(&proxy), proxy.port());
    client.says("a");
    drop(proxy);
    assert!(matches!(client.0.read(&mut [0; 10]), Ok(0) | Err(_)));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn a_dead_target_ends_connections_and_another_takes_them() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::start(listener.local_addr().unwrap().to_string());
    drop(listener);
    assert!(Client::of(&proxy).0.read(&mut [0; 10]).is_err());
    proxy.retarget(echo());
    Client::of(&proxy).says("a");
}

#[test]
fn the_link_that_has_subscribed_fails_alone() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let (mut commands, mut subscriber) = (Client::of(&proxy), Client::of(&proxy));
    subscriber.send("PING\r\n");
    subscriber.reads("+PONG\r\n");
    assert_eq!((proxy.connections(Links::Commands), proxy.connections(Links::Subscribed)), (2, 0));
    subscriber.send("*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n");
    subscriber.reads("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
    assert_eq!((proxy.connections(Links::Commands), proxy.connections(Links::Subscribed)), (1, 1));

    proxy.set(Links::Subscribed, Fault::Stall(Way::ToClient));
    assert_eq!(server.cli(&["PUBLISH", "c", "x"]), "1");
    commands.send("PING\r\n");
    commands.reads("+PONG\r\n");
    subscriber.hears_nothing();
    proxy.heal();
    subscriber.reads("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n");

    assert_eq!(proxy.end(Links::Subscribed, End::Rst), 1);
    subscriber.hears_the_end(End::Rst);
    commands.send("PING\r\n");
    commands.reads("+PONG\r\n");

    // The rule for subscribers holds for the subscription itself.
    proxy.set(Links::Subscribed, Fault::Cut { way: Way::ToClient, after: 7, end: End::Fin });
    let mut subscriber = Client::of(&proxy);
    subscriber.send("PING\r\n");
    subscriber.reads("+PONG\r\n");
    subscriber.send("*2\r\n$10\r\nPSUBSCRIBE\r\n$1\r\nc\r\n");
    subscriber.reads("*3\r\n$10");
    subscriber.hears_the_end(End::Fin);
    assert_eq!(server.client_kill_pubsub(), 0, "the server has seen the end");
    assert_eq!(server.url_through(proxy.port()), proxy.url());
}

//! One server starts as asked, answers, is broken in every way, and leaves nothing behind.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use larder_kit::{Options, Reply, Server, until};

#[test]
fn a_server_answers_and_leaves_nothing_behind() {
    let server = Server::plain();
    assert_eq!(server.cli(&["SET", "a", "1"]), "OK");
    assert_eq!(server.call(&[&b"SET"[..], b"\0\xff\r\n", b"\r\n"]), Reply::Text(b"OK".into()));
    assert_eq!(server.call(&[&b"GET"[..], b"\0\xff\r\n"]), Reply::Text(b"\r\n".into()));
    assert_eq!(server.call(&["GET", "b"]), Reply::Nil);
    assert!(matches!(server.call(&["INCR"]), Reply::Error(error) if error.starts_with("ERR ")));
    assert_eq!(server.cli(&["EVAL", "return {1, 'two', {3}}", "0"]), "1\ntwo\n3");
    assert!(server.cli(&["DEBUG", "SLEEP", "0"]) == "OK", "DEBUG is allowed");
    assert!(TcpStream::connect(server.address()).is_ok());
    let (pid, socket) = (server.pid(), server.socket());
    assert!(socket.exists());
    drop(server);
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
    assert!(!socket.parent().unwrap().exists());
}

#[test]
fn a_killed_server_refuses_and_comes_back_empty_or_as_it_was_saved() {
    let server = Server::plain();
    let port = server.port();
    server.cli(&["SET", "kept", "1"]);
    server.save();
    server.cli(&["SET", "lost", "1"]);
    server.kill();
    assert_eq!(TcpStream::connect(server.address()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    server.restart();
    assert_eq!(server.port(), port);
    assert_eq!(server.cli(&["MGET", "kept", "lost"]), "1\n");
    server.restart_empty();
    assert_eq!(server.cli(&["DBSIZE"]), "0");
}

#[test]
fn a_frozen_server_does_nothing_until_it_is_thawed() {
    let server = Server::plain();
    server.freeze();
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.pid())).unwrap();
    assert!(stat.contains(") T "), "{stat}");
    // Connections are made by the system.
    assert!(TcpStream::connect(server.address()).is_ok());
    server.thaw();
    assert_eq!(server.cli(&["PING"]), "PONG");
    server.freeze();
    server.restart();
    assert_eq!(server.cli(&["PING"]), "PONG");
}

#[test]
fn numbers_say_what_was_called() {
    let server = Server::plain();
    server.cli(&["SET", "a", "1"]);
    server.cli(&["GET", "a"]);
    server.cli(&["EVAL", "return redis.call('GET', 'a')", "0"]);
    assert_eq!((server.calls("get"), server.calls("set"), server.calls("mget")), (2, 1, 0));
    assert_eq!(server.info("keyspace_misses"), "0");
    server.reset_stats();
    assert_eq!(server.calls("get"), 0);
}

#[test]
fn data_and_scripts_are_forgotten_on_demand() {
    let server = Server::plain();
    server.cli(&["SET", "a", "1"]);
    server.flush();
    assert_eq!(server.cli(&["DBSIZE"]), "0");
    let sha = server.cli(&["SCRIPT", "LOAD", "return 1"]);
    server.script_flush();
    assert_eq!(server.cli(&["SCRIPT", "EXISTS", &sha]), "0");
    server.config_set("maxmemory", "2mb");
    assert_eq!(server.cli(&["CONFIG", "GET", "maxmemory"]), "maxmemory\n2097152");
}

#[test]
fn paused_writes_wait_and_reads_go_on() {
    let server = Server::plain();
    server.pause_writes(Duration::from_secs(60));
    assert_eq!(server.call(&["GET", "a"]), Reply::Nil);
    std::thread::scope(|scope| {
        let write = scope.spawn(|| server.cli(&["SET", "a", "1"]));
        until("the write to wait", || server.info("blocked_clients") == "1");
        assert!(!write.is_finished());
        server.unpause();
        assert_eq!(write.join().unwrap(), "OK");
    });
}

#[test]
fn a_password_and_users_hold_for_everybody_but_the_kit() {
    let server = Server::start(Options::new().password("secret").user("app on >word ~app:* +get"));
    assert_eq!(server.url(), format!("redis://:secret@127.0.0.1:{}", server.port()));
    assert_eq!(server.cli(&["ACL", "WHOAMI"]), "kit");
    assert_eq!(server.cli(&["ACL", "DRYRUN", "app", "GET", "app:a"]), "OK");
    assert!(server.cli(&["ACL", "DRYRUN", "app", "GET", "b"]).contains("no permissions"));
    let default = server.cli(&["ACL", "GETUSER", "default"]);
    assert!(!default.contains("nopass"), "{default}");
    server.cli(&["ACL", "SETUSER", "default", "off"]);
    server.restart();
    assert_eq!(server.cli(&["ACL", "WHOAMI"]), "kit");
}

#[test]
fn memory_is_bounded() {
    let server = Server::start(Options::new().maxmemory("3mb"));
    let value = "x".repeat(100_000);
    for key in 0..60 {
        server.cli(&["SET", &key.to_string(), &value]);
    }
    assert_ne!(server.info("evicted_keys"), "0");
}

#[test]
fn a_replica_copies_a_master_with_a_password() {
    let master = Server::start(Options::new().password("secret"));
    master.cli(&["SET", "a", "1"]);
    let replica = Server::start(Options::new().replica_of(&master));
    master.wait_for_replicas(1);
    assert_eq!(replica.cli(&["GET", "a"]), "1");
}

#[test]
fn an_impossible_server_says_why() {
    let started = std::panic::catch_unwind(|| Server::start(Options::new().set("no-such-option", "1")));
    let text = *started.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("no-such-option"), "{text}");
}

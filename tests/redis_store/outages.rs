//! Servers that are not there, go away, hang, and come back.

use std::net::TcpListener;
use std::time::Duration;

use futures_lite::future::block_on;
use larder::Redis;
use larder::shared::{Over, Store as _, StoreErrorKind, Turn};
use larder::testing::Seen;
use larder_kit::{Server, until};

use crate::support::{PATIENT, Shop, fill, lease};

#[test]
fn without_a_server_operations_end_at_once() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // With a deadline that no test outlasts, whatever ends has ended at once.
    let shop = Shop::new(Redis::url(&format!("redis://127.0.0.1:{port}")).unwrap(), Duration::from_secs(3_600));
    let key = shop.key("key");
    for _ in 0..100 {
        assert_eq!(shop.read(&key).unwrap_err().kind(), StoreErrorKind::Unavailable);
        assert_eq!(shop.write(&key, "value").unwrap_err().kind(), StoreErrorKind::Unavailable);
    }
    let purged = block_on(shop.store.purge(&shop.namespace));
    assert_eq!(purged.unwrap_err().kind(), StoreErrorKind::Unavailable);
    assert!(!shop.witness.seen().iter().any(|seen| matches!(seen, Seen::Vouched(..) | Seen::Reached)));
}

#[test]
fn a_server_that_starts_later_is_found() {
    let server = Server::plain();
    server.kill();
    let shop = Shop::new(Redis::url(&server.url()).unwrap(), PATIENT);
    shop.until_write_fails(StoreErrorKind::Unavailable);
    server.restart();
    shop.until_it_works();
    shop.until_it_vouches();
}

#[test]
fn a_server_that_was_killed_is_found_again() {
    let server = Server::plain();
    for protocol in ["", "?protocol=2"] {
        let shop = Shop::open(&format!("{}{protocol}", server.url()));
        let key = shop.key("key");
        shop.lease(lease(&key, 1, Over::NOTHING)).unwrap();
        shop.until_it_vouches();
        shop.witness.take();
        server.kill();
        until("the loss to be noticed", || shop.witness.seen().contains(&Seen::Lost));
        shop.until_write_fails(StoreErrorKind::Unavailable);
        server.restart_empty();
        shop.until_it_works();
        until("the store to be reached again", || shop.witness.seen().contains(&Seen::Reached));
        let seen = shop.witness.take();
        let vouched = seen.iter().position(|seen| matches!(seen, Seen::Vouched(..)));
        let lost = seen.iter().filter(|seen| **seen == Seen::Lost).count();
        assert!(vouched.is_none_or(|_| lost >= 2), "lost when it went, and again when notes arrive: {seen:?}");
        shop.until_it_vouches();
        assert!(!shop.fill(fill(&key, 1, "late")).unwrap(), "the lease has gone with the server");
        shop.remove(&key).unwrap();
        shop.until_told("removed");
    }
}

#[test]
fn a_server_that_hangs_is_given_up_and_found_again() {
    let server = Server::plain();
    let shop = Shop::new(Redis::url(&server.url()).unwrap(), Duration::from_millis(100)).connected();
    shop.until_it_vouches();
    shop.witness.take();
    server.freeze();
    let error = shop.write(&shop.key("key"), "value").unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TimedOut, "it may have happened");
    shop.until_write_fails(StoreErrorKind::Unavailable);
    until("the loss to be noticed", || shop.witness.seen().contains(&Seen::Lost));
    assert_eq!(shop.vouched(), None);
    server.thaw();
    shop.until_it_works();
    shop.until_it_vouches();
}

#[test]
fn an_idle_connection_to_a_server_that_hangs_is_given_up() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    server.freeze();
    // Nobody waits for an answer: the deadline is longer than the beats of the connection.
    until("the silence to be noticed", || {
        let read = shop.read(&shop.key("key"));
        read.is_err_and(|error| error.kind() == StoreErrorKind::Unavailable)
    });
    server.thaw();
    shop.until_it_works();
}

#[test]
fn what_was_done_before_a_crash_is_not_taken_for_done_after_it() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let key = shop.key("key");
    assert!(shop.write(&key, "old").unwrap());
    server.save();
    assert!(shop.remove(&key).unwrap());
    server.restart();
    shop.until_it_works();
    // The server has brought it back; the cache is told that it was away, and sends its removals again.
    assert_eq!(shop.value(&key).as_deref(), Some(&b"old"[..]));
    until("the store to say so", || shop.witness.seen().iter().filter(|seen| **seen == Seen::Reached).count() >= 2);
}

#[test]
fn paused_writes_leave_reads_alone() {
    let server = Server::plain();
    let shop = Shop::new(Redis::url(&server.url()).unwrap(), Duration::from_millis(200)).connected();
    let key = shop.key("key");
    shop.write(&key, "value").unwrap();
    server.pause_writes(Duration::from_secs(60));
    let turn = shop.lease(lease(&key, 1, Over::value(b"")));
    assert_eq!(turn.unwrap_err().kind(), StoreErrorKind::TimedOut);
    server.unpause();
    until("the lease, which was begun or not", || {
        let turn = shop.lease(lease(&key, 2, Over::Everything));
        turn.is_ok_and(|(turn, _)| turn == Turn::Lead)
    });
}

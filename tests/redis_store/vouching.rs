//! How long memory may be used, and when it may not.

use larder::shared::{StoreErrorKind, Watcher as _};
use larder::testing::Seen;
use larder_kit::{End, Fault, Links, Proxy, Server, Way, until};

use crate::support::Shop;

const PROTOCOLS: [&str; 2] = ["", "?protocol=2"];

#[test]
fn a_store_vouches_again_and_again_for_three_seconds() {
    let server = Server::plain();
    for protocol in PROTOCOLS {
        let shop = Shop::open(&format!("{}{protocol}", server.url()));
        let first = shop.until_it_vouches();
        let second = shop.until_it_vouches();
        assert!(second > first);
        let seen = shop.witness.seen();
        let lost = seen.iter().position(|seen| *seen == Seen::Lost);
        let vouched = seen.iter().position(|seen| matches!(seen, Seen::Vouched(..)));
        assert!(lost.is_some() && lost < vouched, "what was passed on before is lost: {seen:?}");
        let three = |seen: &Seen| !matches!(seen, Seen::Vouched(_, time) if time.as_secs() != 3);
        assert!(seen.iter().all(three), "{seen:?}");
    }
}

#[test]
fn the_moment_is_from_before_the_question() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let shop = Shop::open(&server.url_through(proxy.port()));
    shop.until_it_vouches();
    // From now on nothing is heard, so that no moment after this one can be vouched for.
    proxy.set(Links::Subscribed, Fault::Stall(Way::ToClient));
    shop.until_it_works();
    shop.remove(&shop.key("key")).unwrap();
    let removed = shop.witness.now();
    until("the silence to be noticed", || shop.vouched().is_none());
    let later = |seen: &Seen| matches!(seen, Seen::Vouched(moment, _) if *moment > removed);
    assert!(!shop.witness.seen().iter().any(later));
    assert!(shop.write(&shop.key("key"), "value").unwrap(), "commands have a connection of their own");
    proxy.heal();
    shop.until_it_vouches();
}

#[test]
fn a_lost_subscription_is_made_anew() {
    let server = Server::plain();
    for protocol in PROTOCOLS {
        let shop = Shop::open(&format!("{}{protocol}", server.url()));
        shop.until_it_vouches();
        shop.witness.take();
        assert!(server.client_kill_pubsub() > 0);
        until("the loss to be noticed", || shop.witness.seen().contains(&Seen::Lost));
        shop.until_it_vouches();
        shop.remove(&shop.key("key")).unwrap();
        shop.until_told("removed");
        assert!(!shop.witness.seen().contains(&Seen::Reached), "the connection for commands was not lost");
    }
}

#[test]
fn a_subscription_survives_any_outage() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let shop = Shop::open(&server.url_through(proxy.port()));
    shop.until_it_vouches();
    for _ in 0..3 {
        shop.witness.take();
        proxy.end(Links::Subscribed, End::Fin);
        until("the loss to be noticed", || shop.witness.seen().contains(&Seen::Lost));
        shop.until_it_vouches();
    }
    shop.remove(&shop.key("key")).unwrap();
    shop.until_told("removed");
}

#[test]
fn notes_come_from_the_server_that_commands_go_to() {
    let (old, new) = (Server::plain(), Server::plain());
    let proxy = Proxy::start(old.address());
    let shop = Shop::open(&server_url(&proxy));
    shop.until_it_vouches();
    // The name leads to another server from now on; the subscription stays where it is.
    proxy.retarget(new.address());
    proxy.end(Links::Commands, End::Rst);
    shop.until_it_works();
    until("notes to be heard from the new one", || {
        let key = shop.key("key");
        match shop.remove(&key) {
            Ok(_) => shop.witness.notes().iter().any(|note| note == b"removed"),
            Err(error) => {
                assert_ne!(error.kind(), StoreErrorKind::Refused, "{error}");
                false
            }
        }
    });
    shop.until_it_vouches();
}

fn server_url(proxy: &Proxy) -> String {
    format!("redis://127.0.0.1:{}", proxy.port())
}

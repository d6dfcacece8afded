//! Users, passwords, and what they may do.

use futures_lite::future::block_on;
use larder::Redis;
use larder::shared::{Expire, HoldOff, Over, Remove, Store as _, StoreErrorKind};
use larder::testing::Seen;
use larder_kit::{Options, Server, until};

use crate::support::{LONG, PATIENT, Shop, fill, lease, remove};

fn url(server: &Server, login: &str) -> String {
    format!("redis://{login}@{}", server.address())
}

#[test]
fn a_password_and_a_user_are_enough() {
    let server = Server::start(Options::new().password("letters").user("app on >s3cret ~* &* +@all"));
    for url in [server.url(), url(&server, "app:s3cret"), format!("{}/5?protocol=2", url(&server, "app:s3cret"))] {
        let shop = Shop::open(&url);
        assert!(shop.write(&shop.key("key"), "value").unwrap());
        shop.until_told("written");
    }
    assert!(server.info("db5").contains("keys=1"), "{}", server.info("db5"));
}

#[test]
fn a_wrong_password_keeps_the_store_away_until_it_is_right() {
    let server = Server::start(Options::new().password("letters"));
    for url in [url(&server, ":hunter2"), url(&server, "nobody:hunter2"), format!("redis://{}", server.address())] {
        for url in [url.clone(), format!("{url}?protocol=2")] {
            let shop = Shop::new(Redis::url(&url).unwrap(), PATIENT);
            shop.until_write_fails(StoreErrorKind::Unavailable);
            let mut error = shop.write(&shop.key("key"), "value").unwrap_err();
            until("the reason to be known", || {
                error = shop.write(&shop.key("key"), "value").unwrap_err();
                !error.to_string().contains("not connected yet")
            });
            assert_eq!(error.kind(), StoreErrorKind::Unavailable);
            assert!(error.to_string().ends_with("write the right user and password into the URL"), "{error}");
            assert!(!format!("{error} {error:?} {:?}", shop.store).contains("hunter2"), "{error:?}");
        }
    }
    let shop = Shop::new(Redis::url(&url(&server, ":hunter2")).unwrap(), PATIENT);
    shop.until_write_fails(StoreErrorKind::Unavailable);
    server.cli(&["ACL", "SETUSER", "default", ">hunter2"]);
    shop.until_it_works();
}

#[test]
fn without_the_right_to_the_channel_it_happens_and_nobody_is_told() {
    let server = Server::start(Options::new().user("app on >s3cret ~* resetchannels +@all"));
    let shop = Shop::open(&url(&server, "app:s3cret"));
    let key = shop.key("key");
    assert_eq!(shop.write(&key, "value").unwrap_err().kind(), StoreErrorKind::Untold);
    assert_eq!(shop.value(&key).as_deref(), Some(&b"value"[..]), "it is stored");
    let expire = Expire { key: key.clone(), keep: PATIENT, note: Vec::new() };
    assert_eq!(block_on(shop.store.expire(vec![expire])).unwrap_err().kind(), StoreErrorKind::Untold);
    assert!(shop.read(&key).unwrap().remaining.unwrap() <= PATIENT);
    let both = vec![remove(&key), remove(&shop.key("other"))];
    assert_eq!(block_on(shop.store.remove(both)).unwrap_err().kind(), StoreErrorKind::Untold);
    assert_eq!(shop.value(&key), None, "it is removed");

    shop.lease(lease(&key, 1, Over::NOTHING)).unwrap();
    assert!(shop.fill(fill(&key, 1, "value")).unwrap(), "nobody waits, so nobody has to be told");
    shop.lease(lease(&key, 1, Over::value(b""))).unwrap();
    shop.lease(lease(&key, 2, Over::value(b""))).unwrap();
    assert_eq!(shop.fill(fill(&key, 1, "filled")).unwrap_err().kind(), StoreErrorKind::Untold);
    assert_eq!(shop.value(&key).as_deref(), Some(&b"filled"[..]));

    let bumped = block_on(shop.store.bump(vec![shop.key("generation")], Vec::new()));
    assert_eq!(bumped.unwrap_err().kind(), StoreErrorKind::Untold);
    assert!(!shop.witness.seen().iter().any(|seen| matches!(seen, Seen::Vouched(..))), "nothing is vouched for");

    server.cli(&["ACL", "SETUSER", "app", "allchannels"]);
    shop.until_it_vouches();
    assert!(shop.write(&key, "told").unwrap());
    shop.until_told("written");
}

#[test]
fn without_the_right_to_a_command_it_is_refused() {
    let server = Server::start(Options::new().user("app on >s3cret ~* &* +@all -evalsha -eval -getrange"));
    let shop = Shop::open(&url(&server, "app:s3cret"));
    for error in [shop.write(&shop.key("key"), "value").unwrap_err(), shop.read(&shop.key("key")).unwrap_err()] {
        assert_eq!(error.kind(), StoreErrorKind::Refused);
        assert!(error.to_string().contains("NOPERM"), "{error}");
    }
    server.cli(&["ACL", "SETUSER", "app", "+@all"]);
    assert!(shop.write(&shop.key("key"), "value").unwrap(), "the connection is the same");
}

#[test]
fn a_script_that_may_not_read_does_not_take_that_for_nothing() {
    let server = Server::start(Options::new().user("app on >s3cret ~* &* +@all -getrange"));
    let shop = Shop::open(&url(&server, "app:s3cret"));
    let error = shop.lease(lease(&shop.key("key"), 1, Over::NOTHING)).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused, "{error}");
}

#[test]
fn the_rights_of_the_documentation_are_enough() {
    let rights = "+get +getrange +strlen +set +del +pttl +pexpire +setrange +incrby +time +publish +subscribe +evalsha +eval +ping +scan +unlink";
    for (protocol, more) in [("?protocol=3", " +hello"), ("?protocol=2", ""), ("", " +hello +info")] {
        let server = Server::start(
            Options::new().user(format!("app on >s3cret resetkeys ~shop* resetchannels &shop* -@all {rights}{more}")),
        );
        let shop = Shop::open(&format!("{}{protocol}", url(&server, "app:s3cret")));
        let key = shop.key("key");
        shop.lease(lease(&key, 1, Over::NOTHING)).unwrap();
        assert!(shop.fill(fill(&key, 1, "value")).unwrap());
        assert!(shop.write(&key, "value").unwrap());
        assert!(shop.remove(&key).unwrap());
        let begun = Remove { hold: HoldOff::Begun(1, LONG), ..remove(&key) };
        assert_eq!(block_on(shop.store.remove(vec![begun])).unwrap(), [false]);
        assert_eq!(block_on(shop.store.purge(&shop.namespace)).unwrap(), 0);
        shop.until_told("removed");
        shop.until_it_vouches();
    }
}

#[test]
fn a_server_that_forbids_the_newer_protocol_is_spoken_to_in_the_older() {
    let server = Server::start(Options::new().user("app on >s3cret ~* &* +@all -hello"));
    let shop = Shop::open(&url(&server, "app:s3cret"));
    assert!(shop.write(&shop.key("key"), "value").unwrap());
    shop.until_told("written");
    shop.until_it_vouches();
}

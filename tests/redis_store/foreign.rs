//! Keys of ours under which somebody else has put something.

use std::time::Duration;

use futures_lite::future::block_on;
use larder::shared::{Expire, Increment, Incremented, Over, Renew, Same, Store as _, Turn};
use larder_kit::Server;

use crate::support::{LONG, Shop, fill, lease};

/// A store, and a key with a list under it and one under its lease.
fn spoilt(server: &Server) -> (Shop, String) {
    let shop = Shop::open(&server.url());
    let key = shop.key("key");
    spoil(server, &key);
    (shop, key)
}

fn spoil(server: &Server, key: &str) {
    for key in [key.to_owned(), format!("{key}:l"), format!("{key}:n")] {
        server.cli(&["DEL", &key]);
        server.cli(&["RPUSH", &key, "a", "b"]);
    }
}

#[test]
fn a_value_of_another_kind_is_none() {
    let server = Server::plain();
    let (shop, key) = spoilt(&server);
    assert_eq!(shop.value(&key), None);
    assert_eq!(shop.lease(lease(&key, 1, Over::NOTHING)).unwrap().0, Turn::Lead);
    assert!(shop.fill(fill(&key, 1, "filled")).unwrap());
    assert_eq!(shop.value(&key).as_deref(), Some(&b"filled"[..]));

    spoil(&server, &key);
    assert!(!shop.fill(fill(&key, 1, "late")).unwrap(), "what is no lease is nobody's");
    assert_eq!(block_on(shop.store.renew(vec![Renew { key: key.clone(), token: 1, time: LONG }])).unwrap(), [false]);
    assert!(shop.write(&key, "written").unwrap());
    assert_eq!(shop.value(&key).as_deref(), Some(&b"written"[..]));
}

#[test]
fn it_is_removed_and_made_to_expire_like_any_other() {
    let server = Server::plain();
    let (shop, key) = spoilt(&server);
    let expire = |keep| Expire { key: key.clone(), keep, note: Vec::new() };
    block_on(shop.store.expire(vec![expire(Duration::from_secs(60))])).unwrap();
    let left: u64 = server.cli(&["PTTL", &key]).parse().unwrap();
    assert!(left <= 60_000, "{left}");
    block_on(shop.store.expire(vec![expire(Duration::ZERO)])).unwrap();
    assert_eq!(server.cli(&["EXISTS", &key]), "0");
    spoil(&server, &key);
    assert!(shop.remove(&key).unwrap());
    assert_eq!(server.cli(&["EXISTS", &key, &format!("{key}:l")]), "0");
}

#[test]
fn a_number_takes_its_place() {
    let server = Server::plain();
    let (shop, key) = spoilt(&server);
    let add = |by| {
        let same = Same { at: 0, bytes: b"n".to_vec(), keep: Duration::ZERO };
        let (head, mark) = (b"n:".to_vec(), (1, b':'));
        let increment = Increment { key: key.clone(), by, head, same, mark, life: Some(LONG), note: Vec::new() };
        block_on(shop.store.increment(increment)).unwrap()
    };
    assert_eq!(add(2), Incremented::Sum(2));
    assert_eq!(add(3), Incremented::Sum(5), "whatever stands under the key of the addition");
    for text in ["n:", "n: 5", "n:5 ", "n:+5", "n:5.0", "n:five", "n:9223372036854775808"] {
        server.cli(&["SET", &key, text]);
        assert_eq!(add(1), Incremented::NoNumber, "{text}");
        assert_eq!(shop.value(&key).as_deref(), Some(text.as_bytes()));
    }
}

#[test]
fn a_generation_of_another_kind_is_none() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let name = format!("{}:g:{{tag}}", shop.namespace);
    let take = || {
        let mut lease = lease(&shop.key("key"), 1, Over::Everything);
        lease.generations = [name.clone()].into();
        shop.lease(lease).unwrap().1
    };
    for text in ["", "7", "not hexadecimal!", "00000000000000001"] {
        server.cli(&["SET", &name, text]);
        assert_eq!(take(), [7], "{text}");
        assert_eq!(server.cli(&["GET", &name]), "0000000000000007");
    }
    server.cli(&["DEL", &name]);
    server.cli(&["RPUSH", &name, "a"]);
    assert_eq!(take(), [7]);
    block_on(shop.store.bump(vec![name.clone()], Vec::new())).unwrap();
    assert_eq!(server.cli(&["EXISTS", &name]), "0");
}

#[test]
fn a_message_that_is_no_note_is_not_told() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let channel = format!("{}:inv", shop.namespace);
    assert_eq!(server.cli(&["PUBLISH", &channel, "short"]), "1");
    shop.remove(&shop.key("key")).unwrap();
    shop.until_told("removed");
    assert_eq!(shop.witness.notes(), [b"removed"]);
}

#[test]
fn a_purge_takes_a_namespace_as_it_is() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let odd = format!("{}:[a-z]*?\\^", shop.namespace);
    for number in 0..2_500 {
        server.call(&["SET", &format!("{odd}:v0:{{{number}}}"), "value"]);
    }
    let others = ["bcd:v0:{1}", "[a-z]*?\\^:eu:v0:{1}", "[a-z]*?\\^"].map(|rest| format!("{}:{rest}", shop.namespace));
    for other in &others {
        server.cli(&["SET", other, "value"]);
    }
    assert_eq!(block_on(shop.store.purge(&odd)).unwrap(), 2_500);
    assert_eq!(block_on(shop.store.purge(&odd)).unwrap(), 0);
    for other in &others {
        assert_eq!(server.cli(&["EXISTS", other]), "1", "{other}");
    }
    assert_eq!((server.calls("keys"), server.calls("flushdb"), server.calls("flushall")), (0, 0, 0));
}

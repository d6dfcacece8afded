//! What a server refuses, and what becomes of it.

use std::time::Duration;

use futures_lite::future::block_on;
use larder::shared::{HoldOff, Over, Remove, Store as _, StoreErrorKind, Turn};
use larder_kit::{Options, Server};

use crate::support::{LONG, Shop, lease, remove};

fn full(server: &Server, is_full: bool) {
    server.config_set("maxmemory", if is_full { "1" } else { "0" });
}

#[test]
fn with_no_memory_left_nothing_is_stored_and_everything_is_invalidated() {
    let server = Server::start(Options::new().set("maxmemory-policy", "noeviction"));
    let shop = Shop::open(&server.url());
    let (key, held) = (shop.key("key"), shop.key("held"));
    let generation = format!("{}:g:{{tag}}", shop.namespace);
    let with_generation = || {
        let mut lease = lease(&shop.key("other"), 1, Over::Everything);
        lease.generations = [generation.clone()].into();
        lease
    };
    shop.write(&key, "value").unwrap();
    shop.write(&held, "value").unwrap();
    shop.lease(with_generation()).unwrap();

    full(&server, true);
    let error = shop.write(&key, "more").unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("maxmemory"), "{error}");
    assert_eq!(shop.lease(with_generation()).unwrap_err().kind(), StoreErrorKind::Refused);
    assert_eq!(shop.value(&key).as_deref(), Some(&b"value"[..]), "what is there can be read");
    assert!(shop.remove(&key).unwrap());
    let with_hold = Remove { hold: HoldOff::Begun(1, LONG), ..remove(&held) };
    assert_eq!(block_on(shop.store.remove(vec![with_hold])).unwrap(), [true], "with a hold, too");
    block_on(shop.store.bump(vec![generation.clone()], b"bumped".to_vec())).unwrap();
    shop.until_told("bumped");

    full(&server, false);
    assert_eq!((shop.value(&key), shop.value(&held)), (None, None));
    assert!(!shop.write(&held, "value").unwrap(), "the hold holds");
    assert!(shop.write(&key, "value").unwrap(), "the connection is the same and works");
    assert_eq!(shop.lease(with_generation()).unwrap(), (Turn::Lead, vec![7]));
}

#[test]
fn one_refused_element_leaves_the_others_done() {
    let server = Server::start(Options::new().set("maxmemory-policy", "noeviction"));
    let shop = Shop::open(&server.url());
    let keys: Vec<_> = (0..3).map(|number| shop.key(&number.to_string())).collect();
    for key in &keys {
        shop.write(key, "value").unwrap();
    }
    full(&server, true);
    let removes = keys.iter().map(|key| remove(key)).collect();
    assert_eq!(block_on(shop.store.remove(removes)).unwrap(), [true; 3]);
    assert_eq!(shop.write(&keys[0], "value").unwrap_err().kind(), StoreErrorKind::Refused);
}

#[test]
fn a_server_that_has_become_a_replica_is_given_up_until_it_is_none() {
    let (server, primary) = (Server::plain(), Server::plain());
    let shop = Shop::open(&server.url());
    shop.until_it_works();
    server.cli(&["REPLICAOF", "127.0.0.1", &primary.port().to_string()]);
    shop.until_write_fails(StoreErrorKind::Unavailable);
    let error = shop.write(&shop.key("key"), "value").unwrap_err();
    assert!(error.to_string().contains("replica"), "{error}");
    server.cli(&["REPLICAOF", "NO", "ONE"]);
    shop.until_it_works();
}

#[test]
fn a_server_that_still_loads_is_waited_for() {
    let server = Server::start(
        Options::new().set("key-load-delay", "5000").set("loading-process-events-interval-bytes", "1024"),
    );
    for number in 0..2_000 {
        server.call(&["SET", &format!("key{number}"), &"x".repeat(100)]);
    }
    let shop = Shop::open(&server.url());
    shop.until_it_works();
    server.save();
    std::thread::scope(|scope| {
        scope.spawn(|| server.restart());
        shop.until_write_fails(StoreErrorKind::Unavailable);
    });
    shop.until_it_works();
}

#[test]
fn a_deadline_of_the_store_wins_over_that_of_the_cache() {
    let server = Server::plain();
    let url = format!("{}?deadline=20ms", server.url());
    let shop = Shop::new(larder::Redis::url(&url).unwrap(), Duration::from_secs(3_600)).connected();
    server.freeze();
    let error = shop.read(&shop.key("key")).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TimedOut, "{error}");
    server.thaw();
    shop.until_it_works();
}

//! Connections that break or stall on the way, and that are closed.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::block_on;
use larder::Redis;
use larder::shared::{Opening, Read, Store as _, StoreErrorKind};
use larder::testing::{Seen, Witness};
use larder_kit::{End, Fault, Links, Proxy, Server, Way, until};

use crate::support::{PATIENT, Shop, write};

#[test]
fn a_reset_costs_what_was_under_way_and_nothing_more() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    for (protocol, end) in [("", End::Rst), ("?protocol=2", End::Rst), ("", End::Fin), ("?protocol=2", End::Fin)] {
        let shop = Shop::open(&format!("{}{protocol}", server.url_through(proxy.port())));
        for _ in 0..5 {
            proxy.end(Links::Commands, end);
            shop.until_it_works();
        }
        shop.until_it_vouches();
    }
}

#[test]
fn an_answer_that_ends_in_the_middle_is_none() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let shop = Shop::open(&server.url_through(proxy.port()));
    let key = shop.key("key");
    shop.write(&key, &"x".repeat(10_000)).unwrap();
    proxy.set(Links::Commands, Fault::Cut { way: Way::ToClient, after: 5_000, end: End::Fin });
    let error = shop.read(&key).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TimedOut, "{error}");
    proxy.heal();
    shop.until_it_works();
    assert_eq!(shop.value(&key).map(|value| value.len()), Some(10_000));
}

#[test]
fn an_outage_of_any_length_ends() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let shop = Shop::open(&server.url_through(proxy.port()));
    proxy.refuse();
    proxy.end(Links::All, End::Rst);
    shop.until_write_fails(StoreErrorKind::Unavailable);
    proxy.accept();
    // It accepts and ends at once: the server behind it is gone.
    server.kill();
    let before = proxy.accepted();
    until("it to try again and again", || proxy.accepted() > before + 6);
    assert_eq!(shop.read(&shop.key("key")).unwrap_err().kind(), StoreErrorKind::Unavailable);
    server.restart();
    shop.until_it_works();
    shop.until_it_vouches();
}

#[test]
fn a_half_open_connection_is_given_up() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let shop =
        Shop::new(Redis::url(&server.url_through(proxy.port())).unwrap(), Duration::from_millis(100)).connected();
    proxy.set(Links::Commands, Fault::Stall(Way::ToClient));
    assert_eq!(shop.read(&shop.key("key")).unwrap_err().kind(), StoreErrorKind::TimedOut);
    shop.until_write_fails(StoreErrorKind::Unavailable);
    proxy.heal();
    shop.until_it_works();
}

#[test]
fn every_deadline_is_kept_on_a_slow_way() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let shop = Shop::new(Redis::url(&server.url_through(proxy.port())).unwrap(), PATIENT).connected();
    proxy.set(Links::All, Fault::Delay(Duration::from_millis(30)));
    // Answers that are slow are no reason to give up.
    for _ in 0..10 {
        assert!(shop.write(&shop.key("key"), "value").unwrap());
    }
}

#[test]
fn a_closed_store_leaves_nothing_open() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let url = server.url_through(proxy.port());
    let shop = Shop::open(&url);
    shop.until_it_vouches();
    // What was begun before goes on.
    let begun: Vec<_> = (0..100).map(|_| shop.store.write(vec![write(&shop.key("key"), "v")])).collect();
    shop.store.close();
    for write in begun {
        assert_eq!(block_on(write).unwrap(), [true]);
    }
    until("its connections to end", || proxy.connections(Links::All) == 0);
    let error = shop.read(&shop.key("key")).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    shop.store.close();

    // Without a word, too.
    let dropped = Redis::url(&url).unwrap();
    let witness = Arc::new(Witness::default());
    dropped.open(Opening::new("dropped", PATIENT, witness.clone()));
    until("it to be connected", || witness.seen().contains(&Seen::Reached) && proxy.connections(Links::All) > 0);
    drop(dropped);
    until("its connections to end", || proxy.connections(Links::All) == 0);
    until("its thread to end", || Arc::strong_count(&witness) == 1);
}

#[test]
fn closing_does_not_wait_for_a_server_that_hangs() {
    let server = Server::plain();
    let shop = Shop::new(Redis::url(&server.url()).unwrap(), Duration::from_millis(300)).connected();
    server.freeze();
    let begun = shop.store.purge(&shop.namespace);
    shop.store.close();
    // The thread has the only other handle of the witness.
    until("its thread to end", || Arc::strong_count(&shop.witness) == 1);
    assert_eq!(block_on(begun).unwrap_err().kind(), StoreErrorKind::TimedOut);
    server.thaw();
}

#[test]
fn a_store_that_was_never_opened_is_unavailable() {
    let store = Redis::url("redis://localhost").unwrap();
    let read = Read { key: "key".to_owned(), generations: [].into(), life: false };
    assert_eq!(block_on(store.read(vec![read])).unwrap_err().kind(), StoreErrorKind::Unavailable);
    store.close();
}

#[test]
fn it_works_from_every_executor_and_outlives_each() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let key = shop.key("key");
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let entered = runtime.enter();
        let begun = shop.store.write(vec![write(&key, "value")]);
        drop(entered);
        drop(runtime);
        assert_eq!(block_on(begun).unwrap(), [true]);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        assert_eq!(shop.store.write(vec![write(&key, "value")]).await.unwrap(), [true]);
        assert!(shop.value(&key).is_some(), "a thread of a runtime may wait without it");
    });
}

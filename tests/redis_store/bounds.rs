//! How much one request asks for: whatever is under a key, and however many keys there are.

use std::time::{Duration, Instant};

use futures_lite::future::block_on;
use larder::Redis;
use larder::shared::{Fill, Found, Lease, Over, Read, Release, Store as _, StoreError, StoreErrorKind, Turn, Write};
use larder_kit::{Fault, Links, Proxy, Server, Way, until};

use crate::support::{LONG, PATIENT, Shop, fill, lease, write};

/// No value of larder is longer.
const LONGEST: usize = 8 << 20;

fn read(key: &str, life: bool) -> Read {
    Read { key: key.to_owned(), generations: [].into(), life }
}

fn read_all(shop: &Shop, keys: &[String]) -> Result<Vec<Found>, StoreError> {
    block_on(shop.store.read(keys.iter().map(|key| read(key, false)).collect()))
}

/// A value that larder has not written.
fn plant(server: &Server, key: &str, length: usize) {
    server.cli(&["DEL", key]);
    server.cli(&["SETRANGE", key, &(length - 1).to_string(), "x"]);
}

#[test]
fn what_is_too_long_for_a_value_is_none_and_stays_where_it_is() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let shop = Shop::open(&server.url_through(proxy.port()));
    let (key, generation) = (shop.key("key"), format!("{}:g:{{tag}}", shop.namespace));
    let longest = "x".repeat(LONGEST);
    shop.write(&key, &longest).unwrap();
    assert!(shop.value(&key).as_deref() == Some(longest.as_bytes()), "the longest one is one");

    let huge = 200 << 20;
    for key in [&key, &generation] {
        plant(&server, key, huge);
    }
    let before = proxy.passed(Way::ToClient);
    let long = Read { key: key.clone(), generations: [generation.clone()].into(), life: false };
    let found = block_on(shop.store.read(vec![long.clone()])).unwrap().remove(0);
    assert_eq!((found.value.map(|value| value.len()), found.generations), (None, vec![None]));
    let many = block_on(shop.store.read(vec![long; 20])).unwrap();
    assert!(many.iter().all(|found| found.value.is_none()));
    let mut over_nothing = lease(&key, 1, Over::NOTHING);
    over_nothing.generations = [generation].into();
    assert_eq!(shop.lease(over_nothing).unwrap(), (Turn::Lead, vec![7]), "it is as good as none");
    assert!(shop.fill(fill(&key, 1, "value")).unwrap());
    assert_eq!(shop.value(&key).as_deref(), Some(&b"value"[..]));
    let passed = proxy.passed(Way::ToClient) - before;
    assert!(passed < 3 * LONGEST as u64, "{passed} bytes were sent for it");
}

#[test]
fn a_value_in_a_batch_may_have_any_length() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let shop = Shop::open(&server.url_through(proxy.port()));
    // Around what fits a request of many, of some, and of one.
    let lengths = [1, 4_000, 16_000, 16_384, 16_385, 100_000, 1 << 20, (4 << 20) + 1, LONGEST];
    let keys: Vec<String> = (0..600).map(|number| shop.key(&number.to_string())).collect();
    let length = |number: usize| lengths[number % 60 % lengths.len()] * usize::from(number % 60 < lengths.len());
    for (number, key) in keys.iter().enumerate().filter(|(number, _)| length(*number) > 0 && number % 120 < 60) {
        shop.write(key, &"x".repeat(length(number))).unwrap();
    }
    let before = proxy.passed(Way::ToClient);
    let expected: usize = (0..keys.len()).filter(|number| number % 120 < 60).map(length).sum();
    for (number, found) in read_all(&shop, &keys).unwrap().into_iter().enumerate() {
        let there = (length(number) > 0 && number % 120 < 60).then(|| length(number));
        assert_eq!(found.value.map(|value| value.len()), there, "{number}");
    }
    let passed = usize::try_from(proxy.passed(Way::ToClient) - before).unwrap();
    assert!(passed < expected + (12 << 20), "{passed} bytes for {expected}");
}

#[test]
fn a_batch_of_any_size_arrives_on_a_slow_way_and_takes_the_cache_from_nobody() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let url = format!("{}?deadline=1s", server.url_through(proxy.port()));
    let shop = Shop::new(Redis::url(&url).unwrap(), PATIENT).connected();
    let keys: Vec<String> = (0..20_000).map(|number| shop.key(&number.to_string())).collect();
    let value = "x".repeat(1_000);
    // So much at a time, both ways: twenty megabytes a second.
    proxy.set(Links::All, Fault::Rate(20 << 20));
    let begun = Instant::now();
    let leases = keys.iter().map(|key| lease(key, 1, Over::NOTHING)).collect::<Vec<Lease>>();
    assert!(block_on(shop.store.lease(leases)).unwrap().iter().all(|leased| leased.turn == Turn::Lead));
    let fills = keys.iter().map(|key| fill(key, 1, &value)).collect::<Vec<Fill>>();
    assert!(block_on(shop.store.fill(fills)).unwrap().iter().all(|filled| *filled));
    let found = read_all(&shop, &keys).unwrap();
    assert!(found.iter().all(|found| found.value.as_deref() == Some(value.as_bytes())));
    assert!(begun.elapsed() > Duration::from_secs(1), "longer than one operation may take");
    let writes = keys.iter().map(|key| write(key, &value)).collect::<Vec<Write>>();
    assert!(block_on(shop.store.write(writes)).unwrap().iter().all(|written| *written));
    let releases =
        keys.iter().map(|key| Release { key: key.clone(), token: 1, value: false, note: Vec::new() }).collect();
    block_on(shop.store.release(releases)).unwrap();
}

#[test]
fn requests_become_as_small_as_a_slow_way_needs_them() {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let url = format!("{}?deadline=400ms", server.url_through(proxy.port()));
    let shop = Shop::new(Redis::url(&url).unwrap(), PATIENT).connected();
    let keys: Vec<String> = (0..90).map(|number| shop.key(&number.to_string())).collect();
    let value = "x".repeat(40_000);
    for key in &keys {
        shop.write(key, &value).unwrap();
    }
    // All of them take two seconds.
    proxy.set(Links::All, Fault::Rate(2 << 20));
    let all_arrive = || {
        let found = read_all(&shop, &keys)?;
        assert!(found.iter().all(|found| found.value.as_deref() == Some(value.as_bytes())));
        Ok::<(), StoreError>(())
    };
    assert_eq!(all_arrive().unwrap_err().kind(), StoreErrorKind::TimedOut);
    until("a batch to arrive", || all_arrive().is_ok());
    let connections = proxy.accepted();
    for _ in 0..3 {
        all_arrive().unwrap();
    }
    let writes = || keys.iter().map(|key| write(key, &value)).collect::<Vec<Write>>();
    assert_eq!(block_on(shop.store.write(writes())).unwrap(), [true; 90]);
    assert_eq!(proxy.accepted(), connections, "and nothing is given up");
}

#[test]
fn no_lease_is_taken_for_who_has_gone_away() {
    let server = Server::plain();
    let shop = Shop::new(Redis::url(&server.url()).unwrap(), PATIENT).connected();
    let leases = (0..2_000).map(|number| lease(&shop.key(&number.to_string()), 1, Over::NOTHING)).collect();
    server.freeze();
    drop(shop.store.lease(leases));
    server.thaw();
    for _ in 0..10 {
        read_all(&shop, &[shop.key("0")]).unwrap();
    }
    let taken = server.cli(&["DBSIZE"]);
    assert!(taken.trim().parse::<u32>().unwrap() <= 256, "one request may have been under way, not more: {taken}");
}

#[test]
fn a_batch_ends_with_its_first_request_that_is_late() {
    let server = Server::plain();
    let url = format!("{}?deadline=200ms", server.url());
    let shop = Shop::new(Redis::url(&url).unwrap(), LONG).connected();
    let keys: Vec<String> = (0..20_000).map(|number| shop.key(&number.to_string())).collect();
    server.freeze();
    let begun = Instant::now();
    assert_eq!(read_all(&shop, &keys).unwrap_err().kind(), StoreErrorKind::TimedOut);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    server.thaw();
    shop.until_it_works();
}

//! Which commands an operation comes to, and that scripts which a server has forgotten are sent again.

use std::time::Duration;

use futures_lite::future::block_on;
use larder::shared::{Fill, Incremented, Over, Read, Store as _, Turn, Write};
use larder_kit::Server;

use crate::support::{LONG, Shop, fill, increment, lease, remove, write};

fn read(key: &str, generations: &[&str], life: bool) -> Read {
    let generations = generations.iter().map(|&name| name.to_owned()).collect();
    Read { key: key.to_owned(), generations, life }
}

#[test]
fn a_batch_is_one_request() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let keys: Vec<_> = (0..50).map(|number| shop.key(&number.to_string())).collect();
    let reads = keys.iter().map(|key| read(key, &["g:{a}", "g:{b}"], false)).collect();
    server.reset_stats();
    let found = block_on(shop.store.read(reads)).unwrap();
    assert_eq!(found.len(), 50);
    // Each value, and each generation once.
    assert_eq!((server.calls("getrange"), server.calls("strlen"), server.calls("pttl")), (52, 0, 0));
}

#[test]
fn a_life_is_asked_for_before_its_value() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let [with, without, forever] = ["with", "without", "forever"].map(|text| shop.key(text));
    shop.write(&with, "value").unwrap();
    shop.write(&without, "value").unwrap();
    block_on(shop.store.write(vec![Write { life: None, ..write(&forever, "value") }])).unwrap();
    server.reset_stats();
    let gone = shop.key("gone");
    let reads =
        vec![read(&with, &[], true), read(&without, &[], false), read(&forever, &[], true), read(&gone, &[], true)];
    let found = block_on(shop.store.read(reads)).unwrap();
    assert_eq!((server.calls("getrange"), server.calls("pttl")), (4, 3));
    let left = found[0].remaining.unwrap();
    assert!(left <= LONG && left > LONG / 2, "{left:?}");
    assert_eq!(found[1].remaining, None);
    assert_eq!(found[2].remaining, Some(Duration::MAX));
    assert_eq!((&found[3].value, found[3].remaining), (&None, None));
}

#[test]
fn generations_belong_to_their_reads_however_many_there_are() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let name = |number: usize| format!("{}:g:{{{number}}}", shop.namespace);
    for number in 0..20 {
        let mut lease = lease(&shop.key(&number.to_string()), 1, Over::NOTHING);
        (lease.generations, lease.fresh) = ([name(number)].into(), 100 + number as u64);
        assert_eq!(shop.lease(lease).unwrap(), (Turn::Lead, vec![100 + number as u64]));
    }
    let key = shop.key("any");
    let three = |first: usize| -> Vec<_> { (first..first + 3).map(name).collect() };
    let reads = (0..20).map(|first| Read { key: key.clone(), generations: three(first).into(), life: false }).collect();
    for (first, found) in block_on(shop.store.read(reads)).unwrap().into_iter().enumerate() {
        let expected: Vec<_> = (first..first + 3).map(|number| (number < 20).then_some(100 + number as u64)).collect();
        assert_eq!(found.generations, expected);
    }
}

#[test]
fn forgotten_scripts_are_sent_again() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let keys: Vec<_> = (0..5).map(|number| shop.key(&number.to_string())).collect();
    for round in 0..3 {
        server.script_flush();
        let leases = keys.iter().map(|key| lease(key, 1, Over::Everything)).collect();
        let outcomes = block_on(shop.store.lease(leases)).unwrap();
        assert!(outcomes.iter().all(|leased| leased.turn == Turn::Lead), "{outcomes:?}");
        server.script_flush();
        let fills = keys.iter().map(|key| fill(key, 1, "filled")).collect();
        assert_eq!(block_on(shop.store.fill(fills)).unwrap(), [true; 5]);
        server.script_flush();
        let number = shop.key("number");
        let sum = block_on(shop.store.increment(increment(&number, 1))).unwrap();
        assert_eq!(sum, Incremented::Sum(round + 1), "once, and not twice");
        server.script_flush();
        let removes = keys.iter().map(|key| remove(key)).collect();
        assert_eq!(block_on(shop.store.remove(removes)).unwrap(), [true; 5]);
    }
}

#[test]
fn the_server_forgets_scripts_while_they_are_called() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let number = shop.key("number");
    std::thread::scope(|scope| {
        let flushing = scope.spawn(|| (0..300).for_each(|_| server.script_flush()));
        let mut sum = 0;
        while !flushing.is_finished() {
            sum += 1;
            let added = block_on(shop.store.increment(increment(&number, 1))).unwrap();
            assert_eq!(added, Incremented::Sum(sum));
        }
    });
}

#[test]
fn sums_are_exact_to_the_ends_of_the_range() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let add = |key: &str, by| block_on(shop.store.increment(increment(key, by))).unwrap();
    let up = shop.key("up");
    assert_eq!(add(&up, i64::MAX - 2), Incremented::Sum(i64::MAX - 2));
    assert_eq!(add(&up, 1), Incremented::Sum(i64::MAX - 1));
    assert_eq!(add(&up, 1), Incremented::Sum(i64::MAX));
    assert_eq!(add(&up, 1), Incremented::Overflow);
    assert_eq!(add(&up, i64::MIN), Incremented::Sum(-1));
    let down = shop.key("down");
    assert_eq!(add(&down, i64::MIN), Incremented::Sum(i64::MIN));
    assert_eq!(add(&down, -1), Incremented::Overflow);
    assert_eq!(add(&down, i64::MIN), Incremented::Overflow);
    assert_eq!(add(&down, i64::MAX), Incremented::Sum(-1));
    let odd = shop.key("odd");
    assert_eq!(add(&odd, (1 << 53) + 1), Incremented::Sum((1 << 53) + 1));
    assert_eq!(add(&odd, 1), Incremented::Sum((1 << 53) + 2));
    assert_eq!(server.cli(&["KEYS", "*:n"]), "", "nothing is left of the additions");
}

#[test]
fn those_who_wait_for_a_lease_wait_for_its_next_holder() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let key = shop.key("key");
    shop.lease(lease(&key, 1, Over::NOTHING)).unwrap();
    assert!(matches!(shop.lease(lease(&key, 2, Over::NOTHING)).unwrap().0, Turn::Wait { .. }));
    assert_eq!(shop.lease(lease(&key, 3, Over::Everything)).unwrap().0, Turn::Lead);
    assert!(shop.fill(fill(&key, 3, "value")).unwrap());
    shop.until_told("filled");
}

#[test]
fn a_holder_who_asks_again_still_leads() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let key = shop.key("key");
    for over in [Over::NOTHING, Over::NOTHING, Over::value(b""), Over::Everything] {
        assert_eq!(shop.lease(lease(&key, 1, over)).unwrap().0, Turn::Lead);
    }
    assert!(shop.fill(fill(&key, 1, "value")).unwrap());
}

#[test]
fn lives_are_whole_milliseconds_that_redis_takes() {
    let server = Server::plain();
    let shop = Shop::open(&server.url());
    let left = |key: &str| server.cli(&["PTTL", key]).parse::<i64>().unwrap();
    let stored =
        |key: &str, life| block_on(shop.store.write(vec![Write { life, ..write(key, "value") }])).unwrap() == [true];
    let key = shop.key("key");
    assert!(stored(&key, Some(Duration::MAX)));
    assert!(left(&key) > 1 << 52, "{}", left(&key));
    assert!(stored(&key, None));
    assert_eq!(left(&key), -1);
    assert!(stored(&key, Some(Duration::from_nanos(1))));
    assert!(stored(&key, Some(Duration::ZERO)));
    let lead = |key: &str| {
        let mut lease = lease(key, 1, Over::Everything);
        (lease.time, lease.keep, lease.generations) = (Duration::MAX, Duration::MAX, [format!("{key}:g")].into());
        shop.lease(lease).unwrap()
    };
    assert_eq!(lead(&key), (Turn::Lead, vec![7]));
    assert!(shop.fill(Fill { life: Some(Duration::MAX), ..fill(&key, 1, "value") }).unwrap());
    assert!(left(&key) > 1 << 52);
    assert_eq!(lead(&key), (Turn::Lead, vec![7]), "a generation that lasts for ever");
}

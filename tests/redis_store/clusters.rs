//! What a cluster does beyond what every store has to.

use std::sync::Arc;
use std::time::Duration;

use futures_lite::future::block_on;
use larder::Redis;
use larder::shared::{Incremented, Over, Read, Same, Store as _, StoreErrorKind, Turn, Write};
use larder::testing::Seen;
use larder_kit::{Cluster, End, Fault, Links, Proxy, Server, Way, until};

use crate::support::{PATIENT, Shop, increment, lease, remove, write};

fn url(cluster: &Cluster) -> String {
    let nodes: Vec<_> = cluster.nodes().iter().map(Server::address).collect();
    format!("redis-cluster://{}", nodes.join(","))
}

fn open(cluster: &Cluster, deadline: Duration) -> Shop {
    Shop::new(Redis::url(&url(cluster)).unwrap(), deadline).connected()
}

/// Keys in many slots.
fn keys(shop: &Shop) -> Vec<String> {
    (0..60).map(|number| shop.key(&number.to_string())).collect()
}

#[test]
fn lists_go_to_every_node_and_come_back_in_order() {
    let cluster = Cluster::start();
    let shop = open(&cluster, PATIENT);
    let keys = keys(&shop);
    let writes = keys.iter().map(|key| write(key, key)).collect();
    assert_eq!(block_on(shop.store.write(writes)).unwrap(), [true; 60]);
    let generations: Arc<[String]> = (0..5).map(|number| format!("{}:g:{{{number}}}", shop.namespace)).collect();
    let mut first = lease(&shop.key("lease"), 1, Over::NOTHING);
    first.generations.clone_from(&generations);
    assert_eq!(shop.lease(first).unwrap(), (Turn::Lead, vec![7; 5]));
    for life in [true, false] {
        let read = |(number, key): (usize, &String)| Read {
            key: key.clone(),
            generations: generations.clone(),
            // Some with and some without, so that they have to be put together.
            life: life && number % 3 != 0,
        };
        let found = block_on(shop.store.read(keys.iter().enumerate().map(read).collect())).unwrap();
        for (number, (key, found)) in keys.iter().zip(found).enumerate() {
            assert_eq!(found.value.as_deref(), Some(key.as_bytes()));
            assert_eq!(found.generations, [Some(7); 5]);
            assert_eq!(found.remaining.is_some(), life && number % 3 != 0);
        }
    }
    let removes = keys.iter().map(|key| remove(key)).collect();
    assert_eq!(block_on(shop.store.remove(removes)).unwrap(), [true; 60]);
}

#[test]
fn a_purge_visits_every_primary() {
    let cluster = Cluster::start();
    let shop = open(&cluster, PATIENT);
    let keys = keys(&shop);
    let writes = keys.iter().map(|key| write(key, key)).collect();
    assert_eq!(block_on(shop.store.write(writes)).unwrap(), [true; 60]);
    assert_eq!(block_on(shop.store.purge(&shop.namespace)).unwrap(), 60);
    assert!(keys.iter().all(|key| shop.value(key).is_none()));
}

#[test]
fn forgotten_scripts_are_sent_again() {
    let cluster = Cluster::single();
    let shop = open(&cluster, PATIENT);
    for node in cluster.nodes() {
        node.script_flush();
    }
    let writes = keys(&shop).iter().map(|key| write(key, "value")).collect();
    assert_eq!(block_on(shop.store.write(writes)).unwrap(), [true; 60]);
}

/// Nobody knows whether it has happened when the answer is lost: it is not done again.
#[test]
fn what_would_count_twice_is_sent_once() {
    let cluster = Cluster::single();
    let node = &cluster.nodes()[0];
    let proxy = Proxy::start(node.address());
    // The client is told that the node is where the proxy is.
    node.config_set("cluster-announce-port", &proxy.port().to_string());
    let url = format!("redis-cluster://127.0.0.1:{}", proxy.port());
    let shop = Shop::new(Redis::url(&url).unwrap(), PATIENT).connected();
    let (number, lock) = (shop.key("number"), shop.key("lock"));
    let add = || shop.store.increment(increment(&number, 1));
    assert_eq!(block_on(add()).unwrap(), Incremented::Sum(1));
    // The node knows the scripts from now on.
    shop.write(&lock, "other").unwrap();
    shop.remove(&lock).unwrap();
    let lose_answer = |what: &str, happened: &dyn Fn() -> bool| {
        until(what, happened);
        proxy.end(Links::Commands, End::Rst);
        proxy.heal();
    };
    for sum in [2, 4] {
        proxy.set(Links::Commands, Fault::Stall(Way::ToClient));
        let adding = add();
        lose_answer("the addition", &|| node.cli(&["GET", &number]) == format!("n:{sum}"));
        assert_eq!(block_on(adding).unwrap_err().kind(), StoreErrorKind::TimedOut, "it may have happened");
        until("another addition", || block_on(add()).is_ok_and(|added| added == Incremented::Sum(sum + 1)));
    }
    proxy.set(Links::Commands, Fault::Stall(Way::ToClient));
    let unless = Some(Same { at: 0, bytes: b"mine".to_vec(), keep: Duration::ZERO });
    let taking = shop.store.write(vec![Write { unless, ..write(&lock, "mine") }]);
    lose_answer("the write", &|| node.cli(&["EXISTS", &lock]) == "1");
    assert_eq!(block_on(taking).unwrap_err().kind(), StoreErrorKind::TimedOut, "not that somebody else has it");
    // What may be done twice is done until it is known to be.
    shop.until_it_works();
    proxy.set(Links::Commands, Fault::Stall(Way::ToClient));
    let removing = shop.store.remove(vec![remove(&lock)]);
    lose_answer("the removal", &|| node.cli(&["EXISTS", &lock]) == "0");
    block_on(removing).unwrap();
}

#[test]
fn additions_follow_a_slot_to_another_node() {
    let cluster = Cluster::start();
    let shop = open(&cluster, PATIENT);
    let number = shop.key("number");
    let add = || block_on(shop.store.increment(increment(&number, 1))).unwrap();
    assert_eq!(add(), Incremented::Sum(1));
    let from = cluster.master_of(&number);
    let to = *cluster.masters().iter().find(|node| node.port() != from.port()).unwrap();
    let slot = from.cli(&["CLUSTER", "KEYSLOT", &number]);
    let [from_id, to_id] = [from, to].map(|node| node.cli(&["CLUSTER", "MYID"]));
    to.cli(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id]);
    from.cli(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id]);
    let port = to.port().to_string();
    assert_eq!(from.cli(&["MIGRATE", "127.0.0.1", &port, &number, "0", "5000"]), "OK");
    for node in [to, from] {
        node.cli(&["CLUSTER", "SETSLOT", &slot, "NODE", &to_id]);
    }
    assert_eq!(add(), Incremented::Sum(2));
}

#[test]
fn a_failover_is_followed() {
    let cluster = Cluster::start();
    let shop = open(&cluster, Duration::from_secs(1));
    shop.until_it_vouches();
    let key = shop.key("key");
    shop.write(&key, "value").unwrap();
    cluster.failover(cluster.master_of(&key));
    until("a write to reach the new primary", || shop.write(&key, "new").is_ok());
    assert_eq!(shop.value(&key).as_deref(), Some(&b"new"[..]));
    shop.until_it_vouches();
    shop.remove(&key).unwrap();
    shop.until_told("removed");
}

#[test]
fn a_dead_primary_is_replaced_and_the_others_go_on() {
    let cluster = Cluster::start();
    let shop = open(&cluster, Duration::from_secs(1));
    shop.until_it_vouches();
    let keys = keys(&shop);
    let dead = cluster.master_of(&keys[0]);
    let other = keys.iter().find(|key| cluster.master_of(key).port() != dead.port()).unwrap();
    shop.witness.take();
    let copy = cluster.kill(dead);
    until("the loss to be noticed", || shop.witness.seen().contains(&Seen::Lost));
    cluster.wait_until_promoted(copy);
    until("a write to reach the new primary", || shop.write(&keys[0], "new").is_ok());
    until("the others to go on", || shop.write(other, "value").is_ok());
    shop.until_it_vouches();
    shop.remove(&keys[0]).unwrap();
    shop.until_told("removed");
}

#[test]
fn a_primary_that_hangs_is_replaced() {
    let cluster = Cluster::start();
    let shop = open(&cluster, Duration::from_millis(300));
    let key = shop.key("key");
    shop.write(&key, "value").unwrap();
    let hanging = cluster.master_of(&key);
    hanging.freeze();
    let error = shop.write(&key, "value").unwrap_err();
    assert!(matches!(error.kind(), StoreErrorKind::TimedOut | StoreErrorKind::Unavailable), "{error}");
    // Its copy takes its place after the time of the cluster; the node itself never says so.
    until("a write to reach another primary", || shop.write(&key, "new").is_ok());
    hanging.thaw();
    shop.until_it_vouches();
}

#[test]
fn a_server_of_a_cluster_alone_says_what_it_is() {
    let cluster = Cluster::start();
    let shop = Shop::open(&format!("redis://{}", cluster.nodes()[0].address()));
    let errors = keys(&shop).into_iter().filter_map(|key| shop.write(&key, "value").err());
    let error = errors.into_iter().next().expect("some key is elsewhere");
    assert_eq!(error.kind(), StoreErrorKind::Refused);
    assert!(error.to_string().contains("redis-cluster://"), "{error}");
}

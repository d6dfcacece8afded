//! Sentinels and clusters start whole, replace their masters, and become whole again.

use larder_kit::{Cluster, Options, Reply, Sentinels};

#[test]
fn sentinels_replace_a_master_that_lives() {
    let sentinels = Sentinels::start_with(&Options::new().password("secret"));
    assert_eq!(sentinels.urls().len(), 3);
    let old = sentinels.master();
    old.cli(&["SET", "a", "1"]);
    let new = sentinels.failover();
    assert_ne!(new.port(), old.port());
    assert_eq!(new.cli(&["GET", "a"]), "1");
    assert_eq!(new.cli(&["SET", "a", "2"]), "OK");
    sentinels.wait_until_complete();
}

#[test]
fn sentinels_replace_a_master_that_died() {
    let sentinels = Sentinels::start();
    let dead = sentinels.kill_master();
    let new = sentinels.wait_for_another(dead.port());
    assert_eq!(new.cli(&["SET", "a", "1"]), "OK");
    dead.restart();
    sentinels.wait_until_complete();
    assert_eq!(dead.cli(&["GET", "a"]), "1");
}

#[test]
fn a_cluster_serves_all_keys_and_replaces_its_masters() {
    let cluster = Cluster::start();
    assert_eq!((cluster.masters().len(), cluster.urls().len()), (3, 6));
    let keys: Vec<String> = (0..30).map(|number| format!("key{number}")).collect();
    for key in &keys {
        assert_eq!(cluster.master_of(key).cli(&["SET", key, "1"]), "OK");
    }
    let old = cluster.master_of("key0");
    let new = cluster.failover(old);
    assert_eq!(cluster.master_of("key0").port(), new.port());
    cluster.wait_until_complete();

    let copy = cluster.kill(new);
    cluster.wait_until_promoted(copy);
    assert_eq!(cluster.master_of("key0").port(), copy.port());
    assert_eq!(copy.cli(&["GET", "key0"]), "1");
    new.restart();
    cluster.wait_until_complete();
}

#[test]
fn a_cluster_of_one_serves_all_slots() {
    let cluster = Cluster::single();
    let node = cluster.master_of("a");
    assert_eq!(node.cli(&["MSET", "{a}1", "1", "{a}2", "2"]), "OK");
    assert!(matches!(node.call(&["MGET", "a", "b"]), Reply::Error(error) if error.starts_with("CROSSSLOT")));
}

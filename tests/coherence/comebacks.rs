//! What was removed comes back: a server that starts from its disk, or one that takes over and has not heard of the last invalidations.
//!
//! The processes write no more before it happens, so that only what they send again can remove it. All of them live.

use larder_kit::processes::role;
use larder_kit::sentinels::MASTER;
use larder_kit::{Cluster, Sentinels, Server};

use crate::crew::{BROKEN, Crew, Outcome, pass, phase, play};

fn from_disk(test: &str, flaw: Option<&str>) -> Outcome {
    let server = Server::plain();
    let crew = Crew::start(test, &server.url(), flaw);
    pass(phase());
    server.save();
    pass(phase() / 2);
    crew.quiet();
    server.kill();
    server.restart();
    pass(phase() * 2);
    crew.end(BROKEN, &[])
}

#[test]
fn the_server_starts_from_its_disk() {
    const NAME: &str = "comebacks::the_server_starts_from_its_disk";
    if role().is_some() {
        return play();
    }
    from_disk(NAME, None).is_right(NAME);
}

#[test]
fn who_sends_nothing_again_is_noticed() {
    const NAME: &str = "comebacks::who_sends_nothing_again_is_noticed";
    if role().is_some() {
        return play();
    }
    // What the disk has is chance: mostly values that are old, now and then none that its own generations let pass.
    let noticed = || {
        let outcome = from_disk(NAME, Some("forgetful"));
        outcome.breaks("R1 no stale value") && outcome.breaks("R5 nothing is lost")
    };
    assert!((0..5).any(|_| noticed()));
}

/// Both copies are stopped while the master acknowledges; then it is killed, and one of them takes over.
fn failover(test: &str) -> Outcome {
    let sentinels = Sentinels::start();
    let hosts: Vec<_> = sentinels.sentinels().iter().map(Server::address).collect();
    let crew = Crew::start(test, &format!("redis-sentinel://{}/{MASTER}", hosts.join(",")), None);
    pass(phase());
    let master = sentinels.master().port();
    let copies: Vec<_> = sentinels.servers().iter().filter(|server| server.port() != master).collect();
    for copy in &copies {
        copy.freeze();
    }
    pass(phase() / 2);
    crew.quiet();
    let old = sentinels.kill_master().port();
    for copy in &copies {
        copy.thaw();
    }
    sentinels.wait_for_another(old);
    pass(phase() * 2);
    crew.end(BROKEN, &[])
}

#[test]
fn a_copy_that_lags_takes_over() {
    const NAME: &str = "comebacks::a_copy_that_lags_takes_over";
    if role().is_some() {
        return play();
    }
    failover(NAME).is_right(NAME);
}

/// The same in a cluster: for every third of the keys, or so.
#[test]
fn copies_that_lag_take_over_in_a_cluster() {
    const NAME: &str = "comebacks::copies_that_lag_take_over_in_a_cluster";
    if role().is_some() {
        return play();
    }
    let cluster = Cluster::start();
    let crew = Crew::start(NAME, &cluster.urls()[0].replacen("redis://", "redis-cluster://", 1), None);
    pass(phase());
    let masters: Vec<u16> = cluster.masters().iter().map(|master| master.port()).collect();
    let master = cluster.masters()[0];
    let copies: Vec<_> = cluster.nodes().iter().filter(|node| !masters.contains(&node.port())).collect();
    let copy = copies
        .into_iter()
        .find(|copy| copy.info("master_port") == master.port().to_string())
        .expect("each master has a copy");
    copy.freeze();
    pass(phase() / 4);
    crew.quiet();
    master.kill();
    copy.thaw();
    larder_kit::until("the copy to take over", || {
        drop(copy.call(&["CLUSTER", "FAILOVER", "TAKEOVER"]));
        copy.info("role") == "master"
    });
    pass(phase() * 2);
    crew.end(BROKEN, &[]).is_right(NAME);
}

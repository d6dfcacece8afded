//! What was removed comes back: a server that starts from its disk, or one that takes over and has not heard of the last invalidations.
//!
//! The processes write no more before it happens, so that only what they send again can remove it. All of them live.

use std::time::Duration;

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

/// The copies hear nothing from now on. Those that are only stopped would find in their sockets what they were sent meanwhile.
fn cut_off(master: &Server, copies: &[&Server]) {
    for copy in copies {
        copy.freeze();
    }
    master.cli(&["CLIENT", "KILL", "TYPE", "replica"]);
}

/// So long copies hear nothing; sentinels don't choose one that has heard nothing for more than a few seconds.
fn lag() -> Duration {
    (phase() / 2).min(Duration::from_secs(1))
}

/// Both copies are cut off while the master acknowledges; then it is killed, and one of them takes over.
fn failover(test: &str, flaw: Option<&str>) -> Outcome {
    let sentinels = Sentinels::start();
    let hosts: Vec<_> = sentinels.sentinels().iter().map(Server::address).collect();
    let crew = Crew::start(test, &format!("redis-sentinel://{}/{MASTER}", hosts.join(",")), flaw);
    pass(phase());
    let master = sentinels.master();
    let copies: Vec<_> = sentinels.servers().iter().filter(|server| server.port() != master.port()).collect();
    cut_off(master, &copies);
    pass(lag());
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
    failover(NAME, None).is_right(NAME);
}

#[test]
fn a_copy_that_lags_is_noticed_when_nothing_is_sent_again() {
    const NAME: &str = "comebacks::a_copy_that_lags_is_noticed_when_nothing_is_sent_again";
    if role().is_some() {
        return play();
    }
    // As with a disk.
    assert!((0..5).any(|_| failover(NAME, Some("forgetful")).breaks("R5 nothing is lost")));
}

/// One of the masters of a cluster is killed in the same way. What many keys have in common is at other masters, which don't lose
/// it: the old values of this one are of use only if they were invalidated by their keys.
fn takeover(test: &str, flaw: Option<&str>) -> Outcome {
    let cluster = Cluster::start();
    let crew = Crew::start(test, &cluster.urls()[0].replacen("redis://", "redis-cluster://", 1), flaw);
    pass(phase());
    crew.narrow();
    let master = cluster.master_of("coherence:v0:{k:0}");
    let of = master.port().to_string();
    let follows = |node: &&Server| node.info("role") == "slave" && node.info("master_port") == of;
    let copy = cluster.nodes().iter().find(follows).expect("each master has a copy");
    // What is narrow has to have been loaded before.
    pass(lag());
    cut_off(master, &[copy]);
    pass(lag());
    crew.quiet();
    master.kill();
    copy.thaw();
    larder_kit::until("the copy to take over", || {
        drop(copy.call(&["CLUSTER", "FAILOVER", "TAKEOVER"]));
        copy.info("role") == "master"
    });
    pass(phase() * 2);
    crew.end(BROKEN, &[])
}

#[test]
fn a_copy_that_lags_takes_over_in_a_cluster() {
    const NAME: &str = "comebacks::a_copy_that_lags_takes_over_in_a_cluster";
    if role().is_some() {
        return play();
    }
    takeover(NAME, None).is_right(NAME);
}

#[test]
fn a_copy_that_lags_in_a_cluster_is_noticed_when_nothing_is_sent_again() {
    const NAME: &str = "comebacks::a_copy_that_lags_in_a_cluster_is_noticed_when_nothing_is_sent_again";
    if role().is_some() {
        return play();
    }
    assert!((0..5).any(|_| takeover(NAME, Some("forgetful")).breaks("R5 nothing is lost")));
}

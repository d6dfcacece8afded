//! What happens to the links between the processes and the server.

use std::time::Duration;

use larder_kit::processes::role;
use larder_kit::{End, Fault, Links, Proxy, Server, Way};

use crate::crew::{BROKEN, Crew, Outcome, WHOLE, pass, phase, play, run};

#[test]
fn the_messages_are_held_up() {
    if role().is_some() {
        return play();
    }
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    run("links::the_messages_are_held_up", &server.url_through(proxy.port()), WHOLE, &[], |_| {
        proxy.set(Links::Subscribed, Fault::Stall(Way::ToClient));
        pass(phase() * 2);
        proxy.heal();
        pass(phase());
        server.client_kill_pubsub();
        pass(phase());
    });
}

/// Resets the links again and again, after a while in which nothing arrived on those of the messages, or on any, either way: what
/// was on its way is lost.
fn storm(test: &str, links: Links, flaw: Option<&str>) -> Outcome {
    let server = Server::plain();
    let proxy = Proxy::start(server.address());
    let crew = Crew::start(test, &server.url_through(proxy.port()), flaw);
    let stall = || match links {
        Links::Subscribed => proxy.set(links, Fault::Stall(Way::ToClient)),
        _ => proxy.set(links, Fault::BlackHole),
    };
    let blow = || {
        stall();
        pass(Duration::from_millis(100));
        proxy.end(links, End::Rst);
        proxy.heal();
    };
    for _ in 0..20 {
        blow();
        pass(phase() / 20);
    }
    // All have come back, and values are there again, so that it matters what is lost.
    pass(phase() * 2);
    stall();
    pass(Duration::from_millis(200));
    crew.quiet();
    proxy.end(links, End::Rst);
    proxy.heal();
    pass(phase());
    crew.end(if matches!(links, Links::Subscribed) { WHOLE } else { BROKEN }, &[])
}

#[test]
fn a_storm_on_the_messages_alone() {
    const NAME: &str = "links::a_storm_on_the_messages_alone";
    if role().is_some() {
        return play();
    }
    storm(NAME, Links::Subscribed, None).is_right(NAME);
}

#[test]
fn a_storm_on_all_connections() {
    const NAME: &str = "links::a_storm_on_all_connections";
    if role().is_some() {
        return play();
    }
    storm(NAME, Links::All, None).is_right(NAME);
}

#[test]
fn who_is_not_told_of_lost_messages_is_noticed() {
    const NAME: &str = "links::who_is_not_told_of_lost_messages_is_noticed";
    if role().is_some() {
        return play();
    }
    // Whether a message is lost that matters is chance.
    assert!((0..5).any(|_| storm(NAME, Links::Subscribed, Some("credulous")).breaks("R5 nothing is lost")));
}

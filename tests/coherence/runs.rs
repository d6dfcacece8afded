//! What happens to the server and to the processes.

use larder_kit::processes::role;
use larder_kit::{Options, Server};

use crate::crew::{BROKEN, Crew, Outcome, WHOLE, pass, phase, play, run};
use crate::history::What;

/// One load for each key and write, by one process at a time, and nobody sees less than it has seen.
fn strictly(test: &str, flaw: Option<&str>) -> Outcome {
    let server = Server::start(Options::new());
    let crew = Crew::start_strictly(test, &server.url(), flaw);
    pass(phase());
    crew.end(WHOLE, &[])
}

#[test]
fn nothing_happens() {
    const NAME: &str = "runs::nothing_happens";
    if role().is_some() {
        return play();
    }
    strictly(NAME, None).is_right(NAME);
}

#[test]
fn who_takes_every_lease_is_noticed() {
    const NAME: &str = "runs::who_takes_every_lease_is_noticed";
    if role().is_some() {
        return play();
    }
    let outcome = strictly(NAME, Some("greedy"));
    assert!(outcome.breaks("R4 leaders") && outcome.breaks("R6 work"));
}

#[test]
fn nothing_happens_but_bumps() {
    if role().is_some() {
        return play();
    }
    let server = Server::start(Options::new());
    run("runs::nothing_happens_but_bumps", &server.url(), WHOLE, &[], |_| {});
}

#[test]
fn the_server_is_frozen() {
    if role().is_some() {
        return play();
    }
    let server = Server::start(Options::new());
    run("runs::the_server_is_frozen", &server.url(), BROKEN, &[], |_| {
        server.freeze();
        pass(phase());
        server.thaw();
        pass(phase());
    });
}

#[test]
fn the_server_is_killed_and_comes_back_empty() {
    if role().is_some() {
        return play();
    }
    let server = Server::start(Options::new());
    run("runs::the_server_is_killed_and_comes_back_empty", &server.url(), BROKEN, &[], |_| {
        server.kill();
        pass(phase());
        server.restart_empty();
        pass(phase());
    });
}

#[test]
fn a_process_is_stopped_for_longer_than_its_leases() {
    if role().is_some() {
        return play();
    }
    let server = Server::start(Options::new());
    run("runs::a_process_is_stopped_for_longer_than_its_leases", &server.url(), WHOLE, &[0, 1], |crew| {
        for process in &crew.processes[..2] {
            process.freeze();
        }
        pass(phase());
        for process in &crew.processes[..2] {
            process.thaw();
        }
        pass(phase());
    });
}

#[test]
fn everything_is_forgotten() {
    if role().is_some() {
        return play();
    }
    let server = Server::start(Options::new());
    run("runs::everything_is_forgotten", &server.url(), WHOLE, &[], |_| {
        for _ in 0..20 {
            server.flush();
            server.script_flush();
            pass(phase() / 20);
        }
    });
}

#[test]
fn scripts_are_forgotten() {
    const NAME: &str = "runs::scripts_are_forgotten";
    if role().is_some() {
        return play();
    }
    let server = Server::plain();
    let crew = Crew::start(NAME, &server.url(), None);
    for _ in 0..40 {
        server.script_flush();
        pass(phase() / 20);
    }
    let outcome = crew.end(WHOLE, &[]);
    outcome.is_right(NAME);
    let lost = outcome.events.iter().filter(|event| event.what == What::Unknown).count();
    assert_eq!(lost, 0, "R8: nothing is refused, as what the server does not know is sent in full");
}

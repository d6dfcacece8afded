//! Four processes over one server, and what happens to it, to them, and to the links between.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use larder::{Cache, Redis};
use larder_kit::processes::{order, report, role};
use larder_kit::{Fault, Links, Options, Process, Proxy, Server, Way, clock};

use crate::history::{Event, Slack, check};
use crate::source::Source;
use crate::worker::{settle, work};

const PROCESSES: usize = 4;

/// Every second process has memory in front of the server.
fn is_bare(process: usize) -> bool {
    process.is_multiple_of(2)
}

/// While nothing is broken: memory of others is right when a message has arrived, at the latest when nobody vouches any more (3 s), and
/// a busy machine needs a second for anything.
const WHOLE: Slack = Slack { bare: Duration::ZERO, tiered: Duration::from_secs(4), call: Duration::from_secs(4) };

/// While the server can't be reached, each process keeps what it loads for 5 s.
const BROKEN: Slack =
    Slack { bare: Duration::from_secs(6), tiered: Duration::from_secs(6), call: Duration::from_secs(6) };

/// The time of one phase of a run.
fn phase() -> Duration {
    let seconds = std::env::var("LARDER_COHERENCE_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(2))
}

fn pass(time: Duration) {
    let begin = clock::now();
    larder_kit::until("time to pass", || clock::now() - begin > u64::try_from(time.as_nanos()).unwrap());
}

/// In the other processes: works until the order to stop, then settles, then reports all.
fn play() {
    let number = |name: &str| std::env::var(name).unwrap().parse::<u64>().unwrap();
    let (process, port) = (usize::try_from(number("PROCESS")).unwrap(), u16::try_from(number("SOURCE")).unwrap());
    let redis = Redis::url(&std::env::var("REDIS").unwrap()).unwrap();
    let builder = Cache::builder().namespace("coherence").wait(Duration::from_secs(2));
    let builder = if is_bare(process) { builder.shared_only(redis) } else { builder.shared(redis) };
    // A busy machine is no outage.
    let builder = builder.lease(Duration::from_millis(500)).deadline(Duration::from_secs(1));
    let cache = builder.build_blocking().unwrap();
    report("ready");
    let stop = AtomicBool::new(false);
    let events = thread::scope(|threads| {
        let work = threads.spawn(|| work(process, &cache, port, &stop));
        let _told = order();
        stop.store(true, Relaxed);
        work.join().unwrap()
    });
    report("stopped");
    let _told = order();
    report(format!("settled {}", settle(&cache, port).as_nanos()));
    for event in &events {
        report(event.line());
    }
    report("end");
}

/// Runs the processes, lets `happen` do its worst, and checks what they have seen. Those of `stopped` were stopped themselves.
fn run(test: &str, url: &str, slack: Slack, stopped: &[usize], happen: impl FnOnce(&[Process])) {
    let source = Source::start();
    let processes: Vec<Process> = (0..PROCESSES)
        .map(|process| {
            let variables =
                [("PROCESS", process.to_string()), ("SOURCE", source.port().to_string()), ("REDIS", url.to_owned())];
            Process::spawn(test, "worker", variables)
        })
        .collect();
    for process in &processes {
        assert_eq!(process.report(), "ready");
    }
    pass(phase());
    happen(&processes);
    for process in &processes {
        process.tell("stop");
    }
    for process in &processes {
        assert_eq!(process.report(), "stopped");
    }
    for process in &processes {
        process.tell("settle");
    }
    let mut events = Vec::new();
    for (number, process) in processes.iter().enumerate() {
        let settled = process.report();
        let nanos: u64 = settled.strip_prefix("settled ").unwrap().parse().unwrap();
        assert!(nanos < 10_000_000_000, "R5: process {number} needed {nanos} ns to see the last versions");
        loop {
            let line = process.report();
            if line == "end" {
                break;
            }
            events.push(Event::parse(number, &line).unwrap());
        }
    }
    let broken = check(&events, slack, is_bare, |process| !stopped.contains(&process));
    let shown: Vec<String> = broken.iter().take(5).map(ToString::to_string).collect();
    assert!(broken.is_empty(), "{} of {} against the rules:\n{}", broken.len(), events.len(), shown.join("\n"));
    let writes = events.iter().filter(|event| event.what != crate::history::What::Read).count();
    assert!(events.len() > 1_000 && writes > 50, "too little happened: {} events, {writes} writes", events.len());
    eprintln!("{test}: {} events, {writes} writes, {} loads, nothing against the rules", events.len(), source.reads());
}

#[test]
fn nothing_happens() {
    if role().is_some() {
        return play();
    }
    let server = Server::start(Options::new());
    run("runs::nothing_happens", &server.url(), WHOLE, &[], |_| {});
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
    run("runs::a_process_is_stopped_for_longer_than_its_leases", &server.url(), WHOLE, &[0, 1], |processes| {
        for process in &processes[..2] {
            process.freeze();
        }
        pass(phase());
        for process in &processes[..2] {
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
fn the_messages_are_held_up() {
    if role().is_some() {
        return play();
    }
    let server = Server::start(Options::new());
    let proxy = Proxy::start(server.address());
    run("runs::the_messages_are_held_up", &server.url_through(proxy.port()), WHOLE, &[], |_| {
        proxy.set(Links::Subscribed, Fault::Stall(Way::ToClient));
        pass(phase() * 2);
        proxy.heal();
        pass(phase());
        server.client_kill_pubsub();
        pass(phase());
    });
}

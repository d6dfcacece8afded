//! Roles of one test in processes of their own; nothing that a test has started outlives it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use larder_kit::processes::{order, report, role};
use larder_kit::{Process, Server, clock, until};

const NONE: [(&str, &str); 0] = [];

#[test]
fn roles_report_and_take_orders() {
    if let Some(role) = role() {
        report(format_args!("{role} {}", std::env::var("NUMBER").unwrap()));
        while let Some(order) = order() {
            drop(std::io::stdout().write_all(b"not a report\n"));
            report(format_args!("{order} at {}", clock::now()));
        }
        return report("done");
    }
    let spawn =
        |number: u32| Process::spawn("roles_report_and_take_orders", "reader", [("NUMBER", number.to_string())]);
    let processes: Vec<Process> = (0..3).map(spawn).collect();
    for (number, process) in processes.iter().enumerate() {
        assert_eq!(process.report(), format!("reader {number}"));
    }
    let mut last = clock::now();
    for process in processes.iter().chain(&processes) {
        process.tell("look");
        let answer = process.report();
        let time: u64 = answer.strip_prefix("look at ").unwrap().parse().unwrap();
        assert!(last <= time && time <= clock::now(), "one clock for all: {last} {answer}");
        last = time;
    }
    for process in processes {
        assert_eq!(process.finish(), ["done"]);
    }
}

#[test]
fn a_role_is_frozen_thawed_and_killed() {
    if role().is_some() {
        while let Some(order) = order() {
            report(order);
        }
        return;
    }
    let process = Process::spawn("a_role_is_frozen_thawed_and_killed", "echo", NONE);
    process.tell("a");
    assert_eq!(process.report(), "a");
    process.freeze();
    process.tell("b");
    assert_eq!(process.report_within(Duration::from_millis(50)), None);
    process.thaw();
    assert_eq!(process.report(), "b");
    assert!(process.is_running());
    process.kill();
    assert!(!process.is_running());
}

#[test]
fn a_role_that_fails_fails_the_test_with_its_words() {
    assert!(role().is_none(), "the reason");
    let process = Process::spawn("a_role_that_fails_fails_the_test_with_its_words", "fail", NONE);
    let text = failure(process);
    assert!(text.contains("the reason"), "{text}");
    let text = failure(Process::spawn("no_such_test", "any", NONE));
    assert!(text.contains("no such test"), "{text}");
}

fn failure(process: Process) -> String {
    let finished = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| process.finish()));
    *finished.unwrap_err().downcast::<String>().unwrap()
}

/// A test process that is killed, and one that ends while its servers live in a static, leave neither servers nor folders.
#[test]
fn nothing_outlives_the_process_that_started_it() {
    static KEPT: std::sync::OnceLock<Server> = std::sync::OnceLock::new();
    if role().is_some() {
        let (server, gone) = (KEPT.get_or_init(Server::plain), Server::plain());
        gone.kill();
        drop(gone);
        let frozen = Server::plain();
        frozen.freeze();
        report(format_args!("{} {} {}", server.pid(), frozen.pid(), server.socket().display()));
        while order().is_some() {}
        return;
    }
    for killed in [true, false] {
        let process = Process::spawn("nothing_outlives_the_process_that_started_it", "owner", NONE);
        let words = process.report();
        let words: Vec<&str> = words.split(' ').collect();
        let folder = PathBuf::from(words[2]).parent().unwrap().parent().unwrap().to_owned();
        assert!(folder.exists());
        if killed {
            process.kill();
        } else {
            assert!(process.finish().is_empty());
        }
        until("the servers to end", || !words[..2].iter().any(|pid| is_server(pid)));
        until("the folder to go", || !folder.exists());
    }
}

/// Whether there is a process of this number that runs a server. One that has ended and that nobody has asked about is none.
fn is_server(pid: &str) -> bool {
    let command = fs::read(Path::new("/proc").join(pid).join("cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&command).contains("redis")
}

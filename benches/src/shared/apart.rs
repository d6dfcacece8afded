//! The server on a processor of its own, and this program on the others, as if it were on another machine.
//!
//! Where the scheduler puts two programs of which one waits for the other is luck: on one processor a round trip takes 15 µs, on two of
//! which one has to be woken 55, and a ratio of two such times says more about the scheduler than about what was called.

use std::process::{Command, id};
use std::str::FromStr as _;

use larder_kit::Server;

/// While it lives all threads of this program and those of the server share no processor, if there are two.
#[derive(Debug)]
pub(super) struct Apart(Vec<(u32, String)>);

impl Apart {
    pub(super) fn begin(server: &Server) -> Self {
        let all = placed(id());
        let numbers: Vec<String> = processors(&all).iter().map(u32::to_string).collect();
        let Some((last, others)) = numbers.split_last().filter(|(_, others)| !others.is_empty()) else {
            return Self(Vec::new());
        };
        let before = vec![(id(), all), (server.pid(), placed(server.pid()))];
        place(server.pid(), last);
        place(id(), &others.join(","));
        Self(before)
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        for (process, processors) in &self.0 {
            place(*process, processors);
        }
    }
}

/// Where a process may run, as `0-2,5`.
fn placed(process: u32) -> String {
    let output = Command::new("taskset").args(["-c", "-p", &process.to_string()]).output();
    let output = output.expect("`taskset` tells where a process may run");
    assert!(output.status.success(), "`taskset` tells where a process may run");
    String::from_utf8_lossy(&output.stdout).trim().rsplit(": ").next().unwrap_or_default().to_owned()
}

/// Moves all threads of a process.
fn place(process: u32, processors: &str) {
    let output = Command::new("taskset").args(["-a", "-c", "-p", processors, &process.to_string()]).output();
    assert!(output.is_ok_and(|output| output.status.success()), "`taskset` moves a process to {processors}");
}

/// What `0-2,5` stands for.
fn processors(list: &str) -> Vec<u32> {
    let ranges = list.split(',').filter_map(|range| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        Some(u32::from_str(from).ok()?..=u32::from_str(to).ok()?)
    });
    ranges.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::processors;

    #[test]
    fn lists_of_processors() {
        assert_eq!(processors("0,1"), [0, 1]);
        assert_eq!(processors("0-2,5"), [0, 1, 2, 5]);
        assert_eq!(processors(""), [0; 0]);
    }
}

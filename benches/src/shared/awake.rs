//! Processors that do not sleep. One that does takes longer to wake than a round trip on the same machine takes, and whether it
//! sleeps is luck: then a ratio of two latencies says more about the scheduler than about what was called.

use std::env;
use std::hint::spin_loop;
use std::io::{Read as _, stdin};
use std::process::{Child, Command, Stdio, exit};
use std::thread::{self, available_parallelism};

/// The argument that makes this program [`spin`].
pub(crate) const SPIN: &str = "spin";

/// While it lives each processor has something to do that gives way to everything else.
#[derive(Debug)]
pub(super) struct Awake(Vec<Child>);

impl Awake {
    pub(super) fn begin() -> Self {
        let program = env::current_exe().expect("a program knows where it is");
        let spinner = |_| {
            let mut command = Command::new("nice");
            command.args(["-n", "19"]).arg(&program).arg(SPIN).stdin(Stdio::piped());
            command.spawn().expect("`nice` can be started")
        };
        Self((0..available_parallelism().map_or(1, usize::from)).map(spinner).collect())
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // They end by themselves when nobody holds their input; a failure here is of no consequence.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Uses a processor until the process that has started this one is gone.
pub(crate) fn spin() -> ! {
    thread::spawn(|| {
        let mut nothing = Vec::new();
        drop(stdin().read_to_end(&mut nothing));
        exit(0);
    });
    loop {
        spin_loop();
    }
}

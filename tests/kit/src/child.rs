//! One process that a test has started: frozen, thawed, ended by its number, and never left behind.

use std::fs;
use std::process::{self, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process};

use crate::patience::{obtain, until};
use crate::watchdog;

/// A running child. Dropping it kills it; the end of this process, of whatever kind, kills it too.
#[derive(Debug)]
pub struct Child {
    pid: u32,
    process: Mutex<process::Child>,
}

impl Child {
    /// Starts the command.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let process = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let pid = process.id();
        watchdog::watch(pid);
        Self { pid, process: Mutex::new(process) }
    }

    /// The number of the process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it has not ended yet.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.try_wait().is_none()
    }

    /// Stops it in the middle of whatever it does (SIGSTOP), and returns when it has stopped.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
        until(format_args!("process {} to freeze", self.pid), || matches!(self.state(), None | Some('T' | 'Z')));
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Ends it without a chance to do anything (SIGKILL), and returns when it has ended.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
        self.wait();
    }

    /// Asks it to end (SIGTERM), and returns when it has ended.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
        self.wait();
    }

    /// Returns when it has ended by itself.
    pub fn wait(&self) -> ExitStatus {
        obtain(format_args!("process {} to end", self.pid), || self.try_wait())
    }

    fn lock(&self) -> MutexGuard<'_, process::Child> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn with<T>(&self, take: impl FnOnce(&mut process::Child) -> T) -> T {
        take(&mut self.lock())
    }

    fn try_wait(&self) -> Option<ExitStatus> {
        self.lock().try_wait().expect("the state of a child is known")
    }

    /// A child whose end has been seen gets no signal: its number may be somebody else's.
    fn signal(&self, signal: Signal) {
        let mut process = self.lock();
        if process.try_wait().expect("the state of a child is known").is_none() {
            let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).expect("a child has a number");
            kill_process(pid, signal).expect("a child takes signals");
        }
    }

    /// The state letter of the process, where there is a /proc.
    fn state(&self) -> Option<char> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        stat.rsplit(") ").next()?.chars().next()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let process = self.process.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Neither can fail in a way that matters here: the child has ended, or it ends now.
        drop(process.kill());
        watchdog::forget(self.pid);
        drop(process.wait());
    }
}

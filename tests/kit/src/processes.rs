//! Several processes of one test: the program of the test starts itself again, and the same test function plays another role in it.
//!
//! ```text
//! #[test]
//! fn readers_agree() {
//!     if let Some(role) = processes::role() {
//!         return read(&role);
//!     }
//!     let readers: Vec<Process> = (0..4).map(|_| Process::spawn("readers_agree", "reader", [("URL", server.url())])).collect();
//! ```
//!
//! A role reads what it is told with [`order`] and answers with [`report`]; what else it prints is for people.

use std::env;
use std::ffi::OsStr;
use std::fmt::Display;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::ops::Deref;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::child::Child;
use crate::patience::{PATIENCE, until};

/// Names the role.
const ROLE: &str = "LARDER_KIT_ROLE";
/// What a reported line begins with. The harness of the tests prints to the same output.
const MARK: &str = "larder-kit: ";

/// The role of this process; nothing in the process that the test began in.
#[must_use]
pub fn role() -> Option<String> {
    env::var(ROLE).ok()
}

/// Tells the process that started this one. One line.
///
/// # Panics
///
/// If that process is gone: then there is nothing left to do.
pub fn report(line: impl Display) {
    // The harness may be in the middle of a line.
    let line = format!("\n{MARK}{line}\n");
    let mut output = io::stdout().lock();
    output.write_all(line.as_bytes()).and_then(|()| output.flush()).expect("somebody reads what a role reports");
}

/// Waits for the next line of [`Process::tell`]; nothing when there will be none.
#[must_use]
pub fn order() -> Option<String> {
    let mut line = String::new();
    let length = io::stdin().read_line(&mut line).unwrap_or_default();
    (length > 0).then(|| line.trim_end_matches('\n').to_owned())
}

/// A process that plays a role. Dropping it kills it. It dereferences to its [`Child`], so it can be frozen, thawed and killed.
#[derive(Debug)]
pub struct Process {
    child: Child,
    reports: Mutex<Receiver<String>>,
    /// Says at the end whether the program found the test.
    listener: JoinHandle<bool>,
    errors: Arc<Mutex<String>>,
    /// Writes them down.
    hearer: JoinHandle<()>,
}

impl Process {
    /// Starts the program of this test again for this one test function, in this role, with more variables of the environment.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn spawn<N, V>(test: &str, role: &str, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let mut command = Command::new(env::current_exe().expect("a test knows its program"));
        command.args([test, "--exact", "--nocapture"]).envs(variables).env(ROLE, role);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = Child::spawn(&mut command);
        let (sender, reports) = channel();
        let output = child.with(|child| child.stdout.take()).expect("the child has a pipe");
        let listener = thread::spawn(move || {
            let mut found = true;
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Some(report) = line.strip_prefix(MARK) {
                    // Nobody listens any more: the pipe is read on, so that the child is not stopped by it.
                    drop(sender.send(report.to_owned()));
                }
                found &= line != "running 0 tests";
            }
            found
        });
        let errors = child.with(|child| child.stderr.take()).expect("the child has a pipe");
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        let hearer = thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                *heard += &line;
                *heard += "\n";
            }
        });
        Self { child, reports: Mutex::new(reports), listener, errors: said, hearer }
    }

    /// The next line that it reports.
    ///
    /// # Panics
    ///
    /// If it reports nothing within [`PATIENCE`], or has ended, with what it said on standard error.
    pub fn report(&self) -> String {
        self.report_within(PATIENCE)
            .unwrap_or_else(|| panic!("process {} reports nothing:\n{}", self.pid(), self.errors()))
    }

    /// The next line that it reports, if there is one so soon.
    pub fn report_within(&self, time: Duration) -> Option<String> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(time).ok()
    }

    /// Tells it a line: see [`order`].
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub fn tell(&self, line: impl Display) {
        let told = self
            .child
            .with(|child| child.stdin.as_mut().map(|input| writeln!(input, "{line}").and_then(|()| input.flush())));
        assert!(matches!(told, Some(Ok(()))), "process {} does not listen: {told:?}", self.child.pid());
    }

    /// Tells it that nothing more will be told, waits until it ends, and returns the rest of its reports.
    ///
    /// # Panics
    ///
    /// If it fails, with what it said on standard error, or there is no such test.
    #[must_use]
    pub fn finish(self) -> Vec<String> {
        drop(self.child.with(|child| child.stdin.take()));
        let status = self.child.wait();
        until("the last words of a process that has ended", || self.hearer.is_finished());
        let (pid, errors) = (self.child.pid(), self.errors());
        assert!(status.success(), "process {pid} failed ({status}):\n{errors}");
        let reports: Vec<String> = self.reports.into_inner().unwrap_or_else(PoisonError::into_inner).iter().collect();
        let found = self.listener.join().unwrap_or_default();
        assert!(found, "process {pid} found no such test: its whole name is needed, with its modules");
        reports
    }

    /// What it has said on standard error so far.
    #[must_use]
    pub fn errors(&self) -> String {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Deref for Process {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.child
    }
}

//! The pipe to a browser: calls with their answers, and what it reports meanwhile. Each message is JSON and ends with a zero byte.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use crate::patience::PATIENCE;

/// Both ends of the pipe. Reports are kept in their order, of all pages.
#[derive(Debug)]
pub(crate) struct Wire {
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    calls: u64,
    reports: Vec<Value>,
    /// What the browser says beside, for a test that wonders.
    log: PathBuf,
}

impl Wire {
    pub(crate) fn new(input: ChildStdin, output: ChildStdout, log: &Path) -> Self {
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut message = Vec::new();
            while matches!(output.read_until(0, &mut message), Ok(1..)) {
                let parsed = serde_json::from_slice(message.strip_suffix(&[0]).unwrap_or(&message));
                message.clear();
                // Nobody may listen any more.
                if parsed.is_ok_and(|message: Value| sender.send(message).is_err()) {
                    break;
                }
            }
        });
        Self { input: Some(input), messages, calls: 0, reports: Vec::new(), log: log.to_owned() }
    }

    /// Calls a method, of the browser or of the page behind a session, and returns its result.
    pub(crate) fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = session {
            call["sessionId"] = json!(session);
        }
        let mut text = call.to_string();
        text.push('\0');
        let input = self.input.as_mut().expect("the browser has not been closed");
        let sent = input.write_all(text.as_bytes()).and_then(|()| input.flush());
        sent.unwrap_or_else(|error| panic!("the browser does not listen to {method}: {error}{}", self.said()));
        let begin = Instant::now();
        loop {
            let message = self.next(begin, method);
            if message["id"].as_u64() == Some(self.calls) {
                assert!(message["error"].is_null(), "{method} {parameters}: {}", message["error"]);
                return message["result"].clone();
            }
            self.keep(message);
        }
    }

    /// How many reports there are so far.
    pub(crate) fn mark(&self) -> usize {
        self.reports.len()
    }

    /// Waits for a report of this page that came after a mark.
    pub(crate) fn wait(&mut self, session: &str, after: usize, method: &str) {
        let begin = Instant::now();
        while !self.reports_of(session, after).any(|report| report["method"] == method) {
            let message = self.next(begin, method);
            self.keep(message);
        }
    }

    /// What this page has reported after a mark, as far as it has been read.
    pub(crate) fn reports_of<'a>(&'a self, session: &'a str, after: usize) -> impl Iterator<Item = &'a Value> {
        let reports = self.reports.get(after..).unwrap_or_default();
        reports.iter().filter(move |report| report["sessionId"] == session)
    }

    /// Lets go of the pipe, which ends the browser.
    pub(crate) fn close(&mut self) {
        self.input = None;
    }

    fn next(&self, begin: Instant, what: &str) -> Value {
        let left = PATIENCE.saturating_sub(begin.elapsed());
        let next = self.messages.recv_timeout(left);
        next.unwrap_or_else(|error| panic!("waited in vain for {what} of the browser: {error}{}", self.said()))
    }

    fn said(&self) -> String {
        format!("\n{}", fs::read_to_string(&self.log).unwrap_or_default())
    }

    fn keep(&mut self, message: Value) {
        if message["method"].is_string() {
            self.reports.push(message);
        }
    }
}

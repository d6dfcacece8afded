//! A headless Chromium that a test drives as a person would: pages are loaded, fields typed into, keys and the mouse used.
//!
//! It speaks the `DevTools` protocol over a pipe, so that there is no port that anybody else could use, and it ends with the pipe. It
//! runs in a folder of its own and remembers nothing.

mod page;
mod program;
mod wire;

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

pub use page::{Answer, Page};
pub use program::VARIABLE;

use crate::child::Child;
use crate::watchdog;
use program::Program;
use wire::Wire;

/// The shell gives the browser the pipe under the numbers that it knows it by, which nothing else can do without unsafe code.
const UNDER_ITS_NUMBERS: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null"#;

/// A running browser. Dropping it ends it.
#[derive(Debug)]
pub struct Browser {
    wire: Mutex<Wire>,
    child: Child,
    folder: PathBuf,
}

impl Browser {
    /// A browser, or `None` if this machine has none and none can be unpacked: that is said on standard error, past the test's own
    /// output, which nobody reads of a test that passes.
    ///
    /// # Panics
    ///
    /// If there is none and the variable `CI` is set: what is skipped there would never be run.
    #[must_use]
    pub fn start_or_skip() -> Option<Self> {
        match program::find() {
            Ok(program) => Some(Self::launch(program)),
            Err(reason) => {
                let in_ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
                assert!(!in_ci, "{reason}");
                let _ = writeln!(io::stderr(), "SKIPPED: {reason}");
                None
            }
        }
    }

    fn launch(program: &Program) -> Self {
        let folder = watchdog::folder();
        let mut command = Command::new("sh");
        command.args(["-c", UNDER_ITS_NUMBERS, "sh"]).arg(&program.path);
        // Nothing of it asks the network for anything but the pages of the test, and it draws the same whatever the machine has.
        // Its own sandbox wants rights that a container need not have; it sees the pages of the test alone.
        command.args([
            "--headless",
            "--remote-debugging-pipe",
            "--no-sandbox",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--disable-extensions",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-domain-reliability",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
            "--font-render-hinting=none",
        ]);
        command.arg(format!("--user-data-dir={}", folder.display())).arg("about:blank");
        command.envs(program.environment());
        let log = folder.join("browser.log");
        let errors = fs::File::create(&log).expect("a new folder can be written to");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let child = Child::spawn(&mut command);
        let (input, output) = child.with(|child| (child.stdin.take(), child.stdout.take()));
        let wire = Wire::new(input.expect("it has a pipe"), output.expect("it has a pipe"), &log);
        let browser = Self { wire: Mutex::new(wire), child, folder };
        browser.call(None, "Browser.getVersion", &json!({}));
        browser
    }

    /// A page of a visitor of its own: it shares no cookies and no cache with other pages.
    ///
    /// # Panics
    ///
    /// If the browser has ended.
    #[must_use]
    pub fn visitor(&self) -> Page<'_> {
        let context = self.call(None, "Target.createBrowserContext", &json!({}));
        let place = json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = self.call(None, "Target.createTarget", &place);
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call(None, "Target.attachToTarget", &attach);
        Page::open(self, session["sessionId"].as_str().expect("a session has a name"))
    }

    fn call(&self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        self.with(|wire| wire.call(session, method, parameters))
    }

    fn with<T>(&self, take: impl FnOnce(&mut Wire) -> T) -> T {
        take(&mut self.wire.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its processes end when nobody is at the pipe any more; one that does not is killed with the child.
        self.with(Wire::close);
        if !std::thread::panicking() {
            self.child.wait();
        }
        watchdog::remove(&self.folder);
    }
}

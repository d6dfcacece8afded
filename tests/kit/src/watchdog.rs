//! The children of a test process die with it, however it dies, and their files go with them.
//!
//! `PR_SET_PDEATHSIG` would need unsafe code between fork and exec, and would fire when the thread ends that started the child. A shell
//! does better: it reads from a pipe that only this process can write to, so it reads the end of it when this process is no more, even
//! after SIGKILL. The shell is in a group of its own and deaf to the signals of a terminal.

use std::fs;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::clock;

/// `+ PID` and `- PID` arrive on standard input; the folder is the only argument.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
pids=' '
while read -r what pid; do
    case $what in
        +) pids="$pids$pid " ;;
        -) pids="${pids%% $pid *} ${pids#* $pid }" ;;
    esac
done
for pid in $pids; do kill -KILL "$pid"; done
rm -rf -- "$1"
"#;

/// The shell of this process.
struct Watchdog {
    shell: Mutex<Child>,
    folder: PathBuf,
}

fn watchdog() -> &'static Watchdog {
    static WATCHDOG: OnceLock<Watchdog> = OnceLock::new();
    WATCHDOG.get_or_init(|| {
        // Processes of several containers may have the same number and share this folder, so the time is in the name too.
        let name = format!("larder-kit-{}-{}", std::process::id(), clock::now());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "larder-kit-watchdog"]).arg(&folder).process_group(0);
        // An open output would keep `cargo test` waiting for the shell.
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let shell = Mutex::new(shell.spawn().expect("a shell can be started"));
        Watchdog { shell, folder }
    })
}

fn tell(line: &str) {
    let mut shell = watchdog().shell.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pipe) = &mut shell.stdin {
        // A shell that somebody killed can't watch; that is no reason to fail a test.
        drop(pipe.write_all(line.as_bytes()));
    }
}

/// The child of this number is killed when this process ends.
pub(crate) fn watch(pid: u32) {
    tell(&format!("+ {pid}\n"));
}

/// The child of this number has ended or is about to.
pub(crate) fn forget(pid: u32) {
    tell(&format!("- {pid}\n"));
}

/// A new empty folder, removed at the end of this process at the latest. Its path is short enough for a Unix socket in it.
pub(crate) fn folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = watchdog().folder.join(COUNT.fetch_add(1, Ordering::Relaxed).to_string());
    fs::create_dir(&folder).unwrap_or_else(|error| panic!("cannot make {}: {error}", folder.display()));
    folder
}

/// Removes a folder of [`folder`] early.
pub(crate) fn remove(folder: &Path) {
    drop(fs::remove_dir_all(folder));
}

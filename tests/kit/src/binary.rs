//! Which `redis-server` the tests start: the one named by `LARDER_REDIS_SERVER`, else that of `PATH`, else one unpacked from the
//! packages of Debian or Ubuntu.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::apt::{find_in_path, unpack};

/// Names the server's program; nothing else is tried then. Empty is as if it were not there.
pub const VARIABLE: &str = "LARDER_REDIS_SERVER";

/// The packages with the server's program.
const PACKAGES: [&str; 2] = ["redis-server", "redis-tools"];

/// `enable-debug-command` and `cluster-port` are of this version.
const OLDEST: u32 = 7;

/// A program that starts as a Redis server.
#[derive(Clone, Debug)]
pub struct Binary {
    path: PathBuf,
    /// Where its libraries are if the system does not know them: the value of `LD_LIBRARY_PATH`.
    libraries: Option<String>,
    version: String,
}

impl Binary {
    pub(crate) fn new(path: PathBuf, libraries: Option<String>) -> Result<Self, String> {
        let mut binary = Self { path, libraries, version: String::new() };
        let shown = binary.path.display().to_string();
        let output = binary.command().arg("--version").output().map_err(|error| format!("{shown}: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = said.split_whitespace().find_map(|word| word.strip_prefix("v="));
        let version = version.ok_or_else(|| {
            format!("{shown} is no Redis server: it said {said:?} {:?}", String::from_utf8_lossy(&output.stderr))
        })?;
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < OLDEST) {
            return Err(format!("{shown} is version {version}, and the tests need {OLDEST} or newer"));
        }
        version.clone_into(&mut binary.version);
        Ok(binary)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says its version is, such as `7.0.15`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        command
    }
}

/// The server of this process's tests, looked for once.
///
/// # Panics
///
/// If there is none, with a text that says what to do.
pub fn find() -> &'static Binary {
    static FOUND: OnceLock<Result<Binary, String>> = OnceLock::new();
    FOUND.get_or_init(look).as_ref().unwrap_or_else(|error| panic!("{error}"))
}

/// Looks for a server anew.
///
/// # Errors
///
/// What has been tried, and what to do.
pub fn look() -> Result<Binary, String> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Binary::new(named.into(), None).map_err(|error| format!("{VARIABLE} names no server: {error}"));
    }
    let in_path = match find_in_path("redis-server") {
        Some(path) => Binary::new(path, None),
        None => Err("there is no redis-server in PATH".to_owned()),
    };
    in_path.or_else(|in_path| {
        let unpacked = unpack(&PACKAGES).and_then(|unpacked| {
            Binary::new(unpacked.root.join("usr/bin/redis-server"), Some(unpacked.libraries))
        });
        unpacked.map_err(|unpacking| {
            format!(
                "tests with real servers need Redis {OLDEST} or newer\nhelp: install it (`apt-get install redis-server`, \
                 `brew install redis`) or name it: {VARIABLE}=/path/to/redis-server\ntried: {in_path}; {unpacking}"
            )
        })
    })
}

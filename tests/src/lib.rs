//! For tests about what a process has only one of: its environment, its default cache, its standard error.

use std::env;
use std::ffi::OsStr;
use std::process::Command;

const ALONE: &str = "IN_A_PROCESS_OF_ITS_OWN";

/// Runs the body of the named test in a process of its own, with these variables and no others that concern caching.
/// What that process said on standard error; nothing within it.
///
/// # Panics
///
/// If the body did.
pub fn alone<N, V>(test: &str, variables: impl IntoIterator<Item = (N, V)>, body: impl FnOnce()) -> Option<String>
where
    N: AsRef<OsStr>,
    V: AsRef<OsStr>,
{
    if env::var_os(ALONE).is_some() {
        body();
        return None;
    }
    let mut command = Command::new(env::current_exe().expect("a test knows its program"));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("LARDER") || name.starts_with("CACHE_")) {
            command.env_remove(name);
        }
    }
    let command = command.args([test, "--exact", "--nocapture"]).envs(variables).env(ALONE, "1");
    let output = command.output().expect("the program can be started");
    let (said, wrote) = (String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{said}{wrote}");
    assert!(wrote.contains("1 passed"), "there is no test `{test}`: {wrote}");
    Some(said.into_owned())
}

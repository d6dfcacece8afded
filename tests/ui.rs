//! What rustc says about mistakes, word for word, and what must compile whatever surrounds it.
//!
//! One mistake per file; each family has a case whose callers raise no error of their own. After a change of messages:
//! `TRYBUILD=overwrite cargo test -p larder-tests --test ui`, and read the difference.

use std::env;
use std::process::Command;

/// The compiler whose messages the `.stderr` files hold. # STABLE
const COMPILER: &str = "rustc 1.95.";

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    let compiler = compiler();
    if compiler.starts_with(COMPILER) {
        cases.compile_fail("ui/fail/*/*.rs");
        return;
    }
    assert!(env::var_os("CI").is_none(), "the messages are those of {COMPILER}x, and this is {compiler}");
    eprintln!("SKIPPED: ui/fail, because its messages are those of {COMPILER}x, and this is {compiler}");
}

fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().map(|output| output.stdout);
    String::from_utf8(version.expect("rustc runs")).expect("rustc speaks UTF-8").trim().to_owned()
}

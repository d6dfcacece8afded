//! Where the server comes from, and what is said when there is none.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use larder_kit::processes::{report, role};
use larder_kit::{Process, binary};

/// What a process with these variables finds.
fn look<const N: usize>(test: &str, variables: [(&str, &str); N]) -> String {
    Process::spawn(test, "look", variables).finish().join("\n")
}

/// Reports what is found, if this is the process that shall look.
fn looked() -> bool {
    if role().is_some() {
        report(match binary::look() {
            Ok(binary) => format!("{} {}", binary.version(), binary.path().display()),
            Err(error) => error.replace('\n', " | "),
        });
        return true;
    }
    false
}

#[test]
fn the_named_server_is_taken_or_none() {
    const TEST: &str = "the_named_server_is_taken_or_none";
    if looked() {
        return;
    }
    let found = binary::find();
    let path = found.path().display().to_string();
    if std::env::var_os("LD_LIBRARY_PATH").is_none() && path.starts_with("/usr") {
        assert_eq!(look(TEST, [(binary::VARIABLE, &path), ("PATH", "")]), format!("{} {path}", found.version()));
    }
    let said = look(TEST, [(binary::VARIABLE, "/no/such/server")]);
    assert!(said.contains("LARDER_REDIS_SERVER names no server: /no/such/server"), "{said}");
    let said = look(TEST, [(binary::VARIABLE, "/bin/true")]);
    assert!(said.contains("/bin/true is no Redis server"), "{said}");
}

#[test]
fn an_old_server_is_not_taken() {
    const TEST: &str = "an_old_server_is_not_taken";
    if looked() {
        return;
    }
    let folder = std::env::temp_dir().join(format!("larder-kit-old-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let old = folder.join("redis-server");
    fs::write(&old, "#!/bin/sh\necho Redis server v=6.0.16 sha=0\n").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o755)).unwrap();
    let named = look(TEST, [(binary::VARIABLE, old.to_str().unwrap())]);
    // No other program is in this PATH, so there is nothing to unpack packages with.
    let in_path = look(TEST, [(binary::VARIABLE, ""), ("PATH", folder.to_str().unwrap())]);
    fs::remove_dir_all(folder).unwrap();
    assert!(named.contains("is version 6.0.16, and the tests need 7 or newer"), "{named}");
    assert!(in_path.contains("is version 6.0.16, and the tests need 7 or newer"), "{in_path}");
}

#[test]
fn without_a_server_the_text_says_what_to_do() {
    if looked() {
        return;
    }
    let said = look("without_a_server_the_text_says_what_to_do", [(binary::VARIABLE, ""), ("PATH", "")]);
    assert!(
        said.contains(" | help: install it (`apt-get install redis-server`, `brew install redis`) or name it: "),
        "{said}"
    );
    assert!(said.contains("there is no redis-server in PATH; there is no apt-get"), "{said}");
}

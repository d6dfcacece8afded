//! Conventions that a compiler does not check, over the source text.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file: where it is from the root of the workspace, and what it says.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The code of a file without its comments and its unit tests, by number of line.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
        lines.map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default()))
    }

    fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file below these folders.
fn sources(folders: &[&str]) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
                sources.push(Source { path, text });
            }
        }
    }
    assert!(!sources.is_empty(), "no files in {folders:?}");
    sources
}

/// The code of the two published crates.
fn published() -> Vec<Source> {
    let mut sources = sources(&["macros/src", "runtime/src"]);
    sources.retain(|source| !source.is_in("macros/src/tests") && !source.path.ends_with("/tests.rs"));
    sources
}

/// No line of the code may contain one of the words, but in files that `allowed` accepts.
fn absent(sources: &[Source], words: &[&str], allowed: impl Fn(&Source) -> bool) {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !allowed(source)) {
        for (number, line) in source.code() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{words:?} in\n{}", found.join("\n"));
}

#[test]
fn foreign_caches_are_named_in_one_folder() {
    absent(&published(), &["moka", "scc::"], |source| source.is_in("runtime/src/memory/"));
}

#[test]
fn formats_are_named_in_one_folder() {
    let words = ["rmp_serde", "serde_json", "lz4_flex", "crc32fast"];
    absent(&published(), &words, |source| source.is_in("runtime/src/shared/"));
}

#[test]
fn a_store_names_its_client_in_one_folder() {
    let folder =
        |source: &Source| source.is_in("runtime/src/shared/redis/") || source.path == "runtime/src/shared/mod.rs";
    absent(&published(), &["redis::"], folder);
}

#[test]
fn time_is_read_in_one_place() {
    let clock = |source: &Source| source.path == "runtime/src/clock.rs";
    absent(&published(), &["Instant::now", "SystemTime::now", "clock_gettime", ".elapsed()"], clock);
}

#[test]
fn published_code_does_not_panic() {
    let words = [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!(", "unimplemented!("];
    absent(&published(), &words, |_| false);
}

#[test]
fn published_code_prints_through_one_door() {
    let log = |source: &Source| source.path == "runtime/src/log.rs";
    absent(&published(), &["println!(", "print!(", "dbg!("], log);
}

#[test]
fn files_are_short_and_say_what_they_are() {
    for source in sources(&["macros/src", "runtime/src", "tests/it", "tests/src", "tests/kit"]) {
        let unit_tests = source.is_in("macros/src/tests");
        let lines = source.code().count();
        assert!(unit_tests || lines <= 400, "{} has {lines} lines; look for the second noun in it", source.path);
        assert!(source.text.starts_with("//!"), "{} does not open with what it is", source.path);
    }
}

#[test]
fn tests_do_not_sleep_and_are_not_skipped() {
    let tests = sources(&["tests/it", "tests/src", "runtime/src", "macros/src"]);
    // In two pieces, so that this file does not contain them.
    let words = [concat!("sl", "eep("), concat!("#[ig", "nore"), concat!("should_", "panic")];
    absent(&tests, &words, |_| false);
}

#[test]
fn every_module_of_these_tests_is_listed() {
    let main = fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    for source in sources(&["tests/it"]) {
        let name = source.path.trim_start_matches("tests/it/").trim_end_matches(".rs");
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{name} is not in main.rs");
    }
}

#[test]
fn the_crates_fit_each_other() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let after = |start: &str| manifest.split(start).nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let version = after("\nversion = \"");
    assert_eq!(after("larder-macros = { path = \"macros\", version = \"="), version, "the macros are pinned");
    let macros = fs::read_to_string(root().join("macros/Cargo.toml")).unwrap();
    assert!(!macros.contains("\nlarder"), "the macros know no runtime");
}

/// No two functions of this binary can make the same key.
#[test]
fn these_tests_do_not_disturb_each_other() {
    larder::testing::assert_no_conflicts();
}

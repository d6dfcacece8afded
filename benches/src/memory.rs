//! What an entry takes in memory: growth of the resident set of a process that holds one full cache and nothing else.

use std::process::Command;
use std::{env, fs};

use crate::harness::{Contender, Order, ids, loads_of, sum_of};
use crate::peers::{self, LOOP};
use crate::report::Section;

const ENTRIES: u64 = 100_000;

/// Kilobytes in memory, where the system tells.
pub(crate) fn resident() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// In a process of its own: fills one contender and prints the bytes per entry.
pub(crate) fn child(kind: &str, name: &str) {
    let ids = ids(ENTRIES, Order::Sequential);
    if kind == "id" {
        fill(&peers::by_id(), &ids, name);
    } else {
        let names: Vec<String> = ids.into_iter().map(peers::name_of).collect();
        fill(&peers::by_name(), &names, name);
    }
}

fn fill<K>(contenders: &[Contender<K>], keys: &[K], name: &str) {
    let contender = contenders.iter().find(|contender| contender.name == name).expect("a contender's name");
    let sum = sum_of(&ids(ENTRIES, Order::Sequential));
    let before = resident();
    assert_eq!((contender.run)(keys), sum, "{name}: wrong values");
    let after = resident();
    assert_eq!((contender.run)(keys), sum, "{name}: wrong values");
    assert_eq!(loads_of(contender), ENTRIES, "{name}: the entries did not stay");
    if let Some((before, after)) = before.zip(after) {
        println!("{}", (after - before) * 1_024.0 / ENTRIES as f64);
    }
}

fn bytes(kind: &str, name: &str) -> Option<f64> {
    let output = Command::new(env::current_exe().ok()?).args(["memory-of", kind, name]).output().ok()?;
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

pub(crate) fn measure() -> Section {
    eprintln!("memory");
    let mut section = Section::new("Memory");
    section.paragraph(
        "Bytes of resident memory per entry at 100,000 entries, the cache itself included, in caches with room for \
         262,144 (larder: 786,432, as one cache serves all functions); each in a process of its own. The value is a `u64`.",
    );
    let by_id = peers::by_id();
    let by_name = peers::by_name();
    let rows: Vec<_> = by_id
        .iter()
        .filter(|contender| contender.name != LOOP)
        .map(|contender| {
            let name = contender.name;
            let too = by_name.iter().any(|other| other.name == name);
            (name.to_owned(), vec![bytes("id", name), too.then(|| bytes("name", name)).flatten()])
        })
        .collect();
    section.table("bytes per entry", &["by `u64`".to_owned(), "by `&str` of 18 to 22 bytes".to_owned()], &rows);
    section
}

//! What a part found out, as markdown, and the file that keeps it.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

/// One part's results: tables, and how they compare with the targets.
#[derive(Debug)]
pub(crate) struct Section {
    title: &'static str,
    text: String,
}

impl Section {
    pub(crate) fn new(title: &'static str) -> Self {
        Self { title, text: String::new() }
    }

    pub(crate) fn paragraph(&mut self, text: &str) {
        _ = writeln!(self.text, "\n{text}");
    }

    /// A table of numbers; no number is an empty field.
    pub(crate) fn table(&mut self, corner: &str, columns: &[String], rows: &[(String, Vec<Option<f64>>)]) {
        _ = writeln!(self.text, "\n| {corner} | {} |", columns.join(" | "));
        _ = writeln!(self.text, "|---|{}", "---:|".repeat(columns.len()));
        for (name, numbers) in rows {
            let numbers: Vec<String> = numbers.iter().map(|number| number.map_or_else(String::new, short)).collect();
            _ = writeln!(self.text, "| {name} | {} |", numbers.join(" | "));
        }
    }

    pub(crate) fn targets(&mut self, targets: &[Target]) {
        _ = writeln!(self.text, "\n| target | limit | found | |\n|---|---:|---:|---|");
        for target in targets {
            _ = writeln!(self.text, "{}", target.row());
        }
    }

    pub(crate) fn markdown(&self) -> String {
        format!("## {}\n{}", self.title, self.text)
    }
}

/// A promise of the design, with what was found.
#[derive(Debug)]
pub(crate) struct Target {
    what: String,
    limit: f64,
    found: f64,
    /// More is better.
    at_least: bool,
}

impl Target {
    pub(crate) fn at_most(what: impl Into<String>, limit: f64, found: f64) -> Self {
        Self { what: what.into(), limit, found, at_least: false }
    }

    pub(crate) fn at_least(what: impl Into<String>, limit: f64, found: f64) -> Self {
        Self { what: what.into(), limit, found, at_least: true }
    }

    fn row(&self) -> String {
        let (sign, met) =
            if self.at_least { ("≥", self.found >= self.limit) } else { ("≤", self.found <= self.limit) };
        let verdict = if met {
            "met".to_owned()
        } else if self.limit == 0.0 {
            format!("**missed** by {}", short((self.found - self.limit).abs()))
        } else {
            format!("**missed** by {:.0} %", ((self.found - self.limit) / self.limit).abs() * 100.0)
        };
        format!("| {} | {sign} {} | {} | {verdict} |", self.what, short(self.limit), short(self.found))
    }
}

/// Three digits that matter.
pub(crate) fn short(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        "-".to_owned()
    } else if size >= 100.0 || number == 0.0 {
        format!("{number:.0}")
    } else if size >= 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.2}")
    }
}

const INTRODUCTION: &str = "# Results\n\nWritten by `cargo run --release -p larder-benches -- --write`; do not edit. \
What is measured and how: [README.md](README.md). Ratios within one section were measured in one run.\n";

/// Puts sections into the file, in place of those of the same titles.
pub(crate) fn write(path: &Path, sections: &[Section]) -> io::Result<()> {
    let old = match fs::read_to_string(path) {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let mut kept: Vec<(String, String)> = old
        .split("\n## ")
        .skip(1)
        .map(|section| {
            let title = section.lines().next().unwrap_or_default().to_owned();
            (title, format!("## {}\n", section.trim_end()))
        })
        .collect();
    for section in sections {
        let text = format!("{}\n", section.markdown().trim_end());
        match kept.iter_mut().find(|(title, _)| title == section.title) {
            Some((_, kept)) => *kept = text,
            None => kept.push((section.title.to_owned(), text)),
        }
    }
    let texts: Vec<String> = kept.into_iter().map(|(_, text)| text).collect();
    fs::write(path, format!("{INTRODUCTION}\n{}", texts.join("\n")))
}

//! What a build costs: a crate of 100 annotated functions, with larder, with `cached`, and without either.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, fs, io};

use crate::Effort;
use crate::harness::median;
use crate::report::{Section, Target};

const FUNCTIONS: usize = 100;

/// Four signatures in turn: what is annotated, its key for larder, and the function.
const SHAPES: [(&str, &str); 4] = [
    ("<id>", "pub fn NAME(id: u64) -> u64 {\n    id + 1\n}"),
    (
        "<name>:<page>",
        "pub fn NAME(name: String, page: u32) -> Result<String, std::num::ParseIntError> {\n    \
         let number: u32 = name.parse()?;\n    Ok(format!(\"{number} {page}\"))\n}",
    ),
    ("<id>", "pub async fn NAME(id: u64) -> Option<String> {\n    (id > 0).then(|| id.to_string())\n}"),
    (
        "<team>:<tags>",
        "pub async fn NAME(team: u64, tags: Vec<String>) -> Vec<u64> {\n    \
         tags.iter().map(|tag| tag.len() as u64 + team).collect()\n}",
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Larder,
    Cached,
    Plain,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Larder, Self::Cached, Self::Plain];

    fn name(self) -> &'static str {
        match self {
            Self::Larder => "larder",
            Self::Cached => "cached",
            Self::Plain => "no attribute",
        }
    }

    fn dependency(self) -> String {
        match self {
            Self::Larder => {
                let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("runtime");
                format!("larder = {{ path = {:?} }}", runtime.display().to_string())
            }
            Self::Cached => "cached = { version = \"4.1\", features = [\"async\"] }".to_owned(),
            Self::Plain => String::new(),
        }
    }

    fn attribute(self, name: &str, key: &str) -> String {
        match self {
            Self::Larder => format!("#[larder::cached(timeout = 60, key = \"{name}:{key}\")]\n"),
            Self::Cached => "#[cached::macros::cached(max_size = 1000, ttl_secs = 60)]\n".to_owned(),
            Self::Plain => String::new(),
        }
    }

    fn source(self) -> String {
        let mut source = String::new();
        for (number, (key, function)) in (0..FUNCTIONS).zip(SHAPES.iter().cycle()) {
            let name = format!("function_{number}");
            _ = write!(source, "{}{}\n\n", self.attribute(&name, key), function.replace("NAME", &name));
        }
        source
    }
}

/// A generated crate in a folder that goes away with it.
#[derive(Debug)]
struct Crate {
    kind: Kind,
    folder: PathBuf,
}

impl Crate {
    fn new(kind: Kind) -> io::Result<Self> {
        let folder = env::temp_dir().join(format!("larder-build-{}-{:?}", std::process::id(), kind).to_lowercase());
        fs::create_dir_all(folder.join("src"))?;
        let this = Self { kind, folder };
        let manifest = format!(
            "[package]\nname = \"built\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{}\n\n[workspace]\n",
            kind.dependency()
        );
        fs::write(this.folder.join("Cargo.toml"), manifest)?;
        fs::write(this.source(), kind.source())?;
        // The same versions as here.
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.lock");
        fs::copy(lock, this.folder.join("Cargo.lock"))?;
        Ok(this)
    }

    fn source(&self) -> PathBuf {
        self.folder.join("src/lib.rs")
    }

    fn cargo(&self, arguments: &[&str]) -> io::Result<Vec<u8>> {
        let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("RUSTFLAGS")
            .output()?;
        let error = || io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned());
        output.status.success().then_some(()).ok_or_else(error)?;
        Ok(output.stdout)
    }

    /// Seconds of a build with nothing there.
    fn clean_build(&self) -> io::Result<f64> {
        self.cargo(&["clean", "--offline"])?;
        self.timed(&["build", "--offline"])
    }

    /// Seconds of a build of this crate alone.
    fn rebuild(&self, command: &str) -> io::Result<f64> {
        fs::write(self.source(), self.kind.source())?;
        self.timed(&[command, "--offline"])
    }

    fn timed(&self, arguments: &[&str]) -> io::Result<f64> {
        let started = Instant::now();
        self.cargo(arguments)?;
        Ok(started.elapsed().as_secs_f64())
    }

    fn expanded_lines(&self) -> io::Result<usize> {
        let expanded = self.cargo(&["rustc", "--offline", "--", "-Zunpretty=expanded"])?;
        let text = String::from_utf8_lossy(&expanded);
        assert!(text.contains("function_99"), "the expansion is there");
        Ok(text.lines().filter(|line| !line.trim().is_empty()).count())
    }
}

impl Drop for Crate {
    fn drop(&mut self) {
        // What is left in the folder for temporary files does no harm.
        _ = fs::remove_dir_all(&self.folder);
    }
}

/// Seconds of all crates, in turn, the median of each.
fn alternating(crates: &[Crate], rounds: u32, time: impl Fn(&Crate) -> io::Result<f64>) -> io::Result<Vec<f64>> {
    let mut times = vec![Vec::new(); crates.len()];
    for _ in 0..rounds {
        for (times, krate) in times.iter_mut().zip(crates) {
            times.push(time(krate)?);
        }
    }
    Ok(times.into_iter().map(median).collect())
}

pub(crate) fn measure(effort: Effort) -> io::Result<Section> {
    eprintln!("build");
    let crates = Kind::ALL.into_iter().map(Crate::new).collect::<io::Result<Vec<_>>>()?;
    let with_dependencies = alternating(&crates, effort.builds, Crate::clean_build)?;
    let built = alternating(&crates, effort.builds, |krate| krate.rebuild("build"))?;
    // The first check also checks the dependencies.
    alternating(&crates, 1, |krate| krate.rebuild("check"))?;
    let checked = alternating(&crates, effort.builds, |krate| krate.rebuild("check"))?;
    let lines = crates.iter().map(Crate::expanded_lines).collect::<io::Result<Vec<_>>>()?;
    let plain = lines.last().copied().unwrap_or(0);

    let mut section = Section::new("Build time");
    section.paragraph(&format!(
        "Seconds, development profile, not incremental, median of {}; a crate of 100 functions of four signatures, half \
         of them async. Lines are those that a function has more than without the attribute, all macros expanded, as \
         rustc prints them.",
        effort.builds
    ));
    let mut rows = Vec::new();
    for (at, krate) in crates.iter().enumerate() {
        let more = lines.get(at).map(|lines| lines.saturating_sub(plain) as f64 / FUNCTIONS as f64);
        let time = |times: &[f64]| times.get(at).copied();
        rows.push((krate.kind.name().to_owned(), vec![time(&with_dependencies), time(&built), time(&checked), more]));
    }
    let columns = ["clean build, with dependencies", "build of the crate", "check of the crate", "lines per function"]
        .map(str::to_owned);
    section.table("", &columns, &rows);
    let ratio = |times: &[f64]| times.first().zip(times.get(1)).map_or(f64::NAN, |(larder, cached)| larder / cached);
    section.targets(&[
        Target::at_most("clean build with dependencies, over `cached`", 1.0, ratio(&with_dependencies)),
        Target::at_most("build of the crate, over `cached`", 1.0, ratio(&built)),
        Target::at_most("check of the crate, over `cached`", 1.0, ratio(&checked)),
    ]);
    Ok(section)
}

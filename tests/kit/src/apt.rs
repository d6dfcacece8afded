//! Programs from the packages of Debian or Ubuntu, unpacked into the target folder.
//!
//! Unpacking asks for no rights, starts no service and changes nothing on the machine, so it is done for root as well; a machine that
//! shall keep a program has it in `PATH`.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rustix::fs::{FlockOperation, flock};

/// What has been unpacked.
#[derive(Debug)]
pub(crate) struct Unpacked {
    /// Stands for the root of the file system: programs are in `usr/bin` below it.
    pub(crate) root: PathBuf,
    /// Where libraries are: the value of `LD_LIBRARY_PATH`.
    pub(crate) libraries: String,
}

/// The first file of this name in the folders of `PATH`.
pub(crate) fn find_in_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Finds these packages unpacked or unpacks them, with what they need and the machine lacks; the folder has the name of the first.
/// Processes that do so at once wait for the first.
pub(crate) fn unpack(packages: &[&str]) -> Result<Unpacked, String> {
    if find_in_path("apt-get").is_none() || find_in_path("dpkg-deb").is_none() {
        return Err("there is no apt-get to get it with".to_owned());
    }
    let folder = target().join(packages.first().copied().unwrap_or_default());
    let failed = |error| format!("{}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    let lock = File::create(folder.join("lock")).map_err(failed)?;
    flock(&lock, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;

    let root = folder.join("root");
    if !root.exists() {
        let new = folder.join("new");
        let of_folder = || Apt::of_folder(&folder)?.fill(&new, packages);
        let filled = Apt::of_machine().fill(&new, packages);
        filled.or_else(|first| of_folder().map_err(|second| format!("{first}; {second}")))?;
        fs::rename(&new, &root).map_err(failed)?;
        // The lists of all packages are large, and nobody reads them again.
        drop((fs::remove_dir_all(folder.join("lists")), fs::remove_dir_all(folder.join("cache"))));
    }
    let mut libraries = Vec::new();
    collect_libraries(&root, &mut libraries);
    let libraries = env::join_paths(libraries).map_err(|error| error.to_string())?;
    let libraries = libraries.into_string().map_err(|path| format!("{} is not UTF-8", path.display()))?;
    Ok(Unpacked { root, libraries })
}

/// The folder of cargo's output that this program is in; it carries a tag. A program that was moved elsewhere uses the temporary folder.
fn target() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target.map_or_else(|| env::temp_dir().join("larder-kit"), Path::to_owned)
}

/// The folders below with libraries in them.
fn collect_libraries(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut has_libraries = false;
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect_libraries(&entry.path(), found);
        } else {
            let name = entry.file_name();
            has_libraries |= name.to_string_lossy().split('.').skip(1).any(|part| part == "so");
        }
    }
    if has_libraries {
        found.push(folder.to_owned());
    }
}

/// apt-get with the lists of packages of the machine or of its own.
struct Apt {
    options: Vec<String>,
}

impl Apt {
    /// The lists that the machine has: nothing to fetch, but they may be missing, or too old to name packages that still exist.
    fn of_machine() -> Self {
        Self { options: Vec::new() }
    }

    /// Lists fetched now into a folder that anyone may write to.
    fn of_folder(folder: &Path) -> Result<Self, String> {
        let (lists, cache) = (folder.join("lists"), folder.join("cache"));
        for folder in [lists.join("partial"), cache.join("archives/partial")] {
            fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        let options = vec![
            "-oAcquire::http::Timeout=20".to_owned(),
            "-oAcquire::Retries=0".to_owned(),
            "-oAPT::Sandbox::User=".to_owned(),
            format!("-oDir::State::Lists={}", lists.display()),
            format!("-oDir::Cache={}", cache.display()),
        ];
        let apt = Self { options };
        apt.run(folder, &["update"])?;
        Ok(apt)
    }

    /// Makes the folder anew and unpacks into it what the machine lacks.
    fn fill(&self, folder: &Path, packages: &[&str]) -> Result<(), String> {
        drop(fs::remove_dir_all(folder));
        let archives = folder.join("archives");
        fs::create_dir_all(&archives).map_err(|error| format!("{}: {error}", archives.display()))?;
        let mut simulate = vec!["install", "--simulate", "--no-install-recommends"];
        simulate.extend(packages);
        let simulated = String::from_utf8_lossy(&self.run(&archives, &simulate)?.stdout).into_owned();
        let lacking = simulated.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next());
        // The C library fits its own loader only, which is the machine's.
        let lacking = lacking.filter(|name| !name.starts_with("libc6") && !packages.contains(name));
        let mut download = vec!["download"];
        download.extend(packages.iter().copied().chain(lacking));
        self.run(&archives, &download)?;
        for archive in fs::read_dir(&archives).map_err(|error| error.to_string())?.flatten() {
            run(Command::new("dpkg-deb").arg("--extract").arg(archive.path()).arg(folder))?;
        }
        drop(fs::remove_dir_all(archives));
        Ok(())
    }

    fn run(&self, folder: &Path, words: &[impl AsRef<OsStr>]) -> Result<Output, String> {
        let mut command = Command::new("apt-get");
        run(command.args(["-q", "-y"]).args(&self.options).args(words).current_dir(folder).env("LC_ALL", "C"))
    }
}

/// The output of a command that succeeded.
fn run(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(output) } else { Err(format!("{command:?}: {}", said.trim())) }
}

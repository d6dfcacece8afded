//! Which browser the tests start: the one named by `LARDER_BROWSER`, else a Chromium or Chrome of `PATH`, else one unpacked from the
//! packages of Debian.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::apt::{Unpacked, find_in_path, unpack};

/// Names the browser's program; nothing else is tried then. Empty is as if it were not there.
pub const VARIABLE: &str = "LARDER_BROWSER";

/// What it is called, by distributions and by its maker. The shell is the same engine without windows.
const NAMES: [&str; 5] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const PACKAGES: [&str; 1] = ["chromium-headless-shell"];

/// A program that starts as a headless Chromium.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// Where its libraries are if the system does not know them.
    libraries: Option<String>,
    /// What says where fonts are if the system has none.
    fonts: Option<PathBuf>,
}

impl Program {
    /// The variables that it needs.
    pub(crate) fn environment(&self) -> impl Iterator<Item = (&'static str, String)> {
        let fonts = self.fonts.as_ref().map(|file| ("FONTCONFIG_FILE", file.display().to_string()));
        self.libraries.clone().map(|libraries| ("LD_LIBRARY_PATH", libraries)).into_iter().chain(fonts)
    }

    fn of_system(path: PathBuf) -> Self {
        Self { path, libraries: None, fonts: None }
    }

    fn of_packages(unpacked: Unpacked) -> Result<Self, String> {
        let Unpacked { root, libraries } = unpacked;
        // What is in `usr/bin` is a script for a program that has been installed.
        let path = root.join("usr/lib/chromium/chromium-headless-shell");
        if !path.is_file() {
            return Err(format!("{} is not in its package", path.display()));
        }
        let fonts = if Path::new("/etc/fonts/fonts.conf").exists() { None } else { Some(fonts_of(&root)?) };
        Ok(Self { path, libraries: Some(libraries), fonts })
    }
}

/// Makes the fonts that were unpacked known: without any, pages have no text.
fn fonts_of(root: &Path) -> Result<PathBuf, String> {
    let file = root.join("fonts.conf");
    let fonts = root.join("usr/share/fonts");
    let text = format!(
        "<fontconfig><dir>{}</dir><cachedir prefix=\"xdg\">fontconfig</cachedir></fontconfig>\n",
        fonts.display()
    );
    fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(file)
}

/// The browser of this process's tests, looked for once; or what has been tried, and what to do.
pub(crate) fn find() -> Result<&'static Program, &'static str> {
    static FOUND: OnceLock<Result<Program, String>> = OnceLock::new();
    FOUND.get_or_init(look).as_ref().map_err(String::as_str)
}

fn look() -> Result<Program, String> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        let is_there = named.is_file();
        let missing = format!("{VARIABLE} names no program: {}", named.display());
        return is_there.then(|| Program::of_system(named)).ok_or(missing);
    }
    if let Some(path) = NAMES.iter().find_map(|name| find_in_path(name)) {
        return Ok(Program::of_system(path));
    }
    unpack(&PACKAGES).and_then(Program::of_packages).map_err(|unpacking| {
        format!(
            "tests of pages need a Chromium or Chrome\nhelp: install it (`apt-get install chromium`) or name it: \
             {VARIABLE}=/path/to/chromium\ntried: there is none in PATH; {unpacking}"
        )
    })
}

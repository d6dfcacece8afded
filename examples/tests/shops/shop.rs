//! A storefront as it is started, and its data.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) type Checked<T = ()> = Result<T, Box<dyn Error>>;

/// A running shop, ended with the test by the number of its process.
pub(crate) struct Storefront {
    process: process::Child,
    address: String,
    _output: BufReader<process::ChildStdout>,
}

impl Storefront {
    /// Starts one on a free port, and returns when it is open.
    pub(crate) fn open(data: &Data, cache: &str) -> Checked<Self> {
        Self::open_at(&data.0.join("shop.db"), cache)
    }

    fn open_at(file: &Path, cache: &str) -> Checked<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_storefront"));
        // What tells the tests where their programs are is nothing that a shop has heard of.
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LARDER")) {
            command.env_remove(name);
        }
        let mut process = command
            .env("PORT", "0")
            .env("STOREFRONT_DB", file)
            .env("LARDER_URL", cache)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut output = BufReader::new(process.stdout.take().ok_or("the shop has a pipe")?);
        let address = loop {
            let mut line = String::new();
            if output.read_line(&mut line)? == 0 {
                process.wait()?;
                return Err("the shop ended before it was open".into());
            }
            if let Some((_, address)) = line.split_once("The shop is open:   http://") {
                break address.trim().to_owned();
            }
        };
        Ok(Self { process, address, _output: output })
    }

    /// The address of a page, for a browser.
    pub(crate) fn url(&self, uri: &str) -> String {
        format!("http://{}{uri}", self.address)
    }

    pub(crate) fn ask(&self, method: &str, uri: &str, form: &str) -> Checked<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        write!(
            stream,
            "{method} {uri} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
            self.address,
            form.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Storefront {
    fn drop(&mut self) {
        // Neither can fail in a way that matters here: it has ended, or it ends now.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder with the data of one test's shops, gone after it.
pub(crate) struct Data(PathBuf);

impl Data {
    /// The goods as a first start builds them. They are built once, and each test has a copy, since prices change.
    pub(crate) fn new() -> Checked<Self> {
        static BUILT: OnceLock<Result<Vec<u8>, String>> = OnceLock::new();
        let built = BUILT.get_or_init(|| build().map_err(|error| error.to_string()));
        let data = Self::empty()?;
        fs::write(data.0.join("shop.db"), built.as_ref().map_err(String::as_str)?)?;
        Ok(data)
    }

    fn empty() -> Checked<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("shops-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

fn build() -> Checked<Vec<u8>> {
    let data = Data::empty()?;
    let file = data.0.join("shop.db");
    drop(Storefront::open_at(&file, "memory://")?);
    Ok(fs::read(file)?)
}

impl Drop for Data {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

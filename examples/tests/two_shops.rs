//! Two storefronts over one file and one Redis: what is changed in one is seen in the other.

use std::error::Error;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};

use larder_kit::{Server, until};

type Checked<T = ()> = Result<T, Box<dyn Error>>;

/// A running shop, ended with the test by the number of its process.
struct Storefront {
    process: Child,
    address: String,
    _output: BufReader<process::ChildStdout>,
}

impl Storefront {
    /// Starts one on a free port, and returns when it is open.
    fn open(file: &Path, url: &str) -> Checked<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_storefront"))
            .env("PORT", "0")
            .env("STOREFRONT_DB", file)
            .env("LARDER_URL", url)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut output = BufReader::new(process.stdout.take().ok_or("the shop has a pipe")?);
        let mut shop = |line: &mut String| output.read_line(line);
        let address = loop {
            let mut line = String::new();
            if shop(&mut line)? == 0 {
                process.wait()?;
                return Err("the shop ended before it was open".into());
            }
            if let Some((_, address)) = line.split_once("The shop is open:   http://") {
                break address.trim().to_owned();
            }
        };
        Ok(Self { process, address, _output: output })
    }

    fn ask(&self, method: &str, uri: &str, form: &str) -> Checked<String> {
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

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_price_that_one_shop_changes_is_on_the_pages_of_the_other() -> Checked {
    let folder = Folder(std::env::temp_dir().join(format!("two-shops-{}", process::id())));
    let file = folder.0.join("shop.db");
    let redis = Server::plain();
    let url = format!("tiered+{}", redis.url());
    let one = Storefront::open(&file, &url)?;
    let other = Storefront::open(&file, &url)?;
    let pages = ["/product/1", "/search?q=assam"];
    for uri in pages {
        // Both have the old price in memory.
        for shop in [&one, &other] {
            let page = shop.ask("GET", uri, "")?;
            assert!(page.starts_with("HTTP/1.1 200") && !page.contains("£4,321.05"), "{uri}: {page}");
        }
    }
    let saved = one.ask("POST", "/product/1/price", "price=4321.05")?;
    assert!(saved.starts_with("HTTP/1.1 303"), "{saved}");
    for uri in pages {
        let page = one.ask("GET", uri, "")?;
        assert!(page.contains("£4,321.05"), "{uri}: {page}");
        until(format_args!("the new price on {uri} of the other shop"), || {
            other.ask("GET", uri, "").is_ok_and(|page| page.contains("£4,321.05"))
        });
    }
    Ok(())
}

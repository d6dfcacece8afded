//! The storefront: a web shop over a real `SQLite` file, and what `larder` does for it.
//!
//! ```text
//! cargo run --release --bin storefront
//! ```
//!
//! The first run builds the file. `PORT` changes the port, `STOREFRONT_DB` the file, `LARDER_URL` and the like the
//! cache (see `larder::Cache::from_env`).
//!
//! Read `catalog.rs` first: its functions are the shop's questions to the database.

// In the order of a request: what is asked,
mod settings;

mod pages;

mod shelf;

mod aside;

mod visitor;

mod stats;

mod measure;

mod latency;

mod failure;

// what the shop asks its database,
mod catalog;

mod reports;

mod search;

mod pricing;

mod db;

// and how the answer looks.
mod money;

mod period;

mod view;

// The goods.
mod seed;

#[rustfmt::skip]
mod stock;

#[cfg(test)]
mod tests;

use std::io::{self, ErrorKind, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use larder::Cache;
use tokio::net::TcpListener;

use crate::db::Db;
use crate::pages::Shop;
use crate::seed::{BuildError, Found, Scale};
use crate::settings::Settings;
use crate::view::View;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("storefront: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let settings = Settings::from_env()?;
    let view = View::new().map_err(|error| format!("{error:#}"))?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("can't start the runtime: {error}"))?;
    runtime.block_on(async {
        // First the port, which is quick to refuse; the file may take seconds.
        let listener = listen(settings.port).await?;
        // Without this the first question would set up the cache, and a mistake in its variables would turn it off.
        Cache::from_env().await.and_then(larder::install).map_err(|error| error.to_string())?;
        prepare(&settings.file)?;
        let db = Db::open(&settings.file).map_err(|error| unusable(&settings.file, &error.to_string()))?;
        welcome(&listener, &settings.file);
        axum::serve(listener, pages::router(Shop { db, view }))
            .with_graceful_shutdown(interrupted())
            .await
            .map_err(|error| format!("the server stopped: {error}"))?;
        // Answers that are being looked up for later have a moment to end.
        if let Err(error) = larder::cache().shutdown(Duration::from_secs(1)).await {
            eprintln!("storefront: {error}");
        }
        Ok(())
    })
}

async fn listen(port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!(
            "port {port} is taken by another program\n\
             help: choose another one: PORT={} cargo run --release --bin storefront",
            port.checked_add(1).unwrap_or(3000),
        ),
        ErrorKind::PermissionDenied => {
            format!(
                "port {port} is not ours to use\n\
                 help: choose one above 1023: PORT=3000 cargo run --release --bin storefront"
            )
        }
        _ => format!("can't listen on port {port}: {error}"),
    })
}

/// Builds the database unless it is there.
fn prepare(file: &Path) -> Result<(), String> {
    match seed::inspect(file).map_err(|error| unusable(file, &error.to_string()))? {
        Found::Ready => Ok(()),
        Found::Foreign => Err(unusable(file, "it is there, and it is not a storefront database")),
        Found::Nothing => {
            say(&format!("Building {} (once, a few seconds) ...", file.display()));
            let started = Instant::now();
            seed::build(file, Scale::FULL).map_err(|error: BuildError| unusable(file, &error.to_string()))?;
            say(&format!("Built in {:.1} s.", started.elapsed().as_secs_f64()));
            Ok(())
        }
    }
}

fn unusable(file: &Path, reason: &str) -> String {
    format!(
        "can't use {}: {reason}\n\
         help: name a file that can be written: STOREFRONT_DB=/tmp/storefront.db",
        file.display()
    )
}

fn welcome(listener: &TcpListener, file: &Path) {
    let address = listener.local_addr().map_or_else(|_| "127.0.0.1".to_owned(), |address| address.to_string());
    say(&format!(
        "
The shop is open:   http://{address}
Its data:           {file}

Try this, and watch the time at the foot of each page:
  http://{address}/search?q=smoked+paprika   a search through 24,000 products; then load it again
  http://{address}/shelf/tea                 a report on 400,000 order lines, kept as a whole page
  http://{address}/product/1                 a product; change its price, and see it at once
  http://{address}/stats                     what the cache did
  http://{address}/measure                   the same pages with and without it
Started with LARDER=off, the shop works as before, and takes its time.
Stop with Ctrl-C.",
        file = file.display(),
    ));
}

/// Like `println!`, which panics if nobody reads.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        eprintln!("storefront: can't wait for Ctrl-C: {error}");
        std::future::pending::<()>().await;
    }
}

//! What a stored response takes in memory, each way in a process of its own.

use std::env;
use std::process::Command;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use futures_lite::future::block_on;
use tower::Service;

use super::pages::{ALL, PEER, STORED};
use crate::memory::resident;
use crate::report::Section;

/// How many pages are stored.
const PAGES: usize = 5_000;

/// In a process of its own: stores pages, and prints how many bytes each takes, and how long it is.
pub(crate) fn child(name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _inside = runtime.enter();
    let way = ALL.iter().find(|way| way.name == name).expect("a way's name");
    let mut router = (way.router)();
    let mut ask = |id: usize| {
        let request = Request::get(format!("/page/{id}")).body(Body::empty()).expect("a request");
        let response = block_on(router.call(request)).unwrap_or_else(|never| match never {});
        block_on(to_bytes(response.into_body(), usize::MAX)).expect("the body ends").len()
    };
    // What the first request sets up is not the pages'.
    ask(PAGES);
    let before = resident();
    let bytes: usize = (0..PAGES).map(&mut ask).sum();
    if let Some((before, after)) = before.zip(resident()) {
        println!("{} {}", (after - before) * 1_024.0 / PAGES as f64, bytes as f64 / PAGES as f64);
    }
    let made = way.made.map_or(0, |made| made.load(std::sync::atomic::Ordering::Relaxed));
    (0..PAGES).for_each(|id| _ = ask(id));
    let again = way.made.map_or(0, |made| made.load(std::sync::atomic::Ordering::Relaxed));
    assert_eq!(made, again, "{name}: the pages did not stay");
}

/// Bytes that a page takes, and how many of these are its own.
fn bytes(name: &str) -> Option<(f64, f64)> {
    let output = Command::new(env::current_exe().ok()?).args(["responses-of", name]).output().ok()?;
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let (taken, own) = printed.split_once(' ')?;
    Some((taken.parse().ok()?, own.parse().ok()?))
}

pub(super) fn measure(section: &mut Section) {
    section.paragraph(&format!(
        "Bytes of resident memory per stored response, {PAGES} pages, each way in a process of its own; without the body is what header, key and the cache's \
         own add.",
    ));
    let ways = ["larder, value cached", STORED, "larder, `CacheLayer`", PEER];
    let rows: Vec<_> = ways
        .iter()
        .map(|name| {
            let found = bytes(name);
            (
                (*name).to_owned(),
                vec![found.map(|(taken, _)| taken), found.map(|(_, own)| own), found.map(|(taken, own)| taken - own)],
            )
        })
        .collect();
    section.table("bytes", &["per response", "its body", "without the body"].map(str::to_owned), &rows);
}

//! What the tests need: functions to be cached, caches that stand for processes, and patience.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use larder::testing::{scope, scope_blocking};
use larder::{Cache, Redis, cached};
use larder_kit::patience::{obtain, until};
use serde::{Deserialize, Serialize};

/// The source: what it gives changes with each write, and it counts who asks.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) value: AtomicU64,
    pub(crate) loads: AtomicU64,
}

impl Source {
    pub(crate) fn read(&self) -> u64 {
        self.loads.fetch_add(1, SeqCst);
        self.value.load(SeqCst)
    }

    pub(crate) fn write(&self) -> u64 {
        self.value.fetch_add(1, SeqCst) + 1
    }

    pub(crate) fn loads(&self) -> u64 {
        self.loads.load(SeqCst)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) value: u64,
}

#[cached(timeout = 600, key = "row:<name>", ignore(source), tags("name:<name>"))]
pub(crate) async fn row(name: &str, source: &Source) -> Result<Row, std::fmt::Error> {
    Ok(Row { name: name.to_owned(), value: source.read() })
}

#[cached(timeout = 600, key = "now:<name>", ignore(source))]
#[expect(clippy::unnecessary_wraps, reason = "what such functions look like is what is tested")]
pub(crate) fn now(name: &str, source: &Source) -> Option<u64> {
    Some(source.read())
}

#[cached(batch, timeout = 600, key = "many:<ids>", ignore(source))]
pub(crate) async fn many(ids: &[u64], source: &Source) -> HashMap<u64, u64> {
    ids.iter().map(|id| (*id, source.read() * 1_000 + id)).collect()
}

#[cached(codec = json, timeout = 600, key = "json:<name>")]
pub(crate) async fn json(name: &str) -> Row {
    Row { name: name.to_owned(), value: 7 }
}

/// What the row has, as one process sees it. Long enough for a busy machine, a call never takes longer than this beyond its load.
pub(crate) async fn read(cache: &Cache, name: &str, source: &Source) -> u64 {
    let begun = Instant::now();
    let row = scope(cache, row(name, source)).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "a call took {:?}", begun.elapsed());
    row.value
}

pub(crate) fn read_now(cache: &Cache, name: &str, source: &Source) -> u64 {
    let begun = Instant::now();
    let value = scope_blocking(cache, || now(name, source)).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "a call took {:?}", begun.elapsed());
    value
}

pub(crate) async fn invalidate(cache: &Cache, name: &str) -> Result<(), larder::Error> {
    scope(cache, async { row::entry(name).invalidate().await }).await
}

/// A process with memory in front of the server, and one without; both are connected.
pub(crate) fn processes(url: &str, namespace: &str) -> [Cache; 2] {
    let tiered = Cache::builder().namespace(namespace).shared(Redis::url(url).unwrap()).build_blocking().unwrap();
    let bare = Cache::builder().namespace(namespace).shared_only(Redis::url(url).unwrap()).build_blocking().unwrap();
    connected(&tiered);
    connected(&bare);
    [tiered, bare]
}

/// Waits until the server answers this process.
pub(crate) fn connected(cache: &Cache) {
    obtain("the server to answer", || cache.blocking().set("connected", &1_u64, Duration::from_secs(60)).ok());
}

/// Waits until memory is used: the server has vouched for it.
pub(crate) fn uses_memory(cache: &Cache) {
    let source = Source::default();
    until("memory to be used", || {
        futures_lite::future::block_on(read(cache, "vouched", &source));
        let before = cache.stats().hits;
        futures_lite::future::block_on(read(cache, "vouched", &source));
        cache.stats().hits > before
    });
}

//! Bodies of every shape on the side: they run with arguments of their own, when those of the call are gone.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::thread;

use larder::testing::{ManualClock, scope, scope_blocking};
use larder::{Cache, cached};

use crate::support::{Loads, secs, timed, until};

/// What is asked, and how often.
#[derive(Clone, Debug)]
struct Source {
    name: String,
    loads: Arc<Loads>,
}

impl Source {
    fn new() -> (Self, Arc<Loads>) {
        let loads = Arc::new(Loads::default());
        (Self { name: "s".to_owned(), loads: loads.clone() }, loads)
    }

    fn ask(&self, what: &str) -> String {
        format!("{}:{what}:{}", self.name, self.loads.next())
    }
}

/// An argument that is gone when the call has ended.
fn word() -> String {
    "w".to_owned()
}

/// An old value, whose refresh has ended: each call has arguments of its own.
async fn refreshed<T, F: Future<Output = T>>(cache: &Cache, clock: &ManualClock, call: impl Fn() -> F) -> [T; 3] {
    let stores = cache.stats().stores;
    let first = call().await;
    let loaded = cache.stats().stores - stores;
    clock.advance(secs(10));
    let old = call().await;
    until(|| cache.stats().stores == stores + 2 * loaded).await;
    [first, old, call().await]
}

fn refreshed_blocking<T>(cache: &Cache, clock: &ManualClock, call: impl Fn() -> T) -> [T; 3] {
    let stores = cache.stats().stores;
    let first = call();
    let loaded = cache.stats().stores - stores;
    clock.advance(secs(10));
    let old = call();
    while cache.stats().stores < stores + 2 * loaded {
        thread::yield_now();
    }
    [first, old, call()]
}

#[cached(timeout = 10, stale_while_revalidate = 20, key = "side.free:<id>:<word>:<a>:<b>", ignore(source, list))]
async fn free(source: &Source, mut id: u32, word: &str, (a, b): (u32, String), list: Vec<u8>) -> String {
    id += 1;
    source.ask(&format!("{id}{word}{a}{b}{}", list.len()))
}

#[cached(timeout = 10, early = 0.5, stale_while_revalidate = 20, key = "side.plain:<word>", ignore(source, _list))]
fn plain(source: &Source, word: &[u8], _list: &[u64]) -> String {
    source.ask(&word.len().to_string())
}

impl Source {
    #[cached(timeout = 10, stale_while_revalidate = 20, key = "side.inside:<self.name>:<id>:<word>")]
    async fn inside(&self, mut id: u32, word: &str) -> String {
        id += 1;
        let again = || self.ask(&format!("{id}{word}"));
        again()
    }

    #[cached(timeout = 10, stale_while_revalidate = 20, key = "side.named:<self.name>:<word>", entry = named_entry)]
    async fn named(&self, word: String) -> String {
        self.ask(&word)
    }

    #[cached(timeout = 10, stale_while_revalidate = 20, key = "side.blocking:<self.name>:<word>")]
    fn inside_blocking(&self, word: &str) -> String {
        if word.is_empty() {
            return String::new();
        }
        self.ask(word)
    }

    #[cached(batch, timeout = 10, stale_while_revalidate = 20, key = "side.rows_in:<self.name>:<ids>:<word>")]
    async fn rows_inside(&self, ids: Vec<u32>, word: &str) -> HashMap<u32, String> {
        let asked = self.ask(word);
        ids.into_iter().map(|id| (id, asked.clone())).collect()
    }
}

trait Ask {
    fn shared(self: Arc<Self>, word: &str) -> String;
}

impl Ask for Source {
    #[cached(timeout = 10, stale_while_revalidate = 20, key = "side.shared:<word>", ignore(self))]
    fn shared(self: Arc<Self>, word: &str) -> String {
        self.ask(word)
    }
}

#[cached(batch, timeout = 10, stale_while_revalidate = 20, key = "side.rows:<ids>:<word>", ignore(source), chunk = 2)]
async fn rows(source: &Source, ids: &[u32], word: &str) -> Result<BTreeMap<u32, String>, ()> {
    let asked = source.ask(&format!("{word}{}", ids.len()));
    Ok(ids.iter().map(|id| (*id, asked.clone())).collect())
}

#[cached(batch, timeout = 10, stale_while_revalidate = 20, key = "side.rows_b:<ids>", ignore(source))]
fn rows_blocking(ids: Vec<u32>, source: Source) -> HashMap<u32, String> {
    let asked = source.ask("r");
    ids.iter().map(|id| (*id, asked.clone())).collect()
}

#[tokio::test]
async fn of_async_functions_and_methods() {
    let (cache, clock) = timed();
    scope(&cache, async {
        let (source, _loads) = Source::new();
        let call = async || free(&source.clone(), 1, &word(), (2, "b".to_owned()), vec![0; 3]).await;
        assert_eq!(refreshed(&cache, &clock, call).await, ["s:2w2b3:1", "s:2w2b3:1", "s:2w2b3:2"]);

        let (source, _loads) = Source::new();
        let call = async || source.clone().inside(1, &word()).await;
        assert_eq!(refreshed(&cache, &clock, call).await, ["s:2w:1", "s:2w:1", "s:2w:2"]);

        let (source, _loads) = Source::new();
        let call = async || source.clone().named(word()).await;
        assert_eq!(refreshed(&cache, &clock, call).await, ["s:w:1", "s:w:1", "s:w:2"]);
        assert_eq!(source.named_entry(word()).get().await.as_deref(), Some("s:w:2"));
    })
    .await;
}

#[test]
fn of_ordinary_functions_and_methods() {
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        let (source, _loads) = Source::new();
        let call = || plain(&source.clone(), &word().into_bytes(), &[]);
        assert_eq!(refreshed_blocking(&cache, &clock, call), ["s:1:1", "s:1:1", "s:1:2"]);

        let (source, _loads) = Source::new();
        let call = || source.clone().inside_blocking(&word());
        assert_eq!(refreshed_blocking(&cache, &clock, call), ["s:w:1", "s:w:1", "s:w:2"]);

        let (source, _loads) = Source::new();
        let call = || Arc::new(source.clone()).shared(&word());
        assert_eq!(refreshed_blocking(&cache, &clock, call), ["s:w:1", "s:w:1", "s:w:2"]);
    });
}

#[tokio::test]
async fn of_async_batches() {
    let (cache, clock) = timed();
    scope(&cache, async {
        let (source, loads) = Source::new();
        let call = async || rows(&source.clone(), &Vec::from([1, 2, 3]), &word()).await.unwrap().len();
        assert_eq!((refreshed(&cache, &clock, call).await, loads.so_far()), ([3, 3, 3], 4));
        assert_eq!(rows::one(&source, 1, "w").await.unwrap().as_deref(), Some("s:w2:3"));

        let (source, _loads) = Source::new();
        let call = async || source.clone().rows_inside(vec![1], &word()).await[&1].clone();
        assert_eq!(refreshed(&cache, &clock, call).await, ["s:w:1", "s:w:1", "s:w:2"]);
    })
    .await;
}

#[test]
fn of_ordinary_batches() {
    let (cache, clock) = timed();
    scope_blocking(&cache, || {
        let (source, _loads) = Source::new();
        let call = || rows_blocking(vec![1, 2], source.clone())[&1].clone();
        assert_eq!(refreshed_blocking(&cache, &clock, call), ["s:r:1", "s:r:1", "s:r:2"]);
    });
}

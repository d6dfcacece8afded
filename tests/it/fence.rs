//! An invalidated value does not come back: whatever overtakes a load keeps its result out of the cache, and nobody who
//! asks afterwards is given it.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use larder::testing::scope;
use larder::{Cache, cached};

use crate::support::{Call, Gate, at_once, cache, secs};

/// What the function reads, and where it waits after reading.
pub(crate) struct Source {
    pub(crate) value: AtomicU32,
    pub(crate) gate: Gate,
}

impl Source {
    pub(crate) fn new() -> Self {
        Self { value: AtomicU32::new(1), gate: Gate::new() }
    }

    pub(crate) fn write(&self, value: u32) {
        self.value.store(value, SeqCst);
    }
}

#[cached(timeout = 60, key = "fence.read:<name>", ignore(source))]
pub(crate) async fn read(name: &str, source: &Source) -> u32 {
    let value = source.value.load(SeqCst);
    source.gate.pass().await;
    value
}

/// A load reads 1 and is overtaken by a write of 2 and `by`. Then: who asks before it ends is not given 1, and 1 is not
/// stored.
async fn overtaken(cache: &Cache, name: &str, by: impl AsyncFnOnce(&Source)) {
    let source = Source::new();
    let call = || scope(cache, read(name, &source));
    let mut load = Call::begin(call());
    let mut joined = Call::begin(call());

    source.write(2);
    by(&source).await;
    let mut late = Call::new(call());
    let at_once = late.step();

    source.gate.open();
    assert_eq!(load.step(), Some(1), "it was asked before the write");
    assert_eq!(joined.step(), Some(1), "so was this one");
    let late = at_once.unwrap_or_else(|| late.step().expect("it waits for the old load"));
    assert_eq!(late, 2, "who asks after it");
    assert_eq!(Call::new(call()).end(), 2, "what is stored");
    assert_eq!(cache.stats().fenced, 1);
}

#[tokio::test]
async fn a_load_overtaken_by_invalidate() {
    let cache = cache();
    overtaken(&cache, "invalidate", async |_| {
        scope(&cache, async { read::entry("invalidate").invalidate().await.unwrap() }).await;
    })
    .await;
}

#[tokio::test]
async fn a_load_overtaken_by_put() {
    let cache = cache();
    overtaken(&cache, "put", async |_| {
        scope(&cache, async { read::entry("put").put(2).await.unwrap() }).await;
    })
    .await;
}

#[tokio::test]
async fn a_load_overtaken_by_expire() {
    let cache = cache();
    overtaken(&cache, "expire", async |_| {
        scope(&cache, async { read::entry("expire").expire().await.unwrap() }).await;
    })
    .await;
}

#[tokio::test]
async fn a_load_overtaken_by_bump() {
    let cache = cache();
    overtaken(&cache, "bump", async |_| scope(&cache, async { read::all().bump().await.unwrap() }).await).await;
}

#[tokio::test]
async fn a_load_overtaken_by_clear() {
    let cache = cache();
    overtaken(&cache, "clear", async |_| cache.clear().await.unwrap()).await;
}

#[tokio::test]
async fn a_load_overtaken_by_delete() {
    let cache = cache();
    overtaken(&cache, "delete", async |_| {
        assert!(!cache.delete("fence.read:delete").await.unwrap(), "there is nothing yet");
    })
    .await;
}

#[tokio::test]
async fn a_load_overtaken_by_delete_many() {
    let cache = cache();
    overtaken(&cache, "delete_many", async |_| {
        cache.delete_many(&["fence.other", "fence.read:delete_many"]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_load_overtaken_by_set() {
    let cache = cache();
    overtaken(&cache, "set", async |_| cache.set("fence.read:set", &2_u32, secs(60)).await.unwrap()).await;
}

#[tokio::test]
async fn a_load_overtaken_by_set_many() {
    let cache = cache();
    overtaken(&cache, "set_many", async |_| cache.set_many(&[("fence.read:set_many", 2_u32)], secs(60)).await.unwrap())
        .await;
}

#[tokio::test]
async fn a_load_overtaken_by_add() {
    let cache = cache();
    overtaken(&cache, "add", async |_| {
        assert!(cache.add("fence.read:add", &2_u32, secs(60)).await.unwrap());
    })
    .await;
}

#[test]
fn what_is_put_is_not_lost_to_a_load_of_another_entry() {
    let (cache, source) = (cache(), Source::new());
    let load = Call::begin(scope(&cache, read("one", &source)));
    at_once(scope(&cache, async { read::entry("another").put(7).await.unwrap() }));
    source.gate.open();
    assert_eq!(load.end(), 1);
    assert_eq!(cache.stats().fenced, 0, "invalidation is for its entry alone");
    assert_eq!(at_once(scope(&cache, async { read::entry("one").get().await })), Some(1));
    assert_eq!(at_once(scope(&cache, async { read::entry("another").get().await })), Some(7));
}

#[test]
fn who_comes_after_the_invalidation_shares_a_new_load() {
    let (cache, source) = (cache(), Source::new());
    let call = || Call::begin(scope(&cache, read("late", &source)));
    let old = call();
    at_once(cache.delete("fence.read:late")).unwrap();
    let late = [call(), call(), call()];
    assert_eq!(cache.stats().loads, 2);
    source.gate.open();
    assert_eq!(old.end(), 1);
    assert!(late.into_iter().all(|call| call.end() == 1));
    assert_eq!(cache.stats().loads, 2);
}

#[test]
fn a_waiter_that_takes_over_after_an_invalidation_reads_anew() {
    let (cache, source) = (cache(), Source::new());
    let call = || Call::begin(scope(&cache, read("take over", &source)));
    let (leader, mut waiter) = (call(), call());
    source.write(2);
    at_once(cache.delete("fence.read:take%20over")).unwrap();
    drop(leader);
    assert_eq!(waiter.step(), None);
    source.gate.open();
    assert_eq!(waiter.end(), 2);
    assert_eq!(call_again(&cache, &source), 2);
}

fn call_again(cache: &Cache, source: &Source) -> u32 {
    at_once(scope(cache, read("take over", source)))
}

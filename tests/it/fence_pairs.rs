//! Each kind of load against each operation that makes it untrue: what was read before the operation is not stored after
//! it, and nobody who asks after it is given it.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

use larder::testing::{ManualClock, scope};
use larder::{Cache, cached};

use crate::support::{Call, Gate, Side, at_once, secs};

/// What the functions read. While it is gated, loaders wait after reading.
struct Source {
    value: AtomicU32,
    gated: AtomicBool,
    gate: Gate,
}

impl Source {
    async fn read(&self) -> u32 {
        let value = self.value.load(SeqCst);
        if self.gated.load(SeqCst) {
            self.gate.pass().await;
        }
        value
    }
}

#[cached(timeout = 10, key = "pairs.plain:<id>", tags("pairs"), ignore(source))]
async fn plain(id: u32, source: &'static Source) -> u32 {
    source.read().await
}

#[cached(timeout = 10, stale_while_revalidate = 20, key = "pairs.swr:<id>", tags("pairs"), ignore(source))]
async fn while_revalidate(id: u32, source: &'static Source) -> u32 {
    source.read().await
}

#[cached(timeout = 10, early = 0.5, key = "pairs.early:<id>", tags("pairs"), ignore(source))]
async fn early(id: u32, source: &'static Source) -> u32 {
    source.read().await
}

#[cached(
    timeout = 10,
    stale_while_revalidate = 20,
    soft_timeout = 5,
    key = "pairs.soft:<id>",
    tags("pairs"),
    ignore(source)
)]
async fn soft(id: u32, source: &'static Source) -> u32 {
    source.read().await
}

#[cached(batch, timeout = 10, key = "pairs.rows:<ids>", tags("pairs"), ignore(source))]
async fn rows(ids: &[u32], source: &'static Source) -> HashMap<u32, u32> {
    let value = source.read().await;
    ids.iter().map(|id| (*id, value)).collect()
}

type Future<T> = Pin<Box<dyn std::future::Future<Output = T>>>;

/// One function, whatever its types.
#[derive(Clone, Copy)]
struct Function {
    key: &'static str,
    call: fn(&'static Source) -> Future<u32>,
    refresh: fn(&'static Source) -> Future<u32>,
    invalidate: fn() -> Future<()>,
    expire: fn() -> Future<()>,
    put: fn(u32) -> Future<()>,
    bump: fn() -> Future<()>,
    /// Old values can be answers.
    stale: bool,
}

macro_rules! function {
    ($name:ident, $key:literal, stale $stale:literal, $source:ident => $call:expr, $refresh:expr) => {
        Function {
            key: $key,
            call: |$source| Box::pin(async move { $call }),
            refresh: |$source| Box::pin(async move { $refresh }),
            invalidate: || Box::pin(async { $name::entry(1).invalidate().await.unwrap() }),
            expire: || Box::pin(async { $name::entry(1).expire().await.unwrap() }),
            put: |value| Box::pin(async move { $name::entry(1).put(value).await.unwrap() }),
            bump: || Box::pin(async { $name::all().bump().await.unwrap() }),
            stale: $stale,
        }
    };
}

/// How a load is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Load {
    Alone,
    Coalesced,
    Forced,
    /// On the side, of an entry of this age.
    Aside(u64),
    /// On the side, and the caller waits for it.
    Awaited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Invalidate,
    Put,
    Expire,
    Delete,
    Set,
    Bump,
    Clear,
    Tag,
    Refresh,
}

impl Operation {
    const ALL: [Self; 9] = [
        Self::Invalidate,
        Self::Put,
        Self::Expire,
        Self::Delete,
        Self::Set,
        Self::Bump,
        Self::Clear,
        Self::Tag,
        Self::Refresh,
    ];

    async fn run(self, cache: &Cache, function: Function, source: &'static Source) {
        match self {
            Self::Invalidate => (function.invalidate)().await,
            Self::Put => (function.put)(2).await,
            Self::Expire => (function.expire)().await,
            Self::Delete => _ = cache.delete(function.key).await.unwrap(),
            Self::Set => cache.set(function.key, &2_u32, secs(10)).await.unwrap(),
            Self::Bump => (function.bump)().await,
            Self::Clear => cache.clear().await.unwrap(),
            Self::Tag => cache.tag("pairs").invalidate().await.unwrap(),
            Self::Refresh => assert_eq!((function.refresh)(source).await, 2),
        }
    }
}

/// Loads on their way that have read 1.
fn begin<'a>(
    load: Load,
    function: Function,
    (cache, clock, side): (&'a Cache, &ManualClock, &Side),
    source: &'static Source,
) -> Vec<Call<'a, u32>> {
    let call = || scope(cache, (function.call)(source));
    if matches!(load, Load::Forced | Load::Aside(_) | Load::Awaited) {
        source.gate.let_one_through();
        assert_eq!(at_once(call()), 1);
    }
    match load {
        Load::Alone => vec![Call::begin(call())],
        Load::Coalesced => vec![Call::begin(call()), Call::begin(call())],
        Load::Forced => vec![Call::begin(scope(cache, (function.refresh)(source)))],
        Load::Aside(age) => {
            clock.advance(secs(age));
            assert_eq!(at_once(call()), 1);
            side.run();
            Vec::new()
        }
        Load::Awaited => {
            clock.advance(secs(10));
            let call = Call::begin(call());
            side.run();
            vec![call]
        }
    }
}

fn pair(load: Load, function: Function, operation: Operation) {
    let what = format!("{load:?} of {} against {operation:?}", function.key);
    let source: &'static Source =
        Box::leak(Box::new(Source { value: AtomicU32::new(1), gated: AtomicBool::new(true), gate: Gate::new() }));
    let side = Side::default();
    let (cache, clock) = side.timed();
    let call = || scope(&cache, (function.call)(source));
    let loads = begin(load, function, (&cache, &clock, &side), source);

    source.value.store(2, SeqCst);
    source.gated.store(false, SeqCst);
    at_once(scope(&cache, operation.run(&cache, function, source)));

    // Who asks now, while the old load is still on its way.
    let mut late = Call::new(call());
    let answer = late.step().unwrap_or_else(|| {
        side.run();
        late.step().unwrap_or_else(|| panic!("{what}: it waits for the old load"))
    });
    let may_be_old = operation == Operation::Expire && function.stale && load != Load::Alone && load != Load::Coalesced;
    assert!(answer == 2 || (may_be_old && answer == 1), "{what}: {answer} afterwards");
    assert!(answer == 2 || cache.stats().stale_hits > 0, "{what}: as if it were fresh");

    // The old load ends.
    source.gate.open();
    side.run();
    for load in loads {
        assert!([1, 2].contains(&load.end()), "{what}");
    }
    side.run();
    assert_eq!(side.waiting(), 0, "{what}: something is left on the side");
    assert_eq!(at_once(call()), 2, "{what}: what is stored");
    let fenced = cache.stats().fenced;
    assert!(fenced >= 1, "{what}: the store of the old load was not refused");

    // Nothing is left that could hold up later loads.
    source.value.store(3, SeqCst);
    clock.advance(secs(1_000));
    assert_eq!(at_once(call()), 3, "{what}: later");
    at_once(cache.shutdown(secs(0))).unwrap();
}

#[test]
fn every_load_against_every_operation() {
    let plain = function!(plain, "pairs.plain:1", stale false, source => plain(1, source).await, plain::refresh(1, source).await);
    let swr = function!(while_revalidate, "pairs.swr:1", stale true, source => while_revalidate(1, source).await,
        while_revalidate::refresh(1, source).await);
    let early = function!(early, "pairs.early:1", stale false, source => early(1, source).await, early::refresh(1, source).await);
    let soft =
        function!(soft, "pairs.soft:1", stale true, source => soft(1, source).await, soft::refresh(1, source).await);
    let rows = function!(rows, "pairs.rows:1", stale false, source => rows(&[1], source).await[&1],
        rows::refresh(&[1], source).await[&1]);
    for operation in Operation::ALL {
        for function in [plain, swr, early, soft, rows] {
            for load in [Load::Alone, Load::Coalesced, Load::Forced] {
                pair(load, function, operation);
            }
        }
        pair(Load::Aside(10), swr, operation);
        pair(Load::Aside(7), early, operation);
        pair(Load::Awaited, soft, operation);
    }
}

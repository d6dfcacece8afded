//! A hit allocates nothing but what cloning the value does. In a binary of its own, for the allocator that counts.

#![expect(unused_variables, clippy::unnecessary_wraps, clippy::unused_async, reason = "it is their hits that count")]

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use larder::http::CacheLayer;
use larder::{Cache, cached};
use tower::ServiceExt;

#[cached(timeout = 60, key = "alloc.copy:<id>")]
fn copy(id: u64) -> u64 {
    id
}

#[cached(timeout = 60, key = "alloc.shared:<id>")]
fn shared(id: u64) -> Arc<Vec<u64>> {
    Arc::new(vec![id])
}

#[cached(timeout = 60, key = "alloc.text:<name>/<part>")]
fn text(name: &str, part: Option<&str>) -> Result<Arc<str>, std::io::Error> {
    Ok(Arc::from(name))
}

#[cached(timeout = never)]
fn all_arguments(id: u64, name: &str, list: &[u8], pair: (u8, char)) -> Option<u64> {
    Some(id)
}

#[cached(key = "alloc.later:<id>")]
async fn later(id: u64) -> u64 {
    id
}

#[cached(key = "alloc.later_text:<name>", revision = revision, ignore(revision))]
async fn later_text(name: &str, revision: u64) -> Result<Option<Arc<str>>, String> {
    Ok(Some(Arc::from(name)))
}

#[cached(key = "alloc.none:<id>", cache_none)]
fn none(id: u64) -> Option<String> {
    None
}

#[cached(key = "alloc.string:<id>")]
fn string(id: u64) -> String {
    format!("a value on the heap, number {id}")
}

#[cached(key = "alloc.tagged:<id>", tags("alloc", "alloc:<id>"))]
fn tagged(id: u64) -> u64 {
    id
}

struct Service {
    cache: Cache,
}

impl Service {
    #[cached(key = "alloc.method:<id>", cache = self.cache, ignore(self))]
    async fn method(&self, id: u64) -> u64 {
        id
    }
}

/// The outcome of a hit: it never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a hit waits for nothing"),
    }
}

const CALLS: u64 = 1_000;

/// Allocations of a thousand hits.
fn of_hits<T>(mut call: impl FnMut() -> T) -> u64 {
    // What a thread has to set up, and what misses have paid for, is over after these.
    for _ in 0..CALLS {
        call();
    }
    measure(|| (0..CALLS).for_each(|_| drop(call()))).count_total
}

#[test]
fn a_hit_allocates_nothing() {
    assert_eq!(of_hits(|| copy(1)), 0, "a copied value");
    assert_eq!(of_hits(|| shared(1)), 0, "a shared value");
    assert_eq!(of_hits(|| text("name", Some("part")).unwrap()), 0, "text in the key");
    assert_eq!(of_hits(|| text("a:b/c d", None).unwrap()), 0, "text that is escaped");
    assert_eq!(of_hits(|| all_arguments(1, "name", &[1, 2, 3], (1, 'x'))), 0, "a key of all arguments");
    assert_eq!(of_hits(|| none(1)), 0, "nothing found");
    assert_eq!(of_hits(|| tagged(1)), 0, "an entry with tags");
}

#[test]
fn an_async_hit_allocates_nothing() {
    assert_eq!(of_hits(|| now(later(1))), 0, "a copied value");
    assert_eq!(of_hits(|| now(later_text("name", 5)).unwrap()), 0, "a shared value, with a revision");
    let service = Service { cache: Cache::builder().build_blocking().unwrap() };
    assert_eq!(of_hits(|| now(service.method(1))), 0, "a method with its own cache");
}

#[cached(axum, key = "alloc.page:<length>")]
async fn page(Path(length): Path<usize>) -> String {
    "x".repeat(length)
}

/// Allocations of a thousand responses, and how many bytes they have.
fn of_responses(router: &Router, uri: &str, known: Option<&str>) -> (u64, u64) {
    let ask = || {
        let mut request = Request::get(uri);
        if let Some(known) = known {
            request = request.header("if-none-match", known);
        }
        now(router.clone().oneshot(request.body(Body::empty()).unwrap())).unwrap()
    };
    let expected = if known.is_some() { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    assert_eq!(ask().status(), expected, "{uri}");
    (0..CALLS).for_each(|_| drop(ask()));
    let info = measure(|| (0..CALLS).for_each(|_| drop(ask())));
    (info.count_total, info.bytes_total)
}

/// What is stored is shared, whatever its length: what a response allocates is its own header, and what carries it.
#[test]
fn a_stored_response_is_not_copied() {
    let handler = Router::new().route("/page/{length}", get(page));
    let layer = Router::new()
        .route("/page/{length}", get(async |Path(length): Path<usize>| "x".repeat(length)))
        .route_layer(CacheLayer::timeout(60).cache(&Cache::builder().build_blocking().unwrap()));
    for router in [handler, layer] {
        let (count, bytes) = of_responses(&router, "/page/100000", None);
        assert_eq!(of_responses(&router, "/page/900000", None), (count, bytes));
        assert!(bytes < CALLS * 16_384, "{} bytes for each response", bytes / CALLS);
        let (_, bytes) = of_responses(&router, "/page/100000", Some("*"));
        assert!(bytes < CALLS * 16_384, "{} bytes for each 304", bytes / CALLS);
    }
}

#[test]
fn a_hit_in_a_scope_allocates_nothing() {
    let cache = Cache::builder().build_blocking().unwrap();
    larder::testing::scope_blocking(&cache, || assert_eq!(of_hits(|| copy(2)), 0));
}

#[test]
fn a_value_on_the_heap_is_cloned_once() {
    assert_eq!(of_hits(|| string(1)), CALLS);
}

#[test]
fn a_bypassed_call_allocates_nothing() {
    #[cached(key = "alloc.unless:<id>", unless = true)]
    fn f(id: u64) -> u64 {
        id
    }
    assert_eq!(of_hits(|| f(1)), 0);
}

/// Bytes that are still there after a run over ten times as many numbers as a first one, which has grown what grows.
fn left_of_many(first: u64, run: impl Fn(u64)) -> i64 {
    (0..first).for_each(&run);
    measure(|| (first..first * 10).for_each(&run)).bytes_current
}

/// Ten tags of this number alone.
fn ten_tags(number: u64) -> Vec<String> {
    (0..10).map(|tag| format!("alloc.tag:{number}:{tag}")).collect()
}

#[test]
fn a_million_tags_come_and_go() {
    const FEW: i64 = 1_000_000;

    let week = std::time::Duration::from_secs(7 * 24 * 3600);
    let cache = Cache::builder().capacity(100).build_blocking().unwrap();
    let blocking = cache.blocking();
    let set = |key: &str, number| {
        let tags = ten_tags(number);
        let tags: Vec<_> = tags.iter().map(String::as_str).collect();
        blocking.tagged(&tags).set(key, &number, week).unwrap();
    };
    let left = left_of_many(10_000, |number| set(&format!("alloc.key:{number}"), number));
    assert!(left < FEW, "entries that make room for others: {left}");
    let left = left_of_many(1_000, |number| set("alloc.key", number));
    assert!(left < FEW, "an entry that is overwritten: {left}");
    let left = left_of_many(1_000, |number| blocking.tag(&number.to_string()).invalidate().unwrap());
    assert_eq!(left, 0, "tags that nothing has");
}

#[test]
fn an_invalidation_of_a_tag_allocates_nothing_for_its_entries() {
    for entries in [100, 10_000] {
        let cache = Cache::builder().capacity(20_000).build_blocking().unwrap();
        let blocking = cache.blocking();
        let tagged = blocking.tagged(&["alloc"]);
        for number in 0..entries {
            tagged.set(&format!("alloc.key:{number}"), &number, std::time::Duration::MAX).unwrap();
        }
        let tag = blocking.tag("alloc");
        assert_eq!(measure(|| tag.invalidate().unwrap()).count_total, 0);
        assert_eq!(blocking.get::<u64>("alloc.key:7"), None);
    }
}

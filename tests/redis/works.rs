//! Two processes and one server: what one has loaded the other finds, and what one invalidates the other forgets.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use larder::testing::{scope, scope_blocking};
use larder::{Cache, cached, invalidates, tag};
use larder_kit::patience::until;
use larder_kit::{Options, Server};

use crate::support::{Source, invalidate, json, many, processes, read, read_now, row, uses_memory};

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(Options::new()));

/// A number is seen by a process: at once where every hit comes from the server, when the message arrives where memory is in front.
fn sees(cache: &Cache, name: &str, source: &Source, value: u64) {
    until(format!("{value} to be seen"), || futures_lite::future::block_on(read(cache, name, source)) == value);
}

#[tokio::test]
async fn one_loads_for_all() {
    let [tiered, bare] = processes(&SERVER.url(), "works-share");
    let source = Source::default();
    for _ in 0..3 {
        for cache in [&tiered, &bare] {
            assert_eq!(read(cache, "a", &source).await, 0);
            assert_eq!(read_now(cache, "a", &source), 0);
        }
    }
    assert_eq!(source.loads(), 2, "one for each function");
    assert_eq!(bare.get::<u64>("now:a").await, Some(0));
    assert!(tiered.contains("row:a").await);
}

#[tokio::test]
async fn each_way_to_invalidate_is_for_all() {
    let [tiered, bare] = processes(&SERVER.url(), "works-invalidate");
    uses_memory(&tiered);
    let source = Source::default();
    for by in [&tiered, &bare] {
        for way in 0..6 {
            for cache in [&tiered, &bare] {
                read(cache, "b", &source).await;
            }
            let value = source.write();
            scope(by, async {
                match way {
                    0 => row::entry("b").invalidate().await,
                    1 => row::all().bump().await,
                    2 => tag!("name:b", cache = by).invalidate().await,
                    3 => by.clear().await,
                    4 => by.delete("row:b").await.map(drop),
                    _ => rename("b").await.map(drop),
                }
            })
            .await
            .unwrap();
            assert_eq!(read(by, "b", &source).await, value, "way {way}: the same process");
            assert_eq!(read(&bare, "b", &source).await, value, "way {way}: without memory");
            sees(&tiered, "b", &source, value);
        }
    }
}

#[invalidates(row::entry(name), on_error = return)]
async fn rename(name: &str) -> Result<(), larder::Error> {
    Ok(())
}

#[tokio::test]
async fn a_value_put_by_one_is_that_of_all() {
    let [tiered, bare] = processes(&SERVER.url(), "works-put");
    let source = Source::default();
    for cache in [&tiered, &bare] {
        read_now(cache, "c", &source);
    }
    tiered.set("now:c", &77_u64, Duration::from_secs(60)).await.unwrap();
    assert_eq!((read_now(&tiered, "c", &source), read_now(&bare, "c", &source)), (77, 77));
    bare.set("now:c", &78_u64, Duration::from_secs(60)).await.unwrap();
    assert_eq!(read_now(&bare, "c", &source), 78);
    until("the message to arrive", || read_now(&tiered, "c", &source) == 78);
}

#[tokio::test]
async fn numbers_are_exact() {
    let caches = processes(&SERVER.url(), "works-numbers");
    std::thread::scope(|threads| {
        for cache in caches.iter().chain(&caches) {
            threads.spawn(|| (0..50).for_each(|_| _ = cache.blocking().increment("count", 1).unwrap()));
        }
    });
    assert_eq!(caches[0].increment("count", 0).await.unwrap(), 200);
    assert_eq!(caches[1].increment("count", i64::MAX - 200).await.unwrap(), i64::MAX);
    assert!(caches[0].increment("count", 1).await.is_err(), "there is no greater number");
    let added: Vec<bool> = std::thread::scope(|threads| {
        let adds: Vec<_> = caches
            .iter()
            .chain(&caches)
            .map(|cache| threads.spawn(|| cache.blocking().add("lock", &1_u64, Duration::from_secs(60)).unwrap()))
            .collect();
        adds.into_iter().map(|add| add.join().unwrap()).collect()
    });
    assert_eq!(added.iter().filter(|added| **added).count(), 1);
}

/// Commands of one test alone need a server of its own.
#[tokio::test]
async fn round_trips_are_counted() {
    let server = Server::start(Options::new());
    let [_, bare] = processes(&server.url(), "works-count");
    let source = Source::default();
    let calls = |names: &[&str]| names.iter().map(|name| server.calls(name)).sum::<u64>();
    let requests = || server.info("total_reads_processed").parse::<u64>().unwrap();
    let scripts = ["eval", "evalsha"];
    // A script that the server has not seen is sent twice.
    read(&bare, "warm", &source).await;
    invalidate(&bare, "warm").await.unwrap();
    bare.clear().await.unwrap();
    server.reset_stats();
    assert_eq!(read(&bare, "d", &source).await, 0);
    assert_eq!(calls(&scripts), 3, "lease and generations, in one pipeline; fill");
    server.reset_stats();
    let before = requests();
    for _ in 0..50 {
        read(&bare, "d", &source).await;
    }
    let (hits, others) = (calls(&["getrange"]), calls(&["get", "mget", "pttl", "strlen"]) + calls(&scripts));
    assert_eq!(
        (hits, others),
        (50 * 4, 0),
        "the value, and the generations of everything, of the function and of the tag"
    );
    // A connection is now and then asked whether it is still there.
    assert!((50..75).contains(&(requests() - before)), "in one round trip");
    server.reset_stats();
    invalidate(&bare, "d").await.unwrap();
    assert_eq!(calls(&scripts), 1);
    let ids: Vec<u64> = (0..100).collect();
    scope(&bare, many(&ids, &source)).await;
    server.reset_stats();
    assert_eq!(scope(&bare, many(&ids, &source)).await.len(), 100);
    assert_eq!((calls(&["getrange"]), calls(&scripts)), (102, 0), "a batch that is there");
    server.reset_stats();
    bare.clear().await.unwrap();
    let forbidden = calls(&["flushall", "flushdb", "keys", "scan"]);
    assert_eq!((calls(&scripts), forbidden), (1, 0));
    assert!(server.cli(&["DBSIZE"]).contains("10"), "what is cleared is still there: {}", server.cli(&["DBSIZE"]));
    assert!(bare.purge().await.unwrap() > 100);
    assert_eq!(server.cli(&["DBSIZE"]), "0");
}

#[tokio::test]
async fn json_can_be_read_by_people() {
    let [_, bare] = processes(&SERVER.url(), "works-json");
    scope(&bare, json("x")).await;
    let text = SERVER.cli(&["GET", "works-json:v0:{json:x}"]);
    assert!(text.contains("{\"name\":\"x\",\"value\":7}"), "{text}");
}

#[tokio::test]
async fn namespaces_and_versions_are_apart() {
    #[cached(timeout = 600, version = 2, key = "works.versioned:<name>", ignore(source))]
    async fn versioned(name: &str, source: &Source) -> u64 {
        source.read()
    }
    #[cached(timeout = 600, revision = revision, key = "works.revised:<name>", ignore(revision, source))]
    async fn revised(name: &str, revision: u32, source: &Source) -> u64 {
        source.read()
    }
    let source = Source::default();
    for namespace in ["works-one", "works-two"] {
        let [tiered, bare] = processes(&SERVER.url(), namespace);
        for cache in [&tiered, &bare] {
            scope(cache, versioned("e", &source)).await;
            scope(cache, revised("e", 1, &source)).await;
        }
        assert_eq!(scope(&tiered, revised("e", 2, &source)).await, 0);
    }
    assert_eq!(source.loads(), 6, "two, and another revision, in each");
    assert_eq!(SERVER.cli(&["EXISTS", "works-one:v0.2:{works.versioned:e}", "works-one:v0:{works.revised:e}"]), "2");
}

/// Old values, one refresh for all processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_value_answers_while_one_process_refreshes() {
    static LOADS: AtomicU64 = AtomicU64::new(0);
    #[cached(timeout = "50ms", stale_while_revalidate = "10m", jitter = 0, key = "works.stale:<name>")]
    async fn stale(name: &str) -> u64 {
        LOADS.fetch_add(1, SeqCst)
    }
    let [tiered, bare] = processes(&SERVER.url(), "works-stale");
    assert_eq!(scope(&bare, stale("f")).await, 0);
    for cache in [&tiered, &bare] {
        until("a new value", || futures_lite::future::block_on(scope(cache, stale("f"))) > 0);
    }
    assert!(tiered.stats().stale_hits + bare.stats().stale_hits > 0);
}

static WORN: Source = Source { value: AtomicU64::new(0), loads: AtomicU64::new(0) };
/// Who refreshes waits for it.
static REFRESHES: Mutex<()> = Mutex::new(());

#[cached(timeout = 600, stale_while_revalidate = 600, key = "worn:<name>")]
fn worn(name: &str) -> u64 {
    let value = WORN.read();
    drop(REFRESHES.lock().unwrap());
    value
}

#[test]
fn one_refreshes_for_all() {
    let [tiered, bare] = processes(&SERVER.url(), "works-worn");
    let [other_tiered, other_bare] = processes(&SERVER.url(), "works-worn");
    let caches = [tiered, bare, other_tiered, other_bare];
    let read = |cache: &Cache| scope_blocking(cache, || worn("w"));
    assert!(caches.iter().all(|cache| read(cache) == 0));
    assert_eq!(WORN.loads(), 1);
    for by in &caches {
        let (loads, old) = (WORN.loads(), WORN.value.load(SeqCst));
        let value = WORN.write();
        let gate = REFRESHES.lock().unwrap();
        scope_blocking(by, || worn::entry("w").expire()).unwrap();
        assert_eq!(read(by), old, "it is old");
        until("the refresh", || WORN.loads() == loads + 1);
        for _ in 0..3 {
            assert!(caches.iter().all(|cache| read(cache) == old), "nobody waits");
        }
        assert_eq!(WORN.loads(), loads + 1, "one refreshes");
        drop(gate);
        for cache in &caches {
            until("the new value", || read(cache) == value);
        }
        assert_eq!(WORN.loads(), loads + 1, "one has refreshed for all");
    }
}

//! The process that has a lease dies while it loads: another loads in its place, when the lease is over and no sooner.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use larder::{Cache, Redis, cached};
use larder_kit::processes::{order, report, role};
use larder_kit::{Process, Server, clock};

const LEASE: Duration = Duration::from_secs(2);

/// How late a busy machine may be.
const LATE: Duration = Duration::from_secs(4);

#[cached(cache = cache, timeout = 3600, key = "held", ignore(load))]
fn held(cache: &Cache, load: impl Fn() -> u32) -> u32 {
    load()
}

fn cache(url: &str) -> Cache {
    let builder = Cache::builder().namespace("holder").lease(LEASE).deadline(Duration::from_secs(1));
    builder.wait(Duration::from_secs(60)).shared_only(Redis::url(url).unwrap()).build_blocking().unwrap()
}

/// What it was told in between is over when it goes on: its lease, and its right to store.
#[test]
fn who_was_stopped_for_longer_than_its_lease_stores_nothing() {
    const NAME: &str = "holder::who_was_stopped_for_longer_than_its_lease_stores_nothing";
    if role().is_some() {
        let value = held(&cache(&std::env::var("REDIS").unwrap()), || {
            report("loading");
            order().map_or(0, |_| 7)
        });
        report(format!("loaded {value}"));
        return;
    }
    let server = Server::plain();
    let holder = Process::spawn(NAME, "holder", [("REDIS", server.url())]);
    assert_eq!(holder.report(), "loading");
    holder.freeze();
    let (first, second) = (cache(&server.url()), cache(&server.url()));
    assert_eq!(held(&first, || 1), 1, "when the lease is over");
    holder.thaw();
    holder.tell("go on");
    assert_eq!(holder.report(), "loaded 7", "its caller has its value");
    for cache in [&first, &second, &cache(&server.url())] {
        assert_eq!(held(cache, || 2), 1, "what the other has stored stays");
    }
    // The same where nobody has loaded meanwhile, but the value was made untrue.
    held::entry(&first).invalidate().unwrap();
    let holder = Process::spawn(NAME, "holder", [("REDIS", server.url())]);
    assert_eq!(holder.report(), "loading");
    holder.freeze();
    held::entry(&first).invalidate().unwrap();
    holder.thaw();
    holder.tell("go on");
    assert_eq!(holder.report(), "loaded 7");
    assert_eq!(held(&second, || 3), 3);
}

#[test]
fn another_loads_when_the_lease_of_the_dead_is_over() {
    const NAME: &str = "holder::another_loads_when_the_lease_of_the_dead_is_over";
    if role().is_some() {
        held(&cache(&std::env::var("REDIS").unwrap()), || {
            report("loading");
            // It is killed before any order comes.
            order().map_or(0, |_| 0)
        });
        return;
    }
    let server = Server::plain();
    let holder = Process::spawn(NAME, "holder", [("REDIS", server.url())]);
    assert_eq!(holder.report(), "loading");
    let lease = "holder:v0:{held}:l";
    let left: u64 = server.cli(&["PTTL", lease]).parse().expect("the holder has a lease");
    let (asked, loads) = (clock::now(), AtomicU32::new(0));
    holder.kill();
    let (first, second) = (cache(&server.url()), cache(&server.url()));
    let load = || loads.fetch_add(1, Relaxed) + 1;
    let both = std::thread::scope(|threads| {
        let (first, second) = (threads.spawn(|| held(&first, load)), threads.spawn(|| held(&second, load)));
        [first.join().unwrap(), second.join().unwrap()]
    });
    let waited = Duration::from_nanos(clock::now() - asked);
    assert_eq!((both, loads.load(Relaxed)), ([1, 1], 1), "one loads for both");
    // A millisecond of the server's is one that has begun.
    assert!(waited + Duration::from_millis(2) >= Duration::from_millis(left), "{waited:?} of {left} ms");
    assert!(waited <= LEASE + LATE, "{waited:?}");
    assert_eq!((held(&cache(&server.url()), load), loads.load(Relaxed)), (1, 1), "it is stored");
}

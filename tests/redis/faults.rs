//! A broken server is nobody's error: a call returns what its function returns, soon; what is asked for by name says that it was not
//! acknowledged; and when the server is whole again nobody has to do anything.

use std::time::Duration;

use larder::{Cache, ErrorKind, Redis};
use larder_kit::patience::until;
use larder_kit::{End, Fault, Links, Options, Proxy, Server, Way};

use crate::support::{Source, connected, invalidate, processes, read, read_now};

/// What becomes of an invalidation while the server is broken.
#[derive(Clone, Copy, PartialEq)]
enum Invalidated {
    /// It is acknowledged, as removing still works.
    Done,
    Refused,
}

/// Two processes go through it.
async fn survive(url: &str, namespace: &str, invalidated: Invalidated, breaks: impl FnOnce(), heals: impl FnOnce()) {
    let caches = processes(url, namespace);
    let source = Source::default();
    for cache in &caches {
        assert_eq!(read(cache, "a", &source).await, 0);
    }
    breaks();
    let value = source.write();
    for (at, cache) in caches.iter().enumerate() {
        // Whatever it was that failed: the value of the function comes, and soon.
        for name in ["x", "y", "z"] {
            let name = format!("{name}{at}");
            assert_eq!((read(cache, &name, &source).await, read_now(cache, &name, &source)), (value, value));
        }
        match invalidate(cache, "a").await {
            Ok(()) => assert!(invalidated == Invalidated::Done, "{namespace}: nobody acknowledged it"),
            Err(error) => {
                assert!(invalidated == Invalidated::Refused, "{namespace}: {error:?}");
                assert_eq!(error.kind(), ErrorKind::NotAcknowledged);
            }
        }
        assert_eq!(read(cache, "a", &source).await, value, "it acts in its own process at once");
        assert!(cache.stats().shared_errors > 0, "{namespace}: it is counted");
    }
    heals();
    for cache in &caches {
        connected(cache);
    }
    shares(&caches, &source).await;
    // What was not acknowledged has been sent again: no other process finds the old value.
    let later = Cache::builder().namespace(namespace).shared_only(Redis::url(url).unwrap()).build_blocking().unwrap();
    connected(&later);
    until("the old value to be gone", || futures_lite::future::block_on(read(&later, "a", &source)) == value);
}

/// Waits until what one has loaded is there for the other.
async fn shares(caches: &[Cache; 2], source: &Source) {
    let mut round = 0;
    until("values to be shared again", || {
        round += 1;
        let before = source.loads();
        let name = format!("round{round}");
        futures_lite::future::block_on(async {
            read(&caches[0], &name, source).await;
            read(&caches[1], &name, source).await;
        });
        source.loads() == before + 1
    });
}

#[tokio::test]
async fn a_server_that_is_killed() {
    let server = Server::start(Options::new());
    survive(&server.url(), "killed", Invalidated::Refused, || server.kill(), || server.restart()).await;
}

#[tokio::test]
async fn a_server_that_is_frozen() {
    let server = Server::start(Options::new());
    survive(&server.url(), "frozen", Invalidated::Refused, || server.freeze(), || server.thaw()).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_at_first() {
    let server = Server::start(Options::new());
    server.kill();
    let build = || Cache::builder().shared_only(Redis::url(&server.url()).unwrap()).build_blocking().unwrap();
    let caches = [build(), build()];
    let source = Source::default();
    assert_eq!(read(&caches[0], "a", &source).await, 0);
    assert!(invalidate(&caches[0], "a").await.is_err());
    server.restart();
    caches.iter().for_each(connected);
    shares(&caches, &source).await;
}

#[tokio::test]
async fn a_server_without_memory() {
    let server = Server::start(Options::new());
    let full = || {
        server.config_set("maxmemory-policy", "noeviction");
        server.config_set("maxmemory", "1");
    };
    // Removing needs no memory.
    survive(&server.url(), "full", Invalidated::Done, full, || server.config_set("maxmemory", "0")).await;
}

#[tokio::test]
async fn a_server_that_only_reads() {
    let master = Server::start(Options::new());
    let server = Server::start(Options::new());
    let port = master.port().to_string();
    let reads_only = || _ = server.cli(&["REPLICAOF", "127.0.0.1", &port]);
    let writes = || _ = server.cli(&["REPLICAOF", "NO", "ONE"]);
    survive(&server.url(), "replica", Invalidated::Refused, reads_only, writes).await;
}

#[tokio::test]
async fn a_user_who_may_nothing() {
    let server = Server::start(Options::new().user("larder on >secret ~* &* +@all"));
    let url = format!("redis://larder:secret@{}", server.address());
    let forbid = || _ = server.cli(&["ACL", "SETUSER", "larder", "-@all", "+ping", "+hello", "+client"]);
    let permit = || _ = server.cli(&["ACL", "SETUSER", "larder", "+@all"]);
    survive(&url, "rights", Invalidated::Refused, forbid, permit).await;
}

#[tokio::test]
async fn a_network_that_is_slow_cut_or_silent() {
    let server = Server::start(Options::new());
    for (namespace, fault) in [
        ("slow", Fault::Delay(Duration::from_millis(600))),
        ("half-open", Fault::Stall(Way::ToClient)),
        ("black-hole", Fault::BlackHole),
    ] {
        let proxy = Proxy::start(server.address());
        let url = server.url_through(proxy.port());
        let breaks = || proxy.set(Links::All, fault);
        survive(&url, namespace, Invalidated::Refused, breaks, || proxy.heal()).await;
    }
}

#[tokio::test]
async fn connections_that_are_reset_and_refused() {
    let server = Server::start(Options::new());
    let proxy = Proxy::start(server.address());
    let url = server.url_through(proxy.port());
    let breaks = || {
        proxy.refuse();
        proxy.end(Links::All, End::Rst);
    };
    survive(&url, "reset", Invalidated::Refused, breaks, || {
        proxy.accept();
        proxy.heal();
    })
    .await;
}

/// Nobody notices.
#[tokio::test]
async fn scripts_that_are_forgotten() {
    let server = Server::start(Options::new());
    let caches = processes(&server.url(), "scripts");
    let source = Source::default();
    for round in 0..3 {
        server.script_flush();
        let name = format!("a{round}");
        for cache in &caches {
            assert_eq!(read(cache, &name, &source).await, 0);
        }
        server.script_flush();
        invalidate(&caches[0], &name).await.unwrap();
    }
    assert_eq!(source.loads(), 3);
    assert!(caches.iter().all(|cache| cache.stats().shared_errors == 0));
}

/// Everything is loaded once more.
#[tokio::test]
async fn a_server_that_forgets_everything() {
    let server = Server::start(Options::new());
    let caches = processes(&server.url(), "flushed");
    let source = Source::default();
    for cache in &caches {
        assert_eq!(read(cache, "a", &source).await, 0);
    }
    let value = source.write();
    server.flush();
    assert_eq!(read(&caches[1], "a", &source).await, value, "without memory");
    assert_eq!(source.loads(), 2);
}

/// Keys of another kind, and bytes of others, are misses, and are written over.
#[tokio::test]
async fn what_is_not_larders() {
    let server = Server::start(Options::new());
    let [_, bare] = processes(&server.url(), "foreign");
    let source = Source::default();
    for (at, words) in [["RPUSH", "list"], ["SADD", "member"], ["SET", "bytes"]].iter().enumerate() {
        let name = format!("a{at}");
        server.cli(&[words[0], &format!("foreign:v0:{{row:{name}}}"), words[1]]);
        for _ in 0..2 {
            assert_eq!(read(&bare, &name, &source).await, 0);
        }
        invalidate(&bare, &name).await.unwrap();
        assert_eq!(server.cli(&["EXISTS", &format!("foreign:v0:{{row:{name}}}")]), "0");
    }
}

/// The server removes and tells nobody: `invalidate` says so.
#[tokio::test]
async fn a_user_without_the_channel() {
    let rules = "larder on >secret ~* resetchannels +@all";
    let server = Server::start(Options::new().user(rules));
    let url = format!("redis://larder:secret@{}", server.address());
    let build = || Cache::builder().shared_only(Redis::url(&url).unwrap()).build_blocking().unwrap();
    let caches = [build(), build()];
    let source = Source::default();
    until("the server to answer", || {
        let before = source.loads();
        let name = format!("round{before}");
        futures_lite::future::block_on(async {
            read(&caches[0], &name, &source).await;
            read(&caches[1], &name, &source).await;
        });
        source.loads() == before + 1
    });
    read(&caches[0], "a", &source).await;
    let value = source.write();
    let error = invalidate(&caches[0], "a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAcknowledged);
    assert!(error.to_string().contains("could not tell"), "{error}");
    assert_eq!(read(&caches[1], "a", &source).await, value, "it is removed all the same");
}

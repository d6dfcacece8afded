//! One server for all measurements, and the caches in front of it.

use std::sync::OnceLock;
use std::time::Duration;

use larder::{Cache, Redis};
use larder_kit::{Server, until};
use redis::Client;
use redis::aio::MultiplexedConnection;

static SERVER: OnceLock<Server> = OnceLock::new();
static CACHES: OnceLock<Caches> = OnceLock::new();

/// Room for everything that is measured.
const CAPACITY: u64 = 100_000;

/// The caches of this process.
#[derive(Debug)]
struct Caches {
    url: String,
    /// Redis alone.
    only: Cache,
    /// Memory, and Redis behind it.
    tiered: Cache,
    /// Memory alone, reached in the same way.
    memory: Cache,
}

/// Starts the server, once, and the caches of this process.
pub(super) fn start() -> &'static Server {
    let server = SERVER.get_or_init(Server::plain);
    connect(&server.url());
    server
}

/// Makes the caches of this process, in front of the server at this URL.
pub(super) fn connect(url: &str) {
    CACHES.get_or_init(|| {
        // A call that gives up would be a load, and a measurement of something else.
        let builder = || Cache::builder().namespace("bench").capacity(CAPACITY).deadline(Duration::from_secs(20));
        let redis = || Redis::url(url).expect("the kit's URL is one");
        let build = |builder: larder::CacheBuilder| builder.build_blocking().expect("the cache can be built");
        let caches = Caches {
            url: url.to_owned(),
            only: build(builder().shared_only(redis())),
            tiered: build(builder().shared(redis())),
            memory: build(builder()),
        };
        for cache in [&caches.only, &caches.tiered] {
            until("the server to be reached", || cache.blocking().tag("bench.ready").invalidate().is_ok());
        }
        caches
    });
}

fn caches() -> &'static Caches {
    CACHES.get().expect("`connect` comes first")
}

pub(super) fn only() -> &'static Cache {
    &caches().only
}

pub(super) fn tiered() -> &'static Cache {
    &caches().tiered
}

pub(super) fn memory() -> &'static Cache {
    &caches().memory
}

pub(super) fn url() -> &'static str {
    &caches().url
}

/// A connection that is no cache's, driven by the runtime that this runs in.
pub(super) async fn bare() -> MultiplexedConnection {
    let client = Client::open(url()).expect("the kit's URL is one");
    client.get_multiplexed_async_connection().await.expect("the server is up")
}

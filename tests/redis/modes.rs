//! The same over other kinds of servers.

use larder::testing::scope;
use larder::{Cache, CacheBuilder, Redis};
use larder_kit::patience::until;
use larder_kit::sentinels::MASTER;
use larder_kit::{Certificates, Cluster, Options, Sentinels, Server};

use crate::support::{Source, connected, invalidate, many, read, read_now, uses_memory};

/// Two processes share, invalidate, and batch.
async fn works(tiered: &Cache, bare: &Cache) {
    connected(tiered);
    connected(bare);
    uses_memory(tiered);
    let source = Source::default();
    for name in ["a", "b", "c"] {
        for cache in [tiered, bare] {
            assert_eq!((read(cache, name, &source).await, read_now(cache, name, &source)), (0, 0));
        }
    }
    assert_eq!(source.loads(), 6);
    let value = source.write();
    invalidate(bare, "b").await.unwrap();
    assert_eq!(read(bare, "b", &source).await, value);
    until("the message to arrive", || futures_lite::future::block_on(read(tiered, "b", &source)) == value);
    let ids: Vec<u64> = (0..50).collect();
    assert_eq!(scope(tiered, many(&ids, &source)).await.len(), 50);
    let loads = source.loads();
    assert_eq!(scope(bare, many(&ids, &source)).await.len(), 50);
    assert_eq!(source.loads(), loads, "all of them are there");
    assert_eq!(bare.increment("count", 5).await.unwrap(), 5);
    assert_eq!(tiered.increment("count", -7).await.unwrap(), -2);
    tiered.clear().await.unwrap();
    assert_eq!(read(bare, "a", &source).await, value);
    assert_eq!((tiered.stats().shared_errors, bare.stats().shared_errors), (0, 0));
}

fn by_variable(url: &str) -> Cache {
    let url = [("LARDER_URL", url), ("LARDER_NAMESPACE", "modes")];
    CacheBuilder::from_variables(url).unwrap().build_blocking().unwrap()
}

#[tokio::test]
async fn one_server_by_its_url() {
    let server = Server::start(Options::new());
    works(&by_variable(&format!("tiered+{}", server.url())), &by_variable(&server.url())).await;
}

#[tokio::test]
async fn a_unix_socket_a_user_and_a_database() {
    let rules = "larder on >p%40ss ~modes:* &modes:inv +get +getrange +strlen +pttl +set +setrange +del +unlink +pexpire +incrby +time +eval \
                 +evalsha +script|load +publish +subscribe +ping +hello +client|setname +select +scan";
    let server = Server::start(Options::new().user(rules));
    let socket = server.socket();
    let socket = socket.display();
    works(
        &by_variable(&format!("tiered+redis+unix://{socket}?db=3")),
        &by_variable(&format!("redis+unix://{socket}?db=3")),
    )
    .await;
    let port = server.port();
    let url = format!("redis://larder:p%2540ss@127.0.0.1:{port}/0");
    let namespace = |cache: CacheBuilder| cache.namespace("modes").build_blocking().unwrap();
    works(
        &namespace(Cache::builder().shared(Redis::url(&url).unwrap())),
        &namespace(Cache::builder().shared_only(Redis::url(&url).unwrap())),
    )
    .await;
}

#[tokio::test]
async fn tls_with_an_authority_and_a_certificate_of_ones_own() {
    let certificates = Certificates::make();
    let server = Server::start(Options::new().mutual_tls(&certificates));
    let redis = || {
        let client = certificates.client();
        Redis::url(&server.url())
            .unwrap()
            .root_certificate(std::fs::read(certificates.ca()).unwrap())
            .unwrap()
            .client_certificate(std::fs::read(&client.certificate).unwrap(), std::fs::read(&client.key).unwrap())
            .unwrap()
    };
    works(
        &Cache::builder().shared(redis()).build_blocking().unwrap(),
        &Cache::builder().shared_only(redis()).build_blocking().unwrap(),
    )
    .await;
}

#[tokio::test]
async fn sentinels_and_a_failover() {
    let sentinels = Sentinels::start();
    let hosts: Vec<_> = sentinels.sentinels().iter().map(Server::address).collect();
    let url = format!("redis-sentinel://{}/{MASTER}", hosts.join(","));
    let (tiered, bare) = (by_variable(&format!("tiered+{url}")), by_variable(&url));
    works(&tiered, &bare).await;
    sentinels.kill_master();
    let source = Source::default();
    assert_eq!(read(&bare, "after", &source).await, 0, "nobody sees it");
    connected(&bare);
    connected(&tiered);
    until("values to be shared again", || {
        let before = source.loads();
        let name = format!("again{before}");
        futures_lite::future::block_on(async {
            read(&tiered, &name, &source).await;
            read(&bare, &name, &source).await;
        });
        source.loads() == before + 1
    });
}

#[tokio::test]
async fn a_cluster() {
    let cluster = Cluster::start();
    let hosts: Vec<_> = cluster.masters().iter().map(|master| master.address()).collect();
    let url = format!("redis-cluster://{}", hosts.join(","));
    works(&by_variable(&format!("tiered+{url}")), &by_variable(&url)).await;
}

//! What an unsafe method makes untrue, where the shared tier is slow to hear of it.

use axum::Router;
use axum::routing::get;
use larder::Cache;
use larder::http::CacheLayer;
use larder::testing::{ManualClock, MemoryStore, Operation, When};
use tower::ServiceExt;

use crate::app::{Reply, request};
use crate::support::{Call, Loads};

#[tokio::test]
async fn all_that_a_change_names_is_untrue_though_its_client_has_gone() {
    let clock = ManualClock::new();
    let store = MemoryStore::new(clock.clone());
    let cache = Cache::builder().clock(clock.clone()).shared(store.clone()).build_blocking().unwrap();
    let loads = std::sync::Arc::new(Loads::new());
    let page = move || {
        let load = loads.next();
        async move { format!("load {load}") }
    };
    let post = async || [("location", "/orders/1"), ("content-location", "/orders/last")];
    let router = Router::new()
        .route("/orders", get(page.clone()).post(post))
        .fallback(page)
        .layer(CacheLayer::timeout(60).cache(&cache));
    let ask = async |method: &str, path: &str| {
        Reply::of(router.clone().oneshot(request(method, path, &[])).await.unwrap()).await.text()
    };
    for (number, path) in ["/orders", "/orders/1", "/orders/last"].into_iter().enumerate() {
        for _ in 0..2 {
            assert_eq!(ask("GET", path).await, format!("load {}", number + 1));
        }
    }
    let gate = store.hold(Operation::Bump, When::Before);
    drop(Call::begin(ask("POST", "/orders")));
    gate.open();
    for (number, path) in ["/orders", "/orders/1", "/orders/last"].into_iter().enumerate() {
        assert_eq!(ask("GET", path).await, format!("load {}", number + 4), "{path}");
    }
}

//! What a request of a layer is about, where its parts contradict each other.

use axum::body::Body;
use axum::http::Request;
use larder::Cache;
use larder::http::CacheLayer;

use crate::layer::Site;

fn minute(cache: &Cache) -> CacheLayer {
    CacheLayer::timeout(60).cache(cache)
}

/// A site whose pages name the host that the request names.
fn echo() -> Site {
    Site::new(minute, |load, request: Request<Body>| {
        let host = request.headers().get("host").map(|host| host.to_str().unwrap().to_owned());
        format!("load {load} of {}", host.unwrap_or_default())
    })
}

#[tokio::test]
async fn a_host_that_contradicts_the_target_is_in_no_page() {
    let site = echo();
    let ask = async |uri: &str, host: &str| site.ask("GET", uri, &[("host", host)]).await.text();
    assert_eq!(ask("http://shop.org/", "evil.org").await, "load 1 of evil.org");
    assert_eq!(ask("/", "shop.org").await, "load 2 of shop.org", "the page is not theirs");
    assert_eq!(ask("http://shop.org/", "evil.org").await, "load 3 of evil.org", "nor is this one found");
    assert_eq!(ask("http://shop.org/", "Shop.ORG").await, "load 2 of shop.org");
    assert_eq!(site.get("http://shop.org/").await.text(), "load 2 of shop.org", "no host is no contradiction");
}

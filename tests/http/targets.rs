//! What a request of a layer is about, where its parts contradict each other.

use axum::body::Body;
use axum::http::Request;
use larder::Cache;
use larder::http::CacheLayer;
use tower::ServiceExt;

use crate::app::Reply;
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

/// A body of which the header says nothing, as HTTP/2 permits.
#[tokio::test]
async fn a_request_with_a_body_is_passed_on() {
    let site = Site::new(minute, |load, _| format!("load {load}"));
    let ask = async |body: Body| {
        let request = Request::get("/search").body(body).unwrap();
        Reply::of(site.router.clone().oneshot(request).await.unwrap()).await.text()
    };
    let fat = || Body::from_stream(futures_lite::stream::once(Ok::<_, std::io::Error>("{\"q\":\"evil\"}")));
    assert_eq!(ask(fat()).await, "load 1");
    assert_eq!(ask(Body::empty()).await, "load 2", "what was made of that body is for nobody else");
    assert_eq!(ask(fat()).await, "load 3");
    assert_eq!(ask(Body::empty()).await, "load 2");
}

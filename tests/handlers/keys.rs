//! Which requests share a response.

use std::collections::HashMap;

use axum::extract::{MatchedPath, OriginalUri, Path, Query, RawQuery, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::routing::get;
use axum::{Extension, Router};
use larder::cached;

use crate::support::{Runs, Site};

#[derive(serde::Deserialize, larder::KeyPart)]
struct Search {
    text: String,
    #[serde(default)]
    page: u32,
}

#[cached(axum, timeout = 60)]
async fn search(Query(search): Query<Search>, State(runs): State<Runs>) -> String {
    format!("{} {} {}", search.text, search.page, runs.count())
}

#[cached(axum, timeout = 60)]
async fn raw(
    RawQuery(query): RawQuery,
    OriginalUri(original): OriginalUri,
    uri: Uri,
    method: Method,
    path: MatchedPath,
    State(runs): State<Runs>,
) -> String {
    format!("{query:?} {original} {uri} {method} {} {}", path.as_str(), runs.count())
}

#[cached(axum, timeout = 60, key = "pair:<month>", ignore(year))]
async fn pair(Path((year, month)): Path<(u16, u8)>, State(runs): State<Runs>) -> String {
    format!("{year} {month} {}", runs.count())
}

#[cached(axum, timeout = 60, key = "greeting:<name>", vary = ["accept-language", "x-tenant"], ignore(headers))]
async fn greeting(Path(name): Path<String>, headers: HeaderMap, State(runs): State<Runs>) -> String {
    let of = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default().to_owned());
    format!("{name} {:?} {:?} {}", of("accept-language"), of("x-tenant"), runs.count())
}

#[cached(axum, timeout = 60, ignore(_all))]
async fn rest(Path(id): Path<u64>, Query(_all): Query<HashMap<String, String>>, State(runs): State<Runs>) -> String {
    format!("{id} {}", runs.count())
}

#[cached(axum, timeout = 60)]
async fn whole(id: Path<u64>, search: Query<Search>, tenant: Extension<&'static str>, runs: State<Runs>) -> String {
    format!("{} {} {} {}", id.0, search.text, tenant.0, runs.count())
}

async fn site() -> (Site, Runs) {
    let runs = Runs::default();
    let router = Router::new()
        .route("/search", get(search))
        .nest("/nested", Router::new().route("/raw", get(raw)))
        .route("/raw", get(raw))
        .route("/pair/{year}/{month}", get(pair))
        .route("/greeting/{name}", get(greeting))
        .route("/rest/{id}", get(rest))
        .route("/whole/{id}", get(whole).layer(Extension("one")))
        .route("/other/{id}", get(whole).layer(Extension("two")))
        .with_state(runs.clone());
    (Site::of(router).await, runs)
}

#[tokio::test]
async fn a_query_is_keyed_by_the_fields_that_are_read() {
    let (site, runs) = site().await;
    assert_eq!(site.text("/search?text=a&page=2").await, "a 2 1");
    assert_eq!(site.text("/search?utm_source=x&page=2&text=a").await, "a 2 1");
    assert_eq!(site.text("/search?text=a").await, "a 0 2");
    assert_eq!(site.text("/search?text=a&page=0").await, "a 0 2");
    assert_eq!(site.text("/search?text=a,2").await, "a,2 0 3");
    assert_eq!(runs.get(), 3);
    assert_eq!(search::entry(Search { text: "a".to_owned(), page: 2 }).key(), "handlers.keys.search:(a,2,)");
}

#[tokio::test]
async fn an_extractor_that_is_not_taken_apart_is_keyed_by_what_is_in_it() {
    let (site, runs) = site().await;
    for _ in 0..2 {
        assert_eq!(site.text("/whole/1?text=a").await, "1 a one 1");
        assert_eq!(site.text("/whole/2?text=a").await, "2 a one 2");
        assert_eq!(site.text("/whole/1?text=b").await, "1 b one 3");
        assert_eq!(site.text("/other/1?text=a").await, "1 a two 4");
    }
    assert_eq!(site.text("/whole/1?utm=x&text=a").await, "1 a one 1");
    assert_eq!(runs.get(), 4);
}

#[tokio::test]
async fn what_is_raw_is_keyed_as_it_is() {
    let (site, runs) = site().await;
    for _ in 0..2 {
        assert!(site.text("/raw?a=1").await.ends_with(" 1"));
        assert!(site.text("/raw?a=2").await.ends_with(" 2"));
        assert!(site.text("/nested/raw?a=1").await.ends_with(" 3"), "nested routers see the same URI");
    }
    assert_eq!(runs.get(), 3);
}

#[tokio::test]
async fn what_is_ignored_is_not_in_the_key() {
    let (site, runs) = site().await;
    assert_eq!(site.text("/pair/2024/5").await, "2024 5 1");
    assert_eq!(site.text("/pair/1999/5").await, "2024 5 1");
    assert_eq!(site.text("/rest/1?a=1").await, "1 2");
    assert_eq!(site.text("/rest/1?a=2").await, "1 2");
    assert_eq!(runs.get(), 2);
    assert_eq!(pair::entry((2024, 5)).key(), "pair:5");
    assert_eq!(rest::entry(1).key(), "handlers.keys.rest:1");
}

#[tokio::test]
async fn headers_that_are_listed_are() {
    let (site, runs) = site().await;
    let uri = "/greeting/ann";
    assert!(site.text_with(uri, "accept-language", "de").await.ends_with(" 1"));
    assert!(site.text_with(uri, "accept-language", "en").await.ends_with(" 2"));
    assert!(site.text(uri).await.ends_with(" 3"));
    assert!(site.text_with(uri, "accept-language", "").await.ends_with(" 4"), "absent is not empty");
    assert!(site.text_with(uri, "x-tenant", "de").await.ends_with(" 5"));
    assert!(site.text_with(uri, "accept-language", " de ").await.ends_with(" 1"));
    assert!(site.text_with(uri, "user-agent", "curl").await.ends_with(" 3"), "no other matters");
    assert_eq!(runs.get(), 5);
    let vary = site.get(uri).await.headers.get("vary").cloned();
    assert_eq!(vary.expect("a response that varies says so"), "accept-language, x-tenant");
    larder::testing::scope(&site.cache, async {
        let german = greeting::entry("ann".to_owned(), [Some(" de "), None]);
        assert!(german.get().await.is_some(), "{german:?}");
        german.invalidate().await.expect("in memory");
    })
    .await;
    assert!(site.text_with(uri, "accept-language", "de").await.ends_with(" 6"));
    assert!(site.text_with(uri, "accept-language", "en").await.ends_with(" 2"));
}

//! Handlers of actix-web: both orders with the attributes of routes, keys, old values, writers.

use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpResponse, Responder, get, post, web};
use larder::testing::{ManualClock, scope};
use larder::{Cache, cached, invalidates};

use crate::support::Runs;

#[cached(actix, timeout = 60, key = "actix_user:<id>")]
#[get("/user/{id}")]
async fn user(id: web::Path<u64>, runs: web::Data<Runs>) -> impl Responder {
    format!("{id} {}", runs.count())
}

#[get("/above/{id}")]
#[cached(actix, timeout = 60, vary = ["accept-language"])]
async fn above(id: web::Path<u64>, runs: web::Data<Runs>) -> Result<impl Responder, actix_web::Error> {
    Ok(format!("{id} {}", runs.count()))
}

#[cached(actix, timeout = 60, key = "actix_plain:<id>", stale_while_revalidate = 60, stale_if_error = "1h")]
async fn plain(id: web::Path<u64>, runs: web::Data<Runs>) -> Result<HttpResponse, actix_web::Error> {
    let id = id.checked_sub(1).ok_or_else(|| actix_web::error::ErrorBadRequest("zero"))?;
    Ok(HttpResponse::Ok().body(format!("{id} {}", runs.count())))
}

#[cached(actix, timeout = 60)]
async fn nothing() -> &'static str {
    "nothing"
}

#[derive(serde::Deserialize, larder::KeyPart)]
struct Search {
    text: String,
}

#[cached(actix, timeout = 60)]
async fn search(search: web::Query<Search>, method: Method, runs: web::Data<Runs>) -> String {
    format!("{} {method} {}", search.text, runs.count())
}

#[invalidates(actix, user::entry(path.0))]
#[post("/rename/{id}/{status}")]
async fn rename(path: web::Path<(u64, u16)>, body: String) -> impl Responder {
    let (_, status) = path.into_inner();
    HttpResponse::build(StatusCode::from_u16(status).unwrap_or_default()).body(body)
}

#[actix_web::test]
async fn a_query_is_keyed_by_the_fields_that_are_read() {
    let (runs, cache) = (Runs::default(), Cache::builder().build().await.expect("a cache in memory"));
    let app = App::new().app_data(cache.clone()).app_data(web::Data::new(runs.clone()));
    let app = init_service(app.route("/search", web::route().to(search))).await;
    let text = async |uri: &str| {
        let response = call_service(&app, TestRequest::get().uri(uri).to_request()).await;
        String::from_utf8(to_bytes(response.into_body()).await.expect("the body ends").to_vec()).expect("text")
    };
    for _ in 0..2 {
        assert_eq!(text("/search?text=a").await, "a GET 1");
        assert_eq!(text("/search?text=b").await, "b GET 2");
        assert_eq!(text("/search?utm=x&text=a").await, "a GET 1");
    }
    let key = search::entry(web::Query(Search { text: "a".to_owned() }), Method::GET).key().to_owned();
    assert!(
        key.ends_with(":GET") && cache.contains(&key).await,
        "the application's cache, and not the default one: {key}"
    );
}

#[actix_web::test]
async fn every_shape_is_a_handler_still() {
    let runs = Runs::default();
    let clock = ManualClock::new();
    let cache = Cache::builder().clock(clock.clone()).build().await.expect("a cache in memory");
    let app = App::new()
        .app_data(cache.clone())
        .app_data(web::Data::new(runs.clone()))
        .service(user)
        .service(above)
        .service(rename)
        .route("/plain/{id}", web::get().to(plain))
        .route("/nothing", web::get().to(nothing));
    let app = init_service(app).await;
    let ask = async |request: TestRequest| {
        let response = scope(&cache, call_service(&app, request.to_request())).await;
        let status = response.status();
        let body = to_bytes(response.into_body()).await.expect("the body ends");
        (status, String::from_utf8(body.to_vec()).expect("text"))
    };
    let text = async |uri: &str| ask(TestRequest::get().uri(uri)).await.1;
    for _ in 0..2 {
        assert_eq!(text("/user/1").await, "1 1");
        assert_eq!(text("/user/2").await, "2 2");
        assert_eq!(text("/above/1").await, "1 3");
        assert_eq!(text("/plain/8").await, "7 4");
        assert_eq!(text("/nothing").await, "nothing");
    }
    let german = ask(TestRequest::get().uri("/above/1").insert_header(("accept-language", "de"))).await;
    assert_eq!(german.1, "1 5");
    assert_eq!(ask(TestRequest::get().uri("/plain/0")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(ask(TestRequest::get().uri("/user/x")).await.0, StatusCode::NOT_FOUND, "the extractor rejects");

    scope(&cache, async { user::entry(1).invalidate().await.expect("in memory") }).await;
    assert_eq!(text("/user/1").await, "1 6");
    assert_eq!(ask(TestRequest::post().uri("/rename/1/404").set_payload("no")).await.1, "no");
    assert_eq!(text("/user/1").await, "1 6");
    assert_eq!(ask(TestRequest::post().uri("/rename/1/200").set_payload("yes")).await.1, "yes");
    assert_eq!(text("/user/1").await, "1 7");
    ask(TestRequest::post().uri("/rename/1/303").set_payload("yes")).await;
    assert_eq!(text("/user/1").await, "1 8", "a redirection is no failure");

    clock.advance(Duration::from_secs(61));
    assert_eq!(text("/plain/8").await, "7 4", "the old one at once");
}

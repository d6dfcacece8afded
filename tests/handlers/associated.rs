//! Associated functions of actix-web whose bodies may run on the side: what is not stored reaches the client as the handler made it.

use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, Error, HttpResponse, error, web};
use larder::testing::{ManualClock, scope};
use larder::{Cache, cached};

use crate::support::Runs;

struct Api;

impl Api {
    #[cached(actix, timeout = 60, key = "actix_inside:<Self>:<id>", stale_while_revalidate = 60)]
    async fn inside(id: web::Path<u64>, runs: web::Data<Runs>) -> Result<HttpResponse, Error> {
        match *id {
            1 => Ok(HttpResponse::NotFound().body("no such page")),
            2 => Ok(HttpResponse::Ok().insert_header(("set-cookie", "sid=alice")).body("welcome")),
            3 => Err(error::ErrorBadRequest("three")),
            4 => Err(error::ErrorBadGateway("four")),
            _ => Ok(HttpResponse::Ok().body(format!("{id} {}", runs.count()))),
        }
    }
}

#[actix_web::test]
async fn what_is_not_stored_reaches_the_client() {
    let runs = Runs::default();
    let clock = ManualClock::new();
    let cache = Cache::builder().clock(clock.clone()).build().await.expect("a cache in memory");
    let app = App::new()
        .app_data(cache.clone())
        .app_data(web::Data::new(runs.clone()))
        .route("/{id}", web::route().to(Api::inside));
    let app = init_service(app).await;
    let ask = async |method: Method, uri: &str| {
        let request = TestRequest::default().method(method).uri(uri).to_request();
        let response = scope(&cache, call_service(&app, request)).await;
        let cookie = response.headers().contains_key("set-cookie");
        let status = response.status();
        let body = to_bytes(response.into_body()).await.expect("the body ends");
        (status, String::from_utf8(body.to_vec()).expect("text"), cookie)
    };
    let text = |status: StatusCode, text: &str| (status, text.to_owned(), false);
    for _ in 0..2 {
        assert_eq!(ask(Method::GET, "/1").await, text(StatusCode::NOT_FOUND, "no such page"));
        assert_eq!(ask(Method::GET, "/2").await, (StatusCode::OK, "welcome".to_owned(), true));
        assert_eq!(ask(Method::GET, "/3").await, text(StatusCode::BAD_REQUEST, "three"));
        assert_eq!(ask(Method::GET, "/4").await, text(StatusCode::BAD_GATEWAY, "four"));
    }
    assert_eq!(ask(Method::POST, "/5").await, text(StatusCode::OK, "5 1"));
    assert_eq!(ask(Method::HEAD, "/6").await.0, StatusCode::OK, "the head of a page that is not there");
    assert_eq!(ask(Method::GET, "/7").await, text(StatusCode::OK, "7 3"));

    clock.advance(Duration::from_secs(61));
    assert_eq!(ask(Method::GET, "/7").await, text(StatusCode::OK, "7 3"), "the old one, and a new one on the side");
    while ask(Method::GET, "/7").await.1 == "7 3" {
        actix_web::rt::task::yield_now().await;
    }
    assert_eq!(runs.get(), 4);
}

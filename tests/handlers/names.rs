//! Routes of actix-web become types with the names of their functions, which generated code must not run into.

use actix_web::body::to_bytes;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, web};
use larder::Cache;
use larder::testing::scope;

use crate::support::Runs;

mod routes {
    use actix_web::{Responder, get, post, web};
    use larder::{cached, invalidates};

    use crate::support::Runs;

    macro_rules! routes {
        ($($name:ident)*) => {
            $(
                #[cached(actix, timeout = 60, vary = ["accept"], tags("names"), unless = false)]
                #[get("/")]
                async fn $name() -> &'static str {
                    stringify!($name)
                }
            )*

            pub(super) fn services(config: &mut web::ServiceConfig) {
                $(config.service($name);)*
            }
        };
    }

    routes! {
        answer body bypass cache context error failing found id invalidations key making meta output request respond response site
        succeeded tags value
    }

    #[cached(actix, timeout = 60, key = "named:<number>", vary = ["accept"], tags("named:<number>"), unless = *number == 0, early = 0.5)]
    pub(super) async fn page(number: web::Path<u32>, runs: web::Data<Runs>) -> impl Responder {
        format!("{number} {}", runs.count())
    }

    #[invalidates(actix, page::entry(path.0, [None]))]
    #[post("/change/{number}/{name}")]
    pub(super) async fn change(path: web::Path<(u32, String)>) -> Result<String, actix_web::Error> {
        Ok(path.into_inner().1)
    }

    #[cached(timeout = 60, key = "plain:<number>", tags("plain"))]
    pub(super) async fn plain(number: u32) -> u32 {
        number + 1
    }
}

#[actix_web::test]
async fn handlers_have_any_names() {
    let cache = Cache::builder().build().await.expect("a cache in memory");
    let app = App::new()
        .app_data(cache.clone())
        .app_data(web::Data::new(Runs::default()))
        .route("/page/{number}", web::get().to(routes::page))
        .service(routes::change)
        .configure(routes::services);
    let app = init_service(app).await;
    let text = async |request: TestRequest| {
        let response = scope(&cache, call_service(&app, request.to_request())).await;
        let bytes = to_bytes(response.into_body()).await.expect("the body ends");
        String::from_utf8(bytes.to_vec()).expect("text")
    };
    let get = async |uri: &str| text(TestRequest::get().uri(uri)).await;
    assert_eq!((&*get("/").await, &*get("/").await), ("answer", "answer"), "the first of the routes");
    assert_eq!((&*get("/page/7").await, &*get("/page/7").await), ("7 1", "7 1"));
    assert_eq!(text(TestRequest::post().uri("/change/7/x")).await, "x");
    assert_eq!(get("/page/7").await, "7 2");
    assert_eq!(scope(&cache, routes::plain(1)).await, 2);
}

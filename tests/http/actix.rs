//! Handlers of actix-web, as generated code makes them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Waking, Poll};

use actix_web::body::{BodySize, MessageBody, to_bytes};
use actix_web::http::StatusCode;
use actix_web::test as serving;
use actix_web::{App, Error, HttpRequest, HttpResponse, error, web};
use bytes::Bytes;
use larder::__private::actix::{Context, Policy, Vary, aside, handler, made, respond, wire};
use larder::__private::{Site, call, site};
use larder::Cache;
use larder::http::{Hints, NotStored};
use larder::testing::ManualClock;

use crate::support::{Loads, promptly, secs, timed};

type Output = Result<HttpResponse, Error>;

type Serve = dyn Fn(u32, &str) -> Output;

/// What the handler does: given which load it is, and the identifier.
#[derive(Clone)]
struct Served {
    serve: Arc<Serve>,
    loads: Arc<Loads>,
}

impl Served {
    async fn load(self, id: String) -> Output {
        // A future that stays on its thread.
        let here = std::rc::Rc::new(id);
        actix_web::rt::task::yield_now().await;
        (self.serve)(self.loads.next(), &here)
    }
}

struct ByLanguage;

impl Vary for ByLanguage {
    const NAMES: &'static [&'static str] = &["accept-language"];
}

const MINUTE: u64 = 60_000_000_000;

async fn page((context, id): (Context<ByLanguage>, web::Path<String>), served: web::Data<Served>) -> HttpResponse {
    const POLICY: &Policy = &Policy::new().vary(ByLanguage::NAMES).max_body(100).status(&[200, 203]).browser(30);
    fn place() -> &'static Site {
        site!("page", "actix:", [Text("actix:"), Hole("id")], |site| {
            site.timeout(MINUTE).stale_while_revalidate(MINUTE).stale_if_error(10 * MINUTE).wire(wire).generic()
        })
    }
    let cache = context.cache().cloned().expect("a cache");
    let (meta, request) = (context.meta(&cache, place(), POLICY), context.request());
    let making = meta.clone();
    let served = served.get_ref().clone();
    let run = async |(making, request, served, id): (_, HttpRequest, Served, web::Path<String>)| {
        made!(making, request, served.load(id.into_inner()).await).await
    };
    let answer = call(place(), handler())
        .unless(context.bypasses())
        .stale_if_error()
        .lookup(&cache, |key| {
            key.part(&*id);
            context.render(key);
        })
        .if_found(context.is_head())
        .load_or_refresh((making, request, served, id), run, |args| aside(run(args)))
        .await;
    respond(context, meta, answer)
}

struct Program {
    cache: Cache,
    clock: ManualClock,
    served: Served,
}

struct Reply {
    status: StatusCode,
    headers: actix_web::http::header::HeaderMap,
    size: BodySize,
    body: Result<Bytes, ()>,
}

impl Program {
    fn new(serve: impl Fn(u32, &str) -> Output + 'static) -> Self {
        let (cache, clock) = timed();
        let served = Served { serve: Arc::new(serve), loads: Arc::default() };
        Self { cache, clock, served }
    }

    fn loads(&self) -> u32 {
        self.served.loads.so_far()
    }

    async fn get(&self, uri: &str) -> Reply {
        self.ask(serving::TestRequest::get().uri(uri)).await
    }

    async fn ask(&self, request: serving::TestRequest) -> Reply {
        let app = App::new()
            .app_data(web::Data::new(self.cache.clone()))
            .app_data(web::Data::new(self.served.clone()))
            .route("/{id}", web::route().to(page));
        let service = serving::init_service(app).await;
        let response = serving::call_service(&service, request.to_request()).await.into_parts().1;
        let (head, body) = response.into_parts();
        let size = body.size();
        Reply { status: head.status(), headers: head.headers().clone(), size, body: to_bytes(body).await.map_err(drop) }
    }
}

impl Reply {
    fn text(&self) -> &str {
        self.body.as_deref().map_or("broken", |body| str::from_utf8(body).unwrap())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

fn numbered(load: u32) -> HttpResponse {
    HttpResponse::Ok().body(format!("load {load}"))
}

fn run(test: impl Future<Output = ()>) {
    actix_web::rt::System::new().block_on(promptly(test));
}

#[test]
fn a_response_is_stored_with_all_that_belongs_to_it() {
    run(async {
        let program = Program::new(|_, _| {
            let mut response = HttpResponse::Ok();
            response.append_header(("link", "</a>")).append_header(("link", "</b>")).content_type("text/plain");
            Ok(response.body("hello"))
        });
        program.get("/1").await;
        program.clock.advance(secs(7));
        let found = program.get("/1").await;
        assert_eq!((program.loads(), found.status, found.text()), (1, StatusCode::OK, "hello"));
        assert_eq!(found.headers.get_all("link").count(), 2);
        assert_eq!((found.header("age"), found.header("content-type")), (Some("7"), Some("text/plain")));
        assert_eq!(found.header("vary"), Some("accept-language"));
        assert_eq!(found.header("cache-control"), Some("private, max-age=37"), "thirty seconds from now on");
        assert_eq!(found.header("cache-status"), Some("larder; hit; ttl=53"));
        let german = serving::TestRequest::get().uri("/1").insert_header(("accept-language", "de"));
        assert_eq!(program.ask(german).await.header("age"), None);
    });
}

#[test]
fn a_sender_who_has_the_page_is_told_so_and_a_head_is_no_more() {
    run(async {
        let text = |load| HttpResponse::Ok().content_type("text/plain").body(format!("load {load}"));
        let program = Program::new(move |load, _| Ok(text(load)));
        let tag = program.get("/1").await.header("etag").unwrap().to_owned();
        let same = serving::TestRequest::get().uri("/1").insert_header(("if-none-match", tag.clone()));
        let reply = program.ask(same).await;
        assert_eq!((reply.status, reply.size), (StatusCode::NOT_MODIFIED, BodySize::None));
        assert_eq!(reply.header("content-type"), None);
        let lines = serving::TestRequest::get().uri("/1").append_header(("if-none-match", "\"a\""));
        let reply = program.ask(lines.append_header(("if-none-match", "*"))).await;
        assert_eq!(reply.status, StatusCode::OK, "a star is one only if it stands alone");
        let lines = serving::TestRequest::get().uri("/1").append_header(("if-none-match", "\"a\""));
        let reply = program.ask(lines.append_header(("if-none-match", tag))).await;
        assert_eq!(reply.status, StatusCode::NOT_MODIFIED, "all lines are one list");
        let date = program.get("/1").await.header("date").unwrap().to_owned();
        let reply = program.ask(serving::TestRequest::get().uri("/1").insert_header(("if-modified-since", date))).await;
        assert_eq!(reply.status, StatusCode::NOT_MODIFIED);
        let head = program.ask(serving::TestRequest::default().method(actix_web::http::Method::HEAD).uri("/1")).await;
        assert_eq!((head.text(), head.size), ("", BodySize::Sized(6)));
        program.ask(serving::TestRequest::default().method(actix_web::http::Method::HEAD).uri("/2")).await;
        assert_eq!(program.get("/2").await.text(), "load 3", "a head stores nothing");
    });
}

/// A body that breaks off, or that does not say how long it is.
struct Odd(BodySize, u8);

impl MessageBody for Odd {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(mut self: Pin<&mut Self>, _waking: &mut Waking<'_>) -> Poll<Option<Result<Bytes, std::io::Error>>> {
        self.1 += 1;
        Poll::Ready(match (self.1, self.0) {
            (1 | 2, BodySize::Sized(80)) => Some(Ok(Bytes::from_static(&[b'x'; 60]))),
            (1 | 2, _) => Some(Ok(Bytes::from_static(b"a"))),
            (3, BodySize::Sized(80)) => Some(Ok(Bytes::from_static(b"end"))),
            (3, BodySize::Sized(5)) => Some(Err(std::io::Error::other("cut"))),
            _ => None,
        })
    }
}

#[test]
fn what_must_not_be_stored_is_passed_on_and_counted() {
    run(async {
        let program = Program::new(|load, id| {
            Ok(match id {
                "cookie" => HttpResponse::Ok().insert_header(("set-cookie", "a=b")).body("aa"),
                "long" => HttpResponse::Ok().body("a".repeat(101)),
                "stream" => HttpResponse::Ok().body(Odd(BodySize::Stream, 0)),
                "longer" => HttpResponse::Ok().body(Odd(BodySize::Sized(80), 0)),
                "error" => return Err(error::InternalError::new("no", StatusCode::OK).into()),
                "short" => HttpResponse::Ok().body(Odd(BodySize::Sized(3), 0)),
                "veto" => {
                    let mut response = numbered(load);
                    response.extensions_mut().insert(Hints::new().no_store());
                    response
                }
                "missing" => HttpResponse::NotFound().finish(),
                _ => HttpResponse::Ok().body(Odd(BodySize::Sized(5), 0)),
            })
        });
        for (id, text) in [("cookie", "aa"), ("stream", "aa"), ("short", "aa"), ("cut", "broken")] {
            for _ in 0..2 {
                let before = program.loads();
                assert_eq!(program.get(&format!("/{id}")).await.text(), text);
                assert_eq!(program.loads(), before + 1, "{id}");
            }
        }
        for _ in 0..2 {
            let reply = program.get("/longer").await;
            assert_eq!((reply.size, reply.text().len()), (BodySize::Sized(80), 123), "it is passed on as it comes");
            assert_eq!(program.get("/error").await.text(), "no");
        }
        assert_eq!(program.loads(), 12);
        for id in ["long", "veto", "missing"] {
            program.get(&format!("/{id}")).await;
        }
        program.ask(serving::TestRequest::post().uri("/1")).await;
        let reasons = [
            (NotStored::Method, 1),
            (NotStored::Status, 1),
            (NotStored::Error, 2),
            (NotStored::Vetoed, 1),
            (NotStored::SetCookie, 2),
            (NotStored::Length, 2),
            (NotStored::TooLarge, 3),
            (NotStored::Incomplete, 4),
        ];
        assert_eq!(program.cache.not_stored(), reasons);
    });
}

#[test]
fn vary_is_said_of_what_is_not_stored_as_well() {
    run(async {
        let program =
            Program::new(|_, _| Ok(HttpResponse::Ok().append_header(("cache-control", "no-store")).body("a")));
        assert_eq!(program.get("/1").await.header("vary"), Some("accept-language"));
        let program = Program::new(|_, _| Ok(HttpResponse::BadGateway().finish()));
        assert_eq!(program.get("/1").await.header("vary"), Some("accept-language"), "a failure");
    });
}

#[test]
fn a_status_that_is_named_stays_what_it_is() {
    run(async {
        let program = Program::new(|_, _| Ok(HttpResponse::NonAuthoritativeInformation().body("a")));
        for _ in 0..2 {
            assert_eq!(program.get("/1").await.status, StatusCode::NON_AUTHORITATIVE_INFORMATION);
        }
        assert_eq!(program.loads(), 1);
        let head = program.ask(serving::TestRequest::default().method(actix_web::http::Method::HEAD).uri("/2")).await;
        assert_eq!((head.header("cache-status"), head.header("etag")), (Some("larder; fwd=bypass"), None));
    });
}

#[test]
fn an_old_page_is_the_answer_while_it_is_refreshed() {
    run(async {
        let program = Program::new(|load, _| Ok(numbered(load)));
        program.get("/1").await;
        program.clock.advance(secs(70));
        assert_eq!(program.get("/1").await.text(), "load 1");
        while program.get("/1").await.text() == "load 1" {
            actix_web::rt::task::yield_now().await;
        }
        assert_eq!(program.loads(), 2);
    });
}

#[test]
fn an_old_page_stands_in_for_an_error() {
    run(async {
        let program = Program::new(|load, _| match load {
            1 => Ok(numbered(load)),
            _ => Err(error::ErrorBadGateway("down")),
        });
        program.get("/1").await;
        program.clock.advance(secs(121));
        assert_eq!(program.get("/1").await.text(), "load 1");
        program.clock.advance(secs(600));
        let reply = program.get("/1").await;
        assert_eq!((reply.status, reply.text()), (StatusCode::BAD_GATEWAY, "down"));
    });
}

//! A handler whose responses a test chooses, behind a router, and what comes out of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use larder::__private::axum::{Context, Policy, Vary, handler, made, respond, wire};
use larder::__private::{Site, call, site};
use larder::Cache;
use larder::testing::ManualClock;
use tower::ServiceExt;

use crate::support::{Loads, timed};

/// The error of a handler.
pub(crate) struct Failure(pub(crate) StatusCode);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, "failed").into_response()
    }
}

pub(crate) type Output = Result<Response, Failure>;
type Serve = dyn Fn(u32, String) -> Pin<Box<dyn Future<Output = Output> + Send>> + Send + Sync;

/// What the handler does: given which load it is, from 1, and the identifier.
#[derive(Clone)]
pub(crate) struct Served {
    serve: Arc<Serve>,
    loads: Arc<Loads>,
}

impl Served {
    pub(crate) fn new<F>(serve: impl Fn(u32, String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Output> + Send + 'static,
    {
        Self { serve: Arc::new(move |load, id| Box::pin(serve(load, id))), loads: Arc::default() }
    }

    async fn load(self, id: String) -> Output {
        (self.serve)(self.loads.next(), id).await
    }
}

/// `Accept-Language` is in the key.
pub(crate) struct ByLanguage;

impl Vary for ByLanguage {
    const NAMES: &'static [&'static str] = &["accept-language"];
}

/// A handler as generated code makes it.
macro_rules! handlers {
    ($($name:ident<$vary:ty>($policy:expr, |$site:ident| $options:expr $(, $rule:ident: $value:expr)*);)*) => {$(
        async fn $name(
            (context, Path(id)): (Context<$vary>, Path<String>),
            State(served): State<Served>,
        ) -> Response {
            const POLICY: &Policy = &$policy;
            fn place() -> &'static Site {
                site!("page", "page:", [Text("page:"), Hole("id")], |$site| {
                    let site = $options;
                    site.wire(wire).generic()
                })
            }
            let cache = context.cache().cloned().expect("a cache");
            let meta = context.meta(&cache, place(), POLICY);
            let making = meta.clone();
            let answer = call(place(), handler())
                .unless(context.bypasses())
                .stale_if_error()
                $(.$rule($value))*
                .lookup(&cache, |key| {
                    key.part(&id);
                    context.render(key);
                })
                .if_found(context.is_head())
                .load_or_refresh(
                    (making, served, id),
                    |(making, served, id)| async move { made!(making, served.load(id).await).await },
                    |(making, served, id)| async move { made!(making, served.load(id).await).await },
                )
                .await;
            respond(context, meta, answer)
        }
    )*};
}

const MINUTE: u64 = 60_000_000_000;

handlers! {
    plain<()>(Policy::new().max_body(1_000), |site| site.timeout(MINUTE));
    errors<()>(Policy::new().status(&[200, 404]), |site| site.timeout(MINUTE).stale_if_error(10 * MINUTE));
    stale<()>(Policy::new(), |site| site.timeout(MINUTE).stale_while_revalidate(MINUTE));
    language<ByLanguage>(Policy::new().vary(ByLanguage::NAMES), |site| site.timeout(MINUTE));
    empty<()>(Policy::new().status(&[204]), |site| site.timeout(MINUTE));
    told<()>(Policy::new().browser(30).cdn(300), |site| site.timeout(MINUTE));
    browsers<()>(Policy::new().browser(30), |site| site.timeout(MINUTE));
    impersonal<()>(Policy::new(), |site| site.timeout(MINUTE), store_if: |page| page.header("x-personal").is_none());
}

/// A program with the handler under several paths.
pub(crate) struct App {
    router: Router,
    pub(crate) cache: Cache,
    pub(crate) clock: ManualClock,
    served: Served,
}

impl App {
    /// One whose handler has this response.
    pub(crate) fn of<R: IntoResponse>(response: impl Fn() -> R + Send + Sync + 'static) -> Self {
        Self::serving(Served::new(move |_, _| std::future::ready(Ok(response().into_response()))))
    }

    pub(crate) fn serving(served: Served) -> Self {
        let (cache, clock) = timed();
        Self::with(served, cache, clock)
    }

    pub(crate) fn with(served: Served, cache: Cache, clock: ManualClock) -> Self {
        let router = Router::new()
            .route("/plain/{id}", any(plain))
            .route("/errors/{id}", any(errors))
            .route("/stale/{id}", any(stale))
            .route("/language/{id}", any(language))
            .route("/empty/{id}", any(empty))
            .route("/told/{id}", any(told))
            .route("/browsers/{id}", any(browsers))
            .route("/impersonal/{id}", any(impersonal))
            .layer(Extension(cache.clone()))
            .with_state(served.clone());
        Self { router, cache, clock, served }
    }

    /// How often the handler ran.
    pub(crate) fn loads(&self) -> u32 {
        self.served.loads.so_far()
    }

    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.ask("GET", uri, &[]).await
    }

    pub(crate) async fn ask(&self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Reply {
        let response = self.send(method, uri, headers).await;
        Reply::of(response).await
    }

    /// The response, whose body was not read yet.
    pub(crate) async fn send(&self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Response {
        self.router.clone().oneshot(request(method, uri, headers)).await.unwrap_or_else(|never| match never {})
    }
}

pub(crate) fn request(method: &str, uri: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) async fn of<B>(response: axum::http::Response<B>) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let (head, body) = response.into_parts();
        let body = to_bytes(Body::new(body), usize::MAX).await.unwrap();
        Self { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// The lines of a header, joined.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let lines: Vec<_> = self
            .headers
            .get_all(name)
            .iter()
            .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned())
            .collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A response with these headers and the number of its load as its body.
pub(crate) fn numbered(load: u32, headers: &[(&'static str, &'static str)]) -> Response {
    let mut response = format!("load {load}").into_response();
    for (name, value) in headers {
        response.headers_mut().append(*name, value.parse().unwrap());
    }
    response
}

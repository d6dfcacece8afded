//! Handlers of actix-web. Generated code does what it does for axum (see there), with these differences:
//!
//! ```text
//! async fn page((context, a0): (Context<page>, Path<u64>), ..) -> HttpResponse {
//!     let request = context.request();                             // for the body: what a response is made for
//!     ..  .load(|| async move { made!(making, request, inner(a0, a1).await).await })
//!     ..  .load_or_refresh(args,
//!             |(making, request, a0)| async move { made!(making, request, inner(a0).await).await },
//!             |(making, request, a0)| aside(async move { made!(making, request, inner(a0).await).await }))
//! }
//! ```
//!
//! Futures stay on their thread; [`aside`] is a way for others to wait for one. The cache is that of the application's data:
//! `.app_data(cache)` or `.app_data(web::Data::new(cache))`.

use std::collections::VecDeque;
use std::future::{Future, Ready, poll_fn, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as Waking, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, FromRequest, Responder, web};
pub use actix_web::{HttpRequest, HttpRequest as Request, HttpResponse, HttpResponse as Response};
use bytes::Bytes;
use tokio::sync::oneshot;

use super::answer;
pub use super::answer::{Answer, wire};
use super::conditional::{Conditions, is_in_not_modified};
use super::fields::Fields;
pub use super::header::{Header, headers};
use super::hints::Hints;
pub use super::meta::Meta;
use super::meta::{Given, Passes, Verdict};
use super::not_stored::NotStored;
pub use super::page::Page;
pub use super::policy::{Etag, Policy};
pub use super::returned::{AnyReturned, Fallible, Plain, Returned, Vary};
pub use super::written_actix::{accepted, answered};
use super::{status, vary};
pub use crate::__larder_actix_made as made;
use crate::cache::Cache;
use crate::default;
use crate::key::KeyWriter;
use crate::outcome::Origin;
use crate::site::Site;

/// What the cache has to know of a request, taken along with the first extractor.
#[doc(hidden)]
#[derive(Debug)]
pub struct Context<V = ()> {
    request: HttpRequest,
    vary: PhantomData<fn() -> V>,
}

impl<V: 'static> FromRequest for Context<V> {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self { request: request.clone(), vary: PhantomData }))
    }
}

impl<V: Vary> Context<V> {
    /// Has the request nothing to do with the cache?
    #[must_use]
    pub fn bypasses(&self) -> bool {
        !matches!(*self.request.method(), Method::GET | Method::HEAD)
    }

    /// Is only the head of the response asked for?
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.request.method() == Method::HEAD
    }

    /// The cache that was given to the application.
    #[must_use]
    pub fn cache(&self) -> Option<&Cache> {
        let data = || self.request.app_data::<web::Data<Cache>>().map(|data| &***data);
        self.request.app_data::<Cache>().or_else(data)
    }

    /// That cache, or the default one.
    #[must_use]
    pub fn current(&self) -> Cache {
        self.cache().cloned().unwrap_or_else(|| default::current().clone())
    }

    /// What the body makes its response for.
    #[must_use]
    pub fn request(&self) -> HttpRequest {
        self.request.clone()
    }

    /// Adds the headers of the request that the response depends on to the key.
    pub fn render(&self, key: &mut KeyWriter<'_>) {
        for name in V::NAMES {
            key.text(":");
            vary::render(value(self.request.headers(), name).as_deref(), key);
        }
    }

    /// What making and sending the response needs.
    #[must_use]
    pub fn meta(&self, cache: &Cache, site: &'static Site, policy: &'static Policy) -> Meta {
        let passes = match (self.bypasses(), self.is_head()) {
            (true, _) => Some(Passes::Because(NotStored::Method)),
            (false, true) => Some(Passes::Unasked),
            (false, false) => None,
        };
        Meta::new(cache, site, policy, passes)
    }
}

/// The value of a header over all its lines.
fn value(headers: &HeaderMap, name: &str) -> Option<Bytes> {
    vary::value(headers.get_all(name).map(HeaderValue::as_bytes))
}

/// The kind of every handler.
#[doc(hidden)]
#[must_use]
pub const fn handler() -> answer::Handler<HttpResponse> {
    answer::handler()
}

fn fields_of(headers: &HeaderMap) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in headers {
        fields.push(name.as_str(), Bytes::copy_from_slice(value.as_bytes()));
    }
    fields
}

/// The response that a handler's output stands for, and whether it is an error.
#[doc(hidden)]
pub fn responded<R: Responds>(request: &HttpRequest, output: R) -> (HttpResponse, bool) {
    output.response(request)
}

/// What becomes of a handler's response.
#[doc(hidden)]
pub async fn made(meta: Meta, (response, is_error): (HttpResponse, bool)) -> Answer<HttpResponse> {
    let hints = response.extensions().get::<Hints>().cloned().unwrap_or_default();
    let given = Given {
        status: response.status().as_u16(),
        fields: fields_of(response.headers()),
        hints,
        length: match response.body().size() {
            BodySize::None => Some(0),
            BodySize::Sized(length) => Some(length),
            BodySize::Stream => None,
        },
        is_error,
    };
    let storing = match meta.judge(given) {
        Verdict::Store(storing) => storing,
        Verdict::Failed => {
            let status = response.status().as_u16();
            return Answer::Failed(response, Some(status));
        }
        Verdict::Pass(reason) => return Answer::Live(response, reason),
    };
    let (head, body) = response.into_parts();
    match read(body, storing.longest()).await {
        Ok(bytes) => match storing.finish(&bytes) {
            Ok(page) => Answer::Page(page, Origin::Made { old: false }),
            Err(reason) => Answer::unkept(head.set_body(BoxBody::new(bytes)), reason),
        },
        Err((reason, replay)) => {
            let reason = storing.give_up(reason);
            Answer::unkept(head.set_body(BoxBody::new(replay)), reason)
        }
    }
}

/// Reads a body to its end. One that is longer than this, or that breaks off, is given back, to be passed on.
async fn read(mut body: BoxBody, longest: u64) -> Result<Bytes, (NotStored, Replay)> {
    let size = body.size();
    let (mut chunks, mut length) = (VecDeque::new(), 0_u64);
    loop {
        match poll_fn(|waking| Pin::new(&mut body).poll_next(waking)).await {
            None => return Ok(chunks.into_iter().collect::<Vec<Bytes>>().concat().into()),
            Some(Ok(chunk)) => {
                length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                chunks.push_back(chunk);
                if length > longest {
                    return Err((NotStored::TooLarge, Replay { size, chunks, error: None, rest: Some(body) }));
                }
            }
            Some(Err(error)) => {
                return Err((NotStored::Incomplete, Replay { size, chunks, error: Some(error), rest: None }));
            }
        }
    }
}

/// What was read of a body, and behind it what was not.
struct Replay {
    size: BodySize,
    chunks: VecDeque<Bytes>,
    error: Option<Box<dyn std::error::Error>>,
    rest: Option<BoxBody>,
}

impl MessageBody for Replay {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(mut self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(chunk) = self.chunks.pop_front() {
            return Poll::Ready(Some(Ok(chunk)));
        }
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        self.rest.as_mut().map_or(Poll::Ready(None), |rest| Pin::new(rest).poll_next(waking))
    }
}

/// The body of which only the head is sent: as long as the page's, and empty.
struct HeadOnly(u64);

impl MessageBody for HeadOnly {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0)
    }

    fn poll_next(self: Pin<&mut Self>, _waking: &mut Waking<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}

/// The response to a request.
#[doc(hidden)]
#[expect(clippy::needless_pass_by_value, reason = "as for axum: the call has no more use for them")]
pub fn respond<V: Vary>(context: Context<V>, meta: Meta, answer: Answer<HttpResponse>) -> HttpResponse {
    match answer {
        Answer::Page(page, origin) => page_of(&context, &meta, &page, origin),
        Answer::Live(response, reason) => show(vary(&meta, response), || status::of_live(reason, meta.miss)),
        Answer::Failed(response, _) => show(vary(&meta, response), || status::of_failed(meta.miss)),
    }
}

/// Says of a response that is no page, too, on which headers of the request it depends.
fn vary(meta: &Meta, mut response: HttpResponse) -> HttpResponse {
    let missing = meta.policy.unsaid(|| fields_of(response.headers()));
    if let Some(value) = missing.and_then(|missing| HeaderValue::try_from(missing).ok()) {
        response.headers_mut().append(HeaderName::from_static("vary"), value);
    }
    response
}

fn page_of<V: Vary>(context: &Context<V>, meta: &Meta, page: &Page, origin: Origin) -> HttpResponse {
    let parts = page.parts();
    let headers = context.request.headers();
    let none_match = value(headers, "if-none-match");
    let modified_since = headers.get("if-modified-since").map(HeaderValue::as_bytes);
    let not_modified = Conditions { none_match: none_match.as_deref(), modified_since }.hold(page);
    let length = u64::try_from(parts.body.len()).unwrap_or(u64::MAX);
    let (status, body) = match (not_modified, context.is_head()) {
        (true, _) => (StatusCode::NOT_MODIFIED, BoxBody::new(actix_web::body::None::new())),
        (false, true) => (status_of(page), BoxBody::new(HeadOnly(length))),
        (false, false) => (status_of(page), BoxBody::new(parts.body.clone())),
    };
    let mut response = HttpResponse::with_body(status, body);
    let has_tag = page.header("etag").is_some();
    for field in parts.fields.iter().filter(|field| !not_modified || is_in_not_modified(&field.name, has_tag)) {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_maybe_shared(field.value.clone())) {
            response.headers_mut().append(name, value);
        }
    }
    let age = meta.age(page, origin);
    for (name, text) in meta.policy.tells(page, age, headers.contains_key("authorization")) {
        if let Ok(value) = HeaderValue::try_from(text) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    if let Some(age) = age {
        response.headers_mut().insert(HeaderName::from_static("age"), age.into());
    }
    // Caches further out go by them as well.
    if let Some(hints) = page.hints(meta.now()) {
        response.extensions_mut().insert(hints);
    }
    show(response, || status::of_page(meta, page, origin, status.as_u16()))
}

fn status_of(page: &Page) -> StatusCode {
    StatusCode::from_u16(page.status()).unwrap_or_default()
}

/// Says what the cache did, where that is said.
fn show(mut response: HttpResponse, text: impl FnOnce() -> String) -> HttpResponse {
    if status::SHOWN
        && let Ok(value) = HeaderValue::try_from(text())
    {
        response.headers_mut().append(HeaderName::from_static("cache-status"), value);
    }
    response
}

/// A future of this thread as one that others may wait for. It runs once they do; of what is not stored they learn no more than that.
#[doc(hidden)]
pub fn aside(
    future: impl Future<Output = Answer<HttpResponse>> + 'static,
) -> impl Future<Output = Answer<HttpResponse>> + Send + 'static {
    let (start, begun) = oneshot::channel::<()>();
    let (end, ended) = oneshot::channel();
    actix_web::rt::spawn(async move {
        if begun.await.is_ok() {
            let result = match future.await {
                Answer::Page(page, _) => Ended::Page(page),
                Answer::Live(_, reason) => Ended::Live(reason),
                Answer::Failed(..) => Ended::Failed,
            };
            // Nobody may wait any more.
            let _ = end.send(result);
        }
    });
    async move {
        let _ = start.send(());
        match ended.await {
            Ok(Ended::Page(page)) => Answer::Page(page, Origin::Made { old: false }),
            Ok(Ended::Live(reason)) => Answer::Live(HttpResponse::new(StatusCode::NO_CONTENT), reason),
            // Its thread has ended, or it has panicked.
            Ok(Ended::Failed) | Err(_) => Answer::Failed(HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR), None),
        }
    }
}

/// What a thread tells another of a response, which stays where it is.
enum Ended {
    Page(Page),
    Live(Option<NotStored>),
    Failed,
}

/// What a handler has returned: a response, and whether it is an error.
#[doc(hidden)]
pub trait Responds {
    fn response(self, request: &HttpRequest) -> (HttpResponse, bool);
}

impl<R: Responder> Responds for Plain<R>
where
    R::Body: 'static,
{
    fn response(self, request: &HttpRequest) -> (HttpResponse, bool) {
        (self.0.respond_to(request).map_into_boxed_body(), false)
    }
}

impl<R: Responder, E: Into<Error>> Responds for Fallible<R, E>
where
    R::Body: 'static,
{
    fn response(self, request: &HttpRequest) -> (HttpResponse, bool) {
        match self.0 {
            Ok(response) => (response.respond_to(request).map_into_boxed_body(), false),
            Err(error) => (HttpResponse::from_error(error), true),
        }
    }
}

/// What becomes of a handler's output: a future of an [`Answer`].
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_actix_made {
    ($meta:expr, $request:expr, $output:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::actix::AnyReturned as _;
        let (__meta, __request) = ($crate::__private::actix::Meta::begun($meta), $request);
        let __output = $crate::__private::actix::Returned($output).sort();
        $crate::__private::actix::made(__meta, $crate::__private::actix::responded(&__request, __output))
    }};
}

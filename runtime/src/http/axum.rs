//! Handlers of axum. What generated code does, in this order:
//!
//! ```text
//! async fn page((context, a0): (Context<page>, Path<u64>), a1: State<Db>) -> Response {
//!     const POLICY: &Policy = &Policy::new().browser(30);          // and .status(&[200, 404]) .max_body(..) .cdn(..)
//!     //                                                              .etag(Etag::Strong) .vary(<page as Vary>::NAMES)
//!     let cache = context.cache().cloned()...;                     // `cache = ..`, else the request's, else the default one
//!     let meta = context.meta(&cache, SITE, POLICY);               // Clone + Send + 'static
//!     //                                                           // `.unless(condition)` where the attribute has it
//!     let making = meta.clone();                                   // the body's
//!     let answer = call(SITE, handler())                           // `handler()` is the kind
//!         .unless(context.bypasses())
//!         .stale_if_error()                                        // compiles for every handler
//!         .lookup(&cache, |key| { ..arguments..; context.render(key) })
//!         .if_found(context.is_head())                             // HEAD is answered by stored pages, and stores none
//!         .tagged(..)
//!         .load(|| async move { made!(making, inner(a0, a1).await).await })
//!         .await;
//!     respond(context, meta, answer)
//! }
//! ```
//!
//! `load_or_refresh` takes its place where `stale_while_revalidate`, `early` or `soft_timeout` is given: the future of `made!` is `Send + 'static`
//! if the handler's is. The site says `.wire(wire)`, and `.generic()` if headers are in the key. `made!(meta, output)` takes an `impl IntoResponse`,
//! or a `Result` of two, whose `Err` is not stored: which it is, the type decides. `Store_if` and `timeout_with` are given a `&Page`.

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;

use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::IntoResponse;
pub use axum_core::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use http::request::Parts;

pub use super::answer::{Answer, wire};
use super::body::CachedBody;
use super::fields::trim;
pub use super::header::{Header, headers};
use super::message::{self, Sender, joined};
pub use super::meta::Meta;
use super::meta::Passes;
use super::not_stored::NotStored;
pub use super::page::Page;
pub use super::policy::{Etag, Policy};
pub use super::returned::{AnyReturned, Fallible, Plain, Returned, Vary};
pub use super::written_axum::{accepted, answered};
use super::{answer, vary};
pub use crate::__larder_axum_made as made;
use crate::cache::Cache;
use crate::default;
use crate::key::KeyWriter;
use crate::site::Site;

/// What the cache has to know of a request, taken along with the first extractor. It copies a few values and no map of headers.
#[doc(hidden)]
#[derive(Debug)]
pub struct Context<V = ()> {
    sender: Sender,
    bypasses: bool,
    cache: Option<Cache>,
    keyed: Vec<Option<HeaderValue>>,
    vary: PhantomData<fn() -> V>,
}

impl<S, V: Vary> FromRequestParts<S> for Context<V> {
    type Rejection = Infallible;

    fn from_request_parts(parts: &mut Parts, _state: &S) -> impl Future<Output = Result<Self, Infallible>> + Send {
        let context: Ready<Result<Self, Infallible>> = ready(Ok(Self::of(parts)));
        context
    }
}

impl<V: Vary> Context<V> {
    fn of(parts: &Parts) -> Self {
        let headers = &parts.headers;
        Self {
            sender: Sender::of(&parts.method, headers),
            bypasses: !matches!(parts.method, http::Method::GET | http::Method::HEAD),
            cache: parts.extensions.get::<Cache>().cloned(),
            keyed: V::NAMES.iter().map(|name| joined(headers, *name)).collect(),
            vary: PhantomData,
        }
    }

    /// Has the request nothing to do with the cache?
    #[must_use]
    pub fn bypasses(&self) -> bool {
        self.bypasses
    }

    /// Is only the head of the response asked for?
    #[must_use]
    pub fn is_head(&self) -> bool {
        self.sender.is_head
    }

    /// The cache that was given to the router: `.layer(Extension(cache))`.
    #[must_use]
    pub fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// That cache, or the default one.
    #[must_use]
    pub fn current(&self) -> Cache {
        self.cache.clone().unwrap_or_else(|| default::current().clone())
    }

    /// Adds the headers of the request that the response depends on to the key.
    pub fn render(&self, key: &mut KeyWriter<'_>) {
        for value in &self.keyed {
            key.text(":");
            vary::render(value.as_ref().map(|value| trim(value.as_bytes())), key);
        }
    }

    /// What making and sending the response needs.
    #[must_use]
    pub fn meta(&self, cache: &Cache, site: &'static Site, policy: &'static Policy) -> Meta {
        let passes = match (self.bypasses, self.sender.is_head) {
            (true, _) => Some(Passes::Because(NotStored::Method)),
            (false, true) => Some(Passes::Unasked),
            (false, false) => None,
        };
        Meta::new(cache, site, policy, passes)
    }
}

/// The kind of every handler.
#[doc(hidden)]
#[must_use]
pub const fn handler() -> answer::Handler<Response> {
    answer::handler()
}

/// The response that a handler's output stands for, and whether it is an error. An ordinary function, since what is no response would be
/// an error of rustc's in each place that knows of a future.
#[doc(hidden)]
pub fn responded<R: Responds>(output: R) -> (Response, bool) {
    output.response()
}

/// What becomes of a handler's response.
#[doc(hidden)]
pub async fn made(meta: Meta, (response, is_error): (Response, bool)) -> Answer<Response> {
    match message::keep(meta, response, is_error).await {
        Answer::Page(page, origin) => Answer::Page(page, origin),
        Answer::Live(response, reason) => Answer::Live(response.map(unwrap), reason),
        Answer::Failed(response, status) => Answer::Failed(response.map(unwrap), status),
    }
}

/// The service's own body where nothing has touched it.
fn unwrap(body: CachedBody<Body>) -> Body {
    match body.into_untouched() {
        Ok(body) => body,
        Err(body) => Body::new(body),
    }
}

/// The body of a page's response.
fn body_of(bytes: Option<Bytes>) -> Body {
    bytes.map_or_else(|| Body::new(CachedBody::<Body>::nothing()), Body::from)
}

/// The response to a request.
#[doc(hidden)]
#[expect(clippy::needless_pass_by_value, reason = "the call has no more use for it")]
pub fn respond<V>(context: Context<V>, meta: Meta, answer: Answer<Response>) -> Response {
    let Context { sender, .. } = context;
    match answer {
        Answer::Page(page, origin) => message::respond(&meta, &sender, &page, origin, body_of),
        Answer::Live(response, reason) => message::pass(message::vary(&meta, response), reason, meta.miss),
        Answer::Failed(response, _) => message::fail(message::vary(&meta, response), meta.miss),
    }
}

/// What a handler has returned: a response, and whether it is an error.
#[doc(hidden)]
pub trait Responds {
    fn response(self) -> (Response, bool);
}

impl<R: IntoResponse> Responds for Plain<R> {
    fn response(self) -> (Response, bool) {
        (self.0.into_response(), false)
    }
}

/// Whatever axum takes for a response: the error of its own `Result` is none alone.
impl<R, E> Responds for Fallible<R, E>
where
    Result<R, E>: IntoResponse,
{
    fn response(self) -> (Response, bool) {
        let is_error = self.0.is_err();
        (self.0.into_response(), is_error)
    }
}

/// What becomes of a handler's output: a future of an [`Answer`].
#[doc(hidden)]
#[macro_export]
macro_rules! __larder_axum_made {
    ($meta:expr, $output:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::axum::AnyReturned as _;
        let __meta = $crate::__private::axum::Meta::begun($meta);
        let __output = $crate::__private::axum::responded($crate::__private::axum::Returned($output).sort());
        $crate::__private::axum::made(__meta, __output)
    }};
}

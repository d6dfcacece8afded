//! The core's answers as messages of the `http` crate, which axum and tower speak.

use bytes::Bytes;
use http::header::{AGE, CONTENT_LENGTH, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body;

use super::answer::Answer;
use super::body::{CachedBody, read};
use super::conditional::{Conditions, is_in_not_modified};
use super::fields::Fields;
use super::hints::Hints;
use super::meta::{Given, Meta, Verdict};
use super::not_stored::NotStored;
use super::page::Page;
use super::status::{self, Miss};
use super::vary;
use crate::outcome::Origin;

/// A name that crates of HTTP do not know yet.
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// What a request says, in the form in which it is kept while its handler runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sender {
    pub(crate) is_head: bool,
    pub(crate) is_authorized: bool,
    pub(crate) none_match: Option<HeaderValue>,
    pub(crate) modified_since: Option<HeaderValue>,
}

impl Sender {
    pub(crate) fn of(method: &http::Method, headers: &HeaderMap) -> Self {
        Self {
            is_head: method == http::Method::HEAD,
            is_authorized: headers.contains_key(http::header::AUTHORIZATION),
            none_match: joined(headers, &http::header::IF_NONE_MATCH),
            modified_since: headers.get(http::header::IF_MODIFIED_SINCE).cloned(),
        }
    }

    fn conditions(&self) -> Conditions<'_> {
        let none_match = self.none_match.as_ref().map(HeaderValue::as_bytes);
        let modified_since = self.modified_since.as_ref().map(HeaderValue::as_bytes);
        Conditions { none_match, modified_since }
    }
}

/// The value of a header over all its lines. That of one line is not copied.
pub(crate) fn joined(headers: &HeaderMap, name: impl http::header::AsHeaderName + Copy) -> Option<HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next()?;
    if lines.next().is_none() {
        return Some(first.clone());
    }
    let all = vary::value(headers.get_all(name).iter().map(HeaderValue::as_bytes))?;
    HeaderValue::from_maybe_shared(all).ok()
}

/// A header section in the core's form.
pub(crate) fn fields_of(headers: &HeaderMap) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in headers {
        fields.push(name.as_str(), Bytes::copy_from_slice(value.as_bytes()));
    }
    fields
}

/// What a service has given becomes a page if it is to be stored, and its body is complete.
pub(crate) async fn keep<B>(meta: Meta, response: Response<B>, is_error: bool) -> Answer<Response<CachedBody<B>>>
where
    B: Body<Data = Bytes>,
{
    let (head, body) = response.into_parts();
    let hints = head.extensions.get::<Hints>().cloned().unwrap_or_default();
    let given = Given {
        status: head.status.as_u16(),
        fields: fields_of(&head.headers),
        hints,
        length: body.size_hint().exact(),
        is_error,
    };
    let storing = match meta.judge(given) {
        Verdict::Store(storing) => storing,
        Verdict::Failed => {
            let status = head.status.as_u16();
            return Answer::Failed(Response::from_parts(head, CachedBody::untouched(body)), Some(status));
        }
        Verdict::Pass(reason) => {
            return Answer::Live(Response::from_parts(head, CachedBody::untouched(body)), reason);
        }
    };
    match read(body, storing.longest()).await {
        Ok(bytes) => match storing.finish(&bytes) {
            Ok(page) => Answer::Page(page, Origin::Made { old: false }),
            Err(reason) => Answer::unkept(Response::from_parts(head, CachedBody::whole(bytes)), reason),
        },
        Err((reason, replay)) => {
            let reason = storing.give_up(reason);
            Answer::unkept(Response::from_parts(head, CachedBody::replayed(replay)), reason)
        }
    }
}

/// A page as the response to a request.
pub(crate) fn respond<B>(
    meta: &Meta,
    sender: &Sender,
    page: &Page,
    origin: Origin,
    body: fn(Option<Bytes>) -> B,
) -> Response<B> {
    let parts = page.parts();
    let not_modified = sender.conditions().hold(page);
    // A map has an end, and what comes from other processes may be of any size.
    let mut headers = HeaderMap::try_with_capacity(parts.fields.len() + 4).unwrap_or_default();
    let has_tag = page.header("etag").is_some();
    for field in parts.fields.iter().filter(|field| !not_modified || is_in_not_modified(&field.name, has_tag)) {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_maybe_shared(field.value.clone())) {
            let _full = headers.try_append(name, value);
        }
    }
    let age = meta.age(page, origin);
    for (name, text) in meta.policy.tells(page, age, sender.is_authorized) {
        if let Ok(value) = HeaderValue::try_from(text) {
            let _full = headers.try_insert(HeaderName::from_static(name), value);
        }
    }
    if let Some(age) = age {
        let _full = headers.try_insert(AGE, age.into());
    }
    let status =
        if not_modified { StatusCode::NOT_MODIFIED } else { StatusCode::from_u16(parts.status).unwrap_or_default() };
    if status::SHOWN {
        show(&mut headers, status::of_page(meta, page, origin, status.as_u16()));
    }
    // One without content must not say how long it is (RFC 9110 section 8.6).
    let has_length = !not_modified && status != StatusCode::NO_CONTENT;
    if sender.is_head && has_length && !headers.contains_key(CONTENT_LENGTH) {
        let _full = headers.try_insert(CONTENT_LENGTH, parts.body.len().into());
    }
    let bytes = (!not_modified && !sender.is_head).then(|| parts.body.clone());
    let mut response = Response::new(body(bytes));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    // Caches further out go by them as well.
    if let Some(hints) = page.hints(meta.now()) {
        response.extensions_mut().insert(hints);
    }
    response
}

/// A response that is passed on, to a sender whose conditions its service has not seen.
pub(crate) fn unless_had<B: Body<Data = Bytes>>(
    sender: &Sender,
    response: Response<CachedBody<B>>,
) -> Response<CachedBody<B>> {
    let field = |name: &str| response.headers().get(name).map(HeaderValue::as_bytes);
    if !sender.conditions().hold_for(response.status().as_u16(), field) {
        return response;
    }
    let (mut head, _) = response.into_parts();
    head.status = StatusCode::NOT_MODIFIED;
    let has_tag = head.headers.contains_key(http::header::ETAG);
    let names: Vec<_> =
        head.headers.keys().filter(|name| !is_in_not_modified(name.as_str(), has_tag)).cloned().collect();
    for name in names {
        head.headers.remove(name);
    }
    Response::from_parts(head, CachedBody::nothing())
}

/// Says of a response that is no page, too, on which headers of the request it depends: what is not stored here may be stored elsewhere.
pub(crate) fn vary<B>(meta: &Meta, mut response: Response<B>) -> Response<B> {
    let missing = meta.policy.unsaid(|| fields_of(response.headers()));
    if let Some(value) = missing.and_then(|missing| HeaderValue::try_from(missing).ok()) {
        let _full = response.headers_mut().try_append(http::header::VARY, value);
    }
    response
}

/// Says of a response that is passed on what the cache did.
pub(crate) fn pass<B>(mut response: Response<B>, reason: Option<NotStored>, miss: Miss) -> Response<B> {
    if status::SHOWN {
        show(response.headers_mut(), status::of_live(reason, miss));
    }
    response
}

/// The same of one that failed.
pub(crate) fn fail<B>(mut response: Response<B>, miss: Miss) -> Response<B> {
    if status::SHOWN {
        show(response.headers_mut(), status::of_failed(miss));
    }
    response
}

fn show(headers: &mut HeaderMap, text: String) {
    if let Ok(value) = HeaderValue::try_from(text) {
        let _full = headers.try_append(CACHE_STATUS, value);
    }
}

//! What a layer knows of a request before anything else is done with it.

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Uri};
use http_body::Body;

use super::control::CacheControl;
use super::not_stored::NotStored;
use super::policy::Profile;
use super::vary;

/// The place of a resource: what a page is found by before its variants are told apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Resource {
    /// In lower case.
    pub(crate) authority: String,
    pub(crate) path: String,
}

impl Resource {
    /// The one that a request is about. A router that is nested cuts off the beginning of the path: what the client has sent counts.
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let uri = uri_of(request);
        let host = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let authority = uri.authority().map(http::uri::Authority::as_str).or_else(host).unwrap_or_default();
        Self { authority: authority.to_ascii_lowercase(), path: path_of(uri) }
    }

    /// The one that a header of its response names, if it is on the same host.
    pub(crate) fn named(&self, reference: &HeaderValue) -> Option<Self> {
        let reference = reference.to_str().ok()?;
        if let Some(path) = reference.strip_prefix('/').filter(|rest| !rest.starts_with('/')) {
            let path = path.split('#').next().unwrap_or_default();
            return Some(Self { authority: self.authority.clone(), path: format!("/{path}") });
        }
        let uri: Uri = reference.split('#').next()?.parse().ok()?;
        let authority = uri.authority()?.as_str();
        let same = authority.eq_ignore_ascii_case(&self.authority) && uri.scheme().is_some();
        same.then(|| Self { authority: self.authority.clone(), path: path_of(&uri) })
    }

    /// The tag that all its pages have.
    pub(crate) fn tag(&self, name: &str) -> String {
        let [name, authority, path] = [name, &self.authority, &self.path].map(crate::escape);
        format!("larder.http:{name}:{authority}:{path}")
    }
}

/// What the client has sent.
fn uri_of<B>(request: &Request<B>) -> &Uri {
    let original = request.extensions().get::<axum::extract::OriginalUri>();
    original.map_or(request.uri(), |original| &original.0)
}

fn path_of(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| uri.path().to_owned(), |path| path.as_str().to_owned())
}

/// What a request may be answered with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes(CacheControl);

impl Wishes {
    /// Those that count: a program that decides on its own does not let its clients make it work.
    pub(crate) fn of(headers: &HeaderMap, profile: Profile) -> Self {
        match profile {
            Profile::Program => Self::default(),
            Profile::Rfc9111 => {
                Self(CacheControl::of(headers.get_all(header::CACHE_CONTROL).iter().map(HeaderValue::as_bytes)))
            }
        }
    }

    /// Is a page of this age, and fresh for so long, good enough (RFC 9111 section 5.2.1)? Who sets a limit wants none that is past its
    /// time.
    pub(crate) fn accept(&self, age: u64, left: Option<i64>) -> bool {
        let left = left.unwrap_or(i64::MAX);
        let too_old = self.0.seconds("max-age").is_some_and(|limit| age > limit || left <= 0);
        let too_short =
            self.0.seconds("min-fresh").is_some_and(|least| left < i64::try_from(least).unwrap_or(i64::MAX).max(1));
        !(too_old || too_short || self.0.has("no-cache"))
    }

    pub(crate) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn forbid_to_store(&self) -> bool {
        self.0.has("no-store")
    }

    pub(crate) fn want_only_pages(&self) -> bool {
        self.0.has("only-if-cached")
    }
}

/// Requests that are about a part, or whose conditions are not a cache's.
const NOT_FOR_CACHES: [HeaderName; 5] =
    [header::RANGE, header::IF_RANGE, header::IF_MATCH, header::IF_UNMODIFIED_SINCE, header::UPGRADE];

/// Why a request has nothing to do with the cache, if that is so.
pub(crate) fn bypasses<B: Body>(request: &Request<B>, profile: Profile) -> Option<NotStored> {
    let headers = request.headers();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some(NotStored::Method);
    }
    if profile == Profile::Program {
        if headers.contains_key(header::AUTHORIZATION) {
            return Some(NotStored::Authorization);
        }
        if headers.contains_key(header::COOKIE) {
            return Some(NotStored::Cookie);
        }
    }
    // In HTTP/2 the header need not say that there is one.
    let body = request.body();
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
        || !(body.is_end_stream() || body.size_hint().exact() == Some(0));
    let hosts = headers.get_all(header::HOST).iter().count();
    let other = has_body
        || hosts > 1
        || contradicts_itself(request)
        || NOT_FOR_CACHES.iter().any(|name| headers.contains_key(name));
    other.then_some(NotStored::Request)
}

/// Do the target and the header name two hosts? The page is found by the one, and a handler may write it for the other.
fn contradicts_itself<B>(request: &Request<B>) -> bool {
    let (target, header) = (uri_of(request).authority(), request.headers().get(header::HOST));
    target.zip(header).is_some_and(|(target, host)| !target.as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes()))
}

/// Does the method change something (RFC 9110 section 9.2.1)?
pub(crate) fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// The value of a header over all lines.
pub(crate) fn value(headers: &HeaderMap, name: &str) -> Option<Bytes> {
    vary::value(headers.get_all(name).iter().map(HeaderValue::as_bytes))
}

/// The service is asked for the whole page: that the sender has it is seen when it is there.
pub(crate) fn without_conditions<B>(mut request: Request<B>) -> Request<B> {
    for name in [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE] {
        request.headers_mut().remove(name);
    }
    request
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::Resource;

    #[test]
    fn what_a_response_names_is_on_the_same_host() {
        let asked = Resource { authority: "a.org".to_owned(), path: "/orders".to_owned() };
        let named = |text| asked.named(&HeaderValue::from_static(text)).map(|resource| resource.path);
        assert_eq!(named("/orders/1?x=2#top").as_deref(), Some("/orders/1?x=2"));
        assert_eq!(named("http://A.org/orders/1").as_deref(), Some("/orders/1"));
        for text in
            ["//b.org/orders", "http://b.org/orders", "http://a.org:81/orders", "orders/1", "", "mailto:a@a.org"]
        {
            assert_eq!(named(text), None, "{text}");
        }
    }
}

//! The layer of tower: its settings.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tower_layer::Layer;

use super::answer::wire;
use super::policy::{Policy, Profile};
use super::service::CacheService;
use super::variants::Variants;
use crate::cache::Cache;
use crate::clock::{NEVER, nanos};
use crate::decide;
use crate::site::{Options, Piece, Site};

/// All layers are one function in statistics and reports.
pub(crate) static LAYERS: Site = Site::new("CacheLayer", || "larder::http::CacheLayer", file!(), line!())
    .key("larder.http:", &[Piece::Text("larder.http:"), Piece::Hole("uri")])
    .generic()
    .wire(wire);

/// Caches the responses of a route or of a whole router, in front of extractors.
///
/// It sees requests and no types, and so it is careful: see [the rules](crate::http#a-layer). What it stores is found by host, path and query of the
/// request, and by the request headers that the response's `Vary` names. Nothing else tells requests apart: a response that depends on an extension of the
/// request, such as the user whom a middleware has found, must be `private`, or its route without a layer.
///
/// A layer is made once, as the program starts: what it has learnt of the variants, and a little memory that is never freed, belong to all its
/// clones and services. One that is made or changed for each connection begins anew, and the memory grows.
///
/// ```
/// use axum::{Router, routing::get};
/// use larder::http::CacheLayer;
///
/// let app: Router = Router::new()
///     .route("/news", get(async || "news of today"))
///     .route_layer(CacheLayer::timeout(60));
/// # let _ = app;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CacheLayer {
    settings: Arc<Settings>,
    /// Made once, whatever number of services the layer is put around: axum does that for each request of some routes.
    plan: Arc<OnceLock<Arc<Plan>>>,
}

#[derive(Clone, Debug)]
struct Settings {
    cache: Option<Cache>,
    profile: Profile,
    timeout: u64,
    while_revalidate: u64,
    if_error: u64,
    statuses: Vec<u16>,
    max_body: u64,
    tags: Vec<String>,
    vary_limit: usize,
    name: String,
}

/// What all clones of one service share.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) cache: Option<Cache>,
    pub(crate) tags: Vec<String>,
    pub(crate) vary_limit: usize,
    pub(crate) name: String,
    pub(crate) profile: Profile,
    pub(crate) variants: Arc<Variants>,
    options: Options,
    policy: Policy,
    fixed: OnceLock<Fixed>,
}

/// What lives as long as the program, as an annotated function does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixed {
    pub(crate) site: &'static Site,
    pub(crate) policy: &'static Policy,
}

/// How long a layer's responses are fresh: a number of seconds, or a [`Duration`].
#[derive(Clone, Copy, Debug)]
pub struct Timeout(Duration);

impl From<u64> for Timeout {
    fn from(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl CacheLayer {
    /// Responses are fresh for this long (a number of seconds, or a [`Duration`]), whatever they say. Requests with `Authorization` or
    /// `Cookie` are passed on, and so are responses with `Set-Cookie`, or that forbid to be stored; only those with status 200 are stored.
    pub fn timeout(timeout: impl Into<Timeout>) -> Self {
        Self::new(Profile::Program, nanos(timeout.into().0), vec![200])
    }

    /// The responses themselves say how long they are fresh, as RFC 9111 has it for a cache that many share: `s-maxage`, or `max-age`, or
    /// `Expires`; without one of them they are not stored. Old responses are used as RFC 5861 and the response say.
    pub fn rfc9111() -> Self {
        Self::new(Profile::Rfc9111, NEVER, Vec::new())
    }

    fn new(profile: Profile, timeout: u64, statuses: Vec<u16>) -> Self {
        let stale = if profile == Profile::Rfc9111 { NEVER } else { 0 };
        Self {
            settings: Arc::new(Settings {
                cache: None,
                profile,
                timeout,
                while_revalidate: stale,
                if_error: stale,
                statuses,
                max_body: Policy::new().longest_body(),
                tags: Vec::new(),
                vary_limit: 32,
                name: String::new(),
            }),
            plan: Arc::default(),
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        Self { plan: Arc::default(), ..self }
    }

    /// The cache; left out it is the default one.
    pub fn cache(self, cache: &Cache) -> Self {
        self.with(|settings| settings.cache = Some(cache.clone()))
    }

    /// All responses have these tags, with which they are [invalidated](crate::Tag::invalidate).
    pub fn tags<T: Into<String>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.with(|settings| settings.tags = tags.into_iter().map(Into::into).collect())
    }

    /// For so long past its timeout a response is still the answer while it is refreshed. In [`rfc9111`](Self::rfc9111) the response says
    /// it, and this is the most that it may say.
    pub fn stale_while_revalidate(self, period: impl Into<Timeout>) -> Self {
        self.with(|settings| settings.while_revalidate = nanos(period.into().0))
    }

    /// For so long past its timeout a response stands in for an error: status 500, 502, 503 or 504, or an error of the service. In
    /// [`rfc9111`](Self::rfc9111) the response says it, and this is the most that it may say.
    pub fn stale_if_error(self, period: impl Into<Timeout>) -> Self {
        self.with(|settings| settings.if_error = nanos(period.into().0))
    }

    /// Responses with these statuses are stored, and no others. 206, 304 and those below 200 never are.
    pub fn status(self, statuses: impl IntoIterator<Item = u16>) -> Self {
        self.with(|settings| settings.statuses = statuses.into_iter().collect())
    }

    /// Bodies of at most so many bytes are stored; left out it is a mebibyte. Longer ones are passed on as they come.
    pub fn max_body(self, bytes: u64) -> Self {
        self.with(|settings| settings.max_body = bytes)
    }

    /// A URI has at most so many variants at a time besides its first page; left out it is 32. Further ones are passed on until pages of
    /// others are past.
    pub fn vary_limit(self, variants: usize) -> Self {
        self.with(|settings| settings.vary_limit = variants)
    }

    /// Layers with different names share no responses. Those with the same name and the same cache do, and what one of them
    /// invalidates is so for the others.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.with(|settings| settings.name = name.into())
    }

    fn plan(&self) -> Plan {
        let settings = Settings::clone(&self.settings);
        let policy = decide::Policy {
            while_revalidate: settings.while_revalidate,
            if_error: settings.if_error,
            soft_timeout: None,
        };
        let own_timeouts = settings.profile == Profile::Rfc9111;
        Plan {
            cache: settings.cache,
            tags: settings.tags,
            vary_limit: settings.vary_limit,
            name: settings.name,
            profile: settings.profile,
            variants: Arc::new(Variants::new()),
            options: Options { timeout: Some(settings.timeout), policy, own_timeouts, ..Options::default() },
            policy: Policy::new().max_body(settings.max_body).with(settings.profile, settings.statuses),
            fixed: OnceLock::new(),
        }
    }
}

impl Plan {
    /// What the runtime wants to live for ever. It is made at the first request, when the program's functions are numbered, and once for
    /// each layer that a program builds.
    pub(crate) fn fixed(&self) -> Fixed {
        *self.fixed.get_or_init(|| Fixed {
            site: Box::leak(Box::new(LAYERS.with_options(self.options))),
            policy: Box::leak(Box::new(self.policy.clone())),
        })
    }
}

impl<S> Layer<S> for CacheLayer {
    type Service = CacheService<S>;

    fn layer(&self, inner: S) -> CacheService<S> {
        CacheService::new(inner, self.plan.get_or_init(|| Arc::new(self.plan())).clone())
    }
}

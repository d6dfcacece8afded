//! The layer of tower: the path of one request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body::Body;
use tower_service::Service;

use super::answer::{Answer, Handler};
use super::body::CachedBody;
use super::fields::Fields;
use super::layer::{Fixed, Plan};
use super::message::{self, Sender, fields_of};
use super::meta::{Meta, Passes};
use super::not_stored::NotStored;
use super::page::Page;
use super::question::{Asked, Making, Once, Outcome, status};
use super::request::{Resource, Wishes, bypasses, is_unsafe, value};
use super::seek::{Found, Sought};
use super::status::Miss;
use super::variants::{Names, Wanted};
use super::vary;
use crate::cache::Cache;
use crate::call::Lookup;
use crate::outcome::Origin;
use crate::writer::together;

/// A service whose responses are cached: see [`CacheLayer`](super::CacheLayer).
#[derive(Clone, Debug)]
pub struct CacheService<S> {
    inner: S,
    plan: Arc<Plan>,
}

impl<S> CacheService<S> {
    pub(crate) fn new(inner: S, plan: Arc<Plan>) -> Self {
        Self { inner, plan }
    }
}

impl<S, B, RB> Service<Request<B>> for CacheService<S>
where
    S: Service<Request<B>, Response = Response<RB>, Future: Send, Error: Send> + Clone + Send + 'static,
    B: Body + Send + 'static,
    RB: Body<Data = Bytes, Error: Send> + Send + 'static,
{
    type Response = Response<CachedBody<RB>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was asked whether it is ready is the one that is called.
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        let plan = self.plan.clone();
        Box::pin(async move {
            let cache = plan.cache.clone().unwrap_or_else(crate::cache);
            let fixed = plan.fixed();
            let exchange = Exchange::new(&plan, fixed, cache, &request);
            if let Some(reason) = bypasses(&request, plan.profile) {
                return exchange.bypass(reason, inner, request).await;
            }
            let sought = exchange.seek(&|name| value(request.headers(), name), None);
            if let Found::Page(page, origin) = &sought.found {
                return Ok(exchange.page(page, *origin, Miss::Uri));
            }
            // A load has much to remember, which whoever finds a page has no room to make for.
            Box::pin(exchange.ask(inner, request, sought)).await
        })
    }
}

/// One request on its way.
pub(super) struct Exchange<'a> {
    pub(super) plan: &'a Arc<Plan>,
    pub(super) fixed: Fixed,
    pub(super) cache: Cache,
    pub(super) resource: Resource,
    pub(super) sender: Sender,
    pub(super) wishes: Wishes,
}

impl<'a> Exchange<'a> {
    fn new<B: Body>(plan: &'a Arc<Plan>, fixed: Fixed, cache: Cache, request: &Request<B>) -> Self {
        Self {
            plan,
            fixed,
            cache,
            resource: Resource::of(request),
            sender: Sender::of(request.method(), request.headers()),
            wishes: Wishes::of(request.headers(), plan.profile),
        }
    }

    pub(super) fn meta(&self, passes: Option<Passes>) -> Meta {
        Meta::new(&self.cache, self.fixed.site, self.fixed.policy, passes)
    }

    /// The cache has nothing to do with the response, but that a change makes pages untrue.
    async fn bypass<S, B, RB>(&self, reason: NotStored, mut inner: S, request: Request<B>) -> Outcome<RB, S::Error>
    where
        S: Service<Request<B>, Response = Response<RB>>,
        RB: Body<Data = Bytes>,
    {
        let changes = is_unsafe(request.method());
        let response = inner.call(request).await?;
        if changes && (response.status().is_success() || response.status().is_redirection()) {
            let untrue = self.changed(response.headers());
            self.invalidate(untrue).await;
        }
        let reason = Some(self.meta(None).passes_because(reason));
        Ok(message::pass(response.map(CachedBody::untouched), reason, Miss::Vary))
    }

    /// What the request has changed: what it is about, and what the response names.
    fn changed(&self, headers: &HeaderMap) -> Vec<Resource> {
        let named = [header::LOCATION, header::CONTENT_LOCATION];
        let named = named.iter().filter_map(|name| self.resource.named(headers.get(name)?));
        std::iter::once(self.resource.clone()).chain(named).collect()
    }

    /// Removes the pages of what was changed (RFC 9111 section 4.4).
    async fn invalidate(&self, changed: Vec<Resource>) {
        let variants = &self.plan.variants;
        let tags: Vec<_> = changed.iter().map(|resource| self.cache.tag(&resource.tag(&self.plan.name))).collect();
        for resource in &changed {
            variants.forget(variants.number(&resource.authority, &resource.path));
        }
        // A store that is down has counted it, and tells the others later.
        let _told = together(tags.iter().map(|tag| Box::pin(tag.invalidate())).collect()).await.first();
    }

    /// The service's response, or a page after all.
    async fn ask<S, B, RB>(
        &self,
        inner: S,
        request: Request<B>,
        first: Sought<Outcome<RB, S::Error>>,
    ) -> Outcome<RB, S::Error>
    where
        S: Service<Request<B>, Response = Response<RB>, Future: Send, Error: Send> + Clone + Send + 'static,
        B: Body + Send + 'static,
        RB: Body<Data = Bytes, Error: Send> + Send + 'static,
    {
        let header = Arc::new(fields_of(request.headers()));
        let (mut sought, mut asked) = (first, Some((inner, request)));
        let failure = Once::new(None);
        // Each round knows more names than the one before, unless pages name others each time.
        for _ in 0..4 {
            let Sought { uri, names, found } = sought;
            let (lookup, miss) = match found {
                Found::Page(page, origin) => return Ok(self.page(&page, origin, Miss::Uri)),
                Found::Other(_) => break,
                Found::Nothing(lookup, miss) => (lookup, miss),
            };
            // Memory may have the first page of the resource no more, and the shared tier have it.
            if miss == Miss::Any
                && let Some(page) = self.in_tier(&header, &Names::default()).await
            {
                return Ok(self.page(&page, Origin::Stored, miss));
            }
            if self.wishes.want_only_pages() {
                let page = self.in_tier(&header, &names).await;
                return Ok(page.map_or_else(
                    || status(StatusCode::GATEWAY_TIMEOUT),
                    |page| self.page(&page, Origin::Stored, miss),
                ));
            }
            let variant = self.variant(&header, &names, uri);
            let passes = self.passes().or_else(|| self.passes_as(variant.as_ref()?));
            let making = Making {
                meta: self.meta(passes).of_request(header.clone()),
                variant: variant.filter(|_| passes.is_none()),
                failure: failure.clone(),
            };
            let refresh = match self.load(lookup.if_found(passes.is_some()), making, &mut asked).await {
                Answer::Page(page, origin) => {
                    self.learn(uri, &page);
                    // The shared tier, or who has loaded it meanwhile, does not know what is wished.
                    let others = matches!(origin, Origin::Stored | Origin::Collapsed { .. }) && asked.is_some();
                    let refresh = others && !self.accept(&page);
                    let agrees = vary::agrees(&page.parts().selectors, |name| vary::value(header.lines(name)));
                    if agrees && !refresh {
                        return Ok(self.page(&page, origin, miss));
                    }
                    refresh
                }
                Answer::Live(response, reason) => {
                    let gone = passes.is_none() && reason != Some(NotStored::Authorization);
                    if gone && !names.is_empty() {
                        self.forget_first(&header).await;
                    }
                    return response
                        .map(|response| message::pass(message::unless_had(&self.sender, response), reason, miss));
                }
                Answer::Failed(response, _) => {
                    return failure.take().unwrap_or(response).map(|response| message::fail(response, miss));
                }
            };
            if asked.is_none() {
                break;
            }
            let value = |name: &str| vary::value(header.lines(name));
            sought = self.seek(&value, Some(uri));
            if refresh && matches!(sought.found, Found::Nothing(..)) {
                sought.found = Found::Nothing(self.lookup(&value, &sought.names, true), Miss::Request);
            }
        }
        if let Some((inner, request)) = asked {
            return self.bypass(NotStored::Vary, inner, request).await;
        }
        // The service has failed, and what could stand in for it was made for other requests.
        let failed = failure.take().unwrap_or_else(|| Ok(status(StatusCode::BAD_GATEWAY)));
        failed.map(|response| message::fail(response, Miss::Vary))
    }

    /// The first page of the resource is no answer any more to requests like this one, if it was made for such.
    async fn forget_first(&self, header: &Fields) {
        let value = |name: &str| vary::value(header.lines(name));
        let first = match self.lookup::<()>(&value, &Names::default(), false).found() {
            Ok(found) => Some(found),
            Err(lookup) => lookup.old_output(),
        };
        if let Some(Answer::Page(page, _)) = first
            && vary::agrees(&page.parts().selectors, value)
        {
            // A store that is down has counted it, and tells the others later.
            let _told = self.entry(&value, &Names::default()).invalidate().await;
        }
    }

    /// Why the response to this request is not stored, whatever it is.
    fn passes(&self) -> Option<Passes> {
        if self.sender.is_head {
            return Some(Passes::Unasked);
        }
        self.wishes.forbid_to_store().then_some(Passes::Because(NotStored::Request))
    }

    /// The same for this variant.
    fn passes_as(&self, variant: &Wanted) -> Option<Passes> {
        (!variant.has_room(self.cache.clock().now())).then_some(Passes::Because(NotStored::Vary))
    }

    /// The variant that the request asks for, where the URI has some.
    fn variant(&self, header: &Fields, names: &Names, uri: u64) -> Option<Wanted> {
        let variants = &self.plan.variants;
        (!names.is_empty()).then(|| Wanted {
            variants: variants.clone(),
            uri,
            variant: variants.variant(&names.iter().map(|name| vary::value(header.lines(name))).collect::<Vec<_>>()),
            limit: self.plan.vary_limit,
        })
    }

    /// Asks the service, or waits for one who does; or is content with an old page, and asks it on the side.
    async fn load<S, B, RB>(
        &self,
        lookup: Lookup<Handler<Outcome<RB, S::Error>>>,
        making: Making<RB, S::Error>,
        asked: &mut Option<(S, Request<B>)>,
    ) -> Answer<Outcome<RB, S::Error>>
    where
        S: Service<Request<B>, Response = Response<RB>, Future: Send, Error: Send> + Clone + Send + 'static,
        B: Body + Send + 'static,
        RB: Body<Data = Bytes, Error: Send> + Send + 'static,
    {
        let lookup = lookup.tagged(|tags| self.tag(tags));
        if !lookup.may_refresh_aside() {
            return lookup.load(|| making.ask(asked.take())).await;
        }
        let shared = Once::new(asked.take());
        let ask = |(shared, making): (Asked<S, B>, Making<RB, S::Error>)| making.ask(shared.take());
        let output = lookup.load_or_refresh((shared.clone(), making), ask, ask).await;
        *asked = shared.take();
        output
    }

    fn page<RB>(&self, page: &Page, origin: Origin, miss: Miss) -> Response<CachedBody<RB>>
    where
        RB: Body<Data = Bytes>,
    {
        let meta = self.meta(None).missed(miss);
        message::respond(&meta, &self.sender, page, origin, body_of)
    }
}

fn body_of<RB: Body<Data = Bytes>>(bytes: Option<Bytes>) -> CachedBody<RB> {
    bytes.map_or_else(CachedBody::nothing, CachedBody::whole)
}

//! The layer of tower: the path of one request.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body::Body;
use tower_service::Service;

use super::answer::{Answer, Handler, handler};
use super::body::CachedBody;
use super::layer::{Fixed, Plan};
use super::message::{self, Sender, fields_of};
use super::meta::{Meta, Passes};
use super::not_stored::NotStored;
use super::page::Page;
use super::request::{Resource, Wishes, bypasses, is_unsafe, value, without_conditions};
use super::status::Miss;
use super::variants::Names;
use super::vary;
use crate::cache::Cache;
use crate::call::{Lookup, call};
use crate::outcome::Origin;

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
            if let Some(reason) = exchange.bypasses {
                return exchange.bypass(reason, inner, request).await;
            }
            let sought = exchange.seek(request.headers(), None);
            if let Found::Page(page, origin) = &sought.found {
                return Ok(exchange.page(page, *origin, Miss::Uri));
            }
            // A load has much to remember, which whoever finds a page has no room to make for.
            Box::pin(exchange.ask(inner, request, sought)).await
        })
    }
}

/// What a service gives.
type Outcome<RB, E> = Result<Response<CachedBody<RB>>, E>;

/// One request on its way.
struct Exchange<'a> {
    plan: &'a Arc<Plan>,
    fixed: Fixed,
    cache: Cache,
    resource: Resource,
    sender: Sender,
    wishes: Wishes,
    bypasses: Option<NotStored>,
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
            bypasses: bypasses(request, plan.profile),
        }
    }

    fn meta(&self, passes: Option<Passes>) -> Meta {
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
        for resource in changed {
            // A store that is down has counted it, and tells the others later.
            let _told = self.cache.tag(&resource.tag(&self.plan.name)).invalidate().await;
        }
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
        B: Send + 'static,
        RB: Body<Data = Bytes, Error: Send> + Send + 'static,
    {
        let (mut sought, mut asked) = (first, Some((inner, request)));
        // Each round knows more names than the one before, unless pages name others each time.
        for _ in 0..4 {
            let Sought { uri, names, found } = sought;
            let (lookup, miss) = match found {
                Found::Page(page, origin) => return Ok(self.page(&page, origin, Miss::Uri)),
                Found::Other(_) => break,
                Found::Nothing(lookup, miss) => (lookup, miss),
            };
            let Some((_, request)) = &asked else { break };
            // The request's body may have to stay where it is: nothing of it is held while the tier is asked.
            let headers = (miss == Miss::Any).then(|| request.headers().clone());
            if let Some(headers) = headers
                && let Some(page) = self.first_in_tier(&headers).await
            {
                return Ok(self.page(&page, Origin::Stored, miss));
            }
            let Some((_, request)) = &asked else { break };
            if self.wishes.want_only_pages() {
                return Ok(status(StatusCode::GATEWAY_TIMEOUT));
            }
            let header = Arc::new(fields_of(request.headers()));
            let passes = self.passes(request.headers(), &names, uri);
            let meta = self.meta(passes).of_request(header.clone());
            match self.load(lookup.if_found(passes.is_some()), meta, &mut asked).await {
                Answer::Page(page, origin) => {
                    self.learn(uri, &page);
                    if vary::agrees(&page.parts().selectors, |name| vary::value(header.lines(name))) {
                        return Ok(self.page(&page, origin, miss));
                    }
                }
                Answer::Live(response, reason) => {
                    return response.map(|response| message::pass(response, reason, miss));
                }
                Answer::Failed(response, _) => return response.map(|response| message::fail(response, miss)),
            }
            let Some((_, request)) = &asked else { break };
            sought = self.seek(request.headers(), Some(uri));
        }
        match asked {
            Some((inner, request)) => self.bypass(NotStored::Vary, inner, request).await,
            // The service has failed, and what could stand in for it was made for other requests.
            None => Ok(status(StatusCode::BAD_GATEWAY)),
        }
    }

    /// Why the response to this request is not stored, whatever it is.
    fn passes(&self, headers: &HeaderMap, names: &Names, uri: u64) -> Option<Passes> {
        if self.sender.is_head {
            return Some(Passes::Unasked);
        }
        if self.wishes.forbid_to_store() {
            return Some(Passes::Because(NotStored::Request));
        }
        let values = || names.iter().map(|name| value(headers, name)).collect::<Vec<_>>();
        let admitted = names.is_empty() || self.plan.variants.admits(uri, &values(), self.plan.vary_limit);
        (!admitted).then_some(Passes::Because(NotStored::Vary))
    }

    /// Looks for the page of a request with this header, and learns from those that are for other requests.
    fn seek<R>(&self, headers: &HeaderMap, uri: Option<u64>) -> Sought<R> {
        let variants = &self.plan.variants;
        let uri = uri.unwrap_or_else(|| variants.number(&self.resource.authority, &self.resource.path));
        let mut names = variants.names(uri);
        let mut found = self.look(headers, &names);
        for _ in 0..3 {
            let Found::Other(page) = &found else { break };
            names = self.learn(uri, page);
            found = self.look(headers, &names);
        }
        Sought { uri, names, found }
    }

    /// Looks for a page under the names that are known; and if those are some, under none: there is the first page of the resource.
    fn look<R>(&self, headers: &HeaderMap, names: &Names) -> Found<R> {
        let (lookup, miss) = match self.look_under(headers, names) {
            Found::Nothing(lookup, miss) => (lookup, miss),
            found => return found,
        };
        if names.is_empty() || lookup.old_output().is_some() {
            return Found::Nothing(lookup, miss);
        }
        match self.look_under::<R>(headers, &Names::default()) {
            Found::Nothing(first, miss) if first.old_output().is_some() => Found::Nothing(first, miss),
            Found::Page(page, origin) => Found::Page(page, origin),
            Found::Other(_) => Found::Nothing(lookup, miss.among(Miss::Vary)),
            Found::Nothing(_, first) => Found::Nothing(lookup, miss.among(first).among(Miss::Any)),
        }
    }

    /// The first page of the resource, if it is for such requests: memory has it no more, but the shared tier may.
    async fn first_in_tier(&self, headers: &HeaderMap) -> Option<Page> {
        // Whatever a service would give.
        let lookup = self.lookup::<()>(headers, &Names::default(), false);
        let Some(Answer::Page(page, _)) = self.tagged(lookup).in_tier().await else { return None };
        let agrees = vary::agrees(&page.parts().selectors, |name| value(headers, name));
        (agrees && self.is_wanted(&page)).then_some(page)
    }

    /// Is a page as fresh as the request wants it?
    fn is_wanted(&self, page: &Page) -> bool {
        if self.wishes.are_none() {
            return true;
        }
        let meta = self.meta(None);
        self.wishes.accept(page.age(meta.now()), meta.left(page))
    }

    /// What is there under these names, and what it means to the request.
    fn look_under<R>(&self, headers: &HeaderMap, names: &Names) -> Found<R> {
        let agrees = |page: &Page| vary::agrees(&page.parts().selectors, |name| value(headers, name));
        let lookup = match self.lookup::<R>(headers, names, false).found() {
            Ok(Answer::Page(page, _)) if !agrees(&page) => return Found::Other(page),
            Ok(Answer::Page(page, origin)) => {
                if self.is_wanted(&page) {
                    return Found::Page(page, origin);
                }
                return Found::Nothing(self.lookup(headers, names, true), Miss::Request);
            }
            // Only pages are stored.
            Ok(Answer::Live(..) | Answer::Failed(..)) => Lookup::Bypass,
            Err(lookup) => lookup,
        };
        match lookup.old_output() {
            Some(Answer::Page(page, _)) if !agrees(&page) => Found::Other(page),
            _ => Found::Nothing(lookup, Miss::Uri),
        }
    }

    fn lookup<R>(&self, headers: &HeaderMap, names: &Names, refresh: bool) -> Lookup<Handler<R>> {
        call(self.fixed.site, handler::<R>()).refresh_if(refresh).lookup(&self.cache, |key| {
            key.string(&self.plan.name);
            key.text(":");
            key.string(&self.resource.authority);
            key.text(":");
            key.string(&self.resource.path);
            for name in names.iter() {
                key.text(":");
                key.string(name);
                key.text("=");
                vary::render(value(headers, name).as_deref(), key);
            }
        })
    }

    fn tagged<R>(&self, lookup: Lookup<Handler<R>>) -> Lookup<Handler<R>> {
        lookup.tagged(|tags| {
            tags.add(|key| key.text(&self.resource.tag(&self.plan.name)));
            for tag in &self.plan.tags {
                tags.add(|key| key.text(tag));
            }
        })
    }

    /// Asks the service, or waits for one who does; or is content with an old page, and asks it on the side.
    async fn load<S, B, RB>(
        &self,
        lookup: Lookup<Handler<Outcome<RB, S::Error>>>,
        meta: Meta,
        asked: &mut Option<(S, Request<B>)>,
    ) -> Answer<Outcome<RB, S::Error>>
    where
        S: Service<Request<B>, Response = Response<RB>, Future: Send, Error: Send> + Clone + Send + 'static,
        B: Send + 'static,
        RB: Body<Data = Bytes, Error: Send> + Send + 'static,
    {
        let lookup = self.tagged(lookup);
        if !lookup.may_refresh_aside() {
            return lookup.load(|| answer(asked.take(), meta)).await;
        }
        let shared: Asked<S, B> = Arc::new(Mutex::new(asked.take()));
        let ask = |(shared, meta): (Asked<S, B>, Meta)| {
            let asked = take(&shared);
            answer(asked, meta)
        };
        let output = lookup.load_or_refresh((shared.clone(), meta), ask, ask).await;
        *asked = take(&shared);
        output
    }

    fn learn(&self, uri: u64, page: &Page) -> Names {
        self.plan.variants.learn(uri, page.parts().selectors.iter().map(|selector| &*selector.name))
    }

    fn page<RB>(&self, page: &Page, origin: Origin, miss: Miss) -> Response<CachedBody<RB>>
    where
        RB: Body<Data = Bytes>,
    {
        let meta = self.meta(None).missed(miss);
        message::respond(&meta, &self.sender, page, origin, body_of)
    }
}

/// What a look for a request came to.
struct Sought<R> {
    /// The number of its resource.
    uri: u64,
    /// The headers that tell the resource's variants apart, as far as that is known.
    names: Names,
    found: Found<R>,
}

/// What was found for a request.
enum Found<R> {
    Page(Page, Origin),
    /// A page that was made for other requests, and tells by which headers it differs.
    Other(Page),
    Nothing(Lookup<Handler<R>>, Miss),
}

fn body_of<RB: Body<Data = Bytes>>(bytes: Option<Bytes>) -> CachedBody<RB> {
    bytes.map_or_else(CachedBody::nothing, CachedBody::whole)
}

/// A response of the cache's own.
fn status<RB: Body<Data = Bytes>>(status: StatusCode) -> Response<CachedBody<RB>> {
    let mut response = Response::new(CachedBody::whole(Bytes::new()));
    *response.status_mut() = status;
    response
}

/// A service and the request that it is to be given, by whoever is first.
type Asked<S, B> = Arc<Mutex<Option<(S, Request<B>)>>>;

fn take<S, B>(asked: &Asked<S, B>) -> Option<(S, Request<B>)> {
    asked.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Asks the service.
async fn answer<S, B, RB>(asked: Option<(S, Request<B>)>, meta: Meta) -> Answer<Outcome<RB, S::Error>>
where
    S: Service<Request<B>, Response = Response<RB>>,
    RB: Body<Data = Bytes>,
{
    // Nobody else has taken it: a load runs its body once.
    let Some((mut inner, request)) = asked else { return Answer::Failed(Ok(status(StatusCode::BAD_GATEWAY)), None) };
    let meta = meta.begun();
    match inner.call(without_conditions(request)).await {
        Err(error) => Answer::Failed(Err(error), None),
        Ok(response) => match message::keep(meta, response, false).await {
            Answer::Page(page, origin) => Answer::Page(page, origin),
            Answer::Live(response, reason) => Answer::Live(Ok(response), reason),
            Answer::Failed(response, status) => Answer::Failed(Ok(response), status),
        },
    }
}

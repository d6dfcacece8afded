//! The layer of tower: the path of one request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body::Body;
use tower_service::Service;

use super::answer::{Answer, Handler, handler};
use super::body::CachedBody;
use super::fields::Fields;
use super::layer::{Fixed, Plan};
use super::message::{self, Sender, fields_of};
use super::meta::{Meta, Passes};
use super::not_stored::NotStored;
use super::page::Page;
use super::question::{Asked, Making, Once, Outcome, status};
use super::request::{Resource, Wishes, bypasses, is_unsafe, value};
use super::variants::{Names, Wanted};
use super::vary;
use crate::cache::Cache;
use crate::call::{Lookup, call};
use crate::entry::Entry;
use crate::key::KeyWriter;
use crate::outcome::Origin;
use crate::tag::TagWriter;
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
            Exchange::new(&plan, fixed, cache, &request).run(inner, request).await
        })
    }
}

/// The value of a header of the request.
type Values<'a> = &'a dyn Fn(&str) -> Option<Bytes>;

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

    async fn run<S, B, RB>(self, inner: S, request: Request<B>) -> Outcome<RB, S::Error>
    where
        S: Service<Request<B>, Response = Response<RB>, Future: Send, Error: Send> + Clone + Send + 'static,
        B: Body + Send + 'static,
        RB: Body<Data = Bytes, Error: Send> + Send + 'static,
    {
        match self.bypasses {
            Some(reason) => self.bypass(reason, inner, request).await,
            None => self.ask(inner, request).await,
        }
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
        Ok(message::pass(response.map(CachedBody::untouched), reason))
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

    /// The page, or the service's response.
    async fn ask<S, B, RB>(&self, inner: S, request: Request<B>) -> Outcome<RB, S::Error>
    where
        S: Service<Request<B>, Response = Response<RB>, Future: Send, Error: Send> + Clone + Send + 'static,
        B: Body + Send + 'static,
        RB: Body<Data = Bytes, Error: Send> + Send + 'static,
    {
        let uri = self.plan.variants.number(&self.resource.authority, &self.resource.path);
        let mut names = self.plan.variants.names(uri);
        let mut asked = Some((inner, request));
        let failure = Once::new(None);
        let mut refresh = false;
        // Each round knows more names than the one before, unless pages name others each time.
        for _ in 0..4 {
            let Some((_, request)) = &asked else { break };
            let (lookup, header, variant) = {
                let value = |name: &str| value(request.headers(), name);
                let lookup = match self.look::<Outcome<RB, S::Error>>(&value, &names) {
                    Found::Page(page, origin) => return Ok(self.page(&page, origin)),
                    Found::Other(page) => {
                        names = self.learn(uri, &page);
                        continue;
                    }
                    Found::Nothing(_) if refresh => self.lookup(&value, &names, true),
                    Found::Nothing(lookup) => lookup,
                };
                (lookup, Arc::new(fields_of(request.headers())), self.variant(&value, &names, uri))
            };
            if self.wishes.want_only_pages() {
                return Ok(self.only_stored(&header, &names).await);
            }
            let passes = self.passes().or_else(|| self.passes_as(variant.as_ref()?));
            let making = Making {
                meta: Meta { request: Some(header.clone()), ..self.meta(passes) },
                variant: variant.filter(|_| passes.is_none()),
                failure: failure.clone(),
            };
            match self.load(lookup.if_found(passes.is_some()), making, &mut asked).await {
                Answer::Page(page, origin) => {
                    names = self.learn(uri, &page);
                    // The shared tier, or who has loaded it meanwhile, does not know what is wished.
                    let others = matches!(origin, Origin::Stored | Origin::Collapsed) && asked.is_some();
                    refresh = others && !self.accept(&page);
                    let agrees = vary::agrees(&page.parts().selectors, |name| vary::value(header.lines(name)));
                    if agrees && !refresh {
                        return Ok(self.page(&page, origin));
                    }
                }
                Answer::Live(response, reason) => {
                    let gone = passes.is_none() && reason != Some(NotStored::Authorization);
                    if gone && !names.is_empty() {
                        self.forget_first(&header).await;
                    }
                    return response.map(|response| message::pass(message::unless_had(&self.sender, response), reason));
                }
                Answer::Failed(response) => return failure.take().unwrap_or(response).map(message::fail),
            }
        }
        match asked {
            Some((inner, request)) => self.bypass(NotStored::Vary, inner, request).await,
            // The service has failed, and what could stand in for it was made for other requests.
            None => failure.take().unwrap_or_else(|| Ok(status(StatusCode::BAD_GATEWAY))).map(message::fail),
        }
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

    /// The page, if the shared tier has it.
    async fn only_stored<RB: Body<Data = Bytes>>(&self, header: &Fields, names: &Names) -> Response<CachedBody<RB>> {
        let value = |name: &str| vary::value(header.lines(name));
        for names in [names, &Names::default()] {
            let page = self.entry(&value, names).get().await;
            if let Some(page) = page.filter(|page| vary::agrees(&page.parts().selectors, value) && self.accept(page)) {
                return self.page(&page, Origin::Stored);
            }
        }
        status(StatusCode::GATEWAY_TIMEOUT)
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
    fn variant(&self, value: Values<'_>, names: &Names, uri: u64) -> Option<Wanted> {
        let variants = &self.plan.variants;
        (!names.is_empty()).then(|| Wanted {
            variants: variants.clone(),
            uri,
            variant: variants.variant(&names.iter().map(|name| value(name)).collect::<Vec<_>>()),
            limit: self.plan.vary_limit,
        })
    }

    /// Looks for a page under the names that are known; and if those are some, under none: there is the first page of the resource.
    fn look<R>(&self, value: Values<'_>, names: &Names) -> Found<R> {
        let found = self.look_under(value, names);
        let Found::Nothing(lookup) = &found else { return found };
        if names.is_empty() || lookup.old_output().is_some() {
            return found;
        }
        match self.look_under::<R>(value, &Names::default()) {
            Found::Nothing(first) if first.old_output().is_some() => Found::Nothing(first),
            Found::Page(page, origin) => Found::Page(page, origin),
            _ => found,
        }
    }

    /// What is there under these names, and what it means to the request.
    fn look_under<R>(&self, value: Values<'_>, names: &Names) -> Found<R> {
        let agrees = |page: &Page| vary::agrees(&page.parts().selectors, value);
        let lookup = match self.lookup::<R>(value, names, false).found() {
            Ok(Answer::Page(page, _)) if !agrees(&page) => return Found::Other(page),
            Ok(Answer::Page(page, origin)) if self.accept(&page) => return Found::Page(page, origin),
            Ok(Answer::Page(..)) => return Found::Nothing(self.lookup(value, names, true)),
            // Only pages are stored.
            Ok(Answer::Live(..) | Answer::Failed(_)) => Lookup::Bypass,
            Err(lookup) => lookup,
        };
        match lookup.old_output() {
            Some(Answer::Page(page, _)) if !agrees(&page) => Found::Other(page),
            Some(Answer::Page(page, _)) if !self.accept(&page) => Found::Nothing(self.lookup(value, names, true)),
            _ => Found::Nothing(lookup),
        }
    }

    /// Is the page what the request wishes?
    fn accept(&self, page: &Page) -> bool {
        let meta = self.meta(None);
        self.wishes.accept(page.age(meta.now()), meta.left(page))
    }

    fn lookup<R>(&self, value: Values<'_>, names: &Names, refresh: bool) -> Lookup<Handler<R>> {
        let call = call(self.fixed.site, handler::<R>()).refresh_if(refresh);
        call.lookup(&self.cache, |key| self.render(value, names, key))
    }

    /// The page, wherever it is.
    fn entry(&self, value: Values<'_>, names: &Names) -> Entry<Page> {
        let call = call(self.fixed.site, handler::<()>());
        call.target(&self.cache, |key| self.render(value, names, key)).tagged(|tags| self.tag(tags)).page_entry()
    }

    /// The tags of all pages of the resource.
    fn tag(&self, tags: &mut TagWriter) {
        tags.add(|key| key.text(&self.resource.tag(&self.plan.name)));
        for tag in &self.plan.tags {
            tags.add(|key| key.text(tag));
        }
    }

    fn render(&self, value: Values<'_>, names: &Names, key: &mut KeyWriter<'_>) {
        key.string(&self.plan.name);
        key.text(":");
        key.string(&self.resource.authority);
        key.text(":");
        key.string(&self.resource.path);
        for name in names.iter() {
            key.text(":");
            key.string(name);
            key.text("=");
            vary::render(value(name).as_deref(), key);
        }
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

    fn learn(&self, uri: u64, page: &Page) -> Names {
        self.plan.variants.learn(uri, page.parts().selectors.iter().map(|selector| &*selector.name))
    }

    fn page<RB>(&self, page: &Page, origin: Origin) -> Response<CachedBody<RB>>
    where
        RB: Body<Data = Bytes>,
    {
        message::respond(&self.meta(None), &self.sender, page, origin, body_of)
    }
}

/// What was found for a request.
enum Found<R> {
    Page(Page, Origin),
    /// A page that was made for other requests, and tells by which headers it differs.
    Other(Page),
    Nothing(Lookup<Handler<R>>),
}

fn body_of<RB: Body<Data = Bytes>>(bytes: Option<Bytes>) -> CachedBody<RB> {
    bytes.map_or_else(CachedBody::nothing, CachedBody::whole)
}

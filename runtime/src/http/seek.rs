//! The layer of tower: what is stored for a request.

use bytes::Bytes;

use super::answer::{Answer, Handler, handler};
use super::fields::Fields;
use super::page::Page;
use super::service::Exchange;
use super::status::Miss;
use super::variants::Names;
use super::vary;
use crate::call::{Lookup, call};
use crate::entry::Entry;
use crate::key::KeyWriter;
use crate::outcome::Origin;
use crate::tag::TagWriter;

/// The value of a header of the request.
pub(super) type Values<'a> = &'a dyn Fn(&str) -> Option<Bytes>;

/// What a look for a request came to.
pub(super) struct Sought<R> {
    /// The number of its resource.
    pub(super) uri: u64,
    /// The headers that tell the resource's variants apart, as far as that is known.
    pub(super) names: Names,
    pub(super) found: Found<R>,
}

/// What was found for a request.
pub(super) enum Found<R> {
    Page(Page, Origin),
    /// A page that was made for other requests, and tells by which headers it differs.
    Other(Page),
    Nothing(Lookup<Handler<R>>, Miss),
}

impl Exchange<'_> {
    /// Looks for the page of a request with this header, and learns from those that are for other requests.
    pub(super) fn seek<R>(&self, value: Values<'_>, uri: Option<u64>) -> Sought<R> {
        let variants = &self.plan.variants;
        let uri = uri.unwrap_or_else(|| variants.number(&self.resource.authority, &self.resource.path));
        let mut names = variants.names(uri);
        let mut found = self.look(value, &names);
        for _ in 0..3 {
            let Found::Other(page) = &found else { break };
            names = self.learn(uri, page);
            found = self.look(value, &names);
        }
        Sought { uri, names, found }
    }

    /// Looks for a page under the names that are known; and if those are some, under none: there is the first page of the resource.
    pub(super) fn look<R>(&self, value: Values<'_>, names: &Names) -> Found<R> {
        let (lookup, miss) = match self.look_under(value, names) {
            Found::Nothing(lookup, miss) => (lookup, miss),
            found => return found,
        };
        if names.is_empty() || lookup.old_output().is_some() {
            return Found::Nothing(lookup, miss);
        }
        match self.look_under::<R>(value, &Names::default()) {
            Found::Nothing(first, miss) if first.old_output().is_some() => Found::Nothing(first, miss),
            Found::Page(page, origin) => Found::Page(page, origin),
            Found::Other(_) => Found::Nothing(lookup, miss.among(Miss::Vary)),
            Found::Nothing(_, first) => Found::Nothing(lookup, miss.among(first).among(Miss::Any)),
        }
    }

    /// What is there under these names, and what it means to the request.
    pub(super) fn look_under<R>(&self, value: Values<'_>, names: &Names) -> Found<R> {
        let agrees = |page: &Page| vary::agrees(&page.parts().selectors, value);
        let anew = || Found::Nothing(self.lookup(value, names, true), Miss::Request);
        let lookup = match self.lookup::<R>(value, names, false).found() {
            Ok(Answer::Page(page, _)) if !agrees(&page) => return Found::Other(page),
            Ok(Answer::Page(page, origin)) if self.accept(&page) => return Found::Page(page, origin),
            Ok(Answer::Page(..)) => return anew(),
            // Only pages are stored.
            Ok(Answer::Live(..) | Answer::Failed(..)) => Lookup::Bypass,
            Err(lookup) => lookup,
        };
        match lookup.old_output() {
            Some(Answer::Page(page, _)) if !agrees(&page) => Found::Other(page),
            Some(Answer::Page(page, _)) if !self.accept(&page) => anew(),
            _ => Found::Nothing(lookup, Miss::Uri),
        }
    }

    /// Is the page what the request wishes?
    pub(super) fn accept(&self, page: &Page) -> bool {
        if self.wishes.are_none() {
            return true;
        }
        let meta = self.meta(None);
        self.wishes.accept(page.age(meta.now()), meta.left(page))
    }

    pub(super) fn lookup<R>(&self, value: Values<'_>, names: &Names, refresh: bool) -> Lookup<Handler<R>> {
        let call = call(self.fixed.site, handler::<R>()).refresh_if(refresh);
        call.lookup(&self.cache, |key| self.render(value, names, key))
    }

    /// The page, wherever it is.
    pub(super) fn entry(&self, value: Values<'_>, names: &Names) -> Entry<Page> {
        let call = call(self.fixed.site, handler::<()>());
        call.target(&self.cache, |key| self.render(value, names, key)).tagged(|tags| self.tag(tags)).page_entry()
    }

    /// The tags of all pages of the resource.
    pub(super) fn tag(&self, tags: &mut TagWriter) {
        tags.add(|key| key.text(&self.resource.tag(&self.plan.name)));
        for tag in &self.plan.tags {
            tags.add(|key| key.text(tag));
        }
    }

    pub(super) fn render(&self, value: Values<'_>, names: &Names, key: &mut KeyWriter<'_>) {
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

    /// The page under these names, if the shared tier has it and it is what the request wishes.
    pub(super) async fn in_tier(&self, header: &Fields, names: &Names) -> Option<Page> {
        let value = |name: &str| vary::value(header.lines(name));
        let page = self.entry(&value, names).get().await?;
        (vary::agrees(&page.parts().selectors, value) && self.accept(&page)).then_some(page)
    }

    pub(super) fn learn(&self, uri: u64, page: &Page) -> Names {
        self.plan.variants.learn(uri, page.parts().selectors.iter().map(|selector| &*selector.name))
    }
}

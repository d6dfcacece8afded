//! The end of the call where the body stays inside the function.
//!
//! ```text
//! .load(move || async move { BODY }).await
//! .load_owned((self, id), |(this, id)| { own..; async move { let this = &*this; BODY } }).await
//! .load((self,), |(this,), ids| async move { let ids = &ids[..]; BODY }).await
//! .load_owned((self,), |(this,)| { own..; move |ids| { clone..; async move { .. } } }).await
//! .load_owned_here((making, request, id), |(making, request, id)| made, aside).await        a handler of actix
//! ```
//!
//! In all but the first the body can't have `self` itself: each `self` in it is called `this`.

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Pat;

use crate::args::{Arg, Kind};
use crate::expand::handler::Handler;
use crate::expand::load::method;
use crate::expand::passage::Passage;
use crate::func::Mode;
use crate::paths::ends;
use crate::plan::Plan;
use crate::receiver::{self, Renamed};
use crate::scan;
use crate::ty;

pub(crate) fn load(plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let batch = plan.args.batch.is_some();
    let Some(option) = plan.attr.aside() else {
        if !batch {
            let loader = in_place(plan);
            return method(plan, "load", span, &quote_spanned!(span=> move || #loader));
        }
        let inside = Inside::new(plan);
        let (tuple, pattern, run) =
            (inside.passage.repeated(plan), inside.passage.pattern(), inside.run(false, &TokenStream::new()));
        let ids = plan.args.ids();
        return method(plan, "load", span, &quote_spanned!(span=> #tuple, |#pattern, #ids| #run));
    };
    let inside = Inside::new(plan);
    let tuple = if batch { inside.passage.repeated(plan) } else { inside.passage.tuple() };
    let (pattern, owned) = (inside.passage.pattern(), inside.passage.owned(plan));
    let ids = plan.args.ids().filter(|_| batch);
    let copied = if batch { inside.passage.copied(plan) } else { TokenStream::new() };
    let run = match plan.func.mode() {
        Mode::Async => {
            let run = inside.run(true, &TokenStream::new());
            if batch { quote_spanned!(span=> move |#ids| { #copied #run }) } else { run }
        }
        Mode::Blocking => {
            let run = inside.run(true, &copied);
            quote_spanned!(span=> move |#ids| #run)
        }
    };
    if let Some(handler) = Handler::of(plan).filter(Handler::with_request) {
        let aside = handler.private("aside");
        return method(plan, "load_owned_here", option.span(), &quote_spanned!(span=> #tuple, |#pattern| #run, #aside));
    }
    method(plan, "load_owned", option.span(), &quote_spanned!(span=> #tuple, |#pattern| { #owned #run }))
}

/// The body as a closure's: its `?` and `return` end it, and its type is the function's.
fn in_place(plan: &Plan<'_>) -> TokenStream {
    let (span, body, returns) = (Span::mixed_site(), &plan.func.body, plan.returns);
    let inner = inner(body);
    let patterns = plan.args.list.iter().filter(|arg| match arg.kind {
        Kind::Name => false,
        Kind::Pattern => true,
        Kind::Renamed => arg.names.iter().any(|name| scan::mentions(&body.stream(), name)),
    });
    let patterns: Vec<_> = patterns
        .map(|arg| {
            let (pat, name) = (&arg.typed.pat, &arg.ident);
            quote_spanned!(span=> let #pat = #name;)
        })
        .collect();
    match plan.func.mode() {
        Mode::Async => {
            let pin = pin(plan);
            let run = quote_spanned!(span=> async move { #pin #(#patterns)* #inner });
            made(plan, run)
        }
        Mode::Blocking if patterns.is_empty() => quote_spanned!(span=> -> #returns #body),
        Mode::Blocking => quote_spanned!(span=> -> #returns { #(#patterns)* #inner }),
    }
}

/// As a block inside a block, `{ id }` would be a lint if the braces were still the user's.
fn inner(body: &Group) -> Group {
    let mut inner = body.clone();
    inner.set_span(Span::mixed_site().located_at(body.span()));
    inner
}

/// The body of a handler, and what the cache makes of its response.
fn made(plan: &Plan<'_>, run: TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    match Handler::of(plan) {
        Some(handler) => handler.made(&quote_spanned!(span=> #run.await)),
        None => run,
    }
}

/// An async block cannot state its type, but it can return a value of it.
fn pin(plan: &Plan<'_>) -> TokenStream {
    let (at, _) = ends(plan.returns);
    let returns = ty::with_holes(plan.returns);
    let none = quote_spanned!(at=> ::core::option::Option::None::<#returns>);
    quote_spanned!(at=> if let ::core::option::Option::Some(__value) = #none { return __value; })
}

/// A body that gets what it uses through a tuple.
struct Inside<'a> {
    plan: &'a Plan<'a>,
    body: Group,
    this: Option<Ident>,
    passage: Passage,
}

impl<'a> Inside<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        let renamed = plan.args.receiver.as_ref().map(|receiver| receiver::rename(plan.func, receiver));
        let (body, this) = match renamed {
            Some(Renamed { body, name, .. }) => (body, name),
            None => (plan.func.body.clone(), None),
        };
        let stream = body.stream();
        let passage = Passage::used(plan, this.clone(), &|name| scan::mentions(&stream, name));
        Self { plan, body, this, passage }
    }

    /// One run of the body: an async block, or what stands behind a closure's parameters.
    fn run(&self, owned: bool, before: &TokenStream) -> TokenStream {
        let (span, returns) = (Span::mixed_site(), self.plan.returns);
        let (bindings, inner) = (self.bindings(owned), inner(&self.body));
        match self.plan.func.mode() {
            Mode::Async => {
                let pin = pin(self.plan);
                let run = quote_spanned!(span=> async move { #before #pin #bindings #inner });
                made(self.plan, run)
            }
            Mode::Blocking => quote_spanned!(span=> -> #returns { #before #bindings #inner }),
        }
    }

    /// What the user's names stand for.
    // let this = &*this; let mut id = id; let ids = &ids[..];
    fn bindings(&self, owned: bool) -> TokenStream {
        let span = Span::mixed_site();
        let cloned = |name: &Ident| owned && self.passage.is_cloned(name);
        let mut bindings = TokenStream::new();
        if let (Some(this), Some(receiver)) = (&self.this, &self.plan.args.receiver) {
            let mutability = &receiver.mutability;
            if cloned(this) {
                bindings.extend(quote_spanned!(span=> let #this = &*#this;));
            } else if mutability.is_some() {
                bindings.extend(quote_spanned!(span=> let #mutability #this = #this;));
            }
        }
        for (index, arg) in self.plan.args.list.iter().enumerate() {
            let name = &arg.ident;
            let value = match &self.plan.args.batch {
                Some(batch) if batch.index == index && !batch.by_value => quote_spanned!(span=> &#name[..]),
                _ if cloned(name) => quote_spanned!(span=> &*#name),
                _ => name.to_token_stream(),
            };
            if let Some(pat) = self.bound(index, arg, owned) {
                bindings.extend(quote_spanned!(span=> let #pat = #value;));
            }
        }
        bindings
    }

    /// The pattern of an argument that the body uses under another name or in another way than it came.
    fn bound(&self, index: usize, arg: &Arg, owned: bool) -> Option<Pat> {
        let body = self.body.stream();
        if !arg.names.iter().any(|name| scan::mentions(&body, name)) {
            return None;
        }
        let slice = self.plan.args.batch.as_ref().is_some_and(|batch| batch.index == index && !batch.by_value);
        let changed = slice || owned && self.passage.is_cloned(&arg.ident);
        match (&*arg.typed.pat, arg.kind) {
            (Pat::Ident(name), Kind::Name) => (changed || name.mutability.is_some()).then(|| Pat::Ident(name.clone())),
            (pat, Kind::Renamed) => Some(pat.clone()),
            (_, Kind::Pattern | Kind::Name) => Some(self.plan.args.in_body(arg, &body)),
        }
    }
}

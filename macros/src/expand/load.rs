//! The end of the call: how the body runs that a sibling holds.
//!
//! ```text
//! .load(move || f::uncached(id, name)).await
//! .load_or_refresh((id, name), |(id, name)| f::uncached(id, name), |(id, name)| { own..; async move { .. } }).await
//! .load((db,), |(db,), ids| async move { f::uncached(&ids[..], db).await }).await
//! .load_or_refresh((db,), |(db,), ids| .., |(db,)| { own..; move |ids| { clone..; async move { .. } } }).await
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::batch::Batch;
use crate::expand::About;
use crate::expand::handler::Handler;
use crate::expand::passage::Passage;
use crate::func::Mode;
use crate::plan::Plan;

pub(crate) fn load(plan: &Plan<'_>, sibling: &TokenStream, about: About) -> TokenStream {
    let run = Run { plan, sibling, about };
    let batch = plan.args.batch.is_some() && about == About::Call;
    match plan.attr.aside() {
        None if batch => run.each_chunk(),
        None => run.once(),
        Some(option) => run.or_refresh(option, batch),
    }
}

/// The loader of a refresh that is asked for: nothing runs on the side then.
pub(crate) fn load_here(plan: &Plan<'_>, sibling: &TokenStream) -> TokenStream {
    let run = Run { plan, sibling, about: About::Call };
    if plan.args.batch.is_some() { run.each_chunk() } else { run.once() }
}

/// The body's outcome, or the future of it, for a handle.
pub(crate) fn outcome(plan: &Plan<'_>, sibling: &TokenStream, about: About) -> TokenStream {
    Run { plan, sibling, about }.outcome(None, Body::Here)
}

/// `.load(..).await`, `.load_blocking(..)`
pub(crate) fn method(plan: &Plan<'_>, name: &str, at: Span, arguments: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let at = span.located_at(at);
    match plan.func.mode() {
        Mode::Async => {
            let name = Ident::new(name, at);
            quote_spanned!(span=> .#name(#arguments).await)
        }
        Mode::Blocking => {
            let name = Ident::new(&format!("{name}_blocking"), at);
            quote_spanned!(span=> .#name(#arguments))
        }
    }
}

/// Where the body runs.
#[derive(Clone, Copy, PartialEq)]
enum Body {
    /// In the caller: arguments are what he gave.
    Here,
    /// On the side: arguments are owned.
    Aside,
}

/// One way to run a sibling.
struct Run<'a> {
    plan: &'a Plan<'a>,
    sibling: &'a TokenStream,
    about: About,
}

impl Run<'_> {
    // .load(move || f::uncached(id))
    fn once(&self) -> TokenStream {
        let span = Span::mixed_site();
        let outcome = self.outcome(None, Body::Here);
        method(self.plan, "load", span, &quote_spanned!(span=> move || #outcome))
    }

    // .load((db,), |(db,), ids| f::uncached(&ids[..], db))
    fn each_chunk(&self) -> TokenStream {
        let span = Span::mixed_site();
        let passage = Passage::all(self.plan, self.about);
        let (tuple, here) = (passage.repeated(self.plan), self.here(&passage, true));
        method(self.plan, "load", span, &quote_spanned!(span=> #tuple, #here))
    }

    // .load_or_refresh((id,), |(id,)| f::uncached(id), |(id,)| { let id = keep(id); move || f::uncached(id) })
    fn or_refresh(&self, option: &Ident, batch: bool) -> TokenStream {
        let (span, plan) = (Span::mixed_site(), self.plan);
        let passage = Passage::all(plan, self.about);
        let tuple = if batch { passage.repeated(plan) } else { passage.tuple() };
        let pattern = passage.pattern();
        let (here, owned) = (self.here(&passage, batch), passage.owned(plan));
        let outcome = self.outcome(Some(&passage), Body::Aside);
        let aside = match plan.func.mode() {
            _ if batch => {
                let (ids, copied) = (self.plan.args.ids(), passage.copied(plan));
                let run = if copied.is_empty() { outcome } else { quote_spanned!(span=> { #copied #outcome }) };
                quote_spanned!(span=> move |#ids| #run)
            }
            Mode::Async => outcome,
            Mode::Blocking => quote_spanned!(span=> move || #outcome),
        };
        if let Some(handler) = Handler::of(plan) {
            let aside = handler.on_the_side(&owned, &aside);
            let arguments = quote_spanned!(span=> #tuple, #here, |#pattern| #aside);
            return method(plan, "load_or_refresh", option.span(), &arguments);
        }
        let aside = if owned.is_empty() { aside } else { quote_spanned!(span=> { #owned #aside }) };
        let arguments = quote_spanned!(span=> #tuple, #here, |#pattern| #aside);
        method(plan, "load_or_refresh", option.span(), &arguments)
    }

    // |(db,), ids| f::uncached(&ids[..], db)
    fn here(&self, passage: &Passage, batch: bool) -> TokenStream {
        let span = Span::mixed_site();
        let (pattern, outcome) = (passage.pattern(), self.outcome(Some(passage), Body::Here));
        let ids = batch.then(|| self.plan.args.ids()).into_iter();
        quote_spanned!(span=> |#pattern #(, #ids)*| #outcome)
    }

    /// What the body returns, or its future; one that borrows what it was given is a block around it.
    fn outcome(&self, passage: Option<&Passage>, body: Body) -> TokenStream {
        let (span, call) = (Span::mixed_site(), self.call(passage, body));
        if let Some(handler) = Handler::of(self.plan) {
            return handler.made(&quote_spanned!(span=> #call.await));
        }
        let one = self.about == About::One;
        let by_reference = self.plan.args.batch.as_ref().is_some_and(|batch| !batch.by_value);
        let borrows = one || by_reference || body == Body::Aside;
        let (wait, block) = match self.plan.func.mode() {
            Mode::Async if borrows => (Some(quote_spanned!(span=> .await)), true),
            _ => (None, false),
        };
        let outcome = if one {
            let (only, ids) = (self.plan.paths.private("only"), self.plan.args.ids());
            quote_spanned!(span=> #only!(#call #wait, &#ids))
        } else {
            quote_spanned!(span=> #call #wait)
        };
        if block { quote_spanned!(span=> async move { #outcome }) } else { outcome }
    }

    // f::uncached(this, &ids, &*name)
    fn call(&self, passage: Option<&Passage>, body: Body) -> TokenStream {
        let (span, sibling) = (Span::mixed_site(), self.sibling);
        let value = |name: &Ident| {
            let cloned = body == Body::Aside && passage.is_some_and(|passage| passage.is_cloned(name));
            if cloned { quote_spanned!(span=> &*#name) } else { name.to_token_stream() }
        };
        let receiver = self.plan.args.receiver.as_ref().map(|receiver| match passage {
            Some(_) => value(&Ident::new("this", span)),
            None => receiver.self_token.to_token_stream(),
        });
        let list = self.plan.args.list.iter().enumerate().map(|(index, arg)| match &self.plan.args.batch {
            Some(batch) if batch.index == index => self.ids_of_call(&arg.ident, batch),
            _ => value(&arg.ident),
        });
        let all = receiver.into_iter().chain(list);
        quote_spanned!(span=> #sibling(#(#all),*))
    }

    /// What the body gets for its slice.
    fn ids_of_call(&self, ids: &Ident, batch: &Batch) -> TokenStream {
        let span = Span::mixed_site();
        let (one_id, id) = (self.plan.paths.private("one_id"), &batch.id);
        let one = quote_spanned!(span=> [#one_id!(&#ids, #id)]);
        match (self.about, batch.by_value) {
            (About::Call, true) => ids.to_token_stream(),
            // Not `&ids`: where the type of `ids` is unknown after an error, that would make it an unsized one.
            (About::Call, false) => quote_spanned!(span=> &#ids[..]),
            (About::One, true) => quote_spanned!(span=> ::core::convert::From::from(#one)),
            (About::One, false) => quote_spanned!(span=> &#one),
        }
    }
}

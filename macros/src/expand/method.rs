//! Methods: nothing may stand beside one in a trait impl, so the body stays inside unless `entry` names a sibling.
//!
//! ```text
//! async fn get(&self, id: u64) -> R {
//!     call(site!(..), kind!(R)).lookup(..).load(move || async move { BODY }).await
//! }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote_spanned};
use syn::{GenericParam, Visibility};

use crate::expand::handler::Handler;
use crate::expand::load::load;
use crate::expand::{About, chain, handler, inline, signature, site};
use crate::func::Mode;
use crate::key;
use crate::plan::Plan;
use crate::user_attrs;

pub(crate) fn inline(plan: &Plan<'_>) -> TokenStream {
    let (span, func) = (Span::mixed_site(), plan.func);
    let (attrs, vis) = (&func.attrs, &func.vis);
    let moved = plan.attr.aside().is_some() || plan.args.batch.is_some();
    let sig = if moved {
        signature::around_moved_body(&func.sig, &plan.args)
    } else {
        signature::around_body(&func.sig, &plan.args)
    };
    if let Some(handler) = Handler::of(plan) {
        let body = handler.body(&site::site(plan), &handler::lookup(plan), &inline::load(plan));
        let (attrs, sig, body) = (handler.attrs(), handler.signature(sig), super::block(plan, body));
        return quote_spanned!(span=> #attrs #vis #sig #body);
    }
    let (call, load) = (chain::lookup(plan, &site::site(plan), About::Call), inline::load(plan));
    let body = super::block(plan, quote_spanned!(span=> #call #load));
    quote_spanned!(span=> #(#attrs)* #vis #sig #body)
}

/// For a method that may be one of a trait impl, where the siblings are no members: what says so once, at the option.
// siblings!(__user_entry_site: Inherent, __user_entry_uncached [T] (this, id) -> Output);
fn siblings(plan: &Plan<'_>, (site, body): (&Ident, &Ident), inherent: Option<&TokenStream>) -> Option<TokenStream> {
    let span = Span::mixed_site();
    // A visibility can stand in an inherent impl only.
    if !matches!(plan.func.vis, Visibility::Inherited) {
        return None;
    }
    let siblings = plan.paths.private("siblings");
    let params = plan.func.sig.generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(param.ident.to_token_stream()),
        GenericParam::Const(param) => {
            let (name, ty) = (&param.ident, &param.ty);
            Some(quote_spanned!(span=> const #name: #ty))
        }
        GenericParam::Lifetime(_) => None,
    });
    let receiver = plan.args.receiver.iter().map(|_| Ident::new("this", span));
    let args = receiver.chain(plan.args.list.iter().map(|arg| arg.ident.clone()));
    let returns = match plan.func.mode() {
        Mode::Async => quote_spanned!(span=> ::core::future::Ready<Output>),
        Mode::Blocking => quote_spanned!(span=> Output),
    };
    let inherent = inherent.map(|inherent| quote_spanned!(span=> : #inherent));
    Some(quote_spanned!(span=> #siblings!(#site #inherent, #body [#(#params),*] (#(#args),*) -> #returns);))
}

// fn get, fn entry, and two hidden siblings named after the entry.
pub(crate) fn with_entry(plan: &Plan<'_>, entry: &Ident) -> TokenStream {
    let (span, func) = (Span::mixed_site(), plan.func);
    let spelt = key::plain(entry);
    let site_name = format_ident!("__{}_site", spelt, span = Span::call_site());
    let body_name = format_ident!("__{}_uncached", spelt, span = Span::call_site());
    let self_type = super::key::self_type(plan);

    let (attrs, vis) = (user_attrs::of_function(&func.attrs), &func.vis);
    let sig = signature::of_function(&func.sig, &plan.args);
    let generics = signature::turbofish(&func.sig.generics);
    // In a trait impl there are no siblings, which is said at the option.
    let at = span.located_at(entry.span());
    let own_site = quote_spanned!(at=> <#self_type>::#site_name());
    let uncached = quote_spanned!(at=> <#self_type>::#body_name #generics);
    let (call, load) = (chain::lookup(plan, &own_site, About::Call), load(plan, &uncached, About::Call));
    let (names, inherent) = ((&site_name, &body_name), plan.paths.private("Inherent"));
    let siblings_of_call = siblings(plan, names, Some(&inherent));
    let handler = Handler::of(plan);
    let (attrs, sig, call_and_load) = match &handler {
        Some(handler) => {
            let body = handler.body(&own_site, &handler::lookup(plan), &load);
            (handler.attrs(), handler.signature(sig), body)
        }
        None => (attrs, sig, quote_spanned!(span=> #call #load)),
    };
    let body = super::block(plan, quote_spanned!(span=> #siblings_of_call #call_and_load));

    let companion_vis = signature::visibility(&func.vis);
    let (siblings, target) = (siblings(plan, names, None), chain::target(plan, &own_site));
    let target = quote_spanned!(span=> #siblings #target);
    let entry = match &handler {
        Some(handler) => handler.entry(entry, &own_site),
        None => super::entry(plan, entry, &companion_vis, &target, &uncached),
    };
    let presence = user_attrs::presence(&func.attrs);
    let lints = user_attrs::lints(&func.attrs);
    let body_attrs = user_attrs::of_body(plan.attr, &func.attrs);
    let (site_type, site) = (plan.paths.private("Site"), site::site(plan));
    let site_fn = quote_spanned!(at=> fn #site_name() -> &'static #site_type { #site });
    let body_sig = signature::of_body(func, &plan.args, &body_name.to_string());
    let user_body = &func.body;
    quote_spanned! {span=>
        #attrs
        #vis #sig #body
        #presence
        #lints
        #entry
        #presence
        #[doc(hidden)]
        #site_fn
        #presence
        #[doc(hidden)]
        #lints
        #body_attrs
        #body_sig #user_body
    }
}

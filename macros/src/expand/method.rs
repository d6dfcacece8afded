//! Methods: nothing may stand beside one in a trait impl, so the body stays inside unless `entry` names a sibling.
//!
//! ```text
//! async fn get(&self, id: u64) -> R {
//!     call(site!(..), kind!(R)).lookup(..).load(move || async move { BODY }).await
//! }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use crate::expand::load::load;
use crate::expand::{About, chain, inline, signature, site};
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
    let (call, load) = (chain::lookup(plan, &site::site(plan), About::Call), inline::load(plan));
    let body = super::block(plan, quote_spanned!(span=> #call #load));
    quote_spanned!(span=> #(#attrs)* #vis #sig #body)
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
    let own_site = quote_spanned!(span=> <#self_type>::#site_name());
    let uncached = quote_spanned!(span=> <#self_type>::#body_name #generics);
    let (call, load) = (chain::lookup(plan, &own_site, About::Call), load(plan, &uncached, About::Call));
    let body = super::block(plan, quote_spanned!(span=> #call #load));

    let companion_vis = signature::visibility(&func.vis);
    let entry = super::entry(plan, entry, &companion_vis, &chain::target(plan, &own_site), &uncached);
    let presence = user_attrs::presence(&func.attrs);
    let lints = user_attrs::lints(&func.attrs);
    let body_attrs = user_attrs::of_body(&func.attrs);
    let (site_type, site) = (plan.paths.private("Site"), site::site(plan));
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
        fn #site_name() -> &'static #site_type { #site }
        #presence
        #[doc(hidden)]
        #lints
        #body_attrs
        #body_sig #user_body
    }
}

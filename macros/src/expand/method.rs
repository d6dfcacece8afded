//! Methods: nothing may stand beside one in a trait impl, so the body stays inside unless `entry` names a sibling.
//!
//! ```text
//! async fn get(&self, id: u64) -> R {
//!     call(site!(..), kind!(R)).lookup(..).load(move || async move { BODY }).await
//! }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use crate::args::Kind;
use crate::expand::{chain, load, signature, site};
use crate::func::Mode;
use crate::key;
use crate::paths::ends;
use crate::plan::Plan;
use crate::scan;
use crate::user_attrs;

pub(crate) fn inline(plan: &Plan<'_>) -> TokenStream {
    let (span, func) = (Span::mixed_site(), plan.func);
    let (attrs, vis) = (&func.attrs, &func.vis);
    let sig = signature::around_body(&func.sig, &plan.args);
    let call = chain::lookup(plan, &site::site(plan));
    let load = load(plan, &inline_loader(plan));
    let body = super::block(plan, quote_spanned!(span=> #call #load));
    quote_spanned!(span=> #(#attrs)* #vis #sig #body)
}

/// The body as a closure's: its `?` and `return` end it, and its type is the function's.
fn inline_loader(plan: &Plan<'_>) -> TokenStream {
    let (span, body, returns) = (Span::mixed_site(), &plan.func.body, plan.returns);
    // As a block inside a block, `{ id }` would be a lint if the braces were still the user's.
    let mut inner = body.clone();
    inner.set_span(span.located_at(body.span()));
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
            let (at, _) = ends(returns);
            // An async block cannot state its type, but it can return a value of it.
            let none = quote_spanned!(at=> ::core::option::Option::None::<#returns>);
            let pin = quote_spanned!(at=> if let ::core::option::Option::Some(value) = #none { return value; });
            quote_spanned!(span=> async move { #pin #(#patterns)* #inner })
        }
        Mode::Blocking if patterns.is_empty() => quote_spanned!(span=> -> #returns #body),
        Mode::Blocking => quote_spanned!(span=> -> #returns { #(#patterns)* #inner }),
    }
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
    let (generics, args) = (signature::turbofish(&func.sig.generics), plan.args.forwarded());
    let own_site = quote_spanned!(span=> <#self_type>::#site_name());
    let uncached = quote_spanned!(span=> <#self_type>::#body_name #generics(#args));
    let (call, load) = (chain::lookup(plan, &own_site), load(plan, &uncached));
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

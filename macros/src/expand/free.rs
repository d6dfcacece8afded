//! A free function and the type of the same name that holds its companions.
//!
//! ```text
//! async fn f(id: u64) -> R { call(f::__site(), kind!(R)).lookup(..).load(move || f::uncached(id)).await }
//! enum f {}
//! impl f {
//!     fn __site() -> &'static Site { site!(..) }
//!     fn entry(id: u64) -> Entry<R, impl Future<Output = R>> { call(..).target(..).entry(Self::uncached(id)) }
//!     async fn uncached(id: u64) -> R { BODY }
//!     fn all() -> Group { group(Self::__site(), cache()) }
//! }
//! ```
//!
//! Where `ignore` leaves arguments out of `entry`, its handle has no body to run, and there is one more:
//!
//! ```text
//!     async fn refresh(db: &Db, id: u64) -> R { call(..).refresh().lookup(..).load(..).await }
//! ```
//!
//! A batch has that one, too, and one more; its entry is that of one id:
//!
//! ```text
//!     async fn one(ids: u64, db: &Db) -> <R as Batch>::One { call(..).lookup(..).load(..).await }
//! ```

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::expand::handler::Handler;
use crate::expand::load::{load, load_here};
use crate::expand::{About, chain, companion, handler, same_name, signature, site};
use crate::func::Mode;
use crate::key;
use crate::plan::Plan;
use crate::user_attrs;

pub(crate) fn expand(plan: &Plan<'_>) -> TokenStream {
    let (span, func) = (Span::mixed_site(), plan.func);
    let name = same_name(&func.sig.ident);
    let vis = signature::visibility(&func.vis);
    let presence = user_attrs::presence(&func.attrs);
    let lints = user_attrs::lints(&func.attrs);
    let doc = format!(" Companions of the cached function `{}`.", key::plain(&func.sig.ident));
    let function = function(plan);
    let handler = Handler::of(plan);
    let refresh = (handler.is_none() && plan.args.has_refresh()).then(|| refresh(plan));
    let varies = handler.as_ref().and_then(Handler::varies);
    let one = plan.args.batch.as_ref().map(|_| one(plan));
    let members = [Some(own_site(plan)), Some(entry(plan)), one, refresh, Some(uncached(plan)), Some(all(plan))];
    let members = members.iter().flatten();
    // The type of this name is there already if an attribute makes a service of the function.
    let own_type = (!user_attrs::makes_a_type(plan.attr, &func.attrs)).then(|| {
        quote_spanned! {span=>
            #[doc = #doc]
            #presence
            #vis enum #name {}
        }
    });
    quote_spanned! {span=>
        #function
        #own_type
        #varies
        #presence
        #lints
        impl #name {
            #(#members)*
        }
    }
}

fn function(plan: &Plan<'_>) -> TokenStream {
    let (span, func) = (Span::mixed_site(), plan.func);
    let (attrs, vis) = (user_attrs::of_function(&func.attrs), &func.vis);
    let sig = signature::of_function(&func.sig, &plan.args);
    let name = same_name(&func.sig.ident);
    let generics = signature::turbofish(&func.sig.generics);
    if let Some(handler) = Handler::of(plan) {
        let load = load(plan, &quote_spanned!(span=> #name::uncached #generics), About::Call);
        let body = handler.body(&quote_spanned!(span=> #name::__site()), &handler::lookup(plan), &load);
        let (attrs, sig, body) = (handler.attrs(), handler.signature(sig), super::block(plan, body));
        return quote_spanned!(span=> #attrs #vis #sig #body);
    }
    let call = chain::lookup(plan, &quote_spanned!(span=> #name::__site()), About::Call);
    let load = load(plan, &quote_spanned!(span=> #name::uncached #generics), About::Call);
    let body = super::block(plan, quote_spanned!(span=> #call #load));
    quote_spanned!(span=> #attrs #vis #sig #body)
}

fn own_site(plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let (site_type, site) = (plan.paths.private("Site"), site::site(plan));
    quote_spanned!(span=> fn __site() -> &'static #site_type { #site })
}

fn entry(plan: &Plan<'_>) -> TokenStream {
    if let Some(handler) = Handler::of(plan) {
        return handler::entry_of_free(&handler);
    }
    let (span, func) = (Span::mixed_site(), plan.func);
    let vis = signature::visibility(&func.vis);
    let generics = signature::turbofish(&func.sig.generics);
    let target = chain::target(plan, &quote_spanned!(span=> Self::__site()));
    let uncached = quote_spanned!(span=> Self::uncached #generics);
    super::entry(plan, &companion("entry", &plan.func.sig.ident), &vis, &target, &uncached)
}

// async fn one(ids: u64, db: &Db) -> <R as Batch>::One { call(..).lookup(..).load(..).await }
fn one(plan: &Plan<'_>) -> TokenStream {
    let (span, func) = (Span::mixed_site(), plan.func);
    let name = key::plain(&func.sig.ident);
    let doc = format!(" What `{name}` says about one id.");
    let sections = user_attrs::sections(&func.attrs, &name);
    let vis = signature::visibility(&func.vis);
    let output = plan.paths.one_of(plan.returns).to_token_stream();
    let mut sig = signature::of_one(&func.sig, &plan.args, companion("one", &func.sig.ident), output);
    sig.asyncness = func.sig.asyncness;
    let generics = signature::turbofish(&func.sig.generics);
    let call = chain::lookup(plan, &quote_spanned!(span=> Self::__site()), About::One);
    let load = load(plan, &quote_spanned!(span=> Self::uncached #generics), About::One);
    quote_spanned!(span=> #[doc = #doc] #sections #vis #sig { #call #load })
}

fn refresh(plan: &Plan<'_>) -> TokenStream {
    let (span, func) = (Span::mixed_site(), plan.func);
    let name = key::plain(&func.sig.ident);
    let doc = format!(" Runs the body of `{name}` and stores its result.");
    let sections = user_attrs::sections(&func.attrs, &name);
    let vis = signature::visibility(&func.vis);
    let mut sig = signature::of_companion(&func.sig, &plan.args, companion("refresh", &func.sig.ident));
    sig.asyncness = func.sig.asyncness;
    let generics = signature::turbofish(&func.sig.generics);
    let call = chain::refresh(plan, &quote_spanned!(span=> Self::__site()));
    let load = load_here(plan, &quote_spanned!(span=> Self::uncached #generics));
    quote_spanned!(span=> #[doc = #doc] #sections #vis #sig { #call #load })
}

fn uncached(plan: &Plan<'_>) -> TokenStream {
    let (span, func) = (Span::mixed_site(), plan.func);
    let name = key::plain(&func.sig.ident);
    let doc = format!(" Runs the body of `{name}`; reads and stores nothing.");
    let (sections, attrs) = (user_attrs::sections(&func.attrs, &name), user_attrs::of_body(plan.attr, &func.attrs));
    let (vis, body) = (&func.vis, &func.body);
    let sig = signature::of_body(func, &plan.args, "uncached");
    quote_spanned!(span=> #[doc = #doc] #sections #attrs #vis #sig #body)
}

fn all(plan: &Plan<'_>) -> TokenStream {
    let (span, func) = (Span::mixed_site(), plan.func);
    let vis = signature::visibility(&func.vis);
    let doc = format!(" Every entry of `{}`.", key::plain(&func.sig.ident));
    let name = companion("all", &plan.func.sig.ident);
    let param = plan.cache_needs_arguments().then(|| {
        let cache = plan.paths.cache_type(span);
        quote_spanned!(span=> cache: &#cache)
    });
    let mode = func.mode();
    let group = plan.paths.private(if mode == Mode::Async { "group" } else { "group_blocking" });
    let (returns, cache) = (plan.paths.group_type(mode), chain::cache_of_group(plan));
    quote_spanned!(span=> #[doc = #doc] #vis fn #name(#param) -> #returns { #group(Self::__site(), #cache) })
}

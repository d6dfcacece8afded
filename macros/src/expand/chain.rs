//! The call into the runtime, up to the look-up.
//!
//! ```text
//! call(get_user::__site(), kind!(User)).unless(..).lookup(cache(), |key| ..).tagged(|tags| ..)
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::Expr;

use crate::expand::handler::{Handler, Key};
use crate::expand::{About, key, operand, tags};
use crate::paths::{Paths, ends};
use crate::plan::Plan;
use crate::scan;
use crate::value::Timeout;

/// What a call of the function does: bypass, refresh or look up.
pub(crate) fn lookup(plan: &Plan<'_>, site: &TokenStream, about: About) -> TokenStream {
    let span = Span::mixed_site();
    let (start, conditions, rules, look) = (start(plan, site), conditions(plan, about), rules(plan), look(plan, about));
    quote_spanned!(span=> #start #conditions #rules #look)
}

/// The same behind a start of its own, without the rules: they are about values whose type is not known yet.
pub(crate) fn lookup_unkinded(plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let (conditions, look) = (conditions(plan, About::Call), look(plan, About::Call));
    quote_spanned!(span=> #conditions #look)
}

// .unless(..).refresh_if(..)
fn conditions(plan: &Plan<'_>, about: About) -> TokenStream {
    let span = Span::mixed_site();
    let conditions = [("unless", &plan.attr.unless), ("refresh_if", &plan.attr.refresh_if)];
    let conditions = conditions.into_iter().filter_map(|(name, given)| {
        let given = given.as_ref()?;
        // A handler's response is made under the same condition, which is asked once.
        let asked = plan.attr.handler.is_some() && name == "unless";
        let value = if asked { quote_spanned!(span=> __bypass) } else { with_arguments(plan, &given.value, about) };
        let method = method(name, &given.key);
        Some(quote_spanned!(span=> .#method(#value)))
    });
    // Methods other than GET and HEAD.
    let bypasses = plan.attr.handler.as_ref().map(|_| quote_spanned!(span=> .unless(__context.bypasses())));
    quote_spanned!(span=> #bypasses #(#conditions)*)
}

/// What `refresh` does: run the body, and store its result if it may be stored.
pub(crate) fn refresh(plan: &Plan<'_>, site: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let (start, rules, look) = (start(plan, site), rules(plan), look(plan, About::Call));
    quote_spanned!(span=> #start.refresh() #rules #look)
}

/// What the entry function does: render the key, and leave the rest to the handle. The entry of a batch is that of one id.
pub(crate) fn target(plan: &Plan<'_>, site: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let (start, rules) = (start(plan, site), rules(plan));
    let about = About::of_entry(plan);
    let closure = key::closure(plan, about, Key::OfEntry);
    let (cache, tagged) = (cache(plan), tags::tagged(plan, about));
    quote_spanned!(span=> #start #rules .target(#cache, #closure) #tagged)
}

// .lookup(cache(), |key| ..) | .lookup_batch(cache(), &ids[..], |ids, key| ..).chunk(500)
fn look(plan: &Plan<'_>, about: About) -> TokenStream {
    let span = Span::mixed_site();
    let (closure, tagged) = (key::closure(plan, about, Key::OfCall), tags::tagged(plan, about));
    if plan.attr.handler.is_some() {
        return quote_spanned!(span=> .lookup(__cache, #closure).if_found(__context.is_head()) #tagged);
    }
    let cache = cache(plan);
    let Some(ids) = plan.args.ids().filter(|_| about == About::Call) else {
        return quote_spanned!(span=> .lookup(#cache, #closure) #tagged);
    };
    let chunk = plan.attr.chunk.as_ref().map(|given| {
        let (method, value) = (method("chunk", &given.key), &given.value);
        quote_spanned!(span=> .#method(#value))
    });
    // A `Vec` that is only borrowed from would be a lint about the user's argument.
    let by_value = plan.args.batch.as_ref().is_some_and(|batch| batch.by_value);
    let slice = if by_value { quote_spanned!(span=> ::core::convert::identity(#ids)) } else { ids.to_token_stream() };
    quote_spanned!(span=> .lookup_batch(#cache, &#slice[..], #closure) #tagged #chunk)
}

fn start(plan: &Plan<'_>, site: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let call = plan.paths.private("call");
    let kind = match &plan.args.batch {
        Some(batch) => plan.paths.batch_kind(plan.returns, &batch.id),
        None => match Handler::of(plan) {
            Some(handler) => {
                let kind = handler.private("handler");
                quote_spanned!(span=> #kind())
            }
            None => plan.paths.kind(plan.returns),
        },
    };
    quote_spanned!(span=> #call(#site, #kind))
}

/// What is done with values.
pub(crate) fn rules(plan: &Plan<'_>) -> TokenStream {
    let (span, attr) = (Span::mixed_site(), plan.attr);
    let mut chain = TokenStream::new();
    if let Some(given) = &attr.store_if {
        let (method, value) = (method("store_if", &given.key), &given.value);
        chain.extend(quote_spanned!(span=> .#method(#value)));
    }
    if let Some(given) = &attr.timeout
        && let Timeout::With(closure) = &given.value
    {
        let method = method("timeout_with", &given.key);
        chain.extend(quote_spanned!(span=> .#method(#closure)));
    }
    if let Some(given) = &attr.cache_none {
        let method = method("cache_none", &given.key);
        chain.extend(quote_spanned!(span=> .#method()));
    }
    if let Some(given) = &attr.cache_err {
        let method = method("cache_err", &given.key);
        chain.extend(quote_spanned!(span=> .#method()));
    }
    if let Some(given) = &attr.stale_if_error {
        let method = method("stale_if_error", &given.key);
        chain.extend(quote_spanned!(span=> .#method()));
    }
    chain
}

fn method(name: &str, option: &Ident) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(option.span()))
}

pub(crate) fn cache(plan: &Plan<'_>) -> TokenStream {
    if let Some(given) = &plan.attr.cache {
        let (span, bindings) = (Span::mixed_site(), bindings(plan, &given.value));
        let value = borrowed_cache(&plan.paths, &given.value);
        return if bindings.is_empty() { value } else { quote_spanned!(span=> { #bindings #value }) };
    }
    let (span, cache) = (Span::mixed_site(), plan.paths.private("cache"));
    quote_spanned!(span=> #cache())
}

/// `&self.cache as &Cache`: the cast also gets through a reference that the expression already is, and an `Arc`.
pub(crate) fn borrowed_cache(paths: &Paths, cache: &Expr) -> TokenStream {
    let (first, _) = ends(cache);
    let (value, cache_type) = (operand(cache), paths.cache_type(first));
    if matches!(cache, Expr::Reference(_)) {
        cache.to_token_stream()
    } else {
        quote_spanned!(first=> &#value as &#cache_type)
    }
}

/// The cache for `all()`, which has no arguments but perhaps a cache.
pub(crate) fn cache_of_group(plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    if plan.cache_needs_arguments() { quote_spanned!(span=> cache) } else { cache(plan) }
}

/// An expression over the arguments; names that patterns bind are bound by reference around it.
/// For one id of a batch, the slice is that of this id.
pub(crate) fn with_arguments(plan: &Plan<'_>, expr: &Expr, about: About) -> TokenStream {
    let span = Span::mixed_site();
    let mut bindings = bindings(plan, expr);
    if let Some(ids) = plan.args.ids().filter(|_| about == About::One)
        && scan::mentions(&expr.to_token_stream(), ids)
    {
        bindings.extend(quote_spanned!(span=> let #ids = ::core::slice::from_ref(&#ids);));
    }
    if bindings.is_empty() { expr.to_token_stream() } else { quote_spanned!(span=> { #bindings #expr }) }
}

fn bindings(plan: &Plan<'_>, expr: &Expr) -> TokenStream {
    let tokens = expr.to_token_stream();
    plan.args.rebound(&|name| scan::mentions(&tokens, name))
}

//! A block and its cache.
//!
//! ```text
//! {
//!     let found = fragment(site).unless(..).lookup(cache(), |key| ..).tagged(|tags| ..);
//!     let body = || { BLOCK };                                    async { BLOCK }
//!     found.of(kind_of!(returned(&body))).store_if(..).load_blocking(__body)
//! }
//! ```
//!
//! The key and the tags are rendered before the block takes what it captures, so that `move` takes nothing from them; and the
//! kind comes after the block, since it is the block that has a type.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};

use crate::expand::{chain, site};
use crate::fragment::Block;
use crate::func::Mode;
use crate::paths::ends;
use crate::plan::Plan;

pub(crate) fn expand(plan: &Plan<'_>, block: &Block) -> TokenStream {
    let span = Span::mixed_site();
    let (fragment, site) = (plan.paths.private("fragment"), site::of_fragment(plan));
    let look = chain::lookup_unkinded(plan);
    let (body, kind, rules) = (body(block), kind(plan, block), chain::rules(plan));
    let load = load(plan, block);
    quote_spanned! {span=>
        {
            let __found = #fragment(#site) #look;
            let __body = #body;
            __found.of(#kind) #rules #load
        }
    }
}

/// The block alone, for when something is wrong. If that is a `?` or an `.await`, the block is a part of the function, where these are no
/// further errors.
pub(crate) fn plain(block: &Block, in_place: bool) -> TokenStream {
    let (span, inner) = (Span::mixed_site(), inner(block));
    match (block.mode(), &block.returns) {
        (Mode::Async, None) if in_place => quote_spanned!(span=> ::core::future::ready(#inner)),
        (Mode::Blocking, None) if in_place => inner.to_token_stream(),
        (Mode::Async, _) => body(block),
        (Mode::Blocking, _) => {
            let body = body(block);
            quote_spanned!(span=> (#body)())
        }
    }
}

// move || -> Type { BLOCK } | async move { pin; { BLOCK } }
fn body(block: &Block) -> TokenStream {
    let (span, moves) = (Span::mixed_site(), &block.moves);
    match (block.mode(), &block.returns) {
        (Mode::Blocking, None) => {
            let body = &block.body;
            quote_spanned!(span=> #moves || #body)
        }
        (Mode::Blocking, Some(returns)) => {
            let body = &block.body;
            quote_spanned!(span=> #moves || -> #returns #body)
        }
        (Mode::Async, None) => {
            let body = &block.body;
            quote_spanned!(span=> async #moves #body)
        }
        // An async block cannot state its type, but it can return a value of it.
        (Mode::Async, Some(returns)) => {
            let (at, _) = ends(returns);
            let none = quote_spanned!(at=> ::core::option::Option::None::<#returns>);
            let pin = quote_spanned!(at=> if let ::core::option::Option::Some(__value) = #none { return __value; });
            let inner = inner(block);
            quote_spanned!(span=> async #moves { #pin #inner })
        }
    }
}

/// As a block inside a block, `{ id }` would be a lint if the braces were still the user's.
fn inner(block: &Block) -> Group {
    let mut inner = block.body.clone();
    inner.set_span(Span::mixed_site().located_at(block.body.span()));
    inner
}

/// What tells the type of a block.
fn names_of(mode: Mode) -> &'static str {
    match mode {
        Mode::Async => "awaited",
        Mode::Blocking => "returned",
    }
}

/// `kind_of!(returned(&body))`; what can't be kept, and what the block leaves open, is reported at the type, or else at the block.
fn kind(plan: &Plan<'_>, block: &Block) -> TokenStream {
    let (first, last) = block.returns.as_ref().map_or_else(|| ends(&block.body), ends);
    let returned = plan.paths.private_at(names_of(block.mode()), first);
    let name = plan.paths.private_at("kind_of", first);
    let body = Ident::new("__body", Span::mixed_site().located_at(last));
    let mut argument = Group::new(Delimiter::Parenthesis, quote_spanned!(last=> #returned(&#body)));
    argument.set_span(last);
    quote_spanned!(first=> #name!#argument)
}

// .load_blocking(__body) | .load(move || __body) | .load_owned(keep(body), |body| body)
fn load(plan: &Plan<'_>, block: &Block) -> TokenStream {
    let span = Span::mixed_site();
    let Some(option) = plan.attr.aside() else {
        return match block.mode() {
            Mode::Async => quote_spanned!(span=> .load(move || __body)),
            Mode::Blocking => quote_spanned!(span=> .load_blocking(__body)),
        };
    };
    let at = span.located_at(option.span());
    let keep = plan.paths.private_at("keep", at);
    let name = match block.mode() {
        Mode::Async => "load_owned",
        Mode::Blocking => "load_owned_blocking",
    };
    let (name, body) = (Ident::new(name, at), Ident::new("__body", at));
    quote_spanned!(at=> .#name(#keep(#body), |__body| __body))
}

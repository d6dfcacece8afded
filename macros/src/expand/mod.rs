//! A [`Plan`] becomes tokens; nothing here fails. The pieces of an expansion, one file each:
//!
//! ```text
//! free.rs method.rs    the function and what stands beside it
//! handler.rs           what a web handler has besides
//! writer.rs written.rs  a function that invalidates; a web handler that does
//! fragment.rs          a block
//! chain.rs             call(site, kind).unless(..).lookup(cache, |key| ..)
//! key.rs tags.rs       the key closure; the tags closure
//! site.rs              the constant part
//! load.rs inline.rs    .load(..), with the body in a sibling; with the body inside
//! passage.rs           the arguments of a body that may run on the side, or more than once
//! signature.rs         the user's signature, for the function and its siblings
//! ```
//!
//! Whatever a user cannot name is mixed-site; what he can (companions) is call-site.

mod chain;
mod fragment;
mod free;
pub(crate) mod handler;
mod inline;
mod key;
mod load;
mod method;
mod passage;
pub(crate) mod signature;
mod site;
mod tags;
mod writer;
mod written;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::{Expr, Visibility};

use crate::expand::handler::Handler;
use crate::func::Mode;
use crate::key::plain;
use crate::paths::ends;
use crate::plan::{Place, Plan};

pub(crate) fn function(plan: &Plan<'_>) -> TokenStream {
    let expanded = match plan.place {
        Place::Free => free::expand(plan),
        Place::Inline => method::inline(plan),
        Place::Named(entry) => method::with_entry(plan, entry),
    };
    Handler::of(plan).map_or_else(|| expanded.clone(), |handler| handler.with_feature(&expanded))
}

pub(crate) use chain::borrowed_cache;
pub(crate) use fragment::{expand as fragment, plain as plain_fragment};
pub(crate) use key::{member, path};
pub(crate) use writer::expand as writer;

/// A name that the user may write, defined where the function's own name is.
pub(crate) fn companion(name: &str, function: &Ident) -> Ident {
    Ident::new(name, Span::call_site().located_at(function.span()))
}

/// The function's own name, for an item beside it: lints about its spelling have been said once.
pub(crate) fn same_name(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(Span::call_site().located_at(name.span()));
    name
}

/// The new body, in the braces of the old one: rustc measures and shows the function as before.
fn block(plan: &Plan<'_>, body: TokenStream) -> Group {
    let mut block = Group::new(Delimiter::Brace, body);
    block.set_span(plan.func.body.span());
    block
}

/// The name where `span` is; it means what it means at its own place.
fn located(name: &Ident, span: Span) -> Ident {
    let mut name = name.clone();
    name.set_span(name.span().located_at(span));
    name
}

/// What a call is about.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum About {
    /// What the function's arguments say: one entry, or one for each id of a batch.
    Call,
    /// One id of a batch.
    One,
}

impl About {
    fn of_entry(plan: &Plan<'_>) -> Self {
        if plan.args.batch.is_some() { Self::One } else { Self::Call }
    }
}

// fn entry(id: u64) -> Entry<R, impl Future<Output = R>> { target.entry(Self::uncached(id)) }
// fn entry(id: u64) -> Entry<R> { target.bare_entry() }
fn entry(plan: &Plan<'_>, name: &Ident, vis: &Visibility, target: &TokenStream, uncached: &TokenStream) -> TokenStream {
    let (span, mode) = (Span::mixed_site(), plan.func.mode());
    let about = About::of_entry(plan);
    let one = (about == About::One).then(|| plan.paths.one_of(plan.returns));
    let returns = one.as_ref().unwrap_or(plan.returns);
    let function = plain(&plan.func.sig.ident);
    let doc = format!(" The entry that holds (or would hold) the value of `{function}` for these arguments.");
    let complete = plan.args.all_in_entry();
    // What is wrong with the type is said of it where it stands.
    let (first, last) = if about == About::One { ends(plan.returns) } else { (span, span) };
    let (of, end) = (quote_spanned!(first=> impl), quote_spanned!(last=> >));
    let loader = match mode {
        Mode::Async => quote_spanned!(span=> #of ::core::future::Future<Output = #returns #end),
        Mode::Blocking => quote_spanned!(span=> #of ::core::ops::FnOnce() -> #returns),
    };
    let output = plan.paths.entry_type(returns, complete.then_some(&loader), mode, (first, last));
    let mut sig = signature::of_entry(&plan.func.sig, &plan.args, name.clone(), output);
    // Where it can't stand, rustc says so of the whole of it: of the option that asks for it.
    let at = if let Place::Named(entry) = plan.place { span.located_at(entry.span()) } else { span };
    if matches!(plan.place, Place::Named(_)) {
        sig.fn_token.span = at;
    }
    let body = load::outcome(plan, uncached, about);
    let build = match mode {
        Mode::Async if complete => quote_spanned!(span=> .entry(#body)),
        Mode::Blocking if complete => quote_spanned!(span=> .entry_blocking(move || #body)),
        Mode::Async => quote_spanned!(span=> .bare_entry()),
        Mode::Blocking => quote_spanned!(span=> .bare_entry_blocking()),
    };
    let (doc, block) = (quote_spanned!(span=> #[doc = #doc]), quote_spanned!(at=> { #target #build }));
    quote_spanned!(span=> #doc #vis #sig #block)
}

/// An expression that can stand behind `&` and before `as`.
fn operand(expr: &Expr) -> TokenStream {
    match expr {
        Expr::Path(_)
        | Expr::Lit(_)
        | Expr::Call(_)
        | Expr::MethodCall(_)
        | Expr::Field(_)
        | Expr::Index(_)
        | Expr::Macro(_)
        | Expr::Paren(_)
        | Expr::Tuple(_)
        | Expr::Array(_) => quote::ToTokens::to_token_stream(expr),
        _ => {
            let span = Span::mixed_site();
            quote_spanned!(span=> (#expr))
        }
    }
}

//! The constant part of a function.
//!
//! ```text
//! site!("get_user", "user:", [Text("user:"), Hole("id")], |site| site.timeout(60_000_000_000).local())
//! ```

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::{LitInt, LitStr, Type};

use crate::batch;
use crate::duration::NEVER;
use crate::expand::handler::Handler;
use crate::expand::operand;
use crate::fraction::When;
use crate::key;
use crate::plan::{Place, Plan};
use crate::scan;
use crate::template::Piece;
use crate::value::{Codec, Timeout, Version};

pub(crate) fn site(plan: &Plan<'_>) -> TokenStream {
    named(plan, &key::plain(&plan.func.sig.ident), TokenStream::new())
}

/// That of a fragment, which has no name: its key stands for it.
pub(crate) fn of_fragment(plan: &Plan<'_>) -> TokenStream {
    let name = plan.attr.key.as_ref().map(|key| key.value.value()).unwrap_or_default();
    named(plan, &name, quote_spanned!(Span::mixed_site()=> .fragment()))
}

fn named(plan: &Plan<'_>, name: &str, mut options_before: TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let site = plan.paths.private("site");
    let name = text(name);
    let template = plan.key.template.as_ref().map(|template| {
        let head = text(&template.head);
        let pieces = template.pieces.iter().map(piece);
        quote_spanned!(span=> , #head, [#(#pieces),*])
    });
    options_before.extend(options(plan));
    let options = options_before;
    let options = if options.is_empty() { options } else { quote_spanned!(span=> , |__site| __site #options) };
    quote_spanned!(span=> #site!(#name #template #options))
}

fn piece(piece: &Piece) -> TokenStream {
    let span = Span::mixed_site();
    match piece {
        Piece::Text(literal) => {
            let literal = text(literal);
            quote_spanned!(span=> Text(#literal))
        }
        Piece::Hole(hole) => {
            let path = text(&hole.text);
            quote_spanned!(span=> Hole(#path))
        }
    }
}

/// The chain behind `site`; empty if every option has its default.
fn options(plan: &Plan<'_>) -> TokenStream {
    let (span, attr) = (Span::mixed_site(), plan.attr);
    let mut chain = TokenStream::new();
    if let Some(Timeout::Nanos(time)) = attr.timeout.as_ref().map(|timeout| &timeout.value) {
        let time = nanos(*time);
        chain.extend(quote_spanned!(span=> .timeout(#time)));
    }
    if let Some(version) = &attr.version {
        let version = version_of(&version.value, plan);
        chain.extend(quote_spanned!(span=> .version(#version)));
    }
    if let Some(Some(time)) = attr.cache_none.as_ref().map(|none| none.value) {
        let time = nanos(time);
        chain.extend(quote_spanned!(span=> .cache_none(#time)));
    }
    if let Some(time) = attr.cache_err.as_ref().map(|err| nanos(err.value)) {
        chain.extend(quote_spanned!(span=> .cache_err(#time)));
    }
    if let Some(time) = attr.stale_while_revalidate.as_ref().map(|stale| nanos(stale.value)) {
        chain.extend(quote_spanned!(span=> .stale_while_revalidate(#time)));
    }
    if let Some(time) = attr.stale_if_error.as_ref().map(|stale| nanos(stale.value)) {
        chain.extend(quote_spanned!(span=> .stale_if_error(#time)));
    }
    if let Some(time) = attr.soft_timeout.as_ref().map(|soft| nanos(soft.value)) {
        chain.extend(quote_spanned!(span=> .soft_timeout(#time)));
    }
    match attr.early.as_ref().map(|early| early.value.when) {
        Some(When::Fraction(part)) => {
            let part = grouped(u64::from(part));
            chain.extend(quote_spanned!(span=> .early_fraction(#part)));
        }
        Some(When::Age(age)) => {
            let age = nanos(age);
            chain.extend(quote_spanned!(span=> .early_age(#age)));
        }
        None => {}
    }
    if let Some(part) = attr.jitter.as_ref().map(|jitter| grouped(u64::from(jitter.value.0))) {
        chain.extend(quote_spanned!(span=> .jitter(#part)));
    }
    if attr.local.is_some() {
        chain.extend(quote_spanned!(span=> .local()));
    }
    if let Some(codec) = &attr.codec {
        let (name, span) = (plan.paths.private("codec"), span.located_at(codec.key.span()));
        let codec = match codec.value {
            Codec::MessagePack => quote_spanned!(span=> MessagePack),
            Codec::Json => quote_spanned!(span=> Json),
            Codec::Raw => quote_spanned!(span=> Raw),
        };
        chain.extend(quote_spanned!(span=> .codec(#name!(#codec))));
    }
    if let Some(handler) = Handler::of(plan) {
        let wire = handler.private("wire");
        chain.extend(quote_spanned!(span=> .wire(#wire)));
    } else if let Some(wire) = value_type(plan).map(|value| plan.paths.wire(&value)) {
        chain.extend(quote_spanned!(span=> .wire(|| #wire)));
    }
    if attr.coalesce.as_ref().is_some_and(|coalesce| !coalesce.value) {
        chain.extend(quote_spanned!(span=> .uncoalesced()));
    }
    let generics = &plan.func.sig.generics;
    if generics.type_params().next().is_some() || generics.const_params().next().is_some() || attr.vary.is_some() {
        chain.extend(quote_spanned!(span=> .generic()));
    }
    if let Some(cache) = &attr.cache {
        let cache = text(&scan::text(&cache.value.to_token_stream()));
        chain.extend(quote_spanned!(span=> .cache_expr(#cache)));
    }
    chain
}

/// What is returned for one value, where that is known without a call. A static can't name type parameters, nor, of a method, those
/// that may be around it.
fn value_type(plan: &Plan<'_>) -> Option<Type> {
    let generic = !plan.func.sig.generics.params.is_empty();
    if generic || !matches!(plan.place, Place::Free) || plan.attr.local.is_some() {
        return None;
    }
    if plan.args.batch.is_some() { batch::one(plan.returns) } else { Some(plan.returns.clone()) }
}

fn version_of(version: &Version, plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    match version {
        // `2u32` is as good as `2`.
        Version::Number(number) => {
            LitInt::new(number.base10_digits(), span.located_at(number.span())).to_token_stream()
        }
        Version::Code => {
            let mut tokens = plan.func.sig.to_token_stream();
            tokens.extend(plan.func.body.stream());
            Literal::u64_unsuffixed(scan::hash(&tokens)).to_token_stream()
        }
        Version::Expr(expr) => {
            let expr = operand(expr);
            quote_spanned!(span=> #expr as ::core::primitive::u64)
        }
    }
}

fn nanos(nanos: u64) -> TokenStream {
    let span = Span::mixed_site();
    if nanos == NEVER {
        return quote_spanned!(span=> ::core::primitive::u64::MAX);
    }
    grouped(nanos).to_token_stream()
}

/// `60_000_000_000`
pub(crate) fn grouped(number: u64) -> LitInt {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    LitInt::new(&grouped, Span::mixed_site())
}

pub(crate) fn text(text: &str) -> LitStr {
    LitStr::new(text, Span::mixed_site())
}

//! The user's attributes, handed on to the items that stand for the function.
//!
//! | | the function | companions | what holds the body |
//! |---|---|---|---|
//! | `cfg`, `doc(hidden)` | yes | yes | yes |
//! | `allow`, `warn`, `deny`, `forbid` | yes | yes | yes |
//! | `expect` | as `allow` | as `allow` | yes |
//! | everything else | yes | | |
//!
//! An expectation about unused code is met at the function, so it stays there. `cfg_attr` is looked into.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use crate::scan;

/// The attributes that stay on the function when its body moves away.
pub(crate) fn of_function(attrs: &[Attribute]) -> TokenStream {
    select(attrs, &|meta| match class(meta) {
        Class::Expect { unused: false } => Some(as_allow(meta)),
        _ => Some(verbatim(meta)),
    })
}

/// `cfg` and `doc(hidden)`: whether a companion exists and is shown.
pub(crate) fn presence(attrs: &[Attribute]) -> TokenStream {
    select(attrs, &|meta| match class(meta) {
        Class::Cfg | Class::Hidden => Some(verbatim(meta)),
        _ => None,
    })
}

/// Lint levels for code that repeats the signature.
pub(crate) fn lints(attrs: &[Attribute]) -> TokenStream {
    select(attrs, &|meta| match class(meta) {
        Class::Lint => Some(verbatim(meta)),
        Class::Expect { .. } => Some(as_allow(meta)),
        _ => None,
    })
}

/// Expectations for the item that holds the body.
pub(crate) fn expectations(attrs: &[Attribute]) -> TokenStream {
    select(attrs, &|meta| match class(meta) {
        Class::Expect { unused: false } => Some(verbatim(meta)),
        _ => None,
    })
}

/// Whether an attribute changes which lints fire: on a parameter it belongs to the body.
pub(crate) fn is_lint(attr: &Attribute) -> bool {
    matches!(class(&attr.meta), Class::Lint | Class::Expect { .. })
}

enum Class {
    Cfg,
    Hidden,
    Lint,
    Expect { unused: bool },
    Other,
}

fn class(meta: &Meta) -> Class {
    let Some(name) = meta.path().get_ident() else {
        return Class::Other;
    };
    match (name.to_string().as_str(), meta) {
        ("cfg", _) => Class::Cfg,
        ("doc", Meta::List(list)) if scan::text(&list.tokens) == "hidden" => Class::Hidden,
        ("allow" | "warn" | "deny" | "forbid", Meta::List(_)) => Class::Lint,
        ("expect", Meta::List(list)) => {
            let mentions = |name| scan::mentions(&list.tokens, &Ident::new(name, Span::call_site()));
            Class::Expect { unused: mentions("dead_code") || mentions("unused") }
        }
        _ => Class::Other,
    }
}

type Choice = dyn Fn(&Meta) -> Option<TokenStream>;

fn select(attrs: &[Attribute], choice: &Choice) -> TokenStream {
    let span = Span::mixed_site();
    attrs
        .iter()
        .filter_map(|attr| {
            let meta = choose(&attr.meta, choice)?;
            let (pound, style) = (attr.pound_token, attr.bracket_token);
            let mut bracketed = TokenStream::new();
            style.surround(&mut bracketed, |tokens| tokens.extend(meta));
            Some(quote_spanned!(span=> #pound #bracketed))
        })
        .collect()
}

// cfg_attr(predicate, meta, meta)
fn choose(meta: &Meta, choice: &Choice) -> Option<TokenStream> {
    let Meta::List(list) = meta else {
        return choice(meta);
    };
    if !list.path.is_ident("cfg_attr") {
        return choice(meta);
    }
    let Ok(parts) = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone()) else {
        return choice(meta);
    };
    let mut parts = parts.iter();
    let predicate = parts.next()?;
    let chosen: Vec<_> = parts.filter_map(|part| choose(part, choice)).collect();
    if chosen.is_empty() {
        return None;
    }
    let (span, path) = (Span::mixed_site(), &list.path);
    Some(quote_spanned!(span=> #path(#predicate, #(#chosen),*)))
}

fn verbatim(meta: &Meta) -> TokenStream {
    quote::ToTokens::to_token_stream(meta)
}

fn as_allow(meta: &Meta) -> TokenStream {
    let span = Span::mixed_site();
    match meta {
        Meta::List(list) => {
            let lints = &list.tokens;
            quote_spanned!(span=> allow(#lints))
        }
        other => verbatim(other),
    }
}

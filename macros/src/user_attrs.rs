//! The user's attributes, handed on to the items that stand for the function.
//!
//! | | the function | companions | what holds the body |
//! |---|---|---|---|
//! | `cfg`, `doc(hidden)` | yes | yes | yes |
//! | `allow`, `warn`, `deny`, `forbid` | yes | yes | yes |
//! | `expect` | as `allow` | as `allow` | yes |
//! | `must_use` | yes | | yes |
//! | `instrument` | yes, not of a handler | | of a handler |
//! | everything else | yes | | |
//!
//! An expectation about unused code is met at the function, so it stays there. `cfg_attr` is looked into.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, MetaList, Token};

use crate::attr::Attr;
use crate::handler::Framework;
use crate::scan;

/// The attributes that stay on the function when its body moves away.
pub(crate) fn of_function(attrs: &[Attribute]) -> TokenStream {
    select(attrs, &|meta| match class(meta) {
        Class::Expect(list) => {
            let (unused, body) = Expected::of(list);
            unused.written("expect").into_iter().chain(body.written("allow")).collect()
        }
        _ => vec![meta.to_token_stream()],
    })
}

/// The same for a web handler: what records calls goes with the body, whose arguments it names, and axum's checks are told the
/// type of the state.
pub(crate) fn of_handler(attrs: &[Attribute], state: Option<&TokenStream>) -> TokenStream {
    let kept: Vec<_> = attrs.iter().filter(|attr| !records(&attr.meta)).cloned().collect();
    let checked = kept.into_iter().map(|mut attr| {
        if let (Meta::Path(path), Some(state)) = (&attr.meta, state)
            && is_called(&attr.meta, &["debug_handler"])
        {
            attr.meta = Meta::List(MetaList {
                path: path.clone(),
                delimiter: syn::MacroDelimiter::Paren(syn::token::Paren(Span::mixed_site())),
                tokens: state.clone(),
            });
        }
        attr
    });
    of_function(&checked.collect::<Vec<_>>())
}

/// Whether one of the attributes makes a type with the name of the function: those that make a service of it.
pub(crate) fn makes_a_type(attr: &Attr, attrs: &[Attribute]) -> bool {
    attr.framework() == Some(Framework::Actix) && attrs.iter().any(|attr| is_called(&attr.meta, ROUTES))
}

const ROUTES: &[&str] =
    &["get", "post", "put", "delete", "head", "connect", "options", "trace", "patch", "route", "routes"];

/// `#[tracing::instrument]`
fn records(meta: &Meta) -> bool {
    is_called(meta, &["instrument"])
}

fn is_called(meta: &Meta, names: &[&str]) -> bool {
    meta.path().segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

/// `cfg` and `doc(hidden)`: whether a companion exists and is shown.
pub(crate) fn presence(attrs: &[Attribute]) -> TokenStream {
    select(attrs, &|meta| match class(meta) {
        Class::Cfg | Class::Hidden => vec![meta.to_token_stream()],
        _ => Vec::new(),
    })
}

/// Lint levels for code that repeats the signature.
pub(crate) fn lints(attrs: &[Attribute]) -> TokenStream {
    select(attrs, &|meta| match class(meta) {
        Class::Lint => vec![meta.to_token_stream()],
        Class::Expect(list) => Expected::of(list).1.written("allow").into_iter().collect(),
        _ => Vec::new(),
    })
}

/// What the item that holds the body has in common with the function.
pub(crate) fn of_body(attr: &Attr, attrs: &[Attribute]) -> TokenStream {
    let handler = attr.handler.is_some();
    select(attrs, &move |meta| match class(meta) {
        _ if handler && records(meta) => vec![meta.to_token_stream()],
        Class::Expect(list) => Expected::of(list).1.written("expect").into_iter().collect(),
        Class::MustUse => vec![meta.to_token_stream()],
        _ => Vec::new(),
    })
}

/// The sections of the documentation that lints ask for, for the item that holds the body. They stand where the user's
/// stand: clippy reads no documentation that a macro made.
pub(crate) fn sections(attrs: &[Attribute], function: &str) -> TokenStream {
    let span = Span::mixed_site();
    let sections = attrs.iter().filter_map(|attr| {
        let doc = doc_text(attr)?;
        let text = doc.value();
        let headings = text.lines().filter_map(heading).map(|heading| format!("\n# {heading}\n\nAs for `{function}`."));
        let section = LitStr::new(&headings.collect::<String>(), doc.span());
        let (pound, bracket) = (attr.pound_token, attr.bracket_token);
        let mut bracketed = TokenStream::new();
        let name = attr.path();
        bracket.surround(&mut bracketed, |tokens| tokens.extend(quote_spanned!(span=> #name = #section)));
        (!section.value().is_empty()).then(|| quote_spanned!(span=> #pound #bracketed))
    });
    sections.collect()
}

fn heading(line: &str) -> Option<&'static str> {
    let title = line.trim_start().strip_prefix('#')?.trim_matches(['#', ' ']);
    ["Errors", "Panics"].into_iter().find(|heading| *heading == title)
}

fn doc_text(attr: &Attribute) -> Option<&LitStr> {
    match &attr.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an attribute changes which lints fire: on a parameter it belongs to the body.
pub(crate) fn is_lint(attr: &Attribute) -> bool {
    matches!(class(&attr.meta), Class::Lint | Class::Expect(_))
}

/// Whether an attribute may remove what it stands on.
pub(crate) fn is_condition(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr")
}

enum Class<'a> {
    Cfg,
    Hidden,
    Lint,
    MustUse,
    Expect(&'a MetaList),
    Other,
}

fn class(meta: &Meta) -> Class<'_> {
    let Some(name) = meta.path().get_ident() else {
        return Class::Other;
    };
    match (name.to_string().as_str(), meta) {
        ("cfg", _) => Class::Cfg,
        ("doc", Meta::List(list)) if scan::text(&list.tokens) == "hidden" => Class::Hidden,
        ("allow" | "warn" | "deny" | "forbid", Meta::List(_)) => Class::Lint,
        ("must_use", _) => Class::MustUse,
        ("expect", Meta::List(list)) => Class::Expect(list),
        _ => Class::Other,
    }
}

/// The lints of an `expect`, and its reason.
struct Expected {
    lints: Vec<Meta>,
    reason: Option<Meta>,
}

impl Expected {
    /// What is said about the function being unused, and what is said about its body.
    fn of(list: &MetaList) -> (Self, Self) {
        let all = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(list.tokens.clone()).unwrap_or_default();
        let (reasons, lints): (Vec<_>, Vec<_>) = all.into_iter().partition(|meta| meta.path().is_ident("reason"));
        let reason = reasons.into_iter().next();
        let unused = |meta: &Meta| meta.path().is_ident("dead_code") || meta.path().is_ident("unused");
        let (unused, body) = lints.into_iter().partition(unused);
        (Self { lints: unused, reason: reason.clone() }, Self { lints: body, reason })
    }

    /// `expect(..)` or `allow(..)`; nothing without lints.
    fn written(&self, level: &str) -> Option<TokenStream> {
        let span = Span::mixed_site();
        let level = Ident::new(level, span);
        let all = self.lints.iter().chain(&self.reason);
        (!self.lints.is_empty()).then(|| quote_spanned!(span=> #level(#(#all),*)))
    }
}

type Choice<'a> = dyn Fn(&Meta) -> Vec<TokenStream> + 'a;

fn select(attrs: &[Attribute], choice: &Choice<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let written = |attr: &Attribute, meta: TokenStream| {
        let (pound, bracket) = (attr.pound_token, attr.bracket_token);
        let mut bracketed = TokenStream::new();
        bracket.surround(&mut bracketed, |tokens| tokens.extend(meta));
        quote_spanned!(span=> #pound #bracketed)
    };
    let chosen = attrs.iter().flat_map(|attr| choose(&attr.meta, choice).into_iter().map(move |meta| (attr, meta)));
    chosen.map(|(attr, meta)| written(attr, meta)).collect()
}

// cfg_attr(predicate, meta, meta)
fn choose(meta: &Meta, choice: &Choice<'_>) -> Vec<TokenStream> {
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
    let predicate = parts.next();
    let chosen: Vec<_> = parts.flat_map(|part| choose(part, choice)).collect();
    if chosen.is_empty() {
        return Vec::new();
    }
    let (span, path) = (Span::mixed_site(), &list.path);
    vec![quote_spanned!(span=> #path(#predicate, #(#chosen),*))]
}

//! The user's signature, for the function itself and for what stands beside it.

use proc_macro2::{Ident, Span};
use syn::punctuated::Punctuated;
use syn::{FnArg, Generics, Pat, PatIdent, PatType, ReceiverKind, Signature, Token, VisRestricted, Visibility};

use crate::args::{Arg, Args, Kind};
use crate::user_attrs;

/// The function's own: arguments have plain names, which its new body passes on.
pub(crate) fn of_function(sig: &Signature, args: &Args) -> Signature {
    let mut sig = with_inputs(sig, args, |arg| PatType {
        attrs: arg.typed.attrs.iter().filter(|attr| !user_attrs::is_lint(attr)).cloned().collect(),
        ..renamed(arg)
    });
    // `mut self` matters where the body is.
    if let Some(FnArg::Receiver(receiver)) = sig.inputs.first_mut()
        && matches!(receiver.kind, ReceiverKind::Value | ReceiverKind::Typed(..))
    {
        receiver.mutability = None;
    }
    sig
}

/// The function's own where the body stays inside: names and their `mut` as written.
pub(crate) fn around_body(sig: &Signature, args: &Args) -> Signature {
    with_inputs(sig, args, |arg| match arg.kind {
        Kind::Name => arg.typed.clone(),
        Kind::Renamed | Kind::Pattern => PatType { attrs: arg.typed.attrs.clone(), ..renamed(arg) },
    })
}

/// A sibling that holds the body: patterns as written, under another name where the user's stands, so that lints and
/// messages about the body come as before.
pub(crate) fn of_body(sig: &Signature, args: &Args, name: &str) -> Signature {
    let sig = with_inputs(sig, args, |arg| PatType {
        attrs: arg.typed.attrs.iter().filter(|attr| user_attrs::is_lint(attr)).cloned().collect(),
        ..arg.typed.clone()
    });
    Signature { ident: Ident::new(name, sig.ident.span()), ..sig }
}

/// A sibling that only passes the arguments on: an ordinary function under another name.
pub(crate) fn of_companion(sig: &Signature, args: &Args, name: Ident) -> Signature {
    let mut sig = of_function(sig, args);
    for input in &mut sig.inputs {
        match input {
            FnArg::Receiver(receiver) => receiver.attrs.clear(),
            FnArg::Typed(typed) => typed.attrs.clear(),
        }
    }
    sig.asyncness = None;
    sig.fn_token.span = Span::mixed_site().located_at(sig.fn_token.span);
    sig.ident = name;
    sig
}

/// The visibility, without the lints about it: they have been said once.
pub(crate) fn visibility(vis: &Visibility) -> Visibility {
    let ours = |span: Span| Span::mixed_site().located_at(span);
    match vis {
        Visibility::Public(token) => Visibility::Public(Token![pub](ours(token.span))),
        Visibility::Restricted(restricted) => Visibility::Restricted(VisRestricted {
            pub_token: Token![pub](ours(restricted.pub_token.span)),
            ..restricted.clone()
        }),
        Visibility::Inherited => Visibility::Inherited,
    }
}

/// `::<T, N>`, the function's own parameters as the arguments of a sibling.
pub(crate) fn turbofish(generics: &Generics) -> proc_macro2::TokenStream {
    let span = Span::mixed_site();
    let names: Vec<&Ident> = generics
        .params
        .iter()
        .filter_map(|param| match param {
            syn::GenericParam::Type(param) => Some(&param.ident),
            syn::GenericParam::Const(param) => Some(&param.ident),
            syn::GenericParam::Lifetime(_) => None,
        })
        .collect();
    if names.is_empty() {
        return proc_macro2::TokenStream::new();
    }
    quote::quote_spanned!(span=> ::<#(#names),*>)
}

fn with_inputs(sig: &Signature, args: &Args, typed: impl Fn(&Arg) -> PatType) -> Signature {
    let receiver = args.receiver.iter().cloned().map(FnArg::Receiver);
    let inputs: Punctuated<FnArg, Token![,]> =
        receiver.chain(args.list.iter().map(|arg| FnArg::Typed(typed(arg)))).collect();
    Signature { inputs, ..sig.clone() }
}

fn renamed(arg: &Arg) -> PatType {
    let name = PatIdent { attrs: Vec::new(), by_ref: None, mutability: None, ident: arg.ident.clone(), subpat: None };
    PatType { pat: Box::new(Pat::Ident(name)), ..arg.typed.clone() }
}

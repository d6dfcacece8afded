//! The user's signature, for the function itself and for what stands beside it.

use std::mem;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, FnArg, GenericParam, Generics, Pat, PatIdent, PatType, PatWild, Receiver, ReceiverKind, ReturnType,
    Signature, Token, Type, VisRestricted, Visibility,
};

use crate::args::{Arg, Args, Kind};
use crate::func::Func;
use crate::scan;
use crate::user_attrs;

/// The function's own: arguments have plain names, which its new body passes on.
pub(crate) fn of_function(sig: &Signature, args: &Args) -> Signature {
    with_plain_names(sig, args, &|attr| !user_attrs::is_lint(attr))
}

/// The function's own where the body stays inside and binds its names anew.
pub(crate) fn around_moved_body(sig: &Signature, args: &Args) -> Signature {
    with_plain_names(sig, args, &|_| true)
}

fn with_plain_names(sig: &Signature, args: &Args, keep: &dyn Fn(&Attribute) -> bool) -> Signature {
    let mut sig = with_inputs(sig, args, |arg| PatType {
        attrs: arg.typed.attrs.iter().filter(|attr| keep(attr)).cloned().collect(),
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
pub(crate) fn of_body(func: &Func, args: &Args, name: &str) -> Signature {
    let body = func.body.stream();
    let mut sig = with_inputs(&func.sig, args, |arg| PatType {
        attrs: arg.typed.attrs.iter().filter(|attr| user_attrs::is_lint(attr)).cloned().collect(),
        pat: Box::new(args.in_body(arg, &body)),
        ..arg.typed.clone()
    });
    if let Some(FnArg::Receiver(receiver)) = sig.inputs.first()
        && !scan::mentions(&body, &Ident::from(receiver.self_token))
    {
        let unused = unused_receiver(receiver);
        sig.inputs.iter_mut().take(1).for_each(|first| *first = FnArg::Typed(unused.clone()));
    }
    Signature { ident: Ident::new(name, sig.ident.span()), ..sig }
}

/// `_: &Self` for `&self`: what is no method can't ignore its receiver.
fn unused_receiver(receiver: &Receiver) -> PatType {
    let span = Span::mixed_site().located_at(receiver.self_token.span);
    let ty = match &receiver.kind {
        ReceiverKind::Typed(_, ty) => ty.to_token_stream(),
        ReceiverKind::Reference(and, lifetime, mutability) => quote_spanned!(span=> #and #lifetime #mutability Self),
        _ => quote_spanned!(span=> Self),
    };
    let pat = Pat::Wild(PatWild { attrs: Vec::new(), underscore_token: Token![_](span) });
    PatType { attrs: Vec::new(), pat: Box::new(pat), colon_token: Token![:](span), ty: Box::new(Type::Verbatim(ty)) }
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

/// Something about one id of a batch: the id stands where the slice stood.
pub(crate) fn of_one(sig: &Signature, args: &Args, name: Ident, output: TokenStream) -> Signature {
    let mut sig = of_companion(sig, args, name);
    one_id(&mut sig, args);
    sig.output = ReturnType::Type(Token![->](Span::mixed_site()), Box::new(Type::Verbatim(output)));
    remove_unused_lifetimes(&mut sig);
    sig
}

fn one_id(sig: &mut Signature, args: &Args) {
    let Some(batch) = &args.batch else {
        return;
    };
    let mut typed = sig.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    if let Some(slice) = typed.nth(batch.index) {
        *slice.ty = batch.id.clone();
    }
}

/// The entry function: without the arguments that its handle doesn't need, and without lifetimes that only those have.
pub(crate) fn of_entry(sig: &Signature, args: &Args, name: Ident, output: TokenStream) -> Signature {
    let mut sig = of_companion(sig, args, name);
    one_id(&mut sig, args);
    let receivers = args.receiver.iter().map(|_| true);
    let mut needed = receivers.chain(args.list.iter().map(|arg| arg.in_entry));
    sig.inputs = sig.inputs.into_iter().filter(|_| needed.next().unwrap_or(true)).collect();
    sig.output = ReturnType::Type(Token![->](Span::mixed_site()), Box::new(Type::Verbatim(output)));
    if !args.all_in_entry() || args.batch.is_some() {
        remove_unused_lifetimes(&mut sig);
    }
    sig
}

fn remove_unused_lifetimes(sig: &mut Signature) {
    let declared = mem::take(&mut sig.generics.params);
    let bounds = declared.iter().filter(|param| !matches!(param, GenericParam::Lifetime(_)));
    let mut rest: TokenStream = bounds.map(ToTokens::to_token_stream).collect();
    rest.extend(sig.inputs.to_token_stream());
    rest.extend(sig.output.to_token_stream());
    rest.extend(sig.generics.where_clause.to_token_stream());
    let used = |param: &GenericParam| match param {
        GenericParam::Lifetime(lifetime) => scan::mentions(&rest, &lifetime.lifetime.ident),
        GenericParam::Type(_) | GenericParam::Const(_) => true,
    };
    sig.generics.params = declared.into_iter().filter(used).collect();
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
pub(crate) fn turbofish(generics: &Generics) -> TokenStream {
    let span = Span::mixed_site();
    let names: Vec<&Ident> = generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            GenericParam::Const(param) => Some(&param.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    if names.is_empty() {
        return TokenStream::new();
    }
    quote_spanned!(span=> ::<#(#names),*>)
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

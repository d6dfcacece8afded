//! The rules that no single option can check: one function per rule, listed in [`signature`] and [`options`].

use proc_macro2::Ident;
use syn::{ReturnType, Safety, Type};

use crate::args::{self, Args};
use crate::aside;
use crate::attr::Attr;
use crate::batch;
use crate::diag::{self, Errors};
use crate::freshness;
use crate::func::Func;
use crate::handler;
use crate::key;
use crate::plan::Place;
use crate::ty::{self, Unkeepable};
use crate::user_attrs;

/// What cannot be cached, whatever the options say.
pub(crate) fn signature(attr: &Attr, func: &Func, args: &Args, errors: &mut Errors) {
    qualifiers(func, errors);
    one_cached(func, errors);
    no_writer(func, errors);
    if !attr.left_unread("ignore") {
        no_mutable_reference(args, errors);
    }
    no_conditional_argument(args, errors);
}

/// Options against each other and against the signature.
pub(crate) fn options(attr: &Attr, func: &Func, args: &Args, place: Place<'_>, errors: &mut Errors) {
    ignored_exists(attr, args, errors);
    not_named_and_ignored(attr, errors);
    entry_has_its_own_name(attr, func, errors);
    codec_leaves_the_process(attr, errors);
    freshness::check(attr, errors);
    handler::check(attr, func, args, errors);
    if attr.handler.is_none() {
        batch::check(attr, func, args, errors);
    }
    aside::check(attr, func, args, place, errors);
}

pub(crate) fn codec_leaves_the_process(attr: &Attr, errors: &mut Errors) {
    if let (Some(codec), Some(_)) = (&attr.codec, &attr.local) {
        errors.push(diag::values::codec_of_what_stays(&codec.key));
    }
}

/// The type of the value to keep.
pub(crate) fn returns<'a>(attr: &Attr, func: &'a Func, errors: &mut Errors) -> Option<&'a Type> {
    if let Some(error) = handler::unmarked(attr, func) {
        errors.push(error);
        return None;
    }
    let ReturnType::Type(_, returns) = &func.sig.output else {
        errors.push(diag::functions::returns_nothing(&func.sig.ident));
        return None;
    };
    if attr.handler.is_some() {
        // What is kept is the response that the framework makes of it.
        return Some(returns);
    }
    let error = match ty::unkeepable(returns) {
        Some(Unkeepable::Opaque(opaque)) if ty::is_future(opaque) => diag::functions::returns_future(opaque),
        Some(Unkeepable::Opaque(opaque)) => diag::functions::returns_opaque(opaque),
        Some(Unkeepable::Borrowed(reference)) => diag::functions::returns_reference(reference),
        Some(Unkeepable::BoxedFuture(path)) => diag::functions::returns_boxed_future(path),
        None if ty::is_unit(returns) => diag::functions::returns_nothing(returns),
        None if ty::is_never(returns) => diag::functions::never_returns(returns),
        None => return Some(returns),
    };
    errors.push(error);
    None
}

fn qualifiers(func: &Func, errors: &mut Errors) {
    let sig = &func.sig;
    if let Some(token) = &sig.constness {
        errors.push(diag::functions::const_function(token));
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.push(diag::functions::unsafe_function(token));
    }
    if let Some(abi) = &sig.abi {
        errors.push(diag::functions::extern_function(abi));
    }
    if let Some(variadic) = &sig.variadic {
        errors.push(diag::functions::variadic_function(variadic));
    }
}

fn one_cached(func: &Func, errors: &mut Errors) {
    let second = func.attrs.iter().find(|attr| attr.path().segments.last().is_some_and(|last| last.ident == "cached"));
    if let Some(second) = second {
        errors.push(diag::functions::cached_twice(second));
    }
}

fn no_writer(func: &Func, errors: &mut Errors) {
    let writer =
        func.attrs.iter().find(|attr| attr.path().segments.last().is_some_and(|last| last.ident == "invalidates"));
    if let Some(writer) = writer {
        errors.push(diag::writers::cached_writer(writer));
    }
}

fn no_mutable_reference(args: &Args, errors: &mut Errors) {
    if let Some(receiver) = args.receiver.as_ref().filter(|_| !args.receiver_ignored)
        && args::is_mutable(receiver)
    {
        errors.push(diag::functions::mutable_argument(receiver, "self"));
    }
    for arg in args.list.iter().filter(|arg| !arg.is_ignored()) {
        if let Some(reference) = ty::mutable_reference(&arg.typed.ty) {
            let name = arg.names.first().map(key::plain).unwrap_or_default();
            errors.push(diag::functions::mutable_argument(reference, &name));
        }
    }
}

fn no_conditional_argument(args: &Args, errors: &mut Errors) {
    let attrs = args.list.iter().flat_map(|arg| &arg.typed.attrs);
    for attr in attrs.filter(|attr| user_attrs::is_condition(attr)) {
        errors.push(diag::functions::conditional_argument(attr));
    }
}

fn ignored_exists(attr: &Attr, args: &Args, errors: &mut Errors) {
    for name in attr.ignore.iter().flat_map(|ignore| &ignore.value) {
        let known = if name == "self" { args.receiver.is_some() } else { args.find(&key::plain(name)).is_some() };
        if !known {
            errors.push(diag::ignores::unknown_argument_ignored(name, args.names()));
        }
    }
}

fn not_named_and_ignored(attr: &Attr, errors: &mut Errors) {
    let (Some(template), Some(ignore)) = (&attr.key, &attr.ignore) else {
        return;
    };
    let roots = key::roots(&template.value);
    let both = |name: &&Ident| roots.contains(&key::plain(name));
    ignore.value.iter().filter(both).for_each(|name| errors.push(diag::ignores::named_and_ignored(name)));
}

fn entry_has_its_own_name(attr: &Attr, func: &Func, errors: &mut Errors) {
    if let Some(entry) = attr.entry.as_ref().filter(|entry| entry.value == func.sig.ident) {
        errors.push(diag::functions::entry_has_the_functions_name(&entry.value));
    }
}

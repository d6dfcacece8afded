//! Options that let the body run on the side, where it has to own its arguments.

use proc_macro2::Ident;
use syn::{Receiver, ReceiverKind, Type};

use crate::args::{Arg, Args, is_mutable};
use crate::attr::Attr;
use crate::borrow;
use crate::diag::{self, Errors};
use crate::func::Func;
use crate::key;
use crate::plan::Place;
use crate::receiver;
use crate::ty;

impl Attr {
    /// The first option that lets the body run on the side.
    pub(crate) fn aside(&self) -> Option<&Ident> {
        let swr = self.stale_while_revalidate.as_ref().map(|given| &given.key);
        let soft = self.soft_timeout.as_ref().map(|given| &given.key);
        let early = self.early.as_ref().map(|given| &given.key);
        swr.or(soft).or(early)
    }
}

/// How a refresh on the side gets what it owns of an argument.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Hold {
    /// By value: it is moved.
    Kept,
    /// By reference: it is cloned, and passed on as a reference to the clone.
    Cloned,
}

/// By the syntax of the type alone. A reference that lives for ever needs no clone.
pub(crate) fn hold(ty: &Type) -> Hold {
    match ty::peel(ty) {
        Type::Reference(reference) if !borrow::is_static(reference.lifetime.as_ref()) => Hold::Cloned,
        _ => Hold::Kept,
    }
}

pub(crate) fn hold_receiver(receiver: &Receiver) -> Hold {
    match &receiver.kind {
        ReceiverKind::Reference(_, lifetime, _) if !borrow::is_static(lifetime.as_ref()) => Hold::Cloned,
        ReceiverKind::Typed(_, ty) => hold(ty),
        _ => Hold::Kept,
    }
}

/// Every argument can be owned, as far as its text tells; the rest is a matter of bounds.
pub(crate) fn check(attr: &Attr, func: &Func, args: &Args, place: Place<'_>, errors: &mut Errors) {
    let Some(option) = attr.aside() else {
        return;
    };
    if let Some(receiver) = &args.receiver {
        receiver_can_be_owned(receiver, args, option, errors);
    }
    for (index, arg) in args.list.iter().enumerate() {
        if !args.is_batch(index) {
            argument_can_be_owned(arg, option, errors);
        }
    }
    if let (Place::Inline, Some(receiver)) = (place, &args.receiver) {
        for literal in receiver::rename(func, receiver).lost {
            errors.push(diag::aside::self_in_a_string(&literal, option));
        }
    }
}

fn receiver_can_be_owned(receiver: &Receiver, args: &Args, option: &Ident, errors: &mut Errors) {
    if is_mutable(receiver) {
        // Without `ignore` it is an error already.
        if args.receiver_ignored {
            errors.push(diag::aside::mutable_argument(receiver, "self", option));
        }
    } else if let ReceiverKind::Typed(_, ty) = &receiver.kind {
        errors.extend(not_to_be_owned(ty, "self", option));
    }
}

fn argument_can_be_owned(arg: &Arg, option: &Ident, errors: &mut Errors) {
    let name = arg.names.first().map_or_else(|| "_".to_owned(), key::plain);
    if let Some(reference) = ty::mutable_reference(&arg.typed.ty) {
        // Without `ignore` it is an error already.
        if arg.is_ignored() {
            errors.push(diag::aside::mutable_argument(reference, &name, option));
        }
    } else {
        errors.extend(not_to_be_owned(&arg.typed.ty, &name, option));
    }
}

/// The complaint about a type that borrows. The outermost reference may: what is behind it is cloned.
fn not_to_be_owned(ty: &Type, name: &str, option: &Ident) -> Option<syn::Error> {
    let behind = match ty::peel(ty) {
        Type::Reference(reference) if !borrow::is_static(reference.lifetime.as_ref()) => ty::peel(&reference.elem),
        ty => ty,
    };
    if borrow::borrows(behind) {
        return Some(diag::aside::borrowed_argument(ty, name, option, borrow::owned(ty)));
    }
    let unnamed = matches!(behind, Type::TraitObject(_)) && matches!(ty::peel(ty), Type::Reference(_));
    unnamed.then(|| diag::aside::trait_object(ty, name, option, behind))
}

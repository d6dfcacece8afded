//! The batch argument: the slice whose elements are the ids.

use proc_macro2::Ident;
use quote::{ToTokens as _, quote_spanned};
use syn::{GenericArgument, PathArguments, PathSegment, ReturnType, Type};

use crate::args::{Arg, Args, Kind, is_mutable};
use crate::attr::Attr;
use crate::borrow;
use crate::diag::{self, Errors};
use crate::func::Func;
use crate::key;
use crate::paths::ends;
use crate::scan;
use crate::ty;

/// Which argument holds the ids, and how.
pub(crate) struct Batch {
    /// Its place in the list.
    pub(crate) index: usize,
    /// The type of one id.
    pub(crate) id: Type,
    /// `Vec<Id>`, not `&[Id]`.
    pub(crate) by_value: bool,
    /// Another slice could be meant as well; [`check`] says so, and then nothing else is said of the ids.
    pub(crate) in_doubt: bool,
}

impl Batch {
    /// The argument that is meant: the only slice, or of several the one whose elements are the keys of the returned map.
    pub(crate) fn find(list: &[Arg], func: &Func, attr: &Attr) -> Option<Self> {
        let slices = list.iter().enumerate().filter(|(_, arg)| !arg.is_ignored()).filter_map(|(index, arg)| {
            let (id, by_value) = slice(&arg.typed.ty)?;
            Some(Self { index, id: id.clone(), by_value, in_doubt: false })
        });
        let mut slices: Vec<Self> = slices.collect();
        if slices.len() < 2 {
            return slices.pop();
        }
        let returned = map_key(func);
        let is_key = |slice: &Self| returned.is_some_and(|key| is_same(key, &slice.id));
        if slices.iter().filter(|slice| is_key(slice)).count() == 1 {
            return slices.into_iter().find(is_key);
        }
        // What the key names is the better guess.
        let named = attr.key.as_ref().map(|key| key::roots(&key.value)).unwrap_or_default();
        let is_named = |slice: &Self| list.get(slice.index).is_some_and(|arg| named.contains(&name_of(arg)));
        let guess = slices.iter().position(is_named).unwrap_or_default();
        slices.into_iter().nth(guess).map(|slice| Self { in_doubt: true, ..slice })
    }
}

fn is_same(left: &Type, right: &Type) -> bool {
    scan::text(&left.to_token_stream()) == scan::text(&right.to_token_stream())
}

/// The element of `&[T]` or `Vec<T>`, and whether it is the latter. `&mut [T]` is an error of its own.
fn slice(ty: &Type) -> Option<(&Type, bool)> {
    match ty::peel(ty) {
        Type::Reference(reference) => match ty::peel(&reference.elem) {
            Type::Slice(slice) => Some((&slice.elem, false)),
            _ => None,
        },
        ty => {
            let last = last_segment(ty).filter(|last| last.ident == "Vec")?;
            ty::first_argument(last).map(|element| (element, true))
        }
    }
}

/// Everything that the option asks of the signature and of the other options.
pub(crate) fn check(attr: &Attr, func: &Func, args: &Args, errors: &mut Errors) {
    let Some(batch) = &attr.batch else {
        if let Some(chunk) = attr.chunk.as_ref().filter(|_| !attr.left_unread("batch")) {
            errors.push(diag::batches::chunk_without_batch(&chunk.key));
        }
        return;
    };
    if let Some(cache_err) = &attr.cache_err {
        errors.push(diag::batches::errors_are_not_kept(&cache_err.key));
    }
    no_mutable_reference(attr, args, errors);
    match &args.batch {
        Some(found) => {
            slice_has_a_name(args, found, errors);
            if found.in_doubt {
                errors.extend(in_doubt(attr, func, args, found));
                return;
            }
            ids_can_be_kept(args, found, errors);
            one_for_all(attr, args, found, errors);
            returns_rows(func, found, errors);
        }
        // An `ignore` that could not be read may have listed anything.
        None if attr.left_unread("ignore") => {}
        None => match ignored_slice(attr, args) {
            Some(error) => errors.push(error),
            None => errors.push(no_slice(&batch.key, args)),
        },
    }
}

fn name_of(arg: &Arg) -> String {
    arg.names.first().map(key::plain).unwrap_or_default()
}

/// The complaint about a second slice, at the one that is less likely to be meant.
fn in_doubt(attr: &Attr, func: &Func, args: &Args, found: &Batch) -> Option<syn::Error> {
    let slices = args.list.iter().enumerate().filter(|(_, arg)| !arg.is_ignored() && slice(&arg.typed.ty).is_some());
    let slices: Vec<_> = slices.collect();
    let (_, other) = slices.iter().find(|(index, _)| *index != found.index)?;
    let names: Vec<_> = slices.iter().map(|(_, arg)| name_of(arg)).collect();
    let other_name = name_of(other);
    Some(match map_key(func) {
        None => match rows(func) {
            Some(rows) => diag::batches::slices_without_a_map(rows, &names),
            // Without a result nothing can be cached, which is said elsewhere.
            None => return None,
        },
        Some(key) if !is_same(key, &found.id) => diag::batches::slices_of_other_ids(&other.typed.ty, &names, key),
        Some(_) => {
            let in_key = attr.key.as_ref().is_some_and(|key| key::roots(&key.value).contains(&other_name));
            diag::batches::slices_of_the_same(&other.typed.ty, &names, &other_name, in_key)
        }
    })
}

fn slice_has_a_name(args: &Args, found: &Batch, errors: &mut Errors) {
    if let Some(arg) = args.list.get(found.index).filter(|arg| arg.kind == Kind::Pattern) {
        errors.push(diag::batches::slice_without_name(&arg.typed.pat));
    }
}

fn ids_can_be_kept(args: &Args, found: &Batch, errors: &mut Errors) {
    if ty::is_opaque(&found.id) {
        errors.push(diag::batches::ids_without_type(&found.id));
    } else if borrow::borrows(&found.id) {
        let owned = borrow::owned_value(&found.id).unwrap_or_else(|| "Id".to_owned());
        let owned = if found.by_value { format!("Vec<{owned}>") } else { format!("&[{owned}]") };
        let name = args.list.get(found.index).map(name_of).unwrap_or_default();
        errors.push(diag::batches::ids_are_borrowed(&found.id, &format!("{name}: {owned}")));
    }
}

/// What is evaluated once for the batch can't depend on one id.
fn one_for_all(attr: &Attr, args: &Args, found: &Batch, errors: &mut Errors) {
    let Some(arg) = args.list.get(found.index) else {
        return;
    };
    for given in [&attr.revision, &attr.cache].into_iter().flatten() {
        let tokens = given.value.to_token_stream();
        if arg.names.iter().any(|name| scan::mentions(&tokens, name)) {
            errors.push(diag::batches::names_the_slice(&given.key, &given.value, &name_of(arg)));
        }
    }
}

/// The return type is a map with these ids, as far as names that everybody knows can tell.
fn returns_rows(func: &Func, found: &Batch, errors: &mut Errors) {
    if let Some(returns) = no_map(func) {
        errors.push(diag::batches::returns_no_map(returns, &found.id));
    }
    let key = map_key(func).filter(|key| ty::is_well_known(key) && ty::is_well_known(&found.id));
    if let Some(key) = key.filter(|key| !is_same(key, &found.id)) {
        errors.push(diag::batches::other_ids_returned(key, &found.id));
    }
}

/// The ids of the returned map, if it has a name that everybody knows.
fn map_key(func: &Func) -> Option<&Type> {
    let map = rows(func).and_then(last_segment)?;
    let is_map = map.ident == "HashMap" || map.ident == "BTreeMap";
    ty::first_argument(map).filter(|_| is_map)
}

/// The return type, if it is none of a batch for sure.
pub(crate) fn no_map(func: &Func) -> Option<&Type> {
    let rows = rows(func)?;
    let no_map = match ty::peel(rows) {
        Type::Path(_) => {
            ty::is_well_known(rows)
                || last_segment(rows).is_some_and(|last| LISTS.iter().any(|list| last.ident == list))
        }
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        Type::Array(_) => true,
        _ => false,
    };
    no_map.then_some(rows)
}

/// What the function returns for one id, if its look tells: `Option<Row>` for a map, in the same `Result` if it stands in one.
pub(crate) fn one(returns: &Type) -> Option<Type> {
    let last = last_segment(returns)?;
    if last.ident == "Result" {
        let Type::Path(mut result) = ty::peel(returns).clone() else {
            return None;
        };
        let PathArguments::AngleBracketed(arguments) = &mut result.path.segments.last_mut()?.arguments else {
            return None;
        };
        let first = arguments.args.iter_mut().find_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })?;
        *first = row(first)?;
        return Some(Type::Path(result));
    }
    row(returns)
}

/// `Option<Row>` for `HashMap<Id, Row>`.
fn row(rows: &Type) -> Option<Type> {
    let map = last_segment(rows).filter(|map| map.ident == "HashMap" || map.ident == "BTreeMap")?;
    let PathArguments::AngleBracketed(arguments) = &map.arguments else {
        return None;
    };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    let row = types.nth(1)?;
    let (first, last) = ends(rows);
    let option = quote_spanned!(first=> ::core::option::Option);
    Some(Type::Verbatim(quote_spanned!(last=> #option<#row>)))
}

const LISTS: &[&str] = &["Vec", "VecDeque", "HashSet", "BTreeSet", "Option", "Box"];

/// What the function returns, or what a `Result` that it returns holds.
fn rows(func: &Func) -> Option<&Type> {
    let ReturnType::Type(_, returns) = &func.sig.output else {
        return None;
    };
    let result = last_segment(returns).filter(|last| last.ident == "Result");
    Some(result.and_then(ty::first_argument).unwrap_or(returns))
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty::peel(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Ignored ones, too: each run of the body would need its own. Those not ignored are an error anyway.
fn no_mutable_reference(attr: &Attr, args: &Args, errors: &mut Errors) {
    if attr.aside().is_some() {
        return;
    }
    for arg in args.list.iter().filter(|arg| arg.is_ignored()) {
        if let Some(reference) = ty::mutable_reference(&arg.typed.ty) {
            errors.push(diag::batches::mutable_argument(reference, &name_of(arg)));
        }
    }
    if let Some(receiver) = args.receiver.as_ref().filter(|_| args.receiver_ignored)
        && is_mutable(receiver)
    {
        errors.push(diag::batches::mutable_argument(receiver, "self"));
    }
}

/// The complaint about ids that are no slice, or are not there.
fn no_slice(batch: &Ident, args: &Args) -> syn::Error {
    let list = args.list.iter().filter(|arg| !arg.is_ignored()).find_map(|arg| {
        let list = last_segment(behind(&arg.typed.ty)).filter(|last| LISTS.iter().any(|list| last.ident == list))?;
        ty::first_argument(list).filter(|_| list.ident != "Option" && list.ident != "Box").map(|id| (arg, id))
    });
    match list {
        Some((arg, id)) => diag::batches::ids_are_no_slice(&arg.typed.ty, &name_of(arg), id),
        None => diag::batches::no_slice(batch),
    }
}

fn behind(ty: &Type) -> &Type {
    match ty::peel(ty) {
        Type::Reference(reference) => ty::peel(&reference.elem),
        ty => ty,
    }
}

/// The complaint about the only slice being ignored.
fn ignored_slice(attr: &Attr, args: &Args) -> Option<syn::Error> {
    let slice = args.list.iter().find(|arg| slice(&arg.typed.ty).is_some())?;
    let listed = attr.ignore.as_ref()?.value.iter().find(|name| slice.names.iter().any(|bound| bound == *name))?;
    Some(diag::batches::slice_ignored(listed))
}

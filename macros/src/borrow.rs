//! What the type of an argument borrows, and what it would be if it owned that. By syntax alone, for error messages.

use quote::ToTokens as _;
use syn::{AngleBracketedGenericArguments, GenericArgument, Lifetime, PathArguments, Type, TypeParamBound};

use crate::scan;
use crate::ty::peel;

pub(crate) fn is_static(lifetime: Option<&Lifetime>) -> bool {
    lifetime.is_some_and(|lifetime| lifetime.ident == "static")
}

/// Whether a value of the type may end with what it was made from. The arguments of function types don't count.
pub(crate) fn borrows(ty: &Type) -> bool {
    match peel(ty) {
        Type::Reference(reference) => !is_static(reference.lifetime.as_ref()) || borrows(&reference.elem),
        Type::Path(path) => path.path.segments.iter().any(|segment| match &segment.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.iter().any(argument_borrows),
            // `Fn(&str) -> &str` borrows for the time of a call only.
            PathArguments::Parenthesized(_) | PathArguments::None => false,
        }),
        Type::Tuple(tuple) => tuple.elems.iter().any(borrows),
        Type::Array(array) => borrows(&array.elem),
        Type::Slice(slice) => borrows(&slice.elem),
        Type::TraitObject(object) => object.bounds.iter().any(bound_borrows),
        Type::ImplTrait(opaque) => opaque.bounds.iter().any(bound_borrows),
        _ => false,
    }
}

fn argument_borrows(argument: &GenericArgument) -> bool {
    match argument {
        GenericArgument::Lifetime(lifetime) => !is_static(Some(lifetime)),
        GenericArgument::Type(ty) => borrows(ty),
        GenericArgument::AssocType(assoc) => borrows(&assoc.ty),
        _ => false,
    }
}

fn bound_borrows(bound: &TypeParamBound) -> bool {
    match bound {
        TypeParamBound::Lifetime(lifetime) => !is_static(Some(lifetime)),
        TypeParamBound::Trait(bound) => bound.path.segments.iter().any(|segment| match &segment.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.iter().any(argument_borrows),
            PathArguments::Parenthesized(_) | PathArguments::None => false,
        }),
        _ => false,
    }
}

/// `Option<String>` for `Option<&str>`, `&[String]` for `&[&str]`; nothing where the owner's name can't be known.
pub(crate) fn owned(ty: &Type) -> Option<String> {
    let Type::Reference(reference) = peel(ty) else {
        return owned_type(ty).map(|ty| scan::text(&ty.to_token_stream()));
    };
    let behind = match peel(&reference.elem) {
        Type::Reference(_) => return owned(&reference.elem),
        Type::Slice(slice) => format!("[{}]", scan::text(&owned_type(&slice.elem)?.to_token_stream())),
        behind if borrows(behind) => scan::text(&owned_type(behind)?.to_token_stream()),
        behind => scan::text(&behind.to_token_stream()),
    };
    Some(format!("&{behind}"))
}

/// `String` for `&str`.
pub(crate) fn owned_value(ty: &Type) -> Option<String> {
    owned_type(ty).map(|ty| scan::text(&ty.to_token_stream()))
}

fn owned_type(ty: &Type) -> Option<Type> {
    let owned = match peel(ty) {
        Type::Reference(reference) => return owned_target(&reference.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            if last.ident == "Cow"
                && let PathArguments::AngleBracketed(arguments) = &last.arguments
            {
                let target = arguments.args.iter().find_map(|argument| match argument {
                    GenericArgument::Type(ty) => Some(ty),
                    _ => None,
                });
                return owned_target(target?);
            }
            let mut path = path.clone();
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    own_arguments(arguments)?;
                }
            }
            Type::Path(path)
        }
        Type::Tuple(tuple) => {
            let mut tuple = tuple.clone();
            for element in &mut tuple.elems {
                *element = owned_type(element)?;
            }
            Type::Tuple(tuple)
        }
        Type::Array(array) => {
            let mut array = array.clone();
            *array.elem = owned_type(&array.elem)?;
            Type::Array(array)
        }
        _ => return None,
    };
    Some(owned)
}

/// `String` for `str`, `Vec<T>` for `[T]`.
fn owned_target(target: &Type) -> Option<Type> {
    match peel(target) {
        Type::Slice(slice) => {
            let element = owned_type(&slice.elem)?;
            Some(syn::parse_quote!(Vec<#element>))
        }
        Type::Path(path) if path.path.is_ident("str") => Some(syn::parse_quote!(String)),
        Type::Path(path) if path.path.is_ident("Path") => Some(syn::parse_quote!(PathBuf)),
        target => owned_type(target),
    }
}

fn own_arguments(arguments: &mut AngleBracketedGenericArguments) -> Option<()> {
    for argument in &mut arguments.args {
        match argument {
            GenericArgument::Type(ty) => *ty = owned_type(ty)?,
            GenericArgument::Lifetime(lifetime) if !is_static(Some(lifetime)) => return None,
            _ => {}
        }
    }
    Some(())
}

//! Syntactic questions about types. Aliases fool them, so that nothing but error messages depends on the answers.

use syn::{GenericArgument, PathArguments, Type, TypeImplTrait, TypeParamBound, TypePath, TypeReference};

/// The type without invisible groups and parentheses.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        ty => ty,
    }
}

pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(peel(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// `&mut T`
pub(crate) fn mutable_reference(ty: &Type) -> Option<&TypeReference> {
    match peel(ty) {
        Type::Reference(reference) if reference.mutability.is_some() => Some(reference),
        _ => None,
    }
}

/// Whether `impl Trait` stands anywhere in the type.
pub(crate) fn is_opaque(ty: &Type) -> bool {
    matches!(unkeepable(ty), Some(Unkeepable::Opaque(_)))
}

/// What keeps a returned value from being kept.
pub(crate) enum Unkeepable<'a> {
    Opaque(&'a TypeImplTrait),
    Borrowed(&'a TypeReference),
    BoxedFuture(&'a TypePath),
}

/// Looks into tuples, slices and generic arguments; not into the arguments of function types.
pub(crate) fn unkeepable(ty: &Type) -> Option<Unkeepable<'_>> {
    match peel(ty) {
        Type::ImplTrait(opaque) => Some(Unkeepable::Opaque(opaque)),
        Type::Reference(reference) => match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => unkeepable(&reference.elem),
            _ => Some(Unkeepable::Borrowed(reference)),
        },
        Type::Path(path) if is_boxed_future(path) => Some(Unkeepable::BoxedFuture(path)),
        Type::Path(path) => arguments(path).find_map(unkeepable),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(unkeepable),
        Type::Array(array) => unkeepable(&array.elem),
        Type::Slice(slice) => unkeepable(&slice.elem),
        _ => None,
    }
}

fn arguments(path: &TypePath) -> impl Iterator<Item = &Type> {
    let generic = path.path.segments.iter().filter_map(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    generic.flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// `Pin<Box<dyn Future>>`, `BoxFuture`, `LocalBoxFuture`
fn is_boxed_future(path: &TypePath) -> bool {
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    if last.ident == "BoxFuture" || last.ident == "LocalBoxFuture" {
        return true;
    }
    last.ident == "Pin"
        && arguments(path).any(|pinned| matches!(peel(pinned), Type::Path(boxed) if holds_future(boxed)))
}

fn holds_future(boxed: &TypePath) -> bool {
    arguments(boxed).any(|ty| match peel(ty) {
        Type::TraitObject(object) => object.bounds.iter().any(|bound| names_trait(bound, &["Future"])),
        _ => false,
    })
}

/// Whether the opaque type is a future, as far as its name tells.
pub(crate) fn is_future(opaque: &TypeImplTrait) -> bool {
    opaque.bounds.iter().any(|bound| names_trait(bound, &["Future"]))
}

/// `impl IntoResponse`, `impl Responder`
pub(crate) fn is_response(opaque: &TypeImplTrait) -> bool {
    opaque.bounds.iter().any(|bound| names_trait(bound, &["IntoResponse", "Responder"]))
}

fn names_trait(bound: &TypeParamBound, names: &[&str]) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

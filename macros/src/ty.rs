//! Syntactic questions about types. Aliases fool them, so that nothing but error messages depends on the answers.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{
    GenericArgument, Lifetime, PathArguments, PathSegment, Token, Type, TypeImplTrait, TypeInfer, TypeParamBound,
    TypePath, TypeReference,
};

use crate::handler::Framework;

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

pub(crate) fn is_never(ty: &Type) -> bool {
    matches!(peel(ty), Type::Never(_))
}

/// Types that everybody knows, none of which is a map.
const WELL_KNOWN: &[&str] = &[
    "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64", "bool",
    "char", "String",
];

/// `u64`, `String`, ...
pub(crate) fn is_well_known(ty: &Type) -> bool {
    match peel(ty) {
        Type::Path(path) => path.path.get_ident().is_some_and(|name| WELL_KNOWN.iter().any(|known| name == known)),
        _ => false,
    }
}

/// The first type in the angle brackets of a segment.
pub(crate) fn first_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
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
    Borrowed(Borrowed<'a>),
    BoxedFuture(&'a TypePath),
}

/// `&str`, or the lifetime of `Cow<'a, str>`.
pub(crate) enum Borrowed<'a> {
    Reference(&'a TypeReference),
    Argument(&'a Lifetime),
}

impl ToTokens for Borrowed<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Reference(reference) => reference.to_tokens(tokens),
            Self::Argument(lifetime) => lifetime.to_tokens(tokens),
        }
    }
}

/// Looks into tuples, slices and generic arguments; not into the arguments of function types.
pub(crate) fn unkeepable(ty: &Type) -> Option<Unkeepable<'_>> {
    match peel(ty) {
        Type::ImplTrait(opaque) => Some(Unkeepable::Opaque(opaque)),
        Type::Reference(reference) => match &reference.lifetime {
            Some(lifetime) if lifetime.ident == "static" => unkeepable(&reference.elem),
            _ => Some(Unkeepable::Borrowed(Borrowed::Reference(reference))),
        },
        Type::Path(path) if is_boxed_future(path) => Some(Unkeepable::BoxedFuture(path)),
        Type::Path(path) => arguments(path).find_map(|argument| match argument {
            GenericArgument::Type(ty) => unkeepable(ty),
            GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => {
                Some(Unkeepable::Borrowed(Borrowed::Argument(lifetime)))
            }
            _ => None,
        }),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(unkeepable),
        Type::Array(array) => unkeepable(&array.elem),
        Type::Slice(slice) => unkeepable(&slice.elem),
        _ => None,
    }
}

fn arguments(path: &TypePath) -> impl Iterator<Item = &GenericArgument> {
    let generic = path.path.segments.iter().filter_map(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    generic.flatten()
}

fn type_arguments(path: &TypePath) -> impl Iterator<Item = &Type> {
    arguments(path).filter_map(|argument| match argument {
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
        && type_arguments(path).any(|pinned| matches!(peel(pinned), Type::Path(boxed) if holds_future(boxed)))
}

fn holds_future(boxed: &TypePath) -> bool {
    type_arguments(boxed).any(|ty| match peel(ty) {
        Type::TraitObject(object) => object.bounds.iter().any(|bound| names_trait(bound, &["Future"])),
        _ => false,
    })
}

/// Whether the opaque type is a future, as far as its name tells.
pub(crate) fn is_future(opaque: &TypeImplTrait) -> bool {
    opaque.bounds.iter().any(|bound| names_trait(bound, &["Future"]))
}

/// `impl IntoResponse`, `impl Responder`: whose response it is.
pub(crate) fn response_of(opaque: &TypeImplTrait) -> Option<Framework> {
    let named = |name: &str| opaque.bounds.iter().any(|bound| names_trait(bound, &[name]));
    let actix = named("Responder").then_some(Framework::Actix);
    if named("IntoResponse") { Some(Framework::Axum) } else { actix }
}

/// What axum and actix-web call responses.
const RESPONSES: &[&str] = &["Response", "HttpResponse", "Json", "Html", "Redirect", "StatusCode"];

/// Whether a response stands anywhere in the type, as far as names tell.
pub(crate) fn names_a_response(ty: &Type) -> bool {
    match peel(ty) {
        Type::Path(path) => {
            let named = path.path.segments.last().is_some_and(|last| RESPONSES.iter().any(|name| last.ident == name));
            named || type_arguments(path).any(names_a_response)
        }
        Type::Tuple(tuple) => tuple.elems.iter().any(names_a_response),
        _ => false,
    }
}

/// The type with `_` for each `impl Trait`, for places where the compiler finds those out.
pub(crate) fn with_holes(ty: &Type) -> Type {
    let mut ty = ty.clone();
    dig(&mut ty);
    ty
}

fn dig(ty: &mut Type) {
    match ty {
        Type::ImplTrait(opaque) => {
            let span = Span::mixed_site().located_at(opaque.impl_token.span);
            *ty = Type::Infer(TypeInfer { attrs: Vec::new(), underscore_token: Token![_](span) });
        }
        Type::Group(group) => dig(&mut group.elem),
        Type::Paren(paren) => dig(&mut paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(dig),
        Type::Reference(reference) => dig(&mut reference.elem),
        Type::Array(array) => dig(&mut array.elem),
        Type::Slice(slice) => dig(&mut slice.elem),
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    arguments.args.iter_mut().for_each(|argument| {
                        if let GenericArgument::Type(ty) = argument {
                            dig(ty);
                        }
                    });
                }
            }
        }
        _ => {}
    }
}

fn names_trait(bound: &TypeParamBound, names: &[&str]) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

/// The type with `'static` wherever it leaves a lifetime to be found in the arguments.
pub(crate) fn with_static(ty: TokenStream) -> TokenStream {
    let mut tokens = ty.into_iter().peekable();
    let mut out = TokenStream::new();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), with_static(group.stream()));
                inside.set_span(group.span());
                out.extend([TokenTree::Group(inside)]);
            }
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                out.extend([TokenTree::Punct(punct)]);
                if !is_quote(tokens.peek()) {
                    out.extend(static_lifetime());
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                if matches!(tokens.peek(), Some(TokenTree::Ident(name)) if name == "_") {
                    tokens.next();
                    out.extend(static_lifetime());
                } else {
                    out.extend([TokenTree::Punct(punct)]);
                }
            }
            token => out.extend([token]),
        }
    }
    out
}

fn is_quote(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == '\'')
}

fn static_lifetime() -> TokenStream {
    let span = Span::mixed_site();
    quote_spanned!(span=> 'static)
}

/// How many lifetimes the type of an argument has, as far as its text tells.
pub(crate) fn lifetimes(ty: &TokenStream) -> usize {
    let mut tokens = ty.clone().into_iter().peekable();
    let mut found = 0;
    while let Some(token) = tokens.next() {
        found += match token {
            TokenTree::Group(group) => lifetimes(&group.stream()),
            TokenTree::Punct(punct) if punct.as_char() == '\'' => 1,
            TokenTree::Punct(punct) if punct.as_char() == '&' && !is_quote(tokens.peek()) => 1,
            _ => 0,
        };
    }
    found
}

//! `#[derive(KeyPart)]`: a struct is its fields, an enum the name of its variant and its fields.
//!
//! ```text
//! impl ::larder::KeyPart for Page {
//!     fn render(&self, key: &mut ::larder::KeyWriter<'_>) {
//!         key.begin_tuple();
//!         key.element(&self.number);
//!         key.element(&self.size);
//!         key.end_tuple();
//!     }
//! }
//! ```

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote_spanned};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Field, Fields, GenericParam, Generics, Index, Item, ItemEnum, Member, Token};

use crate::diag::{self, Errors};
use crate::key::plain;
use crate::paths::ends;

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    match syn::parse2::<Item>(item) {
        Ok(Item::Struct(item)) => {
            implement(&item.attrs, &item.ident, &item.generics, |span| of_struct(&item.fields, span))
        }
        Ok(Item::Enum(item)) => implement(&item.attrs, &item.ident, &item.generics, |span| of_enum(&item, span)),
        Ok(Item::Union(item)) => diag::derives::key_part_of_a_union(&item.ident).to_compile_error(),
        Ok(other) => {
            let first = other.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span());
            diag::derives::key_part_of_something_else(first).to_compile_error()
        }
        Err(error) => error.to_compile_error(),
    }
}

fn implement(
    attrs: &[Attribute],
    name: &Ident,
    generics: &Generics,
    body: impl Fn(Span) -> TokenStream,
) -> TokenStream {
    let span = Span::mixed_site();
    let mut errors = Errors::default();
    let krate = crate_path(attrs, &mut errors);
    let mut bounded = generics.clone();
    for param in &mut bounded.params {
        if let GenericParam::Type(param) = param {
            param.colon_token.get_or_insert(Token![:](span));
            param.bounds.push(syn::TypeParamBound::Verbatim(quote_spanned!(span=> #krate::KeyPart)));
        }
    }
    let (params, _, condition) = bounded.split_for_impl();
    let (_, arguments, _) = generics.split_for_impl();
    let body = body(span);
    let key = if body.is_empty() { quote_spanned!(span=> _) } else { quote_spanned!(span=> __key) };
    quote_spanned! {span=>
        #[automatically_derived]
        impl #params #krate::KeyPart for #name #arguments #condition {
            fn render(&self, #key: &mut #krate::KeyWriter<'_>) { #body }
        }
        #errors
    }
}

// #[key_part(crate = ::path)]
fn crate_path(attrs: &[Attribute], errors: &mut Errors) -> TokenStream {
    let span = Span::mixed_site();
    let mut krate = quote_spanned!(span=> ::larder);
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("key_part")) {
        let option = |input: ParseStream<'_>| {
            let wrong = input.fork().parse::<TokenStream>().unwrap_or_default();
            let key = input.parse::<Token![crate]>().map_err(|_| diag::derives::unknown_key_part_option(&wrong))?;
            let path = crate::value::krate(&Ident::new("crate", key.span), input)?;
            if input.is_empty() { Ok(path) } else { Err(diag::derives::unknown_key_part_option(&wrong)) }
        };
        let tokens = match &attr.meta {
            syn::Meta::List(list) if !list.tokens.is_empty() => list.tokens.clone(),
            other => {
                errors.push(diag::derives::unknown_key_part_option(&other.to_token_stream()));
                continue;
            }
        };
        match option.parse2(tokens) {
            Ok(path) => krate = path.to_token_stream(),
            Err(error) => errors.push(error),
        }
    }
    krate
}

fn of_struct(fields: &Fields, span: Span) -> TokenStream {
    let mut members = fields.iter().enumerate().map(|(index, field)| {
        let member = match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::Unnamed(Index { index: u32::try_from(index).unwrap_or(u32::MAX), span }),
        };
        let at = type_span(field);
        (quote_spanned!(at=> &self.#member), field)
    });
    if fields.len() == 1 {
        return members.next().map(|(value, field)| call("part", &value, field)).unwrap_or_default();
    }
    tuple(members, span)
}

fn of_enum(item: &ItemEnum, span: Span) -> TokenStream {
    if item.variants.is_empty() {
        return quote_spanned!(span=> match *self {});
    }
    let arms = item.variants.iter().map(|variant| {
        let (name, text) = (&variant.ident, plain(&variant.ident));
        let names: Vec<_> =
            (0..variant.fields.len()).map(|index| format_ident!("field{}", index, span = span)).collect();
        let pattern = match &variant.fields {
            Fields::Unit => TokenStream::new(),
            Fields::Unnamed(_) => quote_spanned!(span=> (#(#names),*)),
            Fields::Named(fields) => {
                let fields = fields.named.iter().filter_map(|field| field.ident.as_ref());
                quote_spanned!(span=> { #(#fields: #names),* })
            }
        };
        let values = match &variant.fields {
            Fields::Unit => TokenStream::new(),
            fields => tuple(names.iter().map(|name| quote_spanned!(span=> #name)).zip(fields), span),
        };
        quote_spanned!(span=> Self::#name #pattern => { __key.variant(#text); #values })
    });
    quote_spanned!(span=> match self { #(#arms)* })
}

fn tuple<'a>(members: impl Iterator<Item = (TokenStream, &'a Field)>, span: Span) -> TokenStream {
    let elements = members.map(|(value, field)| call("element", &value, field));
    quote_spanned!(span=> __key.begin_tuple(); #(#elements)* __key.end_tuple();)
}

/// A field whose type is no part of a key is reported at its type.
fn call(method: &str, value: &TokenStream, field: &Field) -> TokenStream {
    let span = type_span(field);
    let method = Ident::new(method, span);
    quote_spanned!(span=> __key.#method(#value);)
}

fn type_span(field: &Field) -> Span {
    ends(&field.ty).0
}

//! The attribute and the derives of larder.
//!
//! Tokens in, tokens out. Users reach these macros through the crate `larder`, whose manual describes them; this crate
//! knows no runtime types and writes only paths below `larder::__private` and the public names of the companions.
//!
//! The files are listed in the order in which an attribute passes through them.

// What the user wrote.
mod attr;
mod duration;
mod fraction;
mod lists;
mod response;
mod template;
mod value;

// The function it stands on.
mod args;
mod batch;
mod extractor;
mod func;
mod handler;
mod pattern;
mod receiver;
mod user_attrs;

// Every decision, taken once; the last place that may fail.
mod aside;
mod check;
mod freshness;
mod holes;
mod key;
mod plan;
mod tags;

// Tokens for rustc.
mod expand;
mod fallback;

// `#[invalidates]` and `tag!`.
mod listed;
mod tag_macro;
mod writer;

// `fragment!`.
mod fragment;

// `#[derive(KeyPart)]`.
mod derive;

// Shared by all of them.
mod borrow;
mod diag;
mod nearest;
mod paths;
mod scan;
mod ty;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use crate::attr::Attr;
use crate::diag::Errors;
use crate::plan::Plan;

/// Puts a cache in front of a function. The manual is at `larder::cached`.
#[proc_macro_attribute]
pub fn cached(attr: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand_cached(attr.into(), &item.into()).into()
}

/// Invalidates entries once a function has succeeded. The manual is at `larder::invalidates`.
#[proc_macro_attribute]
pub fn invalidates(attr: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    writer::expand(attr.into(), &item.into()).into()
}

/// A tag whose name is made from variables. The manual is at `larder::tag`.
#[proc_macro]
pub fn tag(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    tag_macro::expand(tokens.into()).into()
}

/// Caches the value of a block. The manual is at `larder::fragment`.
#[proc_macro]
pub fn fragment(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    fragment::expand(tokens.into()).into()
}

/// Lets a struct or an enum be part of a cache key. The manual is at `larder::KeyPart`.
#[proc_macro_derive(KeyPart, attributes(key_part))]
pub fn derive_key_part(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive::expand(item.into()).into()
}

fn expand_cached(attr: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let attr = Attr::parse(attr, &mut errors);
    let mut func = match func::parse(item.clone(), "cached") {
        Ok(func) => func,
        Err(error) => {
            errors.push(error);
            return fallback::item(item, &errors);
        }
    };
    handler::name_the_output(&mut func, &attr);
    match Plan::new(&attr, &func, &mut errors) {
        Some(plan) if errors.is_empty() => expand::function(&plan),
        _ => fallback::function(&attr, &func, &errors),
    }
}

//! Every message of the crate: one function each, in the file of its subject. First what is wrong, in lower case and
//! without a full stop; then, behind `help:`, what to write instead.

pub(crate) mod durations;
pub(crate) mod ignores;
pub(crate) mod keys;
pub(crate) mod options;
pub(crate) mod values;

pub(crate) mod functions;

pub(crate) mod derives;

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

use crate::nearest;
use crate::scan;

/// All errors of one attribute; they are reported together.
#[derive(Default)]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Error> {
        self.0.iter()
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().map(Error::to_compile_error));
    }
}

fn error(at: impl ToTokens, what: impl Display, help: impl Display) -> Error {
    Error::new_spanned(at, format!("{what}\nhelp: {help}"))
}

fn error_at(at: Span, what: impl Display, help: impl Display) -> Error {
    Error::new(at, format!("{what}\nhelp: {help}"))
}

fn source(tokens: &impl ToTokens) -> String {
    scan::text(&tokens.to_token_stream())
}

fn list(names: impl IntoIterator<Item = impl Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Something to copy for each option.
fn example(option: &str) -> &'static str {
    match option {
        "timeout" => "timeout = 60",
        "key" => "key = \"user:<id>\"",
        "ignore" => "ignore(pool)",
        "version" => "version = 2",
        "revision" => "revision = user.updated_at",
        "cache" => "cache = self.cache",
        "unless" => "unless = preview",
        "refresh_if" => "refresh_if = force",
        "store_if" => "store_if = |value| value.is_complete()",
        "cache_none" => "cache_none = \"10s\"",
        "cache_err" => "cache_err = \"10s\"",
        "local" => "local",
        "coalesce" => "coalesce = false",
        "entry" => "entry = user_entry",
        _ => "crate = ::larder",
    }
}

fn suggest_argument(name: &str, known: &[String]) -> String {
    match nearest::of(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "the function has no arguments".to_owned(),
        None => format!("the arguments are {}", list(known)),
    }
}

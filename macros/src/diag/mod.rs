//! Every message of the crate: one function each, in the file of its subject. First what is wrong, in lower case and
//! without a full stop; then, behind `help:`, what to write instead.

pub(crate) mod durations;
pub(crate) mod freshness;
pub(crate) mod ignores;
pub(crate) mod keys;
pub(crate) mod options;
pub(crate) mod tags;
pub(crate) mod values;

pub(crate) mod aside;
pub(crate) mod batches;
pub(crate) mod fragments;
pub(crate) mod functions;
pub(crate) mod handlers;
pub(crate) mod tag_macro;
pub(crate) mod writers;

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
    /// One that was combined from several is as many.
    pub(crate) fn push(&mut self, error: Error) {
        self.0.extend(error);
    }

    pub(crate) fn extend(&mut self, errors: impl IntoIterator<Item = Error>) {
        self.0.extend(errors);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
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
        "stale_while_revalidate" => "stale_while_revalidate = \"30s\"",
        "stale_if_error" => "stale_if_error = \"1h\"",
        "soft_timeout" => "soft_timeout = \"200ms\"",
        "early" => "early = 0.8",
        "jitter" => "jitter = 0.1",
        "tags" => "tags(\"team:<team_id>\")",
        "batch" => "batch",
        "chunk" => "chunk = 500",
        "local" => "local",
        "coalesce" => "coalesce = false",
        "entry" => "entry = user_entry",
        "vary" => "vary = [\"accept-language\"]",
        "status" => "status(200, 404)",
        "max_body" => "max_body = \"64KiB\"",
        "browser" => "browser = 30",
        "cdn" => "cdn = \"5m\"",
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

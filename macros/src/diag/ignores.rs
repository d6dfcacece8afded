//! Messages about the arguments that `ignore` lists.

use proc_macro2::{Ident, Span, TokenStream};
use syn::Error;

use crate::diag::{error, error_at, suggest_argument};

pub(crate) fn ignore_without_parentheses(at: &TokenStream, names: &[Ident]) -> Error {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    error(at, "`ignore` takes a list", format!("write `ignore({})`", names.join(", ")))
}

pub(crate) fn ignores_nothing(key: &Ident) -> Error {
    error(key, "`ignore` names no argument", "name the arguments that don't change the result, or remove it")
}

pub(crate) fn not_a_list_of_names(at: Span) -> Error {
    error_at(at, "`ignore` is a list of arguments", "write `ignore(pool, self)`")
}

pub(crate) fn ignored_twice(name: &Ident) -> Error {
    error(name, format!("`{name}` is ignored twice"), "remove one of them")
}

pub(crate) fn unknown_argument_ignored(name: &Ident, known: impl Iterator<Item = String>) -> Error {
    let known: Vec<_> = known.collect();
    error(name, format!("`{name}` is not an argument"), suggest_argument(&name.to_string(), &known))
}

pub(crate) fn named_and_ignored(name: &Ident) -> Error {
    error(
        name,
        format!("`{name}` is ignored, but the key names it"),
        format!("remove it from `ignore`, or remove `<{name}>` from the key"),
    )
}

//! Messages about the options as such: their names, commas and equals signs.

use proc_macro2::{Ident, TokenStream};
use syn::Error;

use crate::attr::OPTIONS;
use crate::diag::{error, error_at, example, list, source};
use crate::nearest;

pub(crate) fn not_an_option(at: &TokenStream) -> Error {
    error(at, "expected an option", "write `name = value`, for example `timeout = 60`")
}

pub(crate) fn missing_comma(at: &TokenStream) -> Error {
    error(at, "expected a comma between two options", format!("write `, {}`", source(at)))
}

pub(crate) fn not_yet(key: &Ident) -> Error {
    error(key, format!("`{key}` is not available in this version of larder"), "remove it")
}

pub(crate) fn unknown_option(key: &Ident) -> Error {
    let what = format!("unknown option `{key}`");
    match nearest::option(&key.to_string()) {
        Some(option) => error(key, what, format!("did you mean `{option}`?")),
        None => error(key, what, format!("the options are {}", list(OPTIONS))),
    }
}

pub(crate) fn duplicate_option(key: &Ident) -> Error {
    let is_list = key == "ignore" || key == "tags";
    let help = if is_list { "write one list of all" } else { "remove one of them" };
    error(key, format!("`{key}` is given twice"), help)
}

pub(crate) fn missing_value(key: &Ident) -> Error {
    error(key, format!("`{key}` needs a value"), format!("write `{}`", example(&key.to_string())))
}

pub(crate) fn colon_for_equals(key: &Ident, value: &TokenStream) -> Error {
    let help = match source(value) {
        text if text.is_empty() => format!("write `{}`", example(&key.to_string())),
        text => format!("write `{key} = {text}`"),
    };
    error(key, format!("the value of `{key}` follows a `=`, not a `:`"), help)
}

pub(crate) fn value_in_parentheses(key: &Ident) -> Error {
    error(key, format!("the value of `{key}` follows a `=`"), format!("write `{}`", example(&key.to_string())))
}

pub(crate) fn flag_with_value(key: &Ident) -> Error {
    error(key, format!("`{key}` takes no value here"), format!("write `{key}` alone"))
}

pub(crate) fn not_an_expression(key: &Ident, problem: &Error) -> Error {
    let what = format!("the value of `{key}` is not a Rust expression: {problem}");
    error_at(problem.span(), what, format!("write it like `{}`", example(&key.to_string())))
}

pub(crate) fn unfinished_expression(key: &Ident) -> Error {
    let what = format!("the value of `{key}` ends in the middle of an expression");
    error(key, what, format!("write it like `{}`", example(&key.to_string())))
}

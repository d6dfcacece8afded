//! Messages about the options as such: their names, commas and equals signs.

use proc_macro2::{Ident, TokenStream};
use syn::{Error, Lit, LitStr};

use crate::attr::OPTIONS;
use crate::diag::{error, error_at, example, list, source};
use crate::nearest;

pub(crate) fn not_an_option(at: &TokenStream) -> Error {
    let text = source(at);
    let help = match syn::parse2::<Lit>(at.clone()) {
        Ok(Lit::Int(_) | Lit::Float(_)) => format!("write `timeout = {text}`"),
        // `"5m"`, `"user:<id>"`
        Ok(Lit::Str(literal)) if literal.value().starts_with(|first: char| first.is_ascii_digit()) => {
            format!("write `timeout = {text}`")
        }
        Ok(Lit::Str(_)) => format!("write `key = {text}`"),
        _ => "write `name = value`, for example `timeout = 60`".to_owned(),
    };
    error(at, "expected an option", help)
}

pub(crate) fn missing_comma(at: &TokenStream) -> Error {
    let text = source(at);
    let help = if text.trim() == ";" { "write `,`".to_owned() } else { format!("write `, {text}`") };
    error(at, "expected a comma between two options", help)
}

pub(crate) fn unknown_option(key: &Ident) -> Error {
    let what = format!("unknown option `{key}`");
    match nearest::option(&key.to_string()) {
        Some(option) => error(key, what, format!("did you mean `{option}`?")),
        None => error(key, what, format!("the options are {}", list(OPTIONS))),
    }
}

/// `key = "user:{}", id`
pub(crate) fn argument_of_a_format(key: &Ident, template: &LitStr) -> Error {
    let text = template.value().replacen("{}", &format!("<{key}>"), 1);
    error(key, format!("`{key}` is no option: arguments stand in the key"), format!("write `key = {text:?}`"))
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

//! Messages about the values of the other options.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Error, Expr, ExprClosure, LitBool, LitInt, LitStr};

use crate::diag::{error, error_at, source};

pub(crate) fn closure_arguments(key: &Ident, at: &ExprClosure) -> Error {
    let help = match key.to_string().as_str() {
        "timeout" => "write `timeout = |value| ...`",
        _ => "write `store_if = |value| ...`",
    };
    error(at, format!("the closure of `{key}` sees one thing, the value"), help)
}

pub(crate) fn condition_is_a_closure(key: &Ident, at: &ExprClosure) -> Error {
    let body = source(&at.body);
    let what = format!("`{key}` is an expression over the arguments, not a closure");
    error(at, what, format!("write `{key} = {body}`"))
}

pub(crate) fn condition_in_quotes(key: &Ident, at: &LitStr) -> Error {
    let text = at.value();
    let help = if syn::parse_str::<Expr>(&text).is_ok() {
        format!("write `{key} = {text}`")
    } else {
        format!("write `{key} = preview`, where `preview` is an argument")
    };
    error(at, format!("`{key}` is an expression over the arguments, without quotes"), help)
}

pub(crate) fn cache_none_is_no_bool(at: &LitBool) -> Error {
    let help = if at.value { "write `cache_none` alone, or `cache_none = \"10s\"`" } else { "remove `cache_none`" };
    error(at, "`cache_none` stands alone, or has a time", help)
}

pub(crate) fn store_if_not_a_function(at: impl ToTokens) -> Error {
    let help = "write `store_if = |value| ...`, or the path of a function that takes a reference";
    error(at, "`store_if` is a closure or a function over the value", help)
}

pub(crate) fn version_not_a_number(at: impl ToTokens) -> Error {
    let help = "write `version = 2`, or `version = code` for a hash of the function";
    error(at, "`version` is a whole number, not negative", help)
}

pub(crate) fn version_too_large(at: &LitInt) -> Error {
    error(at, "`version` is larger than `u64::MAX`", "write a smaller number")
}

pub(crate) fn cache_is_a_literal(at: impl ToTokens) -> Error {
    error(at, "`cache` is an expression that names a `Cache`", "write `cache = self.cache` or `cache = state.cache`")
}

pub(crate) fn coalesce_not_a_bool(at: impl ToTokens) -> Error {
    error(at, "`coalesce` is `false` or `true`", "write `coalesce = false`, or remove it")
}

pub(crate) fn entry_not_a_name(at: impl ToTokens) -> Error {
    let text = source(&at);
    let bare =
        text.rsplit(|c: char| c != '_' && !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
    let usable = syn::parse_str::<Ident>(bare).is_ok();
    let help = if usable { format!("write `entry = {bare}`") } else { "write `entry = user_entry`".to_owned() };
    error(at, "`entry` is the name of the entry function", help)
}

pub(crate) fn crate_path_in_quotes(at: &LitStr) -> Error {
    let text = at.value();
    let path = text.trim_start_matches("::");
    let path = if path == "crate" || path.starts_with("crate::") { path.to_owned() } else { format!("::{path}") };
    error(at, "the path of a crate stands without quotes", format!("write `crate = {path}`"))
}

pub(crate) fn not_a_crate_path(at: Span) -> Error {
    error_at(at, "not a path", "write `crate = ::larder`")
}

pub(crate) fn crate_path_not_absolute(at: &syn::Path) -> Error {
    let path = source(at);
    error(at, "the path of a crate starts with `::` or `crate::`", format!("write `crate = ::{path}`"))
}

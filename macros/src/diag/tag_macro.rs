//! Messages about `tag!`. What is wrong inside its text is said as for keys (`keys.rs`).

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Error, Expr, LitStr};

use crate::diag::{error, error_at, list, source};
use crate::nearest;
use crate::template;

pub(crate) fn without_name(at: Span, options: &str) -> Error {
    error_at(at, "a tag needs a name", format!("write `tag!(\"team:<team_id>\"{options})`"))
}

pub(crate) fn name_not_a_literal(at: &TokenStream) -> Error {
    let help = "write `tag!(\"team:<team_id>\")`; for text that is made elsewhere, `cache.tag(&text)`";
    error(at, "the name of a tag is a string literal", help)
}

pub(crate) fn name_not_first(at: &LitStr, options: &str) -> Error {
    let name = source(at);
    error(at, "the name of a tag stands before its options", format!("write `tag!({name}{options})`"))
}

pub(crate) fn missing_comma(at: &TokenStream) -> Error {
    error(at, "expected a comma in front of an option", format!("write `, {}`", source(at)))
}

/// `tag!("team:{}", id)`
pub(crate) fn argument(at: &Expr, name: Option<&LitStr>) -> Error {
    let path = source(at);
    let text = name.map(LitStr::value).unwrap_or_default();
    let help = if !template::is_path(&path) {
        "write `tag!(\"team:<team_id>\")` with a variable of that value".to_owned()
    } else if text.contains("{}") {
        format!("write `tag!({:?})`", text.replacen("{}", &format!("<{path}>"), 1))
    } else if text.contains(&format!("<{path}>")) {
        "remove it: what the text names is found where it is".to_owned()
    } else {
        format!("write `<{path}>` in the text, or `cache = {path}`")
    };
    error(at, "`tag!` takes no arguments: variables stand in the text", help)
}

pub(crate) fn no_option(at: &TokenStream) -> Error {
    error(at, "not an option of `tag!`", "the options are `cache = ...` and `crate = ...`")
}

pub(crate) fn unknown_option(key: &Ident) -> Error {
    const OPTIONS: [&str; 2] = ["cache", "crate"];
    let what = format!("unknown option `{key}`");
    match nearest::of(&key.to_string(), OPTIONS.into_iter()) {
        Some(option) => error(key, what, format!("did you mean `{option}`?")),
        None => error(key, what, format!("the options of `tag!` are {}; variables stand in its text", list(OPTIONS))),
    }
}

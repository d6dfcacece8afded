//! Messages about the list of tags. What is wrong inside a tag is said as for keys (`keys.rs`).

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Error, Expr, LitStr};

use crate::diag::{error, error_at, source};

pub(crate) fn without_parentheses(at: &Expr) -> Error {
    let help = match at {
        Expr::Lit(_) => format!("write `tags({})`", source(at)),
        Expr::Array(array) => format!("write `tags({})`", source(&array.elems)),
        _ => "write `tags(\"team:<team_id>\")`".to_owned(),
    };
    error(at, "`tags` takes a list", help)
}

pub(crate) fn no_tag(key: &Ident) -> Error {
    error(key, "`tags` names no tag", "write `tags(\"team:<team_id>\")`, or remove it")
}

pub(crate) fn given_twice(at: &LitStr) -> Error {
    error(at, "the tag is given twice", "remove one of them")
}

pub(crate) fn missing_comma(at: &TokenStream) -> Error {
    error(at, "expected a comma between two tags", format!("write `, {}`", source(at)))
}

pub(crate) fn not_a_literal(at: &Expr) -> Error {
    let help = match at {
        Expr::Path(path) if path.path.get_ident().is_some() => {
            let name = source(at);
            format!("write `\"{name}\"` for the tag of that name, or `\"{name}:<{name}>\"` for one of an argument")
        }
        Expr::Macro(call) => {
            let text = call.mac.parse_body::<LitStr>().map(|text| text.value()).unwrap_or_default();
            // Of `{id:?}` and `{}` nothing can be made.
            let named = |after: &str| after.split('}').next().is_some_and(crate::template::is_path);
            if text.contains('{') && text.split('{').skip(1).all(named) {
                format!("write `\"{}\"`", text.replace('{', "<").replace('}', ">"))
            } else {
                "write `\"team:<team_id>\"`".to_owned()
            }
        }
        _ => "write `\"team:<team_id>\"`".to_owned(),
    };
    error(at, "a tag is a string literal", help)
}

pub(crate) fn not_a_string(at: Span) -> Error {
    error_at(at, "a tag is a string literal", "write `\"team:<team_id>\"`")
}

//! Messages about `timeout` and its relatives.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Error, ExprClosure, ExprLit, Lit, LitStr};

use crate::diag::{error, example, list, source};

pub(crate) fn not_a_duration(key: &Ident, at: impl ToTokens) -> Error {
    error(
        at,
        "not a duration",
        format!("write seconds (`{key} = 60`), units (`{key} = \"1h 30m\"`), or `{key} = never`"),
    )
}

pub(crate) fn zero_duration(key: &Ident, at: impl ToTokens) -> Error {
    let mut what = format!("`{key}` is zero, which some caches take for \"for ever\" and others for \"don't store\"");
    if key == "soft_timeout" {
        let help = "write a longer duration, or `stale_while_revalidate = \"30s\"` alone";
        return error(at, "`soft_timeout` is zero, so nobody would wait for a new value", help);
    }
    if key == "early" {
        "`early` is zero, so every value would be refreshed as soon as it is read".clone_into(&mut what);
    }
    if key.to_string().starts_with("stale_") {
        what = format!("`{key}` is zero, so no old value would be kept");
    }
    let help = match key.to_string().as_str() {
        "timeout" => "write `timeout = never`, or remove `#[cached]`".to_owned(),
        "cache_none" => "write `cache_none = never`, or remove `cache_none`".to_owned(),
        _ => format!("write a longer duration, or remove `{key}`"),
    };
    error(at, what, help)
}

pub(crate) fn negative_duration(key: &Ident, at: impl ToTokens) -> Error {
    let help = format!("write `{}`", example(&key.to_string()));
    error(at, format!("`{key}` must be positive"), help)
}

pub(crate) fn unit_without_quotes(key: &Ident, at: impl ToTokens) -> Error {
    let text = source(&at);
    error(at, "a duration with a unit is a string", format!("write `{key} = \"{text}\"`"))
}

pub(crate) fn number_without_unit(key: &Ident, at: &LitStr, number: &str) -> Error {
    let help = if at.value().trim() == number {
        format!("write `{key} = {number}` for seconds, or a unit: `\"{number}s\"`, `\"{number}m\"`")
    } else {
        format!("write a unit behind `{number}`: one of {}", list(["ms", "s", "m", "h", "d", "w"]))
    };
    error(at, "a number without a unit", help)
}

pub(crate) fn unknown_unit(at: &LitStr, number: &str, unit: &str, meant: Option<&str>) -> Error {
    let help = match meant {
        Some(meant) => format!("write `{number}{meant}`"),
        None => format!("the units are {}", list(["ms", "s", "m", "h", "d", "w"])),
    };
    error(at, format!("unknown unit `{unit}`"), help)
}

pub(crate) fn never_in_quotes(key: &Ident, at: &LitStr) -> Error {
    error(at, "`never` is a word of its own", format!("write `{key} = never`"))
}

pub(crate) fn duration_not_a_literal(key: &Ident, at: impl ToTokens) -> Error {
    let what = format!("`{key}` needs a literal");
    let text = source(&at);
    if key == "timeout" {
        return error(at, what, format!("write `timeout = |_| {text}`"));
    }
    error(at, what, format!("write it out, for example `{}`", example(&key.to_string())))
}

pub(crate) fn only_timeout_takes_a_closure(key: &Ident, at: &ExprClosure) -> Error {
    let help = format!("write `{}`", example(&key.to_string()));
    error(at, format!("`{key}` takes no closure: there is no value to look at"), help)
}

pub(crate) fn closure_without_a_duration(closure: &ExprClosure, at: &ExprLit) -> Error {
    let text = source(&at);
    let inputs = source(&closure.inputs);
    let help = match &at.lit {
        Lit::Int(number) if number.suffix().is_empty() => {
            format!("write `timeout = {text}`, or `|{inputs}| Duration::from_secs({text})`")
        }
        Lit::Float(number) if number.suffix().is_empty() => {
            format!("write `timeout = {text}`, or `|{inputs}| Duration::from_secs_f64({text})`")
        }
        Lit::Str(_) => format!("write `timeout = {text}`"),
        _ => format!("write `|{inputs}| Duration::from_secs(60)`"),
    };
    error(at, "the closure of `timeout` returns a `Duration`", help)
}

pub(crate) fn errors_for_ever(at: impl ToTokens) -> Error {
    error(
        at,
        "an error kept for ever would never be noticed to be gone",
        "write `cache_err = \"10s\"`, or remove `cache_err`",
    )
}

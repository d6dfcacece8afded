//! Messages about stale values, early refresh and jitter.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Error, LitStr};

use crate::diag::{error, source};
use crate::fraction::as_fraction;

pub(crate) fn soft_timeout_never(at: impl ToTokens) -> Error {
    error(
        at,
        "`soft_timeout = never` would wait for every new value, as without it",
        "write `soft_timeout = \"200ms\"`, or remove `soft_timeout`",
    )
}

pub(crate) fn soft_timeout_without_stale(at: &Ident) -> Error {
    error(
        at,
        "`soft_timeout` has nothing to answer with: no old value is kept",
        "add `stale_while_revalidate = \"30s\"`, or `stale_if_error = \"1h\"` if the function returns a `Result`",
    )
}

pub(crate) fn early_never(at: impl ToTokens) -> Error {
    error(at, "`early = never` would refresh nothing", "write `early = 0.8` or `early = \"45s\"`, or remove `early`")
}

pub(crate) fn early_is_no_part(at: impl ToTokens, digits: &str) -> Error {
    let what = "`early` is a part of the timeout, between 0 and 1, or an age";
    let number: f64 = digits.parse().unwrap_or_default();
    let help = match as_fraction(digits) {
        _ if number < 0.000_001 => "write `early = 0.8` or `early = \"45s\"`, or remove `early`".to_owned(),
        // `80.0`
        Some(part) if number > 10.0 => format!("write `early = {part}`, or `early = \"{number}s\"` for an age"),
        _ => format!("write `early = 0.8` for a part, or `early = \"{number}s\"` for an age"),
    };
    error(at, what, help)
}

pub(crate) fn early_not_before_timeout(at: impl ToTokens, early: &str, timeout: &str) -> Error {
    let what =
        format!("`early` is not before the timeout: a value is gone after {timeout}, and refreshed after {early}");
    error(at, what, "write `early = 0.8`, or an age below the timeout")
}

pub(crate) fn early_part_of_never(at: &Ident) -> Error {
    error(
        at,
        "`early` is a part of a timeout that never ends",
        "write an age (`early = \"45s\"`), or a timeout (`timeout = 60`)",
    )
}

pub(crate) fn percent(key: &Ident, at: &LitStr, part: &str) -> Error {
    let what = format!("`{key}` takes no percent sign");
    error(at, what, format!("write `{key} = {part}`"))
}

pub(crate) fn jitter_not_a_fraction(at: impl ToTokens) -> Error {
    let help = "write `jitter = 0.1` for timeouts that are up to a tenth shorter";
    error(at, "`jitter` is a part of the timeout, from 0 to below 1", help)
}

pub(crate) fn jitter_is_no_part(at: impl ToTokens, digits: &str) -> Error {
    match as_fraction(digits) {
        Some(part) if part != "0.01" => {
            let what = "`jitter` is a part of the timeout, from 0 to below 1";
            error(at, what, format!("write `jitter = {part}`"))
        }
        _ => jitter_not_a_fraction(at),
    }
}

pub(crate) fn jitter_negative(at: impl ToTokens) -> Error {
    let text = source(&at);
    let help = format!("write `jitter = {}`: timeouts only get shorter", text.trim_start_matches(['-', ' ']));
    error(at, "`jitter` must not be negative", help)
}

pub(crate) fn jitter_of_never(at: &Ident) -> Error {
    error(at, "`jitter` has no timeout to shorten", "remove `jitter`, or write a timeout (`timeout = 60`)")
}

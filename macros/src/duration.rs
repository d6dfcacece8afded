//! The value of `timeout` and its relatives becomes nanoseconds; `u64::MAX` is never.

use std::time::Duration;

use proc_macro2::Ident;
use syn::{Expr, ExprLit, Lit, LitStr, UnOp};

use crate::diag;

/// For ever: 584 years.
pub(crate) const NEVER: u64 = u64::MAX;

const UNITS: &[(&str, u64)] = &[
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
    ("w", 604_800_000_000_000),
];

/// What people write instead, and the unit they mean.
const SPELLINGS: &[(&str, &str)] = &[
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("S", "s"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("M", "m"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("H", "h"),
    ("day", "d"),
    ("days", "d"),
    ("D", "d"),
    ("week", "w"),
    ("weeks", "w"),
    ("W", "w"),
    ("msec", "ms"),
    ("millis", "ms"),
    ("millisecond", "ms"),
    ("milliseconds", "ms"),
];

// 60 | 1.5 | "5m" | "1h 30m" | never
pub(crate) fn parse(key: &Ident, value: &Expr) -> syn::Result<u64> {
    let nanos = match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if number.suffix().is_empty() => {
            seconds(number.base10_digits()).ok_or_else(|| diag::durations::not_a_duration(key, value))?
        }
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) if number.suffix().is_empty() => {
            seconds(number.base10_digits()).ok_or_else(|| diag::durations::not_a_duration(key, value))?
        }
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
            return Err(diag::durations::unit_without_quotes(key, number));
        }
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => {
            return Err(diag::durations::unit_without_quotes(key, number));
        }
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => of_text(key, text)?,
        Expr::Path(path) if path.path.is_ident("never") => NEVER,
        Expr::Unary(minus) if matches!(minus.op, UnOp::Neg(_)) => {
            return Err(diag::durations::negative_duration(key, minus));
        }
        Expr::Closure(closure) => return Err(diag::durations::only_timeout_takes_a_closure(key, closure)),
        Expr::Path(_) | Expr::Call(_) | Expr::MethodCall(_) => {
            return Err(diag::durations::duration_not_a_literal(key, value));
        }
        _ => return Err(diag::durations::not_a_duration(key, value)),
    };
    if nanos == 0 { Err(diag::durations::zero_duration(key, value)) } else { Ok(nanos) }
}

/// Nanoseconds of a number of seconds, saturating; nothing if it isn't a number.
fn seconds(digits: &str) -> Option<u64> {
    let seconds: f64 = digits.parse().ok()?;
    if let Ok(whole) = digits.parse::<u64>() {
        return Some(whole.saturating_mul(1_000_000_000));
    }
    // The only numbers refused here are too large: a literal has no sign and is never NaN.
    Some(Duration::try_from_secs_f64(seconds).map_or(NEVER, nanos))
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(NEVER)
}

fn of_text(key: &Ident, literal: &LitStr) -> syn::Result<u64> {
    let text = literal.value();
    if text.trim() == "never" {
        return Err(diag::durations::never_in_quotes(key, literal));
    }
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(diag::durations::not_a_duration(key, literal));
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit() || c == '.' || c == '_');
        let (unit, after) = split(after.trim_start(), char::is_alphabetic);
        if number.is_empty() {
            return Err(diag::durations::not_a_duration(key, literal));
        }
        if unit.is_empty() {
            return Err(diag::durations::number_without_unit(key, literal, number));
        }
        let Some((_, size)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(diag::durations::unknown_unit(literal, number, unit, meant(unit)));
        };
        let Some(amount) = scaled(&number.replace('_', ""), *size) else {
            return Err(diag::durations::not_a_duration(key, literal));
        };
        total = total.saturating_add(amount);
        rest = after.trim_start();
    }
    Ok(total)
}

fn meant(unit: &str) -> Option<&'static str> {
    SPELLINGS.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(unit)).map(|(_, unit)| *unit)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at_checked(text.find(|c| !belongs(c)).unwrap_or(text.len())).unwrap_or((text, ""))
}

/// `number` units of `size` nanoseconds, saturating.
fn scaled(number: &str, size: u64) -> Option<u64> {
    if number.bytes().all(|digit| digit.is_ascii_digit()) {
        // More digits than fit are more than for ever.
        return Some(number.parse::<u64>().map_or(NEVER, |number| number.saturating_mul(size)));
    }
    let number: f64 = number.parse().ok()?;
    let unit = Duration::from_nanos(size);
    Some(Duration::try_from_secs_f64(number * unit.as_secs_f64()).map_or(NEVER, nanos))
}

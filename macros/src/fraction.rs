//! The values of `early` and `jitter`: parts of a timeout, in millionths, and ages.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, Lit, UnOp};

use crate::diag;
use crate::duration;
use crate::value;

/// When an entry is refreshed ahead of its end.
pub(crate) struct Early {
    /// As written, for errors that point at it.
    pub(crate) at: Expr,
    pub(crate) when: When,
}

#[derive(Clone, Copy)]
pub(crate) enum When {
    /// This part of its timeout, in millionths.
    Fraction(u32),
    /// This age, in nanoseconds.
    Age(u64),
}

/// By how much timeouts are shortened at most, in millionths.
#[derive(Clone, Copy)]
pub(crate) struct Jitter(pub(crate) u32);

const WHOLE: u32 = 1_000_000;

// early = 0.8 | "45s" | 45
pub(crate) fn early(key: &Ident, input: ParseStream<'_>) -> syn::Result<Early> {
    let at = value::required(key, input)?;
    refuse_percent(key, &at)?;
    let when = match &at {
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) if number.suffix().is_empty() => {
            match millionths(number.base10_digits()) {
                Some(part) if part > 0 && part < WHOLE => When::Fraction(part),
                _ => return Err(diag::freshness::early_is_no_part(number, number.base10_digits())),
            }
        }
        // Neither the whole timeout nor one second is what everybody would take it for.
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if matches!(number.base10_digits(), "0" | "1") => {
            return Err(diag::freshness::early_is_no_part(number, number.base10_digits()));
        }
        Expr::Path(path) if path.path.is_ident("never") => return Err(diag::freshness::early_never(path)),
        value => When::Age(duration::parse(key, value)?),
    };
    Ok(Early { at, when })
}

// jitter = 0.1
pub(crate) fn jitter(key: &Ident, input: ParseStream<'_>) -> syn::Result<Jitter> {
    let value = value::required(key, input)?;
    refuse_percent(key, &value)?;
    let digits = match &value {
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) if number.suffix().is_empty() => number.base10_digits(),
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if number.suffix().is_empty() => number.base10_digits(),
        Expr::Unary(minus) if matches!(minus.op, UnOp::Neg(_)) => return Err(diag::freshness::jitter_negative(minus)),
        _ => return Err(diag::freshness::jitter_not_a_fraction(&value)),
    };
    match millionths(digits) {
        Some(part) if part < WHOLE => Ok(Jitter(part)),
        _ => Err(diag::freshness::jitter_is_no_part(&value, digits)),
    }
}

/// A decimal number times a million, rounded; nothing if that is more than fits.
fn millionths(digits: &str) -> Option<u32> {
    let number: f64 = digits.parse().ok()?;
    format!("{:.0}", number * f64::from(WHOLE)).parse().ok()
}

// "80%"
fn refuse_percent(key: &Ident, value: &Expr) -> syn::Result<()> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value else {
        return Ok(());
    };
    let part = text.value().trim().strip_suffix('%').and_then(|number| as_fraction(number.trim()));
    part.map_or(Ok(()), |part| Err(diag::freshness::percent(key, text, &part)))
}

/// `0.8` for `80`, if that is a fraction of anything.
pub(crate) fn as_fraction(hundredths: &str) -> Option<String> {
    let number: f64 = hundredths.parse().ok()?;
    (number > 0.0 && number < 100.0).then(|| format!("{}", number / 100.0))
}

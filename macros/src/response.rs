//! The values of the options about a handler's response: which are stored, and what browsers are told.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, ExprArray, ExprLit, Lit, LitInt, LitStr, Token, parenthesized};

use crate::diag;
use crate::duration::{self, NEVER};
use crate::value::{peel, required};

// vary = ["accept-language"]
pub(crate) fn vary(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    if input.peek(syn::token::Paren) {
        return Err(diag::handlers::vary_not_a_list(key, None));
    }
    let value = required(key, input)?;
    let Expr::Array(ExprArray { elems, .. }) = &value else {
        let single = header_of(&value);
        return Err(diag::handlers::vary_not_a_list(&value, single.as_ref()));
    };
    if elems.is_empty() {
        return Err(diag::handlers::varies_on_nothing(&value));
    }
    let mut names: Vec<LitStr> = Vec::new();
    for element in elems {
        let name = header_of(element).ok_or_else(|| diag::handlers::header_not_a_string(element))?;
        check_header(&name)?;
        if names.iter().any(|known| known.value() == name.value()) {
            return Err(diag::handlers::header_twice(&name));
        }
        names.push(name);
    }
    Ok(names)
}

fn header_of(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) if name.suffix().is_empty() => Some(name.clone()),
        Expr::Group(group) => header_of(&group.expr),
        _ => None,
    }
}

/// The longest name that the type of a handler's context can hold, and longer than any in use.
pub(crate) const LONGEST_HEADER: usize = 64;

fn check_header(name: &LitStr) -> syn::Result<()> {
    let text = name.value();
    if text == "*" {
        return Err(diag::handlers::varies_on_everything(name));
    }
    let lower = text.to_ascii_lowercase();
    if lower != text {
        return Err(diag::handlers::header_in_upper_case(name, &lower));
    }
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if text.is_empty() || text.len() > LONGEST_HEADER || !text.bytes().all(token) {
        return Err(diag::handlers::no_header(name));
    }
    Ok(())
}

// status(200, 404) | status = (200, 404)
pub(crate) fn status(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<u16>> {
    let _equals: Option<Token![=]> = input.parse()?;
    if !input.peek(syn::token::Paren) {
        let value = input.fork().parse::<LitInt>().ok();
        return Err(diag::handlers::status_not_a_list(key, value.as_ref()));
    }
    let list;
    let _paren = parenthesized!(list in input);
    if list.is_empty() {
        return Err(diag::handlers::status_not_a_list(key, None));
    }
    let values = Punctuated::<Expr, Token![,]>::parse_terminated(&list)?;
    let mut statuses = Vec::new();
    for value in values {
        let code = code(&peel(value.clone()))?;
        if statuses.contains(&code) {
            return Err(diag::handlers::status_twice(&value, code));
        }
        statuses.push(code);
    }
    Ok(statuses)
}

fn code(value: &Expr) -> syn::Result<u16> {
    let code = match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse::<u16>().ok(),
        _ => None,
    };
    match code {
        Some(code @ (206 | 304 | 100..=199)) => Err(diag::handlers::status_never_stored(value, code)),
        Some(code @ (500 | 502 | 503 | 504)) => Err(diag::handlers::status_of_a_failure(value, code)),
        Some(code @ 200..=599) => Ok(code),
        _ => Err(diag::handlers::no_status(value)),
    }
}

const SIZES: &[(&str, u64)] = &[
    ("B", 1),
    ("KB", 1_000),
    ("kB", 1_000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
];

// max_body = 65536 | "64KiB"
pub(crate) fn max_body(key: &Ident, input: ParseStream<'_>) -> syn::Result<u64> {
    let value = required(key, input)?;
    let bytes = match &value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if number.suffix().is_empty() => {
            number.base10_parse::<u64>().ok()
        }
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => size(text.value().trim()),
        _ => None,
    };
    match bytes {
        Some(0) => Err(diag::handlers::no_body_at_all(&value)),
        Some(bytes) => Ok(bytes),
        None => Err(diag::handlers::no_size(&value)),
    }
}

fn size(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at_checked(text.find(|c: char| c.is_alphabetic())?)?;
    let (_, bytes) = SIZES.iter().find(|(name, _)| *name == unit)?;
    number.trim().replace('_', "").parse::<u64>().ok()?.checked_mul(*bytes)
}

// browser = 30 | cdn = "5m"
/// What is written into a header: whole seconds.
pub(crate) fn seconds(key: &Ident, input: ParseStream<'_>) -> syn::Result<u32> {
    let value = required(key, input)?;
    let nanos = duration::parse(key, &value)?;
    if nanos == NEVER {
        return Err(diag::handlers::fresh_for_ever(key, &value));
    }
    if !nanos.is_multiple_of(1_000_000_000) {
        return Err(diag::handlers::not_whole_seconds(key, &value));
    }
    // What is longer than that is for ever in a browser, too (RFC 9111 section 1.2.2).
    Ok(u32::try_from(nanos / 1_000_000_000).unwrap_or(u32::MAX).min(1 << 31))
}

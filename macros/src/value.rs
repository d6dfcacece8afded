//! One reader for the value of each option: the tokens after its key become a checked value.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Expr, ExprClosure, Lit, LitInt, LitStr, Path, Token};

use crate::diag;
use crate::duration;

/// How long a value is fresh.
pub(crate) enum Timeout {
    Nanos(u64),
    With(ExprClosure),
}

/// What makes entries of an older program unreachable.
pub(crate) enum Version {
    Number(LitInt),
    /// A hash of the function's tokens.
    Code,
    Expr(Expr),
}

// timeout = 60 | 1.5 | "5m" | never | |value| Duration
pub(crate) fn timeout(key: &Ident, input: ParseStream<'_>) -> syn::Result<Timeout> {
    match required(key, input)? {
        Expr::Closure(closure) if closure.inputs.len() != 1 => Err(diag::values::closure_arguments(key, &closure)),
        Expr::Closure(closure) => match &*closure.body {
            Expr::Lit(literal) => Err(diag::durations::closure_without_a_duration(&closure, literal)),
            _ => Ok(Timeout::With(closure)),
        },
        value => duration::parse(key, &value).map(Timeout::Nanos),
    }
}

// key = "user_data:<id>"
pub(crate) fn key(key: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    match required(key, input)? {
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) if text.suffix().is_empty() => Ok(text),
        other => Err(diag::keys::key_not_a_literal(&other)),
    }
}

// version = 2 | code | SCHEMA_VERSION
pub(crate) fn version(key: &Ident, input: ParseStream<'_>) -> syn::Result<Version> {
    match required(key, input)? {
        Expr::Lit(syn::ExprLit { lit: Lit::Int(number), .. }) => {
            number.base10_parse::<u64>().map_err(|_| diag::values::version_too_large(&number))?;
            Ok(Version::Number(number))
        }
        Expr::Path(path) if path.path.is_ident("code") => Ok(Version::Code),
        literal @ Expr::Lit(_) => Err(diag::values::version_not_a_number(&literal)),
        Expr::Unary(minus) if matches!(minus.op, syn::UnOp::Neg(_)) => Err(diag::values::version_not_a_number(&minus)),
        value => Ok(Version::Expr(value)),
    }
}

// revision = user.updated_at
pub(crate) fn expr(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    required(key, input)
}

// cache = self.cache
pub(crate) fn cache(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    match required(key, input)? {
        literal @ Expr::Lit(_) => Err(diag::values::cache_is_a_literal(&literal)),
        value => Ok(value),
    }
}

// unless = preview | refresh_if = force
pub(crate) fn condition(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    match required(key, input)? {
        Expr::Closure(closure) => Err(diag::values::condition_is_a_closure(key, &closure)),
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => Err(diag::values::condition_in_quotes(key, &text)),
        value => Ok(value),
    }
}

// store_if = |value| bool | is_complete
pub(crate) fn store_if(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    match required(key, input)? {
        Expr::Closure(closure) if closure.inputs.len() != 1 => Err(diag::values::closure_arguments(key, &closure)),
        value @ (Expr::Closure(_) | Expr::Path(_)) => Ok(value),
        other => Err(diag::values::store_if_not_a_function(&other)),
    }
}

// cache_none | cache_none = "10s"
pub(crate) fn cache_none(key: &Ident, input: ParseStream<'_>) -> syn::Result<Option<u64>> {
    if !input.peek(Token![=]) {
        return flag(key, input).map(|()| None);
    }
    match required(key, input)? {
        Expr::Lit(syn::ExprLit { lit: Lit::Bool(value), .. }) => Err(diag::values::cache_none_is_no_bool(&value)),
        value => duration::parse(key, &value).map(Some),
    }
}

// cache_err = "10s"
pub(crate) fn cache_err(key: &Ident, input: ParseStream<'_>) -> syn::Result<u64> {
    match required(key, input)? {
        Expr::Path(path) if path.path.is_ident("never") => Err(diag::durations::errors_for_ever(&path)),
        value => duration::parse(key, &value),
    }
}

// stale_while_revalidate = "30s" | never, stale_if_error = "1h" | never
pub(crate) fn stale(key: &Ident, input: ParseStream<'_>) -> syn::Result<u64> {
    duration::parse(key, &required(key, input)?)
}

// soft_timeout = "200ms"
pub(crate) fn soft_timeout(key: &Ident, input: ParseStream<'_>) -> syn::Result<u64> {
    match required(key, input)? {
        Expr::Path(path) if path.path.is_ident("never") => Err(diag::freshness::soft_timeout_never(&path)),
        value => duration::parse(key, &value),
    }
}

// chunk = 500 | MAX_PARAMETERS
pub(crate) fn chunk(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    match required(key, input)? {
        Expr::Lit(syn::ExprLit { lit: Lit::Int(number), attrs }) => {
            if number.base10_digits() == "0" {
                return Err(diag::batches::chunk_is_zero(&number));
            }
            let plain = LitInt::new(number.base10_digits(), number.span());
            number.base10_parse::<u32>().map_err(|_| diag::batches::chunk_too_large(&number))?;
            Ok(Expr::Lit(syn::ExprLit { lit: Lit::Int(plain), attrs }))
        }
        constant @ Expr::Path(_) => Ok(constant),
        other => Err(diag::batches::chunk_not_a_number(&other)),
    }
}

// local
pub(crate) fn flag(key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) || input.peek(syn::Ident) {
        return Ok(());
    }
    Err(diag::options::flag_with_value(key))
}

// coalesce = false
pub(crate) fn coalesce(key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
    match required(key, input)? {
        Expr::Lit(syn::ExprLit { lit: Lit::Bool(value), .. }) => Ok(value.value),
        other => Err(diag::values::coalesce_not_a_bool(&other)),
    }
}

// entry = user_entry
pub(crate) fn entry(key: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    match required(key, input)? {
        Expr::Path(path) if path.qself.is_none() => {
            path.path.get_ident().cloned().ok_or_else(|| diag::values::entry_not_a_name(&path))
        }
        other => Err(diag::values::entry_not_a_name(&other)),
    }
}

// crate = ::path::to::larder
pub(crate) fn krate(key: &Ident, input: ParseStream<'_>) -> syn::Result<Path> {
    equals(key, input)?;
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Err(diag::values::crate_path_in_quotes(&text));
    }
    let path = input.call(Path::parse_mod_style).map_err(|error| diag::values::not_a_crate_path(error.span()))?;
    let rooted = path.leading_colon.is_some()
        || path.segments.first().is_some_and(|first| first.ident == "crate" || first.ident == "$crate");
    if rooted { Ok(path) } else { Err(diag::values::crate_path_not_absolute(&path)) }
}

fn equals(key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(syn::token::Paren) {
        return Err(diag::options::value_in_parentheses(key));
    }
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        return Err(diag::options::colon_for_equals(key, &behind_colon(input)));
    }
    if !input.peek(Token![=]) || input.peek(Token![==]) {
        return Err(diag::options::missing_value(key));
    }
    let _: Token![=] = input.parse()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(diag::options::missing_value(key));
    }
    Ok(())
}

/// What stands between a `:` and the next comma.
fn behind_colon(input: ParseStream<'_>) -> TokenStream {
    let fork = input.fork();
    let mut tokens = TokenStream::new();
    while !fork.is_empty() && !fork.peek(Token![,]) {
        let Ok(token) = fork.parse::<proc_macro2::TokenTree>() else {
            break;
        };
        tokens.extend([token]);
    }
    tokens.into_iter().skip(1).collect()
}

pub(crate) fn required(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    equals(key, input)?;
    let value: Expr = input.parse().map_err(|error| {
        if input.is_empty() {
            diag::options::unfinished_expression(key)
        } else {
            diag::options::not_an_expression(key, &error)
        }
    })?;
    Ok(peel(value))
}

/// Removes the invisible groups that `macro_rules!` puts around its fragments.
pub(crate) fn peel(value: Expr) -> Expr {
    match value {
        Expr::Group(group) => peel(*group.expr),
        value => value,
    }
}

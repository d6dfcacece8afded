//! Messages about `#[invalidates]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Error, Expr, ExprClosure, LitStr};

use crate::diag::{error, error_at, list, source};
use crate::nearest;
use crate::writer::OPTIONS;

pub(crate) fn nothing_to_invalidate(at: Span) -> Error {
    error_at(at, "nothing to invalidate", "write `#[invalidates(get_user::entry(id))]`, or remove it")
}

pub(crate) fn missing_comma(at: &TokenStream) -> Error {
    error(at, "expected a comma between two expressions", format!("write `, {}`", source(at)))
}

pub(crate) fn unknown_option(key: &Ident, value: Option<&Expr>) -> Error {
    let what = format!("unknown option `{key}`");
    let value = value.filter(|value| matches!(value, Expr::Call(_) | Expr::MethodCall(_) | Expr::Macro(_))).map(source);
    match (nearest::of(&key.to_string(), OPTIONS.iter().copied()), value) {
        (Some(option), _) => error(key, what, format!("did you mean `{option}`?")),
        (None, Some(value)) => error(key, what, format!("what is to be invalidated has no name: write `{value}`")),
        (None, None) => error(key, what, format!("the options are {}", list(OPTIONS))),
    }
}

pub(crate) fn unknown_on_error(at: impl ToTokens) -> Error {
    error(
        at,
        "`on_error` is `log` or `return`",
        "write `on_error = return`, or remove it: errors are logged and counted",
    )
}

pub(crate) fn not_an_expression(problem: &Error) -> Error {
    let what = format!("not a Rust expression: {problem}");
    error_at(problem.span(), what, "write it like `get_user::entry(id)`")
}

pub(crate) fn no_value(at: &TokenStream) -> Error {
    error(at, "not an expression that can be invalidated", "write it like `get_user::entry(id)`")
}

pub(crate) fn text(text: &LitStr) -> Error {
    let tag = text.token();
    error(text, "text can't be invalidated", format!("for the tag of this name write `larder::tag!({tag})`"))
}

pub(crate) fn literal(at: impl ToTokens) -> Error {
    error(at, "a literal can't be invalidated", "write it like `get_user::entry(id)`")
}

/// `|| get_user::entry(id)`
pub(crate) fn closure_of_nothing(at: &ExprClosure) -> Error {
    let body = source(&at.body);
    error(at, "an expression over the arguments needs no closure", format!("write `{body}`"))
}

pub(crate) fn closure_arguments(at: &ExprClosure) -> Error {
    let what = "a closure in `#[invalidates]` sees one thing, the value that the function returns";
    error(at, what, "write `|new| get_user::entry(new.id)`")
}

pub(crate) fn closure_over_nothing(at: &Ident, closure: &ExprClosure) -> Error {
    let what = "a closure sees the value that the function returns, and it returns nothing";
    error(at, what, format!("for an argument write `{}`, without a closure", source(&closure.body)))
}

pub(crate) fn made_by_the_body(at: &Ident, expression: &Expr, returns_nothing: bool) -> Error {
    let what = format!("`{at}` is not an argument, and the list is evaluated before the body");
    let text = source(expression);
    let help = if returns_nothing {
        format!("call `{text}.invalidate()` in the body")
    } else {
        format!("for what the function returns write `|{at}| {text}`; else call `invalidate` in the body")
    };
    error(at, what, help)
}

pub(crate) fn companion_of_a_method(at: impl ToTokens, method: &Ident, companion: &Ident) -> Error {
    let entry = format!("{method}_entry");
    let call = if companion == "all" { format!("self.{entry}(..).all()") } else { format!("self.{entry}(..)") };
    error(
        at,
        format!("the method `{method}` has no `{companion}` of its own"),
        format!("name its entry function, `#[cached(entry = {entry})]`, and write `{call}`"),
    )
}

pub(crate) fn done_already(at: impl ToTokens, handle: &TokenStream) -> Error {
    let what = "this would invalidate before the body, whatever becomes of it";
    error(at, what, format!("write `{}`: what is listed is invalidated once the body has succeeded", source(handle)))
}

pub(crate) fn expires(at: impl ToTokens) -> Error {
    error(at, "what is listed is invalidated, not expired", "call `expire` in the body, when it has written")
}

pub(crate) fn const_function(at: impl ToTokens) -> Error {
    error(at, "a `const fn` can't invalidate anything", "remove `const`, or remove `#[invalidates]`")
}

pub(crate) fn unsafe_function(at: impl ToTokens) -> Error {
    let help = "put `#[invalidates]` on a safe function around it";
    error(at, "an `unsafe fn` can't be a writer: its body moves into a closure, which is not unsafe", help)
}

pub(crate) fn cached_writer(at: &syn::Attribute) -> Error {
    error(
        at,
        "`#[cached]` and `#[invalidates]` on one function: on a hit nothing would be invalidated",
        "put `#[invalidates]` on the function that writes",
    )
}

pub(crate) fn never_returns(at: impl ToTokens) -> Error {
    error(at, "the function never returns, so nothing would be invalidated", "remove `#[invalidates]`")
}

pub(crate) fn returns_future(at: impl ToTokens) -> Error {
    error(at, "the future has done nothing yet when it is returned", "write `async fn`")
}

pub(crate) fn returns_boxed_future(at: impl ToTokens) -> Error {
    let help = "put `#[invalidates]` on an `async fn`; under `#[async_trait]`, on an inherent `async fn` that the \
                method calls";
    error(at, "the future has done nothing yet when it is returned", help)
}

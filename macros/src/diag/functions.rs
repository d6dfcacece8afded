//! Messages about the function or whatever else the attribute stands on.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::Error;

use crate::diag::error;

pub(crate) fn not_a_function(keyword: &Ident, attribute: &str) -> Error {
    let help = match keyword.to_string().as_str() {
        "trait" => "put it on the functions of an impl",
        "impl" | "mod" => "put it on the functions inside",
        _ => "put it on a function",
    };
    let article = if keyword.to_string().starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    error(keyword, format!("`#[{attribute}]` goes on a function, not on {article} `{keyword}`"), help)
}

pub(crate) fn no_body(name: &Ident, attribute: &str) -> Error {
    let what = if attribute == "cached" { "has no body to cache" } else { "has no body that could succeed" };
    error(name, format!("`{name}` {what}"), format!("put `#[{attribute}]` on the function of an impl"))
}

pub(crate) fn cached_twice(at: &syn::Attribute) -> Error {
    error(at, "`#[cached]` is given twice", "remove one of them")
}

pub(crate) fn const_function(at: impl ToTokens) -> Error {
    error(at, "a `const fn` can't look into a cache", "remove `const`, or remove `#[cached]`")
}

pub(crate) fn unsafe_function(at: impl ToTokens) -> Error {
    error(
        at,
        "an `unsafe fn` can't be cached: nobody checks its contract on a hit",
        "put `#[cached]` on a safe function around it",
    )
}

pub(crate) fn extern_function(at: impl ToTokens) -> Error {
    error(at, "a function with a foreign ABI can't be cached", "put `#[cached]` on a Rust function around it")
}

pub(crate) fn variadic_function(at: impl ToTokens) -> Error {
    error(at, "a variadic function can't be cached", "put `#[cached]` on a function with named arguments")
}

pub(crate) fn mutable_argument(at: impl ToTokens, name: &str) -> Error {
    let what = format!("`{name}` is `&mut`: changes made through it would not happen on a hit");
    error(at, what, format!("take a shared reference, or write `ignore({name})` if the changes don't matter"))
}

pub(crate) fn conditional_argument(at: &syn::Attribute) -> Error {
    error(
        at,
        "an argument that is there under a condition can't be passed on",
        "write two functions, each with its own `cfg`",
    )
}

pub(crate) fn returns_nothing(at: impl ToTokens) -> Error {
    error(at, "the function returns nothing, so there is nothing to cache", "return a value, or remove `#[cached]`")
}

pub(crate) fn never_returns(at: impl ToTokens) -> Error {
    error(at, "the function never returns, so there is nothing to cache", "remove `#[cached]`")
}

pub(crate) fn returns_opaque(at: impl ToTokens) -> Error {
    error(at, "an `impl Trait` value can't be kept: its type has no name", "return a concrete type")
}

pub(crate) fn returns_future(at: impl ToTokens) -> Error {
    error(at, "a future can't be kept, only what it comes to", "write `async fn`")
}

pub(crate) fn returns_reference(at: impl ToTokens) -> Error {
    error(
        at,
        "a reference can't be kept: what it points to may be gone",
        "return an owned value, an `Arc`, or a `&'static` reference",
    )
}

pub(crate) fn returns_boxed_future(at: impl ToTokens) -> Error {
    let help =
        "put `#[cached]` on an `async fn`; under `#[async_trait]`, on an inherent `async fn` that the method calls";
    error(at, "a boxed future can't be kept, only what it comes to", help)
}

pub(crate) fn entry_has_the_functions_name(at: &Ident) -> Error {
    error(at, "the entry function needs a name of its own", format!("write `entry = {at}_entry`"))
}

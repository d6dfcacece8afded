//! Messages about handlers: the marker, the options that need it, and what a handler's signature can be.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Error, Expr, LitInt, LitStr};

use crate::diag::{error, example, source};
use crate::handler::Framework;

pub(crate) fn two_frameworks(key: &Ident) -> Error {
    error(key, "a handler is one of axum or one of actix-web", format!("remove `{key}`"))
}

pub(crate) fn looks_like_a_handler(at: impl ToTokens, framework: Framework) -> Error {
    let marker = framework.name();
    error(
        at,
        "this looks like a web handler, whose response can only be cached as a whole",
        format!(
            "write `#[cached({marker}, ..)]`; to cache the data instead, put `#[cached]` on the function that makes it, and call that one here"
        ),
    )
}

pub(crate) fn looks_like_a_writing_handler(at: impl ToTokens, framework: Framework) -> Error {
    let marker = framework.name();
    error(
        at,
        "this looks like a web handler, of which only the response says whether it has succeeded",
        format!("write `#[invalidates({marker}, ..)]`"),
    )
}

pub(crate) fn only_for_handlers(key: &Ident) -> Error {
    let what = format!("`{key}` is about the response of a web handler");
    error(key, what, format!("write `axum, {key}` (or `actix, {key}`) if this is one; if not, remove `{key}`"))
}

pub(crate) fn batch_of_a_handler(key: &Ident) -> Error {
    let help = "remove it; put `#[cached(batch)]` on the function that the handler calls";
    error(key, "a handler has one response, so it can't be a batch", help)
}

pub(crate) fn nothing_of_a_handler(key: &Ident) -> Error {
    error(
        key,
        "a handler that finds nothing returns a status, so there is no `None` to keep",
        "write `status(200, 404)` to store that response as well",
    )
}

pub(crate) fn error_of_a_handler(key: &Ident) -> Error {
    error(
        key,
        "the `Err` of a handler is never stored",
        "return the response as an `Ok` and list its status (`status(200, 404)`), or write `stale_if_error = \"1h\"` to answer with the old one",
    )
}

pub(crate) fn codec_of_a_handler(key: &Ident) -> Error {
    error(key, "a response is stored as its bytes, whatever the codec", "remove `codec`")
}

pub(crate) fn receiver(at: impl ToTokens) -> Error {
    error(at, "a handler has no `self`: every argument is extracted from the request", "take `State(..)` instead")
}

pub(crate) fn not_async(at: impl ToTokens) -> Error {
    error(at, "a handler is an `async fn`", "write `async fn`")
}

pub(crate) fn sees_another_signature(at: &syn::Attribute) -> Error {
    let path = source(at.path());
    error(
        at,
        format!("`#[{path}]` below `#[cached]` sees the signature that the cache needs, not yours"),
        "put it above `#[cached]`",
    )
}

pub(crate) fn too_many_extractors(at: impl ToTokens, framework: Framework, most: usize) -> Error {
    let framework = framework.title();
    error(at, format!("a handler of {framework} has at most {most} arguments"), "put several into a tuple or a struct")
}

pub(crate) fn vary_not_a_list(at: impl ToTokens, header: Option<&LitStr>) -> Error {
    let help = header.map_or_else(|| example("vary").to_owned(), |header| format!("vary = [{}]", source(header)));
    error(at, "`vary` is a list of headers of the request", format!("write `{help}`"))
}

pub(crate) fn varies_on_nothing(at: impl ToTokens) -> Error {
    error(at, "`vary` lists no header", format!("write `{}`, or remove it", example("vary")))
}

pub(crate) fn varies_on_everything(at: &LitStr) -> Error {
    error(at, "a response that depends on everything can't be stored", "list the headers that it depends on")
}

pub(crate) fn header_not_a_string(at: impl ToTokens) -> Error {
    error(at, "the name of a header is a string literal", format!("write `{}`", example("vary")))
}

pub(crate) fn header_in_upper_case(at: &LitStr, lower: &str) -> Error {
    error(at, "names of headers are compared in lower case", format!("write `\"{lower}\"`"))
}

pub(crate) fn header_twice(at: &LitStr) -> Error {
    error(at, format!("{} is listed twice", source(at)), "remove one of them")
}

pub(crate) fn no_header(at: &LitStr) -> Error {
    error(at, "this can't be the name of a header", format!("write it like `{}`", example("vary")))
}

pub(crate) fn status_not_a_list(key: &Ident, code: Option<&LitInt>) -> Error {
    let help = code.map_or_else(|| example("status").to_owned(), |code| format!("status({code})"));
    error(key, "`status` is a list of status codes", format!("write `{help}`"))
}

pub(crate) fn no_status(at: &Expr) -> Error {
    error(at, "a status is a number from 200 to 599", format!("write `{}`", example("status")))
}

pub(crate) fn status_twice(at: &Expr, code: u16) -> Error {
    error(at, format!("{code} is listed twice"), "remove one of them")
}

pub(crate) fn status_never_stored(at: &Expr, code: u16) -> Error {
    let why = match code {
        206 => "a response of status 206 is a part of another one",
        304 => "a response of status 304 has no body: it says that the client has it already",
        _ => "a response of status 1xx is not the last one",
    };
    error(
        at,
        format!("{why}, and never stored"),
        format!("remove {code}: the cache makes its own of a stored response"),
    )
}

pub(crate) fn status_of_a_failure(at: &Expr, code: u16) -> Error {
    let what = format!("{code} says that the handler has failed, and is never stored");
    error(at, what, "remove it; write `stale_if_error = \"1h\"` to answer with the old response instead")
}

pub(crate) fn no_size(at: &Expr) -> Error {
    error(at, "`max_body` is a number of bytes", "write `max_body = 65536`, or with a unit: `\"64KiB\"`, `\"1MiB\"`")
}

pub(crate) fn no_body_at_all(at: &Expr) -> Error {
    error(at, "no response is as short as that", "write `max_body = \"1MiB\"`, or remove `#[cached]`")
}

pub(crate) fn fresh_for_ever(key: &Ident, at: &Expr) -> Error {
    error(at, "nobody can take back what a browser or a CDN keeps for ever", format!("write `{key} = \"1w\"`"))
}

pub(crate) fn not_whole_seconds(key: &Ident, at: &Expr) -> Error {
    error(at, "the header that tells browsers has whole seconds", format!("write `{}`", example(&key.to_string())))
}

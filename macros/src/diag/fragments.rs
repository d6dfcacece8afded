//! Messages about `fragment!`. What is wrong with an option's value is said as for functions.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::Error;

use crate::diag::{error, error_at, source};
use crate::func::Mode;

pub(crate) fn without_block(tokens: &[TokenTree], attempt: &TokenStream) -> Error {
    if !attempt.is_empty() {
        let help = format!("write `{{ {} }}`", source(attempt));
        return error(attempt, "a fragment ends with the block to cache", help);
    }
    let help = "write `fragment!(key = \"sidebar:<user.id>\", timeout = 60, { render_sidebar(&user) })`";
    let at = tokens.last().map_or_else(Span::call_site, TokenTree::span);
    error_at(at, "a fragment ends with the block to cache", help)
}

pub(crate) fn without_key(at: Span) -> Error {
    let help = "write `key = \"sidebar:<user.id>\"`, with everything that the block depends on";
    error_at(at, "a fragment needs a key: a block has no name and no arguments to make one from", help)
}

pub(crate) fn option_of_functions(option: &Ident) -> Error {
    let name = option.to_string();
    let (why, help) = match name.as_str() {
        "ignore" => ("a block has no arguments", "remove it: what the key does not name is no part of it"),
        "batch" | "chunk" => ("a block takes no ids", "put `#[cached(batch)]` on a function, and call that"),
        "entry" => (
            "nothing can stand beside a block",
            "remove it, and invalidate by the text of the key: `cache.delete(\"sidebar:7\")`, or by a tag",
        ),
        _ => ("a block is no handler", "put the attribute on the handler, or cache in the block what it answers with"),
    };
    error(option, format!("`{name}` in a fragment: {why}"), help)
}

/// What to write in front of the braces.
fn prefix(mode: Mode) -> &'static str {
    match mode {
        Mode::Async => "async move",
        Mode::Blocking => "move",
    }
}

pub(crate) fn borrows(option: &Ident, mode: Mode) -> Error {
    let what = format!("`{option}` runs the block when the caller is gone, but the block borrows what it uses");
    let help =
        format!("write `{} {{ .. }}`, with clones of what is needed afterwards; or remove `{option}`", prefix(mode));
    error(option, what, help)
}

pub(crate) fn exit_without_type(at: &TokenTree, mode: Mode) -> Error {
    let what =
        format!("`{at}` ends the block and not the function around it, so that the type of the block has to be stated");
    let help = match mode {
        _ if at.to_string() == "return" => "write the block's type in front of it: `-> String { .. }`",
        Mode::Async => "write `async -> Result<_, Error> { .. }` with the block's type, and `?` behind the `.await`",
        Mode::Blocking => "write `-> Result<_, Error> { .. }` with the block's type, and `?` behind the macro",
    };
    error(TokenStream::from(at.clone()), what, help)
}

pub(crate) fn await_outside_async(at: &Ident) -> Error {
    let help = "write `async { .. }`, and `.await` behind the macro";
    error(at, "`.await` in a block that is not async", help)
}

//! Messages about `batch` and `chunk`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Error, LitStr, Type};

use crate::diag::{error, list, source};

pub(crate) fn no_slice(at: &Ident) -> Error {
    error(
        at,
        "`batch` on a function without a slice of ids",
        "take `ids: &[u64]` (or whatever an id is), or remove `batch`",
    )
}

pub(crate) fn ids_are_no_slice(at: &Type, name: &str, id: &Type) -> Error {
    let what = format!("the ids of a batch are a slice or a vector, which `{}` is not", source(at));
    error(at, what, format!("write `{name}: &[{}]`", source(id)))
}

fn several_slices(names: &[String]) -> String {
    format!("{} could each be the ids of the batch", list(names))
}

/// The keys of the returned map would say which.
pub(crate) fn slices_without_a_map(at: impl ToTokens, names: &[String]) -> Error {
    let help = "write `HashMap<Id, Row>` with the type of the ids: what its keys are says which they are";
    error(at, several_slices(names), help)
}

pub(crate) fn slices_of_other_ids(at: &Type, names: &[String], key: &Type) -> Error {
    let key = source(key);
    let help = format!("take the ids as `&[{key}]`: the rows are found by `{key}`, which none of them holds");
    error(at, several_slices(names), help)
}

pub(crate) fn slices_of_the_same(at: &Type, names: &[String], other: &str, in_key: bool) -> Error {
    let own = format!("give `{other}` a type of its own, a struct with `#[derive(larder::KeyPart)]`");
    let help = if in_key { own } else { format!("write `ignore({other})` if it doesn't change the rows, else {own}") };
    error(at, several_slices(names), help)
}

pub(crate) fn slice_ignored(at: &Ident) -> Error {
    error(
        at,
        format!("`{at}` is ignored, but its ids are what the batch is about"),
        "remove it from `ignore`, or remove `batch`",
    )
}

pub(crate) fn slice_without_name(at: impl ToTokens) -> Error {
    error(at, "the ids of a batch need one name", "write `ids: &[u64]`, and take them apart in the body")
}

pub(crate) fn ids_are_borrowed(at: impl ToTokens, owned: &str) -> Error {
    let help = format!("write `{owned}`, and return a map with such keys");
    error(at, "the ids of a batch are kept, so they can't be references", help)
}

pub(crate) fn ids_without_type(at: impl ToTokens) -> Error {
    error(at, "the ids of a batch need a type with a name", "write a type parameter: `fn rows<Id: ...>(ids: &[Id])`")
}

pub(crate) fn key_without_the_slice(at: &LitStr, slice: &str) -> Error {
    let text = at.value();
    let text = text.trim_end_matches(':').replace('"', "\\\"");
    let what = format!("the key does not name `{slice}`, so all rows would be one entry");
    error(at, what, format!("write `key = \"{text}:<{slice}>\"`: `<{slice}>` stands for one id"))
}

pub(crate) fn errors_are_not_kept(at: &Ident) -> Error {
    error(at, "a batch that fails stores nothing: its error is nobody's own", "remove `cache_err`")
}

pub(crate) fn names_the_slice(key: &Ident, at: impl ToTokens, slice: &str) -> Error {
    let what = format!("`{key}` is evaluated once for the whole batch, so it can't depend on `{slice}`");
    let help = match key.to_string().as_str() {
        "revision" => format!("remove `{slice}` from `revision`, or cache a function of one id"),
        _ => format!("write an expression without `{slice}`"),
    };
    error(at, what, help)
}

pub(crate) fn mutable_argument(at: impl ToTokens, name: &str) -> Error {
    let what = format!("`{name}` is `&mut`, but a batch may run its body several times");
    error(at, what, "take a shared reference, or remove `batch`")
}

pub(crate) fn chunk_is_zero(at: impl ToTokens) -> Error {
    error(at, "`chunk` is zero, so the body would get no ids", "write `chunk = 500`, or remove `chunk`")
}

pub(crate) fn chunk_too_large(at: impl ToTokens) -> Error {
    error(at, "`chunk` is larger than any batch", "write `chunk = 500`, or remove `chunk`")
}

pub(crate) fn chunk_not_a_number(at: impl ToTokens) -> Error {
    error(at, "`chunk` is a number of ids", "write `chunk = 500`, or the name of a constant")
}

pub(crate) fn chunk_without_batch(at: &Ident) -> Error {
    error(at, "`chunk` divides the ids of a batch", "add `batch`, or remove `chunk`")
}

pub(crate) fn returns_no_map(at: &Type, id: &Type) -> Error {
    let what = format!("a batch returns a map from ids to rows, which `{}` is not", source(at));
    error(at, what, format!("return `HashMap<{id}, Row>`, `BTreeMap<{id}, Row>` or a `Result` of it", id = source(id)))
}

pub(crate) fn other_ids_returned(at: &Type, id: &Type) -> Error {
    let what = format!("the ids are `{}`, but the rows are found by `{}`", source(id), source(at));
    error(at, what, format!("write `{}`", source(id)))
}

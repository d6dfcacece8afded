//! Messages of `#[derive(KeyPart)]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::Error;

use crate::diag::{error, error_at};

pub(crate) fn key_part_of_a_union(at: &Ident) -> Error {
    error(at, "a union can't be part of a key: nobody knows which field holds", "write `impl KeyPart` by hand")
}

pub(crate) fn key_part_of_something_else(at: Span) -> Error {
    error_at(at, "`KeyPart` is derived for structs and enums", "put it on one of them")
}

pub(crate) fn unknown_key_part_option(at: &TokenStream) -> Error {
    error(at, "`#[key_part]` knows one option, `crate`", "write `#[key_part(crate = ::larder)]`")
}

//! Messages about arguments that a refresh on the side can't own, and about `self` where it can't be followed.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Error, Type};

use crate::diag::{error, source};

pub(crate) fn mutable_argument(at: impl ToTokens, name: &str, option: &Ident) -> Error {
    let what = format!("`{name}` is `&mut`, but `{option}` runs the body when the caller is gone");
    error(at, what, format!("take a shared reference or an owned value, or remove `{option}`"))
}

pub(crate) fn borrowed_argument(at: &Type, name: &str, option: &Ident, owned: Option<String>) -> Error {
    let what = format!("`{name}` borrows, but `{option}` runs the body when the caller is gone");
    let help = match owned {
        _ if name == "self" => format!("take `&self` or `self: Arc<Self>`, or remove `{option}`"),
        Some(owned) => format!("write `{name}: {owned}`, or remove `{option}`"),
        None => format!("take a type that borrows nothing, or remove `{option}`"),
    };
    error(at, what, help)
}

pub(crate) fn trait_object(at: &Type, name: &str, option: &Ident, behind: &Type) -> Error {
    let what = format!("what `{name}` refers to can't be cloned, but `{option}` runs the body when the caller is gone");
    error(at, what, format!("write `{name}: Arc<{}>`, or remove `{option}`", source(behind)))
}

pub(crate) fn self_in_a_string(at: impl ToTokens, option: &Ident) -> Error {
    let what = format!("with `{option}` the body runs on a copy of `self`, which can't be found inside this string");
    error(at, what, "write `{}` in the string and `self` behind it, or name an `entry`, which moves the body out")
}

//! What a handler takes from a request: in the key, neutral, or an error that says what else there is.

use crate::__private::Argument;
use crate::key::KeyWriter;
use crate::part::{KeyNeutral, KeyPart};

/// A [`KeyPart`] once more, for what handlers are given.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can make this response depend on something that is not in the cache key",
    label = "neither a part of the key nor ignored",
    note = "take what you need of the request apart: `Path(..)`, `Query(..)`; list headers that matter: `vary = [\"accept-language\"]`",
    note = "if it never changes the response (it only lets the request in, or counts it), add `ignore(..)` with its name to `#[cached]`: it still runs for each request, and may reject it",
    note = "if a part of it identifies the response, name that part: `key = \"..:<argument.field>\"`; if it is your own type, put `#[derive(larder::KeyPart)]` on it"
)]
pub trait Extracted: KeyPart {}

#[diagnostic::do_not_recommend]
impl<T: KeyPart + ?Sized> Extracted for T {}

/// A [`KeyNeutral`] once more, for what the key of a handler does not name.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this response can depend on a `{Self}`, which the cache key does not name",
    label = "neither in `key` nor in `ignore`",
    note = "if it changes the response, name it in the key, or the part of it that does: `key = \"..:<argument.field>\"`; headers that matter are listed in `vary = [..]`",
    note = "if it never changes the response (it only lets the request in, or counts it), add `ignore(..)` with its name to `#[cached]`: it still runs for each request, and may reject it"
)]
pub trait Unkeyed: KeyNeutral {}

#[diagnostic::do_not_recommend]
impl<T: KeyNeutral + ?Sized> Unkeyed for T {}

/// Accepts an argument that is not part of the key only if it never has to be.
#[doc(hidden)]
#[inline]
pub const fn unkeyed<T: Unkeyed + ?Sized>(_argument: &T) {}

#[doc(hidden)]
pub trait ByExtracted<T: ?Sized> {
    fn render(self, key: &mut KeyWriter<'_>)
    where
        T: Extracted;
}

impl<T: ?Sized> ByExtracted<T> for Argument<'_, T> {
    #[inline]
    fn render(self, key: &mut KeyWriter<'_>)
    where
        T: Extracted,
    {
        key.argument(self.0);
    }
}

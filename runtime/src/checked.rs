//! The end of `kind!`: a return value that can't be kept is one error, at the type, and not one for every use.

use crate::kind::{Fallible, FallibleOptional, Optional, Plain, Sharing, SharingOptional};
use crate::outcome::Value;

/// What a kind holds, whether or not it can be kept.
#[doc(hidden)]
pub trait Holds {
    type Inner;
}

impl<T> Holds for Plain<T> {
    type Inner = T;
}

impl<T> Holds for Optional<T> {
    type Inner = T;
}

impl<T, E> Holds for Fallible<T, E> {
    type Inner = T;
}

impl<T, E> Holds for Sharing<T, E> {
    type Inner = T;
}

impl<T, E> Holds for FallibleOptional<T, E> {
    type Inner = T;
}

impl<T, E> Holds for SharingOptional<T, E> {
    type Inner = T;
}

/// [`Value`] once more, in two ways of which nobody can go the second. With one way the compiler would take it whether or
/// not its bounds hold, and say that they don't at every use; having to choose, it tries the bounds first, finds no way,
/// says so, and leaves the type of [`checked`] unknown. What is unknown is no further error.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be kept in a cache",
    label = "not `Clone + Send + Sync + 'static`",
    note = "a cached value is cloned for each caller, and shared by all threads",
    note = "if it is your own type, put `#[derive(Clone)]` on it; return an owned value instead of a reference, `Arc` instead of `Rc`, and an `Arc` of what can't be cloned"
)]
pub trait Keep<Way> {
    type Same<K>;

    fn same<K>(kind: K) -> Self::Same<K>;
}

#[doc(hidden)]
#[derive(Debug)]
pub struct ByValue;

#[doc(hidden)]
#[derive(Debug)]
pub struct ByNobody;

#[doc(hidden)]
pub trait Nobody {}

#[diagnostic::do_not_recommend]
impl<T: Value> Keep<ByValue> for T {
    type Same<K> = K;

    #[inline]
    fn same<K>(kind: K) -> K {
        kind
    }
}

#[diagnostic::do_not_recommend]
impl<T: Nobody> Keep<ByNobody> for T {
    type Same<K> = K;

    #[inline]
    fn same<K>(kind: K) -> K {
        kind
    }
}

/// The kind itself, if what it holds can be kept.
#[doc(hidden)]
#[inline]
pub fn checked<K: Holds, Way>(kind: K) -> <K::Inner as Keep<Way>>::Same<K>
where
    K::Inner: Keep<Way>,
{
    <K::Inner as Keep<Way>>::same(kind)
}

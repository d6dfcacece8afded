//! Arguments that a refresh on the side takes with it: what a function is given by value as it is, what it borrows as an
//! owned copy.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use crate::checked::{ByNobody, ByValue, Nobody};

// Both traits can be had in two ways of which nobody can go the second, for the reason that `checked.rs` gives: an
// argument that won't do is one error, and what it would have become is none.

/// An argument that can be taken to where a refresh runs.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't go with a refresh that runs on the side",
    label = "not `Send + 'static`",
    note = "`stale_while_revalidate`, `soft_timeout` and `early` run the body on another thread, after the call has ended: its arguments must be `Send + 'static`",
    note = "pass an owned value instead, `Arc` instead of `Rc`; or leave those options out"
)]
pub trait Carry<Way> {
    type Same;

    fn same(self) -> Self::Same;
}

#[diagnostic::do_not_recommend]
impl<T: Send + 'static> Carry<ByValue> for T {
    type Same = T;

    #[inline]
    fn same(self) -> T {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Nobody> Carry<ByNobody> for T {
    type Same = T;

    #[inline]
    fn same(self) -> T {
        self
    }
}

/// An argument that is borrowed and can be copied for a refresh. Nothing implements it for a type of the user's, or the
/// compiler would advise him to borrow once more.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a refresh that runs on the side can't have a `{T}` of its own",
    label = "not `Clone + Send + 'static`",
    note = "`stale_while_revalidate`, `soft_timeout` and `early` run the body after the call has ended, with a copy of what it borrows: that must be `Clone + Send + 'static`",
    note = "put `#[derive(Clone)]` on your own type (a pool or a client is cheap to clone), or borrow an `Arc` of it"
)]
pub trait Owns<T: ?Sized, Way> {
    type Copy;

    fn copy(value: &T) -> Self::Copy;
}

/// A refresh that runs on the side.
#[doc(hidden)]
#[derive(Debug)]
pub struct Aside;

#[diagnostic::do_not_recommend]
impl<T: ToOwned<Owned: Send + 'static> + ?Sized> Owns<T, ByValue> for Aside {
    type Copy = Owned<T>;

    #[inline]
    fn copy(value: &T) -> Owned<T> {
        Owned(value.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Nobody + ToOwned + ?Sized> Owns<T, ByNobody> for Aside {
    type Copy = Owned<T>;

    #[inline]
    fn copy(value: &T) -> Owned<T> {
        Owned(value.to_owned())
    }
}

/// The copy of a borrowed argument.
#[doc(hidden)]
pub struct Owned<T: ToOwned + ?Sized>(T::Owned);

/// The argument, which can go with a refresh.
#[doc(hidden)]
#[inline]
pub fn keep<T: Carry<Way>, Way>(value: T) -> T::Same {
    value.same()
}

/// A copy of the argument, which can.
#[doc(hidden)]
#[inline]
pub fn own<T: ?Sized, Way>(value: &T) -> <Aside as Owns<T, Way>>::Copy
where
    Aside: Owns<T, Way>,
{
    Aside::copy(value)
}

impl<T: ToOwned + ?Sized> Deref for Owned<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.0.borrow()
    }
}

impl<T: ToOwned + ?Sized> Clone for Owned<T> {
    fn clone(&self) -> Self {
        Self((**self).to_owned())
    }
}

impl<T: ToOwned + ?Sized> fmt::Debug for Owned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owned").finish_non_exhaustive()
    }
}

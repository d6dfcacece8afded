//! Arguments that a batch gives to its body more than once: each can be cloned, or is the one error at its type.

use std::fmt;

/// Arguments, and what makes the same once more. A bound on their type would be an error for every use of it.
#[doc(hidden)]
pub struct Repeated<A> {
    args: A,
    again: fn(&A) -> A,
}

impl<A> Repeated<A> {
    pub(crate) fn once(self) -> A {
        self.args
    }
}

impl<A> Clone for Repeated<A> {
    fn clone(&self) -> Self {
        Self { args: (self.again)(&self.args), again: self.again }
    }
}

impl<A> fmt::Debug for Repeated<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repeated").finish_non_exhaustive()
    }
}

/// The arguments of a batch beside its ids.
#[doc(hidden)]
pub fn repeated<A>(args: A, again: fn(&A) -> A) -> Repeated<A> {
    Repeated { args, again }
}

/// One of the arguments once more.
#[doc(hidden)]
#[inline]
pub fn again<T>(value: &T) -> T
where
    Body: Repeats<T>,
{
    Body::again(value)
}

/// The body of a batch.
#[doc(hidden)]
#[derive(Debug)]
pub struct Body;

/// What the body of a batch can be given more than once. Nothing implements it for a type of the user's, or the compiler
/// would advise him to borrow and say nothing else.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a batch can't give a `{T}` to its body more than once",
    label = "not `Clone`",
    note = "the body of a batch runs again for the next `chunk`, and for ids that another call did not get: every argument beside the ids must be `Clone`",
    note = "put `#[derive(Clone)]` on your own type, the bound `Clone` on a type parameter, or take a reference or an `Arc`"
)]
pub trait Repeats<T> {
    fn again(value: &T) -> T;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Repeats<T> for Body {
    #[inline]
    fn again(value: &T) -> T {
        value.clone()
    }
}

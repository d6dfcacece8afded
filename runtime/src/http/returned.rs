//! What generated code asks of a handler's types, whatever its framework is: the headers that it depends on, and whether its output is a
//! `Result`, whose error is not stored.

/// The request headers, in lower case, that a handler's responses depend on, and that are in its keys.
#[doc(hidden)]
pub trait Vary {
    const NAMES: &'static [&'static str];
}

impl Vary for () {
    const NAMES: &'static [&'static str] = &[];
}

/// An output that is a response whatever it says.
#[doc(hidden)]
#[derive(Debug)]
pub struct Plain<R>(pub R);

/// An output that may be an error.
#[doc(hidden)]
#[derive(Debug)]
pub struct Fallible<R, E>(pub Result<R, E>);

/// The output of a handler, whose type decides which of the two it is: the compiler prefers the inherent method where there is one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Returned<R>(pub R);

impl<R, E> Returned<Result<R, E>> {
    pub fn sort(self) -> Fallible<R, E> {
        Fallible(self.0)
    }
}

#[doc(hidden)]
pub trait AnyReturned: Sized {
    type Output;

    fn sort(self) -> Plain<Self::Output>;
}

impl<R> AnyReturned for Returned<R> {
    type Output = R;

    fn sort(self) -> Plain<R> {
        Plain(self.0)
    }
}

//! Kinds of outcome, and the walk from a return type to its kind.
//!
//! Each step is an inherent method, which exists only for the types that it is about, with a trait method of the same name
//! behind it for all others. The compiler prefers the inherent one where its bounds hold. A value of these types holds nothing.

#![expect(clippy::unused_self, reason = "a step is a method so that the compiler can choose it by its receiver")]

use std::marker::PhantomData;

type Of<T> = PhantomData<fn() -> T>;

/// The start of the walk.
#[doc(hidden)]
#[derive(Debug)]
pub struct Tag<R>(Of<R>);

/// A function that just returns its value.
#[doc(hidden)]
#[derive(Debug)]
pub struct Plain<T>(Of<T>);

/// A function that may find nothing.
#[doc(hidden)]
#[derive(Debug)]
pub struct Optional<T>(Of<T>);

/// A function that may fail, with an error that is not shared.
#[doc(hidden)]
#[derive(Debug)]
pub struct Fallible<T, E>(Of<(T, E)>);

/// A function that may fail, with an error that can be cloned.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sharing<T, E>(Of<(T, E)>);

/// A function that may fail or find nothing.
#[doc(hidden)]
#[derive(Debug)]
pub struct FallibleOptional<T, E>(Of<(T, E)>);

/// The same with an error that can be cloned.
#[doc(hidden)]
#[derive(Debug)]
pub struct SharingOptional<T, E>(Of<(T, E)>);

impl<R> Tag<R> {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only generated code makes one")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

const fn of<T>() -> Of<T> {
    PhantomData
}

/// First step: may it fail, or find nothing?
impl<T, E> Tag<Result<T, E>> {
    #[must_use]
    pub const fn shape(self) -> Fallible<T, E> {
        Fallible(of())
    }
}

impl<T> Tag<Option<T>> {
    #[must_use]
    pub const fn shape(self) -> Optional<T> {
        Optional(of())
    }
}

#[doc(hidden)]
pub trait AnyShape<T>: Sized {
    fn shape(self) -> Plain<T> {
        Plain(of())
    }
}

impl<T> AnyShape<T> for Tag<T> {}

/// Second step: may a success be nothing?
impl<T, E> Fallible<Option<T>, E> {
    #[must_use]
    pub const fn inner(self) -> FallibleOptional<T, E> {
        FallibleOptional(of())
    }
}

#[doc(hidden)]
pub trait AnyInner: Sized {
    #[must_use]
    fn inner(self) -> Self {
        self
    }
}

impl<T> AnyInner for Plain<T> {}
impl<T> AnyInner for Optional<T> {}
impl<T, E> AnyInner for Fallible<T, E> {}

/// Third step: can the error be shared?
impl<T, E: Clone + Send + Sync + 'static> Fallible<T, E> {
    #[must_use]
    pub const fn error(self) -> Sharing<T, E> {
        Sharing(of())
    }
}

impl<T, E: Clone + Send + Sync + 'static> FallibleOptional<T, E> {
    #[must_use]
    pub const fn error(self) -> SharingOptional<T, E> {
        SharingOptional(of())
    }
}

#[doc(hidden)]
pub trait AnyError: Sized {
    #[must_use]
    fn error(self) -> Self {
        self
    }
}

impl<T> AnyError for Plain<T> {}
impl<T> AnyError for Optional<T> {}
impl<T, E> AnyError for Fallible<T, E> {}
impl<T, E> AnyError for FallibleOptional<T, E> {}

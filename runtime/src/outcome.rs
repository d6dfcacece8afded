//! What a function's return value means to the cache, found by its type (`kind.rs`) and not by its spelling: how it is
//! taken apart to be stored, and put together on a hit.

use std::any::Any;
use std::sync::Arc;

use crate::kind::{Fallible, FallibleOptional, Optional, Plain, Sharing, SharingOptional};
use crate::memory::{Header, Stored};
use crate::wired::Wire;

/// A value that can be kept in memory.
///
/// Implemented for every type that is `Clone + Send + Sync + 'static`. For large values cache an `Arc`: a hit clones the
/// value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be kept in a cache",
    label = "not `Clone + Send + Sync + 'static`",
    note = "a cached value is cloned for each caller, and shared by all threads",
    note = "if it is your own type, put `#[derive(Clone)]` on it; return an owned value instead of a reference, `Arc` instead of `Rc`, and an `Arc` of what can't be cloned"
)]
pub trait Value: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> Value for T {}

/// The stored form of "nothing found".
#[derive(Debug)]
pub(crate) struct Nothing;

/// The stored form of an error, and what the waiters of a failed load are given.
#[derive(Debug)]
pub(crate) struct Failure<E>(E);

/// What one output of a function means.
#[doc(hidden)]
#[derive(Debug)]
pub enum Seen<'a, V> {
    Value(&'a V),
    Nothing,
    Failed,
}

/// How a call came by a value.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was stored.
    Stored,
    /// The call has loaded it; an old one was there, perhaps, which could not be the answer.
    Made { old: bool },
    /// Another call has loaded it meanwhile.
    Collapsed { old: bool },
    /// It is old, and stands in for a load that has failed, with this status if it says one.
    Instead(Option<u16>),
}

/// Tags that only a value knows, and the moment of [`Tags`](crate::tag::Tags) before its load began: if one is invalidated later, it may
/// have been one of these.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq)]
pub struct OwnTags {
    pub(crate) texts: Vec<String>,
    pub(crate) moment: u64,
}

/// A kind of output: how it is taken apart to be stored and put together on a hit.
#[doc(hidden)]
pub trait Outcome: Send + Sync {
    type Output;
    type Value: Value;
    /// The kind that it is but for its wire: what options ask about.
    type Kind;

    /// Who waited for a load that came to nothing has no use for it: so callers do not wait for the next ones for a while.
    const PASSES: bool = false;

    fn seen(output: &Self::Output) -> Seen<'_, Self::Value>;

    /// Does "nothing found" say that what was stored before is gone?
    fn is_gone(_output: &Self::Output) -> bool {
        true
    }

    fn from_value(value: Self::Value) -> Self::Output;

    /// What makes the output of "nothing found", if there is such a thing.
    #[must_use]
    fn from_nothing() -> Option<fn() -> Self::Output> {
        None
    }

    /// The error of a failed load as it is shared; `None` if errors of its type can't be.
    fn share(_output: &Self::Output, _header: &mut Option<Header>) -> Option<Arc<Stored>> {
        None
    }

    /// A shared error as an output.
    fn from_shared(_failure: &(dyn Any + Send + Sync)) -> Option<Self::Output> {
        None
    }

    /// The output for a call that has come by its value in this way, for outputs that say it.
    #[must_use]
    fn came(output: Self::Output, _origin: Origin) -> Self::Output {
        output
    }

    /// The same for an old value, which is the answer in the place of a failure.
    #[must_use]
    fn instead(output: Self::Output, _failed: &Self::Output) -> Self::Output {
        output
    }

    /// How long a value is fresh, in nanoseconds, where this is usual.
    #[must_use]
    fn lifetime(_value: &Self::Value, usual: u64) -> u64 {
        usual
    }

    /// The tags that only the value knows.
    #[must_use]
    fn own_tags(_value: &Self::Value) -> Option<&OwnTags> {
        None
    }

    /// How its value becomes bytes, and bytes a value; `None` if it can't.
    #[must_use]
    fn wire() -> Option<&'static Wire> {
        None
    }
}

/// The output that a stored payload stands for; `None` if it is of another type.
#[inline]
pub(crate) fn output<K: Outcome>(payload: &(dyn Any + Send + Sync)) -> Option<K::Output> {
    match payload.downcast_ref::<K::Value>() {
        Some(value) => Some(K::from_value(value.clone())),
        None => rare_output::<K>(payload),
    }
}

/// Is a stored entry of this kind?
pub(crate) fn fits<K: Outcome>(entry: &Stored) -> bool {
    entry.value.is::<K::Value>() || rare_output::<K>(&entry.value).is_some()
}

#[cold]
fn rare_output<K: Outcome>(payload: &(dyn Any + Send + Sync)) -> Option<K::Output> {
    if payload.is::<Nothing>() { K::from_nothing().map(|nothing| nothing()) } else { K::from_shared(payload) }
}

impl<T: Value> Outcome for Plain<T> {
    type Output = T;
    type Value = T;
    type Kind = Self;

    fn seen(output: &T) -> Seen<'_, T> {
        Seen::Value(output)
    }

    #[inline]
    fn from_value(value: T) -> T {
        value
    }
}

impl<T: Value> Outcome for Optional<T> {
    type Output = Option<T>;
    type Value = T;
    type Kind = Self;

    fn seen(output: &Option<T>) -> Seen<'_, T> {
        output.as_ref().map_or(Seen::Nothing, Seen::Value)
    }

    #[inline]
    fn from_value(value: T) -> Option<T> {
        Some(value)
    }

    fn from_nothing() -> Option<fn() -> Option<T>> {
        Some(|| None)
    }
}

fn seen_in_result<T, E>(output: &Result<T, E>) -> Seen<'_, T> {
    output.as_ref().map_or(Seen::Failed, Seen::Value)
}

fn seen_in_optional<T, E>(output: &Result<Option<T>, E>) -> Seen<'_, T> {
    match output {
        Ok(Some(value)) => Seen::Value(value),
        Ok(None) => Seen::Nothing,
        Err(_) => Seen::Failed,
    }
}

fn share_error<T, E: Value>(output: &Result<T, E>, header: &mut Option<Header>) -> Option<Arc<Stored>> {
    let error = output.as_ref().err()?.clone();
    Some(Arc::new(Stored { header: header.take()?, value: Failure(error) }))
}

fn shared_error<E: Value>(failure: &(dyn Any + Send + Sync)) -> Option<E> {
    failure.downcast_ref::<Failure<E>>().map(|failure| failure.0.clone())
}

impl<T: Value, E> Outcome for Fallible<T, E> {
    type Output = Result<T, E>;
    type Value = T;
    type Kind = Self;

    fn seen(output: &Result<T, E>) -> Seen<'_, T> {
        seen_in_result(output)
    }

    #[inline]
    fn from_value(value: T) -> Result<T, E> {
        Ok(value)
    }
}

impl<T: Value, E: Value> Outcome for Sharing<T, E> {
    type Output = Result<T, E>;
    type Value = T;
    type Kind = Self;

    fn seen(output: &Result<T, E>) -> Seen<'_, T> {
        seen_in_result(output)
    }

    #[inline]
    fn from_value(value: T) -> Result<T, E> {
        Ok(value)
    }

    fn share(output: &Result<T, E>, header: &mut Option<Header>) -> Option<Arc<Stored>> {
        share_error(output, header)
    }

    fn from_shared(failure: &(dyn Any + Send + Sync)) -> Option<Result<T, E>> {
        shared_error(failure).map(Err)
    }
}

impl<T: Value, E> Outcome for FallibleOptional<T, E> {
    type Output = Result<Option<T>, E>;
    type Value = T;
    type Kind = Self;

    fn seen(output: &Result<Option<T>, E>) -> Seen<'_, T> {
        seen_in_optional(output)
    }

    #[inline]
    fn from_value(value: T) -> Result<Option<T>, E> {
        Ok(Some(value))
    }

    fn from_nothing() -> Option<fn() -> Result<Option<T>, E>> {
        Some(|| Ok(None))
    }
}

impl<T: Value, E: Value> Outcome for SharingOptional<T, E> {
    type Output = Result<Option<T>, E>;
    type Value = T;
    type Kind = Self;

    fn seen(output: &Result<Option<T>, E>) -> Seen<'_, T> {
        seen_in_optional(output)
    }

    #[inline]
    fn from_value(value: T) -> Result<Option<T>, E> {
        Ok(Some(value))
    }

    fn from_nothing() -> Option<fn() -> Result<Option<T>, E>> {
        Some(|| Ok(None))
    }

    fn share(output: &Result<Option<T>, E>, header: &mut Option<Header>) -> Option<Arc<Stored>> {
        share_error(output, header)
    }

    fn from_shared(failure: &(dyn Any + Send + Sync)) -> Option<Result<Option<T>, E>> {
        shared_error(failure).map(Err)
    }
}

/// A function that can find nothing: `cache_none` makes sense on it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`cache_none` on a function that never returns `None`",
    label = "remove `cache_none`",
    note = "it stores \"nothing found\": the function must return `Option<T>` or `Result<Option<T>, E>`"
)]
pub trait FindsNothing {}
impl<T> FindsNothing for Optional<T> {}
impl<T, E> FindsNothing for FallibleOptional<T, E> {}
impl<T, E> FindsNothing for SharingOptional<T, E> {}

/// A function whose errors can be kept: `cache_err` makes sense on it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`cache_err` on a function without errors that can be kept",
    label = "remove `cache_err`, or make the error `Clone + Send + Sync + 'static`",
    note = "it stores the error of a `Result<T, E>`: `E` must be `Clone + Send + Sync + 'static`; `Arc` makes any error cloneable"
)]
pub trait KeepsErrors {}
impl<T, E> KeepsErrors for Sharing<T, E> {}
impl<T, E> KeepsErrors for SharingOptional<T, E> {}

/// A function that can fail: `stale_if_error` makes sense on it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`stale_if_error` on a function that can't fail",
    label = "remove `stale_if_error`",
    note = "it answers with the old value when the body returns `Err`: the function must return a `Result`; for a source that is slow, not failing, there is `stale_while_revalidate = \"30s\"`"
)]
pub trait CanFail {}
impl<T, E> CanFail for Fallible<T, E> {}
impl<T, E> CanFail for Sharing<T, E> {}
impl<T, E> CanFail for FallibleOptional<T, E> {}
impl<T, E> CanFail for SharingOptional<T, E> {}

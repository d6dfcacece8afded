//! A block as the body of a call: `larder::fragment!` looks its key up before the block takes what it captures, and only the
//! block says of which type the value is. So the rules about values, which for a function stand in front, come after the look.

use std::future::Future;
use std::time::Duration;

use crate::call::{Call, Lookup, call_of};
use crate::kind::Tag;
use crate::outcome::{CanFail, FindsNothing, KeepsErrors, Outcome};
use crate::site::Site;

/// Starts the call of a fragment. What kind its outcome is of is found out later: see [`Lookup::of`].
#[doc(hidden)]
#[inline]
pub fn fragment<K: Outcome>(site: &'static Site) -> Call<K> {
    call_of(site)
}

/// What a block returns; only the type matters.
#[doc(hidden)]
#[inline]
pub const fn returned<R, F: FnOnce() -> R>(_block: &F) -> Tag<R> {
    Tag::new()
}

/// What an async block comes to.
#[doc(hidden)]
#[inline]
pub const fn awaited<F: Future>(_block: &F) -> Tag<F::Output> {
    Tag::new()
}

/// Whatever has a type.
#[doc(hidden)]
pub trait Known: Sized {
    #[must_use]
    fn known(self) -> Self {
        self
    }
}

impl<T> Known for T {}

impl<R> Tag<R> {
    /// No value, of this type.
    #[must_use]
    #[inline]
    pub const fn value(self) -> Option<R> {
        None
    }
}

impl<K: Outcome> Lookup<K> {
    /// Says of which kind the outcome is.
    #[inline]
    pub fn of(self, _kind: K) -> Self {
        self
    }

    #[inline]
    pub fn store_if(mut self, condition: fn(&K::Value) -> bool) -> Self {
        if let Self::Missing(miss) = &mut self {
            miss.rules.store_if = Some(condition);
        }
        self
    }

    #[inline]
    pub fn timeout_with(mut self, timeout: fn(&K::Value) -> Duration) -> Self {
        if let Self::Missing(miss) = &mut self {
            miss.rules.timeout = Some(timeout);
            miss.target.options.own_timeouts = true;
        }
        self
    }

    #[inline]
    pub fn cache_none(mut self) -> Self
    where
        K::Kind: FindsNothing,
    {
        if let Self::Missing(miss) = &mut self {
            miss.rules.cache_none = true;
        }
        self
    }

    #[inline]
    pub fn cache_err(mut self) -> Self
    where
        K::Kind: KeepsErrors,
    {
        if let Self::Missing(miss) = &mut self {
            miss.rules.cache_err = true;
        }
        self
    }

    /// Here is only checked that the block can fail.
    #[inline]
    pub fn stale_if_error(self) -> Self
    where
        K::Kind: CanFail,
    {
        self
    }
}

//! The operations of a store by name, for tests that count, refuse or hold them.

/// An operation of a [`Store`](crate::shared::Store).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `read`
    Read,
    /// `lease`
    Lease,
    /// `fill`
    Fill,
    /// `release`
    Release,
    /// `renew`
    Renew,
    /// `write`
    Write,
    /// `increment`
    Increment,
    /// `remove`
    Remove,
    /// `expire`
    Expire,
    /// `bump`
    Bump,
    /// `purge`
    Purge,
}

impl Operation {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Read,
        Self::Lease,
        Self::Fill,
        Self::Release,
        Self::Renew,
        Self::Write,
        Self::Increment,
        Self::Remove,
        Self::Expire,
        Self::Bump,
        Self::Purge,
    ];

    /// Those that need memory: what a full store refuses, while it still removes, expires and bumps.
    pub const GROWING: &'static [Self] = &[Self::Lease, Self::Fill, Self::Write, Self::Increment];
}

//! In place of `shared/` where the feature of that name is off: there is no shared tier, and nothing to ask it.

#![expect(
    clippy::unused_async,
    clippy::needless_pass_by_value,
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::extra_unused_type_parameters,
    reason = "as with the feature"
)]

use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::builder::{CacheBuilder, Settings};
use crate::cache::{Cache, Inner};
use crate::error::Error;
use crate::load::Load;
use crate::memory::Stored;
use crate::old::Old;
use crate::outcome::Outcome;
use crate::site::Site;
use crate::target::Target;
pub(crate) use crate::wired::Wire;

/// There is none.
#[derive(Debug)]
pub(crate) enum Tier {}

/// Nobody can want one.
#[derive(Clone, Debug)]
pub(crate) enum Sharing {}

/// There is nothing to agree on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {}

/// There is nothing to choose.
#[derive(Clone, Copy, Debug)]
pub enum Codec {}

pub(crate) enum LeaseGuard {}

pub(crate) enum Advance {}

pub(crate) enum Wait {}

pub(crate) enum Failed {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Here,
    Shared,
    Nowhere,
}

pub(crate) enum Step {
    Load(Load),
    Old(Target, Old),
    Wait(Load, Wait),
}

impl Tier {
    pub(crate) fn open(&self, _cache: Weak<Inner>) {
        match *self {}
    }

    pub(crate) async fn connect(&self) {
        match *self {}
    }

    pub(crate) fn unknown(&self, _type: &'static str) {
        match *self {}
    }

    pub(crate) fn valid_until(&self) -> u64 {
        match *self {}
    }

    pub(crate) fn outage(&self) -> u64 {
        match *self {}
    }

    pub(crate) fn claim(&self, _hash: u64) -> bool {
        match *self {}
    }

    pub(crate) fn unclaim(&self, _hash: u64) {
        match *self {}
    }

    pub(crate) fn rest(&self, _hash: u64, _until: u64, _now: u64) {
        match *self {}
    }

    pub(crate) fn unmark(&self, _hash: u64) {
        match *self {}
    }

    pub(crate) fn in_memory(&self) -> bool {
        match *self {}
    }

    pub(crate) async fn advance(&self, _cache: &Cache, _targets: &[Target], _fits: fn(&Stored) -> bool) -> Advance {
        match *self {}
    }

    pub(crate) fn take_ahead(&self, _target: &Target) -> Option<LeaseGuard> {
        match *self {}
    }

    pub(crate) async fn peek(
        &self,
        _cache: &Cache,
        _places: Vec<Target>,
        _wire: Option<&'static Wire>,
        _by_hand: bool,
    ) -> Vec<Option<Arc<Stored>>> {
        match *self {}
    }

    pub(crate) async fn bump(&self, _cache: &Cache, _group: usize) -> Result<(), Failed> {
        match *self {}
    }

    pub(crate) async fn invalidate_tag(&self, _cache: &Cache, _text: &str) -> Result<(), Failed> {
        match *self {}
    }

    pub(crate) async fn purge(&self, _cache: &Cache) -> Result<u64, Failed> {
        match *self {}
    }

    pub(crate) async fn clear(&self, _cache: &Cache) -> Result<(), Failed> {
        match *self {}
    }
}

pub(crate) fn not_acknowledged(_operation: &'static str, _subject: &str, failed: Failed) -> Error {
    match failed {}
}

impl LeaseGuard {
    pub(crate) async fn renew_all<T>(_leases: Vec<&Self>, load: impl Future<Output = T>) -> T {
        load.await
    }

    pub(crate) fn release_all(leases: impl IntoIterator<Item = Self>) {
        if let Some(lease) = leases.into_iter().next() {
            match lease {}
        }
    }
}

impl Wait {
    pub(crate) async fn wait(self, _cache: &Cache, _asked: u32, _deadline: u64) -> bool {
        match self {}
    }
}

impl Load {
    pub(crate) async fn consult(self, _aside: bool, _fits: fn(&Stored) -> bool) -> Step {
        Step::Load(self)
    }

    pub(crate) fn given_up(self) -> Self {
        self
    }

    pub(crate) fn unshare(&mut self) {}
}

impl Step {
    #[expect(clippy::result_large_err, reason = "it is moved once, and then the body runs")]
    pub(crate) fn answer<K: Outcome>(self) -> Result<K::Output, Load> {
        match self {
            Self::Load(load) => Err(load),
            Self::Old(target, old) => old.answer::<K>(&target).ok_or_else(|| Load::new(target, None, None)),
            Self::Wait(_, wait) => match wait {},
        }
    }

    pub(crate) fn refresh(self) -> Option<Load> {
        match self {
            Self::Load(load) => Some(load),
            Self::Old(..) => None,
            Self::Wait(_, wait) => match wait {},
        }
    }
}

pub(crate) async fn consult_all(loads: Vec<Load>, _aside: bool, _fits: fn(&Stored) -> bool) -> Vec<Step> {
    loads.into_iter().map(Step::Load).collect()
}

pub(crate) async fn look_all(targets: Vec<(&Target, Option<&Old>)>, _fits: fn(&Stored) -> bool) -> Vec<Option<Step>> {
    targets.iter().map(|_| None).collect()
}

pub(crate) async fn share_all(loads: &mut [(Load, Option<Arc<Stored>>)], _cost: u64) -> Vec<Kept> {
    loads.iter().map(|_| Kept::Here).collect()
}

impl Cache {
    pub(crate) fn wire_for(&self, _site: &'static Site, _wire: Option<&'static Wire>) -> Option<&'static Wire> {
        None
    }

    pub(crate) fn wire_of<T: 'static>(&self) -> Option<&'static Wire> {
        None
    }
}

impl CacheBuilder {
    pub(crate) fn check_sharing(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl Settings {
    pub(crate) fn tier(&self) -> Option<Tier> {
        None
    }
}

pub(crate) async fn put_all(
    _operation: &'static str,
    _type: &str,
    places: &[(Target, Arc<Stored>)],
) -> Result<(), Error> {
    for (target, entry) in places {
        target.cache.put_if(entry, |_| true);
    }
    Ok(())
}

pub(crate) async fn take_all(_operation: &'static str, targets: &[Target]) -> Result<Vec<bool>, Error> {
    Ok(targets.iter().map(|target| target.cache.invalidate(target.group, target.key.hash)).collect())
}

impl Target {
    pub(crate) fn send(&self, lease: LeaseGuard, _entry: &Stored, _cost: u64) {
        match lease {}
    }

    pub(crate) async fn peek(&self) -> Option<Arc<Stored>> {
        None
    }

    pub(crate) async fn put(&self, _operation: &'static str, _type: &str, entry: &Arc<Stored>) -> Result<(), Error> {
        self.cache.put_if(entry, |_| true);
        Ok(())
    }

    pub(crate) async fn add(
        &self,
        _type: &str,
        entry: &Arc<Stored>,
        permit: impl FnOnce(Option<&Arc<Stored>>) -> bool,
    ) -> Result<bool, Error> {
        Ok(self.cache.put_if(entry, permit))
    }

    pub(crate) async fn increment(&self, _by: i64) -> Option<Result<i64, Error>> {
        None
    }

    pub(crate) async fn invalidate(&self, _operation: &'static str) -> Result<bool, Error> {
        Ok(self.cache.invalidate(self.group, self.key.hash))
    }

    pub(crate) async fn invalidate_again(&self) -> Result<(), Error> {
        self.cache.drop_from_memory(self.key.hash);
        Ok(())
    }

    pub(crate) async fn hold(&self, by: u128, _at_most: Duration) -> Result<(), Error> {
        self.end_hold(by).await
    }

    pub(crate) async fn end_hold(&self, by: u128) -> Result<(), Error> {
        self.drop_hold(by);
        Ok(())
    }

    pub(crate) fn drop_hold(&self, _by: u128) {
        self.cache.invalidate(self.group, self.key.hash);
    }

    pub(crate) async fn expire(&self) -> Result<(), Error> {
        self.cache.expire(self);
        Ok(())
    }
}

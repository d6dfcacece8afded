//! A load in a cache with a shared tier: what it asks the store before its body runs, and what it gives it afterwards.

use std::mem;
use std::sync::Arc;

use super::consult::{Ask, Consulted, Wait, Wants};
use super::ending::ending;
use super::lease::{LeaseGuard, Leases};
use super::store::Fill;
use super::tier::{Tier, life};
use crate::cache::NO_FUNCTION;
use crate::decide::{Decision, Facts};
use crate::flight::Landing;
use crate::load::{Load, Place};
use crate::memory::{Content, Stored};
use crate::old::{Old, Refreshed};
use crate::outcome::{Outcome, output};
use crate::stats::count;
use crate::target::Target;

/// What a load is to do next.
pub(crate) enum Step {
    /// Run the body.
    Load(Load),
    /// Nothing: there is a value.
    Found(Arc<Stored>, Target),
    /// Answer with an old value, and refresh it on the side.
    Old(Target, Old),
    /// Wait for another process, and ask again.
    Wait(Load, Wait),
}

impl Load {
    /// Asks the shared tier, if there is one for what this loads. `aside` if the caller can begin a refresh on the side; `fits` says
    /// whether what is there can be the answer.
    pub(crate) async fn consult(self, aside: bool, fits: fn(&Stored) -> bool) -> Step {
        if self.target.shared().is_none() {
            return Step::Load(self);
        }
        let cache = self.target.cache.clone();
        let deadline = cache.wait_deadline();
        let (mut load, mut asked) = (self, 0);
        loop {
            let wants = load.wants(aside);
            // What is read now may have been written after the load began.
            load.stamp = load.target.stamp();
            let consulted = match (load.target.shared(), wants) {
                (Some((tier, wire)), Some(wants)) => {
                    load.ask();
                    let ask = Ask { target: &load.target, wire, stamp: load.stamp, wants, fits };
                    tier.consult(&cache, &[ask]).await.pop()
                }
                _ => None,
            };
            match load.take(consulted, wants) {
                Step::Wait(waiting, wait) => {
                    load = waiting;
                    if !wait.wait(&cache, asked, deadline).await {
                        return Step::Load(load.given_up());
                    }
                    asked += 1;
                }
                step => return step,
            }
        }
    }

    /// The other process was waited for long enough, and may be lost: this one loads for itself, and leaves the store to it.
    pub(crate) fn given_up(self) -> Self {
        Self { place: Place::Nowhere, ..self }
    }

    /// Goes on as the shared tier has said.
    fn take(mut self, consulted: Option<Consulted>, wants: Option<Wants>) -> Step {
        self.place = match consulted {
            Some(Consulted::Found(entry, facts, decision)) => return self.found(entry, facts, decision, wants),
            Some(Consulted::Wait(wait)) => return Step::Wait(self, wait),
            Some(Consulted::Lead(lease, old)) => {
                self.stand_in(old.and_then(|(entry, facts)| Old::new(entry, facts, Decision::IfError)));
                Place::Leased(Box::new(lease))
            }
            Some(Consulted::Alone { outage: true }) => Place::Outage,
            Some(Consulted::Alone { outage: false }) | None => Place::Nowhere,
        };
        Step::Load(self)
    }

    fn wants(&self, aside: bool) -> Option<Wants> {
        if self.forced {
            Some(Wants::Load)
        } else if self.target.options.uncoalesced {
            Some(Wants::Uncoalesced)
        } else if self.refreshes() {
            Some(Wants::Refreshed)
        } else if self.flights().is_empty() {
            // It runs inside a load of the same key, or after one that could not be shared: the lease is that one's.
            None
        } else if aside {
            Some(Wants::Any)
        } else {
            Some(Wants::Fresh)
        }
    }

    fn found(self, entry: Arc<Stored>, facts: Facts, decision: Decision, wants: Option<Wants>) -> Step {
        let counted = self.is_counted();
        let Self { target, mut stamp, lead, refresh, .. } = self;
        // It may have been set by hand, with other tags than those of the function.
        stamp.tag_sum = entry.header.tag_sum;
        if target.cache.tier().is_some_and(Tier::in_memory) {
            target.cache.store(&entry, stamp);
        }
        // Those who wait, too, wait for something new first, each as long as itself wants.
        if let Some(lead) = lead.filter(|_| !matches!(decision, Decision::Within(_))) {
            lead.land(Landing::Shared(entry.clone()));
        }
        if let Some(refresh) = refresh {
            refresh.end(Refreshed::Done);
        }
        if wants == Some(Wants::Any)
            && let Some(old) = Old::new(entry.clone(), facts, decision)
        {
            // The call is answered by an old value, which is counted when that happens.
            target.uncount(counted);
            return Step::Old(target, old);
        }
        if decision == Decision::Stale {
            target.uncount(counted);
            count(&target.counters().stale_hits);
        } else {
            count(&target.counters().tier_hits);
        }
        Step::Found(entry, target)
    }

    /// The request to give the entry to the shared tier, if that is its place; or else where it is kept.
    fn fill(&mut self, tier: &Tier, entry: &Stored, cost: u64) -> Result<(Fill, Box<LeaseGuard>), Kept> {
        let Some((_, wire)) = self.target.shared() else { return Err(Kept::Here) };
        if entry.header.content == Content::Failure {
            return Err(Kept::Here);
        }
        let lease = match mem::replace(&mut self.place, Place::Nowhere) {
            Place::Leased(lease) => lease,
            Place::Outage => {
                self.place = Place::Outage;
                return Err(Kept::Here);
            }
            Place::Memory | Place::Nowhere => return Err(Kept::Nowhere),
        };
        match tier.freeze(&self.target, wire, entry, lease.generations.clone(), cost.max(1_000)) {
            Ok(bytes) => Ok((lease.fill(tier, bytes, life(entry.header.life())), lease)),
            Err(error) => {
                tier.unshareable(&self.target, &error);
                // Too large, say. Memory is told of its invalidation like of any other.
                Err(if tier.in_memory() { Kept::Here } else { Kept::Nowhere })
            }
        }
    }
}

/// Gives entries to the shared tier, all at once, if that is their place; says where each is to be kept in this process.
pub(crate) async fn share_all(loads: &mut [(Load, Option<Arc<Stored>>)], cost: u64) -> Vec<Kept> {
    let cache = loads.first().map(|(load, _)| load.target.cache.clone());
    let Some((cache, tier)) = cache.as_ref().and_then(|cache| Some((cache, cache.tier()?))) else {
        return loads.iter().map(|_| Kept::Here).collect();
    };
    let (mut fills, mut leases, mut unused) = (Vec::new(), Leases::default(), Leases::default());
    let mut kept: Vec<Option<Kept>> = Vec::with_capacity(loads.len());
    for (load, entry) in loads.iter_mut() {
        kept.push(match entry.as_ref().map(|entry| load.fill(tier, entry, cost)) {
            None => {
                if load.lease().is_some_and(|lease| !lease.over_value)
                    && let Some(lease) = load.take_lease()
                {
                    unused.push(lease);
                }
                Some(Kept::Nowhere)
            }
            Some(Err(kept)) => Some(kept),
            Some(Ok((fill, lease))) => {
                fills.push(fill);
                leases.push(*lease);
                None
            }
        });
    }
    drop(unused);
    let mut filled = Vec::new();
    if !fills.is_empty() {
        match ending(tier.store().fill(fills)).await {
            Ok(done) => {
                for lease in leases.take() {
                    lease.forget();
                }
                filled = done;
                tier.trouble.end("fill");
            }
            // Dropped, they are given back, in case that the store has not had the values: nobody need wait for their end.
            Err(error) => {
                let group = loads.first().map_or(NO_FUNCTION, |(load, _)| load.target.group);
                tier.failed(cache, group, "fill", &error);
            }
        }
    }
    let mut filled = filled.into_iter();
    let each = kept.into_iter().zip(loads.iter()).map(|(kept, (load, _))| {
        kept.unwrap_or_else(|| match filled.next() {
            Some(true) if tier.in_memory() => Kept::Here,
            Some(true) => Kept::Shared,
            // Refused, or not known: memory must not have what the store may not have.
            Some(false) | None => {
                count(&load.target.counters().fenced);
                Kept::Nowhere
            }
        })
    });
    each.collect()
}

impl Load {
    /// Takes what is there from the shared tier, since the source has none any more.
    pub(crate) fn unshare(&mut self) {
        if let Place::Leased(lease) = mem::take(&mut self.place) {
            lease.remove();
        }
    }
}

impl Step {
    /// The load, if a refresh on the side is still to run it. Where another process refreshes the value, that one does it.
    pub(crate) fn refresh(self) -> Option<Load> {
        match self {
            Self::Load(load) => Some(load),
            Self::Wait(load, _) => load.skip(),
            Self::Found(..) | Self::Old(..) => None,
        }
    }

    /// The answer, if there is one.
    #[expect(clippy::result_large_err, reason = "it is moved once, and then the body runs")]
    pub(crate) fn answer<K: Outcome>(self) -> Result<K::Output, Load> {
        match self {
            Self::Load(load) | Self::Wait(load, _) => Err(load),
            Self::Found(entry, target) => output::<K>(&entry.value).ok_or_else(|| Load::new(target, None, None)),
            Self::Old(target, old) => old.answer::<K>(&target).ok_or_else(|| Load::new(target, None, None)),
        }
    }
}

/// Where an entry is to be kept in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In memory.
    Here,
    /// The store has it, and that is enough.
    Shared,
    /// Nowhere.
    Nowhere,
}

/// Asks for several loads at once, which belong to one cache; the results stand in their order.
pub(crate) async fn consult_all(loads: Vec<Load>, aside: bool, fits: fn(&Stored) -> bool) -> Vec<Step> {
    let Some(cache) = loads.first().map(|load| load.target.cache.clone()) else { return Vec::new() };
    let mut asks = Vec::with_capacity(loads.len());
    let mut asked = Vec::with_capacity(loads.len());
    for load in &loads {
        let wants = load.wants(aside);
        let ask = load.target.shared().zip(wants);
        asked.push(ask.map(|((_, wire), wants)| {
            load.ask();
            asks.push(Ask { target: &load.target, wire, stamp: load.stamp, wants, fits });
            wants
        }));
    }
    let mut results = match cache.tier() {
        Some(tier) if !asks.is_empty() => tier.consult(&cache, &asks).await,
        _ => Vec::new(),
    }
    .into_iter();
    let each = loads.into_iter().zip(asked).map(|(load, wants)| {
        let consulted = if wants.is_some() { results.next() } else { None };
        load.take(consulted, wants)
    });
    each.collect()
}

/// What other loads of this process, which refresh old values on the side, need not be waited for: memory has such a value where it
/// is used, and a call would have been answered by it. The targets belong to one cache, and stand beside the old values of their calls;
/// the results stand in their order.
pub(crate) async fn look_all(calls: Vec<(&Target, Option<&Old>)>, fits: fn(&Stored) -> bool) -> Vec<Option<Step>> {
    let mut steps: Vec<Option<Step>> = calls.iter().map(|_| None).collect();
    let mut loads = Vec::new();
    for (at, (target, old)) in calls.into_iter().enumerate() {
        let Some((tier, wire)) = target.shared().filter(|_| target.doubts()) else { continue };
        let is_marked = tier.marks.of(target.key.hash, target.cache.clock().now()).is_some();
        if is_marked || target.options.policy.soft_timeout.is_some() {
            loads.push((at, Load::new(target.clone(), None, old.cloned()), wire));
        }
    }
    let Some(cache) = loads.first().map(|(_, load, _)| load.target.cache.clone()) else { return steps };
    let Some(tier) = cache.tier() else { return steps };
    let asks: Vec<Ask<'_>> = loads
        .iter()
        .map(|(_, load, wire)| Ask { target: &load.target, wire, stamp: load.stamp, wants: Wants::Any, fits })
        .collect();
    let looked = tier.look(&cache, &asks).await;
    for ((at, load, _), looked) in loads.into_iter().zip(looked) {
        if let (Some(step), Some(Consulted::Found(entry, facts, decision))) = (steps.get_mut(at), looked) {
            *step = Some(load.found(entry, facts, decision, Some(Wants::Any)));
        }
    }
    steps
}

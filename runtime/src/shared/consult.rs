//! What a load does before its body runs: read the value from the store, or take the lease to make it. One round trip where
//! the value is there, two where it is not; for many keys as for one.

use std::sync::Arc;
use std::time::Duration;

use event_listener::EventListener;

use super::ending::ending;
use super::lease::{LeaseGuard, Leases};
use super::store::{Found, Generation, Over, Read, Turn};
use super::thaw::{Asked, Remaining, needs_life};
use super::tier::Tier;
use super::wire::Wire;
use crate::cache::Cache;
use crate::clock::{NEVER, nanos, until};
use crate::decide::{Decision, Facts, decide};
use crate::dice;
use crate::fence::Stamp;
use crate::memory::{Stored, policy_of};
use crate::target::Target;

/// How often the store is asked again while another process loads: a note usually comes before.
const FIRST_POLL: Duration = Duration::from_millis(5);
const LAST_POLL: Duration = Duration::from_millis(100);

/// One load that wants to know.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) target: &'a Target,
    pub(crate) wire: &'static Wire,
    /// Taken before anything was read.
    pub(crate) stamp: Stamp,
    /// What it is content with, and what it does in spite of what.
    pub(crate) wants: Wants,
    /// Can it be the answer? "Nothing found" is none to who asks for a value.
    pub(crate) fits: fn(&Stored) -> bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// Whatever may be the answer; old values, too, since a refresh can begin on the side.
    Any,
    /// A fresh value, or an old one if the load fails.
    Fresh,
    /// A fresh value: it refreshes an old one.
    Refreshed,
    /// A fresh value, or else a load that waits for nobody.
    Uncoalesced,
    /// A load.
    Load,
}

/// What came of it.
pub(crate) enum Consulted {
    /// There is a value, and this is what to do with it: fresh, early, stale, or as old as `Wants::Any` permits.
    Found(Arc<Stored>, Facts, Decision),
    /// Load, with the lease; the old value is for a load that fails.
    Lead(LeaseGuard, StandIn),
    /// Another process loads.
    Wait(Wait),
    /// Load, and keep it from the store. While the store can't be reached memory may have it for a while.
    Alone { outage: bool },
}

/// A wait for another process.
pub(crate) struct Wait {
    left: Duration,
    listener: Option<EventListener>,
}

impl Wait {
    /// Waits until it is worth asking again; false if the limit has come.
    pub(crate) async fn wait(self, cache: &Cache, asked: u32, deadline: u64) -> bool {
        let clock = cache.clock();
        let now = clock.precise();
        if self.left.is_zero() {
            // Nobody is waited for.
            return now < deadline;
        }
        let poll = FIRST_POLL.saturating_mul(1 << asked.min(8)).min(LAST_POLL).min(self.left);
        let poll = dice::shortened(nanos(poll), 500_000).max(1_000_000);
        let next = now.saturating_add(poll).min(deadline);
        match self.listener {
            Some(listener) => _ = until(clock, next, listener).await,
            None => clock.wait_until(next).await,
        }
        clock.precise() < deadline
    }
}

/// An old value for a load that fails.
type StandIn = Option<(Arc<Stored>, Facts)>;

/// What a read came to for one key, if it is not the answer.
struct Open {
    over: Over,
    old: StandIn,
}

/// What has to be loaded in spite of what was read.
fn over(found: &Found) -> Over {
    found.living().map_or(Over::NOTHING, Over::value)
}

/// The answer may come from a server that is no more. The next one answers again, so that memory need not keep what is loaded meanwhile.
const DISBELIEVED: Consulted = Consulted::Alone { outage: false };

/// The place of an ask, its target with the tags that the value in the store has, and what is to be done if that is of no use.
type Again = (usize, Target, Open);

impl Tier {
    /// Asks for all of them at once; the results stand in their order. Who is not answered, since the store failed or was lost meanwhile,
    /// loads for itself.
    pub(crate) async fn consult(&self, cache: &Cache, asks: &[Ask<'_>]) -> Vec<Consulted> {
        let mut results: Vec<Option<Consulted>> = asks.iter().map(|_| None).collect();
        let epoch = self.epoch();
        let (mut open, mut again): (Vec<(usize, Open)>, Vec<Again>) = (Vec::new(), Vec::new());
        let (mut list, mut reads) = (Vec::with_capacity(asks.len()), Vec::with_capacity(asks.len()));
        for (at, ask) in asks.iter().enumerate() {
            if !self.trusts(ask.target) {
                // Perhaps nobody asks it for anything else.
                self.retry(cache);
            } else if ask.wants == Wants::Load {
                open.push((at, Open { over: Over::Everything, old: None }));
            } else {
                list.push((at, ask));
                reads.push(self.read_of(ask.target));
            }
        }
        if !reads.is_empty() {
            let now = cache.clock().now();
            match ending(self.store().read(reads)).await {
                Ok(_) if epoch != self.epoch() => {
                    self.answered(cache, "read");
                    for (at, _) in list {
                        set(&mut results, at, DISBELIEVED);
                    }
                }
                Ok(found) => {
                    self.answered(cache, "read");
                    for ((at, ask), found) in list.into_iter().zip(found) {
                        match self.judge(ask, &found, now) {
                            Ok(consulted) => set(&mut results, at, consulted),
                            Err(old) => {
                                let still = Open { over: over(&found), old };
                                let stored = found.value.and_then(|bytes| self.as_stored(ask.target, &bytes, false));
                                match stored {
                                    Some(target) => again.push((at, target, still)),
                                    None => open.push((at, still)),
                                }
                            }
                        }
                    }
                }
                Err(error) => self.failed_all(cache, asks, "read", &error),
            }
        }
        self.read_again(cache, asks, again, epoch, &mut open, &mut results).await;
        self.lease(cache, asks, open, epoch, &mut results).await;
        results.into_iter().map(|result| result.unwrap_or(Consulted::Alone { outage: true })).collect()
    }

    /// Reads what is there, where that is an answer; takes no lease.
    pub(super) async fn look(&self, cache: &Cache, asks: &[Ask<'_>]) -> Vec<Option<Consulted>> {
        let epoch = self.epoch();
        let trusted: Vec<bool> = asks.iter().map(|ask| self.trusts(ask.target)).collect();
        let now = cache.clock().now();
        let reads = asks.iter().map(|ask| self.read_of(ask.target));
        match ending(self.store().read(reads.collect())).await {
            Ok(found) => {
                self.answered(cache, "read");
                let believed = epoch == self.epoch();
                let each = asks.iter().zip(found).zip(trusted);
                each.map(|((ask, found), trusted)| self.judge(ask, &found, now).ok().filter(|_| trusted && believed))
                    .collect()
            }
            Err(error) => {
                self.failed_all(cache, asks, "read", &error);
                asks.iter().map(|_| None).collect()
            }
        }
    }

    /// Reads what was stored under other tags than those of the function: somebody has set it by hand.
    async fn read_again(
        &self,
        cache: &Cache,
        asks: &[Ask<'_>],
        again: Vec<Again>,
        epoch: u64,
        open: &mut Vec<(usize, Open)>,
        results: &mut [Option<Consulted>],
    ) {
        let mut list = Vec::with_capacity(again.len());
        for (at, target, still) in again {
            let Some(ask) = asks.get(at).filter(|_| self.trusts(&target)) else {
                open.push((at, still));
                continue;
            };
            let mut ask = *ask;
            ask.stamp.tag_sum = target.tags.sum();
            list.push((at, target, ask));
        }
        if list.is_empty() {
            return;
        }
        let now = cache.clock().now();
        // Others may have set it: how old it is has to be known.
        let aged = |target| Read { life: true, ..self.read_of(target) };
        let reads = list.iter().map(|(_, target, _)| aged(target)).collect();
        let found = match ending(self.store().read(reads)).await {
            Ok(found) => found,
            Err(error) => {
                self.failed_all(cache, asks, "read", &error);
                return;
            }
        };
        if epoch != self.epoch() {
            for (at, ..) in list {
                set(results, at, DISBELIEVED);
            }
            return;
        }
        for ((at, target, ask), found) in list.into_iter().zip(found) {
            let ask = Ask { target: &target, ..ask };
            match self.judge_aged(&ask, &found, now, true) {
                Ok(consulted) => set(results, at, consulted),
                Err(old) => open.push((at, Open { over: over(&found), old })),
            }
        }
    }

    /// What was read, if it is the answer; or else what stands in for one.
    fn judge(&self, ask: &Ask<'_>, found: &Found, now: u64) -> Result<Consulted, StandIn> {
        self.judge_aged(ask, found, now, needs_life(self, ask.target))
    }

    fn judge_aged(&self, ask: &Ask<'_>, found: &Found, now: u64, aged: bool) -> Result<Consulted, StandIn> {
        let bytes = found.living().ok_or(None)?;
        let generations = found.all_generations().ok_or(None)?;
        self.decide(ask, bytes, Remaining::found(found.remaining, aged), &generations, now)
    }

    fn decide(
        &self,
        ask: &Ask<'_>,
        bytes: &[u8],
        remaining: Remaining,
        generations: &[Generation],
        now: u64,
    ) -> Result<Consulted, StandIn> {
        let asked = Asked { target: ask.target, wire: Some(ask.wire), stamp: ask.stamp, now };
        let entry = self.thaw(&asked, bytes, remaining, generations).filter(|entry| (ask.fits)(entry)).ok_or(None)?;
        // A refresh is not kept back by its own mark.
        if ask.wants != Wants::Refreshed
            && let Some(until) = self.marks.of(ask.target.key.hash, now)
        {
            entry.header.mark(until);
        }
        let facts = entry.header.facts(true);
        let decision = decide(facts, policy_of(&entry.value, ask.target.options.policy), now);
        let answers = match (decision, ask.wants) {
            (Decision::Early, Wants::Refreshed) | (Decision::IfError | Decision::Miss, _) => false,
            (Decision::Fresh | Decision::Early, _) => true,
            // Its source rests, or is being asked by a refresh of this process.
            (Decision::Stale, wants) => wants != Wants::Refreshed,
            (Decision::Revalidate | Decision::Within(_), wants) => wants == Wants::Any,
        };
        if answers {
            return Ok(Consulted::Found(entry, facts, decision));
        }
        let stands_in = decision == Decision::IfError && ask.wants != Wants::Refreshed;
        Err(stands_in.then_some((entry, facts)))
    }

    /// Takes the leases of what has to be loaded.
    async fn lease(
        &self,
        cache: &Cache,
        asks: &[Ask<'_>],
        mut open: Vec<(usize, Open)>,
        epoch: u64,
        results: &mut [Option<Consulted>],
    ) {
        while !open.is_empty() {
            open = self.lease_once(cache, asks, open, epoch, results).await;
        }
    }

    /// The same; what is left has to be asked for in spite of the holder.
    async fn lease_once(
        &self,
        cache: &Cache,
        asks: &[Ask<'_>],
        open: Vec<(usize, Open)>,
        epoch: u64,
        results: &mut [Option<Consulted>],
    ) -> Vec<(usize, Open)> {
        let (mut taken, mut list) = (Vec::with_capacity(open.len()), Vec::with_capacity(open.len()));
        let mut guards = Leases::default();
        // One for all of them: a generation that had to be made is known by it, whichever lease has made it.
        let fresh = fastrand::u64(..);
        for (at, open) in open {
            let Some(ask) = asks.get(at) else { continue };
            let lease = LeaseGuard::new(ask.target, self, &open.over);
            list.push(super::store::Lease {
                key: lease.key().to_owned(),
                token: lease.token,
                time: lease.time(),
                over: open.over.clone(),
                generations: self.generations_of(ask.target),
                fresh,
                keep: Self::generation_life(ask.target, 0),
            });
            // A note that comes before the answer is not missed.
            taken.push((at, ask, open, self.listen(ask.target.key.hash)));
            guards.push(lease);
        }
        let now = cache.clock().now();
        let leased = match ending(self.store().lease(list)).await {
            Ok(leased) => leased,
            Err(error) => {
                self.failed_all(cache, asks, "lease", &error);
                return Vec::new();
            }
        };
        self.answered(cache, "lease");
        let mut again = Vec::new();
        for (((at, ask, open, listener), mut lease), leased) in taken.into_iter().zip(guards.take()).zip(leased) {
            let consulted = match leased.turn {
                Turn::Lead => {
                    lease.generations = leased.generations;
                    Consulted::Lead(lease, open.old)
                }
                Turn::Hold(_) => {
                    lease.forget();
                    Consulted::Alone { outage: false }
                }
                Turn::Wait { left, holder } => {
                    lease.forget();
                    // A generation had to be made, so that the holder began before it was forgotten: what it loads is of no use.
                    if let Over::Known { value, holder: None } = &open.over
                        && leased.generations.contains(&fresh)
                    {
                        let over = Over::Known { value: value.clone(), holder: Some(holder) };
                        again.push((at, Open { over, old: open.old }));
                        continue;
                    }
                    if ask.wants == Wants::Uncoalesced {
                        // Whoever has the lease stores, so that somebody does however many overlap.
                        Consulted::Alone { outage: false }
                    } else {
                        Consulted::Wait(Wait { left, listener })
                    }
                }
                Turn::Hit(..) if epoch != self.epoch() => {
                    lease.forget();
                    DISBELIEVED
                }
                Turn::Hit(bytes, left) => {
                    lease.forget();
                    self.decide(ask, &bytes, Remaining::found(Some(left), true), &leased.generations, now)
                        // It has come since the read, and is of no use: the next time it is known to be there.
                        .unwrap_or(Consulted::Wait(Wait { left: Duration::ZERO, listener: None }))
                }
            };
            set(results, at, consulted);
        }
        again
    }

    /// Generations must outlive everything that is made under them, and what lasts this long.
    pub(super) fn generation_life(target: &Target, longest: u64) -> Duration {
        const DAY: u64 = 24 * 60 * 60 * 1_000_000_000;
        let whole = target.timeout().saturating_add(target.options.policy.longest()).max(longest);
        let life = if whole >= NEVER / 4 { NEVER / 4 } else { whole * 2 };
        let least = if target.options.own_timeouts { 366 * DAY } else { 7 * DAY };
        Duration::from_nanos(life.max(least))
    }

    fn failed_all(&self, cache: &Cache, asks: &[Ask<'_>], operation: &'static str, error: &super::store::StoreError) {
        let group = asks.first().map_or(crate::cache::NO_FUNCTION, |ask| ask.target.group);
        self.failed(cache, group, operation, error);
    }
}

fn set(results: &mut [Option<Consulted>], at: usize, consulted: Consulted) {
    if let Some(result) = results.get_mut(at) {
        *result = Some(consulted);
    }
}

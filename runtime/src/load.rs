//! A load, from the miss to the stored value. What does not depend on the function's types is compiled once: each
//! function adds the running of its body and the making of its entry. `refresh.rs` has the loads that run on the side.

use std::future::Future;
use std::slice;
use std::sync::Arc;

use futures_lite::future::block_on;

use crate::entry::Rules;
use crate::fence::Stamp;
use crate::flight::{self, Entered, Flight, Landing, Lead, Turn, Waiting};
use crate::held::{self, Held};
use crate::memory::Stored;
use crate::old::{Old, Refresh};
use crate::outcome::{Origin, Outcome, Seen, fits, output};
use crate::shared::{LeaseGuard, Step};
use crate::stats::count;
use crate::target::Target;

/// What a call needs to load.
#[doc(hidden)]
#[derive(Debug)]
pub struct Miss<V> {
    pub(crate) target: Target,
    pub(crate) rules: Rules<V>,
    /// Load although the entry may be fresh, and join no other load.
    pub(crate) forced: bool,
    /// What the call may be answered with if the load does not.
    pub(crate) old: Option<Old>,
}

/// The slow path of an async function.
pub(crate) async fn load<K: Outcome, F>(miss: Box<Miss<K::Value>>, body: impl FnOnce() -> F) -> K::Output
where
    F: Future<Output = K::Output>,
{
    let Miss { target, rules, forced, old } = *miss;
    let load = match begin(target, forced, old, fits::<K>).await.answer::<K>() {
        Ok(output) => return output,
        Err(load) => load,
    };
    load.ask_and_run::<K, F>(&rules, body).await
}

/// The slow path of an ordinary function.
#[cold]
pub(crate) fn load_blocking<K: Outcome>(miss: Box<Miss<K::Value>>, body: impl FnOnce() -> K::Output) -> K::Output {
    let Miss { target, rules, forced, old } = *miss;
    match begin_blocking(target, forced, old, fits::<K>).answer::<K>() {
        Ok(output) => output,
        Err(load) => load.ask_and_run_blocking::<K>(&rules, body),
    }
}

/// How a load began.
pub(crate) enum Begun {
    /// Another caller's load has answered.
    Answered(Arc<Stored>, Target, Option<Old>),
    /// The source has failed since the call looked.
    Resting(Target, Old),
    /// The body is to run.
    Load(Load),
}

impl Begun {
    /// The answer without a load, if there is one.
    #[expect(clippy::result_large_err, reason = "it is moved once, and then the body runs")]
    pub(crate) fn answer<K: Outcome>(self) -> Result<K::Output, Load> {
        match self {
            Self::Load(load) => Err(load),
            Self::Resting(target, old) => old.answer::<K>(&target).ok_or_else(|| Load::new(target, None, None)),
            Self::Answered(entry, target, old) => {
                // A value of another type may be under the key.
                let Some(output) = output::<K>(&entry.value) else { return Err(Load::new(target, None, old)) };
                let failed = matches!(K::seen(&output), Seen::Failed);
                if let Some(old) = old.as_ref().filter(|_| failed)
                    && let Some(output) = old.answer::<K>(&target)
                {
                    return Ok(output);
                }
                count(&target.counters().coalesced);
                if old.is_some() {
                    count(&target.counters().misses);
                }
                Ok(K::came(output, Origin::Collapsed { old: old.is_some() }))
            }
        }
    }
}

/// A caller's part in the load of its key.
pub(crate) enum Joined {
    Begun(Begun),
    Waiting(Target, Option<Old>, Waiting),
}

/// Joins the load of the key, or begins one, without waiting for it; `fits` says whether a stored value is of the caller's
/// type.
pub(crate) fn join(target: Target, forced: bool, old: Option<Old>, fits: fn(&Stored) -> bool) -> Joined {
    if forced {
        return Joined::Begun(Begun::Load(Load { forced, ..Load::new(target, None, old) }));
    }
    if old.is_none() {
        count(&target.counters().misses);
    }
    if target.options.uncoalesced {
        return Joined::Begun(Begun::Load(Load::new(target, None, old)));
    }
    match flight::enter(&target, false) {
        Entered::Waiting(waiting) => Joined::Waiting(target, old, waiting),
        Entered::Leading(lead) => Joined::Begun(take_turn(Turn::Lead(lead), target, old, fits)),
    }
}

/// Joins the load of the key, or begins one.
pub(crate) async fn begin(target: Target, forced: bool, old: Option<Old>, fits: fn(&Stored) -> bool) -> Begun {
    match join(target, forced, old, fits) {
        Joined::Begun(begun) => begun,
        Joined::Waiting(target, old, waiting) => {
            let turn = waiting.turn(target.cache.wait_deadline()).await;
            drop(waiting);
            take_turn(turn, target, old, fits)
        }
    }
}

pub(crate) fn begin_blocking(target: Target, forced: bool, old: Option<Old>, fits: fn(&Stored) -> bool) -> Begun {
    block_on(begin(target, forced, old, fits))
}

/// What a caller's part in the load of the key means to it.
pub(crate) fn take_turn(turn: Turn, target: Target, old: Option<Old>, fits: fn(&Stored) -> bool) -> Begun {
    let lead = match turn {
        Turn::Alone => return Begun::Load(Load::new(target, None, old)),
        Turn::Shared(entry) => return Begun::Answered(entry, target, old),
        Turn::Lead(lead) => lead,
    };
    // Between this call's look and its lead another load may have ended, with a value or with a failure.
    if let Some(entry) = target.find().filter(|entry| fits(entry)) {
        lead.land(Landing::Shared(entry.clone()));
        return Begun::Answered(entry, target, old);
    }
    match old {
        Some(old) if old.source_rests(&target) => Begun::Resting(target, old),
        old => Begun::Load(Load::new(target, Some(lead), old)),
    }
}

/// A load whose body is to run, or runs.
pub(crate) struct Load {
    pub(crate) target: Target,
    /// What is owed to those who wait.
    pub(crate) lead: Option<Lead>,
    pub(crate) stamp: Stamp,
    /// What the caller is answered with if the load fails.
    pub(crate) old: Option<Old>,
    /// The old entry that it is to replace.
    pub(crate) refresh: Option<Refresh>,
    /// It loads whatever there is.
    pub(crate) forced: bool,
    /// Where its result may be kept.
    pub(crate) place: Place,
}

/// Where the result of a load may be kept.
#[derive(Default)]
pub(crate) enum Place {
    /// In memory.
    #[default]
    Memory,
    /// In the shared tier, by the right of this lease, and in memory if the store has taken it.
    Leased(Box<LeaseGuard>),
    /// In memory for a while: the shared tier can't be reached.
    Outage,
    /// Nowhere.
    Nowhere,
}

impl Load {
    pub(crate) fn new(target: Target, lead: Option<Lead>, old: Option<Old>) -> Self {
        let stamp = lead.as_ref().map_or_else(|| target.stamp(), Lead::stamp);
        Self { target, lead, stamp, old, refresh: None, forced: false, place: Place::Memory }
    }

    /// Does it replace an old entry?
    pub(crate) fn refreshes(&self) -> bool {
        self.refresh.is_some()
    }

    /// Is the call counted as a miss? One that may yet be answered by an old value is not.
    pub(crate) fn is_counted(&self) -> bool {
        self.old.is_none() && !self.forced && !self.refreshes()
    }

    /// The old value is the answer if the load fails, unless there is one already.
    pub(crate) fn stand_in(&mut self, old: Option<Old>) {
        if self.old.is_none() && old.is_some() {
            // The call is no miss if it is answered by that.
            self.target.uncount(self.is_counted());
            self.old = old;
        }
    }

    /// The same load, for a refresh that replaces the old entry.
    pub(crate) fn refreshing(self, refresh: Refresh) -> Self {
        Self { refresh: Some(refresh), ..self }
    }

    /// The same load on the side, where nobody is answered.
    pub(crate) fn aside(self, mut refresh: Refresh) -> Self {
        refresh.aside();
        Self { old: None, refresh: Some(refresh), ..self }
    }

    /// A refresh begins to run: it leads the flight of its key from now on, and not while it stands in a queue, where it
    /// would keep others waiting. There is nothing to do if somebody else leads it, or has replaced the old value.
    pub(crate) fn take_off(self) -> Option<Self> {
        let lead = match self.lead {
            // It was queued, and perhaps somebody could not wait for it.
            Some(lead) => match lead.resume() {
                Some(lead) => lead,
                None => return Self { lead: None, ..self }.skip(),
            },
            None => match flight::enter(&self.target, true) {
                Entered::Leading(lead) => lead,
                Entered::Waiting(_) => return self.skip(),
            },
        };
        let mut refresh = self.refresh;
        match &mut refresh {
            Some(late) if late.is_late() => return Self { lead: None, refresh, ..self }.skip(),
            Some(refresh) => refresh.begin(),
            None => {}
        }
        Some(Self { stamp: lead.stamp(), lead: Some(lead), refresh, ..self })
    }

    /// It does not run after all.
    pub(crate) fn skip(self) -> Option<Self> {
        if let Some(refresh) = self.refresh {
            refresh.skip();
        }
        None
    }

    /// It is put into a queue: whoever can't wait for it takes it over.
    pub(crate) fn queue(&self) {
        if let Some(lead) = &self.lead {
            lead.queue();
        }
    }

    /// The place of a caller who waits for this load.
    pub(crate) fn join(&self) -> Option<Waiting> {
        self.lead.as_ref().map(Lead::join)
    }

    /// The shared tier is asked for it from now on.
    pub(crate) fn ask(&self) {
        if let Some(lead) = &self.lead {
            lead.ask();
        }
    }

    pub(crate) fn flights(&self) -> &[Arc<Flight>] {
        self.lead.as_ref().map(|lead| slice::from_ref(lead.flight())).unwrap_or_default()
    }

    /// Asks the shared tier, and if that has nothing runs the body.
    pub(crate) async fn ask_and_run<K: Outcome, F>(self, rules: &Rules<K::Value>, body: impl FnOnce() -> F) -> K::Output
    where
        F: Future<Output = K::Output>,
    {
        let load = match self.consult(false, fits::<K>).await.answer::<K>() {
            Ok(output) => return output,
            Err(load) => load,
        };
        load.run::<K, F>(rules, body).await
    }

    /// The same for an ordinary function.
    pub(crate) fn ask_and_run_blocking<K: Outcome>(
        self,
        rules: &Rules<K::Value>,
        body: impl FnOnce() -> K::Output,
    ) -> K::Output {
        match self.consult_blocking(false, fits::<K>).answer::<K>() {
            Ok(output) => output,
            Err(load) => load.run_blocking::<K>(rules, body),
        }
    }

    /// Asks the shared tier, and waits with the thread.
    pub(crate) fn consult_blocking(self, aside: bool, fits: fn(&Stored) -> bool) -> Step {
        if self.target.shared().is_none() { Step::Load(self) } else { block_on(self.consult(aside, fits)) }
    }

    /// Runs the body of an async function, and what follows.
    pub(crate) async fn run<K: Outcome, F>(mut self, rules: &Rules<K::Value>, body: impl FnOnce() -> F) -> K::Output
    where
        F: Future<Output = K::Output>,
    {
        let started = self.start();
        let body = self.hold(body);
        let body = held::run(self.flights(), body);
        let output = LeaseGuard::renew_all(self.lease().into_iter().collect(), body).await;
        let cost = self.since(started);
        let to_share = match self.end::<K>(cost, output, rules) {
            Ok(output) => return output,
            Err(to_share) => to_share,
        };
        to_share.share().await
    }

    /// The same for an ordinary function.
    pub(crate) fn run_blocking<K: Outcome>(
        mut self,
        rules: &Rules<K::Value>,
        body: impl FnOnce() -> K::Output,
    ) -> K::Output {
        let started = self.start();
        let output = self.hold(body);
        let cost = self.since(started);
        self.end::<K>(cost, output, rules).unwrap_or_else(|to_share| block_on(to_share.share()))
    }

    /// Runs something that belongs to the body.
    pub(crate) fn hold<T>(&self, run: impl FnOnce() -> T) -> T {
        let _held = Held::new(self.flights());
        run()
    }

    /// The body begins now: what was invalidated before does not touch it, though the load may have waited for its turn.
    pub(crate) fn start(&mut self) -> u64 {
        count(&self.target.counters().loads);
        self.stamp = self.target.stamp();
        self.target.cache.clock().precise()
    }

    /// How long ago that was.
    pub(crate) fn since(&self, started: u64) -> u64 {
        self.target.cache.clock().precise().saturating_sub(started)
    }

    pub(crate) fn lease(&self) -> Option<&LeaseGuard> {
        match &self.place {
            Place::Leased(lease) => Some(lease),
            _ => None,
        }
    }

    /// Takes its lease: nothing of it is shared any more.
    pub(crate) fn take_lease(&mut self) -> Option<LeaseGuard> {
        match std::mem::take(&mut self.place) {
            Place::Leased(lease) => {
                self.place = Place::Nowhere;
                Some(*lease)
            }
            place => {
                self.place = place;
                None
            }
        }
    }

    pub(crate) fn has_old(&self) -> bool {
        self.old.is_some()
    }

    /// The old value as the answer, if the load has failed and it may stand in. Otherwise the call is a miss, which is not
    /// counted before that is known.
    pub(crate) fn old_answer<K: Outcome>(&self, stands_in: bool) -> Option<K::Output> {
        let old = self.old.as_ref()?;
        let instead = if stands_in { old.answer::<K>(&self.target) } else { None };
        if instead.is_none() {
            count(&self.target.counters().misses);
        }
        instead
    }
}

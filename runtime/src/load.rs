//! A load, from the miss to the stored value. What does not depend on the function's types is compiled once: each
//! function adds the running of its body and the making of its entry. `refresh.rs` has the loads that run on the side.

use std::future::Future;
use std::slice;
use std::sync::Arc;

use futures_lite::future::block_on;

use crate::clock::nanos;
use crate::entry::Rules;
use crate::fence::Stamp;
use crate::flight::{self, Entered, Flight, Held, Landing, Lead, Turn, Waiting};
use crate::life::Life;
use crate::memory::{Content, Header, Stored};
use crate::old::{Old, Refresh, Refreshed};
use crate::outcome::{Nothing, Outcome, Seen, fits, output};
use crate::site::Options;
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
    match begin(target, forced, old, fits::<K>).await.answer::<K>() {
        Ok(output) => output,
        Err(load) => load.run::<K, F>(&rules, body).await,
    }
}

/// The slow path of an ordinary function.
#[cold]
pub(crate) fn load_blocking<K: Outcome>(miss: Box<Miss<K::Value>>, body: impl FnOnce() -> K::Output) -> K::Output {
    let Miss { target, rules, forced, old } = *miss;
    match begin_blocking(target, forced, old, fits::<K>).answer::<K>() {
        Ok(output) => output,
        Err(load) => load.run_blocking::<K>(&rules, body),
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
                Ok(output)
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
    match flight::enter(&target) {
        Entered::Waiting(waiting) => Joined::Waiting(target, old, waiting),
        Entered::Leading(lead) => Joined::Begun(take_turn(Turn::Lead(lead), target, old, fits)),
    }
}

/// Joins the load of the key, or begins one.
async fn begin(target: Target, forced: bool, old: Option<Old>, fits: fn(&Stored) -> bool) -> Begun {
    match join(target, forced, old, fits) {
        Joined::Begun(begun) => begun,
        Joined::Waiting(target, old, waiting) => {
            let turn = waiting.turn(target.cache.wait_deadline()).await;
            drop(waiting);
            take_turn(turn, target, old, fits)
        }
    }
}

fn begin_blocking(target: Target, forced: bool, old: Option<Old>, fits: fn(&Stored) -> bool) -> Begun {
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
    lead: Option<Lead>,
    stamp: Stamp,
    /// What the caller is answered with if the load fails.
    old: Option<Old>,
    /// The old entry that it is to replace.
    refresh: Option<Refresh>,
    /// It loads whatever there is.
    forced: bool,
}

impl Load {
    pub(crate) fn new(target: Target, lead: Option<Lead>, old: Option<Old>) -> Self {
        let stamp = lead.as_ref().map_or_else(|| target.stamp(), Lead::stamp);
        Self { target, lead, stamp, old, refresh: None, forced: false }
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
            Some(lead) => lead,
            None => match flight::enter(&self.target) {
                Entered::Leading(lead) => lead,
                Entered::Waiting(_) => return self.skip(),
            },
        };
        match &self.refresh {
            Some(refresh) if refresh.is_late() => return Self { lead: None, ..self }.skip(),
            Some(refresh) => refresh.count(),
            None => {}
        }
        Some(Self { stamp: lead.stamp(), lead: Some(lead), ..self })
    }

    fn skip(self) -> Option<Self> {
        if let Some(refresh) = self.refresh {
            refresh.skip();
        }
        None
    }

    /// The place of a caller who waits for this load.
    pub(crate) fn join(&self) -> Option<Waiting> {
        self.lead.as_ref().map(Lead::join)
    }

    pub(crate) fn flights(&self) -> &[Arc<Flight>] {
        self.lead.as_ref().map(|lead| slice::from_ref(lead.flight())).unwrap_or_default()
    }

    /// Runs the body of an async function, and what follows.
    pub(crate) async fn run<K: Outcome, F>(mut self, rules: &Rules<K::Value>, body: impl FnOnce() -> F) -> K::Output
    where
        F: Future<Output = K::Output>,
    {
        let started = self.start();
        let body = self.hold(body);
        let output = flight::run(self.flights(), body).await;
        let cost = self.since(started);
        self.end::<K>(cost, output, rules)
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
        self.end::<K>(cost, output, rules)
    }

    /// Runs something that belongs to the body.
    fn hold<T>(&self, run: impl FnOnce() -> T) -> T {
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

    /// Stores what the body has given, and shares it with those who wait. Returns it, or what stands in for it.
    pub(crate) fn end<K: Outcome>(self, cost: u64, output: K::Output, rules: &Rules<K::Value>) -> K::Output {
        let failed = matches!(K::seen(&output), Seen::Failed);
        let instead = self.old_answer::<K>(failed);
        self.give::<K>(&output, rules, cost);
        instead.unwrap_or(output)
    }

    /// Stores what the body has given after so many nanoseconds, and shares it with those who wait.
    pub(crate) fn give<K: Outcome>(self, output: &K::Output, rules: &Rules<K::Value>, cost: u64) {
        self.target.cache.add_load_time(self.target.group, cost);
        let wanted = self.lead.as_ref().is_some_and(Lead::has_waiters);
        let header = self.target.header(self.stamp);
        let usual = self.target.timeout();
        let made = make::<K>(output, &self.target.options, usual, rules, &mut Some(header), wanted);
        self.finish(made);
    }

    fn finish(self, made: Made) {
        let target = &self.target;
        if made.failed {
            count(&target.counters().load_errors);
        }
        // An error does not take the place of a value that can still stand in for it.
        let keep = made.keep && !(made.failed && (self.old.is_some() || self.refresh.is_some()));
        let mut refreshed = Refreshed::Done;
        match made.entry.as_ref().filter(|_| keep) {
            Some(entry) => target.store(entry, self.stamp),
            // The source no longer has it: neither has the cache.
            None if made.nothing => target.remove(self.stamp),
            None if made.failed => refreshed = Refreshed::Failed,
            None => refreshed = Refreshed::Unstored,
        }
        if self.forced && !made.failed {
            // Whoever asked for it is not to be given anything older, though it may not be stored.
            target.outdo(self.stamp);
        }
        match (self.refresh, &self.old) {
            (Some(refresh), _) => refresh.end(refreshed),
            (None, Some(old)) if refreshed == Refreshed::Failed => old.rest(&target.cache),
            _ => {}
        }
        if let Some(lead) = self.lead {
            lead.land(match made.entry {
                Some(entry) => Landing::Shared(entry),
                None if made.failed => Landing::Failed,
                None => Landing::Unshared,
            });
        }
    }
}

/// An output in the form in which it is stored and shared.
struct Made {
    entry: Option<Arc<Stored>>,
    /// It is to be stored.
    keep: bool,
    failed: bool,
    nothing: bool,
}

/// Makes the entry of an output, if it is to be stored or `wanted` by others; `header` is taken for it.
fn make<K: Outcome>(
    output: &K::Output,
    options: &Options,
    usual: u64,
    rules: &Rules<K::Value>,
    header: &mut Option<Header>,
    wanted: bool,
) -> Made {
    let seen = K::seen(output);
    let (content, timeout) = match seen {
        Seen::Value(value) => (Content::Value, rules.timeout_of(value, usual)),
        Seen::Nothing => (Content::Nothing, rules.cache_none.then(|| options.none_timeout.unwrap_or(usual))),
        Seen::Failed => (Content::Failure, rules.cache_err.then_some(options.err_timeout)),
    };
    let timeout = timeout.filter(|timeout| *timeout > 0);
    let (failed, nothing) = (content == Content::Failure, content == Content::Nothing);
    let keep = timeout.is_some();
    if !keep && !wanted {
        return Made { entry: None, keep, failed, nothing };
    }
    if let Some(header) = header.as_mut() {
        header.content = content;
        header.set_life(match timeout.unwrap_or(usual) {
            timeout if failed => Life::of_failure(timeout, options),
            timeout => Life::of_load(timeout, options),
        });
    }
    let entry = match seen {
        Seen::Value(value) => {
            header.take().map(|header| Arc::new(Stored { header, value: value.clone() }) as Arc<Stored>)
        }
        Seen::Nothing => header.take().map(|header| Arc::new(Stored { header, value: Nothing }) as Arc<Stored>),
        Seen::Failed => K::share(output, header),
    };
    Made { entry, keep, failed, nothing }
}

impl<V> Rules<V> {
    /// How long to store the value, if it is to be stored.
    fn timeout_of(&self, value: &V, usual: u64) -> Option<u64> {
        if self.store_if.is_some_and(|store_if| !store_if(value)) {
            return None;
        }
        Some(self.timeout.map_or(usual, |timeout| nanos(timeout(value))))
    }
}

//! A load, from the miss to the stored value. What does not depend on the function's types is compiled once: each
//! function adds the running of its body and the making of its entry.

use std::future::Future;
use std::sync::Arc;

use futures_lite::future::block_on;

use crate::clock::nanos;
use crate::entry::Rules;
use crate::fence::Stamp;
use crate::flight::{self, Held, Landing, Lead, Turn};
use crate::memory::{Header, Stored};
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
}

/// The slow path of an async function.
pub(crate) async fn load<K: Outcome, F>(miss: Box<Miss<K::Value>>, body: impl FnOnce() -> F) -> K::Output
where
    F: Future<Output = K::Output>,
{
    let Miss { target, rules, forced } = *miss;
    let load = match begin(target, forced, fits::<K>).await {
        Begun::Load(load) => load,
        Begun::Answered(entry, target) => match answer::<K>(&entry, &target) {
            Some(output) => return output,
            None => Load::new(target, None),
        },
    };
    let body = load.hold(body);
    let output = flight::run(load.flight(), body).await;
    load.end::<K>(&output, &rules);
    output
}

/// The slow path of an ordinary function.
#[cold]
#[expect(clippy::boxed_local, reason = "it comes in a box from the lookup")]
pub(crate) fn load_blocking<K: Outcome>(miss: Box<Miss<K::Value>>, body: impl FnOnce() -> K::Output) -> K::Output {
    let Miss { target, rules, forced } = *miss;
    let load = match begin_blocking(target, forced, fits::<K>) {
        Begun::Load(load) => load,
        Begun::Answered(entry, target) => match answer::<K>(&entry, &target) {
            Some(output) => return output,
            None => Load::new(target, None),
        },
    };
    let output = load.hold(body);
    load.end::<K>(&output, &rules);
    output
}

/// How a load began.
enum Begun {
    /// Another caller's load has answered.
    Answered(Arc<Stored>, Target),
    /// The body is to run.
    Load(Load),
}

/// A load whose body is to run, or runs.
struct Load {
    target: Target,
    /// What is owed to those who wait.
    lead: Option<Lead>,
    stamp: Stamp,
    started: u64,
}

/// Joins the load of the key, or begins one; `fits` says whether a stored value is of the caller's type.
async fn begin(target: Target, forced: bool, fits: fn(&Stored) -> bool) -> Begun {
    if forced {
        // It reads the source after whatever is on its way, and must not be overwritten by it.
        target.cache.overtake(target.key.hash);
        return Begun::Load(Load::new(target, None));
    }
    count(&target.counters().misses);
    if target.options.uncoalesced {
        return Begun::Load(Load::new(target, None));
    }
    match flight::turn(&target).await {
        Turn::Alone => Begun::Load(Load::new(target, None)),
        Turn::Shared(entry) => Begun::Answered(entry, target),
        // Between this call's look and its lead another load may have ended.
        Turn::Lead(lead) => match target.find().filter(|entry| fits(entry)) {
            Some(entry) => {
                lead.land(Landing::Shared(entry.clone()));
                Begun::Answered(entry, target)
            }
            None => Begun::Load(Load::new(target, Some(lead))),
        },
    }
}

fn begin_blocking(target: Target, forced: bool, fits: fn(&Stored) -> bool) -> Begun {
    block_on(begin(target, forced, fits))
}

/// The other caller's answer; `None` if a value of another type is under the key.
fn answer<K: Outcome>(entry: &Stored, target: &Target) -> Option<K::Output> {
    let output = output::<K>(&entry.value)?;
    count(&target.counters().coalesced);
    Some(output)
}

impl Load {
    fn new(target: Target, lead: Option<Lead>) -> Self {
        let stamp = lead.as_ref().map_or_else(|| target.stamp(), Lead::stamp);
        count(&target.counters().loads);
        let started = target.cache.clock().precise();
        Self { target, lead, stamp, started }
    }

    fn flight(&self) -> Option<&Arc<flight::Flight>> {
        self.lead.as_ref().map(Lead::flight)
    }

    /// Runs something that belongs to the body.
    fn hold<T>(&self, run: impl FnOnce() -> T) -> T {
        let _held = self.flight().map(Held::new);
        run()
    }

    fn end<K: Outcome>(self, output: &K::Output, rules: &Rules<K::Value>) {
        let wanted = self.time();
        let made = make::<K>(output, &self.target.options, rules, &mut Some(self.target.header(self.stamp)), wanted);
        self.finish(made);
    }

    /// Notes how long the body took; true if somebody waits for its result.
    fn time(&self) -> bool {
        let cost = self.target.cache.clock().precise().saturating_sub(self.started);
        self.target.cache.add_load_time(self.target.group, cost);
        self.lead.as_ref().is_some_and(Lead::has_waiters)
    }

    fn finish(self, made: Made) {
        if made.failed {
            count(&self.target.counters().load_errors);
        }
        if let Some(entry) = made.entry.as_ref().filter(|_| made.keep) {
            self.target.store(entry, self.stamp);
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
}

/// Makes the entry of an output, if it is to be stored or `wanted` by others; `header` is taken for it.
fn make<K: Outcome>(
    output: &K::Output,
    options: &Options,
    rules: &Rules<K::Value>,
    header: &mut Option<Header>,
    wanted: bool,
) -> Made {
    let mut failed = false;
    let timeout = match K::seen(output) {
        Seen::Value(value) => rules.timeout_of(value, options),
        Seen::Nothing => rules.cache_none.then_some(options.none_timeout.or(options.timeout)),
        Seen::Failed => {
            failed = true;
            rules.cache_err.then_some(Some(options.err_timeout))
        }
    };
    // The outer level says whether to store, the inner one for how long if not for the cache's default.
    let keep = timeout.is_some_and(|timeout| timeout != Some(0));
    if !keep && !wanted {
        return Made { entry: None, keep, failed };
    }
    if let (Some(header), Some(Some(timeout))) = (header.as_mut(), timeout) {
        header.set_timeout(timeout);
    }
    if let (Some(header), false) = (header.as_mut(), matches!(K::seen(output), Seen::Value(_))) {
        header.empty = true;
    }
    let entry = match K::seen(output) {
        Seen::Value(value) => {
            header.take().map(|header| Arc::new(Stored { header, value: value.clone() }) as Arc<Stored>)
        }
        Seen::Nothing => header.take().map(|header| Arc::new(Stored { header, value: Nothing }) as Arc<Stored>),
        Seen::Failed => K::share(output, header),
    };
    Made { entry, keep, failed }
}

impl<V> Rules<V> {
    /// Whether to store the value, and for how long if the function says so.
    #[expect(clippy::option_option, reason = "whether, and for how long")]
    fn timeout_of(&self, value: &V, options: &Options) -> Option<Option<u64>> {
        if self.store_if.is_some_and(|store_if| !store_if(value)) {
            return None;
        }
        Some(self.timeout.map(|timeout| nanos(timeout(value))).or(options.timeout))
    }
}

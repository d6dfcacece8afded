//! Loads that run on the side, while the caller has its answer already or waits no longer than it wants to: for `early`,
//! `stale_while_revalidate` and `soft_timeout`.
//!
//! Such a load owns its arguments and leads the flight of its key: one runs at a time, callers who have no old value join
//! it, and an invalidation overtakes it like any other. Its caller's end is not its end.

use std::future::Future;
use std::sync::Arc;

use futures_lite::future::block_on;

use crate::background::{Background, Refused};
use crate::call::{Lookup, if_found};
use crate::flight::{self, Entered, Turn, Waiting};
use crate::load::{Begun, Joined, Load, Miss, join, take_turn};
use crate::memory::Stored;
use crate::old::{Old, Way};
use crate::outcome::{Origin, Outcome, Seen, fits, output};
use crate::shared::{Step, look_all};
use crate::stats::count;
use crate::target::Target;

impl<K: Outcome + 'static> Lookup<K> {
    /// The value that was found, or that of the body, which runs in the caller (`body`) or on the side (`own`): one of them
    /// is given the arguments.
    #[inline]
    pub async fn load_or_refresh<A, F, B>(
        self,
        args: A,
        body: impl FnOnce(A) -> F,
        own: impl FnOnce(A) -> B,
    ) -> K::Output
    where
        F: Future<Output = K::Output>,
        B: Future<Output = K::Output> + Send + 'static,
    {
        match self {
            Self::Found(output) => output,
            Self::IfFound(miss) => if_found::<K, F>(miss, || body(args)).await,
            Self::Bypass => body(args).await,
            Self::Missing(mut miss) => match miss.take_refresh::<K>() {
                Some(old) => refresh::<K, A, F, B>(miss, old, args, body, own).await,
                None => load_first::<K, A, F, B>(miss, args, body, own).await,
            },
        }
    }

    /// The same for an ordinary function.
    #[inline]
    pub fn load_or_refresh_blocking<A, B>(
        self,
        args: A,
        body: impl FnOnce(A) -> K::Output,
        own: impl FnOnce(A) -> B,
    ) -> K::Output
    where
        B: FnOnce() -> K::Output + Send + 'static,
    {
        match self {
            Self::Found(output) => output,
            Self::IfFound(_) | Self::Bypass => body(args),
            Self::Missing(mut miss) => match miss.take_refresh::<K>() {
                Some(old) => refresh_blocking::<K, A, B>(miss, old, args, body, own),
                None => load_first_blocking::<K, A, B>(miss, args, body, own),
            },
        }
    }

    /// The same where the body can't be written twice: it owns its arguments wherever it runs.
    #[inline]
    pub async fn load_owned<A, B>(self, args: A, own: impl FnOnce(A) -> B) -> K::Output
    where
        B: Future<Output = K::Output> + Send + 'static,
    {
        self.load_or_refresh((args, own), |(args, own)| own(args), |(args, own)| own(args)).await
    }

    /// The same for futures that stay on their thread: what the body gives there is the caller's, and `aside` makes a future for others
    /// of it, who may learn less.
    #[inline]
    pub async fn load_owned_here<A, F, B>(
        self,
        args: A,
        own: impl FnOnce(A) -> F,
        aside: impl FnOnce(F) -> B,
    ) -> K::Output
    where
        F: Future<Output = K::Output>,
        B: Future<Output = K::Output> + Send + 'static,
    {
        self.load_or_refresh((args, own, aside), |(args, own, _)| own(args), |(args, own, aside)| aside(own(args)))
            .await
    }

    /// The same for an ordinary function.
    #[inline]
    pub fn load_owned_blocking<A, B>(self, args: A, own: impl FnOnce(A) -> B) -> K::Output
    where
        B: FnOnce() -> K::Output + Send + 'static,
    {
        self.load_or_refresh_blocking((args, own), |(args, own)| own(args)(), |(args, own)| own(args))
    }
}

/// A load of what this process has nothing of. Another may have: perhaps it is old, and to be refreshed on the side.
async fn load_first<K: Outcome + 'static, A, F, B>(
    miss: Box<Miss<K::Value>>,
    args: A,
    body: impl FnOnce(A) -> F,
    own: impl FnOnce(A) -> B,
) -> K::Output
where
    F: Future<Output = K::Output>,
    B: Future<Output = K::Output> + Send + 'static,
{
    let Miss { target, rules, forced, old } = *miss;
    let step = match begin_first(target, forced, old, fits::<K>).await {
        Err(step) => step,
        Ok(begun) => match begun.answer::<K>() {
            Ok(output) => return output,
            Err(load) => load.consult(true, fits::<K>).await,
        },
    };
    match step.old::<K>() {
        Ok((target, old)) => {
            let miss = Box::new(Miss { target, rules, forced: false, old: None });
            refresh::<K, A, F, B>(miss, old, args, body, own).await
        }
        Err(step) => match step.answer::<K>() {
            Ok(output) => output,
            Err(load) => load.run::<K, F>(&rules, || body(args)).await,
        },
    }
}

fn load_first_blocking<K: Outcome + 'static, A, B>(
    miss: Box<Miss<K::Value>>,
    args: A,
    body: impl FnOnce(A) -> K::Output,
    own: impl FnOnce(A) -> B,
) -> K::Output
where
    B: FnOnce() -> K::Output + Send + 'static,
{
    let Miss { target, rules, forced, old } = *miss;
    let step = match block_on(begin_first(target, forced, old, fits::<K>)) {
        Err(step) => step,
        Ok(begun) => match begun.answer::<K>() {
            Ok(output) => return output,
            Err(load) => load.consult_blocking(true, fits::<K>),
        },
    };
    match step.old::<K>() {
        Ok((target, old)) => {
            let miss = Box::new(Miss { target, rules, forced: false, old: None });
            refresh_blocking::<K, A, B>(miss, old, args, body, own)
        }
        Err(step) => match step.answer::<K>() {
            Ok(output) => output,
            Err(load) => load.run_blocking::<K>(&rules, || body(args)),
        },
    }
}

/// Joins the load of the key, or begins one; or is answered by an old value while that load refreshes it.
async fn begin_first(target: Target, forced: bool, old: Option<Old>, fits: fn(&Stored) -> bool) -> Result<Begun, Step> {
    match join(target, forced, old, fits) {
        Joined::Begun(begun) => Ok(begun),
        Joined::Waiting(target, old, waiting) => {
            if let Some(step) = look_all(vec![(&target, old.as_ref())], fits).await.pop().flatten() {
                return Err(step);
            }
            let turn = waiting.turn(target.cache.wait_deadline()).await;
            drop(waiting);
            Ok(take_turn(turn, target, old, fits))
        }
    }
}

impl Step {
    /// The old value that is the answer, and is to be refreshed.
    #[expect(clippy::result_large_err, reason = "it is moved once, and then the body runs")]
    pub(crate) fn old<K: Outcome>(self) -> Result<(Target, OldOutput<K::Output>), Self> {
        match self {
            Self::Old(target, old) => match old.output::<K>() {
                Some(output) => Ok((target, OldOutput { old, output })),
                None => Err(Self::Old(target, old)),
            },
            step => Err(step),
        }
    }
}

async fn refresh<K: Outcome + 'static, A, F, B>(
    miss: Box<Miss<K::Value>>,
    old: OldOutput<K::Output>,
    args: A,
    body: impl FnOnce(A) -> F,
    own: impl FnOnce(A) -> B,
) -> K::Output
where
    F: Future<Output = K::Output>,
    B: Future<Output = K::Output> + Send + 'static,
{
    let Miss { target, rules, .. } = *miss;
    let waiting = match start(&target, &old.old, fits::<K>, Background::admit) {
        Start::Here(begun) => match begun.answer::<K>() {
            Ok(output) => return output,
            Err(load) => return load.ask_and_run::<K, F>(&rules, || body(args)).await,
        },
        Start::Aside(load, permit, waiting) => {
            let body = own(args);
            permit.spawn(async move {
                if let Some(load) = load.take_off() {
                    load.ask_and_run::<K, B>(&rules, || body).await;
                }
            });
            waiting
        }
        Start::Nothing(waiting) => waiting,
    };
    let new = match waiting {
        Some(waiting) => waiting.entry().await,
        None => None,
    };
    old.unless_new::<K>(&target, new)
}

fn refresh_blocking<K: Outcome + 'static, A, B>(
    miss: Box<Miss<K::Value>>,
    old: OldOutput<K::Output>,
    args: A,
    body: impl FnOnce(A) -> K::Output,
    own: impl FnOnce(A) -> B,
) -> K::Output
where
    B: FnOnce() -> K::Output + Send + 'static,
{
    let Miss { target, rules, .. } = *miss;
    let waiting = match start(&target, &old.old, fits::<K>, Background::admit_blocking) {
        Start::Here(begun) => match begun.answer::<K>() {
            Ok(output) => return output,
            Err(load) => return load.ask_and_run_blocking::<K>(&rules, || body(args)),
        },
        Start::Aside(load, permit, waiting) => {
            let body = own(args);
            permit.run(move || {
                if let Some(load) = load.take_off() {
                    load.ask_and_run_blocking::<K>(&rules, body);
                }
            });
            waiting
        }
        Start::Nothing(waiting) => waiting,
    };
    let new = waiting.and_then(|waiting| block_on(waiting.entry()));
    old.unless_new::<K>(&target, new)
}

/// An old value, ready to be the answer.
pub(crate) struct OldOutput<R> {
    pub(crate) old: Old,
    output: R,
}

impl<V> Miss<V> {
    /// The old value, if the call is to refresh it and not simply to load.
    pub(crate) fn take_refresh<K: Outcome<Value = V>>(&mut self) -> Option<OldOutput<K::Output>> {
        let old = self.old.take_if(|old| old.way != Way::IfError)?;
        Some(OldOutput { output: old.output::<K>()?, old })
    }
}

impl<R> OldOutput<R> {
    /// The new value, if there is one and it is none of failure; else the old one.
    pub(crate) fn unless_new<K: Outcome<Output = R>>(self, target: &Target, new: Option<Arc<Stored>>) -> R {
        let new = new.and_then(|entry| output::<K>(&entry.value));
        if let Some(output) = new.filter(|output| !matches!(K::seen(output), Seen::Failed)) {
            count(&target.counters().misses);
            return K::came(output, Origin::Collapsed { old: true });
        }
        self.old.count(target);
        self.output
    }
}

/// How a refresh begins.
pub(crate) enum Start<P> {
    /// In the caller, as any load.
    Here(Begun),
    /// On the side; perhaps the caller waits for it.
    Aside(Load, P, Option<Patience>),
    /// Not at all, or somebody else has begun it.
    Nothing(Option<Patience>),
}

/// A caller who waits for a refresh until its soft timeout.
pub(crate) struct Patience {
    waiting: Waiting,
    deadline: u64,
}

impl Patience {
    /// What the refresh has given in time.
    pub(crate) async fn entry(&self) -> Option<Arc<Stored>> {
        match self.waiting.watch(self.deadline).await {
            Some(Turn::Shared(entry)) => Some(entry),
            // It failed, or was dropped; and whoever leads now has an old value to be content with.
            Some(Turn::Lead(_) | Turn::Alone) | None => None,
        }
    }
}

/// Begins the refresh that the old value's way asks for, if it is this caller's to begin.
pub(crate) fn start<'a, P>(
    target: &'a Target,
    old: &Old,
    fits: fn(&Stored) -> bool,
    admit: impl FnOnce(&'a Background) -> Result<P, Refused>,
) -> Start<P> {
    match old.way {
        Way::Within(soft_timeout) => {
            let deadline = target.cache.clock().precise().saturating_add(soft_timeout);
            match flight::enter(target, true) {
                Entered::Waiting(waiting) => Start::Nothing(Some(Patience { waiting, deadline })),
                Entered::Leading(lead) => within(target, old, Turn::Lead(lead), deadline, fits, admit),
            }
        }
        Way::Aside { .. } | Way::IfError => aside(target, old, admit),
    }
}

fn aside<'a, P>(target: &'a Target, old: &Old, admit: impl FnOnce(&'a Background) -> Result<P, Refused>) -> Start<P> {
    let Some(refresh) = old.claim(target) else { return Start::Nothing(None) };
    match admit(target.cache.background()) {
        Ok(permit) => Start::Aside(Load::new(target.clone(), None, None).aside(refresh), permit, None),
        Err(Refused::Full) => {
            count(&target.counters().refreshes_skipped);
            refresh.skip();
            Start::Nothing(None)
        }
        Err(Refused::NoRuntime) => {
            let load = Load::new(target.clone(), None, Some(old.clone())).refreshing(refresh);
            load.take_off().map_or(Start::Nothing(None), |load| Start::Here(Begun::Load(load)))
        }
    }
}

fn within<'a, P>(
    target: &'a Target,
    old: &Old,
    turn: Turn,
    deadline: u64,
    fits: fn(&Stored) -> bool,
    admit: impl FnOnce(&'a Background) -> Result<P, Refused>,
) -> Start<P> {
    let begun = take_turn(turn, target.clone(), Some(old.clone()), fits);
    let Begun::Load(load) = begun else { return Start::Here(begun) };
    match admit(target.cache.background()) {
        Ok(permit) => {
            let patience = load.join().map(|waiting| Patience { waiting, deadline });
            load.queue();
            Start::Aside(load.aside(old.refresh(target)), permit, patience)
        }
        Err(Refused::Full) => {
            count(&target.counters().refreshes_skipped);
            Start::Nothing(None)
        }
        Err(Refused::NoRuntime) => Start::Here(Begun::Load(load)),
    }
}

//! What becomes of the ids of one batch: found, led, awaited, or refreshed on the side.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::Arc;

use futures_lite::future::poll_once;

use crate::background::Refused;
use crate::entry::Rules;
use crate::flight::{Flight, Waiting};
use crate::held;
use crate::key::Key;
use crate::led::Led;
use crate::load::{Begun, Joined, Load, Miss, Place, join, take_turn};
use crate::made::{Made, finish_all};
use crate::memory::Identity;
use crate::old::Old;
use crate::outcome::{Outcome, fits};
use crate::refresh::{OldOutput, Patience, Start, start};
use crate::rows::{Batch, Rows};
use crate::shared::{Kept, LeaseGuard, Step, Wait, consult_all, look_all};
use crate::target::Target;

/// Everything that becomes of the ids of one call.
pub(crate) struct Parts<K: Outcome, B: Batch> {
    rows: B::Map,
    /// What to return instead of rows.
    pub(crate) failure: Option<B>,
    /// Ids that have the key of another one before them, which stands for both.
    same: Vec<(IdOf<B>, IdOf<B>)>,
    /// For the body, now.
    pub(crate) loads: Vec<(IdOf<B>, Load)>,
    /// For the body, on the side.
    pub(crate) side: Vec<(IdOf<B>, Load)>,
    /// On their way in other calls.
    waits: VecDeque<(IdOf<B>, Target, Option<Old>, Waiting)>,
    /// Loaded by other processes.
    elsewhere: VecDeque<(IdOf<B>, Load, Wait)>,
    /// How often these were asked for.
    asked: u32,
    /// On their way on the side, with old values for when that takes too long.
    patient: Vec<Patient<K, B>>,
}

type Patient<K, B> = (IdOf<B>, Target, OldOutput<<K as Outcome>::Output>, Patience);

/// What one run of the body has given, or the failure to return.
type Loaded<B> = Result<Vec<(IdOf<B>, RowOf<B>)>, B>;

pub(crate) type IdOf<B> = <<B as Batch>::Map as Rows>::Id;
pub(crate) type RowOf<B> = <<B as Batch>::Map as Rows>::Row;

impl<K, B> Parts<K, B>
where
    K: Outcome<Output = B::One, Value = RowOf<B>>,
    B: Batch,
{
    pub(crate) fn new(found: Vec<(IdOf<B>, B::One)>) -> Self {
        let mut parts = Self {
            rows: B::Map::empty(),
            failure: None,
            same: Vec::new(),
            loads: Vec::new(),
            side: Vec::new(),
            waits: VecDeque::new(),
            elsewhere: VecDeque::new(),
            asked: 0,
            patient: Vec::new(),
        };
        for (id, output) in found {
            parts.answer(id, output);
        }
        parts
    }

    /// Notes the answer for one id.
    fn answer(&mut self, id: IdOf<B>, output: B::One) {
        match B::row(output) {
            Ok(Some(row)) => self.rows.put(id, row),
            Ok(None) => {}
            Err(failure) => self.failure = Some(failure),
        }
    }

    pub(crate) fn put(&mut self, rows: Vec<(IdOf<B>, RowOf<B>)>) {
        for (id, row) in rows {
            self.rows.put(id, row);
        }
    }

    /// Joins the loads of the missing ids, or begins them, without waiting; of ids with the same key the first counts.
    pub(crate) fn take(&mut self, misses: Vec<(IdOf<B>, Miss<K::Value>)>, admitted: Result<(), Refused>) {
        let mut first: HashMap<Key, IdOf<B>, Identity> = HashMap::default();
        for (id, miss) in misses {
            match first.entry(miss.target.key.clone()) {
                Entry::Occupied(first) => self.same.push((id, first.get().clone())),
                Entry::Vacant(place) => {
                    place.insert(id.clone());
                    self.take_one(id, miss, admitted);
                }
            }
        }
    }

    fn take_one(&mut self, id: IdOf<B>, mut miss: Miss<K::Value>, admitted: Result<(), Refused>) {
        if let Some(old) = miss.take_refresh::<K>() {
            return self.refresh(id, miss.target, old, admitted);
        }
        let Miss { target, forced, old, .. } = miss;
        match join(target, forced, old, fits::<K>) {
            Joined::Begun(begun) => self.begun(id, begun),
            Joined::Waiting(target, old, waiting) => self.waits.push_back((id, target, old, waiting)),
        }
    }

    fn refresh(&mut self, id: IdOf<B>, target: Target, old: OldOutput<K::Output>, admitted: Result<(), Refused>) {
        let patience = match start(&target, &old.old, fits::<K>, |_| admitted) {
            Start::Here(begun) => return self.begun(id, begun),
            Start::Aside(load, (), patience) => {
                self.side.push((id.clone(), load));
                patience
            }
            Start::Nothing(patience) => patience,
        };
        if let Some(patience) = patience {
            return self.patient.push((id, target, old, patience));
        }
        let output = old.unless_new::<K>(&target, None);
        self.answer(id, output);
    }

    fn begun(&mut self, id: IdOf<B>, begun: Begun) {
        match begun.answer::<K>() {
            Ok(output) => self.answer(id, output),
            Err(load) => self.loads.push((id, load)),
        }
    }

    /// Is there nothing more to do or to wait for?
    pub(crate) fn are_all_there(&self) -> bool {
        self.loads.is_empty() && self.elsewhere.is_empty() && self.waits.is_empty() && self.patient.is_empty()
    }

    /// Asks the shared tier, if there is one, for old values of what others of this process refresh on the side: those need not be
    /// waited for.
    pub(crate) async fn look(&mut self, admitted: Result<(), Refused>) {
        let steps =
            look_all(self.waits.iter().map(|(_, target, old, _)| (target, old.as_ref())).collect(), fits::<K>).await;
        for ((id, target, old, waiting), step) in std::mem::take(&mut self.waits).into_iter().zip(steps) {
            match step {
                None => self.waits.push_back((id, target, old, waiting)),
                Some(step) => self.take_step(id, step, admitted),
            }
        }
    }

    fn take_step(&mut self, id: IdOf<B>, step: Step, admitted: Result<(), Refused>) {
        match step.old::<K>() {
            Ok((target, old)) => self.refresh(id, target, old, admitted),
            Err(step) => match step.answer::<K>() {
                Ok(output) => self.answer(id, output),
                Err(load) => self.loads.push((id, load)),
            },
        }
    }

    /// Asks the shared tier, if there is one, for what is to be loaded. What is old there is refreshed on the side if that is
    /// `admitted`.
    pub(crate) async fn consult(&mut self, admitted: Result<(), Refused>) {
        let asks = |load: &Load| load.target.shared().is_some() && matches!(load.place, Place::Memory);
        if !self.loads.iter().any(|(_, load)| asks(load)) {
            return;
        }
        let (loads, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.loads).into_iter().partition(|(_, load)| asks(load));
        self.loads = rest;
        let (ids, loads): (Vec<_>, Vec<_>) = loads.into_iter().unzip();
        for (id, step) in ids.into_iter().zip(consult_all(loads, admitted.is_ok(), fits::<K>).await) {
            match step {
                Step::Wait(load, wait) => self.elsewhere.push_back((id, load, wait)),
                step => self.take_step(id, step, admitted),
            }
        }
    }

    /// Waits for the loads of others. Ends as soon as there is something for the body to do: who leads a load must not
    /// wait.
    pub(crate) async fn wait(&mut self, deadline: u64) {
        if let Some((id, load, wait)) = self.elsewhere.pop_front() {
            let cache = load.target.cache.clone();
            let in_time = wait.wait(&cache, self.asked, deadline).await;
            self.asked += 1;
            // Where one has ended there are often more: all are asked for again, in one round trip.
            let all = std::iter::once((id, load)).chain(self.elsewhere.drain(..).map(|(id, load, _)| (id, load)));
            self.loads.extend(all.map(|(id, load)| (id, if in_time { load } else { load.given_up() })));
            return;
        }
        while let Some((id, target, old, waiting)) = self.waits.pop_front() {
            let turn = waiting.turn(deadline).await;
            drop(waiting);
            self.begun(id, take_turn(turn, target, old, fits::<K>));
            if self.failure.is_some() {
                return;
            }
            if !self.loads.is_empty() {
                return self.take_over(deadline).await;
            }
        }
        while let Some((id, target, old, patience)) = self.patient.pop() {
            let new = patience.entry().await;
            let output = old.unless_new::<K>(&target, new);
            self.answer(id, output);
        }
    }

    /// Where one load was left by its leader, or one leader was waited for long enough, there are often more: the body is
    /// run for all of them at once.
    async fn take_over(&mut self, deadline: u64) {
        for (id, target, old, waiting) in std::mem::take(&mut self.waits) {
            match poll_once(waiting.turn(deadline)).await {
                Some(turn) => self.begun(id, take_turn(turn, target, old, fits::<K>)),
                None => self.waits.push_back((id, target, old, waiting)),
            }
        }
    }

    pub(crate) fn end(mut self) -> B
    where
        RowOf<B>: Clone,
    {
        if let Some(failure) = self.failure {
            return failure;
        }
        for (id, first) in self.same {
            if self.rows.row(&id).is_none()
                && let Some(row) = self.rows.row(&first).cloned()
            {
                self.rows.put(id, row);
            }
        }
        B::of(self.rows)
    }
}

/// Stores what the body gives for some ids, and shares it with those who wait. `held` begins with the flights of these
/// ids, which are taken from it, and goes on with those of later chunks: these wait for this one, so that a body which
/// waited for one of them would wait for itself. Their leases (`later`) are made to
/// last meanwhile.
pub(crate) async fn load_chunk<K, B>(
    mut loads: Led<IdOf<B>>,
    later: Vec<&LeaseGuard>,
    held: &mut Vec<Arc<Flight>>,
    rules: &Rules<K::Value>,
    body: impl Future<Output = B>,
) -> Loaded<B>
where
    K: Outcome<Output = B::One, Value = RowOf<B>>,
    B: Batch,
{
    let started = loads.as_mut_slice().iter_mut().map(|(_, load)| load.start()).last().unwrap_or_default();
    let body = held::run(held, body);
    let leases = loads.leases().chain(later).collect();
    let output = LeaseGuard::renew_all(leases, body).await;
    let loads = loads.into_loads();
    let landing = loads.iter().map(|(_, load)| load.flights().len()).sum::<usize>();
    held.drain(..landing.min(held.len()));
    // Each has its part of the time.
    let cost = loads.first().map_or(0, |(_, load)| load.since(started)) / loads.len().max(1) as u64;
    let (made, rows) = match share::<K, B>(loads, rules, output, cost) {
        Ok(shared) => shared,
        Err(loaded) => return loaded,
    };
    finish_all(made, cost).await;
    Ok(rows)
}

/// What the body has given, for each load, and the rows of it, when it has succeeded.
type Shared<B> = (Vec<(Load, Made)>, Vec<(IdOf<B>, RowOf<B>)>);

/// Takes apart what the body has given. A failure is shared at once, and means this to the caller.
fn share<K, B>(
    mut loads: Vec<(IdOf<B>, Load)>,
    rules: &Rules<K::Value>,
    output: B,
    cost: u64,
) -> Result<Shared<B>, Loaded<B>>
where
    K: Outcome<Output = B::One, Value = RowOf<B>>,
    B: Batch,
{
    let mut rows = Vec::new();
    match output.rows() {
        Ok(mut found) => {
            let mut made = Vec::with_capacity(loads.len());
            for (id, load) in loads {
                let output = B::one(found.take(&id));
                // A row that is not there is no failure: old values stand in for none.
                let _missed = load.old_answer::<K>(false);
                made.push(load.make::<K>(&output, rules, cost));
                rows.extend(B::row(output).ok().flatten().map(|row| (id, row)));
            }
            Ok((made, rows))
        }
        Err(failure) => {
            LeaseGuard::release_all(loads.iter_mut().filter_map(|(_, load)| load.take_lease()));
            // The rows must be whole: old values stand in for all of them, or for none.
            let stand_in = loads.iter().all(|(_, load)| load.has_old());
            for (id, load) in loads {
                let instead = load.old_answer::<K>(stand_in);
                rows.extend(instead.and_then(|one| B::row(one).ok().flatten()).map(|row| (id, row)));
                let (load, made) = load.make::<K>(&failure, rules, cost);
                load.complete(made, Kept::Here);
            }
            Err(match B::row(failure) {
                Err(failure) if !stand_in => Err(failure),
                _ => Ok(rows),
            })
        }
    }
}

/// A refresh of several entries on the side.
pub(crate) async fn on_the_side<K, B, F>(
    loads: Vec<(IdOf<B>, Load)>,
    most: usize,
    rules: &Rules<K::Value>,
    body: impl Fn(Vec<IdOf<B>>) -> F,
) where
    K: Outcome<Output = B::One, Value = RowOf<B>>,
    B: Batch,
    F: Future<Output = B>,
{
    let (ids_of_all, loads): (Vec<_>, Vec<_>) =
        loads.into_iter().filter_map(|(id, load)| Some((id, load.take_off()?))).unzip();
    let steps = ids_of_all.into_iter().zip(consult_all(loads, false, fits::<K>).await);
    let loads: Vec<_> = steps.filter_map(|(id, step)| Some((id, step.refresh()?))).collect();
    let mut later = Led::new(loads);
    let mut held = later.flights();
    while let Some(loads) = later.chunk(most) {
        // What is left then is dropped, and so has failed as well.
        let body = body(loads.ids());
        if load_chunk::<K, B>(loads, later.leases().collect(), &mut held, rules, body).await.is_err() {
            return;
        }
    }
}

//! Functions that load many entries at once: `#[cached(batch)]`.
//!
//! Each id has an entry, a flight and a stamp of its own, the same that a call for this id alone would have. A batch leads
//! the flights of the ids that nobody loads, runs the body for those, and only then waits for the others: of two batches
//! that share ids neither waits for the other while that one waits for it.

use std::future::Future;
use std::mem;
use std::ops::Deref;

use futures_lite::future::block_on;

use crate::background::Refused;
use crate::cache::Cache;
use crate::call::{Call, Lookup};
use crate::entry::Rules;
use crate::key::KeyWriter;
use crate::led::Led;
use crate::load::{Load, Miss};
use crate::old::Way;
use crate::outcome::Outcome;
use crate::parts::{Parts, load_chunk, on_the_side};
use crate::repeat::Repeated;
use crate::rows::{Batch, Rows};
use crate::tag::TagWriter;

impl<K: Outcome> Call<K> {
    /// Looks up each of the ids.
    pub fn lookup_batch<Id: Clone, C: Deref<Target = Cache>>(
        self,
        cache: C,
        ids: &[Id],
        render: impl Fn(&Id, &mut KeyWriter<'_>),
    ) -> BatchLookup<K, Id> {
        let (rules, cache) = (self.rules(), cache.clone());
        let mut looked =
            BatchLookup { cache, found: Vec::new(), misses: Vec::new(), bypass: None, rules, chunk: usize::MAX };
        for id in ids {
            match self.lookup(&looked.cache, |key| render(id, key)) {
                Lookup::Found(output) => looked.found.push((id.clone(), output)),
                Lookup::Missing(miss) => looked.misses.push((id.clone(), *miss)),
                Lookup::IfFound(_) | Lookup::Bypass => {
                    looked.bypass = Some(ids.to_vec());
                    break;
                }
            }
        }
        looked
    }
}

/// What looking for several values came to.
#[doc(hidden)]
#[must_use]
#[expect(missing_debug_implementations, reason = "it is only ever the middle of an expression")]
pub struct BatchLookup<K: Outcome, Id> {
    cache: Cache,
    found: Vec<(Id, K::Output)>,
    misses: Vec<(Id, Miss<K::Value>)>,
    /// The call has nothing to do with the cache.
    bypass: Option<Vec<Id>>,
    rules: Rules<K::Value>,
    chunk: usize,
}

impl<K: Outcome, Id: Clone> BatchLookup<K, Id> {
    /// The tags of what is loaded for each id.
    pub fn tagged(mut self, tags: impl Fn(&Id, &mut TagWriter)) -> Self {
        for (id, miss) in &mut self.misses {
            miss.target.set_tags(|writer| tags(id, writer));
        }
        self
    }

    /// The most ids that the body is given at once.
    pub fn chunk(mut self, most: usize) -> Self {
        self.chunk = most.max(1);
        self
    }

    /// The rows that were found, and those of the body, which is given the ids that were not.
    pub async fn load<B, A, F>(self, args: Repeated<A>, body: impl Fn(A, Vec<Id>) -> F) -> B
    where
        B: Batch<One = K::Output, Map: Rows<Id = Id, Row = K::Value>>,
        F: Future<Output = B>,
    {
        self.run(args, body, Err(Refused::NoRuntime), |_args, _loads| {}).await
    }

    /// The same for an ordinary function.
    pub fn load_blocking<B, A>(self, args: Repeated<A>, body: impl Fn(A, Vec<Id>) -> B) -> B
    where
        B: Batch<One = K::Output, Map: Rows<Id = Id, Row = K::Value>>,
    {
        block_on(self.load(args, |args, ids| {
            let body = &body;
            async move { body(args, ids) }
        }))
    }

    /// The rows that were found, and those of the body, which runs in the caller (`body`) or on the side (`own`).
    pub async fn load_or_refresh<B, A, F, G, H>(
        self,
        args: Repeated<A>,
        body: impl Fn(A, Vec<Id>) -> F,
        own: impl FnOnce(A) -> G,
    ) -> B
    where
        K: 'static,
        Id: Send + 'static,
        B: Batch<One = K::Output, Map: Rows<Id = Id, Row = K::Value>>,
        F: Future<Output = B>,
        G: Fn(Vec<Id>) -> H + Send + 'static,
        H: Future<Output = B> + Send + 'static,
    {
        let (permit, admitted) = split(self.refreshes().then(|| self.cache.background().admit()));
        let (rules, chunk) = (self.rules, self.chunk);
        let side = |args, loads| {
            if let Some(permit) = permit {
                let body = own(args);
                permit.spawn(async move { on_the_side::<K, B, _>(loads, chunk, &rules, body).await });
            }
        };
        self.run(args, body, admitted, side).await
    }

    /// The same for an ordinary function.
    pub fn load_or_refresh_blocking<B, A, G>(
        self,
        args: Repeated<A>,
        body: impl Fn(A, Vec<Id>) -> B,
        own: impl FnOnce(A) -> G,
    ) -> B
    where
        K: 'static,
        Id: Send + 'static,
        B: Batch<One = K::Output, Map: Rows<Id = Id, Row = K::Value>>,
        G: Fn(Vec<Id>) -> B + Send + 'static,
    {
        let cache = self.cache.clone();
        let (permit, admitted) = split(self.refreshes().then(|| cache.background().admit_blocking()));
        let (rules, chunk) = (self.rules, self.chunk);
        let side = |args, loads| {
            if let Some(permit) = permit {
                let body = own(args);
                permit.run(move || {
                    let body = |ids| {
                        let body = &body;
                        async move { body(ids) }
                    };
                    block_on(on_the_side::<K, B, _>(loads, chunk, &rules, body));
                });
            }
        };
        let body = |args, ids| {
            let body = &body;
            async move { body(args, ids) }
        };
        block_on(self.run(args, body, admitted, side))
    }

    /// The same where the body can't be written twice.
    pub async fn load_owned<B, A, G, H>(self, args: Repeated<A>, own: impl Fn(A) -> G) -> B
    where
        K: 'static,
        Id: Send + 'static,
        B: Batch<One = K::Output, Map: Rows<Id = Id, Row = K::Value>>,
        G: Fn(Vec<Id>) -> H + Send + 'static,
        H: Future<Output = B> + Send + 'static,
    {
        self.load_or_refresh(args, |args, ids| own(args)(ids), &own).await
    }

    /// The same for an ordinary function.
    pub fn load_owned_blocking<B, A, G>(self, args: Repeated<A>, own: impl Fn(A) -> G) -> B
    where
        K: 'static,
        Id: Send + 'static,
        B: Batch<One = K::Output, Map: Rows<Id = Id, Row = K::Value>>,
        G: Fn(Vec<Id>) -> B + Send + 'static,
    {
        self.load_or_refresh_blocking(args, |args, ids| own(args)(ids), &own)
    }

    /// Does an old value ask for a refresh on the side?
    fn refreshes(&self) -> bool {
        self.misses.iter().any(|(_, miss)| {
            let old = miss.old.as_ref().is_some_and(|old| old.way != Way::IfError);
            // Another process may have an old value.
            old || miss.target.options.refreshes() && miss.target.shared().is_some()
        })
    }

    async fn run<B, A, F>(
        mut self,
        args: Repeated<A>,
        body: impl Fn(A, Vec<Id>) -> F,
        admitted: Result<(), Refused>,
        side: impl FnOnce(A, Vec<(Id, Load)>),
    ) -> B
    where
        B: Batch<One = K::Output, Map: Rows<Id = Id, Row = K::Value>>,
        F: Future<Output = B>,
    {
        match self.bypass.take() {
            Some(ids) if ids.is_empty() => return B::of(B::Map::empty()),
            Some(ids) if ids.len() <= self.chunk => return body(args.once(), ids).await,
            Some(ids) => {
                let mut rows = B::Map::empty();
                for some in ids.chunks(self.chunk) {
                    match body(args.clone().once(), some.to_vec()).await.rows() {
                        Ok(mut found) => some.iter().for_each(|id| {
                            if let Some(row) = found.take(id) {
                                rows.put(id.clone(), row);
                            }
                        }),
                        Err(failure) => return B::row(failure).err().unwrap_or_else(|| B::of(rows)),
                    }
                }
                return B::of(rows);
            }
            None => {}
        }
        let (chunk, rules, deadline) = (self.chunk, self.rules, self.cache.wait_deadline());
        let mut parts = Parts::<K, B>::new(self.found);
        parts.take(self.misses, admitted);
        parts.look(admitted).await;
        parts.consult(admitted).await;
        // Without a refresh it goes, and its place among those on the side with it.
        let side = (!parts.side.is_empty()).then_some(side);
        if let Some(side) = side {
            side(args.clone().once(), mem::take(&mut parts.side));
        }
        while parts.failure.is_none() && !parts.are_all_there() {
            let mut later = Led::new(mem::take(&mut parts.loads));
            let mut held = later.flights();
            while let Some(loads) = later.chunk(chunk) {
                let body = body(args.clone().once(), loads.ids());
                match load_chunk::<K, B>(loads, later.leases().collect(), &mut held, &rules, body).await {
                    Ok(rows) => parts.put(rows),
                    Err(failure) => return failure,
                }
            }
            parts.wait(deadline).await;
            parts.consult(Err(Refused::NoRuntime)).await;
        }
        parts.end()
    }
}

/// A permit, and what its absence means; `None` if none is needed.
fn split<P>(permit: Option<Result<P, Refused>>) -> (Option<P>, Result<(), Refused>) {
    match permit {
        Some(Ok(permit)) => (Some(permit), Ok(())),
        Some(Err(refused)) => (None, Err(refused)),
        None => (None, Err(Refused::NoRuntime)),
    }
}

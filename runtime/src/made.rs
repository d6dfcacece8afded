//! What a load has made of its body's output: the entry that is stored in memory, given to the shared tier, and shared with
//! those who wait.

use std::sync::Arc;

use crate::clock::{NEVER, nanos};
use crate::entry::Rules;
use crate::fence::Stamp;
use crate::flight::{Landing, Lead};
use crate::life::Life;
use crate::load::{Load, Place};
use crate::memory::{Content, Header, Stored, policy_of};
use crate::old::Refreshed;
use crate::outcome::{Nothing, Origin, Outcome, OwnTags, Seen};
use crate::shared::{Kept, LeaseGuard, share_all};
use crate::stats::count;
use crate::tag::TagSet;
use crate::target::Target;

impl Load {
    /// Stores what the body has given, and shares it with those who wait. Returns it, or what stands in for it; or else what the
    /// shared tier has to be given first.
    pub(crate) fn end<K: Outcome>(
        self,
        cost: u64,
        output: K::Output,
        rules: &Rules<K::Value>,
    ) -> Result<K::Output, ToShare<K>> {
        let failed = matches!(K::seen(&output), Seen::Failed);
        let (instead, origin) = (self.old_answer::<K>(failed), Origin::Made { old: self.has_old() });
        let (load, made) = self.make::<K>(&output, rules, cost);
        // The output may be of a type that must stay on its thread, while what follows may go on elsewhere: it is made once more.
        if load.shares(&made)
            && let Some(again) = Again::<K>::of(&output)
        {
            return Err(ToShare { load: Box::new((load, made)), again, cost, origin });
        }
        load.complete(made, Kept::Here);
        Ok(match instead {
            Some(old) => K::instead(old, &output),
            None => K::came(output, origin),
        })
    }

    /// The same for a caller who does not wait for the shared tier. Memory has the entry at once; with a lease it is sent to the
    /// store as well.
    pub(crate) fn end_in_place<K: Outcome>(
        self,
        lease: Option<LeaseGuard>,
        cost: u64,
        output: K::Output,
        rules: &Rules<K::Value>,
    ) -> K::Output {
        let failed = matches!(K::seen(&output), Seen::Failed);
        let instead = self.old_answer::<K>(failed);
        let (load, made) = self.make::<K>(&output, rules, cost);
        let kept = match load.place {
            Place::Nowhere => Kept::Nowhere,
            _ => Kept::Here,
        };
        let send = made.entry.clone().filter(|_| load.keeps(&made)).zip(lease);
        let target = send.is_some().then(|| load.target.clone());
        load.complete(made, kept);
        if let (Some((entry, lease)), Some(target)) = (send, target) {
            target.send(lease, &entry, cost);
        }
        instead.unwrap_or(output)
    }

    /// Makes the entry of what the body has given after so many nanoseconds.
    pub(crate) fn make<K: Outcome>(self, output: &K::Output, rules: &Rules<K::Value>, cost: u64) -> (Self, Made) {
        self.target.cache.add_load_time(self.target.group, cost);
        let wanted = self.lead.as_ref().is_some_and(Lead::has_waiters);
        let mut header = self.target.header(self.stamp);
        let longest = match (&self.place, self.target.cache.tier()) {
            (Place::Outage, Some(tier)) => {
                header.shared = false;
                tier.outage()
            }
            _ => NEVER,
        };
        let made = make::<K>(output, &self.target, longest, rules, &mut Some(header), wanted);
        (self, made)
    }

    /// Stores in this process what the body has given, as far as it is to be kept here, and shares it with those who wait.
    pub(crate) fn complete(mut self, made: Made, kept: Kept) {
        if made.failed {
            count(&self.target.counters().load_errors);
        }
        let keep = self.keeps(&made);
        let mut refreshed = Refreshed::Done;
        // Whoever asked for it is not to be given anything older, which may have been read from the shared tier meanwhile by who began
        // later.
        let last_word = self.forced && self.target.shared().is_some();
        match made.entry.as_ref().filter(|_| keep) {
            Some(entry) => match kept {
                Kept::Here => {
                    let stamp = Stamp { tag_sum: entry.header.tag_sum, ..self.stamp };
                    if last_word {
                        self.target.overwrite(entry, stamp);
                    } else {
                        self.target.store(entry, stamp);
                    }
                }
                Kept::Shared => count(&self.target.counters().stores),
                Kept::Nowhere if last_word => self.target.cache.drop_from_memory(self.target.key.hash),
                Kept::Nowhere => {}
            },
            // The source no longer has it: neither has the cache.
            None if made.nothing => {
                if last_word {
                    self.target.cache.drop_from_memory(self.target.key.hash);
                } else {
                    self.target.remove(self.stamp);
                }
                self.unshare();
            }
            None if made.failed => refreshed = Refreshed::Failed,
            None => refreshed = Refreshed::Unstored,
        }
        if self.forced && !made.failed {
            // Whoever asked for it is not to be given anything older, though it may not be stored.
            self.target.outdo(self.stamp);
        }
        if refreshed == Refreshed::Done {
            self.target.cache.unmark(self.target.key.hash);
        }
        if made.passes {
            self.target.pass(made.nothing, keep);
        }
        // The next to load finds the lease free.
        self.place = Place::Nowhere;
        match (self.refresh, &self.old) {
            (Some(refresh), _) => refresh.end(refreshed),
            (None, Some(old)) if refreshed == Refreshed::Failed => old.rest(&self.target.cache),
            _ => {}
        }
        if let Some(lead) = self.lead {
            lead.land(match made.entry {
                Some(entry) if made.failed => Landing::ForAll(entry),
                Some(entry) => Landing::Shared(entry),
                None if made.failed => Landing::Failed,
                None => Landing::Unshared,
            });
        }
    }

    /// Does the shared tier have to be given it first?
    fn shares(&self, made: &Made) -> bool {
        self.keeps(made) && !made.failed && matches!(self.place, Place::Leased(_) | Place::Nowhere)
    }

    /// An error does not take the place of a value that can still stand in for it.
    fn keeps(&self, made: &Made) -> bool {
        made.keep && !(made.failed && (self.old.is_some() || self.refresh.is_some()))
    }
}

/// What a body has given, before the shared tier has it.
pub(crate) struct ToShare<K: Outcome> {
    load: Box<(Load, Made)>,
    again: Again<K>,
    cost: u64,
    origin: Origin,
}

/// What an output is made from once more.
enum Again<K: Outcome> {
    Value(K::Value),
    Nothing(fn() -> K::Output),
}

impl<K: Outcome> Again<K> {
    fn of(output: &K::Output) -> Option<Self> {
        match K::seen(output) {
            Seen::Value(value) => Some(Self::Value(value.clone())),
            Seen::Nothing => K::from_nothing().map(Self::Nothing),
            Seen::Failed => None,
        }
    }

    fn output(self, origin: Origin) -> K::Output {
        match self {
            Self::Value(value) => K::came(K::from_value(value), origin),
            Self::Nothing(nothing) => nothing(),
        }
    }
}

impl<K: Outcome> ToShare<K> {
    pub(crate) async fn share(self) -> K::Output {
        finish_all(vec![*self.load], self.cost).await;
        self.again.output(self.origin)
    }
}

/// Stores what a body has given for several loads, which belong to one cache, and shares it with those who wait.
pub(crate) async fn finish_all(loads: Vec<(Load, Made)>, cost: u64) {
    let mut made_all = Vec::with_capacity(loads.len());
    let mut to_share: Vec<_> = loads
        .into_iter()
        .map(|(load, made)| {
            let entry = made.entry.clone().filter(|_| load.keeps(&made));
            made_all.push(made);
            (load, entry)
        })
        .collect();
    let kept = share_all(&mut to_share, cost).await;
    for (((load, _), made), kept) in to_share.into_iter().zip(made_all).zip(kept) {
        load.complete(made, kept);
    }
}

/// An output in the form in which it is stored and shared.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Made {
    entry: Option<Arc<Stored>>,
    /// It is to be stored.
    keep: bool,
    failed: bool,
    nothing: bool,
    /// Waiting for it was for nothing, if it is nothing.
    passes: bool,
}

/// Makes the entry of an output, if it is to be stored or `wanted` by others; `header` is taken for it.
fn make<K: Outcome>(
    output: &K::Output,
    target: &Target,
    longest: u64,
    rules: &Rules<K::Value>,
    header: &mut Option<Header>,
    wanted: bool,
) -> Made {
    let (options, usual) = (&target.options, target.timeout());
    let seen = K::seen(output);
    let (content, timeout) = match seen {
        Seen::Value(value) => {
            // What the value says of itself can shorten any timeout.
            let timeout = rules.timeout_of(value, usual).map(|timeout| K::lifetime(value, timeout));
            (Content::Value, timeout)
        }
        Seen::Nothing => (Content::Nothing, rules.cache_none.then(|| options.none_timeout.unwrap_or(usual))),
        Seen::Failed => (Content::Failure, rules.cache_err.then_some(options.err_timeout)),
    };
    let timeout = timeout.filter(|timeout| *timeout > 0);
    let (failed, nothing) = (content == Content::Failure, content == Content::Nothing && K::is_gone(output));
    let tagged = match seen {
        Seen::Value(value) => add_own_tags(target, K::own_tags(value), header),
        Seen::Nothing | Seen::Failed => true,
    };
    let keep = timeout.is_some() && tagged;
    if !keep && !wanted {
        return Made { entry: None, keep, failed, nothing, passes: K::PASSES };
    }
    // A response that is not stored is for nobody but who asked for it: those who wait load for themselves.
    let (seen, content) = match seen {
        Seen::Value(_) if K::PASSES && !keep => (Seen::Nothing, Content::Nothing),
        seen => (seen, content),
    };
    if let Some(header) = header.as_mut() {
        header.content = content;
        header.set_life(match timeout.unwrap_or(usual) {
            timeout if failed => Life::of_failure(timeout, options),
            timeout => {
                let keep = match seen {
                    Seen::Value(value) => policy_of(value, options.policy).longest(),
                    Seen::Nothing | Seen::Failed => options.policy.longest(),
                };
                Life { keep, ..Life::of_load(timeout, options, target.jitter()) }.at_most(longest)
            }
        });
        header.shared &= !failed;
    }
    let entry = match seen {
        Seen::Value(value) => {
            header.take().map(|header| Arc::new(Stored { header, value: value.clone() }) as Arc<Stored>)
        }
        Seen::Nothing => header.take().map(|header| Arc::new(Stored { header, value: Nothing }) as Arc<Stored>),
        Seen::Failed => K::share(output, header),
    };
    Made { entry, keep, failed, nothing, passes: K::PASSES }
}

/// Adds the tags that only the value knows; false if any tag was invalidated since the load began, which may have been one of them.
fn add_own_tags(target: &Target, own: Option<&OwnTags>, header: &mut Option<Header>) -> bool {
    let (Some(OwnTags { texts, moment }), Some(header)) = (own, header) else { return true };
    let tags = target.cache.tags();
    header.tags = TagSet::new(tags, target.tags.texts().chain(texts.iter().map(String::as_str)));
    header.tag_sum = header.tags.sum();
    let current = tags.is_at(*moment);
    if !current {
        count(&target.counters().fenced);
    }
    current
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

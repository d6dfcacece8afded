//! Putting values by hand where the shared tier has them as well.

use std::slice;
use std::sync::Arc;
use std::time::Duration;

use super::explicit::not_acknowledged;
use super::names::Name;
use super::store::{HoldOff, Incremented};
use super::trouble::make_known;
use crate::error::{Error, ErrorKind};
use crate::fence::Stamp;
use crate::memory::{Header, Stored};
use crate::stats::count;
use crate::target::Target;

impl Target {
    /// The key, as notes name it.
    pub(crate) fn name_in_notes(&self) -> Name {
        Name { text: self.key.text.to_string(), version: self.version }
    }

    /// The fresh entry that the shared tier has.
    pub(crate) async fn peek(&self) -> Option<Arc<Stored>> {
        let (tier, wire) = self.shared()?;
        tier.peek(&self.cache, vec![self.clone()], Some(wire), false).await.pop()?
    }

    /// Must the value go to a shared tier, and can't?
    fn unshareable(&self, operation: &'static str, type_name: &str) -> Result<(), Error> {
        if self.tier().is_none() || self.wire.is_some() {
            return Ok(());
        }
        let message = format!(
            "a value of type `{type_name}` can't go to the shared tier as long as it is not known: {}",
            make_known(type_name)
        );
        Err(Error::new(ErrorKind::NotShareable, operation, self.key.text.as_str(), message))
    }

    /// Stores what is known to be right: loads on their way lose.
    pub(crate) async fn put(&self, operation: &'static str, type_name: &str, entry: &Arc<Stored>) -> Result<(), Error> {
        put_all(operation, type_name, &[(self.clone(), entry.clone())]).await
    }

    /// Stores a value if there is no fresh one; whether it did.
    pub(crate) async fn add(
        &self,
        type_name: &str,
        entry: &Arc<Stored>,
        permit: impl FnOnce(Option<&Arc<Stored>>) -> bool,
    ) -> Result<bool, Error> {
        self.unshareable("add", type_name)?;
        let Some((tier, wire)) = self.shared() else { return Ok(self.cache.put_if(entry, permit)) };
        let mut added = tier.write(wire, &[(self, entry)], true).await;
        if added.as_deref().is_ok_and(|added| !added.contains(&true))
            && let Some(beginning) = tier.useless(self).await
        {
            // The store can't tell: its tags were invalidated, or it says that nothing was found.
            added = match tier.remove_useless(self, beginning).await {
                Ok(()) => tier.write(wire, &[(self, entry)], true).await,
                Err(error) => Err(error.into()),
            };
        }
        let added = added.map_err(|error| error.report("add", &self.key.text))?.contains(&true);
        if added {
            self.keep(entry, true, tier.in_memory());
        }
        Ok(added)
    }

    /// Memory keeps what the store has taken, unless something has come after it meanwhile: that may have been the store's last
    /// word.
    fn keep(&self, entry: &Arc<Stored>, taken: bool, in_memory: bool) {
        self.cache.unmark(self.key.hash);
        let Header { number, generation, tag_sum, .. } = entry.header;
        let stamp = Stamp { number, generation, tag_sum };
        if !(taken && in_memory && self.cache.put_if(entry, |_| self.allows(stamp))) {
            self.cache.drop_from_memory(self.key.hash);
            if taken {
                self.count_write();
            }
        }
    }

    /// Memory counts what is written there.
    fn count_write(&self) {
        count(&self.counters().stores);
        count(&self.counters().invalidations);
    }

    /// Adds to the number that the shared tier has; `None` if there is no shared tier for it.
    pub(crate) async fn increment(&self, by: i64) -> Option<Result<i64, Error>> {
        let (tier, _) = self.shared()?;
        let error = |kind, message: &str| Err(Error::new(kind, "increment", self.key.text.as_str(), message));
        let done = tier.increment(self, by).await;
        // Memory has the number of before.
        self.cache.drop_from_memory(self.key.hash);
        Some(match done {
            Ok(Incremented::Sum(sum)) => {
                self.count_write();
                Ok(sum)
            }
            Ok(Incremented::NoNumber) => {
                error(ErrorKind::WrongType, "its value was not stored by `increment`; delete it first")
            }
            Ok(Incremented::Overflow) => error(ErrorKind::Overflow, "the sum is out of the range of `i64`"),
            Ok(Incremented::Held) => error(ErrorKind::NotAcknowledged, "the key is held for a writer; try again later"),
            Err(failed) => Err(not_acknowledged("increment", &self.key.text, failed)),
        })
    }

    /// Removes the entry everywhere, and keeps it from being stored for this long.
    pub(crate) async fn hold(&self, by: u128, at_most: Duration) -> Result<(), Error> {
        // No time at all begins nothing.
        let hold = if at_most.is_zero() { HoldOff::Unchanged } else { HoldOff::Begun(by, at_most) };
        self.take("hold", hold).await.map(|_there| ())
    }

    /// Ends that, and removes the entry once more.
    pub(crate) async fn end_hold(&self, by: u128) -> Result<(), Error> {
        self.take("hold", HoldOff::Ended(by)).await.map(|_there| ())
    }

    /// The same without waiting: what is asked of the store goes on by itself.
    pub(crate) fn drop_hold(&self, by: u128) {
        self.cache.invalidate(self.group, self.key.hash);
        if let Some(tier) = self.tier() {
            tier.begin_end(&self.name_in_notes(), by);
        }
    }

    /// Removes the entry everywhere; true if there was one.
    pub(crate) async fn invalidate(&self, operation: &'static str) -> Result<bool, Error> {
        self.take(operation, HoldOff::Unchanged).await
    }

    async fn take(&self, operation: &'static str, hold: HoldOff) -> Result<bool, Error> {
        take_each(operation, slice::from_ref(self), hold).await.map(|there| there.contains(&true))
    }

    /// The same once more, uncounted.
    pub(crate) async fn invalidate_again(&self) -> Result<(), Error> {
        self.cache.drop_from_memory(self.key.hash);
        let Some(tier) = self.tier() else { return Ok(()) };
        let removed = tier.remove(&self.cache, self.group, &[self.name_in_notes()], HoldOff::Unchanged).await;
        self.cache.drop_from_memory(self.key.hash);
        removed.map(drop).map_err(|error| not_acknowledged("invalidate", &self.key.text, error))
    }

    /// Ends the freshness of the entry; its value stays. Loads on their way lose.
    pub(crate) async fn expire(&self) -> Result<(), Error> {
        self.cache.expire(self);
        let Some(tier) = self.tier() else { return Ok(()) };
        let expired = tier.expire(self).await;
        self.cache.expire_in_memory(&self.key);
        expired.map_err(|error| not_acknowledged("expire", &self.key.text, error))
    }
}

/// Stores what is known to be right: loads on their way lose. All of it is of one cache and of one type.
pub(crate) async fn put_all(
    operation: &'static str,
    type_name: &str,
    places: &[(Target, Arc<Stored>)],
) -> Result<(), Error> {
    for (target, _) in places {
        target.unshareable(operation, type_name)?;
    }
    let (mut shared, mut by) = (Vec::new(), None);
    for (target, entry) in places {
        match target.shared() {
            Some(tier) => {
                shared.push((target, entry));
                by = Some(tier);
            }
            None => _ = target.cache.put_if(entry, |_| true),
        }
    }
    let Some((tier, wire)) = by else { return Ok(()) };
    let written = tier.write(wire, &shared, false).await;
    match written {
        Ok(stored) => {
            for ((target, entry), stored) in shared.into_iter().zip(stored) {
                target.keep(entry, stored, tier.in_memory());
            }
            Ok(())
        }
        Err(error) => {
            // What is there is not right any more, wherever it is; nor is what was read before the store was not believed.
            for (target, _) in &shared {
                target.cache.drop_from_memory(target.key.hash);
            }
            let subject = shared.first().map_or("", |(target, _)| target.key.text.as_str());
            Err(error.report(operation, subject))
        }
    }
}

/// Removes entries everywhere; which of them were there.
pub(crate) async fn take_all(operation: &'static str, targets: &[Target]) -> Result<Vec<bool>, Error> {
    take_each(operation, targets, HoldOff::Unchanged).await
}

async fn take_each(operation: &'static str, targets: &[Target], hold: HoldOff) -> Result<Vec<bool>, Error> {
    // At once in this process, also if the caller then goes away.
    let mut there: Vec<bool> =
        targets.iter().map(|target| target.cache.invalidate(target.group, target.key.hash)).collect();
    let shared: Vec<usize> =
        (0..targets.len()).filter(|at| targets.get(*at).is_some_and(|at| !at.options.local)).collect();
    let Some((first, tier)) = targets.first().and_then(|first| Some((first, first.cache.tier()?))) else {
        return Ok(there);
    };
    if shared.is_empty() {
        return Ok(there);
    }
    let names: Vec<Name> = shared.iter().filter_map(|at| targets.get(*at)).map(Target::name_in_notes).collect();
    let removed = tier.remove(&first.cache, first.group, &names, hold).await;
    // Again, for what was read meanwhile of what the store had then.
    for target in targets {
        target.cache.drop_from_memory(target.key.hash);
    }
    let removed = removed.map_err(|error| not_acknowledged(operation, &first.key.text, error))?;
    for (at, removed) in shared.into_iter().zip(removed) {
        if let Some(there) = there.get_mut(at) {
            *there |= removed;
        }
    }
    Ok(there)
}

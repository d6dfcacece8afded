//! Putting values by hand where the shared tier has them as well.

use std::sync::Arc;
use std::time::Duration;

use super::explicit::{WriteError, not_acknowledged};
use super::names::Name;
use super::queue::Operation;
use super::store::Incremented;
use super::tier::is_open;
use crate::error::{Error, ErrorKind};
use crate::memory::Stored;
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
        if self.cache.tier().is_none() || self.options.local || self.wire.is_some() {
            return Ok(());
        }
        let message = format!(
            "a value of type `{type_name}` can't go to the shared tier: implement `serde::Serialize` and \
             `serde::Deserialize` for it, and name it where the cache is built: `.value::<{type_name}>()`"
        );
        Err(Error::new(ErrorKind::NotShareable, operation, self.key.text.as_str(), message))
    }

    /// Stores what is known to be right: loads on their way lose.
    pub(crate) async fn put(&self, operation: &'static str, type_name: &str, entry: &Arc<Stored>) -> Result<(), Error> {
        self.unshareable(operation, type_name)?;
        let Some((tier, wire)) = self.shared() else {
            self.cache.put_if(entry, |_| true);
            return Ok(());
        };
        match tier.write(self, wire, entry, false).await {
            Ok(stored) if stored && tier.in_memory() => {
                self.cache.put_if(entry, |_| true);
                Ok(())
            }
            Ok(_) => {
                self.cache.drop_from_memory(self.key.hash);
                Ok(())
            }
            Err(error) => {
                if let WriteError::Store(error) = &error
                    && is_open(error)
                {
                    tier.queue.add(Operation::Remove(self.name_in_notes()), self.cache.clock().now());
                }
                // What is there is not right any more, wherever it is; nor is what was read before the store was not believed.
                self.cache.drop_from_memory(self.key.hash);
                Err(error.report(operation, &self.key.text))
            }
        }
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
        match tier.write(self, wire, entry, true).await {
            Ok(true) => {
                if tier.in_memory() {
                    self.cache.put_if(entry, |_| true);
                }
                Ok(true)
            }
            Ok(false) => Ok(false),
            Err(error) => Err(error.report("add", &self.key.text)),
        }
    }

    /// Adds to the number that the shared tier has; `None` if there is no shared tier for it.
    pub(crate) async fn increment(&self, by: i64) -> Option<Result<i64, Error>> {
        let (tier, _) = self.shared()?;
        let error = |kind, message: &str| Err(Error::new(kind, "increment", self.key.text.as_str(), message));
        let done = tier.increment(self, by).await;
        // Memory has the number of before.
        self.cache.drop_from_memory(self.key.hash);
        Some(match done {
            Ok(Incremented::Sum(sum)) => Ok(sum),
            Ok(Incremented::NoNumber) => {
                error(ErrorKind::WrongType, "its value was not stored by `increment`; delete it first")
            }
            Ok(Incremented::Overflow) => error(ErrorKind::Overflow, "the sum is out of the range of `i64`"),
            Ok(Incremented::Held) => error(ErrorKind::NotAcknowledged, "the key is held for a writer; try again later"),
            Err(failed) => Err(not_acknowledged("increment", &self.key.text, failed)),
        })
    }

    /// Removes the entry everywhere, and keeps it from being stored for this long.
    pub(crate) async fn hold(&self, at_most: Duration) -> Result<(), Error> {
        self.take("hold", at_most).await.map(|_there| ())
    }

    /// Ends that without waiting: what is asked of the store goes on by itself.
    pub(crate) fn release(&self) {
        self.cache.invalidate(self.group, self.key.hash);
        if let Some(tier) = self.cache.tier().filter(|_| !self.options.local) {
            tier.release(&self.name_in_notes());
        }
    }

    /// Removes the entry everywhere; true if there was one.
    pub(crate) async fn invalidate(&self, operation: &'static str) -> Result<bool, Error> {
        self.take(operation, Duration::ZERO).await
    }

    async fn take(&self, operation: &'static str, hold: Duration) -> Result<bool, Error> {
        // At once in this process, also if the caller then goes away.
        let there = self.cache.invalidate(self.group, self.key.hash);
        let Some(tier) = self.cache.tier().filter(|_| !self.options.local) else { return Ok(there) };
        let removed = tier.remove(&self.cache, self.group, &[self.name_in_notes()], hold).await;
        // Again, for what was read meanwhile of what the store had then.
        self.cache.drop_from_memory(self.key.hash);
        match removed {
            Ok(removed) => Ok(there || removed.contains(&true)),
            Err(error) => Err(not_acknowledged(operation, &self.key.text, error)),
        }
    }

    /// Ends the freshness of the entry; its value stays. Loads on their way lose.
    pub(crate) async fn expire(&self) -> Result<(), Error> {
        self.cache.expire(self);
        let Some(tier) = self.cache.tier().filter(|_| !self.options.local) else { return Ok(()) };
        let expired = tier.expire(self).await;
        self.cache.expire_in_memory(&self.key);
        expired.map_err(|error| not_acknowledged("expire", &self.key.text, error))
    }
}

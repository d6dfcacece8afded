//! The loads of a batch that wait for the body, or run in it.

use std::sync::Arc;

use crate::flight::Flight;
use crate::load::Load;
use crate::shared::LeaseGuard;

/// Loads, each with its id, which belong to one cache. Dropped, also by cancellation, they give their leases back together.
pub(crate) struct Led<Id>(Vec<(Id, Load)>);

impl<Id> Led<Id> {
    pub(crate) fn new(loads: Vec<(Id, Load)>) -> Self {
        Self(loads)
    }

    /// Takes the first ones, this many at most; `None` where there are no more.
    pub(crate) fn chunk(&mut self, most: usize) -> Option<Self> {
        let rest = self.0.split_off(most.min(self.0.len()));
        Some(Self(std::mem::replace(&mut self.0, rest))).filter(|chunk| !chunk.0.is_empty())
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [(Id, Load)] {
        &mut self.0
    }

    pub(crate) fn into_loads(mut self) -> Vec<(Id, Load)> {
        std::mem::take(&mut self.0)
    }

    pub(crate) fn leases(&self) -> impl Iterator<Item = &LeaseGuard> {
        self.0.iter().filter_map(|(_, load)| load.lease())
    }

    /// The flights that these loads lead, in the same order.
    pub(crate) fn flights(&self) -> Vec<Arc<Flight>> {
        self.0.iter().flat_map(|(_, load)| load.flights()).cloned().collect()
    }

    pub(crate) fn ids(&self) -> Vec<Id>
    where
        Id: Clone,
    {
        self.0.iter().map(|(id, _)| id.clone()).collect()
    }
}

impl<Id> Drop for Led<Id> {
    fn drop(&mut self) {
        LeaseGuard::release_all(self.0.iter_mut().filter_map(|(_, load)| load.take_lease()));
    }
}

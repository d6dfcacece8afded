//! A load whose caller must not wait for a store: a template engine renders synchronously, perhaps in a task of an async program.
//! Memory is asked, and other renderings of the same key are waited for as in any ordinary function; the shared tier is not.
//!
//! The result may go to the store by the right of a lease that was taken before the page was rendered (`prefetch.rs`): it is sent, and
//! nobody waits. Without one it stays in this process, where the notes of others reach it as what came from the store.

use crate::load::{Load, Miss, Place, begin_blocking};
use crate::outcome::{Outcome, fits};
use crate::shared::LeaseGuard;

/// The value of the entry that another rendering has made meanwhile, or that of the body.
#[cold]
pub(crate) fn load_in_place<K: Outcome>(miss: Box<Miss<K::Value>>, body: impl FnOnce() -> K::Output) -> K::Output {
    let Miss { target, rules, forced, old } = *miss;
    let mut load = match begin_blocking(target, forced, old, fits::<K>).answer::<K>() {
        Ok(output) => return output,
        Err(load) => load,
    };
    let lease = load.take_place();
    let started = load.start();
    let output = load.hold(body);
    let cost = load.since(started);
    load.end_in_place::<K>(lease, cost, output, &rules)
}

impl Load {
    /// Decides where the result is kept, and takes the lease that was taken for it. In memory it is an entry like those that came from the
    /// store: it answers while the store vouches that memory knows what was invalidated, and for a while if that can't be told.
    fn take_place(&mut self) -> Option<LeaseGuard> {
        let (tier, _) = self.target.shared()?;
        let lease = tier.take_ahead(&self.target);
        self.place = if !tier.in_memory() {
            Place::Nowhere
        } else if lease.is_some() || self.target.cache.clock().now() < tier.valid_until() {
            Place::Memory
        } else {
            Place::Outage
        };
        lease
    }
}

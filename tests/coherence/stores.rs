//! The store of a process: Redis, or Redis with a flaw, which the check must notice.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use larder::Redis;
use larder::shared::{Fill, Lease, Moment, Opening, Over, Store as _, Watcher, Write};

use crate::flaws::Flawed;

/// Redis at this place, with this flaw: `forgetful` never sends again what was acknowledged, `credulous` does not hear that messages were
/// lost, `late` stores whatever has become of the lease, `greedy` takes
/// every lease.
pub(crate) fn store(url: &str, flaw: Option<&str>) -> Flawed<Redis> {
    let redis = Redis::url(url).unwrap();
    let deaf = |deaf: Deaf| {
        move |opening: Opening| {
            let watcher = Partly { watcher: opening.watcher.clone(), deaf, reached: AtomicBool::new(false) };
            Opening::new(opening.namespace.clone(), opening.deadline, Arc::new(watcher))
        }
    };
    match flaw {
        None => Flawed::over(redis, "is right", |_| {}),
        Some("forgetful") => Flawed::over(redis, "forgets", |hands| hands.open = Box::new(deaf(Deaf::ToReconnects))),
        Some("credulous") => Flawed::over(redis, "is credulous", |hands| hands.open = Box::new(deaf(Deaf::ToLosses))),
        Some("late") => Flawed::over(redis, "stores late", |hands| {
            hands.fill = Box::new(|redis, fills| {
                let write = |Fill { key, value, life, note, .. }| Write { key, value, life, unless: None, note };
                redis.write(fills.into_iter().map(write).collect())
            });
        }),
        Some("greedy") => Flawed::over(redis, "is greedy", |hands| {
            hands.lease = Box::new(|redis, leases| {
                redis.lease(leases.into_iter().map(|lease| Lease { over: Over::Everything, ..lease }).collect())
            });
        }),
        Some(other) => panic!("no flaw: {other}"),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Deaf {
    ToReconnects,
    ToLosses,
}

/// A watcher that keeps something from the cache.
struct Partly {
    watcher: Arc<dyn Watcher>,
    deaf: Deaf,
    reached: AtomicBool,
}

impl fmt::Debug for Partly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Partly")
    }
}

impl Watcher for Partly {
    fn told(&self, note: &[u8]) {
        self.watcher.told(note);
    }

    fn now(&self) -> Moment {
        self.watcher.now()
    }

    fn vouch(&self, asked: Moment, time: std::time::Duration) {
        self.watcher.vouch(asked, time);
    }

    fn lost(&self) {
        if self.deaf != Deaf::ToLosses {
            self.watcher.lost();
        }
    }

    fn disconnected(&self) {
        if self.deaf != Deaf::ToReconnects {
            self.watcher.disconnected();
        }
    }

    fn reached(&self) {
        if self.deaf != Deaf::ToReconnects || !self.reached.swap(true, Relaxed) {
            self.watcher.reached();
        }
    }
}

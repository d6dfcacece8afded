//! One of the processes that use a store, for a test that has something go wrong for it alone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::audience::Path;
use super::world::World;

/// One process that uses a [`MemoryStore`](super::MemoryStore), by its number. Where there is none of this number, nothing
/// happens.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use futures_lite::future::block_on;
/// use larder::shared::{HoldOff, Opening, Remove, Store, Which};
/// use larder::testing::{ManualClock, MemoryStore, Witness};
///
/// let clock = ManualClock::new();
/// let store = MemoryStore::new(clock.clone());
/// let witness = Arc::new(Witness::new(clock));
/// store.clone().open(Opening::new("shop", Duration::from_secs(1), witness.clone()));
///
/// store.process(0).keep_notes(); // a slow connection
/// let remove = Remove { key: "shop:v0:{1}".into(), hold: HoldOff::Unchanged, which: Which::Any, note: b"gone".into() };
/// block_on(store.remove(vec![remove]))?;
/// assert_eq!((store.process(0).notes(), witness.notes().len()), (1, 0));
/// store.process(0).deliver_notes();
/// assert_eq!(witness.notes(), [b"gone"]);
/// # Ok::<(), larder::shared::StoreError>(())
/// ```
pub struct Process {
    world: Arc<World>,
    number: usize,
}

impl Process {
    pub(super) fn new(world: Arc<World>, number: usize) -> Self {
        Self { world, number }
    }

    /// This process can't reach the store any more; the others can. Its watcher is told that notes may be missed.
    pub fn down(&self) {
        self.world.audience.cut(self.number);
    }

    /// It can reach the store again, if anybody can; its watcher is told `lost`, then `reached`.
    pub fn up(&self) {
        let down = self.world.faults().down;
        if !down {
            self.world.audience.mend(self.number);
            self.world.tell();
        }
    }

    /// Its notes are kept from now on; the store stops to vouch to it.
    pub fn keep_notes(&self) {
        self.world.audience.stop(self.number, Path::Kept);
    }

    /// Its notes are lost from now on, and the kept ones too; the store stops to vouch to it.
    pub fn drop_notes(&self) {
        self.world.audience.stop(self.number, Path::Dropped);
    }

    /// Its notes are told from now on, the kept ones first. If some were dropped, its watcher is told `lost` before.
    pub fn deliver_notes(&self) {
        self.world.audience.resume(self.number);
        self.world.tell();
    }

    /// Tells the note that has been kept longest, and goes on keeping; `false` where there is none.
    #[must_use = "whether there was one"]
    pub fn deliver_one(&self) -> bool {
        self.world.audience.tell_one(self.number)
    }

    /// How many notes are kept.
    #[must_use]
    pub fn notes(&self) -> usize {
        self.world.audience.waiting(self.number)
    }

    /// Vouches to it for this long from now, whether or not it has heard all notes.
    pub fn vouch(&self, time: Duration) {
        self.world.audience.vouch(self.number, time);
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").field("number", &self.number).field("notes", &self.notes()).finish_non_exhaustive()
    }
}

//! What functions read in these tests: a number that only grows, and a gate in front of whoever reads it.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use larder::{KeyNeutral, cached};

use crate::support::{Gate, Loads};

/// Clones are the same source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    value: AtomicU32,
    loads: Loads,
    /// Readers wait here when they have read.
    gate: Mutex<Option<Gate>>,
}

impl KeyNeutral for Source {}

impl Source {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn write(&self) {
        self.0.value.fetch_add(1, SeqCst);
    }

    pub(crate) fn value(&self) -> u32 {
        self.0.value.load(SeqCst)
    }

    /// How often it was read by a function.
    pub(crate) fn loads(&self) -> u32 {
        self.0.loads.so_far()
    }

    /// Those who read from now on wait when they have read.
    pub(crate) fn close(&self) -> Gate {
        let gate = Gate::new();
        *self.0.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    /// Those who read from now on do not wait; those who do still wait.
    pub(crate) fn leave_open(&self) {
        *self.0.gate.lock().unwrap() = None;
    }

    fn begin(&self) -> (u32, Option<Gate>) {
        self.0.loads.next();
        (self.value(), self.0.gate.lock().unwrap().clone())
    }

    pub(crate) async fn read(&self) -> u32 {
        let (value, gate) = self.begin();
        if let Some(gate) = gate {
            gate.pass().await;
        }
        value
    }

    pub(crate) fn read_now(&self) -> u32 {
        let (value, gate) = self.begin();
        if let Some(gate) = gate {
            gate.pass_blocking();
        }
        value
    }
}

/// The function that most tests are about.
#[cached(timeout = 60, jitter = 0, key = "source.number:<id>", tags("source.all", "source.one:<id>"))]
pub(crate) async fn number(id: u32, source: &Source) -> u32 {
    source.read().await
}

/// The same as an ordinary function.
#[cached(timeout = 60, jitter = 0, key = "source.number_now:<id>", tags("source.all", "source.one:<id>"))]
pub(crate) fn number_now(id: u32, source: &Source) -> u32 {
    source.read_now()
}

//! What a value type looks like, as one number, and whether its values come back as they were.
//!
//! `T::deserialize` is run against a deserializer that has no bytes: it notes what it is asked for (names of structs, fields and variants, kinds
//! of scalars) and answers with whatever the type accepts. One run is not enough, since a type can refuse an answer (a
//! date does not accept every text), and only one variant of an enum can be given at a time. Each such place is a *choice*; as long as
//! a run has moved one on, there is another run. The notes of all runs are hashed, each place once.
//!
//! The number is the same in every process, since nothing of it is random. Where no answer is accepted, or a type asks for
//! anything at all (`untagged`, an internal `tag`, `flatten`), what is behind is not seen; then the name of the whole type is hashed as
//! well. A compiler may spell that in another way, and a module can be renamed: that costs misses, and nothing else.

mod access;
mod probe;

use std::any::type_name;
use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::Deserialize;

use probe::Probe;

/// How often a type is run at most, and how many places are visited in all.
const RUNS: usize = 1_000;
const PLACES: u32 = 100_000;
/// How deep places may be nested.
const DEPTH: u8 = 24;

/// The fingerprint of a type, the same in each process.
pub(crate) fn fingerprint<T: Deserialize<'static>>() -> Result<u64, NotFaithful> {
    let mut trace = Trace::default();
    let mut complete = false;
    for _ in 0..RUNS {
        trace.moved = 0;
        trace.path.clear();
        trace.open.clear();
        complete = T::deserialize(Probe::new(&mut trace)).is_ok();
        if trace.moved == 0 || trace.places == PLACES || trace.fault.is_some() {
            break;
        }
    }
    if let Some(fault) = trace.fault {
        return Err(NotFaithful { type_name: type_name::<T>(), ..fault });
    }
    if !complete || trace.gaps || trace.moved > 0 {
        trace.hash.text(type_name::<T>());
    }
    Ok(trace.hash.0)
}

/// A type whose values would come back as others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotFaithful {
    type_name: &'static str,
    /// Where in the type.
    path: String,
    why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    OptionInOption,
    NothingInOption,
    Borrows,
}

impl fmt::Display for NotFaithful {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { type_name, path, why } = self;
        let place = if path.is_empty() { String::new() } else { format!(", at `{path}`,") };
        match why {
            Why::OptionInOption => write!(
                f,
                "`{type_name}` has{place} an `Option` in an `Option`, whose `Some(None)` comes back as `None`\nhelp: use an enum of three variants"
            ),
            Why::NothingInOption => write!(
                f,
                "`{type_name}` has{place} an `Option` of a type without content, whose `Some` comes back as `None`\nhelp: use `bool`"
            ),
            Why::Borrows => write!(
                f,
                "`{type_name}` has{place} a reference, which can't be read from bytes\nhelp: use `String`, `Vec<u8>` or `Cow`"
            ),
        }
    }
}

/// A place where a type can be answered in several ways.
#[derive(Debug, Default)]
struct Choice {
    /// The way that is tried now; past the last one if all have been.
    next: usize,
    /// The first way that the type accepted.
    good: Option<usize>,
}

/// What is known of a type so far. A place is known by the hash of the way to it.
#[derive(Debug, Default)]
struct Trace {
    hash: Fnv,
    noted: HashSet<u64>,
    choices: HashMap<u64, Choice>,
    /// How many choices this run has moved on.
    moved: usize,
    places: u32,
    /// Something is not seen.
    gaps: bool,
    fault: Option<NotFaithful>,
    /// The way to the current place, for people.
    path: String,
    /// The structs and enums around it.
    open: Vec<(&'static str, &'static [&'static str])>,
}

impl Trace {
    /// Notes what a place asks for.
    fn note(&mut self, at: u64, kind: &str, names: &[&str]) {
        if self.noted.insert(at) {
            self.hash.number(at);
            self.hash.text(kind);
            for name in names {
                self.hash.text(name);
            }
        }
    }

    fn fault(&mut self, why: Why) {
        let path = &self.path;
        self.fault.get_or_insert_with(|| NotFaithful { type_name: "", path: path.clone(), why });
    }

    /// The way to go at a place that has so many; past the last one if none was good.
    fn way(&mut self, at: u64, ways: usize) -> usize {
        let choice = self.choices.entry(at).or_default();
        if choice.next < ways { choice.next } else { choice.good.unwrap_or(ways.saturating_sub(1)) }
    }

    /// A way has been gone: the next run takes another one at the innermost place that has one. Of an enum every way is gone;
    /// `moved` is what it was when the way began.
    fn gone(&mut self, at: u64, ways: usize, all: bool, moved: usize, good: bool) {
        let inner = self.moved > moved;
        let choice = self.choices.entry(at).or_default();
        if good && choice.good.is_none() {
            choice.good = Some(choice.next);
        }
        if inner || choice.next >= ways || (good && !all) {
            return;
        }
        choice.next += 1;
        let again = choice.next < ways || (!good && choice.good.is_some());
        self.moved += usize::from(again);
    }
}

/// FNV-1a: the same in every process, and of every build.
#[derive(Clone, Copy, Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    /// A text and its end, so that two texts are not one.
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0xff]);
    }
}

#[cfg(test)]
mod tests;

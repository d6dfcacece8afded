//! The deserializer without bytes.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};

use super::access::{Fields, Items, Pair, Variant};
use super::{DEPTH, Fnv, PLACES, Trace, Why};

/// Texts of which a type that reads texts may accept one.
const TEXTS: [&str; 17] = [
    "",
    "1",
    "2000-01-01T00:00:00Z",
    "2000-01-01",
    "00:00:00",
    "2000-01-01T00:00:00",
    "2000-01-01 00:00:00",
    "00000000-0000-0000-0000-000000000000",
    "127.0.0.1",
    "::1",
    "127.0.0.1:80",
    "http://localhost/",
    "1.0.0",
    "a@b.example",
    "en",
    "UTC",
    "EUR",
];

const BYTES: [&[u8]; 6] = [&[], &[0; 16], &[0; 4], &[0; 8], &[0; 12], &[0; 32]];

/// One place of a type.
pub(super) struct Probe<'a> {
    pub(super) trace: &'a mut Trace,
    pub(super) at: u64,
    depth: u8,
    /// Is it what an `Option` is of?
    in_option: bool,
}

/// The type has not accepted an answer, or is not asked any further.
#[derive(Debug)]
pub(super) struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this answer is not accepted")
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

/// The place behind another one.
pub(super) fn behind(at: u64, step: usize) -> u64 {
    let mut hash = Fnv(at);
    hash.number(step as u64);
    hash.0
}

impl<'a> Probe<'a> {
    pub(super) fn new(trace: &'a mut Trace) -> Self {
        Self { trace, at: Fnv::default().0, depth: 0, in_option: false }
    }

    /// The same place, for as long as it is borrowed.
    pub(super) fn reborrow(&mut self) -> Probe<'_> {
        Probe { trace: self.trace, at: self.at, depth: self.depth, in_option: self.in_option }
    }

    /// Runs the place behind this one, which is this step further.
    pub(super) fn step<R>(
        &mut self,
        step: usize,
        name: &[&str],
        run: impl FnOnce(Probe<'_>) -> Result<R, Stop>,
    ) -> Result<R, Stop> {
        if self.depth >= DEPTH || self.trace.places >= PLACES {
            self.trace.gaps = true;
            return Err(Stop);
        }
        self.trace.places += 1;
        let length = self.trace.path.len();
        self.trace.path.extend(name.iter().copied());
        let at = behind(self.at, step);
        let result = run(Probe { trace: self.trace, at, depth: self.depth + 1, in_option: false });
        self.trace.path.truncate(length);
        result
    }

    /// Runs one of so many ways; a type without any good one has a gap.
    fn choose<R>(mut self, ways: usize, run: impl FnOnce(Probe<'_>, usize) -> Result<R, Stop>) -> Result<R, Stop> {
        let moved = self.trace.moved;
        let way = self.trace.way(self.at, ways);
        let result = run(self.reborrow(), way);
        self.trace.gone(self.at, ways, false, moved, result.is_ok());
        if result.is_err() && self.trace.moved == moved {
            self.trace.gaps = true;
        }
        result
    }

    /// A place that reads a scalar.
    fn scalar<R>(self, kind: &str, ways: usize, run: impl FnOnce(usize) -> Result<R, Stop>) -> Result<R, Stop> {
        self.trace.note(self.at, kind, &[]);
        self.choose(ways, |_, way| run(way))
    }

    fn text<'de, V: Visitor<'de>>(self, kind: &str, visitor: V) -> Result<V::Value, Stop> {
        self.trace.note(self.at, kind, &[]);
        self.choose(TEXTS.len() + 1, |place, way| match TEXTS.get(way) {
            Some(text) => visitor.visit_str(text),
            // The first text again, but one that lives for ever.
            None => place.borrows(visitor.visit_borrowed_str("")),
        })
    }

    fn blob<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.trace.note(self.at, "bytes", &[]);
        self.choose(BYTES.len() + 1, |place, way| match BYTES.get(way) {
            Some(bytes) => visitor.visit_bytes(bytes),
            None => place.borrows(visitor.visit_borrowed_bytes(&[])),
        })
    }

    /// Only a type that keeps a reference accepts what is borrowed, having refused the same as a copy.
    fn borrows<R>(self, result: Result<R, Stop>) -> Result<R, Stop> {
        if result.is_ok() {
            self.trace.fault(Why::Borrows);
        }
        result
    }

    fn unit<'de, V: Visitor<'de>>(self, names: &[&str], visitor: V) -> Result<V::Value, Stop> {
        self.trace.note(self.at, "unit", names);
        if self.in_option {
            self.trace.fault(Why::NothingInOption);
        }
        visitor.visit_unit()
    }

    /// Enters a struct or an enum, but not the same one over and over.
    fn enter<R>(
        self,
        kind: &str,
        name: &'static str,
        parts: &'static [&'static str],
        run: impl FnOnce(Probe<'_>) -> Result<R, Stop>,
    ) -> Result<R, Stop> {
        let Self { trace, at, depth, .. } = self;
        if trace.open.iter().filter(|open| **open == (name, parts)).count() > 1 {
            trace.note(at, "again", &[kind, name]);
            return Err(Stop);
        }
        trace.note(at, kind, &[&[name], parts].concat());
        trace.open.push((name, parts));
        if trace.path.is_empty() {
            trace.path.push_str(name);
        }
        let result = run(Probe { trace, at, depth, in_option: false });
        trace.open.pop();
        result
    }
}

macro_rules! scalars {
    ($($method:ident $kind:literal $visit:ident($($answer:expr),+);)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
                let answers = [$($answer),+];
                self.scalar($kind, answers.len(), |way| match answers.get(way) {
                    Some(answer) => visitor.$visit(*answer),
                    None => Err(Stop),
                })
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    /// As `MessagePack` does.
    fn is_human_readable(&self) -> bool {
        false
    }

    scalars! {
        deserialize_bool "bool" visit_bool(false, true);
        deserialize_i8 "i8" visit_i8(1, 0);
        deserialize_i16 "i16" visit_i16(1, 0);
        deserialize_i32 "i32" visit_i32(1, 0);
        deserialize_i64 "i64" visit_i64(1, 0);
        deserialize_i128 "i128" visit_i128(1, 0);
        deserialize_u8 "u8" visit_u8(1, 0);
        deserialize_u16 "u16" visit_u16(1, 0);
        deserialize_u32 "u32" visit_u32(1, 0);
        deserialize_u64 "u64" visit_u64(1, 0);
        deserialize_u128 "u128" visit_u128(1, 0);
        deserialize_f32 "f32" visit_f32(1.0, 0.0);
        deserialize_f64 "f64" visit_f64(1.0, 0.0);
        deserialize_char "char" visit_char('a', '1');
    }

    /// Nothing is known of what is behind it.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.trace.note(self.at, "any", &[]);
        self.trace.gaps = true;
        self.choose(6, |place, way| match way {
            0 => visitor.visit_unit(),
            1 => visitor.visit_str(""),
            2 => visitor.visit_u64(1),
            3 => visitor.visit_bool(false),
            4 => visitor.visit_map(Pair::new(place, false)),
            _ => visitor.visit_seq(Items::new(place, 0)),
        })
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.text("text", visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.text("text", visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.text("identifier", visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.blob(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.blob(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.trace.note(self.at, "option", &[]);
        if self.in_option {
            self.trace.fault(Why::OptionInOption);
        }
        self.choose(2, |mut place, way| match way {
            0 => place.step(0, &[], |inner| visitor.visit_some(Probe { in_option: true, ..inner })),
            _ => visitor.visit_none(),
        })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.unit(&[], visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Stop> {
        self.unit(&[name], visitor)
    }

    /// Bytes don't show it: what is in it is in whatever it is in.
    fn deserialize_newtype_struct<V: Visitor<'de>>(mut self, name: &'static str, visitor: V) -> Result<V::Value, Stop> {
        self.trace.note(self.at, "newtype", &[name]);
        let in_option = self.in_option;
        self.step(0, &[], |inner| visitor.visit_newtype_struct(Probe { in_option, ..inner }))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.trace.note(self.at, "seq", &[]);
        self.choose(2, |place, way| visitor.visit_seq(Items::new(place, 1 - way.min(1))))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Stop> {
        self.trace.note(self.at, "tuple", &[&length.to_string()]);
        visitor.visit_seq(Items::new(self, length))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.trace.note(self.at, "tuple struct", &[name, &length.to_string()]);
        visitor.visit_seq(Items::new(self, length))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.trace.note(self.at, "map", &[]);
        self.choose(2, |place, way| visitor.visit_map(Pair::new(place, way == 0)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.enter("struct", name, fields, |place| Fields::run(place, fields, visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.enter("enum", name, variants, |mut place| {
            let moved = place.trace.moved;
            let way = place.trace.way(place.at, variants.len());
            let variant = variants.get(way).copied().unwrap_or_default();
            let result = place.step(way, &["::", variant], |inner| visitor.visit_enum(Variant::new(inner, variant)));
            place.trace.gone(place.at, variants.len(), true, moved, result.is_ok());
            result
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }
}

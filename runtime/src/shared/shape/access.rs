//! What is inside of structs, sequences, maps and enums that have no bytes.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::probe::{Probe, Stop, behind};

/// The elements of a sequence or a tuple.
pub(super) struct Items<'a> {
    place: Probe<'a>,
    next: usize,
    length: usize,
}

impl<'a> Items<'a> {
    pub(super) fn new(place: Probe<'a>, length: usize) -> Self {
        Self { place, next: 0, length }
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        if self.next == self.length {
            return Ok(None);
        }
        let index = self.next;
        self.next += 1;
        self.place.step(index, &["[", &index.to_string(), "]"], |item| seed.deserialize(item)).map(Some)
    }
}

/// The one entry of a map.
pub(super) struct Pair<'a> {
    place: Probe<'a>,
    left: bool,
}

impl<'a> Pair<'a> {
    pub(super) fn new(place: Probe<'a>, left: bool) -> Self {
        Self { place, left }
    }
}

impl<'de> MapAccess<'de> for Pair<'_> {
    type Error = Stop;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        if !self.left {
            return Ok(None);
        }
        self.left = false;
        self.place.step(0, &["{key}"], |key| seed.deserialize(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        self.place.step(1, &["{value}"], |value| seed.deserialize(value))
    }
}

/// The fields of a struct. One that the type does not accept is left out in the next run, so that those behind it are seen.
pub(super) struct Fields<'a, 'p> {
    place: &'a mut Probe<'p>,
    names: &'static [&'static str],
    next: usize,
    /// The field whose name was given, but whose value was not asked for.
    named: Option<usize>,
}

/// Fed, or left out.
const WAYS: usize = 2;

impl Fields<'_, '_> {
    pub(super) fn run<'de, V: Visitor<'de>>(
        mut place: Probe<'_>,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let mut inside = Fields { place: &mut place, names: fields, next: 0, named: None };
        let result = visitor.visit_map(&mut inside);
        // A name and its alias are one field, which can't be given twice.
        if let (Err(Stop), Some(field)) = (&result, inside.named) {
            inside.ended(field, inside.place.trace.moved, false);
        }
        result
    }

    fn choice(&self, field: usize) -> u64 {
        behind(behind(self.place.at, field), usize::MAX)
    }

    fn ended(&mut self, field: usize, moved: usize, good: bool) {
        let choice = self.choice(field);
        let trace = &mut *self.place.trace;
        let before = trace.moved;
        trace.gone(choice, WAYS, false, moved, good);
        trace.gaps |= trace.moved > before;
    }
}

impl<'de> MapAccess<'de> for &mut Fields<'_, '_> {
    type Error = Stop;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        while let Some(name) = self.names.get(self.next) {
            let field = self.next;
            self.next += 1;
            let choice = self.choice(field);
            if self.place.trace.way(choice, WAYS) == 0 {
                self.named = Some(field);
                let name: StrDeserializer<'_, Stop> = (*name).into_deserializer();
                return seed.deserialize(name).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        let field = self.named.take().ok_or(Stop)?;
        let name = self.names.get(field).copied().unwrap_or_default();
        let moved = self.place.trace.moved;
        let result = self.place.step(field, &[".", name], |value| seed.deserialize(value));
        self.ended(field, moved, result.is_ok());
        result
    }
}

/// One variant of an enum.
pub(super) struct Variant<'a> {
    place: Probe<'a>,
    name: &'static str,
}

impl<'a> Variant<'a> {
    pub(super) fn new(place: Probe<'a>, name: &'static str) -> Self {
        Self { place, name }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Stop;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Stop> {
        let name: StrDeserializer<'_, Stop> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        self.place.trace.note(self.place.at, "unit variant", &[]);
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(mut self, seed: S) -> Result<S::Value, Stop> {
        self.place.trace.note(self.place.at, "newtype variant", &[]);
        self.place.step(0, &[], |inner| seed.deserialize(inner))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Stop> {
        self.place.trace.note(self.place.at, "tuple variant", &[&length.to_string()]);
        visitor.visit_seq(Items::new(self.place, length))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Stop> {
        self.place.trace.note(self.place.at, "struct variant", fields);
        Fields::run(self.place, fields, visitor)
    }
}

//! Values to payloads and back.
//!
//! `MessagePack` with the names of fields is the codec unless another is asked for: it describes itself, so that everything serde can
//! express comes back as it was, fields may be added, and it is small and fast enough to vanish behind a round trip. JSON is for people and for
//! other languages, and does not have everything: keys of maps must be texts, and a float that is not finite is lost. What is bytes already
//! can be stored as it is.

use std::any::{Any, TypeId};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::shared::msgpack;
use crate::shared::wire::WireError;

/// How values are written that the shared tier holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// `MessagePack` with the names of fields: everything that serde can express, in few bytes.
    #[default]
    MessagePack,
    /// JSON, for people and other languages. The keys of maps must be texts, numbers or enums, and floats finite; `Some` of a value that is
    /// `null` in JSON comes back as `None`.
    Json,
    /// The bytes themselves, for functions that return `String`, `Vec<u8>`, or an `Arc` or `Box` of `str` or `[u8]`.
    Raw,
}

/// What a payload is. An `i64` is a number whatever the codec, so that a store can add to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    MessagePack,
    Json,
    Raw,
    Number,
}

impl Form {
    /// How a value of this type is written if this codec is asked for.
    pub(crate) fn new<T: Any>(codec: Codec) -> Self {
        match codec {
            _ if TypeId::of::<T>() == TypeId::of::<i64>() => Self::Number,
            Codec::MessagePack => Self::MessagePack,
            Codec::Json => Self::Json,
            Codec::Raw => Self::Raw,
        }
    }

    /// Its mark in the envelope.
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::MessagePack => 1,
            Self::Json => 3,
            Self::Raw => 4,
            Self::Number => 5,
        }
    }

    pub(crate) fn of(byte: u8) -> Option<Self> {
        [Self::MessagePack, Self::Json, Self::Raw, Self::Number].into_iter().find(|form| form.byte() == byte)
    }
}

pub(crate) fn encode<T: Any + Serialize>(value: &T, form: Form) -> Result<Vec<u8>, WireError> {
    match form {
        Form::MessagePack => rmp_serde::to_vec_named(value).map_err(WireError::encode),
        Form::Json => serde_json::to_vec(value).map_err(WireError::encode),
        Form::Raw => bytes_of(value).map(<[u8]>::to_vec).ok_or_else(WireError::not_raw::<T>),
        Form::Number => number_of(value).map(|number| number.to_string().into()).ok_or_else(WireError::no_number::<T>),
    }
}

/// The bytes are borrowed for this call only, and a value may only be made of what lives for ever: both readers copy, so that a value
/// that wants to borrow is an error.
pub(crate) fn decode<T: Any + Deserialize<'static>>(payload: &[u8], form: Form) -> Result<T, WireError> {
    match form {
        Form::MessagePack => msgpack::decode(payload),
        Form::Json => {
            let mut reader = serde_json::Deserializer::from_reader(payload);
            let value = T::deserialize(&mut reader).map_err(WireError::decode)?;
            reader.end().map_err(WireError::decode)?;
            Ok(value)
        }
        Form::Raw => from_bytes(payload),
        Form::Number => number(payload).and_then(cast).ok_or_else(WireError::no_number::<T>),
    }
}

/// Text is a number only as a store writes it, or two texts would be one value.
fn number(payload: &[u8]) -> Option<i64> {
    let text = str::from_utf8(payload).ok()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn number_of(value: &dyn Any) -> Option<i64> {
    value.downcast_ref().copied()
}

/// The bytes of a value that is bytes.
fn bytes_of(value: &dyn Any) -> Option<&[u8]> {
    let texts = [
        value.downcast_ref::<String>().map(String::as_str),
        value.downcast_ref::<Box<str>>().map(|text| &**text),
        value.downcast_ref::<Arc<str>>().map(|text| &**text),
    ];
    let bytes = [
        value.downcast_ref::<Vec<u8>>().map(Vec::as_slice),
        value.downcast_ref::<Box<[u8]>>().map(|bytes| &**bytes),
        value.downcast_ref::<Arc<[u8]>>().map(|bytes| &**bytes),
    ];
    texts.into_iter().flatten().map(str::as_bytes).chain(bytes.into_iter().flatten()).next()
}

fn from_bytes<T: Any>(payload: &[u8]) -> Result<T, WireError> {
    let type_id = TypeId::of::<T>();
    let is = |other: TypeId| type_id == other;
    let value = if is(TypeId::of::<Vec<u8>>()) {
        cast(payload.to_vec())
    } else if is(TypeId::of::<Box<[u8]>>()) {
        cast(Box::<[u8]>::from(payload))
    } else if is(TypeId::of::<Arc<[u8]>>()) {
        cast(Arc::<[u8]>::from(payload))
    } else {
        let text = || str::from_utf8(payload).map_err(WireError::decode);
        if is(TypeId::of::<String>()) {
            cast(text()?.to_owned())
        } else if is(TypeId::of::<Box<str>>()) {
            cast(Box::<str>::from(text()?))
        } else if is(TypeId::of::<Arc<str>>()) {
            cast(Arc::<str>::from(text()?))
        } else {
            None
        }
    };
    value.ok_or_else(WireError::not_raw::<T>)
}

/// The value itself, if its type is this one.
fn cast<A: Any, T: Any>(value: A) -> Option<T> {
    let mut value = Some(value);
    (&mut value as &mut dyn Any).downcast_mut::<Option<T>>()?.take()
}

#[cfg(test)]
mod tests;

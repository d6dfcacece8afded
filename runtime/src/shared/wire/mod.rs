//! What a value type needs to leave the process, without the type: found by `wired.rs`, held by whatever only knows a value as `dyn Any`.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::memory::{Header, Stored};
use crate::outcome::Value;
use crate::shared::codec::{self, Codec, Form};
use crate::shared::shape::{self, NotFaithful};

/// How values of one type become bytes and come back.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Wire {
    type_id: fn() -> TypeId,
    type_name: fn() -> &'static str,
    form: fn(Codec) -> Form,
    shape: fn() -> Result<u64, NotFaithful>,
    encode: fn(&(dyn Any + Send + Sync), Form) -> Result<Vec<u8>, WireError>,
    decode: Decode,
    again: fn(&[u8], Form) -> Result<usize, WireError>,
}

type Decode = fn(&[u8], Form, Header) -> Result<Arc<Stored>, WireError>;

/// The one [`Wire`] of a type.
#[derive(Debug)]
pub(crate) struct WireOf<T>(T);

impl<T: Value + Serialize + Deserialize<'static>> WireOf<T> {
    pub(crate) const WIRE: &'static Wire = &Wire::of::<T>();
}

/// What is known of a type, once it has been asked for.
#[derive(Debug, Default)]
struct Known {
    shape: Option<Result<u64, NotFaithful>>,
    /// The forms in which a value was read back that had just been written.
    proven: Vec<Form>,
}

static KNOWN: LazyLock<Mutex<HashMap<TypeId, Known>>> = LazyLock::new(Mutex::default);

fn known() -> MutexGuard<'static, HashMap<TypeId, Known>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wire {
    const fn of<T: Value + Serialize + Deserialize<'static>>() -> Self {
        Self {
            type_id: TypeId::of::<T>,
            type_name: type_name::<T>,
            form: Form::new::<T>,
            shape: shape::fingerprint::<T>,
            encode: encode::<T>,
            decode: decode::<T>,
            again: again::<T>,
        }
    }

    pub(crate) fn type_id(&self) -> TypeId {
        (self.type_id)()
    }

    pub(crate) fn type_name(&self) -> &'static str {
        (self.type_name)()
    }

    /// How a value is written if this codec is asked for.
    pub(crate) fn form(&self, codec: Codec) -> Form {
        (self.form)(codec)
    }

    /// What the type looks like: another number as soon as it has another field. An error if its values would not come back as they
    /// were.
    pub(crate) fn fingerprint(&self) -> Result<u64, WireError> {
        let type_id = self.type_id();
        if let Some(shape) = known().get(&type_id).and_then(|known| known.shape.clone()) {
            return shape.map_err(WireError::NotFaithful);
        }
        // Code of the type's runs here, so no lock is held. Whoever comes twice finds the same.
        let shape = catch(self.shape)?;
        known().entry(type_id).or_default().shape = Some(shape.clone());
        shape.map_err(WireError::NotFaithful)
    }

    pub(crate) fn encode(&self, value: &(dyn Any + Send + Sync), form: Form) -> Result<Vec<u8>, WireError> {
        let payload = catch(|| (self.encode)(value, form))??;
        if cfg!(debug_assertions) {
            self.prove(&payload, form)?;
        }
        Ok(payload)
    }

    pub(crate) fn decode(&self, payload: &[u8], form: Form, header: Header) -> Result<Arc<Stored>, WireError> {
        catch(|| (self.decode)(payload, form, header))?
    }

    /// Can't a value of this type be written by this codec, whatever it is?
    pub(crate) fn misfit(&self, codec: Codec) -> Option<WireError> {
        let form = self.form(codec);
        if form != Form::Raw {
            return None;
        }
        catch(|| (self.again)(&[], form))
            .and_then(|length| length)
            .err()
            .filter(|error| matches!(error, WireError::NotRaw(_)))
    }

    /// Reads the first value of each type back: a type that can't read what it has written would look like a cache that never hits. What
    /// is read and written again has to be as long; a map or a set may have another order.
    fn prove(&self, payload: &[u8], form: Form) -> Result<(), WireError> {
        if known().entry(self.type_id()).or_default().proven.contains(&form) {
            return Ok(());
        }
        let name = self.type_name();
        let length = match catch(|| (self.again)(payload, form))? {
            Ok(length) => length,
            Err(error) => return Err(WireError::Unreadable { name, why: error.to_string() }),
        };
        if length != payload.len() {
            let why = format!("{} bytes became {length}", payload.len());
            return Err(WireError::Unreadable { name, why });
        }
        known().entry(self.type_id()).or_default().proven.push(form);
        Ok(())
    }
}

fn encode<T: Any + Serialize>(value: &(dyn Any + Send + Sync), form: Form) -> Result<Vec<u8>, WireError> {
    let value = value.downcast_ref::<T>().ok_or(WireError::OtherType(type_name::<T>()))?;
    codec::encode(value, form)
}

fn decode<T: Value + Deserialize<'static>>(
    payload: &[u8],
    form: Form,
    header: Header,
) -> Result<Arc<Stored>, WireError> {
    let value: T = codec::decode(payload, form)?;
    Ok(Arc::new(Stored { header, value }))
}

/// The length of what was read when it is written again.
fn again<T: Any + Serialize + Deserialize<'static>>(payload: &[u8], form: Form) -> Result<usize, WireError> {
    let value: T = codec::decode(payload, form)?;
    codec::encode(&value, form).map(|payload| payload.len())
}

/// Runs code of the value's type, which may panic on bytes that it does not expect; that is no reason to lose a call.
fn catch<R>(run: impl FnOnce() -> R) -> Result<R, WireError> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|_| WireError::Panicked)
}

/// Why a value did not become bytes, or bytes no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WireError {
    Encode(String),
    Decode(String),
    NotFaithful(NotFaithful),
    Unreadable { name: &'static str, why: String },
    NotRaw(&'static str),
    NoNumber(&'static str),
    OtherType(&'static str),
    Panicked,
    TooLong { length: usize, limit: usize },
    TooManyTags,
    LongRevision,
}

impl WireError {
    pub(crate) fn encode(error: impl fmt::Display) -> Self {
        Self::Encode(error.to_string())
    }

    pub(crate) fn decode(error: impl fmt::Display) -> Self {
        Self::Decode(error.to_string())
    }

    pub(crate) fn not_raw<T>() -> Self {
        Self::NotRaw(type_name::<T>())
    }

    pub(crate) fn no_number<T>() -> Self {
        Self::NoNumber(type_name::<T>())
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encode(error) => write!(f, "can't be written: {error}"),
            Self::Decode(error) => write!(f, "can't be read: {error}"),
            Self::NotFaithful(error) => error.fmt(f),
            Self::Unreadable { name, why } => write!(f, "`{name}` can't read what it has written: {why}"),
            Self::NotRaw(name) => write!(
                f,
                "`{name}` is not bytes: `codec = raw` is for `String`, `Vec<u8>`, and `Arc` or `Box` of `str` or `[u8]`"
            ),
            Self::NoNumber(name) => write!(f, "a number where `{name}` is asked for, or no number where one is"),
            Self::OtherType(name) => write!(f, "the value is no `{name}`"),
            Self::Panicked => f.write_str("its `Serialize` or `Deserialize` panicked"),
            Self::TooLong { length, limit } => write!(f, "{length} bytes, more than the limit of {limit}"),
            Self::TooManyTags => f.write_str("more than 255 generations"),
            Self::LongRevision => f.write_str("a revision of more than 65,534 bytes"),
        }
    }
}

impl std::error::Error for WireError {}

#[cfg(test)]
mod tests;

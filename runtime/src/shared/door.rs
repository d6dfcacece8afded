//! The way of a value through the wire, for tests and the fuzz target, which reach it as `__private::wire_door`. Not public interface.

use serde::{Deserialize, Serialize};

use super::codec::{self, Codec, Form};
use super::envelope::{Head, Limits, look, mend as mend_bytes, seal};
use crate::outcome::Value;

/// The bytes of a value, as they would be stored; `None` if it can't be written.
pub fn write<T: Value + Serialize>(value: &T, codec: Codec) -> Option<Vec<u8>> {
    let form = Form::new::<T>(codec);
    let payload = codec::encode(value, form).ok()?;
    seal(&head(form), &payload, &Limits::default()).ok()
}

/// The value in these bytes; `None` if they are no envelope, or its payload no such value.
#[must_use]
pub fn read<T: Value + Deserialize<'static>>(bytes: &[u8]) -> Option<T> {
    let (head, packed) = look(bytes, &Limits::default()).ok()?;
    if head.nothing {
        return None;
    }
    codec::decode(&packed.unpack().ok()?, head.form).ok()
}

/// Reads bytes as what is in an envelope.
#[must_use]
pub fn read_payload<T: Value + Deserialize<'static>>(payload: &[u8], codec: Codec) -> Option<T> {
    codec::decode(payload, Form::new::<T>(codec)).ok()
}

/// Makes bytes pass the checks that chance does not: the magic number, the format, the checksum.
pub fn mend(bytes: &mut [u8]) {
    mend_bytes(bytes);
}

fn head(form: Form) -> Head {
    Head {
        nothing: false,
        form,
        fingerprint: 0,
        types: 0,
        created_ms: 0,
        timeout: 0,
        keep: 0,
        cost_us: 0,
        generations: Vec::new(),
        revision: None,
    }
}

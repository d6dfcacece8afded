//! The bytes around a payload: what the value is, under which generations it was made, and whether the bytes are whole.
//!
//! ```text
//!  0 u16  magic 0xC7 0x9E: neither UTF-8, nor the beginning of MessagePack or JSON, nor a number
//!  2 u8   format, 1
//!  3 u8   flags: bits 0-1 compression (0 none, 1 lz4 block), bit 2 nothing found, bit 3 number
//!  4 u8   form of the payload (1 MessagePack, 3 JSON, 4 raw, 5 number)
//!  5 u8   number of generations
//!  6 u16  length of the revision + 1, 0 without one
//!  8 u64  fingerprint of the value's shape
//! 16 u64  types: tells apart types of one name in the key, 0 without any
//! 24 u64  created, unix ms: for people, never for freshness
//! 32 u64  timeout in ms as written, u64::MAX: never
//! 40 u64  keep in ms: how long it is of use past its timeout, u64::MAX: for ever
//! 48 u32  what the load took, in microseconds
//! 52 u32  length of the payload after decompression, 0 for a number
//! 56 u32  crc32 of everything but these four bytes, and but the digits of a number
//! 60 u32  zero
//! 64      generations (u64 each), revision, payload
//! ```
//!
//! All numbers are little endian. Bytes from a store are nobody's word: [`look`] checks all that can be checked before anything is
//! allocated, and never panics.

mod read;

use crc32fast::Hasher;

use crate::clock::NEVER;
use crate::shared::codec::Form;
use crate::shared::wire::WireError;

#[cfg(test)]
use read::Corrupt;
pub(crate) use read::{look, open};

/// Where the byte is that says the form of the payload. With [`Form::Number`] in it a store may add to the payload.
pub(crate) const FORM_AT: usize = 4;
/// Where the generations are.
pub(crate) const GENERATIONS_AT: usize = HEAD;

/// The length of the part that every envelope has.
pub(crate) const HEAD: usize = 64;
const MAGIC: [u8; 2] = [0xC7, 0x9E];
const FORMAT: u8 = 1;
const CRC_AT: usize = 56;

const COMPRESSION: u8 = 0b0011;
const LZ4: u8 = 1;
const NOTHING: u8 = 0b0100;
const NUMBER: u8 = 0b1000;

/// Payloads from this length on are compressed, if it saves an eighth.
const WORTH: usize = 1024;

/// No value is longer; a store need not give what is. The scripts of Redis know the number.
pub(crate) const LONGEST: usize = 8 << 20;

/// What bytes may cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The bytes in the store.
    pub(crate) value: usize,
    /// The payload after decompression.
    pub(crate) raw: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { value: LONGEST, raw: 32 << 20 }
    }
}

/// What an envelope says about its payload. Times are in nanoseconds, and written in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// "Nothing found": there is no payload.
    pub(crate) nothing: bool,
    pub(crate) form: Form,
    pub(crate) fingerprint: u64,
    /// Tells apart types of the same name that the key names.
    pub(crate) types: u64,
    /// Unix time; for people only.
    pub(crate) created_ms: u64,
    pub(crate) timeout: u64,
    /// How long it is of use past its timeout.
    pub(crate) keep: u64,
    pub(crate) cost_us: u32,
    pub(crate) generations: Vec<u64>,
    pub(crate) revision: Option<Vec<u8>>,
}

/// Puts an envelope around a payload.
pub(crate) fn seal(head: &Head, payload: &[u8], limits: &Limits) -> Result<Vec<u8>, WireError> {
    if head.form == Form::Number && !head.nothing {
        let mut bytes = number_head(head)?;
        bytes.extend_from_slice(payload);
        return Ok(bytes);
    }
    let payload = if head.nothing { &[] } else { payload };
    let raw = u32::try_from(payload.len()).ok().filter(|_| payload.len() <= limits.raw);
    let raw = raw.ok_or(WireError::TooLong { length: payload.len(), limit: limits.raw })?;
    let mut bytes = Vec::with_capacity(HEAD + 8 * head.generations.len() + payload.len());
    let flags = if head.nothing { NOTHING } else { 0 };
    write_head(head, flags, raw, &mut bytes)?;
    let compressed = compress(payload, &mut bytes);
    if compressed {
        put(&mut bytes, 3, &[flags | LZ4]);
    } else {
        bytes.extend_from_slice(payload);
    }
    if bytes.len() > limits.value {
        return Err(WireError::TooLong { length: bytes.len(), limit: limits.value });
    }
    sign(&mut bytes);
    Ok(bytes)
}

/// The envelope of a number up to its digits, which a store may rewrite: the checksum does not count them.
pub(crate) fn number_head(head: &Head) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::with_capacity(HEAD + 8 * head.generations.len() + 20);
    write_head(&Head { form: Form::Number, nothing: false, ..head.clone() }, NUMBER, 0, &mut bytes)?;
    sign(&mut bytes);
    Ok(bytes)
}

fn write_head(head: &Head, flags: u8, raw: u32, bytes: &mut Vec<u8>) -> Result<(), WireError> {
    let generations = u8::try_from(head.generations.len()).map_err(|_| WireError::TooManyTags)?;
    let revision = head.revision.as_ref().map_or(Some(0), |revision| revision.len().checked_add(1));
    let revision = revision.and_then(|length| u16::try_from(length).ok()).ok_or(WireError::LongRevision)?;
    bytes.extend_from_slice(&MAGIC);
    // What is not there is no number, so that no store adds to it.
    let form = if head.nothing { Form::MessagePack } else { head.form };
    bytes.extend_from_slice(&[FORMAT, flags, form.byte(), generations]);
    bytes.extend_from_slice(&revision.to_le_bytes());
    for number in [head.fingerprint, head.types, head.created_ms, millis(head.timeout), millis(head.keep)] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for number in [head.cost_us, raw, 0, 0] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for generation in &head.generations {
        bytes.extend_from_slice(&generation.to_le_bytes());
    }
    bytes.extend_from_slice(head.revision.as_deref().unwrap_or_default());
    Ok(())
}

/// Appends the payload in fewer bytes, or nothing if that does not save an eighth.
fn compress(payload: &[u8], bytes: &mut Vec<u8>) -> bool {
    if payload.len() < WORTH {
        return false;
    }
    let at = bytes.len();
    bytes.resize(at + lz4_flex::block::get_maximum_output_size(payload.len()), 0);
    let room = bytes.get_mut(at..).unwrap_or_default();
    let length = lz4_flex::block::compress_into(payload, room).unwrap_or(usize::MAX);
    let worth = length <= payload.len() - payload.len() / 8;
    bytes.truncate(if worth { at + length } else { at });
    worth
}

/// Writes the checksum.
fn sign(bytes: &mut [u8]) {
    let crc = checksum(bytes);
    put(bytes, CRC_AT, &crc.to_le_bytes());
}

/// The checksum of everything but the checksum.
fn checksum(bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(bytes.get(..CRC_AT).unwrap_or_default());
    hasher.update(bytes.get(CRC_AT + 4..).unwrap_or_default());
    hasher.finalize()
}

fn put(bytes: &mut [u8], at: usize, new: &[u8]) {
    if let Some(old) = bytes.get_mut(at..at + new.len()) {
        old.copy_from_slice(new);
    }
}

/// A time that is not zero stays one.
fn millis(nanos: u64) -> u64 {
    match nanos {
        NEVER => NEVER,
        nanos => (nanos / 1_000_000).max(u64::from(nanos > 0)),
    }
}

fn nanos(millis: u64) -> u64 {
    if millis == NEVER { NEVER } else { millis.saturating_mul(1_000_000).min(NEVER - 1) }
}

/// Makes bytes pass the checks that chance does not, for tests of those behind.
pub(crate) fn mend(bytes: &mut [u8]) {
    put(bytes, 0, &[MAGIC[0], MAGIC[1], FORMAT]);
    put(bytes, 60, &[0; 4]);
    let number = bytes.get(3).is_some_and(|flags| flags & NUMBER != 0);
    let end = if number { read::payload_at(bytes).unwrap_or(bytes.len()) } else { bytes.len() };
    if let Some(bytes) = bytes.get_mut(..end) {
        sign(bytes);
    }
}

#[cfg(test)]
mod tests;

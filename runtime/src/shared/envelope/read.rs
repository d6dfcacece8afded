//! Reading an envelope: the checks, in the order of what they cost.

use std::borrow::Cow;
use std::fmt;

use super::{COMPRESSION, CRC_AT, FORMAT, HEAD, Head, LZ4, Limits, MAGIC, NOTHING, NUMBER, checksum, nanos};
use crate::shared::codec::Form;

/// Why bytes are no envelope. They are as good as no bytes: a miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corrupt {
    TooLong { length: usize, limit: usize },
    TooShort(usize),
    Magic,
    Format(u8),
    Flags(u8),
    Form(u8),
    Reserved,
    Sections { length: usize, needed: usize },
    Nothing,
    Claim { raw: usize, limit: usize },
    Length { raw: usize, length: usize },
    Checksum,
    Compression,
}

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { length, limit } => write!(f, "{length} bytes, more than the {limit} that are read"),
            Self::TooShort(length) => write!(f, "{length} bytes, fewer than an envelope has"),
            Self::Magic => f.write_str("not written by larder"),
            Self::Format(format) => write!(f, "format {format}, which this version does not know"),
            Self::Flags(flags) => write!(f, "flags {flags:#010b}, which mean nothing"),
            Self::Form(form) => write!(f, "a payload of form {form}, which this version does not know"),
            Self::Reserved => f.write_str("something where nothing may be"),
            Self::Sections { length, needed } => write!(f, "{length} bytes, where the head says at least {needed}"),
            Self::Nothing => f.write_str("\"nothing found\" with a payload"),
            Self::Claim { raw, limit } => write!(f, "a payload of {raw} bytes, more than the {limit} that are read"),
            Self::Length { raw, length } => write!(f, "a payload of {raw} bytes can't be in {length} bytes"),
            Self::Checksum => f.write_str("the checksum is wrong"),
            Self::Compression => f.write_str("the payload can't be decompressed"),
        }
    }
}

/// A payload as it is in the store: whole, but perhaps compressed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packed<'a> {
    bytes: &'a [u8],
    raw: usize,
    compressed: bool,
}

/// Reads an envelope and its payload.
pub(crate) fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(Head, Cow<'a, [u8]>), Corrupt> {
    let (head, packed) = look(bytes, limits)?;
    Ok((head, packed.unpack()?))
}

/// Reads an envelope without decompressing what is in it: who does not want it after all has paid for the checksum only.
pub(crate) fn look<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(Head, Packed<'a>), Corrupt> {
    let length = bytes.len();
    if length > limits.value {
        return Err(Corrupt::TooLong { length, limit: limits.value });
    }
    let fixed = bytes.first_chunk::<HEAD>().ok_or(Corrupt::TooShort(length))?;
    let flags = flags_of(fixed)?;
    let (number, nothing, compressed) = (flags & NUMBER != 0, flags & NOTHING != 0, flags & COMPRESSION == LZ4);
    let form = Form::of(fixed[4]).ok_or(Corrupt::Form(fixed[4]))?;
    if number != (form == Form::Number) || (number && nothing) || (compressed && (number || nothing)) {
        return Err(Corrupt::Flags(flags));
    }
    let needed = payload_at(bytes).ok_or(Corrupt::TooShort(length))?;
    let payload = bytes.get(needed..).ok_or(Corrupt::Sections { length, needed })?;
    let raw = check_lengths(fixed, flags, payload.len(), limits)?;
    let signed = if number { bytes.get(..needed).unwrap_or_default() } else { bytes };
    if checksum(signed) != u32_at(fixed, CRC_AT) {
        return Err(Corrupt::Checksum);
    }
    let head = Head {
        nothing,
        form,
        fingerprint: u64_at(fixed, 8),
        types: u64_at(fixed, 16),
        created_ms: u64_at(fixed, 24),
        timeout: nanos(u64_at(fixed, 32)),
        keep: nanos(u64_at(fixed, 40)),
        cost_us: u32_at(fixed, 48),
        generations: generations(bytes, usize::from(fixed[5])),
        revision: revision(bytes, fixed, needed),
    };
    Ok((head, Packed { bytes: payload, raw, compressed }))
}

/// The flags, if this is an envelope that this version can read.
fn flags_of(fixed: &[u8; HEAD]) -> Result<u8, Corrupt> {
    if fixed[..2] != MAGIC {
        return Err(Corrupt::Magic);
    }
    if fixed[2] != FORMAT {
        return Err(Corrupt::Format(fixed[2]));
    }
    let flags = fixed[3];
    if flags & !(COMPRESSION | NOTHING | NUMBER) != 0 || flags & COMPRESSION > LZ4 {
        return Err(Corrupt::Flags(flags));
    }
    if u32_at(fixed, 60) != 0 {
        return Err(Corrupt::Reserved);
    }
    Ok(flags)
}

/// The length of the payload after decompression, if it is one that there can be.
fn check_lengths(fixed: &[u8; HEAD], flags: u8, length: usize, limits: &Limits) -> Result<usize, Corrupt> {
    let raw = usize::try_from(u32_at(fixed, 52)).unwrap_or(usize::MAX);
    if raw > limits.raw {
        return Err(Corrupt::Claim { raw, limit: limits.raw });
    }
    if flags & NOTHING != 0 && (raw, length) != (0, 0) {
        return Err(Corrupt::Nothing);
    }
    let possible = match flags {
        // A store that adds to a number does not count its digits.
        flags if flags & NUMBER != 0 => raw == 0 && (1..=20).contains(&length),
        // No byte of a block stands for more than 255.
        flags if flags & COMPRESSION == LZ4 => raw <= length.saturating_mul(255).saturating_add(64),
        _ => raw == length,
    };
    if possible { Ok(raw) } else { Err(Corrupt::Length { raw, length }) }
}

/// Where the payload begins; it may be behind the end.
pub(super) fn payload_at(bytes: &[u8]) -> Option<usize> {
    let generations = usize::from(*bytes.get(5)?);
    let revision = usize::from(u16::from_le_bytes([*bytes.get(6)?, *bytes.get(7)?]));
    Some(HEAD + 8 * generations + revision.saturating_sub(1))
}

fn generations(bytes: &[u8], count: usize) -> Vec<u64> {
    let (numbers, _) = bytes.get(HEAD..).unwrap_or_default().as_chunks::<8>();
    numbers.iter().take(count).map(|bytes| u64::from_le_bytes(*bytes)).collect()
}

fn revision(bytes: &[u8], fixed: &[u8; HEAD], end: usize) -> Option<Vec<u8>> {
    let length = usize::from(u16::from_le_bytes([fixed[6], fixed[7]])).checked_sub(1)?;
    bytes.get(end.checked_sub(length)?..end).map(<[u8]>::to_vec)
}

fn u64_at(fixed: &[u8; HEAD], at: usize) -> u64 {
    fixed.get(at..).and_then(<[u8]>::first_chunk).copied().map_or(0, u64::from_le_bytes)
}

fn u32_at(fixed: &[u8; HEAD], at: usize) -> u32 {
    fixed.get(at..).and_then(<[u8]>::first_chunk).copied().map_or(0, u32::from_le_bytes)
}

impl<'a> Packed<'a> {
    /// The payload. Allocates exactly what the envelope claims, which has been compared with the limit.
    pub(crate) fn unpack(self) -> Result<Cow<'a, [u8]>, Corrupt> {
        if !self.compressed {
            return Ok(Cow::Borrowed(self.bytes));
        }
        let mut raw = vec![0; self.raw];
        match lz4_flex::block::decompress_into(self.bytes, &mut raw) {
            Ok(length) if length == raw.len() => Ok(Cow::Owned(raw)),
            _ => Err(Corrupt::Compression),
        }
    }
}

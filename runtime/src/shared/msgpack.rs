//! `MessagePack` from a store.
//!
//! The bytes are walked once before they are read: `rmp_serde` counts how deep sequences and maps are nested, but not enums, so that a few
//! kilobytes could end the process by exhausting its stack; and serde reserves memory for as many elements as a sequence says
//! that it has. After the walk every element that is said to be there is there.

use serde::Deserialize;

use super::wire::WireError;

/// How deep values may be nested, as in JSON.
const DEPTH: usize = 128;

pub(crate) fn decode<T: Deserialize<'static>>(payload: &[u8]) -> Result<T, WireError> {
    walk(payload).map_err(WireError::decode)?;
    let mut reader = rmp_serde::Deserializer::new(payload);
    let value = T::deserialize(&mut reader).map_err(WireError::decode)?;
    match reader.get_ref() {
        [] => Ok(value),
        rest => Err(WireError::decode(format_args!("{} bytes behind the value", rest.len()))),
    }
}

/// Are these bytes one value, no more and no less, and not too deep?
fn walk(mut bytes: &[u8]) -> Result<(), &'static str> {
    // How many values are still to come, of the sequence or map at each depth.
    let mut open = [0_u64; DEPTH + 1];
    let mut depth = 0;
    if let Some(left) = open.first_mut() {
        *left = 1;
    }
    loop {
        let left = open.get_mut(depth).ok_or("nested too deep")?;
        if *left == 0 {
            match depth.checked_sub(1) {
                Some(outer) => depth = outer,
                None if bytes.is_empty() => return Ok(()),
                None => return Err("bytes behind the value"),
            }
            continue;
        }
        *left -= 1;
        let (skipped, inner) = item(&mut bytes)?;
        let skipped = usize::try_from(skipped).map_err(|_| "it ends too early")?;
        bytes = bytes.get(skipped..).ok_or("it ends too early")?;
        if inner > 0 {
            depth += 1;
            *open.get_mut(depth).ok_or("nested too deep")? = inner;
        }
    }
}

/// How many bytes of its own the next value has behind its mark and length, and how many values.
fn item(bytes: &mut &[u8]) -> Result<(u64, u64), &'static str> {
    let mark = u8::try_from(number(bytes, 1)?).unwrap_or_default();
    Ok(match mark {
        0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => (0, 0),
        0x80..=0x8f => (0, 2 * u64::from(mark & 0x0f)),
        0x90..=0x9f => (0, u64::from(mark & 0x0f)),
        0xa0..=0xbf => (u64::from(mark & 0x1f), 0),
        0xc1 => return Err("a mark that means nothing"),
        0xcc | 0xd0 => (1, 0),
        0xcd | 0xd1 | 0xd4 => (2, 0),
        0xca | 0xce | 0xd2 => (4, 0),
        0xcb | 0xcf | 0xd3 => (8, 0),
        // Texts and bytes.
        0xc4 | 0xd9 => (number(bytes, 1)?, 0),
        0xc5 | 0xda => (number(bytes, 2)?, 0),
        0xc6 | 0xdb => (number(bytes, 4)?, 0),
        // Extensions have a byte that says what they are; `0xd4`, of one byte, is above.
        0xc7 => (1 + number(bytes, 1)?, 0),
        0xc8 => (1 + number(bytes, 2)?, 0),
        0xc9 => (1 + number(bytes, 4)?, 0),
        0xd5 => (3, 0),
        0xd6 => (5, 0),
        0xd7 => (9, 0),
        0xd8 => (17, 0),
        0xdc => (0, number(bytes, 2)?),
        0xdd => (0, number(bytes, 4)?),
        0xde => (0, 2 * number(bytes, 2)?),
        0xdf => (0, 2 * number(bytes, 4)?),
    })
}

/// Takes a number of so many bytes.
fn number(bytes: &mut &[u8], length: usize) -> Result<u64, &'static str> {
    let (number, rest) = bytes.split_at_checked(length).ok_or("it ends too early")?;
    *bytes = rest;
    Ok(number.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

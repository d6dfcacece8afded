//! The headers of requests that a handler lists: in the type of its context, and in the keys of its entries.

use super::returned::Vary;
use super::vary;
use crate::key::KeyWriter;

/// The name of a header in a type, for handlers beside which no type can stand: four times sixteen bytes, the first in the lowest.
#[doc(hidden)]
#[derive(Debug)]
pub enum Header<const A: u128, const B: u128, const C: u128, const D: u128> {}

impl<const A: u128, const B: u128, const C: u128, const D: u128> Header<A, B, C, D> {
    const BYTES: [u8; 64] = bytes([A, B, C, D]);

    /// The name.
    pub const NAME: &'static str = text(&Self::BYTES);
}

const fn bytes(words: [u128; 4]) -> [u8; 64] {
    let mut bytes = [0; 64];
    let mut rest: &mut [u8] = &mut bytes;
    let mut words: &[u128] = &words;
    while let Some((word, others)) = words.split_first()
        && let Some((sixteen, after)) = rest.split_first_chunk_mut()
    {
        *sixteen = word.to_le_bytes();
        (words, rest) = (others, after);
    }
    bytes
}

/// What stands before the first zero.
const fn text(bytes: &'static [u8; 64]) -> &'static str {
    let mut name: &[u8] = bytes;
    while let Some((0, shorter)) = name.split_last() {
        name = shorter;
    }
    match str::from_utf8(name) {
        Ok(name) => name,
        Err(_) => "",
    }
}

macro_rules! names {
    ($($($a:ident $b:ident $c:ident $d:ident),+;)*) => {$(
        impl<$(const $a: u128, const $b: u128, const $c: u128, const $d: u128),+> Vary for ($(Header<$a, $b, $c, $d>,)+) {
            const NAMES: &'static [&'static str] = &[$(Header::<$a, $b, $c, $d>::NAME),+];
        }
    )*};
}

names! {
    A B C D;
    A B C D, E F G H;
    A B C D, E F G H, I J K L;
    A B C D, E F G H, I J K L, M N O P;
}

/// Adds the values of headers to a key, as a request with them does.
#[doc(hidden)]
pub fn headers<const N: usize>(values: [Option<&str>; N], key: &mut KeyWriter<'_>) {
    for value in values {
        key.text(":");
        vary::render(value.map(|value| super::fields::trim(value.as_bytes())), key);
    }
}

#[cfg(test)]
mod tests {
    use super::Header;

    #[test]
    fn a_name_comes_out_of_its_numbers() {
        assert_eq!(Header::<0x67_6e_61_6c, 0, 0, 0>::NAME, "lang");
        let sixteen = u128::from_le_bytes(*b"sec-ch-ua-platfo");
        let rest = u128::from_le_bytes(*b"rm\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        assert_eq!(Header::<{ u128::from_le_bytes(*b"sec-ch-ua-platfo") }, 0x6d72, 0, 0>::NAME, "sec-ch-ua-platform");
        assert_eq!((sixteen.to_le_bytes()[0], rest), (b's', 0x6d72));
    }
}

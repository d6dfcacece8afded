//! Keys: how the arguments of one call become the text under which its value is kept.
//!
//! A key is rendered on the stack by a [`KeyWriter`]. Its text is split at the first `:` into *head* and *tail*, which
//! are hashed apart: the head of an annotated function is hashed once in the life of the program. A read compares the
//! rendered tail in place with the text in the stored entry, so a hit copies nothing.
//!
//! Rendering is injective: a part of a key never contains a character that can stand between two parts (see
//! [`is_part_byte`]), and each shape of a part (`None`, a list, a tuple, a variant) can be told from every other.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::OnceLock;

use compact_str::CompactString;
use foldhash::fast::{FixedState, RandomState};

use crate::buffer::KeyBuffer;
use crate::part::{IdPart, KeyPart};
use crate::site::Site;

/// Renders the parts of a key. Generated code makes one for each call; an implementation of [`KeyPart`] writes to it.
#[derive(Debug)]
pub struct KeyWriter<'a> {
    buffer: &'a mut KeyBuffer,
    /// The function whose key it is; none for text by itself.
    site: Option<&'static Site>,
}

impl<'a> KeyWriter<'a> {
    #[inline]
    pub(crate) fn new(buffer: &'a mut KeyBuffer, site: Option<&'static Site>) -> Self {
        Self { buffer, site }
    }

    /// Renders another value in the place of this one: for types that wrap a value.
    #[inline]
    pub fn part<T: KeyPart + ?Sized>(&mut self, value: &T) {
        value.render(self);
    }

    /// Renders text; whatever could be taken for structure is percent-escaped.
    #[inline]
    pub fn string(&mut self, text: &str) {
        if text.bytes().all(is_part_byte) {
            self.buffer.push(text.as_bytes());
        } else {
            self.escape(text);
        }
    }

    /// Renders bytes that need not be text: such as are not are escaped, one by one, which no text is.
    #[cfg(feature = "http")]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if let Ok(text) = str::from_utf8(bytes) {
            return self.string(text);
        }
        for &byte in bytes {
            if byte < 0x80 && is_part_byte(byte) {
                self.buffer.push_byte(byte);
            } else {
                let [high, low] = hex(byte);
                self.buffer.push(&[b'%', high, low]);
            }
        }
    }

    /// Starts a tuple: the fields of a struct or of a variant.
    #[inline]
    pub fn begin_tuple(&mut self) {
        self.buffer.push_byte(b'(');
    }

    /// One element of a tuple or a list.
    #[inline]
    pub fn element<T: KeyPart + ?Sized>(&mut self, value: &T) {
        value.render(self);
        self.buffer.push_byte(b',');
    }

    /// Ends a tuple.
    #[inline]
    pub fn end_tuple(&mut self) {
        self.buffer.push_byte(b')');
    }

    /// The name of an enum's variant; its fields follow as a tuple.
    #[inline]
    pub fn variant(&mut self, name: &str) {
        self.string(name);
    }

    pub(crate) fn list<T: KeyPart>(&mut self, values: &[T]) {
        self.buffer.push_byte(b'[');
        for value in values {
            self.element(value);
        }
        self.buffer.push_byte(b']');
    }

    /// `None` is `~`; `Some` of something that starts with `~` gets one more in front, so that each depth differs.
    #[inline]
    pub(crate) fn option<T: KeyPart>(&mut self, value: Option<&T>) {
        let Some(value) = value else { return self.buffer.push_byte(b'~') };
        let start = self.buffer.len();
        value.render(self);
        if self.buffer.bytes().get(start) == Some(&b'~') {
            self.buffer.push_byte(b'~');
        }
    }

    #[inline]
    pub(crate) fn unsigned(&mut self, value: u64) {
        if value < EIGHT_DIGITS {
            let (word, len) = digits(value);
            self.buffer.push_word(word, len);
        } else {
            self.unsigned_long(value);
        }
    }

    fn unsigned_long(&mut self, value: u64) {
        self.unsigned(value / EIGHT_DIGITS);
        let (word, len) = digits(value % EIGHT_DIGITS);
        self.buffer.push(b"00000000".get(len..).unwrap_or_default());
        self.buffer.push_word(word, len);
    }

    #[inline]
    pub(crate) fn signed(&mut self, value: i64) {
        if value < 0 {
            self.buffer.push_byte(b'-');
        }
        self.unsigned(value.unsigned_abs());
    }

    pub(crate) fn wide(&mut self, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.unsigned(value),
            Err(_) => self.buffer.push(value.to_string().as_bytes()),
        }
    }

    pub(crate) fn minus(&mut self) {
        self.buffer.push_byte(b'-');
    }

    /// Puts literal text of a template into the key: not escaped.
    #[doc(hidden)]
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.buffer.push(text.as_bytes());
    }

    /// An id of a batch, or what a template names of it.
    #[doc(hidden)]
    #[inline]
    pub fn id<T: IdPart + ?Sized>(&mut self, value: &T) {
        value.render(self);
    }

    /// An id of a batch whose key is made from all arguments.
    #[doc(hidden)]
    #[inline]
    pub fn id_argument<T: IdPart + ?Sized>(&mut self, value: &T) {
        self.argument(value);
    }

    /// One argument of a function whose key is made from all of them: `:` goes between two.
    #[doc(hidden)]
    #[inline]
    pub fn argument<T: KeyPart + ?Sized>(&mut self, value: &T) {
        self.buffer.begin_argument();
        value.render(self);
    }

    /// The name of a type parameter, after a `:`.
    #[doc(hidden)]
    pub fn type_name<T: ?Sized>(&mut self) {
        self.buffer.push_byte(b':');
        self.self_name::<T>();
    }

    /// The name of the type that an argument of type `impl Trait` has, after a `:`.
    #[doc(hidden)]
    pub fn type_of<T: ?Sized>(&mut self, _argument: &T) {
        self.type_name::<T>();
    }

    /// The name of `Self`, after a `:`, unless the function exists for that type alone: in the impl of a generic type, in a
    /// blanket impl or in a trait's default method it exists for several.
    #[doc(hidden)]
    #[inline]
    pub fn self_type<T: ?Sized>(&mut self) {
        let name = std::any::type_name::<T>();
        if !self.site.is_some_and(|site| site.belongs_to(name)) {
            self.type_name::<T>();
        }
    }

    /// The placeholder `<Self>`: the path of the type, with dots.
    #[doc(hidden)]
    pub fn self_name<T: ?Sized>(&mut self) {
        self.buffer.add_type(typeid::of::<T>());
        for (index, segment) in std::any::type_name::<T>().split("::").enumerate() {
            if index > 0 {
                self.buffer.push_byte(b'.');
            }
            self.string(segment);
        }
    }

    /// The entity's version; not part of the key, compared with the one in the entry.
    #[doc(hidden)]
    pub fn revision<T: KeyPart + ?Sized>(&mut self, value: &T) {
        self.buffer.begin_revision();
        value.render(self);
    }

    #[cold]
    fn escape(&mut self, text: &str) {
        for &byte in text.as_bytes() {
            if is_part_byte(byte) {
                self.buffer.push_byte(byte);
            } else {
                let [high, low] = hex(byte);
                self.buffer.push(&[b'%', high, low]);
            }
        }
    }
}

const EIGHT_DIGITS: u64 = 100_000_000;

/// The decimal digits of a number of at most eight, the first in the lowest byte, and how many there are. All eight are
/// made at once: halves of four digits, then of two, then of one, each in its own lane of the word.
#[inline]
fn digits(value: u64) -> (u64, usize) {
    let fours = (value / 10_000) | (value % 10_000) << 32;
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let twos = hundreds | (fours - hundreds * 100) << 16;
    let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F;
    let ones = tens | (twos - tens * 10) << 8;
    let zeros = (ones.trailing_zeros() / 8).min(7);
    ((ones | 0x3030_3030_3030_3030) >> (8 * zeros), 8 - zeros as usize)
}

fn hex(byte: u8) -> [u8; 2] {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'A' + value - 10 };
    [digit(byte >> 4), digit(byte & 15)]
}

/// May this byte stand for itself in the text of a part? Letters, digits, `_ - . +` and everything outside ASCII may.
/// What larder uses for structure inside a part (`~ ( ) [ ] ,` and `%`), controls, and every character that may separate
/// two parts may not.
#[inline]
pub(crate) const fn is_part_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'+') || byte >= 0x80
}

/// May this byte occur in a rendered part at all? The others separate parts.
pub(crate) const fn is_rendered_byte(byte: u8) -> bool {
    is_part_byte(byte) || matches!(byte, b'~' | b'(' | b')' | b'[' | b']' | b',' | b'%')
}

/// A value as a placeholder writes it: for the text of a key or a tag that is made by hand.
///
/// A placeholder escapes what could be taken for structure, so that no two values make one key: `:`, `/`, `@`, spaces and
/// so on become `%` and two hexadecimal digits. Text that is made by hand is taken as it is. So put every part of it that
/// comes from a variable through `escape`, or it is another key.
///
/// ```
/// use larder::{cached, escape};
///
/// #[cached(key = "inbox:<mail>:<page>")]
/// fn inbox(mail: &str, page: u32) -> Vec<String> {
///     Vec::new() // a slow query
/// }
///
/// let (mail, page) = ("ann@x.org", 2);
/// let key = format!("inbox:{}:{}", escape(mail), escape(&page));
/// assert_eq!(key, "inbox:ann%40x.org:2");
/// assert_eq!(key, inbox::entry(mail, page).key()); // the same text, by the handle
/// ```
///
/// Where there is a handle or a macro for it, [`Entry::key`](crate::Entry::key) and [`tag!`](macro@crate::tag) make the
/// text, and nothing is left to remember.
#[must_use]
pub fn escape<T: KeyPart + ?Sized>(value: &T) -> String {
    let mut buffer = KeyBuffer::new();
    KeyWriter::new(&mut buffer, None).part(value);
    String::from_utf8_lossy(buffer.bytes()).into_owned()
}

/// The hash of a head, under the version of the code that uses it: the seed for its tails.
pub(crate) fn hash_head(head: &str, version: u64) -> u64 {
    static SEED: OnceLock<RandomState> = OnceLock::new();
    let mut hasher = SEED.get_or_init(RandomState::default).build_hasher();
    hasher.write_u64(version);
    hasher.write(head.as_bytes());
    hasher.finish()
}

#[inline]
pub(crate) fn hash_tail(head: u64, tail: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(head).build_hasher();
    hasher.write(tail);
    hasher.finish()
}

/// A key's text as head (up to and including its first `:`, or nothing) and tail.
pub(crate) fn split(text: &str) -> (&str, &str) {
    text.split_at(text.find(':').map_or(0, |colon| colon + 1))
}

/// A key that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) hash: u64,
    pub(crate) text: CompactString,
}

impl Key {
    /// The key of this text, as code of this version sees it.
    pub(crate) fn new(text: &str, version: u64) -> Self {
        let (head, tail) = split(text);
        Self { hash: hash_tail(hash_head(head, version), tail.as_bytes()), text: text.into() }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyBuffer, KeyWriter, split};

    fn rendered(write: impl FnOnce(&mut KeyWriter<'_>)) -> String {
        let mut buffer = KeyBuffer::new();
        write(&mut KeyWriter::new(&mut buffer, None));
        String::from_utf8(buffer.tail().to_vec()).unwrap_or_default()
    }

    #[test]
    fn numbers_are_decimal() {
        let edges = (0..20).map(|power| 10_u64.pow(power)).flat_map(|edge| [edge - 1, edge, edge + 1]);
        for number in edges.chain([0, u64::MAX, 99_990_000, 12_345_678, 80_000_000_000_000_007]) {
            assert_eq!(rendered(|key| key.unsigned(number)), number.to_string());
        }
    }

    #[test]
    fn long_keys_spill_without_a_seam() {
        for len in 0..200 {
            let text: String = "abcdefghij".chars().cycle().take(len).collect();
            let expected = format!("{text}1234567{text}:");
            let key = rendered(|key| {
                key.string(&text);
                key.unsigned(1_234_567);
                key.string(&text);
                key.text(":");
            });
            assert_eq!(key, expected);
        }
    }

    #[test]
    fn a_key_is_split_at_its_first_colon() {
        assert_eq!(split("a:b:c"), ("a:", "b:c"));
        assert_eq!(split("abc"), ("", "abc"));
        assert_eq!(split(""), ("", ""));
    }
}

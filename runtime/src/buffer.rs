//! Where a key is rendered: on the stack, in words, and on the heap only when it is long.
//!
//! A hash reads the text soon after it was written. A read that takes other bytes than one of the last writes has to wait
//! for the writes to reach the cache, and holds up everything behind it: so short text is written in the words in which
//! it is read.

use std::any::TypeId;
use std::fmt;
use std::hash::BuildHasher;

use foldhash::quality::FixedState;

/// Bytes of a key that are rendered without touching the heap.
const INLINE: usize = 64;

/// The rendered text of one key, and behind it that of the revision.
pub(crate) struct KeyBuffer {
    /// With room for a word that starts at its last byte.
    inline: [u8; INLINE + 8],
    len: usize,
    /// Holds everything once the text has outgrown `inline`.
    spill: Vec<u8>,
    /// Where the key ends and the revision starts.
    revision_at: Option<usize>,
    parts: usize,
    /// Tells apart types that have the same name; 0 while the key names none.
    types: u64,
}

impl KeyBuffer {
    #[inline]
    pub(crate) fn new() -> Self {
        Self { inline: [0; INLINE + 8], len: 0, spill: Vec::new(), revision_at: None, parts: 0, types: 0 }
    }

    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        match bytes.len() {
            0 => {}
            1..=8 => self.push_word(short_word(bytes), bytes.len()),
            9..=16 => self.push_two_words(bytes),
            _ => self.push_long(bytes),
        }
    }

    /// Pushes the first bytes of a word. Written as one word, they are soon after read as one word without waiting for
    /// the store to reach the cache: that wait would hold up the whole call.
    #[inline]
    pub(crate) fn push_word(&mut self, word: u64, len: usize) {
        if self.spill.is_empty()
            && self.len + len <= INLINE
            && let Some(free) = self.inline.get_mut(self.len..self.len + 8)
        {
            free.copy_from_slice(&word.to_le_bytes());
            self.len += len;
        } else {
            self.push_spilled(word.to_le_bytes().get(..len).unwrap_or_default());
        }
    }

    /// The last eight bytes are written as the word that a hash reads.
    #[inline]
    fn push_two_words(&mut self, bytes: &[u8]) {
        if self.spill.is_empty()
            && self.len + bytes.len() <= INLINE
            && let Some(free) = self.inline.get_mut(self.len..self.len + bytes.len())
            && let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
        {
            if let Some(place) = free.first_chunk_mut::<8>() {
                *place = *first;
            }
            if let Some(place) = free.last_chunk_mut::<8>() {
                *place = *last;
            }
            self.len += bytes.len();
        } else {
            self.push_spilled(bytes);
        }
    }

    fn push_long(&mut self, bytes: &[u8]) {
        if self.spill.is_empty()
            && self.len + bytes.len() <= INLINE
            && let Some(free) = self.inline.get_mut(self.len..self.len + bytes.len())
        {
            free.copy_from_slice(bytes);
            self.len += bytes.len();
        } else {
            self.push_spilled(bytes);
        }
    }

    #[inline]
    pub(crate) fn push_byte(&mut self, byte: u8) {
        self.push_word(u64::from(byte), 1);
    }

    #[cold]
    fn push_spilled(&mut self, bytes: &[u8]) {
        if self.spill.is_empty() {
            self.spill.extend_from_slice(self.inline.get(..self.len).unwrap_or_default());
        }
        self.spill.extend_from_slice(bytes);
        self.len = self.spill.len();
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        if self.spill.is_empty() { self.inline.get(..self.len).unwrap_or_default() } else { &self.spill }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Puts a `:` before each argument but the first.
    #[inline]
    pub(crate) fn begin_argument(&mut self) {
        if self.parts > 0 {
            self.push_byte(b':');
        }
        self.parts += 1;
    }

    /// The key names this type.
    pub(crate) fn add_type(&mut self, id: TypeId) {
        self.types = FixedState::with_seed(self.types).hash_one(id) | 1;
    }

    #[inline]
    pub(crate) fn types(&self) -> u64 {
        self.types
    }

    /// What follows is the revision.
    pub(crate) fn begin_revision(&mut self) {
        self.revision_at = Some(self.len);
    }

    /// The rendered key without the head that the function gives.
    #[inline]
    pub(crate) fn tail(&self) -> &[u8] {
        match self.revision_at {
            None => self.bytes(),
            Some(end) => self.bytes().get(..end).unwrap_or_default(),
        }
    }

    /// Does the text, whose length is right, end with the tail?
    #[inline]
    pub(crate) fn ends(&self, text: &[u8]) -> bool {
        let tail = self.tail();
        match (tail.len(), self.inline.first_chunk::<8>(), text.last_chunk::<8>()) {
            (len @ 1..=8, Some(own), Some(end)) if self.spill.is_empty() => {
                let unused = 64 - 8 * len;
                u64::from_le_bytes(*own) << unused == u64::from_le_bytes(*end) >> unused << unused
            }
            _ => text.ends_with(tail),
        }
    }

    /// The rendered revision, if the call has one.
    #[inline]
    pub(crate) fn revision(&self) -> Option<&[u8]> {
        self.revision_at.map(|start| self.bytes().get(start..).unwrap_or_default())
    }
}

impl fmt::Debug for KeyBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.bytes()))
    }
}

/// Up to eight bytes as a word, the first in the lowest byte.
#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let last = u64::from(u32::from_le_bytes(*last));
        return u64::from(u32::from_le_bytes(*first)) | last << (8 * (len - 4));
    }
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

//! A page as bytes, for the shared tier. The first byte names the form: one that is not known, as of another version of larder, is not
//! read, and the page is a miss.

use std::fmt;

use bytes::Bytes;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fields::Fields;
use super::freshness::Life;
use super::page::{Page, Parts};
use super::vary::Selector;
use crate::clock::NEVER;

const FORM: u8 = 1;

/// More header fields than this has no response: a message of the `http` crate could not hold them all.
const MOST_FIELDS: usize = 4096;

fn write(page: &Page) -> Vec<u8> {
    let parts = page.parts();
    let mut bytes = Vec::with_capacity(256 + parts.body.len());
    bytes.push(FORM);
    bytes.extend(parts.status.to_le_bytes());
    let Life { fresh, while_revalidate, if_error } = parts.life;
    for number in [parts.received, parts.age, while_revalidate, if_error] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.push(u8::from(fresh.is_some()));
    bytes.extend(fresh.unwrap_or(NEVER).to_le_bytes());
    length(&mut bytes, parts.fields.len());
    for field in parts.fields.iter() {
        text(&mut bytes, field.name.as_bytes());
        text(&mut bytes, &field.value);
    }
    length(&mut bytes, parts.selectors.len());
    for selector in &parts.selectors {
        text(&mut bytes, selector.name.as_bytes());
        bytes.push(u8::from(selector.value.is_some()));
        text(&mut bytes, selector.value.as_deref().unwrap_or_default());
    }
    bytes.extend(&parts.body);
    bytes
}

fn length(bytes: &mut Vec<u8>, length: usize) {
    // What is longer than this is not stored: a response's header is far shorter.
    bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn text(bytes: &mut Vec<u8>, text: &[u8]) {
    length(bytes, text.len());
    bytes.extend(text);
}

/// What is left to be read. Texts are parts of it, and so is the body: nothing is copied.
struct Rest(Bytes);

impl Rest {
    fn take(&mut self, len: usize) -> Option<Bytes> {
        (len <= self.0.len()).then(|| self.0.split_to(len))
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn long(&mut self) -> Option<u64> {
        self.take(8)?.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
    }

    fn length(&mut self) -> Option<usize> {
        let length = self.take(4)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))?;
        usize::try_from(length).ok()
    }

    fn text(&mut self) -> Option<Bytes> {
        let length = self.length()?;
        self.take(length)
    }

    fn name(&mut self) -> Option<Box<str>> {
        String::from_utf8(self.text()?.to_vec()).ok().map(String::into_boxed_str)
    }
}

fn read(bytes: Bytes) -> Option<Page> {
    let mut rest = Rest(bytes);
    if rest.byte()? != FORM {
        return None;
    }
    let status = rest.take(2)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))?;
    let (received, age, while_revalidate, if_error) = (rest.long()?, rest.long()?, rest.long()?, rest.long()?);
    let (said, fresh) = (rest.flag()?, rest.long()?);
    let life = Life { fresh: said.then_some(fresh), while_revalidate, if_error };
    let mut fields = Fields::default();
    for _ in 0..rest.length().filter(|length| *length <= MOST_FIELDS)? {
        let name = rest.name()?;
        fields.push(&name, rest.text()?);
    }
    let mut selectors = Vec::new();
    for _ in 0..rest.length()? {
        let (name, said, value) = (rest.name()?, rest.flag()?, rest.text()?);
        selectors.push(Selector { name, value: said.then_some(value) });
    }
    Some(Page::new(Parts { status, fields, body: rest.0, received, age, aged: false, life, selectors, tags: None }))
}

impl Serialize for Page {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&write(self))
    }
}

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(Whole)
    }
}

struct Whole;

impl Visitor<'_> for Whole {
    type Value = Page;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a stored response")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Page, E> {
        self.visit_byte_buf(bytes.to_vec())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Page, E> {
        read(bytes.into()).ok_or_else(|| E::custom("no stored response, or one of another version"))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::{read, write};
    use crate::http::fields::Fields;
    use crate::http::freshness::Life;
    use crate::http::page::{Page, Parts};
    use crate::http::vary::Selector;

    fn page() -> impl Strategy<Value = Page> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..20);
        let fields = prop::collection::vec(("[a-z-]{1,8}", bytes()), 0..5);
        let selectors = prop::collection::vec(("[a-z-]{1,8}", prop::option::of(bytes())), 0..3);
        let life = (prop::option::of(any::<u64>()), any::<u64>(), any::<u64>());
        (any::<(u16, u64, u64)>(), life, fields, selectors, bytes()).prop_map(
            |(numbers, life, lines, selectors, body)| {
                let (status, received, age) = numbers;
                let mut fields = Fields::default();
                for (name, value) in lines {
                    fields.push(&name, value);
                }
                Page::new(Parts {
                    status,
                    fields,
                    body: body.into(),
                    received,
                    age,
                    aged: false,
                    life: Life { fresh: life.0, while_revalidate: life.1, if_error: life.2 },
                    selectors: selectors
                        .into_iter()
                        .map(|(name, value)| Selector { name: name.into(), value: value.map(Bytes::from) })
                        .collect(),
                    tags: None,
                })
            },
        )
    }

    proptest! {
        #[test]
        fn a_page_comes_back_as_it_was(page in page()) {
            let again = read(write(&page).into());
            prop_assert_eq!(again.as_ref().map(Page::parts), Some(page.parts()));
        }

        #[test]
        fn what_is_cut_off_or_wrong_is_not_read_or_is_a_page(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _page = read(bytes.clone().into());
            if let Some(first) = bytes.first_mut() {
                *first = super::FORM;
            }
            let _page = read(bytes.into());
        }

        #[test]
        fn what_no_message_can_hold_is_not_read(more in 1..100_usize) {
            let of = |count: usize| {
                let mut fields = Fields::default();
                (0..count).for_each(|_| fields.push("a", "b"));
                let life = Life { fresh: None, while_revalidate: 0, if_error: 0 };
                let parts = Parts {
                    status: 200, fields, body: Bytes::new(), received: 0, age: 0, aged: false, life, selectors: Vec::new(), tags: None,
                };
                read(write(&Page::new(parts)).into()).is_some()
            };
            prop_assert!(of(super::MOST_FIELDS) && !of(super::MOST_FIELDS + more));
        }

        #[test]
        fn a_head_that_is_cut_off_is_not_read(page in page()) {
            let bytes = write(&page);
            let head = bytes.len() - page.body().len();
            for end in 0..head {
                prop_assert!(read(bytes.get(..end).unwrap_or_default().to_vec().into()).is_none());
            }
        }
    }
}

//! `Vary` (RFC 9111 section 4.1): which fields of a request a response depends on, and whether two requests agree in them.

use bytes::Bytes;

use super::fields::{Fields, trim};
use crate::key::KeyWriter;

/// The names of the fields that a response says it depends on, in lower case, each once, sorted; `None` for `*` in any form.
pub(crate) fn names(fields: &Fields) -> Option<Vec<Box<str>>> {
    let mut names = Vec::new();
    for member in fields.members("vary") {
        if member == b"*" {
            return None;
        }
        names.push(String::from_utf8_lossy(member).to_ascii_lowercase().into_boxed_str());
    }
    names.sort_unstable();
    names.dedup();
    Some(names)
}

/// The value of a field over all its lines: they are joined, and the white space around each goes. `None` if there is none.
pub(crate) fn value<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<Bytes> {
    let mut joined: Option<Vec<u8>> = None;
    for line in lines {
        match &mut joined {
            Some(joined) => joined.extend_from_slice(b", "),
            None => joined = Some(Vec::with_capacity(line.len())),
        }
        joined.get_or_insert_default().extend_from_slice(trim(line));
    }
    joined.map(Bytes::from)
}

/// Renders the value of a field as one part of a key. One that is absent differs from one that is empty.
pub(crate) fn render(value: Option<&[u8]>, key: &mut KeyWriter<'_>) {
    match value {
        None => key.text("~"),
        Some(value) => key.bytes(value),
    }
}

/// A field of the request that a response was made for, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    pub(crate) name: Box<str>,
    pub(crate) value: Option<Bytes>,
}

/// Does a request agree with the one that a response was made for?
pub(crate) fn agrees(selectors: &[Selector], of: impl Fn(&str) -> Option<Bytes>) -> bool {
    selectors.iter().all(|selector| of(&selector.name) == selector.value)
}

#[cfg(test)]
mod tests {
    use super::{names, value};
    use crate::http::fields::Fields;

    fn vary(lines: &[&'static str]) -> Option<Vec<Box<str>>> {
        let mut fields = Fields::default();
        for line in lines {
            fields.push("Vary", line.as_bytes());
        }
        names(&fields)
    }

    #[test]
    fn a_star_is_a_star_wherever_it_stands() {
        for lines in [&["*"][..], &[", *"], &["*, foo"], &["foo", "*"], &["foo,*"]] {
            assert_eq!(vary(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn names_are_sorted_and_stand_once() {
        let names = vary(&["Foo, bar", "BAR"]).unwrap_or_default();
        assert_eq!(names.iter().map(|name| &**name).collect::<Vec<_>>(), ["bar", "foo"]);
        assert_eq!(vary(&[]), Some(Vec::new()));
    }

    #[test]
    fn all_lines_are_one_value() {
        let of = |lines: &[&'static str]| value(lines.iter().map(|line| line.as_bytes()));
        assert_eq!(of(&["1 ", "2"]), of(&["1, 2"]));
        assert_ne!(of(&["1", "2"]), of(&["1", "3"]));
        assert_ne!(of(&[]), of(&[""]));
    }
}

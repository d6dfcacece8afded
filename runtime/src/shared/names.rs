//! What things are called in a store: values, generations, and the notes that processes send each other.
//!
//! ```text
//! shop:v0:{user_data:42}          a value; the version of the keys, and behind a dot that of the function's code
//! shop:g:{f:app::get_user_data}   the generation of a function; `t:` of a tag, `n` of the namespace
//! ```
//!
//! What is between the braces decides where a cluster keeps a key, so that everything that belongs to a value is in one place.

use std::fmt::Write as _;

use crate::key::Key;

/// The names of one cache.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    namespace: String,
    key_version: u64,
    /// Tells the notes of this cache from those of others.
    origin: u64,
}

/// What a note says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// A value was removed or written over.
    Removed(Name),
    /// A value is no longer fresh.
    Expired(Name),
    /// The holder of a lease has stored a value, or will not.
    Ended(Name),
    /// A function's entries are gone.
    Function(String),
    /// What has this tag is gone.
    Tag(String),
    /// Everything is gone.
    All,
}

/// A value's key, and the version of the code that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) version: u64,
}

impl Name {
    /// The key as this process knows it.
    pub(crate) fn key(&self) -> Key {
        Key::new(&self.text, self.version)
    }
}

impl Names {
    pub(crate) fn new(namespace: &str, key_version: u64) -> Self {
        Self { namespace: namespace.to_owned(), key_version, origin: fastrand::u64(..) }
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Where a value is kept.
    pub(crate) fn value(&self, text: &str, version: u64) -> String {
        let mut name = String::with_capacity(self.namespace.len() + text.len() + 16);
        _ = write!(name, "{}:v{}", self.namespace, self.key_version);
        if version != 0 {
            _ = write!(name, ".{version:x}");
        }
        name.push_str(":{");
        escape(text, &mut name);
        name.push('}');
        name
    }

    fn generation(&self, kind: &str, text: &str) -> String {
        let mut name = format!("{}:g:{{{kind}", self.namespace);
        escape(text, &mut name);
        name.push('}');
        name
    }

    /// The generation of everything.
    pub(crate) fn all(&self) -> String {
        self.generation("n", "")
    }

    pub(crate) fn function(&self, path: &str) -> String {
        self.generation("f:", path)
    }

    pub(crate) fn tag(&self, text: &str) -> String {
        self.generation("t:", text)
    }

    /// A note as bytes: its kind, who sends it, what it is about.
    pub(crate) fn note(&self, note: &Note) -> Vec<u8> {
        Self::bytes(note, self.origin, self.key_version)
    }

    /// The same as if another cache had sent it, so that this one does what it says, too.
    pub(crate) fn note_to_all(&self, note: &Note) -> Vec<u8> {
        Self::bytes(note, !self.origin, self.key_version)
    }

    fn bytes(note: &Note, origin: u64, key_version: u64) -> Vec<u8> {
        let (kind, version, text) = match note {
            Note::Removed(name) => ('I', Some(name.version), name.text.as_str()),
            Note::Expired(name) => ('S', Some(name.version), name.text.as_str()),
            Note::Ended(name) => ('F', Some(name.version), name.text.as_str()),
            Note::Function(path) => ('G', None, path.as_str()),
            Note::Tag(text) => ('T', None, text.as_str()),
            Note::All => ('N', None, ""),
        };
        let mut bytes = format!("{kind}{origin:016x}{key_version:x}:");
        if let Some(version) = version {
            _ = write!(bytes, "{version:x}:");
        }
        bytes.push_str(text);
        bytes.into_bytes()
    }

    /// A note from bytes, and whether this cache has sent it; `None` for one that means nothing to this cache: of another
    /// version of keys, or not from larder.
    pub(crate) fn read_note(&self, bytes: &[u8]) -> Option<(Note, bool)> {
        let text = std::str::from_utf8(bytes).ok()?;
        let kind = text.chars().next()?;
        let own = u64::from_str_radix(text.get(1..17)?, 16).ok()? == self.origin;
        let (key_version, rest) = text.get(17..)?.split_once(':')?;
        let same_keys = u64::from_str_radix(key_version, 16).ok()? == self.key_version;
        let name = || {
            let (version, text) = rest.split_once(':')?;
            let version = u64::from_str_radix(version, 16).ok()?;
            same_keys.then(|| Name { text: text.to_owned(), version })
        };
        let note = match kind {
            'I' => Note::Removed(name()?),
            'S' => Note::Expired(name()?),
            'F' => Note::Ended(name()?),
            'G' => Note::Function(rest.to_owned()),
            'T' => Note::Tag(rest.to_owned()),
            'N' => Note::All,
            _ => return None,
        };
        Some((note, own))
    }
}

/// Does the key belong to this namespace, and not to one whose name only begins so?
pub(crate) fn belongs(key: &str, namespace: &str) -> bool {
    let rest = key.strip_prefix(namespace).and_then(|rest| rest.strip_prefix(':'));
    rest.and_then(|rest| rest.split_once(":{")).is_some_and(|(kind, _)| !kind.contains(':'))
}

/// Braces would end what decides the place. Two texts never become one, and nothing becomes empty.
fn escape(text: &str, into: &mut String) {
    if text.is_empty() {
        into.push_str("\\0");
    }
    for character in text.chars() {
        match character {
            '{' => into.push_str("\\("),
            '}' => into.push_str("\\)"),
            '\\' => into.push_str("\\\\"),
            other => into.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Name, Names, Note};

    #[test]
    fn names_of_values() {
        let names = Names::new("shop", 3);
        assert_eq!(names.value("user:42", 0), "shop:v3:{user:42}");
        assert_eq!(names.value("user:42", 0x2a), "shop:v3.2a:{user:42}");
        assert_eq!(names.value("a{b}c%7B", 0), "shop:v3:{a\\(b\\)c%7B}");
        assert_eq!(names.value("", 0), "shop:v3:{\\0}");
    }

    #[test]
    fn names_of_generations() {
        let names = Names::new("shop", 3);
        assert_eq!(names.all(), "shop:g:{n\\0}");
        assert_eq!(names.function("app::users"), "shop:g:{f:app::users}");
        assert_eq!(names.tag("team:7"), "shop:g:{t:team:7}");
    }

    #[test]
    fn two_texts_never_have_one_name() {
        let names = Names::new("shop", 0);
        let texts = ["", "\\0", "\\", "{", "}", "\\(", "\\{", "{}", "\\(\\)", "a{", "a\\("];
        let all: HashSet<_> = texts.iter().map(|text| names.value(text, 0)).collect();
        assert_eq!(all.len(), texts.len());
    }

    #[test]
    fn notes_come_back() {
        let (names, other) = (Names::new("shop", 7), Names::new("shop", 7));
        let name = Name { text: "a:b:é{".into(), version: 255 };
        for note in [
            Note::Removed(name.clone()),
            Note::Expired(name.clone()),
            Note::Ended(name),
            Note::Function("app::f".into()),
            Note::Tag("team:7".into()),
            Note::All,
        ] {
            let bytes = names.note(&note);
            assert_eq!(names.read_note(&bytes), Some((note.clone(), true)));
            assert_eq!(other.read_note(&bytes), Some((note, false)));
        }
    }

    #[test]
    fn notes_that_mean_nothing() {
        let names = Names::new("shop", 7);
        let other_keys = Names::new("shop", 8);
        let removed = other_keys.note(&Note::Removed(Name { text: "a".into(), version: 0 }));
        assert_eq!(names.read_note(&removed), None);
        assert!(names.read_note(&other_keys.note(&Note::Tag("t".into()))).is_some(), "tags have no version");
        for bytes in [&b""[..], b"I", b"\xff", b"I0123456789abcdef", b"Zffffffffffffffff7:", b"Iffffffffffffffff7:x"] {
            assert_eq!(names.read_note(bytes), None);
        }
        assert_eq!(names.read_note("I12345678901234é67:0:a".as_bytes()), None);
    }
}

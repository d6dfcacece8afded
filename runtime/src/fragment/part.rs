//! What a fragment of a template varies by. A template has no types to tell `42` from `"42"`, so the text of a part does.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::key::escape;

/// A value that tells one fragment of a name from the others: text, an integer, a `bool`, or `None`.
///
/// Two values of different text are two parts, and so are the number `42` and the text `"42"`: what reads as a number or as a `bool`
/// and is text has its first character escaped.
///
/// ```
/// use larder::fragment::Fragment;
///
/// assert_eq!(Fragment::new("side").with(42).key(), "fragment:side:42");
/// assert_eq!(Fragment::new("side").with("42").key(), "fragment:side:%342");
/// assert_eq!(Fragment::new("side").with("ann@x.org").with(true).key(), "fragment:side:ann%40x.org:true");
/// assert_eq!(Fragment::new("side").with(None::<u32>).key(), "fragment:side:~");
/// ```
///
/// A type of one's own does as what identifies it does:
///
/// ```
/// use larder::fragment::{Fragment, Part, Vary};
///
/// struct UserId(u64);
///
/// impl Vary for UserId {
///     fn part(&self) -> Part {
///         self.0.part()
///     }
/// }
///
/// assert_eq!(Fragment::new("side").with(UserId(7)).key(), "fragment:side:7");
/// ```
#[diagnostic::on_unimplemented(
    message = "a fragment can't vary by a `{Self}`",
    label = "not `Vary`",
    note = "it varies by text, integers, `bool`s and `Option`s of them: name what identifies the value; on your own type, implement `larder::fragment::Vary`"
)]
pub trait Vary {
    /// The value as a part of a key.
    fn part(&self) -> Part;
}

/// A part of a fragment's key: what [`Vary`] makes of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part(String);

impl Part {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl Vary for Part {
    fn part(&self) -> Part {
        self.clone()
    }
}

impl Vary for str {
    fn part(&self) -> Part {
        let mut text = escape(self);
        // Such text is ASCII and has nothing escaped yet.
        if let Some(first) = self.bytes().next().filter(|_| reads_otherwise(self)) {
            text.replace_range(..1, &format!("%{first:02X}"));
        }
        Part(text)
    }
}

/// Would it be taken for a number or a `bool`?
fn reads_otherwise(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    number || value == "true" || value == "false"
}

impl Vary for String {
    fn part(&self) -> Part {
        self.as_str().part()
    }
}

impl<T: Vary> Vary for Option<T> {
    fn part(&self) -> Part {
        // No other part has a `~`. One more for each `Some` around it.
        match self.as_ref().map(Vary::part) {
            None => Part("~".to_owned()),
            Some(Part(text)) if text.starts_with('~') => Part(text + "~"),
            Some(part) => part,
        }
    }
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl Vary for $type {
            fn part(&self) -> Part {
                Part(self.to_string())
            }
        }
    )*};
}

numbers!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

macro_rules! pointers {
    ($($pointer:ty)*) => {$(
        impl<T: Vary + ?Sized> Vary for $pointer {
            fn part(&self) -> Part {
                (**self).part()
            }
        }
    )*};
}

pointers!(&T Box<T> Rc<T> Arc<T>);

impl Vary for Cow<'_, str> {
    fn part(&self) -> Part {
        (**self).part()
    }
}

//! What a fragment of a template varies by. A template has no types to tell `42` from `"42"`, so the text of a part does.

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part(String);

impl Part {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Part {
    fn from(value: &str) -> Self {
        let mut text = escape(value);
        // Such text is ASCII and has nothing escaped yet.
        if let Some(first) = value.bytes().next().filter(|_| reads_otherwise(value)) {
            text.replace_range(..1, &format!("%{first:02X}"));
        }
        Self(text)
    }
}

/// Would it be taken for a number or a `bool`?
fn reads_otherwise(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    number || value == "true" || value == "false"
}

impl From<String> for Part {
    fn from(value: String) -> Self {
        value.as_str().into()
    }
}

impl From<&String> for Part {
    fn from(value: &String) -> Self {
        value.as_str().into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Part {
    fn from(value: Option<T>) -> Self {
        // No other part has a `~`.
        value.map_or_else(|| Self("~".to_owned()), Into::into)
    }
}

macro_rules! parts {
    ($($type:ty)*) => {$(
        impl From<$type> for Part {
            fn from(value: $type) -> Self {
                Self(value.to_string())
            }
        }

        impl From<&$type> for Part {
            fn from(value: &$type) -> Self {
                Self(value.to_string())
            }
        }
    )*};
}

parts!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

//! The header fields of a message, without a framework's types: names in lower case, values as the bytes that they are, in order,
//! repeated ones included. And how lists of values are taken apart (RFC 9110 section 5.6).

use bytes::Bytes;

/// One line of a header section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: Box<str>,
    pub(crate) value: Bytes,
}

/// A header section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<Field>);

impl Fields {
    pub(crate) fn push(&mut self, name: &str, value: impl Into<Bytes>) {
        self.0.push(Field { name: name.to_ascii_lowercase().into(), value: value.into() });
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The lines of a field, whose name is in lower case.
    pub(crate) fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.0.iter().filter(move |field| &*field.name == name).map(|field| &*field.value)
    }

    pub(crate) fn first(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|field| &*field.name == name).map(|field| &*field.value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|field| keep(&field.name));
    }

    /// The members of a list over all lines of the field.
    pub(crate) fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.lines(name).flat_map(members)
    }

    /// The one value of a field that must not be repeated; of several none is meant.
    pub(crate) fn only(&self, name: &str) -> Option<&[u8]> {
        let mut lines = self.0.iter().filter(|field| &*field.name == name);
        let first = lines.next()?;
        lines.next().is_none().then_some(&*first.value)
    }
}

/// The members of a list in one line, without the white space around them; a comma in quotes is none. Empty members are no members.
pub(crate) fn members(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    split(line, b',').map(trim).filter(|member| !member.is_empty())
}

/// The pieces between separators that are not in quotes.
pub(crate) fn split(line: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    line.split(move |&byte| {
        let plain = !std::mem::take(&mut escaped);
        match byte {
            b'"' if plain => quoted = !quoted,
            b'\\' if plain && quoted => escaped = true,
            _ => {}
        }
        byte == separator && !quoted
    })
}

/// Without the white space around it.
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// A quoted string as what it says, anything else as it is.
pub(crate) fn unquote(bytes: &[u8]) -> Vec<u8> {
    let [b'"', inner @ .., b'"'] = bytes else { return bytes.to_vec() };
    let mut escaped = false;
    inner
        .iter()
        .filter(|&&byte| {
            escaped = byte == b'\\' && !escaped;
            !escaped
        })
        .copied()
        .collect()
}

/// A number of digits and nothing else; what is too large is the largest.
pub(crate) fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        byte.is_ascii_digit().then(|| number.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
    })
}

/// A date in seconds since 1970, in one of the three forms that HTTP has.
pub(crate) fn date(text: &[u8]) -> Option<u64> {
    let date = httpdate::parse_http_date(str::from_utf8(text).ok()?.trim()).ok()?;
    date.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// Seconds since 1970 as a date.
pub(crate) fn date_text(seconds: u64) -> String {
    // The year 9999 is the last that can be written.
    let since = std::time::Duration::from_secs(seconds.min(253_402_300_799));
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use super::{date, date_text, members, number, unquote};

    fn list(line: &str) -> Vec<&str> {
        members(line.as_bytes()).filter_map(|member| str::from_utf8(member).ok()).collect()
    }

    #[test]
    fn a_comma_in_quotes_separates_nothing() {
        assert_eq!(list(r#"a, "b, c" ,, d="e\",f",g"#), ["a", r#""b, c""#, r#"d="e\",f""#, "g"]);
        assert_eq!(list(" , "), [""; 0]);
    }

    #[test]
    fn quotes_and_what_is_escaped_in_them() {
        assert_eq!(unquote(br#""a\"b\\c""#), br#"a"b\c"#);
        assert_eq!(unquote(b"'60'"), b"'60'");
    }

    #[test]
    fn numbers_are_digits() {
        assert_eq!(number(b"060"), Some(60));
        assert_eq!(number(b"99999999999999999999999"), Some(u64::MAX));
        for text in ["", "-1", "+1", "1.5", "a1", "1a", " 1"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn dates_have_three_forms() {
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(date(text.as_bytes()), Some(784_111_777), "{text}");
        }
        assert_eq!(date_text(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        for text in ["", "0", "Sun, 06 Nov 1994 08:49:37 PST", "06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT"]
        {
            assert_eq!(date(text.as_bytes()), None, "{text}");
        }
    }
}

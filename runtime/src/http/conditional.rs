//! Requests with conditions that a cache answers (RFC 9110 section 13, RFC 9111 section 4.3.2).

use super::fields::{date, trim};
use super::page::Page;

/// What a request says of what its sender has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Conditions<'a> {
    /// All lines of `If-None-Match`, joined.
    pub(crate) none_match: Option<&'a [u8]>,
    pub(crate) modified_since: Option<&'a [u8]>,
}

impl Conditions<'_> {
    /// Does the sender have the page?
    pub(crate) fn hold(&self, page: &Page) -> bool {
        self.hold_for(page.status(), |name| page.header(name))
    }

    /// Does the sender have the response with this status and these fields?
    pub(crate) fn hold_for<'a>(&self, status: u16, field: impl Fn(&str) -> Option<&'a [u8]>) -> bool {
        if status != 200 {
            return false;
        }
        if let Some(list) = self.none_match {
            return has_tag(list, field("etag"));
        }
        let Some(since) = self.modified_since.and_then(date) else { return false };
        let modified = field("last-modified").or_else(|| field("date")).and_then(date);
        modified.is_some_and(|modified| modified <= since)
    }
}

/// Is the tag in the list, by the weak comparison (RFC 9110 section 8.8.3.2)?
fn has_tag(list: &[u8], tag: Option<&[u8]>) -> bool {
    if trim(list) == b"*" {
        return true;
    }
    let Some(tag) = tag else { return false };
    let tag = opaque(tag);
    let mut rest = list;
    // What is between quotes is a tag, whatever is in it: a backslash escapes nothing.
    while let Some(start) = rest.iter().position(|&byte| byte == b'"') {
        let Some((_, after)) = rest.split_at_checked(start + 1) else { return false };
        let Some(end) = after.iter().position(|&byte| byte == b'"') else { return false };
        let Some((found, after)) = after.split_at_checked(end) else { return false };
        if Some(found) == tag {
            return true;
        }
        rest = after.get(1..).unwrap_or_default();
    }
    false
}

/// The tag itself, without the mark of a weak one.
fn opaque(tag: &[u8]) -> Option<&[u8]> {
    let tag = trim(tag);
    match tag.strip_prefix(b"W/").unwrap_or(tag) {
        [b'"', inner @ .., b'"'] => Some(inner),
        _ => None,
    }
}

/// Does a response without a body that says "not modified" have this field (RFC 9110 section 15.4.5)? What describes the body is left out.
pub(crate) fn is_in_not_modified(name: &str, has_tag: bool) -> bool {
    match name {
        "content-type" | "content-length" | "content-encoding" | "content-language" | "content-range" => false,
        "last-modified" => !has_tag,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::has_tag;

    #[test]
    fn tags_are_compared_weakly() {
        for (list, tag) in [
            (r#""1""#, r#""1""#),
            (r#"W/"1""#, r#""1""#),
            (r#""1""#, r#"W/"1""#),
            (r#""0", W/"1" , "2""#, r#""1""#),
            (r#""a,b", "c""#, r#""a,b""#),
            (r#""a\", "b""#, r#""b""#),
            ("*", r#""1""#),
            (" * ", r#""1""#),
        ] {
            assert!(has_tag(list.as_bytes(), Some(tag.as_bytes())), "{list} {tag}");
        }
        for (list, tag) in
            [(r#""1""#, r#""2""#), ("1", r#""1""#), (r#""1"#, r#""1""#), ("", r#""1""#), (r#""*""#, r#""1""#)]
        {
            assert!(!has_tag(list.as_bytes(), Some(tag.as_bytes())), "{list} {tag}");
        }
        assert!(!has_tag(br#""1""#, None));
    }
}

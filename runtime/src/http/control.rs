//! `Cache-Control` (RFC 9111 section 5.2): names in any case, arguments as tokens or quoted, over several lines.

use super::fields::{members, number, unquote};

/// The longest time that is told apart from for ever (RFC 9111 section 1.2.2).
pub(crate) const LONGEST: u64 = 1 << 31;

/// The directives of one message.
#[derive(Clone, Debug, Default)]
pub(crate) struct CacheControl(Vec<(String, Option<Vec<u8>>)>);

impl CacheControl {
    pub(crate) fn of<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        Self(lines.flat_map(members).map(directive).collect())
    }

    #[cfg(feature = "axum")]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The seconds of a directive. Of two that differ the shorter time is meant, and what is no number is no time at all.
    pub(crate) fn seconds(&self, name: &str) -> Option<u64> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, argument)| seconds(argument.as_deref())).min()
    }

    /// May what is past its time never be used (RFC 9111 section 4.2.4)?
    pub(crate) fn forbids_stale(&self) -> bool {
        ["must-revalidate", "proxy-revalidate", "s-maxage", "no-cache"].iter().any(|name| self.has(name))
    }

    /// May a response to a request with `Authorization` be stored (RFC 9111 section 3.5)?
    pub(crate) fn permits_authorization(&self) -> bool {
        ["public", "s-maxage", "must-revalidate"].iter().any(|name| self.has(name))
    }
}

fn directive(member: &[u8]) -> (String, Option<Vec<u8>>) {
    let mut halves = member.splitn(2, |&byte| byte == b'=');
    let name = String::from_utf8_lossy(halves.next().unwrap_or_default()).trim().to_ascii_lowercase();
    (name, halves.next().map(|argument| unquote(super::fields::trim(argument))))
}

fn seconds(argument: Option<&[u8]>) -> u64 {
    argument.and_then(number).unwrap_or(0).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::CacheControl;

    fn control(lines: &[&str]) -> CacheControl {
        CacheControl::of(lines.iter().map(|line| line.as_bytes()))
    }

    #[test]
    fn names_are_in_any_case_and_on_any_line() {
        let control = control(&["Private, MaX-AgE=60", "nO-StOrE"]);
        assert!(control.has("private") && control.has("no-store") && !control.has("public"));
        assert_eq!(control.seconds("max-age"), Some(60));
    }

    #[test]
    fn what_is_in_quotes_is_no_directive() {
        let control = control(&[r#"community="no-store, private", max-age="60""#]);
        assert!(!control.has("no-store") && !control.has("private"));
        assert_eq!(control.seconds("max-age"), Some(60));
    }

    #[test]
    fn what_is_no_number_is_no_time() {
        for text in ["max-age='60'", "max-age=-1", "max-age=a100", "max-age=1.5", "max-age=", "max-age", "max-age=60s"]
        {
            assert_eq!(control(&[text]).seconds("max-age"), Some(0), "{text}");
        }
        assert_eq!(control(&["public"]).seconds("max-age"), None);
    }

    #[test]
    fn of_two_the_shorter() {
        assert_eq!(control(&["max-age=60, max-age=10"]).seconds("max-age"), Some(10));
        assert_eq!(control(&["max-age=99999999999999999999"]).seconds("max-age"), Some(1 << 31));
    }
}

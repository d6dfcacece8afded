//! How old a response is, and how long it may be used (RFC 9111 section 4.2, RFC 5861).

use super::control::CacheControl;
use super::fields::{Fields, date, members, number};
use crate::clock::NEVER;

const SECOND: u64 = 1_000_000_000;

/// The periods of a response's life, in nanoseconds from its reception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    /// How long it is fresh; nothing if others decide that.
    pub(crate) fresh: Option<u64>,
    /// How long it may be used past that while it is refreshed, and if that fails. Others may permit less.
    pub(crate) while_revalidate: u64,
    pub(crate) if_error: u64,
}

impl Life {
    /// A response's life where the program decides it: what it says itself can only forbid that it is used past its time.
    pub(crate) fn of_program(control: &CacheControl, shortest: Option<u64>) -> Self {
        let stale = if control.forbids_stale() { 0 } else { NEVER };
        Self { fresh: shortest, while_revalidate: stale, if_error: stale }
    }

    /// A response's life as it says itself; nothing if it says nothing or is too old already. It was asked for and received at these
    /// times in milliseconds since 1970.
    pub(crate) fn of_response(
        fields: &Fields,
        control: &CacheControl,
        (asked, received): (u64, u64),
        shortest: Option<u64>,
    ) -> Option<Self> {
        let age = initial_age(fields, asked, received);
        let fresh = lifetime(fields, control, received)?.checked_sub(age).filter(|left| *left > 0)?;
        let fresh = fresh.saturating_mul(SECOND);
        let stale = |directive| {
            if control.forbids_stale() { 0 } else { control.seconds(directive).unwrap_or(0).saturating_mul(SECOND) }
        };
        Some(Self {
            fresh: Some(shortest.map_or(fresh, |shortest| shortest.min(fresh))),
            while_revalidate: stale("stale-while-revalidate"),
            if_error: stale("stale-if-error"),
        })
    }
}

/// The freshness lifetime in seconds, for a cache that many share (section 4.2.1). Nothing is guessed.
pub(crate) fn lifetime(fields: &Fields, control: &CacheControl, received: u64) -> Option<u64> {
    if let Some(seconds) = control.seconds("s-maxage").or_else(|| control.seconds("max-age")) {
        return Some(seconds);
    }
    if !fields.has("expires") {
        return None;
    }
    // One that can't be read, or that is repeated, is past. What was made in this program has no date yet: it is of now (section 6.6.1 of
    // RFC 9110).
    let made = match fields.first("date") {
        None => Some(received / 1_000),
        Some(text) => date(text),
    };
    let (Some(expires), Some(made)) = (fields.only("expires").and_then(date), made) else { return Some(0) };
    Some(expires.saturating_sub(made))
}

/// The age of a response in seconds as it is received (section 4.2.3), at times in milliseconds since 1970.
pub(crate) fn initial_age(fields: &Fields, asked: u64, received: u64) -> u64 {
    let said = fields.first("age").and_then(|line| members(line).next()).and_then(number).unwrap_or(0);
    let delay = received.saturating_sub(asked) / 1_000;
    let apparent = fields.first("date").and_then(date).map_or(0, |date| (received / 1_000).saturating_sub(date));
    apparent.max(said.saturating_add(delay))
}

#[cfg(test)]
mod tests {
    use super::{Life, SECOND, initial_age, lifetime};
    use crate::http::control::CacheControl;
    use crate::http::fields::Fields;

    const DATE: (&str, &str) = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");

    fn fields(lines: &[(&'static str, &'static str)]) -> (Fields, CacheControl) {
        let mut fields = Fields::default();
        for (name, value) in lines {
            fields.push(name, value.as_bytes());
        }
        let control = CacheControl::of(fields.lines("cache-control"));
        (fields, control)
    }

    fn seconds(lines: &[(&'static str, &'static str)]) -> Option<u64> {
        let (fields, control) = fields(lines);
        lifetime(&fields, &control, 784_111_777_000)
    }

    #[test]
    fn the_first_that_is_there_of_three() {
        let expires = ("expires", "Sun, 06 Nov 1994 08:50:37 GMT");
        assert_eq!(seconds(&[DATE, expires]), Some(60));
        assert_eq!(seconds(&[DATE, expires, ("cache-control", "max-age=10")]), Some(10));
        assert_eq!(seconds(&[DATE, expires, ("cache-control", "max-age=10, S-MaxAge=5")]), Some(5));
        assert_eq!(seconds(&[DATE]), None);
        assert_eq!(seconds(&[expires]), Some(60), "without a date it was made when it came");
        assert_eq!(seconds(&[("date", "today"), expires]), Some(0));
    }

    #[test]
    fn an_end_that_can_not_be_read_is_past() {
        for expires in ["0", "-1", "tomorrow", "Sun, 06 Nov 1994 08:49:00 GMT"] {
            assert_eq!(seconds(&[DATE, ("expires", expires)]), Some(0), "{expires}");
        }
        let expires = ("expires", "Sun, 06 Nov 1994 08:50:37 GMT");
        assert_eq!(seconds(&[DATE, expires, expires]), Some(0));
    }

    #[test]
    fn the_age_is_what_it_says_or_what_its_date_says() {
        let at = 784_111_777_000;
        let age = |lines: &[(&'static str, &'static str)]| initial_age(&fields(lines).0, at + 1_000, at + 5_000);
        assert_eq!(age(&[]), 4, "it may have been made as soon as it was asked for");
        assert_eq!(age(&[DATE]), 5);
        assert_eq!(age(&[DATE, ("age", "10")]), 14);
        assert_eq!(age(&[DATE, ("age", "10, 20"), ("age", "30")]), 14);
        assert_eq!(age(&[DATE, ("age", "-10")]), 5);
    }

    #[test]
    fn stale_periods_are_those_of_the_response() {
        let life = |control: &'static str| {
            let (fields, control) = fields(&[("cache-control", control)]);
            Life::of_response(&fields, &control, (0, 10_000), None)
        };
        let both = life("max-age=600, stale-while-revalidate=30, stale-if-error=1200");
        let expected = Life { fresh: Some(590 * SECOND), while_revalidate: 30 * SECOND, if_error: 1200 * SECOND };
        assert_eq!(both, Some(expected));
        let forbidden = life("max-age=600, stale-if-error=1200, must-revalidate");
        assert_eq!(forbidden.map(|life| (life.while_revalidate, life.if_error)), Some((0, 0)));
        assert_eq!(life("max-age=10"), None, "it is too old already");
    }
}

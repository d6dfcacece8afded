//! How long to wait before the next attempt to connect.

use std::time::Duration;

use crate::dice::between;

const FIRST: u64 = 50;
const LONGEST: u64 = 2_000;

/// Nothing before the first attempt, then 50 ms, doubled up to 2 s, of which chance takes up to a half: many processes lose a server
/// at the same moment.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    pub(super) fn next(&mut self) -> Duration {
        let attempts = self.attempts;
        self.attempts = attempts.saturating_add(1);
        if attempts == 0 {
            return Duration::ZERO;
        }
        let longest = FIRST.saturating_mul(1 << (attempts - 1).min(16)).min(LONGEST);
        Duration::from_millis(between(longest / 2, longest).max(FIRST))
    }

    /// The last connection was a good one.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn it_grows_to_two_seconds_and_begins_again() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(), Duration::ZERO);
        for _ in 0..100 {
            let wait = backoff.next();
            assert!(wait >= Duration::from_millis(50) && wait <= Duration::from_secs(2), "{wait:?}");
        }
        assert!(backoff.next() >= Duration::from_secs(1));
        backoff.reset();
        assert_eq!(backoff.next(), Duration::ZERO);
    }
}

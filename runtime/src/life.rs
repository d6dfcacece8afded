//! How long an entry lives: its timeout, when it may be refreshed ahead of that, and how long it is of use past it.

use crate::clock::NEVER;
use crate::dice;
use crate::site::Options;

/// A million of these are the whole.
const WHOLE: u32 = 1_000_000;

/// When an entry is refreshed ahead of its timeout.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Early {
    #[default]
    Never,
    /// After this many millionths of its timeout.
    Fraction(u32),
    /// At this age.
    Age(u64),
}

impl Early {
    pub(crate) fn is_never(self) -> bool {
        matches!(self, Self::Never)
    }
}

/// Periods in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) timeout: u64,
    /// How long nobody thinks of refreshing it.
    pub(crate) calm: u64,
    /// How long it is of use past its timeout.
    pub(crate) keep: u64,
}

impl Life {
    /// The life of what a function has loaded: shortened and refreshed ahead as its options say.
    /// `jitter` is that of functions that say nothing of it.
    pub(crate) fn of_load(timeout: u64, options: &Options, jitter: u32) -> Self {
        let timeout = dice::shortened(timeout, options.jitter.unwrap_or(jitter));
        Self { timeout, calm: calm(timeout, options.early), keep: options.policy.longest() }
    }

    /// The same life, if it is not longer than this in all.
    pub(crate) fn at_most(self, longest: u64) -> Self {
        let timeout = self.timeout.min(longest);
        Self { timeout, calm: self.calm.min(timeout), keep: self.keep.min(longest - timeout) }
    }

    /// What is left of it after this time.
    pub(crate) fn without_first(self, time: u64) -> Self {
        let timeout = self.timeout.saturating_sub(time);
        let whole = self.timeout.saturating_add(self.keep).saturating_sub(time);
        Self { timeout, calm: self.calm.saturating_sub(time), keep: whole.saturating_sub(timeout) }
    }

    /// The life of what was put there by hand: exactly as long as that hand says.
    pub(crate) fn by_hand(timeout: u64, options: &Options) -> Self {
        Self { timeout, calm: timeout, keep: options.policy.longest() }
    }

    /// The life of an error.
    pub(crate) fn of_failure(timeout: u64, options: &Options) -> Self {
        let timeout = dice::shortened(timeout, options.jitter.unwrap_or_default());
        Self { timeout, calm: timeout, keep: 0 }
    }
}

/// The refresh comes a tenth earlier or later than asked for, so that entries made together are not refreshed together; but
/// not later than half-way between that and the timeout. An age that the timeout does not reach is no refresh at all.
pub(crate) fn calm(timeout: u64, early: Early) -> u64 {
    let at = match early {
        Early::Never => return timeout,
        Early::Fraction(_) if timeout == NEVER => return timeout,
        Early::Fraction(millionths) => part(timeout, millionths),
        Early::Age(age) => age,
    };
    if at >= timeout {
        return timeout;
    }
    let tenth = at / 10;
    let latest = at.saturating_add(tenth).min(at + (timeout - at) / 2);
    dice::between(at - tenth, latest)
}

fn part(time: u64, millionths: u32) -> u64 {
    let part = u128::from(time) * u128::from(millionths.min(WHOLE)) / u128::from(WHOLE);
    u64::try_from(part).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::{Early, NEVER, calm};

    #[test]
    fn early_is_a_tenth_around_what_was_asked_for() {
        let moments: Vec<u64> = (0..1_000).map(|_| calm(1_000, Early::Fraction(500_000))).collect();
        assert!(moments.iter().all(|at| (450..=550).contains(at)));
        assert!(moments.iter().any(|at| *at < 480) && moments.iter().any(|at| *at > 520));
    }

    #[test]
    fn early_stays_before_the_timeout() {
        assert!((0..1_000).all(|_| (855..=975).contains(&calm(1_000, Early::Fraction(950_000)))));
        assert!((0..1_000).all(|_| calm(1_000, Early::Age(999)) < 1_000));
    }

    #[test]
    fn early_that_never_comes() {
        assert_eq!(calm(1_000, Early::Never), 1_000);
        assert_eq!(calm(1_000, Early::Age(1_000)), 1_000);
        assert_eq!(calm(NEVER, Early::Fraction(500_000)), NEVER);
    }

    #[test]
    fn an_age_without_a_timeout() {
        assert!((90..=110).contains(&calm(NEVER, Early::Age(100))));
    }
}

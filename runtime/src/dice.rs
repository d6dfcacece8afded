//! Chance: what is spread in time so that it does not all happen at once.

use crate::clock::NEVER;

const MILLION: u64 = 1_000_000;

/// A number from `low` to `high`, both included, each as likely; `low` if the order is wrong.
pub(crate) fn between(low: u64, high: u64) -> u64 {
    if low < high { fastrand::u64(low..=high) } else { low }
}

/// A time that is shorter by a random part, at most by so many millionths. For ever stays for ever, and what is not zero
/// does not become it.
pub(crate) fn shortened(time: u64, millionths: u32) -> u64 {
    if time == NEVER || time == 0 {
        return time;
    }
    let part = u128::from(time) * u128::from(u64::from(millionths).min(MILLION)) / u128::from(MILLION);
    let part = u64::try_from(part).unwrap_or(time);
    between((time - part).max(1), time)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{between, shortened};
    use crate::clock::NEVER;

    #[test]
    fn both_ends_come_up_and_nothing_beyond() {
        let seen: BTreeSet<u64> = (0..1_000).map(|_| between(5, 7)).collect();
        assert!(seen.into_iter().eq([5, 6, 7]));
        assert_eq!((between(4, 4), between(9, 2)), (4, 9));
        assert!(between(NEVER - 1, NEVER) >= NEVER - 1);
        // The whole range is one number wider than the type.
        let _any = between(0, NEVER);
    }

    #[test]
    fn a_time_is_shortened_by_its_part_at_most() {
        for time in [1, 2, 10, 1_000_000, 10_000_000_000, NEVER - 1] {
            for millionths in [0, 1, 100_000, 999_999, 1_000_000, u32::MAX] {
                let part = u128::from(time) * u128::from(millionths.min(1_000_000)) / 1_000_000;
                for _ in 0..50 {
                    let short = shortened(time, millionths);
                    assert!(short <= time && short > 0, "{time} {millionths}: {short}");
                    assert!(u128::from(time - short) <= part, "{time} {millionths}: {short}");
                }
            }
        }
        assert_eq!(shortened(1_000, 0), 1_000);
        assert_eq!((shortened(NEVER, 1_000_000), shortened(0, 1_000_000)), (NEVER, 0));
    }
}

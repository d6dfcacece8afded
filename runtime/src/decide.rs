//! The decision about one entry, made from what it says and the moment. No clock is read here and nothing is stored.

/// What a reader may do with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Answer with it.
    Fresh,
    /// As if it were not there.
    Miss,
}

/// What the decision depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// It belongs to the reader's function, is under the reader's key, and holds the reader's revision.
    pub(crate) same_key: bool,
    /// Its group was not bumped since its load began.
    pub(crate) same_generation: bool,
    /// Past for an entry that was removed since the reader found it.
    pub(crate) fresh_until: u64,
}

#[inline]
pub(crate) fn decide(facts: Facts, now: u64) -> Decision {
    if facts.same_key && facts.same_generation && now < facts.fresh_until { Decision::Fresh } else { Decision::Miss }
}

#[cfg(test)]
mod tests {
    use super::{Decision, Facts, decide};

    const GOOD: Facts = Facts { same_key: true, same_generation: true, fresh_until: 10 };

    #[test]
    fn fresh_until_the_very_moment() {
        assert_eq!(decide(GOOD, 9), Decision::Fresh);
        assert_eq!(decide(GOOD, 10), Decision::Miss);
    }

    #[test]
    fn anything_wrong_is_a_miss() {
        for facts in [Facts { same_key: false, ..GOOD }, Facts { same_generation: false, ..GOOD }] {
            assert_eq!(decide(facts, 0), Decision::Miss, "{facts:?}");
        }
    }
}

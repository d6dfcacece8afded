//! The decision about one entry, made from what it says, what its function wants, and the moment. No clock is read here and
//! nothing is stored: both tiers decide by it.
//!
//! The life of an entry, on one line (the manual has the table):
//!
//! ```text
//! created ---- fresh ---- calm_until ---- early ---- fresh_until ---- stale ---- + the longer stale period ---- gone
//! ```
//!
//! The stale periods are those of RFC 5861; the soft timeout and the rest after a failure are `FusionCache`'s.

/// What a reader does with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Answer with it.
    Fresh,
    /// Answer with it, and begin to refresh it on the side.
    Early,
    /// Answer with it although its timeout is over: it is being refreshed, or its source has just failed.
    Stale,
    /// Answer with it although its timeout is over, and begin to refresh it on the side.
    Revalidate,
    /// Refresh it; answer with it if the new value takes longer than this, or fails.
    Within(u64),
    /// Load; answer with it if that fails.
    IfError,
    /// As if it were not there.
    Miss,
}

/// What an entry says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// It is in its place, and nothing it was made under has been invalidated since.
    pub(crate) current: bool,
    /// It is an error: never of use past its time.
    pub(crate) failure: bool,
    /// From this moment it may be refreshed although it is fresh. Not after `fresh_until`.
    pub(crate) calm_until: u64,
    pub(crate) fresh_until: u64,
    /// From this moment it is of no use, whatever the function wants.
    pub(crate) kept_until: u64,
    /// Until this moment its source is left alone; [`BUSY`] while it is refreshed on the side.
    pub(crate) rest_until: u64,
}

/// The end of a rest that ends with a refresh.
pub(crate) const BUSY: u64 = u64::MAX;

/// What the function wants, in nanoseconds beyond the timeout.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Policy {
    pub(crate) while_revalidate: u64,
    pub(crate) if_error: u64,
    pub(crate) soft_timeout: Option<u64>,
}

impl Policy {
    /// How long an entry is of use past its timeout.
    pub(crate) fn longest(&self) -> u64 {
        self.while_revalidate.max(self.if_error)
    }
}

pub(crate) fn decide(facts: Facts, policy: Policy, now: u64) -> Decision {
    if !facts.current {
        return Decision::Miss;
    }
    if now < facts.fresh_until {
        return if now < facts.calm_until { Decision::Fresh } else { Decision::Early };
    }
    let past = now - facts.fresh_until;
    let revalidate = past < policy.while_revalidate;
    if facts.failure || now >= facts.kept_until || !(revalidate || past < policy.if_error) {
        return Decision::Miss;
    }
    let busy = facts.rest_until == BUSY;
    match policy.soft_timeout {
        _ if !busy && now < facts.rest_until => Decision::Stale,
        Some(soft_timeout) => Decision::Within(soft_timeout),
        None if revalidate && busy => Decision::Stale,
        None if revalidate => Decision::Revalidate,
        None => Decision::IfError,
    }
}

/// May a forced load that fails be answered with the entry?
pub(crate) fn stands_in(facts: Facts, policy: Policy, now: u64) -> bool {
    let until = facts.fresh_until.saturating_add(policy.if_error).min(facts.kept_until);
    facts.current && !facts.failure && policy.if_error > 0 && now < until
}

#[cfg(test)]
mod tests {
    use super::{BUSY, Decision, Facts, Policy, decide, stands_in};

    const GOOD: Facts =
        Facts { current: true, failure: false, calm_until: 8, fresh_until: 10, kept_until: u64::MAX, rest_until: 0 };
    const NONE: Policy = Policy { while_revalidate: 0, if_error: 0, soft_timeout: None };
    const BOTH: Policy = Policy { while_revalidate: 5, if_error: 20, soft_timeout: None };

    #[test]
    fn without_stale_periods() {
        for (now, decision) in [
            (7, Decision::Fresh),
            (8, Decision::Early),
            (9, Decision::Early),
            (10, Decision::Miss),
            (99, Decision::Miss),
        ] {
            assert_eq!(decide(GOOD, NONE, now), decision, "{now}");
        }
    }

    #[test]
    fn with_both_stale_periods() {
        for (now, decision) in [
            (9, Decision::Early),
            (10, Decision::Revalidate),
            (14, Decision::Revalidate),
            (15, Decision::IfError),
            (29, Decision::IfError),
            (30, Decision::Miss),
        ] {
            assert_eq!(decide(GOOD, BOTH, now), decision, "{now}");
        }
    }

    #[test]
    fn with_a_soft_timeout() {
        let policy = Policy { soft_timeout: Some(3), ..BOTH };
        for now in [10, 14, 15, 29] {
            assert_eq!(decide(GOOD, policy, now), Decision::Within(3), "{now}");
            // Whoever comes while a refresh is under way waits for it like the one who began it.
            assert_eq!(decide(Facts { rest_until: BUSY, ..GOOD }, policy, now), Decision::Within(3), "{now}");
        }
        assert_eq!(decide(GOOD, policy, 30), Decision::Miss);
    }

    #[test]
    fn while_the_source_rests() {
        let resting = Facts { rest_until: 25, ..GOOD };
        for now in [10, 14, 15, 24] {
            assert_eq!(decide(resting, BOTH, now), Decision::Stale, "{now}");
        }
        assert_eq!(decide(resting, BOTH, 25), Decision::IfError);
        assert_eq!(decide(resting, BOTH, 30), Decision::Miss);
    }

    #[test]
    fn while_it_is_refreshed() {
        let busy = Facts { rest_until: BUSY, ..GOOD };
        assert_eq!(decide(busy, BOTH, 14), Decision::Stale);
        assert_eq!(decide(busy, BOTH, 15), Decision::IfError, "who can't have the old value waits for the new one");
    }

    #[test]
    fn what_was_invalidated_is_of_no_use() {
        let gone = Facts { current: false, ..GOOD };
        for now in [0, 9, 10, 20] {
            assert_eq!(decide(gone, BOTH, now), Decision::Miss, "{now}");
            assert!(!stands_in(gone, BOTH, now), "{now}");
        }
    }

    #[test]
    fn an_error_is_of_no_use_past_its_time() {
        let failure = Facts { failure: true, ..GOOD };
        assert_eq!(decide(failure, BOTH, 7), Decision::Fresh);
        assert_eq!(decide(failure, BOTH, 10), Decision::Miss);
        assert!(!stands_in(failure, BOTH, 7));
    }

    #[test]
    fn what_is_not_kept_so_long_is_of_no_use() {
        let short = Facts { kept_until: 12, ..GOOD };
        assert_eq!(decide(short, BOTH, 11), Decision::Revalidate);
        assert_eq!(decide(short, BOTH, 12), Decision::Miss);
        assert!(stands_in(short, BOTH, 11) && !stands_in(short, BOTH, 12));
    }

    #[test]
    fn standing_in_for_a_forced_load() {
        assert!(stands_in(GOOD, BOTH, 7) && stands_in(GOOD, BOTH, 29));
        assert!(!stands_in(GOOD, BOTH, 30) && !stands_in(GOOD, NONE, 7));
    }

    #[test]
    fn periods_without_end() {
        let policy = Policy { while_revalidate: u64::MAX, ..NONE };
        assert_eq!(decide(GOOD, policy, u64::MAX - 1), Decision::Revalidate);
        assert!(stands_in(GOOD, Policy { if_error: u64::MAX, ..NONE }, u64::MAX - 1));
    }
}

//! Numbers, with a head in front of their digits.

use std::time::Duration;

use crate::shared::{Increment, Incremented};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{LONG, is_left, same, write};
use crate::testing::conformance::stage::Stage;

/// What stands in front of the numbers of these checks: the mark of a number, and whose it is.
const HEAD: &[u8] = b"n\0mine\xff";

/// Adds to a number that counts as being there if it is `mine`.
pub(super) fn increment(key: &str, by: i64) -> Increment {
    Increment {
        key: key.to_owned(),
        by,
        head: HEAD.to_vec(),
        same: same(2, b"mine", Duration::ZERO),
        mark: (0, b'n'),
        life: Some(LONG),
        note: b"sum".to_vec(),
    }
}

/// The bytes of a number.
fn number(digits: &str) -> Vec<u8> {
    [HEAD, digits.as_bytes()].concat()
}

/// Adds; the outcome and the bytes have to be right.
fn ensure_sum(stage: &Stage, key: &str, by: i64, sum: i64) -> Outcome {
    ensure_eq!(stage.one.increment(increment(key, by))?, Incremented::Sum(sum), "what {by} is added to");
    ensure_eq!(stage.other.value(key)?, Some(number(&sum.to_string())), "the bytes of {sum}");
    Ok(())
}

pub(crate) fn a_number_begins_at_what_is_added(stage: &Stage) -> Outcome {
    for by in [0, 1, -1, 1_000_000, -42] {
        let key = stage.key(&by.to_string());
        ensure_sum(stage, &key, by, by)?;
        let remaining = stage.other.remaining(&key)?;
        ensure!(is_left(remaining, LONG), "{remaining:?} of {LONG:?} remain of a new number");
    }
    let key = stage.key("endless");
    stage.one.increment(Increment { life: None, ..increment(&key, 1) })?;
    let remaining = stage.other.remaining(&key)?;
    ensure!(remaining > LONG, "{remaining:?} remain of a new number without an end");
    Ok(())
}

pub(crate) fn a_number_is_added_to(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.write(&key, &number("98"))?;
    for (by, sum) in [(1, 99), (1, 100), (-1, 99), (-99, 0), (-7, -7), (0, -7), (10, 3)] {
        ensure_sum(stage, &key, by, sum)?;
    }
    Ok(())
}

pub(crate) fn a_number_keeps_its_time(stage: &Stage) -> Outcome {
    let (shorter, endless) = (stage.key("1"), stage.key("2"));
    stage.one.write_as(write(&shorter, &number("1"), Some(LONG / 4)))?;
    ensure_sum(stage, &shorter, 1, 2)?;
    let remaining = stage.other.remaining(&shorter)?;
    ensure!(is_left(remaining, LONG / 4), "{remaining:?} of {:?} remain of a number", LONG / 4);
    stage.one.write_as(write(&endless, &number("1"), None))?;
    ensure_sum(stage, &endless, 1, 2)?;
    let remaining = stage.other.remaining(&endless)?;
    ensure!(remaining > LONG, "{remaining:?} remain of a number without an end");
    Ok(())
}

pub(crate) fn another_value_is_written_over(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    for other in [&b"n\0else\xff5"[..], b"", b"n\0min", b"x", b"xxmine\xff5"] {
        stage.one.write_as(write(&key, other, None))?;
        if other.starts_with(b"xx") {
            // This one counts as being there unless more time is asked for than it has.
            stage.one.write_as(write(&key, other, Some(LONG)))?;
            let strict = Increment { same: same(2, b"mine", LONG * 2), ..increment(&key, 3) };
            ensure_eq!(stage.one.increment(strict)?, Incremented::Sum(3), "an increment of a value about to end");
        } else {
            ensure_eq!(stage.one.increment(increment(&key, 3))?, Incremented::Sum(3), "an increment of {other:?}");
        }
        ensure_eq!(stage.other.value(&key)?, Some(number("3")), "the bytes over {other:?}");
        let remaining = stage.other.remaining(&key)?;
        ensure!(is_left(remaining, LONG), "{remaining:?} of {LONG:?} remain of a number over {other:?}");
    }
    Ok(())
}

pub(crate) fn what_is_no_number_stays(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let value = b"v\0mine\xff5";
    stage.one.write(&key, value)?;
    ensure_eq!(
        stage.one.increment(increment(&key, 1))?,
        Incremented::NoNumber,
        "an increment of what has another mark"
    );
    let beyond = Increment { mark: (value.len(), b'n'), ..increment(&key, 1) };
    ensure_eq!(stage.one.increment(beyond)?, Incremented::NoNumber, "an increment of what is too short for its mark");
    ensure_eq!(stage.other.value(&key)?, Some(value.to_vec()), "what is no number");
    Ok(())
}

pub(crate) fn a_sum_that_does_not_fit_is_refused(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    for (number_at, by) in
        [(i64::MAX, 1), (i64::MAX, i64::MAX), (i64::MIN, -1), (i64::MIN, i64::MIN), (-2, i64::MIN + 1)]
    {
        let bytes = number(&number_at.to_string());
        stage.one.write(&key, &bytes)?;
        ensure_eq!(stage.one.increment(increment(&key, by))?, Incremented::Overflow, "{number_at} and {by}");
        ensure_eq!(stage.other.value(&key)?, Some(bytes), "the bytes after an overflow");
    }
    Ok(())
}

pub(crate) fn numbers_are_exact(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    ensure_sum(stage, &key, 1 << 53, 1 << 53)?;
    ensure_sum(stage, &key, 1, (1 << 53) + 1)?;
    ensure_sum(stage, &key, i64::MAX - (1 << 53) - 1, i64::MAX)?;
    ensure_sum(stage, &key, -1, i64::MAX - 1)?;
    ensure_sum(stage, &key, i64::MIN, -2)?;
    ensure_sum(stage, &key, i64::MIN + 2, i64::MIN)?;
    ensure_sum(stage, &key, 1, i64::MIN + 1)?;
    ensure_sum(stage, &stage.key("2"), i64::MIN, i64::MIN)?;
    ensure_sum(stage, &stage.key("3"), i64::MAX, i64::MAX)
}

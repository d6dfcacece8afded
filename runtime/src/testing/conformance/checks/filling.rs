//! Only who holds the lease stores what it has loaded.

use crate::shared::{Fill, Increment, Incremented, Over, Turn};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{LONG, SHORT, fill, is_left, lease, same, write};
use crate::testing::conformance::stage::Stage;

pub(crate) fn only_the_holder_fills(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    ensure!(!stage.one.fill(&key, 1, b"none")?, "a fill without a lease was not refused");
    let token = stage.one.lead(&key)?;
    for stranger in [0, 1, token.wrapping_add(1), token ^ (1 << 127), !token] {
        ensure!(!stage.other.fill(&key, stranger, b"foreign")?, "a fill with another token was not refused");
    }
    ensure_eq!(stage.other.value(&key)?, None, "the value after refused fills");
    ensure!(stage.other.fill(&key, token, b"value")?, "the holder's fill was refused");
    ensure_eq!(stage.one.value(&key)?, Some(b"value".to_vec()), "the value after the fill");
    ensure!(!stage.one.fill(&key, token, b"again")?, "a second fill of a holder was not refused");
    stage.one.lead(&key)?;
    ensure_eq!(stage.one.value(&key)?, Some(b"value".to_vec()), "the value after a refused fill");
    Ok(())
}

pub(crate) fn a_fill_replaces_value_and_life(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.write_as(write(&key, b"old and longer", None))?;
    let token = stage.one.lead(&key)?;
    ensure!(stage.one.fill(&key, token, b"new")?, "the holder's fill was refused");
    ensure_eq!(stage.other.value(&key)?, Some(b"new".to_vec()), "the value after the fill");
    let remaining = stage.other.remaining(&key)?;
    ensure!(is_left(remaining, LONG), "{remaining:?} of {LONG:?} remain after the fill");
    let token = stage.one.lead(&key)?;
    let endless = Fill { life: None, ..fill(&key, token, b"endless") };
    ensure_eq!(stage.one.fill_each(vec![endless])?, [true], "the holder's fill");
    let remaining = stage.other.remaining(&key)?;
    ensure!(remaining > LONG, "{remaining:?} remain of a value without an end");
    let token = stage.one.lead(&key)?;
    let short = Fill { life: Some(SHORT), ..fill(&key, token, b"short") };
    ensure_eq!(stage.one.fill_each(vec![short])?, [true], "the holder's fill");
    stage.outlast();
    ensure_eq!(stage.other.value(&key)?, None, "a filled value whose time is over");
    Ok(())
}

pub(crate) fn fills_are_stored_one_by_one(stage: &Stage) -> Outcome {
    let keys = ["1", "2", "3"].map(|text| stage.key(text));
    let [first, second, third] = &keys;
    let (one, three) = (stage.one.lead(first)?, stage.one.lead(third)?);
    let fills = vec![fill(third, three, b"3"), fill(second, three, b"2"), fill(first, one, b"1")];
    ensure_eq!(stage.one.fill_each(fills)?, [true, false, true], "three fills, the second without a lease");
    for (key, value) in [(first, Some(b"1".to_vec())), (second, None), (third, Some(b"3".to_vec()))] {
        ensure_eq!(stage.other.value(key)?, value, "a value after three fills");
    }
    Ok(())
}

pub(crate) fn a_fill_after_a_removal_is_refused(stage: &Stage) -> Outcome {
    for there in [false, true] {
        let key = stage.key(if there { "value" } else { "nothing" });
        if there {
            stage.one.write(&key, b"old")?;
        }
        let token = stage.one.lead(&key)?;
        stage.other.remove(&key)?;
        ensure!(!stage.one.fill(&key, token, b"late")?, "a fill was not refused; a value was there: {there}");
        ensure_eq!(stage.one.value(&key)?, None, "the value after a removal and a late fill");
        let next = stage.other.lead(&key)?;
        ensure!(!stage.one.fill(&key, token, b"late")?, "an old token was good under a new lease");
        ensure!(stage.other.fill(&key, next, b"new")?, "the new holder's fill was refused");
    }
    Ok(())
}

pub(crate) fn a_fill_after_the_end_of_its_lease_is_refused(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let short = stage.one.leased(lease(&key, 1, Over::NOTHING, SHORT))?;
    ensure_eq!(short.turn, Turn::Lead, "a short lease");
    stage.outlast();
    ensure!(!stage.one.fill(&key, 1, b"late")?, "a fill after the end of the lease was not refused");
    let token = stage.other.lead(&key)?;
    ensure!(!stage.one.fill(&key, 1, b"late")?, "a fill under somebody else's lease was not refused");
    ensure_eq!(stage.one.value(&key)?, None, "the value after late fills");
    ensure!(stage.other.fill(&key, token, b"new")?, "the new holder's fill was refused");
    Ok(())
}

pub(crate) fn a_fill_after_a_write_is_refused(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let token = stage.one.lead(&key)?;
    stage.other.write(&key, b"right")?;
    ensure!(!stage.one.fill(&key, token, b"late")?, "a fill after a write was not refused");
    ensure_eq!(stage.one.value(&key)?, Some(b"right".to_vec()), "the value after a write and a late fill");
    Ok(())
}

pub(crate) fn a_fill_after_an_expiry_is_refused(stage: &Stage) -> Outcome {
    for there in [false, true] {
        let key = stage.key(if there { "value" } else { "nothing" });
        if there {
            stage.one.write(&key, b"old")?;
        }
        let token = stage.one.lead(&key)?;
        stage.other.expire(&key, LONG / 2)?;
        ensure!(!stage.one.fill(&key, token, b"late")?, "a fill was not refused; a value was there: {there}");
        let value = there.then(|| b"old".to_vec());
        ensure_eq!(stage.one.value(&key)?, value, "the value after an expiry and a late fill");
    }
    Ok(())
}

pub(crate) fn a_fill_after_an_increment_is_refused(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let increment = Increment {
        key: key.clone(),
        by: 5,
        head: b"n".to_vec(),
        same: same(0, b"n", std::time::Duration::ZERO),
        mark: (0, b'n'),
        life: Some(LONG),
        note: b"sum".to_vec(),
    };
    let token = stage.one.lead(&key)?;
    ensure_eq!(stage.other.increment(increment)?, Incremented::Sum(5), "a new number");
    ensure!(!stage.one.fill(&key, token, b"n1")?, "a fill after an increment was not refused");
    ensure_eq!(stage.one.value(&key)?, Some(b"n5".to_vec()), "the value after an increment and a late fill");
    Ok(())
}

//! While fills are held off, nothing is stored.

use std::time::Duration;

use super::counting::increment;
use crate::shared::{HoldOff, Incremented, Over, Release, Turn, Write};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{HOLDER, LONG, SHORT, is_left, release, same, write};
use crate::testing::conformance::stage::Stage;

fn ensure_held(stage: &Stage, key: &str) -> Outcome {
    for over in [Over::NOTHING, Over::value(b""), Over::Everything] {
        match stage.other.turn(key, 9, over.clone())? {
            Turn::Hold(left) => ensure!(is_left(left, LONG), "{left:?} of a hold of {LONG:?} are left at once"),
            turn => return Err(format!("a lease over {over:?} came to {turn:?} while fills are held off")),
        }
        ensure!(!stage.other.fill(key, 9, b"held")?, "a fill after a lease over {over:?} was not refused");
    }
    Ok(())
}

pub(crate) fn a_hold_refuses_fills_and_writes(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.write(&key, b"old")?;
    let token = stage.other.lead(&key)?;
    ensure!(stage.one.hold(&key, LONG)?, "a removal that holds did not tell that there was a value");
    ensure_eq!(stage.other.value(&key)?, None, "the value after a removal that holds");
    ensure!(!stage.other.fill(&key, token, b"late")?, "a fill of a former holder was not refused");
    ensure_held(stage, &key)?;
    let unless = Write { unless: Some(same(0, b"", Duration::ZERO)), ..write(&key, b"held", Some(LONG)) };
    let stored = stage.one.write_each(vec![write(&key, b"held", Some(LONG)), unless])?;
    ensure_eq!(stored, [false, false], "writes while fills are held off");
    ensure_eq!(stage.one.increment(increment(&key, 1))?, Incremented::Held, "an increment while fills are held off");
    ensure!(!stage.one.renew(&key, token, LONG)?, "a lease was renewed while fills are held off");
    ensure_eq!(stage.other.value(&key)?, None, "the value while fills are held off");
    stage.one.write(&stage.key("2"), b"value")
}

pub(crate) fn a_hold_revokes_the_lease(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let token = stage.other.lead(&key)?;
    stage.one.hold(&key, LONG)?;
    stage.one.end_hold(&key)?;
    ensure!(!stage.other.fill(&key, token, b"late")?, "a fill of a lease from before the hold was not refused");
    ensure_eq!(stage.other.value(&key)?, None, "the value after a hold and a late fill");
    Ok(())
}

pub(crate) fn a_hold_ends_by_time(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.hold(&key, SHORT)?;
    stage.outlast();
    let token = stage.other.lead(&key)?;
    ensure!(stage.other.fill(&key, token, b"value")?, "a fill after the end of a hold was refused");
    let written = stage.key("2");
    stage.one.hold(&written, SHORT)?;
    stage.outlast();
    stage.one.write(&written, b"value")
}

pub(crate) fn a_hold_ends_by_its_token(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.hold(&key, LONG)?;
    ensure!(!stage.other.end_hold(&key)?, "the end of a hold told of a value while fills are held off");
    stage.other.write(&key, b"value")?;
    stage.one.hold(&key, LONG)?;
    stage.one.end_hold(&key)?;
    let token = stage.one.lead(&key)?;
    ensure!(stage.one.fill(&key, token, b"value")?, "a fill after the end of a hold was refused");
    // The end of one that is over, or never was, is a removal.
    ensure!(stage.one.end_hold(&key)?, "the end of no hold did not tell that there was a value");
    ensure_eq!(stage.other.value(&key)?, None, "the value after the end of no hold");
    Ok(())
}

pub(crate) fn a_hold_ends_with_the_last_of_its_holders(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let [first, second, third] = [HOLDER, HOLDER + 1, HOLDER + 2];
    stage.one.hold_off(&key, HoldOff::Begun(first, LONG))?;
    stage.other.hold_off(&key, HoldOff::Begun(second, SHORT))?;
    stage.other.hold_off(&key, HoldOff::Begun(third, LONG))?;
    // The shorter one does not shorten the others.
    stage.outlast();
    for token in [second, first, second] {
        stage.one.hold_off(&key, HoldOff::Ended(token))?;
        ensure_held(stage, &key)?;
    }
    stage.one.hold_off(&key, HoldOff::Ended(third))?;
    stage.other.write(&key, b"value")?;
    // Nor does a longer one prolong the others, of which one may have nobody to end it; and who begins twice ends once.
    for (token, time) in [(first, SHORT), (second, LONG), (second, LONG)] {
        stage.one.hold_off(&key, HoldOff::Begun(token, time))?;
    }
    stage.outlast();
    ensure_held(stage, &key)?;
    stage.one.hold_off(&key, HoldOff::Ended(second))?;
    stage.other.write(&key, b"value")
}

pub(crate) fn nothing_else_ends_a_hold(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let token = stage.one.lead(&key)?;
    stage.one.hold(&key, LONG)?;
    stage.one.release(&key, token)?;
    ensure_held(stage, &key)?;
    stage.one.expire(&key, LONG)?;
    ensure_held(stage, &key)?;
    stage.one.expire(&key, Duration::ZERO)?;
    ensure_held(stage, &key)?;
    stage.one.write_as(write(&key, b"held", None))?;
    ensure_held(stage, &key)?;
    stage.one.remove(&key)?;
    ensure_held(stage, &key)?;
    stage.other.hold_off(&key, HoldOff::Ended(HOLDER + 1))?;
    ensure_held(stage, &key)?;
    stage.one.release_each(vec![Release { value: true, ..release(&key, token) }])?;
    ensure_held(stage, &key)?;
    stage.one.purge(&stage.namespace)?;
    ensure_held(stage, &key)
}

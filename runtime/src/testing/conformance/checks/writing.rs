//! What somebody knows to be right is stored, unless it is there.

use std::time::Duration;

use crate::shared::{Same, Write};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{LONG, is_left, same, write};
use crate::testing::conformance::stage::Stage;

/// Writes "new" unless there is such a value; whether it was stored. What is there then is what should be.
fn write_unless(stage: &Stage, key: &str, unless: Same) -> Outcome<bool> {
    let before = stage.one.value(key)?;
    let stored = stage.one.write_as(Write { unless: Some(unless), ..write(key, b"new", Some(LONG / 4)) })?;
    let value = if stored { Some(b"new".to_vec()) } else { before };
    ensure_eq!(stage.other.value(key)?, value, "the value after a write that told that it was stored: {stored}");
    Ok(stored)
}

pub(crate) fn a_write_replaces_value_and_life(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    for life in [None, Some(LONG), Some(LONG / 4), Some(LONG), None] {
        let value = format!("a value of {life:?}");
        let stored = stage.one.write_as(write(&key, value.as_bytes(), life))?;
        ensure!(stored, "a write was not stored");
        ensure_eq!(stage.other.value(&key)?, Some(value.into_bytes()), "the value after a write");
        let remaining = stage.other.remaining(&key)?;
        let is_right = life.map_or(remaining > LONG, |life| is_left(remaining, life));
        ensure!(is_right, "{remaining:?} of {life:?} remain after a write");
    }
    Ok(())
}

pub(crate) fn a_write_ends_unless_it_is_there(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    ensure!(write_unless(stage, &key, same(0, b"", Duration::ZERO))?, "a write where nothing is was not stored");
    for there in [same(0, b"head", LONG / 2), same(5, b"body", Duration::ZERO), same(0, b"", Duration::ZERO)] {
        stage.one.write(&key, b"head\0body\xff")?;
        ensure!(!write_unless(stage, &key, there.clone())?, "a write was stored in spite of {there:?}");
        let remaining = stage.other.remaining(&key)?;
        ensure!(is_left(remaining, LONG), "{remaining:?} of {LONG:?} remain of what was there");
    }
    stage.one.write_as(write(&key, b"endless", None))?;
    ensure!(
        !write_unless(stage, &key, same(3, b"less", LONG * 1000))?,
        "a write was stored in spite of an endless value"
    );
    Ok(())
}

pub(crate) fn other_bytes_do_not_count(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let others = [
        same(0, b"body", Duration::ZERO),
        same(1, b"head", Duration::ZERO),
        same(8, b"yy", Duration::ZERO),
        same(99, b"head", Duration::ZERO),
    ];
    for other in others {
        stage.one.write(&key, b"head\0body")?;
        ensure!(write_unless(stage, &key, other.clone())?, "a write was not stored, because of {other:?}");
        let remaining = stage.other.remaining(&key)?;
        ensure!(is_left(remaining, LONG / 4), "{remaining:?} remain of what was written");
    }
    Ok(())
}

pub(crate) fn a_value_about_to_end_does_not_count(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.write(&key, b"old")?;
    ensure!(!write_unless(stage, &key, same(0, b"old", LONG / 2))?, "a write was stored in spite of enough time");
    ensure!(
        write_unless(stage, &key, same(0, b"old", LONG * 2))?,
        "a write was not stored, because of too little time"
    );
    Ok(())
}

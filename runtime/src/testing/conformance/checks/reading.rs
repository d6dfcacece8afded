//! What is written can be read, by all, until its time is over.

use std::time::Duration;

use crate::shared::{Found, Over, Read, Turn};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{LONG, SHORT, is_left, read, remove, write};
use crate::testing::conformance::stage::Stage;

/// Far more than any life that a check gives.
const AGES: Duration = Duration::from_secs(24 * 60 * 60);

pub(crate) fn nothing_is_found_where_nothing_is(stage: &Stage) -> Outcome {
    let generations = ["1", "2"].map(|text| stage.generation(text)).into();
    let found = stage.one.found(Read { key: stage.key("1"), generations, life: true })?;
    ensure_eq!(found, Found { generations: vec![None, None], ..Found::default() }, "a read of nothing");
    Ok(())
}

pub(crate) fn what_one_process_writes_another_reads(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.write(&key, b"value")?;
    for party in [&stage.one, &stage.other] {
        let found = party.found(read(&key))?;
        ensure_eq!(found, Found { value: Some(b"value".to_vec()), ..Found::default() }, "what was written");
        let remaining = party.remaining(&key)?;
        ensure!(is_left(remaining, LONG), "{remaining:?} of {LONG:?} remain at once");
    }
    Ok(())
}

pub(crate) fn outcomes_stand_in_the_order_of_the_list(stage: &Stage) -> Outcome {
    let keys = ["1", "2", "3", "4"].map(|text| stage.key(text));
    let [first, second, third, nowhere] = &keys;
    let stored = stage.one.write_each(vec![write(third, b"3", Some(LONG)), write(first, b"1", None)])?;
    ensure_eq!(stored, [true, true], "two writes");
    stage.one.write(second, b"2")?;
    let order = [nowhere, second, first, nowhere, third, second];
    let found = stage.other.read_each(order.iter().map(|key| Read { life: *key != second, ..read(key) }).collect())?;
    let values: Vec<_> = found.iter().map(|found| found.value.as_deref()).collect();
    ensure_eq!(values, [None, Some(&b"2"[..]), Some(b"1"), None, Some(b"3"), Some(b"2")], "a read of six");
    let lives: Vec<_> = found.iter().map(|found| found.remaining.is_some()).collect();
    ensure_eq!(lives, [false, false, true, false, true, false], "whether time is told to those who ask for it");
    let removes = [nowhere, third].map(|key| remove(key, "removed"));
    ensure_eq!(stage.one.remove_each(removes.to_vec())?, [false, true], "two removals");
    Ok(())
}

pub(crate) fn empty_lists_come_to_nothing(stage: &Stage) -> Outcome {
    stage.one.read_each(Vec::new())?;
    stage.one.lease_each(Vec::new())?;
    stage.one.fill_each(Vec::new())?;
    stage.one.write_each(Vec::new())?;
    stage.one.remove_each(Vec::new())?;
    stage.one.expire_each(Vec::new())
}

pub(crate) fn lives_end(stage: &Stage) -> Outcome {
    let (key, other) = (stage.key("1"), stage.key("2"));
    let stored = stage.one.write_each(vec![write(&key, b"short", Some(SHORT)), write(&other, b"long", Some(LONG))])?;
    ensure_eq!(stored, [true, true], "two writes");
    stage.outlast();
    ensure_eq!(stage.other.value(&key)?, None, "a value whose time is over");
    ensure_eq!(stage.other.value(&other)?, Some(b"long".to_vec()), "a value that lives longer");
    Ok(())
}

pub(crate) fn values_without_an_end_stay(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let stored = stage.one.write_as(write(&key, b"value", None))?;
    ensure!(stored, "a write was not stored");
    let remaining = stage.other.remaining(&key)?;
    ensure!(remaining > AGES, "a value without an end has an end in {remaining:?}");
    match stage.other.turn(&key, 1, Over::NOTHING)? {
        Turn::Hit(value, remaining) => {
            ensure_eq!(value, b"value", "a hit");
            ensure!(remaining > AGES, "a hit without an end has an end in {remaining:?}");
        }
        turn => return Err(format!("a lease where a value is came to {turn:?}")),
    }
    Ok(())
}

pub(crate) fn operations_happen_though_nobody_waits(stage: &Stage) -> Outcome {
    let (key, gone) = (stage.key("1"), stage.key("2"));
    stage.one.write(&gone, b"gone")?;
    drop(stage.one.store.write(vec![write(&key, b"value", Some(LONG))]));
    drop(stage.one.store.remove(vec![remove(&gone, "removed")]));
    let mut found = (None, None);
    stage.wait_until("a write and a removal happen whose futures were dropped", || {
        found = (stage.other.value(&key).ok().flatten(), stage.other.value(&gone).ok().flatten());
        found == (Some(b"value".to_vec()), None)
    })
}

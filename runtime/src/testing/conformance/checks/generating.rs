//! Numbers that stand for the state of everything that is invalidated together.

use std::time::Duration;

use crate::shared::{Generation, Lease, Over, Read, Turn};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{LONG, SHORT, lease, read};
use crate::testing::conformance::stage::Stage;

/// Reads generations.
fn found(stage: &Stage, generations: &[&str]) -> Outcome<Vec<Option<Generation>>> {
    let generations = generations.iter().map(|&generation| generation.to_owned()).collect();
    Ok(stage.other.found(Read { generations, ..read(&stage.key("read")) })?.generations)
}

/// A lease that reads generations.
fn reading(key: &str, token: u128, generations: &[&str], fresh: Generation) -> Lease {
    let generations = generations.iter().map(|&generation| generation.to_owned()).collect();
    Lease { generations, fresh, ..lease(key, token, Over::NOTHING, LONG) }
}

pub(crate) fn a_lease_makes_generations(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let names = ["1", "2", "3"].map(|text| stage.generation(text));
    let [first, second, third] = names.each_ref().map(String::as_str);
    ensure_eq!(found(stage, &[first, second])?, [None, None], "generations that nobody has made");
    let made = stage.one.leased(reading(&key, 1, &[first, second], u64::MAX))?;
    ensure_eq!(made.generations, [u64::MAX, u64::MAX], "new generations");
    ensure_eq!(found(stage, &[second, third, first])?, [Some(u64::MAX), None, Some(u64::MAX)], "three generations");
    let two = vec![reading(&key, 2, &[third, first], 1 << 63), reading(&key, 3, &[third], 7)];
    let generations: Vec<_> = stage.other.lease_each(two)?.into_iter().map(|leased| leased.generations).collect();
    ensure_eq!(generations, [vec![1 << 63, u64::MAX], vec![1 << 63]], "the generations of two leases");
    let zero = stage.generation("4");
    stage.one.leased(reading(&key, 4, &[&zero], 0))?;
    ensure_eq!(found(stage, &[&zero, third])?, [Some(0), Some(1 << 63)], "two generations");
    Ok(())
}

pub(crate) fn generations_come_with_every_turn(stage: &Stage) -> Outcome {
    let keys = ["1", "2", "3"].map(|text| stage.key(text));
    let [filled, leased, held] = &keys;
    let name = stage.generation("1");
    stage.one.leased(reading(&stage.key("4"), 1, &[&name], 5))?;
    stage.one.write(filled, b"value")?;
    stage.one.lead(leased)?;
    stage.one.hold(held, LONG)?;
    for key in &keys {
        let other = stage.other.leased(reading(key, 2, &[&name], 6))?;
        ensure!(other.turn != Turn::Lead, "a lease of what is there, leased or held came to {:?}", other.turn);
        ensure_eq!(other.generations, [5], "the generations of {:?}", other.turn);
    }
    Ok(())
}

pub(crate) fn a_bump_forgets_generations(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let names = ["1", "2", "3"].map(|text| stage.generation(text));
    let [first, second, third] = names.each_ref().map(String::as_str);
    stage.one.leased(reading(&key, 1, &[first, second, third], 1))?;
    stage.other.bump(&[first, third])?;
    ensure_eq!(found(stage, &[first, second, third])?, [None, Some(1), None], "generations, two of them bumped");
    let remade = stage.one.leased(reading(&key, 2, &[first, second], 2))?;
    ensure_eq!(remade.generations, [2, 1], "a bumped generation and another");
    ensure_eq!(found(stage, &[first, second, third])?, [Some(2), Some(1), None], "generations after a bump");
    stage.other.bump(&[third])?;
    stage.other.bump(&[first])?;
    ensure_eq!(found(stage, &[first, second])?, [None, Some(1)], "generations after a second bump");
    Ok(())
}

pub(crate) fn generations_last(stage: &Stage) -> Outcome {
    let (key, name) = (stage.key("1"), stage.generation("1"));
    let keeping = |keep: Duration, fresh| Lease { keep, ..reading(&key, 1, &[&name], fresh) };
    stage.one.leased(keeping(SHORT, 1))?;
    let renewed = stage.one.leased(keeping(LONG, 2))?.generations;
    stage.one.leased(keeping(SHORT, 3))?;
    stage.outlast();
    let still: Vec<_> = found(stage, &[&name])?.into_iter().flatten().collect();
    ensure_eq!(still, renewed, "a generation that was to last longer");
    Ok(())
}

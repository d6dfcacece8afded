//! What is no longer true, or no longer fresh.

use std::time::Duration;

use crate::shared::{Lease, Over, Read, Remove, Turn, Which};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{LONG, SHORT, is_left, lease, read, remove, write};
use crate::testing::conformance::stage::Stage;

pub(crate) fn a_removal_tells_what_was_there(stage: &Stage) -> Outcome {
    let (key, short, neighbour) = (stage.key("1"), stage.key("2"), stage.key("3"));
    ensure!(!stage.one.remove(&key)?, "a removal of nothing told of a value");
    stage.one.write(&key, b"")?;
    stage.one.write(&neighbour, b"value")?;
    stage.one.write_as(write(&short, b"short", Some(SHORT)))?;
    ensure!(stage.other.remove(&key)?, "a removal did not tell that there was a value");
    ensure_eq!(stage.one.value(&key)?, None, "a removed value");
    ensure!(!stage.other.remove(&key)?, "a second removal told of a value");
    stage.outlast();
    ensure!(!stage.one.remove(&short)?, "a removal told of a value whose time was over");
    stage.one.lead(&key)?;
    let twice = vec![remove(&neighbour, "1"), remove(&neighbour, "2"), remove(&key, "3")];
    ensure_eq!(stage.one.remove_each(twice)?, [true, false, false], "removals of a value, of the same, of a lease");
    Ok(())
}

pub(crate) fn a_removal_ends_unless_it_is_there(stage: &Stage) -> Outcome {
    let key = stage.key("note");
    let unless = |bytes: &[u8], note| Remove { which: Which::NotBeginning(bytes.to_vec()), ..remove(&key, note) };
    stage.one.write(&key, b"value of now")?;
    ensure_eq!(stage.other.turn(&key, 1, Over::value(b"value"))?, Turn::Lead, "a lease over the value that is there");
    let both = vec![unless(b"value of now", "whole"), unless(b"value", "begins so")];
    ensure_eq!(stage.one.remove_each(both)?, [false, false], "removals unless such a value is there");
    ensure_eq!(stage.one.value(&key)?, Some(b"value of now".to_vec()), "a value that is not to be removed");
    ensure!(stage.other.fill(&key, 1, b"filled")?, "a removal that did nothing took the lease");
    let gone = stage.one.remove_each(vec![unless(b"filled and more", "longer"), unless(b"filled", "nothing")])?;
    ensure_eq!(
        gone,
        [true, false],
        "a removal unless another value is there, and one unless one that is gone is there"
    );
    ensure_eq!(stage.one.value(&key)?, None, "a value that was not to stay");
    for told in stage.notes(&key)? {
        ensure_eq!(told, ["written", "longer", "nothing"], "what a process was told");
    }
    Ok(())
}

pub(crate) fn a_removal_means_the_value_that_is_known(stage: &Stage) -> Outcome {
    let key = stage.key("note");
    let only = |bytes: &[u8], note| Remove { which: Which::Beginning(bytes.to_vec()), ..remove(&key, note) };
    ensure_eq!(stage.one.remove_each(vec![only(b"", "none")])?, [false], "a removal of a value that is not there");
    stage.one.write(&key, b"value of now")?;
    ensure_eq!(stage.other.turn(&key, 1, Over::value(b"value"))?, Turn::Lead, "a lease over the value that is there");
    let others = vec![only(b"value of now and then", "longer"), only(b"other", "other")];
    ensure_eq!(stage.one.remove_each(others)?, [false, false], "removals of other values");
    ensure!(stage.other.renew(&key, 1, LONG)?, "a removal of another value took the lease");
    ensure_eq!(stage.one.remove_each(vec![only(b"value", "this")])?, [true], "a removal of the value that is there");
    ensure!(!stage.other.renew(&key, 1, LONG)?, "a removal left the lease");
    for told in stage.notes(&key)? {
        ensure_eq!(told, ["written", "this"], "what a process was told");
    }
    Ok(())
}

pub(crate) fn an_expiry_shortens(stage: &Stage) -> Outcome {
    let keys = ["longer", "shorter", "endless"].map(|text| stage.key(text));
    let [longer, shorter, endless] = &keys;
    stage.one.write(longer, b"value")?;
    stage.one.write_as(write(shorter, b"value", Some(LONG / 16)))?;
    stage.one.write_as(write(endless, b"value", None))?;
    for (key, left) in [(longer, LONG / 4), (shorter, LONG / 16), (endless, LONG / 4)] {
        stage.other.expire(key, LONG / 4)?;
        let remaining = stage.one.remaining(key)?;
        ensure!(is_left(remaining, left), "{remaining:?} of {left:?} remain after an expiry");
        ensure_eq!(stage.one.value(key)?, Some(b"value".to_vec()), "a value that has expired");
        stage.other.expire(key, SHORT)?;
    }
    stage.outlast();
    for key in &keys {
        ensure_eq!(stage.one.value(key)?, None, "a value whose shortened time is over");
    }
    stage.one.expire(&stage.key("nothing"), LONG)
}

pub(crate) fn an_expiry_to_nothing_removes(stage: &Stage) -> Outcome {
    for life in [Some(LONG), None] {
        let key = stage.key(&format!("{life:?}"));
        stage.one.write_as(write(&key, b"value", life))?;
        stage.other.expire(&key, Duration::ZERO)?;
        ensure_eq!(stage.one.value(&key)?, None, "a value of which nothing was kept");
        stage.one.write(&key, b"new")?;
    }
    Ok(())
}

pub(crate) fn a_purge_removes_a_namespace(stage: &Stage) -> Outcome {
    let purged = format!("{}:a*b?[c]\\", stage.namespace);
    let others = ["axb?[c]\\", "a*bx[c]\\", "a*b?c\\", "a*b?[c]", "a*b?[c]\\d", "a*b?[c]\\:d", "a*b?[c]\\:v0"];
    let others = others.map(|name| format!("{}:{name}:v0:{{1}}", stage.namespace));
    let own = ["v0:{1}", "v0:{2:{3}", "v1:{1}", "v1.2f:{1}"].map(|rest| format!("{purged}:{rest}"));
    for key in own.iter().chain(&others) {
        stage.one.write(key, b"value")?;
    }
    let generation = format!("{purged}:g:{{1}}");
    stage.one.leased(Lease {
        generations: [generation.clone()].into(),
        ..lease(&stage.key("1"), 1, Over::NOTHING, SHORT)
    })?;
    ensure_eq!(stage.one.purge(&purged)?, 4, "how many values are of {purged:?}");
    let found = stage.other.found(Read { generations: [generation].into(), ..read(&own[0]) })?;
    ensure_eq!(found.generations, [None], "a generation of the namespace");
    for key in &own {
        ensure_eq!(stage.other.value(key)?, None, "the value of {key:?}, which is of the namespace");
    }
    for key in &others {
        ensure!(stage.other.value(key)?.is_some(), "{key:?} is gone, which is of another namespace than {purged:?}");
    }
    ensure_eq!(stage.one.purge(&purged)?, 0, "how many keys are of it after a purge");
    // Those of the check's own namespace are no business of its end.
    for key in others {
        stage.one.remove(&key)?;
    }
    Ok(())
}

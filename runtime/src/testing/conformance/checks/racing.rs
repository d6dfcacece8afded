//! Many at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::counting::increment;
use crate::shared::{Incremented, Over, Turn, Write};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{LONG, same, write};
use crate::testing::conformance::party::Party;
use crate::testing::conformance::stage::Stage;

/// How many threads take part.
const MANY: usize = 64;

/// How often two race.
const ROUNDS: usize = 100;

/// What it comes to when many threads do the same thing at the same time, half of them in each process. They are counted from 1.
fn race<T: Send>(stage: &Stage, threads: usize, run: impl Fn(&Party, usize) -> Outcome<T> + Sync) -> Outcome<Vec<T>> {
    let ready = AtomicUsize::new(0);
    let runner = |number: usize| {
        // They spin, as from a barrier the last to come would always leave first.
        ready.fetch_add(1, Ordering::SeqCst);
        while ready.load(Ordering::SeqCst) < threads {
            thread::yield_now();
        }
        run(if number.is_multiple_of(2) { &stage.one } else { &stage.other }, number)
    };
    thread::scope(|scope| {
        let runner = &runner;
        let racing: Vec<_> = (1..=threads).map(|number| scope.spawn(move || runner(number))).collect();
        racing.into_iter().map(|thread| thread.join().map_err(|_| "a thread has panicked".to_owned())?).collect()
    })
}

/// Which of two fills: by turns the first and the second to be started.
fn is_loader(number: usize, round: usize) -> bool {
    number % 2 == round % 2
}

pub(crate) fn one_of_many_leads(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let turns = race(stage, MANY, |party, _| party.turn(&key, fastrand::u128(..), Over::NOTHING))?;
    let leaders = turns.iter().filter(|turn| **turn == Turn::Lead).count();
    let waiters = turns.iter().filter(|turn| matches!(turn, Turn::Wait { .. })).count();
    ensure_eq!((leaders, waiters), (1, MANY - 1), "how many lead, and how many wait");
    Ok(())
}

pub(crate) fn one_of_many_fills(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let tokens = race(stage, MANY / 4, |party, _| {
        let token = fastrand::u128(..);
        ensure_eq!(party.turn(&key, token, Over::Everything)?, Turn::Lead, "a lease over a lease");
        Ok(token)
    })?;
    let filled = race(stage, tokens.len(), |party, number| {
        let token = tokens.get(number - 1).copied().unwrap_or_default();
        Ok((party.fill(&key, token, &token.to_be_bytes())?, token))
    })?;
    let holders: Vec<_> = filled.iter().filter(|(stored, _)| *stored).collect();
    match holders.as_slice() {
        [(_, token)] => {
            ensure_eq!(stage.one.value(&key)?, Some(token.to_be_bytes().to_vec()), "the value of the holder");
        }
        holders => return Err(format!("{} of {} fills were stored", holders.len(), filled.len())),
    }
    Ok(())
}

pub(crate) fn one_of_many_writes(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let stored = race(stage, MANY, |party, number| {
        let unless = Some(same(0, b"value", LONG / 2));
        party.write_as(Write { unless, ..write(&key, format!("value {number}").as_bytes(), Some(LONG)) })
    })?;
    ensure_eq!(stored.iter().filter(|stored| **stored).count(), 1, "how many were stored");
    Ok(())
}

pub(crate) fn sums_add_up(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let mut sums = race(stage, MANY / 4, |party, _| {
        (0..16).map(|_| party.increment(increment(&key, 1))).collect::<Outcome<Vec<Incremented>>>()
    })?
    .concat();
    let number = |sum: &Incremented| match *sum {
        Incremented::Sum(sum) => sum,
        _ => 0,
    };
    sums.sort_by_key(number);
    let expected: Vec<i64> = (1_i64..).take(sums.len()).collect();
    ensure_eq!(sums.iter().map(number).collect::<Vec<_>>(), expected, "all sums, sorted");
    Ok(())
}

pub(crate) fn a_removed_value_does_not_come_back(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    for round in 0..ROUNDS {
        let token = stage.one.lead(&key)?;
        let stored = race(stage, 2, |party, number| {
            if is_loader(number, round) { party.fill(&key, token, b"loaded") } else { party.remove(&key) }
        })?;
        ensure_eq!(stage.one.value(&key)?, None, "round {round}: what is left after {stored:?} of fill and removal");
    }
    Ok(())
}

pub(crate) fn a_written_value_is_not_filled_over(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    for round in 0..ROUNDS {
        let token = stage.one.lead(&key)?;
        let value = round.to_string().into_bytes();
        let stored = race(stage, 2, |party, number| {
            if is_loader(number, round) {
                party.fill(&key, token, b"loaded")
            } else {
                party.write_as(write(&key, &value, Some(LONG)))
            }
        })?;
        ensure_eq!(
            stage.other.value(&key)?,
            Some(value),
            "round {round}: what is left after {stored:?} of fill and write"
        );
    }
    Ok(())
}

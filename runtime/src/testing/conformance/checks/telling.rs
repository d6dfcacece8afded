//! Who is told of what: notes, and that all of them have been told.

use std::time::Duration;

use super::counting::increment;
use crate::shared::{Fill, HoldOff, Moment, Over, Release, Remove, Turn, Watcher, Write};
use crate::testing::Seen;
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{HOLDER, LONG, fill, lease, release, remove, same, write};
use crate::testing::conformance::stage::Stage;

/// A store vouches for no longer than this.
const LONGEST: Duration = Duration::from_secs(10);

/// Longer than a store may take to vouch again.
const VOUCHES: Duration = Duration::from_millis(2_500);

/// Both processes have been told these notes and no others, in this order.
fn ensure_told(stage: &Stage, notes: &[&str]) -> Outcome {
    for told in stage.notes(&stage.key("note"))? {
        ensure_eq!(told, notes, "what a process was told");
    }
    Ok(())
}

pub(crate) fn everybody_is_told_once(stage: &Stage) -> Outcome {
    // One key, since a store of several servers keeps the order of notes about one key only.
    let key = stage.key("note");
    stage.one.remove(&key)?;
    stage.other.write(&key, b"value")?;
    stage.other.expire(&key, LONG)?;
    stage.one.remove(&key)?;
    stage.one.increment(increment(&key, 1))?;
    stage.one.bump(&[&stage.generation("note"), &stage.generation("note")])?;
    stage.other.expire(&key, Duration::ZERO)?;
    let removal = |hold, note| Remove { hold, ..remove(&key, note) };
    let begun = removal(HoldOff::Begun(HOLDER, LONG), "held");
    stage.one.remove_each(vec![begun, removal(HoldOff::Ended(HOLDER), "held no more")])?;
    let notes = ["removed", "written", "expired", "removed", "sum", "bumped", "expired", "held", "held no more"];
    ensure_told(stage, &notes)
}

pub(crate) fn a_fill_tells_those_who_wait(stage: &Stage) -> Outcome {
    let key = stage.key("note");
    let token = stage.one.lead(&key)?;
    ensure!(stage.one.fill(&key, token, b"value")?, "the holder's fill was refused");
    let token = stage.one.lead(&key)?;
    for waiter in 2..5 {
        let turn = stage.other.turn(&key, waiter, Over::value(b""))?;
        ensure!(matches!(turn, Turn::Wait { .. }), "a lease that somebody has came to {turn:?}");
    }
    let late = Fill { note: b"late".to_vec(), ..fill(&key, token.wrapping_add(1), b"late") };
    ensure_eq!(stage.other.fill_each(vec![late])?, [false], "a fill of somebody who waits");
    let awaited = Fill { note: b"awaited".to_vec(), ..fill(&key, token, b"value") };
    ensure_eq!(stage.one.fill_each(vec![awaited])?, [true], "the holder's fill");
    let token = stage.one.lead(&key)?;
    ensure!(stage.one.fill(&key, token, b"value")?, "the holder's fill was refused");
    ensure_told(stage, &["awaited"])
}

pub(crate) fn a_release_tells_those_who_wait(stage: &Stage) -> Outcome {
    let key = stage.key("note");
    let token = stage.one.lead(&key)?;
    stage.one.release(&key, token)?;
    let token = stage.one.lead(&key)?;
    let turn = stage.other.turn(&key, 2, Over::NOTHING)?;
    ensure!(matches!(turn, Turn::Wait { .. }), "a lease that somebody has came to {turn:?}");
    stage.other.release(&key, 2)?;
    stage.one.release(&key, token)?;
    stage.one.release(&key, token)?;
    let token = stage.one.lead(&key)?;
    stage.one.release(&key, token)?;
    // Everybody, if a value goes.
    stage.one.write(&key, b"value")?;
    let turn = stage.one.turn(&key, 3, Over::value(b"value"))?;
    ensure_eq!(turn, Turn::Lead, "a lease over the value that is there");
    stage.one.release_each(vec![Release { value: true, note: b"gone".to_vec(), ..release(&key, 3) }])?;
    ensure_told(stage, &["released", "written", "gone"])
}

pub(crate) fn what_is_not_stored_is_not_told(stage: &Stage) -> Outcome {
    let key = stage.key("note");
    stage.one.write(&key, b"v\0mine")?;
    stage.one.write_as(Write { unless: Some(same(0, b"v", Duration::ZERO)), ..write(&key, b"no", None) })?;
    stage.one.increment(increment(&key, 1))?;
    stage.one.fill(&key, 1, b"no")?;
    stage.one.release(&key, 1)?;
    stage.one.renew(&key, 1, LONG)?;
    stage.one.leased(lease(&key, 1, Over::value(b""), LONG))?;
    stage.one.hold(&key, LONG)?;
    stage.one.write_as(write(&key, b"no", None))?;
    stage.one.increment(increment(&key, 1))?;
    stage.one.fill(&key, 1, b"no")?;
    ensure_told(stage, &["written", "removed"])
}

pub(crate) fn notes_arrive_whole(stage: &Stage) -> Outcome {
    let key = stage.key("note");
    let notes = [(0..=255).collect(), vec![0], b"\r\n".to_vec(), vec![b'x'; 10 * 1024]];
    for note in &notes {
        let remove = Remove { note: note.clone(), ..remove(&key, "") };
        stage.one.remove_each(vec![remove])?;
    }
    stage.notes(&key)?;
    for party in [&stage.one, &stage.other] {
        let told = party.witness.notes();
        ensure!(told.get(..notes.len()) == Some(&notes[..]), "other notes than were passed on");
    }
    Ok(())
}

pub(crate) fn namespaces_are_apart(stage: &Stage) -> Outcome {
    let (stranger, key) = stage.stranger()?;
    stage.one.remove(&stage.key("note"))?;
    stranger.remove_each(vec![remove(&key, "elsewhere")])?;
    let told = stage.notes_before(&stranger, "elsewhere");
    stranger.store.close();
    ensure_eq!(told?, [""; 0], "what a process of another namespace was told");
    ensure_told(stage, &["removed"])
}

pub(crate) fn a_store_vouches_for_what_it_has_told(stage: &Stage) -> Outcome {
    let key = stage.key("note");
    let mut acknowledged: Vec<(Moment, String)> = Vec::new();
    let is_later = |seen: &Seen, than: Moment| matches!(seen, Seen::Vouched(asked, _) if *asked > than);
    stage.comes_within(VOUCHES, || {
        let note = format!("{}", acknowledged.len());
        let removed = stage.one.remove_each(vec![remove(&key, &note)]);
        if removed.is_ok() {
            acknowledged.push((stage.other.witness.now(), note));
        }
        let first = acknowledged.first().map(|(moment, _)| *moment);
        // A store that never vouches has nothing to prove.
        first.is_some_and(|first| stage.other.witness.seen().iter().filter(|seen| is_later(seen, first)).count() > 2)
    });
    let seen = stage.other.witness.seen();
    for seen in &seen {
        if let Seen::Vouched(_, time) = seen {
            ensure!(*time <= LONGEST, "vouched for {time:?}, which is longer than {LONGEST:?}");
        }
    }
    for (moment, note) in &acknowledged {
        let told = seen.iter().position(|seen| *seen == Seen::Told(note.clone().into_bytes()));
        let vouched = seen.iter().position(|seen| is_later(seen, *moment));
        let is_right = vouched.is_none_or(|vouched| told.is_some_and(|told| told < vouched));
        ensure!(is_right, "vouched for before it was told: note {note} of {}", acknowledged.len());
    }
    Ok(())
}

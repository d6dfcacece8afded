//! Whose turn it is to load a value.

use crate::shared::{Over, Release, Renew, Turn};
use crate::testing::conformance::Outcome;
use crate::testing::conformance::elements::{LONG, SHORT, is_left, lease, release};
use crate::testing::conformance::stage::Stage;

/// Who waits, if not much of the lease is over.
fn ensure_waits(turn: &Turn) -> Outcome {
    match turn {
        Turn::Wait { left, .. } => {
            ensure!(is_left(*left, LONG), "{left:?} of a lease of {LONG:?} are left at once");
            Ok(())
        }
        turn => Err(format!("a lease that somebody has came to {turn:?}")),
    }
}

pub(crate) fn the_first_leads_and_the_second_waits(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    ensure_eq!(stage.one.turn(&key, 1, Over::NOTHING)?, Turn::Lead, "the first lease");
    ensure_waits(&stage.one.turn(&key, 2, Over::NOTHING)?)?;
    ensure_waits(&stage.other.turn(&key, 3, Over::NOTHING)?)?;
    ensure_waits(&stage.other.turn(&key, 4, Over::value(b""))?)?;
    ensure_eq!(stage.other.turn(&stage.key("2"), 5, Over::NOTHING)?, Turn::Lead, "a lease of another key");
    Ok(())
}

pub(crate) fn a_value_is_a_hit(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.write(&key, b"value")?;
    match stage.other.turn(&key, 1, Over::NOTHING)? {
        Turn::Hit(value, remaining) => {
            ensure_eq!(value, b"value", "a hit");
            ensure!(is_left(remaining, LONG), "{remaining:?} of {LONG:?} remain of a hit");
        }
        turn => return Err(format!("a lease where a value is came to {turn:?}")),
    }
    ensure_eq!(stage.other.turn(&key, 2, Over::value(b""))?, Turn::Lead, "a lease after a hit");
    Ok(())
}

pub(crate) fn a_lease_stands_beside_a_value(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.write(&key, b"old")?;
    ensure_eq!(stage.one.turn(&key, 1, Over::value(b""))?, Turn::Lead, "a lease over a value");
    ensure_eq!(stage.other.value(&key)?, Some(b"old".to_vec()), "the value beside a lease");
    match stage.other.turn(&key, 2, Over::NOTHING)? {
        Turn::Hit(value, _) => ensure_eq!(value, b"old", "a hit beside a lease"),
        turn => return Err(format!("a lease over nothing where a value and a lease are came to {turn:?}")),
    }
    ensure_waits(&stage.other.turn(&key, 3, Over::value(b""))?)?;
    ensure!(stage.one.fill(&key, 1, b"new")?, "the holder's fill was refused");
    ensure_eq!(stage.other.value(&key)?, Some(b"new".to_vec()), "the value after the fill");
    Ok(())
}

pub(crate) fn a_lease_can_be_taken_away(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.write(&key, b"old")?;
    ensure_eq!(stage.one.turn(&key, 1, Over::Everything)?, Turn::Lead, "a lease that nobody has, over a lease");
    ensure_eq!(stage.other.turn(&key, 2, Over::Everything)?, Turn::Lead, "a lease over a lease");
    ensure_eq!(stage.other.value(&key)?, Some(b"old".to_vec()), "the value beside a lease");
    ensure!(!stage.one.renew(&key, 1, LONG)?, "the former holder could renew the lease");
    ensure!(!stage.one.fill(&key, 1, b"former")?, "the former holder could fill");
    ensure!(stage.other.fill(&key, 2, b"new")?, "the holder's fill was refused");
    ensure_eq!(stage.one.value(&key)?, Some(b"new".to_vec()), "the value after both fills");
    Ok(())
}

pub(crate) fn a_lease_is_over_the_value_that_is_known(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let (old, new) = ([b"head".as_slice(), &[1; 200]].concat(), [b"head".as_slice(), &[2; 200]].concat());
    stage.one.write(&key, &old)?;
    ensure_eq!(stage.one.turn(&key, 1, Over::value(&old))?, Turn::Lead, "a lease over the value that is there");
    ensure!(stage.one.fill(&key, 1, &new)?, "the holder's fill was refused");
    match stage.other.turn(&key, 2, Over::value(&old))? {
        Turn::Hit(value, _) => ensure_eq!(value, new, "a hit on a value that came after the known one"),
        turn => return Err(format!("a lease over a value that is no longer there came to {turn:?}")),
    }
    ensure_eq!(
        stage.other.turn(&key, 3, Over::value(b"head"))?,
        Turn::Lead,
        "a lease over a value known by its beginning"
    );
    ensure!(stage.other.remove(&key)?, "there was no value to remove");
    ensure_eq!(stage.one.turn(&key, 4, Over::value(&new))?, Turn::Lead, "a lease over a value that is gone");
    Ok(())
}

pub(crate) fn a_lease_is_taken_from_the_holder_that_is_known(stage: &Stage) -> Outcome {
    let (key, over) = (stage.key("1"), |holder| Over::Known { value: None, holder: Some(holder) });
    ensure_eq!(stage.one.turn(&key, 1, over(9))?, Turn::Lead, "a lease that nobody has, over a holder");
    for holder in [2, 3] {
        match stage.other.turn(&key, 2, over(holder))? {
            Turn::Wait { holder: 1, .. } => {}
            turn => return Err(format!("a lease of holder 1, asked for over holder {holder}, came to {turn:?}")),
        }
    }
    ensure_eq!(stage.other.turn(&key, 2, over(1))?, Turn::Lead, "a lease over its holder");
    ensure_waits(&stage.one.turn(&key, 3, over(1))?)?;
    ensure!(!stage.one.fill(&key, 1, b"former")?, "the former holder could fill");
    ensure!(stage.other.fill(&key, 2, b"new")?, "the holder's fill was refused");
    match stage.one.turn(&key, 3, over(2))? {
        Turn::Hit(value, _) => ensure_eq!(value, b"new", "a hit in place of a lease over a holder"),
        turn => return Err(format!("a lease over a former holder, where a value is, came to {turn:?}")),
    }
    Ok(())
}

pub(crate) fn leases_end(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let short = stage.one.leased(lease(&key, 1, Over::NOTHING, SHORT))?;
    ensure_eq!(short.turn, Turn::Lead, "a short lease");
    stage.outlast();
    ensure_eq!(stage.other.turn(&key, 2, Over::NOTHING)?, Turn::Lead, "a lease after a short one");
    Ok(())
}

pub(crate) fn a_release_takes_the_value_along(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    stage.one.write(&key, b"value")?;
    let take = |token| stage.other.turn(&key, token, Over::value(b"value"));
    ensure_eq!(take(7)?, Turn::Lead, "a lease over the value that is there");
    let along = |token| Release { value: true, ..release(&key, token) };
    stage.one.release_each(vec![along(8)])?;
    ensure_eq!(stage.other.value(&key)?, Some(b"value".to_vec()), "the value after a release by another");
    ensure!(stage.other.renew(&key, 7, LONG)?, "a release by another ended the lease");
    stage.other.release_each(vec![along(7)])?;
    ensure_eq!(stage.one.value(&key)?, None, "the value after a release that takes it along");
    stage.one.lead(&key).map(drop)
}

pub(crate) fn a_release_hands_over(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    let token = stage.one.lead(&key)?;
    stage.other.release(&key, token.wrapping_add(1))?;
    ensure_waits(&stage.other.turn(&key, 2, Over::NOTHING)?)?;
    stage.one.release(&key, token)?;
    ensure_eq!(stage.other.turn(&key, 3, Over::NOTHING)?, Turn::Lead, "a lease that was released");
    stage.one.release(&key, token)?;
    ensure!(!stage.one.fill(&key, token, b"former")?, "a fill after the release was not refused");
    ensure!(stage.other.fill(&key, 3, b"new")?, "a second release of the former holder ended the lease");
    Ok(())
}

pub(crate) fn a_renewed_lease_ends_later_or_earlier(stage: &Stage) -> Outcome {
    let (longer, shorter) = (stage.key("1"), stage.key("2"));
    let brief = stage.one.leased(lease(&longer, 1, Over::NOTHING, LONG / 10))?;
    ensure_eq!(brief.turn, Turn::Lead, "a lease");
    let token = stage.one.lead(&shorter)?;
    // Each for itself, and in their order.
    let renews = [(&longer, 1, LONG), (&shorter, token ^ 1, LONG), (&shorter, token, SHORT)];
    let renews = renews.map(|(key, token, time)| Renew { key: key.clone(), token, time });
    ensure_eq!(
        stage.one.renew_each(renews.into())?,
        [true, false, true],
        "renewals by a holder, by another, and shorter"
    );
    ensure_waits(&stage.other.turn(&longer, 2, Over::NOTHING)?)?;
    stage.outlast();
    ensure!(!stage.one.fill(&shorter, token, b"late")?, "a fill after the end of a shortened lease was not refused");
    ensure!(stage.one.fill(&longer, 1, b"value")?, "a fill under a renewed lease was refused");
    Ok(())
}

pub(crate) fn only_the_holder_renews(stage: &Stage) -> Outcome {
    let key = stage.key("1");
    ensure!(!stage.one.renew(&key, 1, LONG)?, "a lease that nobody has was renewed");
    ensure_eq!(stage.one.turn(&key, 2, Over::NOTHING)?, Turn::Lead, "a lease after a renewal of none");
    ensure!(!stage.other.renew(&key, 3, SHORT)?, "somebody else's lease was renewed");
    stage.outlast();
    ensure_waits(&stage.other.turn(&key, 4, Over::NOTHING)?)?;
    stage.one.remove(&key)?;
    ensure!(!stage.one.renew(&key, 2, LONG)?, "a lease was renewed after a removal");
    ensure_eq!(stage.other.turn(&key, 5, Over::NOTHING)?, Turn::Lead, "a lease after a removal");
    Ok(())
}

pub(crate) fn leases_are_taken_one_by_one(stage: &Stage) -> Outcome {
    let keys = ["1", "2", "3"].map(|text| stage.key(text));
    let [free, leased, filled] = &keys;
    stage.one.lead(leased)?;
    stage.one.write(filled, b"value")?;
    let each = |(token, key): (u128, &&String)| lease(key, token, Over::NOTHING, LONG);
    let order = [filled, free, leased, free];
    let outcomes = stage.other.lease_each((10..).zip(order.iter()).map(each).collect())?;
    let turns: Vec<_> = outcomes.into_iter().map(|leased| leased.turn).collect();
    match turns.as_slice() {
        [Turn::Hit(..), Turn::Lead, Turn::Wait { .. }, Turn::Wait { .. }] => Ok(()),
        turns => Err(format!("[hit, lead, wait, wait] came to {turns:?}")),
    }
}

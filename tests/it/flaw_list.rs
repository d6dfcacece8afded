//! The list of flaws, each with the checks that have to notice it. Every check notices one of them.

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use larder::shared::{
    Expire, Fill, Found, HoldOff, Incremented, Lease, Leased, Opening, Over, Read, Release, Remove, Same, Store,
    StoreError, StoreErrorKind, Turn, Which, Write,
};
use larder::testing::{ManualClock, MemoryStore};

use crate::flaws::{Between, Flaw, Hands, done, now};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Stores values behind the store's back.
fn plant(store: &MemoryStore, writes: &[Write]) -> Vec<bool> {
    for write in writes {
        store.plant(&write.key, &write.value, write.life);
    }
    vec![true; writes.len()]
}

fn pass_on(store: &MemoryStore, note: Vec<u8>) {
    now(store.bump(Vec::new(), note));
}

/// Each lease, changed before it is taken.
fn lease_with(hands: &mut Hands, change: fn(&mut Lease)) {
    hands.lease = Box::new(move |store, mut leases| {
        leases.iter_mut().for_each(change);
        store.lease(leases)
    });
}

fn write_with(hands: &mut Hands, change: fn(&MemoryStore, &mut Write)) {
    hands.write = Box::new(move |store, mut writes| {
        for write in &mut writes {
            change(store, write);
        }
        store.write(writes)
    });
}

fn release_with(hands: &mut Hands, change: fn(&mut Release)) {
    hands.release = Box::new(move |store, mut releases| {
        releases.iter_mut().for_each(change);
        store.release(releases)
    });
}

fn remove_with(hands: &mut Hands, change: fn(&mut Remove)) {
    hands.remove = Box::new(move |store, mut removes| {
        removes.iter_mut().for_each(change);
        store.remove(removes)
    });
}

fn open_with(hands: &mut Hands, tell: fn(&dyn larder::shared::Watcher, &[u8])) {
    hands.open = Box::new(move |opening| Between::open(&opening, tell, false));
}

/// The key up to its first NUL, as a program has it that takes keys for C's texts.
fn cut(key: &mut String) {
    let end = key.find('\0').unwrap_or(key.len());
    key.truncate(end);
}

macro_rules! flaws {
    ($($name:literal $bring_in:expr => $($check:ident)*;)*) => {
        pub(crate) static FLAWS: &[Flaw] = &[
            $(Flaw { name: $name, bring_in: $bring_in, noticed_by: &[$(stringify!($check)),*] },)*
        ];
    };
}

flaws! {
    // Reading.
    "finds empty values" |hands| hands.read = Box::new(|store, reads| {
        let found = now(store.read(reads)).into_iter();
        done(found.map(|found| Found { value: found.value.or(Some(Vec::new())), ..found }).collect())
    }) => nothing_is_found_where_nothing_is lives_end a_removal_tells_what_was_there;
    "is one for each process" |hands| {
        let own = LazyLock::new(|| MemoryStore::new(ManualClock::new()));
        hands.read = Box::new(move |_, reads| own.read(reads));
    } => what_one_process_writes_another_reads;
    "answers in another order" |hands| {
        hands.read = Box::new(|store, reads| done(now(store.read(reads)).into_iter().rev().collect()));
        hands.lease = Box::new(|store, leases| done(now(store.lease(leases)).into_iter().rev().collect()));
        hands.fill = Box::new(|store, mut fills| {
            fills.reverse();
            for fill in &mut fills {
                fill.token = fill.token.wrapping_add(1);
            }
            store.fill(fills)
        });
    } => outcomes_stand_in_the_order_of_the_list leases_are_taken_one_by_one fills_are_stored_one_by_one keys_may_be_odd;
    "refuses empty lists" |hands| hands.expire = Box::new(|store, expires| match expires.as_slice() {
        [] => Box::pin(async { Err(StoreError::new(StoreErrorKind::Refused, "wrong number of arguments")) }),
        _ => store.expire(expires),
    }) => empty_lists_come_to_nothing;
    "forgets lives" |hands| write_with(hands, |_, write| write.life = None)
        => lives_end a_write_replaces_value_and_life what_one_process_writes_another_reads;
    "gives every value an end" |hands| write_with(hands, |_, write| write.life = write.life.or(Some(HOUR)))
        => values_without_an_end_stay;
    "begins when somebody waits" |hands| hands.write = Box::new(|store, writes| {
        let store = store.clone();
        Box::pin(async move { store.write(writes).await })
    }) => operations_happen_though_nobody_waits;

    // Leases.
    "lets everybody lead" |hands| lease_with(hands, |lease| lease.over = Over::Everything)
        => the_first_leads_and_the_second_waits a_value_is_a_hit one_of_many_leads only_the_holder_renews
           leases_are_taken_one_by_one a_fill_tells_those_who_wait;
    "never takes a lease away" |hands| lease_with(hands, |lease| {
        if lease.over == Over::Everything { lease.over = Over::value(b"") }
    }) => a_lease_can_be_taken_away;
    "leases over every value" |hands| lease_with(hands, |lease| {
        if let Over::Known { value, .. } = &mut lease.over && value.is_some() { *value = Some(Vec::new()) }
    }) => a_lease_is_over_the_value_that_is_known;
    "leases from every holder" |hands| lease_with(hands, |lease| {
        if matches!(lease.over, Over::Known { holder: Some(_), .. }) { lease.over = Over::Everything }
    }) => a_lease_is_taken_from_the_holder_that_is_known;
    "leases from no holder that is known" |hands| lease_with(hands, |lease| {
        if let Over::Known { holder, .. } = &mut lease.over { *holder = None }
    }) => a_lease_is_taken_from_the_holder_that_is_known;
    "does not tell whom to wait for" |hands| hands.lease = Box::new(|store, leases| {
        let mut leased = now(store.lease(leases));
        for leased in &mut leased {
            if let Turn::Wait { holder, .. } = &mut leased.turn { *holder = 0 }
        }
        done(leased)
    }) => a_lease_is_taken_from_the_holder_that_is_known;
    "removes the value when it is leased" |hands| hands.lease = Box::new(|store, leases| {
        let keys: Vec<String> = leases.iter().map(|lease| lease.key.clone()).collect();
        let leased = now(store.lease(leases));
        for (key, leased) in keys.iter().zip(&leased) {
            if leased.turn == Turn::Lead { store.forget(key); }
        }
        done(leased)
    }) => a_lease_stands_beside_a_value a_lease_can_be_taken_away a_fill_after_an_expiry_is_refused;
    "keeps leases for an hour" |hands| lease_with(hands, |lease| lease.time = HOUR)
        => leases_end a_fill_after_the_end_of_its_lease_is_refused the_first_leads_and_the_second_waits;
    "does not release" |hands| hands.release = Box::new(|_, _| done(()))
        => a_release_hands_over a_release_tells_those_who_wait;
    "releases for everybody" |hands| hands.release = Box::new(|store, releases| {
        for release in &releases {
            store.forget_lease(&release.key);
        }
        done(())
    }) => a_release_hands_over;
    "does not renew" |hands| hands.renew = Box::new(|store, renews| {
        done(renews.iter().map(|renew| store.is_leased(&renew.key)).collect())
    })
        => a_renewed_lease_ends_later_or_earlier only_the_holder_renews a_lease_can_be_taken_away;
    "fills for everybody" |hands| hands.fill = Box::new(|store, fills| {
        let writes = fills.into_iter().map(|Fill { key, value, life, note, .. }| Write { key, value, life, note, unless: None });
        done(plant(store, &writes.collect::<Vec<_>>()))
    }) => only_the_holder_fills a_fill_after_a_removal_is_refused a_fill_after_the_end_of_its_lease_is_refused
          a_fill_after_a_write_is_refused a_fill_after_an_expiry_is_refused a_fill_after_an_increment_is_refused
          fills_are_stored_one_by_one a_lease_can_be_taken_away a_release_hands_over a_hold_refuses_fills_and_writes
          a_hold_revokes_the_lease one_of_many_fills a_fill_tells_those_who_wait;
    "looks at the lease before it stores" |hands| hands.fill = Box::new(|store, fills| {
        let stored = fills.into_iter().map(|fill| {
            let leased = store.is_leased(&fill.key);
            for _ in 0..10_000 {
                // Time for somebody else.
                if leased && store.is_leased(&fill.key) { thread::yield_now() }
            }
            if leased { store.plant(&fill.key, &fill.value, fill.life) }
            leased
        });
        done(stored.collect())
    }) => a_removed_value_does_not_come_back a_written_value_is_not_filled_over only_the_holder_fills;
    "keeps the older life" |hands| hands.fill = Box::new(|store, mut fills| {
        for fill in &mut fills {
            fill.life = store.remaining(&fill.key).or(fill.life);
        }
        store.fill(fills)
    }) => a_fill_replaces_value_and_life;

    // Holds.
    "forgets holds" |hands| remove_with(hands, |remove| remove.hold = HoldOff::Unchanged)
        => a_hold_refuses_fills_and_writes nothing_else_ends_a_hold generations_come_with_every_turn what_is_not_stored_is_not_told;
    "holds for an hour" |hands| remove_with(hands, |remove| if let HoldOff::Begun(_, time) = &mut remove.hold { *time = HOUR })
        => a_hold_ends_by_time a_hold_refuses_fills_and_writes;
    "does not end holds" |hands| remove_with(hands, |remove| if let HoldOff::Ended(_) = remove.hold { remove.hold = HoldOff::Unchanged })
        => a_hold_ends_by_its_token a_hold_ends_with_the_last_of_its_holders;
    "ends holds of everybody" |hands| remove_with(hands, |remove| match &mut remove.hold {
        HoldOff::Begun(token, _) | HoldOff::Ended(token) => *token = 1,
        HoldOff::Unchanged => {}
    }) => a_hold_ends_with_the_last_of_its_holders nothing_else_ends_a_hold;
    "ends holds when it removes" |hands| remove_with(hands, |remove| if remove.hold == HoldOff::Unchanged { remove.hold = HoldOff::Ended(1 << 100) })
        => nothing_else_ends_a_hold;
    "ends holds when it expires" |hands| hands.expire = Box::new(|store, expires| {
        for Expire { key, .. } in expires.iter().filter(|expire| store.is_held(&expire.key)) {
            let hold = HoldOff::Ended(1 << 100);
            now(store.remove(vec![Remove { key: key.clone(), hold, which: Which::Any, note: Vec::new() }]));
        }
        store.expire(expires)
    }) => nothing_else_ends_a_hold;

    // Writes.
    "writes beside leases" |hands| hands.write = Box::new(|store, writes| done(plant(store, &writes)))
        => a_fill_after_a_write_is_refused a_hold_refuses_fills_and_writes everybody_is_told_once a_write_ends_unless_it_is_there;
    "stores whatever is there" |hands| write_with(hands, |_, write| write.unless = None)
        => a_write_ends_unless_it_is_there one_of_many_writes a_value_about_to_end_does_not_count;
    "takes every value for the same" |hands| write_with(hands, |_, write| if let Some(same) = &mut write.unless {
        same.at = 0;
        same.bytes.clear();
    }) => other_bytes_do_not_count;
    "takes a value about to end for the same" |hands| write_with(hands, |_, write| if let Some(same) = &mut write.unless {
        same.keep = Duration::ZERO;
    }) => a_value_about_to_end_does_not_count;
    "writes with the older life" |hands| write_with(hands, |store, write| {
        write.life = store.remaining(&write.key).or(write.life);
    }) => a_write_replaces_value_and_life;

    // Numbers.
    "loses the head of a number" |hands| hands.increment = Box::new(|store, mut increment| {
        increment.head.clear();
        store.increment(increment)
    }) => a_number_begins_at_what_is_added a_number_is_added_to another_value_is_written_over;
    "adds to nothing" |hands| hands.increment = Box::new(|store, mut increment| {
        store.forget(&increment.key);
        increment.life = None;
        store.increment(increment)
    }) => a_number_is_added_to sums_add_up what_is_no_number_stays a_number_keeps_its_time;
    "takes every value for a number" |hands| hands.increment = Box::new(|store, mut increment| {
        increment.same = Same { at: 0, bytes: Vec::new(), keep: Duration::ZERO };
        increment.mark = (0, store.peek(&increment.key).map_or(0, |value| value[..].first().copied().unwrap_or(0)));
        store.increment(increment)
    }) => another_value_is_written_over what_is_no_number_stays;
    "counts in floating point" |hands| hands.increment = Box::new(|store, increment| {
        let digits = store.peek(&increment.key).map(|value| String::from_utf8_lossy(&value[increment.head.len()..]).into_owned());
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "that is the flaw")]
        let sum = (digits.map_or(0.0, |digits| digits.parse::<f64>().unwrap()) + increment.by as f64) as i64;
        store.plant(&increment.key, &[&increment.head[..], sum.to_string().as_bytes()].concat(), increment.life);
        done(Incremented::Sum(sum))
    }) => numbers_are_exact a_sum_that_does_not_fit_is_refused a_fill_after_an_increment_is_refused a_number_keeps_its_time;

    // Removals.
    "removes nothing" |hands| hands.remove = Box::new(|_, removes| done(vec![true; removes.len()]))
        => a_removal_tells_what_was_there keys_may_be_odd a_removed_value_does_not_come_back a_hold_revokes_the_lease;
    "removes beside leases" |hands| hands.remove = Box::new(|store, removes| {
        let removed = removes.into_iter().map(|remove| {
            pass_on(store, remove.note);
            store.forget(&remove.key)
        });
        done(removed.collect())
    }) => a_fill_after_a_removal_is_refused a_hold_revokes_the_lease only_the_holder_renews;
    "removes whatever is there" |hands| remove_with(hands, |remove| remove.which = Which::Any)
        => a_removal_ends_unless_it_is_there a_removal_means_the_value_that_is_known;
    "releases without the value" |hands| release_with(hands, |release| release.value = false)
        => a_release_takes_the_value_along a_release_tells_those_who_wait;
    "expires beside leases" |hands| hands.expire = Box::new(|store, expires| {
        for expire in expires.iter().filter(|expire| store.remaining(&expire.key).is_some()) {
            store.plant(&expire.key, &store.peek(&expire.key).unwrap(), Some(expire.keep));
        }
        done(())
    }) => a_fill_after_an_expiry_is_refused an_expiry_shortens everybody_is_told_once;
    "keeps what expires to nothing" |hands| hands.expire = Box::new(|store, mut expires| {
        for expire in &mut expires {
            expire.keep = expire.keep.max(Duration::from_secs(1));
        }
        store.expire(expires)
    }) => an_expiry_to_nothing_removes;
    "purges every namespace that begins so" |hands| hands.purge = Box::new(|store, namespace| {
        let longer = store.keys().into_iter().filter(|key| key.starts_with(&namespace));
        done(longer.filter(|key| store.forget(key)).count() as u64)
    }) => a_purge_removes_a_namespace;
    "purges no generations" |hands| hands.purge = Box::new(|store, namespace| {
        let belongs = |key: &String| {
            let rest = key.strip_prefix(&namespace).and_then(|rest| rest.strip_prefix(':')?.split_once(":{"));
            rest.is_some_and(|(kind, _)| !kind.contains(':'))
        };
        let own = store.keys().into_iter().filter(belongs);
        done(own.filter(|key| store.forget(key)).count() as u64)
    }) => a_purge_removes_a_namespace;

    // Generations.
    "makes generations anew" |hands| hands.lease = Box::new(|store, leases| {
        let leased = leases.iter().map(|lease| {
            now(store.bump(lease.generations.to_vec(), Vec::new()));
            now(store.lease(vec![lease.clone()])).remove(0)
        });
        done(leased.collect())
    }) => a_lease_makes_generations a_bump_forgets_generations generations_come_with_every_turn;
    "tells generations to leaders" |hands| hands.lease = Box::new(|store, leases| {
        let leased = now(store.lease(leases)).into_iter();
        done(leased.map(|leased| match leased.turn {
            Turn::Lead => leased,
            turn => Leased { turn, generations: Vec::new() },
        }).collect())
    }) => generations_come_with_every_turn;
    "does not bump" |hands| hands.bump = Box::new(|store, (_, note)| store.bump(Vec::new(), note))
        => a_bump_forgets_generations;
    "forgets generations" |hands| lease_with(hands, |lease| lease.keep = lease.keep.min(Duration::from_millis(30)))
        => generations_last;

    // Notes.
    "tells nobody" |hands| open_with(hands, |_, _| ())
        => everybody_is_told_once a_fill_tells_those_who_wait a_release_tells_those_who_wait notes_arrive_whole;
    "tells twice" |hands| open_with(hands, |watcher, note| {
        watcher.told(note);
        watcher.told(note);
    }) => everybody_is_told_once a_fill_tells_those_who_wait a_release_tells_those_who_wait;
    "tells of every fill" |hands| hands.fill = Box::new(|store, fills| {
        let note = fills.first().map(|fill| fill.note.clone());
        let stored = now(store.fill(fills));
        if let Some(note) = note {
            pass_on(store, note);
        }
        done(stored)
    }) => a_fill_tells_those_who_wait what_is_not_stored_is_not_told;
    "cuts notes" |hands| open_with(hands, |watcher, note| watcher.told(note.split(|byte| *byte == 0).next().unwrap_or(note)))
        => notes_arrive_whole;
    "tells all namespaces" |hands| {
        hands.open = Box::new(|opening| Opening::new("", opening.deadline, opening.watcher));
    } => namespaces_are_apart;
    "vouches before it tells" |hands| hands.open = Box::new(|opening| Between::open(&opening, |_, _| (), true))
        => a_store_vouches_for_what_it_has_told;
    "vouches for a minute" |hands| hands.open = Box::new(|opening| Between::vouching(&opening, 20))
        => a_store_vouches_for_what_it_has_told;

    // Bytes.
    "ends keys at a NUL" |hands| {
        lease_with(hands, |lease| cut(&mut lease.key));
        hands.read = Box::new(|store, reads| {
            store.read(reads.into_iter().map(|mut read: Read| { cut(&mut read.key); read }).collect())
        });
        hands.fill = Box::new(|store, fills| {
            store.fill(fills.into_iter().map(|mut fill: Fill| { cut(&mut fill.key); fill }).collect())
        });
        remove_with(hands, |remove| cut(&mut remove.key));
    } => keys_may_be_odd;
    "cuts large values" |hands| write_with(hands, |_, write| write.value.truncate(1 << 16))
        => values_may_be_anything;
}

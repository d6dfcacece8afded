//! The list of all checks, said once: the table of [`checks`](super::checks), and the tests of [`conformance_tests!`].

use super::{Check, checks};

/// Makes a test of each check of [`conformance`](crate::testing::conformance), named as the check.
///
/// Its argument is an expression that each test evaluates anew: a function or closure that makes a store, or a
/// [`Subject`](crate::testing::conformance::Subject). Put it into a module of its own where the test file has other tests.
///
/// ```
/// mod conformance {
///     use larder::testing::conformance::Subject;
///     use larder::testing::{ManualClock, MemoryStore};
///
///     fn subject() -> Subject {
///         let clock = ManualClock::new();
///         let store = MemoryStore::new(clock.clone());
///         Subject::new(move || store.clone()).pass_time(move |time| clock.advance(time))
///     }
///
///     larder::conformance_tests!(subject());
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! conformance_tests {
    ($subject:expr) => {
        $crate::__conformance! { tests ($subject) }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance {
    (@tests ($subject:expr) $($group:ident { $($name:ident $promise:literal)* })*) => {
        $($(
            #[test]
            fn $name() {
                $crate::testing::conformance::run_one(stringify!($name), $subject);
            }
        )*)*
    };
    (@table () $($group:ident { $($name:ident $promise:literal)* })*) => {
        /// All checks.
        pub(super) const CHECKS: &[Check] = &[
            $($(Check { name: stringify!($name), promise: $promise, run: checks::$group::$name },)*)*
        ];
    };
    ($what:ident $argument:tt) => { $crate::__conformance! { @$what $argument
        reading {
            nothing_is_found_where_nothing_is "A read of what is not there finds no value, no time, no generation."
            what_one_process_writes_another_reads "Processes share what they write, with what remains of its time if that is asked for."
            outcomes_stand_in_the_order_of_the_list "The results stand in the order of the list."
            empty_lists_come_to_nothing "A list without elements is no error."
            lives_end "A value is gone when its time is over."
            values_without_an_end_stay "A life of `None` is as long as the store keeps anything."
            operations_happen_though_nobody_waits "An operation begins when its method is called, and goes on when the future is dropped."
        }
        leasing {
            the_first_leads_and_the_second_waits "A lease is its first taker's; others wait for as long as it lasts, whatever value there is."
            a_value_is_a_hit "A lease over nothing is not taken where there is a value: it is handed over, with what remains of its time."
            a_lease_stands_beside_a_value "A lease over a value leaves the value where it is."
            a_lease_can_be_taken_away "A lease over a lease is taken; the other holder loses it."
            a_lease_is_over_the_value_that_is_known "A lease over a value that is known by its beginning is no lease over another one."
            a_lease_is_taken_from_the_holder_that_is_known "A lease over a holder is taken from that one, and from no other."
            leases_end "A lease is gone when its time is over."
            a_release_takes_the_value_along "A released lease takes the value along if that is asked for, and only for its holder."
            a_release_hands_over "A released lease is the next taker's, at once; only its holder releases it."
            a_renewed_lease_ends_later_or_earlier "A renewed lease lasts for this long from then."
            only_the_holder_renews "A lease is renewed by its holder, while it has it."
            leases_are_taken_one_by_one "Each lease of a list is taken, or not, for itself."
        }
        filling {
            only_the_holder_fills "A value is stored for the holder of a lease, and ends the lease."
            a_fill_replaces_value_and_life "What a fill stores takes the place of an older value, with a life of its own."
            fills_are_stored_one_by_one "Each fill of a list is stored, or not, for itself."
            a_fill_after_a_removal_is_refused "A removal revokes the lease of its key, also where there is no value."
            a_fill_after_the_end_of_its_lease_is_refused "A holder whose lease is over stores nothing, whether or not somebody else has it."
            a_fill_after_a_write_is_refused "A write revokes the lease of its key."
            a_fill_after_an_expiry_is_refused "An expiry revokes the lease of its key, also where there is no value."
            a_fill_after_an_increment_is_refused "A number that was added to is not written over by an older load."
        }
        holding {
            a_hold_refuses_fills_and_writes "While fills are held off, nothing is stored and no lease is taken, over whatever."
            a_hold_revokes_the_lease "A lease that was taken before fills were held off is not valid after it."
            a_hold_ends_by_time "Fills are held off for no longer than was said."
            a_hold_ends_by_its_token "Fills are held off until it is ended by who began."
            a_hold_ends_with_the_last_of_its_holders "Where several hold fills off, they are held off until the last one has ended it."
            nothing_else_ends_a_hold "Nothing else ends a hold, no removal either."
        }
        writing {
            a_write_replaces_value_and_life "A write stores its value, with its life, whatever there was."
            a_write_ends_unless_it_is_there "Nothing is stored where such a value is: the same bytes in the same place, with more than so much of its time."
            other_bytes_do_not_count "A value with other bytes in that place does not keep a write from being stored."
            a_value_about_to_end_does_not_count "A value with no more than so much of its time does not keep a write from being stored."
        }
        counting {
            a_number_begins_at_what_is_added "A new number is its head and what was added, in decimal digits, and lives as long as was said."
            a_number_is_added_to "A number that is there becomes the sum."
            a_number_keeps_its_time "A number that is there keeps its time."
            another_value_is_written_over "What does not count as being there is as good as nothing."
            what_is_no_number_stays "A value without the mark is no number, and stays as it is."
            a_sum_that_does_not_fit_is_refused "A sum that is no `i64` is not stored."
            numbers_are_exact "Sums are exact for every `i64`."
        }
        removing {
            a_removal_tells_what_was_there "A removal removes, and tells whether there was a value."
            a_removal_ends_unless_it_is_there "Nothing is removed where there is a value that begins so."
            a_removal_means_the_value_that_is_known "A removal of a value that is known by its beginning leaves every other one, and its lease, where it is."
            an_expiry_shortens "An expiry shortens what remains of a value, and never lengthens it."
            an_expiry_to_nothing_removes "An expiry that keeps nothing removes the value."
            a_purge_removes_a_namespace "A purge removes every key of the namespace, whatever its characters, and no other."
        }
        generating {
            a_lease_makes_generations "A lease makes the generations that don't exist, of its fresh number; a read makes none."
            generations_come_with_every_turn "The generations come with whatever turn it is."
            a_bump_forgets_generations "A bumped generation is gone until a lease makes another; others stay."
            generations_last "Each lease makes the generations that it reads last for at least so long."
        }
        telling {
            everybody_is_told_once "Every process of the namespace is told of each removal, expiry, write, sum and bump, once, and its own too."
            a_fill_tells_those_who_wait "A fill passes its note on if somebody waits for the lease, and not if nobody does."
            a_release_tells_those_who_wait "A release passes its note on if somebody waits for the lease, and not if nobody does."
            what_is_not_stored_is_not_told "What was refused passes no note on."
            notes_arrive_whole "A note may consist of any bytes."
            namespaces_are_apart "Notes are passed on between caches of one namespace."
            a_store_vouches_for_what_it_has_told "When a store vouches, every note that was passed on before has been told; it vouches for ten seconds at most."
        }
        bytes {
            keys_may_be_odd "A key may consist of any characters, and two keys are never the same."
            values_may_be_anything "A value may consist of any bytes, of none, or of a mebibyte."
        }
        racing {
            one_of_many_leads "Of many who take a lease at the same time, one gets it."
            one_of_many_fills "Of many who took a lease from each other, the last fills."
            one_of_many_writes "Of many who write unless it is there, one stores its value."
            sums_add_up "Numbers are added to atomically."
            a_removed_value_does_not_come_back "A value that is removed while it is loaded is not stored after that."
            a_written_value_is_not_filled_over "A value that is written while another is loaded stays."
        }
    } };
}

__conformance! { table () }

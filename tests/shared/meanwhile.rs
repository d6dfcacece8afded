//! What happens between the moment at which a process asks the store for something and the moment at which it has the answer.

use std::sync::mpsc;
use std::thread;

use futures_lite::future::block_on;
use larder::testing::{Lost, Operation, When, scope, scope_blocking};
use larder::{Cache, cached};

use crate::flaws::Flawed;
use crate::how::{How, Kind, Loading};
use crate::source::{Source, number, number_now};
use crate::support::{Call, Loads, at_once, secs};
use crate::world::{Tier, World, eventually};

/// What the store is asked for by each way.
fn operation(how: How) -> Operation {
    match how {
        How::Put | How::Set | How::SetMany => Operation::Write,
        How::Expire => Operation::Expire,
        How::Bump | How::Tag | How::CommonTag | How::Clear => Operation::Bump,
        How::Invalidate | How::Delete | How::DeleteMany | How::Writer => Operation::Remove,
    }
}

#[test]
fn what_is_read_before_an_invalidation_has_happened_does_not_stay() {
    for (tier, how) in Tier::BOTH.into_iter().flat_map(|tier| How::ALL.map(|how| (tier, how))) {
        let world = World::new();
        let cache = world.process(tier);
        let source = Source::new();
        assert_eq!(Kind::Async.call(&cache, 1, &source), 0);
        source.write();
        let gate = world.store.hold(operation(how), When::Before);
        let mut making = Call::begin(Kind::Async.make_async(how, &cache, 1, &source));
        // The store still has the old value.
        assert_eq!(Kind::Async.call(&cache, 1, &source), 0, "{tier:?} {how:?}");
        assert_eq!(Kind::Async.call(&cache, 1, &source), 0, "{tier:?} {how:?}");
        gate.open();
        assert!(making.step().unwrap().is_ok());
        assert_eq!(Kind::Async.call(&cache, 1, &source), 1, "{tier:?} {how:?}");
        assert_eq!(Kind::Async.call(&world.bare(), 1, &source), 1, "{tier:?} {how:?}");
    }
}

/// The answer to a read is on its way while the value becomes untrue.
#[test]
fn what_was_read_does_not_stay_when_it_becomes_untrue() {
    for (tier, how) in Tier::BOTH.into_iter().flat_map(|tier| How::ALL.map(|how| (tier, how))) {
        for by_hand in [false, true] {
            let world = World::new();
            let (cache, other) = (world.process(tier), world.bare());
            let source = Source::new();
            assert_eq!(Kind::Async.call(&other, 1, &source), 0);
            source.write();
            let gate = world.store.hold(Operation::Read, When::After);
            let read = async {
                if by_hand {
                    cache.get::<u32>(&Kind::Async.key(1)).await
                } else {
                    Some(scope(&cache, number(1, &source)).await)
                }
            };
            let mut reading = Call::begin(read);
            Kind::Async.make(how, &other, 1, &source);
            gate.open();
            // By hand there is a second look, for the tags.
            assert!(matches!(reading.step(), Some(Some(0 | 1) | None)), "{tier:?} {how:?}");
            for cache in [&cache, &other, &world.tiered()] {
                assert_eq!(Kind::Async.call(cache, 1, &source), 1, "{tier:?} {how:?} {by_hand}");
            }
        }
    }
}

/// A lease was given, and its holder does not know yet.
/// Somebody reads the old value while it is refreshed by hand, and stores it in memory last.
#[test]
fn what_was_read_before_a_refresh_has_ended_does_not_stay() {
    for kind in Kind::BOTH {
        let world = World::new();
        let (cache, source) = (world.tiered(), Source::new());
        assert_eq!(kind.call(&world.bare(), 1, &source), 0);
        source.write();
        let body = source.close();
        let refreshing = Loading::begin_refresh(kind, &cache, 1, &source, &body);
        let gate = world.store.hold(Operation::Read, When::After);
        let (reader, elsewhere) = (cache.clone(), source.clone());
        let reading = thread::spawn(move || match kind {
            Kind::Async => block_on(scope(&reader, number(1, &elsewhere))),
            Kind::Ordinary => scope_blocking(&reader, || number_now(1, &elsewhere)),
        });
        block_on(gate.reached(1));
        source.leave_open();
        body.open();
        assert_eq!(refreshing.end(), 1);
        gate.open();
        assert_eq!(reading.join().unwrap(), 0, "{kind:?}");
        assert_eq!((kind.call(&cache, 1, &source), source.loads()), (1, 2), "{kind:?}");
    }
}

#[cached(timeout = 60, key = "meanwhile.maybe:<id>")]
async fn maybe(id: u32, source: &Source) -> Option<u32> {
    Some(source.read().await).filter(|value| *value == 0)
}

/// The same where there is nothing any more.
#[test]
fn what_was_read_before_a_refresh_found_nothing_does_not_stay() {
    let world = World::new();
    let (cache, source) = (world.tiered(), Source::new());
    assert_eq!(at_once(scope(&world.bare(), maybe(1, &source))), Some(0));
    source.write();
    let body = source.close();
    // Nor does it take until the process is told.
    world.store.process(0).keep_notes();
    let refreshing = Call::begin(scope(&cache, async { maybe::entry(1, &source).refresh().await }));
    at_once(body.reached());
    let gate = world.store.hold(Operation::Read, When::After);
    let (reader, elsewhere) = (cache.clone(), source.clone());
    let reading = thread::spawn(move || block_on(scope(&reader, maybe(1, &elsewhere))));
    block_on(gate.reached(1));
    source.leave_open();
    body.open();
    assert_eq!(refreshing.end(), None);
    gate.open();
    assert_eq!(reading.join().unwrap(), Some(0));
    assert_eq!((at_once(scope(&cache, maybe(1, &source))), source.loads()), (None, 3));
}

/// Whether the store has the new value is not known; that memory has the old one is.
#[test]
fn what_a_refresh_could_not_store_is_not_what_memory_has() {
    for lost in [Lost::Request, Lost::Answer] {
        let world = World::new();
        let (cache, source) = (world.tiered(), Source::new());
        assert_eq!(Kind::Async.call(&cache, 1, &source), 0);
        source.write();
        world.store.time_out_next(&[Operation::Fill], 1, lost);
        assert_eq!(at_once(scope(&cache, async { number::entry(1, &source).refresh().await })), 1);
        if lost == Lost::Answer {
            assert_eq!((Kind::Async.call(&cache, 1, &source), source.loads()), (1, 2), "the store has it");
        }
    }
}

#[test]
fn a_lease_that_is_revoked_before_its_holder_has_it() {
    for (tier, how) in Tier::BOTH.into_iter().flat_map(|tier| How::ALL.map(|how| (tier, how))) {
        let world = World::new();
        let (cache, other) = (world.process(tier), world.bare());
        let source = Source::new();
        let gate = world.store.hold(Operation::Lease, When::After);
        let mut loading = Call::begin(scope(&cache, number(1, &source)));
        source.write();
        Kind::Async.make(how, &other, 1, &source);
        source.write();
        gate.open();
        // It begins to read its source only now.
        assert_eq!(loading.step(), Some(2), "{tier:?} {how:?}");
        let there = if how.stores() { 1 } else { 2 };
        for cache in [&other, &world.bare()] {
            assert_eq!(Kind::Async.call(cache, 1, &source), there, "{tier:?} {how:?}");
        }
        let mine = Kind::Async.call(&cache, 1, &source);
        assert!(mine == there || mine == 2, "{tier:?} {how:?}");
    }
}

/// A value was stored, and who stored it does not know yet.
#[test]
fn a_fill_that_is_answered_when_the_value_is_untrue_again() {
    for (tier, how) in Tier::BOTH.into_iter().flat_map(|tier| How::ALL.map(|how| (tier, how))) {
        let world = World::new();
        let (cache, other) = (world.process(tier), world.bare());
        let source = Source::new();
        let gate = world.store.hold(Operation::Fill, When::After);
        let mut loading = Call::begin(scope(&cache, number(1, &source)));
        source.write();
        Kind::Async.make(how, &other, 1, &source);
        gate.open();
        assert_eq!(loading.step(), Some(0), "{tier:?} {how:?}");
        for cache in [&cache, &other, &world.tiered()] {
            assert_eq!(Kind::Async.call(cache, 1, &source), 1, "{tier:?} {how:?}");
        }
    }
}

#[cached(timeout = 60, key = "meanwhile.plain:<id>", ignore(loads))]
async fn plain(id: u32, loads: &Loads) -> u32 {
    loads.next()
}

/// A value comes between the look and the lease.
#[test]
fn a_value_that_comes_before_the_lease_is_the_answer() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (cache, other) = (world.process(tier), world.bare());
        let loads = Loads::new();
        let gate = world.store.hold(Operation::Read, When::After);
        let mut loading = Call::begin(scope(&cache, plain(1, &loads)));
        gate.open();
        assert_eq!(at_once(scope(&other, plain(1, &loads))), 1);
        assert_eq!((loading.step(), loads.so_far()), (Some(1), 1), "{tier:?}");
        assert_eq!(cache.stats().shared_hits, 1, "{tier:?}");
    }
}

/// The same, but it is of no use: it is known to be there then.
#[test]
fn rubbish_that_comes_before_the_lease_is_no_answer() {
    for tier in Tier::BOTH {
        let world = World::new();
        let cache = world.process(tier);
        let loads = Loads::new();
        let gate = world.store.hold(Operation::Read, When::After);
        let mut loading = Call::begin(scope(&cache, plain(1, &loads)));
        gate.open();
        world.store.plant("larder:v0:{meanwhile.plain:1}", b"rubbish", Some(secs(60)));
        assert_eq!((loading.step(), loads.so_far()), (Some(1), 1), "{tier:?}: at once");
        assert_eq!(at_once(scope(&world.bare(), plain(1, &loads))), 1, "{tier:?}: it is mended");
    }
}

/// What was removed, and that was acknowledged, is there again on the server that takes over while the answer is under way.
#[test]
fn an_answer_of_a_server_that_has_just_taken_over_is_not_believed() {
    for tier in Tier::BOTH {
        for (asked, by_hand) in [(Operation::Read, false), (Operation::Read, true), (Operation::Lease, false)] {
            for when in [When::Before, When::After] {
                let case = (tier, asked, by_hand, when);
                let world = World::new();
                let cache = world.process(tier);
                let source = Source::new();
                let key = if by_hand { "hand".to_owned() } else { Kind::Async.key(1) };
                let place = format!("larder:v0:{{{key}}}");
                assert_eq!(Kind::Async.call(&cache, 1, &source), 0);
                at_once(cache.set("hand", &0_u32, secs(60))).unwrap();
                let old = world.store.peek(&place).unwrap();
                source.write();
                at_once(cache.delete(&key)).unwrap();
                // A removal that has arrived at the other server before the answer does is of no use to who has asked before.
                let removal = (when == When::Before).then(|| world.store.hold(Operation::Remove, When::Before));
                let gate = world.store.hold(asked, when);
                let reads = (asked == Operation::Lease).then(|| world.store.hold(Operation::Read, When::After));
                if reads.is_none() {
                    world.store.plant(&place, &old, Some(secs(60)));
                }
                let read = async {
                    if by_hand {
                        cache.get::<u32>("hand").await.unwrap_or(1)
                    } else {
                        scope(&cache, number(1, &source)).await
                    }
                };
                let mut reading = Call::begin(read);
                if let Some(reads) = reads {
                    // The value is there for the lease alone.
                    world.store.plant(&place, &old, Some(secs(60)));
                    reads.open();
                    assert!(reading.step().is_none());
                }
                world.store.process(0).down();
                world.store.process(0).up();
                if removal.is_none() {
                    eventually("the removal to be sent again", || world.store.peek(&place).is_none());
                }
                gate.open();
                assert_eq!(reading.step(), Some(1), "{case:?}");
                drop(removal);
                eventually("the removal to be sent again", || world.store.calls(Operation::Remove) == 2);
            }
        }
    }
}

#[test]
fn memory_is_of_no_use_from_when_notes_are_lost_until_they_come_again() {
    let world = World::new();
    // The test stops the notes without the store: the connection for notes is another.
    let (tell, told) = mpsc::channel();
    let between = Flawed::with(&world.store, "shows who is told", |hands| {
        hands.open = Box::new(move |opening| {
            tell.send(opening.watcher.clone()).unwrap();
            opening
        });
    });
    let cache = Cache::builder().clock(world.clock.clone()).shared(between).build_blocking().unwrap();
    let watcher = told.recv().unwrap();
    let source = Source::new();
    let reads = || {
        world.store.forget_calls();
        assert_eq!(Kind::Async.call(&cache, 1, &source), 0);
        world.store.calls(Operation::Read)
    };
    world.store.vouch_by_hand();
    watcher.vouch(watcher.now(), secs(3));
    reads();
    assert_eq!(reads(), 0, "memory has it");
    let asked = watcher.now();
    watcher.lost();
    assert_eq!((reads(), reads()), (1, 1), "what was read since is not used either");
    watcher.lost();
    watcher.vouch(asked, secs(3));
    reads();
    assert_eq!(reads(), 0);
    // Vouching for less than before takes nothing away.
    watcher.vouch(asked, secs(1));
    world.clock.advance(secs(2));
    assert_eq!(reads(), 0);
    world.clock.advance(secs(1));
    assert_eq!(reads(), 1);
}

#[test]
fn a_store_that_never_vouches_has_no_memory_in_front_of_it() {
    let world = World::new();
    world.store.vouch_by_hand();
    let cache = world.tiered();
    let source = Source::new();
    for _ in 0..3 {
        assert_eq!(Kind::Async.call(&cache, 1, &source), 0);
    }
    assert_eq!((world.store.calls(Operation::Read), source.loads()), (3, 1));
    Kind::Async.make(How::Invalidate, &world.bare(), 1, &source);
    assert_eq!((Kind::Async.call(&cache, 1, &source), source.loads()), (0, 2));
}

/// A number is counted on, whatever becomes of the store while it is looked for: what a server has said that may be no more is asked again.
#[test]
fn a_number_survives_a_store_that_is_lost_while_it_is_read() {
    for tags in [&[][..], &["numbers"]] {
        let world = World::new();
        let (cache, other) = (world.bare(), world.bare());
        at_once(other.tagged(tags).set("count", &10_i64, secs(60))).unwrap();
        let reads = world.store.calls(Operation::Read);
        let gate = world.store.hold(Operation::Read, When::After);
        let mut call = Call::new(cache.increment("count", 1));
        // One with tags is read twice.
        for _ in tags {
            assert!(call.step().is_none());
            assert!(gate.let_one_through());
        }
        assert!(call.step().is_none());
        world.store.process(0).up();
        gate.open();
        drop(gate);
        assert_eq!(call.end().unwrap(), 11);
        assert_eq!(world.store.calls(Operation::Read) - reads, 2 * (1 + tags.len()), "it was read once more");
        assert_eq!(at_once(other.get::<i64>("count")), Some(11));
    }
}

#[test]
fn a_number_stays_if_the_store_is_lost_again_and_again() {
    let world = World::new();
    let (cache, other) = (world.bare(), world.bare());
    assert_eq!(at_once(other.increment("count", 10)).unwrap(), 10);
    let gate = world.store.hold(Operation::Read, When::After);
    let mut call = Call::new(cache.increment("count", 1));
    for _ in 0..3 {
        assert!(call.step().is_none());
        world.store.process(0).up();
        assert!(gate.let_one_through());
    }
    let error = call.end().unwrap_err();
    assert!(error.to_string().contains("it has not happened"), "{error}");
    drop(gate);
    assert_eq!(at_once(other.get::<i64>("count")), Some(10));
}

//! The store fails, at any step and in any way: the function's result always arrives, and what the store did not acknowledge is
//! reported, acts in this process at once, and is made up for when the store can be reached again.

use std::error::Error as _;

use larder::testing::{Lost, Operation, When, scope};
use larder::{Cache, ErrorKind, cached};

use crate::how::{How, Kind};
use crate::source::{Source, number};
use crate::support::{Call, at_once, secs};
use crate::world::{Tier, World, eventually};

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Refused,
    RequestLost,
    AnswerLost,
    Down,
}

impl Failure {
    const ALL: [Self; 4] = [Self::Refused, Self::RequestLost, Self::AnswerLost, Self::Down];

    /// From now on, or the next time.
    fn arrange(self, world: &World, operations: &[Operation]) {
        match self {
            Self::Refused => world.store.refuse(operations, "no memory left"),
            Self::RequestLost => world.store.time_out_next(operations, 1, Lost::Request),
            Self::AnswerLost => world.store.time_out_next(operations, 1, Lost::Answer),
            Self::Down => world.store.down(),
        }
    }

    fn end(self, world: &World) {
        match self {
            Self::Refused => world.store.accept(),
            Self::Down => world.store.up(),
            Self::RequestLost | Self::AnswerLost => {}
        }
    }
}

/// What a way to make a value untrue asks of the store.
const WRITING: [Operation; 5] =
    [Operation::Generations, Operation::Write, Operation::Remove, Operation::Expire, Operation::Bump];

#[test]
fn a_store_that_is_down_from_the_start() {
    for (kind, tier) in Kind::BOTH.into_iter().flat_map(|kind| Tier::BOTH.map(|tier| (kind, tier))) {
        let world = World::new();
        world.store.down();
        let cache = world.process(tier);
        let source = Source::new();
        assert_eq!(kind.call(&cache, 1, &source), 0);
        assert!(cache.stats().shared_errors > 0);
        world.store.up();
        assert_eq!(kind.call(&cache, 1, &source), 0);
        assert_eq!(kind.call(&world.bare(), 1, &source), 0);
        assert_eq!(source.loads(), 2, "{tier:?}: what was loaded without the store is not for afterwards");
    }
}

#[test]
fn any_step_of_a_load_may_fail() {
    let steps = [Operation::Read, Operation::Lease, Operation::Fill];
    for ((kind, tier), failure) in Kind::BOTH
        .into_iter()
        .flat_map(|kind| Tier::BOTH.map(|tier| (kind, tier)))
        .flat_map(|both| Failure::ALL.map(|failure| (both, failure)))
    {
        for step in steps {
            let case = (kind, tier, failure, step);
            let world = World::new();
            let (cache, other) = (world.process(tier), world.bare());
            let source = Source::new();
            failure.arrange(&world, &[step]);
            assert_eq!(kind.call(&cache, 1, &source), 0, "{case:?}");
            assert_eq!(cache.stats().shared_errors, 1, "{case:?}");
            assert!(
                !world.store.is_leased(&kind.place(1)) || failure == Failure::Down || step == Operation::Fill,
                "{case:?}"
            );
            failure.end(&world);
            // Nothing has gone wrong with the values.
            source.write();
            kind.make(How::Invalidate, &other, 1, &source);
            for cache in [&cache, &other, &world.tiered()] {
                assert_eq!(kind.call(cache, 1, &source), 1, "{case:?}");
            }
        }
    }
}

#[test]
fn a_load_whose_store_goes_away_meanwhile() {
    for (operation, when) in [Operation::Read, Operation::Lease, Operation::Fill]
        .into_iter()
        .flat_map(|operation| [(operation, When::Before), (operation, When::After)])
    {
        for tier in Tier::BOTH {
            let case = (operation, when, tier);
            let world = World::new();
            let cache = world.process(tier);
            let source = Source::new();
            let gate = world.store.hold(operation, when);
            let mut call = Call::begin(scope(&cache, number(1, &source)));
            assert_eq!(gate.standing(), 1, "{case:?}");
            world.store.down();
            // It answers never: the deadline ends it.
            world.clock.advance(secs(1));
            assert_eq!(call.step(), Some(0), "{case:?}");
            gate.open();
            world.store.up();
            source.write();
            Kind::Async.make(How::Bump, &world.bare(), 1, &source);
            assert_eq!(Kind::Async.call(&cache, 1, &source), 1, "{case:?}");
        }
    }
}

#[test]
fn memory_keeps_what_is_loaded_during_an_outage_for_a_while() {
    for (kind, tier) in Kind::BOTH.into_iter().flat_map(|kind| Tier::BOTH.map(|tier| (kind, tier))) {
        let world = World::new();
        let cache = world.process(tier);
        let source = Source::new();
        world.store.down();
        for (seconds, loads) in [(0, 1), (3, 1), (1, 1), (1, 2), (4, 2), (1, 3)] {
            world.clock.advance(secs(seconds));
            assert_eq!(kind.call(&cache, 1, &source), 0);
            assert_eq!(source.loads(), loads, "{kind:?} {tier:?}: each 5 s the source is asked");
        }
    }
}

#[test]
fn how_long_that_is_can_be_said_before_the_store_is_named() {
    let world = World::new();
    let builder = Cache::builder().clock(world.clock.clone()).outage(secs(0));
    let cache = builder.shared(world.store.clone()).build_blocking().unwrap();
    let source = Source::new();
    world.store.down();
    for loads in 1..4 {
        Kind::Async.call(&cache, 1, &source);
        assert_eq!(source.loads(), loads);
    }
}

#[test]
fn how_long_that_is_can_be_said() {
    for tier in Tier::BOTH {
        let world = World::new();
        let cache = world.process_with(tier, |builder| builder.outage(secs(30)));
        let none = world.process_with(tier, |builder| builder.outage(secs(0)));
        let (source, other) = (Source::new(), Source::new());
        world.store.down();
        for (seconds, loads) in [(0, 1), (29, 1), (1, 2)] {
            world.clock.advance(secs(seconds));
            Kind::Async.call(&cache, 1, &source);
            assert_eq!(source.loads(), loads, "{tier:?}");
        }
        for loads in 1..4 {
            Kind::Async.call(&none, 1, &other);
            assert_eq!(other.loads(), loads, "{tier:?}");
        }
    }
}

#[test]
fn it_is_no_longer_than_the_timeout() {
    #[cached(timeout = 2, jitter = 0, key = "outage.short:<id>")]
    async fn short(id: u32, source: &Source) -> u32 {
        source.read().await
    }
    let world = World::new();
    let cache = world.tiered();
    let source = Source::new();
    world.store.down();
    for (seconds, loads) in [(0, 1), (1, 1), (1, 2)] {
        world.clock.advance(secs(seconds));
        at_once(scope(&cache, short(1, &source)));
        assert_eq!(source.loads(), loads);
    }
}

#[test]
fn nor_is_it_of_use_past_that_as_an_old_value() {
    #[cached(timeout = 2, stale_while_revalidate = 3600, jitter = 0, key = "outage.stale:<id>")]
    fn stale(id: u32, source: &Source) -> u32 {
        source.read_now()
    }
    for tier in Tier::BOTH {
        let world = World::new();
        let cache = world.process(tier);
        let source = Source::new();
        world.store.down();
        let call = || larder::testing::scope_blocking(&cache, || stale(1, &source));
        assert_eq!(call(), 0);
        // Somebody writes, and invalidates, whom this process can't hear.
        source.write();
        world.clock.advance(secs(5));
        assert_eq!(call(), 1, "{tier:?}");
    }
}

#[test]
fn what_was_in_memory_is_of_no_use_during_an_outage() {
    for kind in Kind::BOTH {
        let world = World::new();
        let (cut, other) = (world.tiered(), world.tiered());
        let source = Source::new();
        assert_eq!((kind.call(&cut, 1, &source), kind.call(&other, 1, &source)), (0, 0));
        world.store.process(0).down();
        source.write();
        kind.make(How::Invalidate, &other, 1, &source);
        assert_eq!((kind.call(&cut, 1, &source), kind.call(&other, 1, &source)), (1, 1));
        source.write();
        kind.make(How::Invalidate, &other, 1, &source);
        world.store.process(0).up();
        assert_eq!((kind.call(&cut, 1, &source), kind.call(&other, 1, &source)), (2, 2), "nor is what it loaded then");
    }
}

/// A value that is in the store and in every memory, and has become untrue.
struct Untrue {
    world: World,
    cache: Cache,
    other: Cache,
    source: Source,
}

impl Untrue {
    fn new(kind: Kind, tier: Tier) -> Self {
        let world = World::new();
        let (cache, other) = (world.process(tier), world.bare());
        let source = Source::new();
        assert_eq!((kind.call(&cache, 1, &source), kind.call(&other, 1, &source)), (0, 0));
        source.write();
        Self { world, cache, other, source }
    }
}

fn unacknowledged() -> impl Iterator<Item = (Kind, Tier, How, Failure)> {
    Kind::BOTH.into_iter().flat_map(|kind| {
        Tier::BOTH.into_iter().flat_map(move |tier| {
            How::ALL
                .into_iter()
                .filter(|how| *how != How::Writer)
                .flat_map(move |how| Failure::ALL.into_iter().map(move |failure| (kind, tier, how, failure)))
        })
    })
}

#[test]
fn what_is_not_acknowledged_is_an_error_that_says_so() {
    for case in unacknowledged() {
        let (kind, tier, how, failure) = case;
        let Untrue { world, cache, source, .. } = Untrue::new(kind, tier);
        failure.arrange(&world, &WRITING);
        let errors = cache.stats().shared_errors;
        let error = kind.try_make(how, &cache, 1, &source).expect_err("it was not acknowledged");
        assert_eq!(error.kind(), ErrorKind::NotAcknowledged, "{case:?}");
        assert!(error.source().is_some(), "{case:?}");
        assert!(cache.stats().shared_errors > errors, "{case:?}");
    }
}

#[test]
fn it_acts_in_this_process_at_once() {
    for case in unacknowledged() {
        let (kind, tier, how, failure) = case;
        let Untrue { world, cache, source, .. } = Untrue::new(kind, tier);
        failure.arrange(&world, &WRITING);
        assert!(kind.try_make(how, &cache, 1, &source).is_err());
        for _ in 0..3 {
            assert_eq!(kind.call(&cache, 1, &source), 1, "{case:?}: what the store has is not believed");
        }
        world.clock.advance(secs(6));
        assert_eq!(kind.call(&cache, 1, &source), 1, "{case:?}");
        assert_eq!(at_once(cache.get::<u32>(&kind.key(1))).unwrap_or(1), 1, "{case:?}");
    }
}

#[test]
fn it_is_made_up_for_when_the_store_is_reached() {
    for case in unacknowledged() {
        let (kind, tier, how, failure) = case;
        let Untrue { world, cache, other, source } = Untrue::new(kind, tier);
        failure.arrange(&world, &WRITING);
        assert!(kind.try_make(how, &cache, 1, &source).is_err());
        failure.end(&world);
        if failure != Failure::Down {
            // Its connection was good all the time.
            world.store.process(0).down();
            world.store.process(0).up();
        }
        eventually(&format!("line {}", line!()), || kind.call(&other, 1, &source) == 1);
        // From now on this process believes what the store has.
        eventually(&format!("line {}", line!()), || {
            source.write();
            kind.make(How::Put, &other, 1, &source);
            kind.call(&cache, 1, &source) == source.value() && source.loads() < 1_000
        });
    }
}

#[test]
fn it_is_made_up_for_without_a_new_connection() {
    for (how, failure) in How::ALL
        .into_iter()
        .filter(|how| *how != How::Writer)
        .flat_map(|how| Failure::ALL.map(|failure| (how, failure)))
    {
        if failure == Failure::Down {
            continue;
        }
        let kind = Kind::Async;
        let Untrue { world, cache, other, source } = Untrue::new(kind, Tier::Bare);
        failure.arrange(&world, &WRITING);
        assert!(kind.try_make(how, &cache, 1, &source).is_err());
        failure.end(&world);
        // It goes on to use the store, for something else.
        world.clock.advance(secs(1));
        kind.call(&cache, 2, &source);
        eventually(&format!("{how:?} {failure:?} is sent again"), || kind.call(&other, 1, &source) == 1);
    }
}

#[test]
fn a_store_that_refuses_for_long_is_not_pestered() {
    let kind = Kind::Async;
    let Untrue { world, cache, source, .. } = Untrue::new(kind, Tier::Bare);
    world.store.refuse(&[Operation::Remove], "read-only");
    assert!(kind.try_make(How::Invalidate, &cache, 1, &source).is_err());
    for _ in 0..100 {
        assert!(!at_once(cache.contains("outage.else")));
    }
    assert!(world.store.calls(Operation::Remove) <= 2, "it was not a second ago");
}

#[test]
fn a_later_one_that_is_acknowledged_is_the_last_word() {
    for tier in Tier::BOTH {
        for (kind, later) in Kind::BOTH.into_iter().flat_map(|kind| [(kind, How::Invalidate), (kind, How::Put)]) {
            let Untrue { world, cache, other, source } = Untrue::new(kind, tier);
            world.store.time_out_next(&[Operation::Remove], 1, Lost::Request);
            assert!(kind.try_make(How::Invalidate, &cache, 1, &source).is_err());
            kind.make(later, &cache, 1, &source);
            let loads = source.loads();
            for cache in [&cache, &other, &cache] {
                assert_eq!(kind.call(cache, 1, &source), 1);
            }
            assert_eq!(source.loads(), loads + u32::from(later == How::Invalidate), "{later:?}: the store is believed");
        }
    }
}

#[test]
fn a_writer_that_cannot_tell_says_so_and_goes_on() {
    for kind in Kind::BOTH {
        let Untrue { world, cache, source, .. } = Untrue::new(kind, Tier::Tiered);
        world.store.down();
        kind.make(How::Writer, &cache, 1, &source);
        assert_eq!(cache.stats().invalidation_errors, 1);
        assert_eq!(kind.call(&cache, 1, &source), 1);
    }
}

#[test]
fn notes_that_cannot_be_passed_on() {
    for (kind, how) in Kind::BOTH.into_iter().flat_map(|kind| How::ALL.map(|how| (kind, how))) {
        if how == How::Writer {
            continue;
        }
        let Untrue { world, cache, other, source } = Untrue::new(kind, Tier::Tiered);
        world.store.deny_notes(true);
        let error = kind.try_make(how, &cache, 1, &source).expect_err("nobody was told");
        assert_eq!(error.kind(), ErrorKind::NotAcknowledged, "{how:?}");
        assert!(error.to_string().contains("could not tell"), "{error}");
        assert_eq!(kind.call(&cache, 1, &source), 1, "{how:?}");
        assert_eq!(kind.call(&other, 1, &source), 1, "{how:?}: it has happened");
        assert_eq!(source.loads(), 1 + u32::from(!how.stores()), "{how:?}");
    }
}

/// What nobody can be told of is sent again once: it has happened then.
#[test]
fn what_is_sent_again_and_not_told_is_not_sent_for_ever() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (cache, source) = (world.process(tier), Source::new());
        Kind::Async.call(&cache, 1, &source);
        world.store.down();
        assert!(at_once(cache.clear()).is_err() && at_once(cache.delete("outage.untold")).is_err());
        world.store.deny_notes(true);
        let before = (world.store.calls(Operation::Bump), world.store.calls(Operation::Remove));
        let since = || {
            let (bumps, removals) = (world.store.calls(Operation::Bump), world.store.calls(Operation::Remove));
            (bumps - before.0, removals - before.1)
        };
        world.store.up();
        eventually("both are sent again", || since() == (1, 1));
        let loads = source.loads();
        eventually("the store is believed", || {
            Kind::Async.call(&cache, 1, &source);
            source.loads() == loads + 1 && world.store.peek(&Kind::Async.place(1)).is_some()
        });
        for _ in 0..5 {
            world.clock.advance(secs(2));
            Kind::Async.call(&cache, 1, &source);
        }
        assert_eq!(since(), (1, 1), "{tier:?}");
    }
}

#[test]
fn more_than_can_be_remembered() {
    let Untrue { world, cache, other, source } = Untrue::new(Kind::Async, Tier::Tiered);
    let kept = [("outage.kept", 1_u32)];
    at_once(other.set_many(&kept, secs(60))).unwrap();
    world.store.process(0).down();
    for number in 0..=10_000 {
        assert!(at_once(cache.delete(&format!("outage.many:{number}"))).is_err());
    }
    world.store.refuse(&[Operation::Bump], "not yet");
    world.store.process(0).up();
    eventually(&format!("line {}", line!()), || world.store.calls(Operation::Bump) > 0);
    assert_eq!(at_once(cache.get::<u32>("outage.kept")), None, "nothing is believed");
    assert_eq!(at_once(other.get::<u32>("outage.kept")), Some(1));
    world.store.accept();
    eventually(&format!("line {}", line!()), || {
        world.store.process(0).down();
        world.store.process(0).up();
        at_once(other.get::<u32>("outage.kept")).is_none()
    });
    assert_eq!(Kind::Async.call(&other, 1, &source), 1, "everything was made untrue");
    eventually(&format!("line {}", line!()), || {
        at_once(other.set_many(&kept, secs(60))).unwrap();
        at_once(cache.get::<u32>("outage.kept")) == Some(1)
    });
}

/// Where the server has seen it, it stays: a cache is a store as well.
#[test]
fn what_was_written_just_before_stays() {
    for tier in Tier::BOTH {
        let world = World::new();
        let (cache, other, source) = (world.process(tier), world.bare(), Source::new());
        at_once(cache.set("outage.set", &7_u64, secs(60))).unwrap();
        at_once(cache.set("outage.count", &7_i64, secs(60))).unwrap();
        assert_eq!(at_once(other.increment("outage.count", 3)).unwrap(), 10);
        Kind::Async.make(How::Put, &cache, 1, &source);
        let removals = world.store.calls(Operation::Remove);
        world.store.process(0).down();
        world.store.process(0).up();
        eventually("it is sent again", || world.store.calls(Operation::Remove) > removals);
        eventually("it is believed", || at_once(cache.get::<u64>("outage.set")) == Some(7));
        assert_eq!(at_once(cache.get::<i64>("outage.count")), Some(10));
        assert_eq!((Kind::Async.call(&cache, 1, &source), source.loads()), (source.value(), 0), "{tier:?}");
    }
}

/// A server that takes over may not have seen what the one before has acknowledged.
#[test]
fn what_was_acknowledged_just_before_is_sent_again() {
    for how in How::ALL {
        let Untrue { world, cache, source, .. } = Untrue::new(Kind::Async, Tier::Bare);
        let place = Kind::Async.place(1);
        let (old, generations) = (world.store.peek(&place).unwrap(), world.store.calls(Operation::Bump));
        Kind::Async.make(how, &cache, 1, &source);
        if how.is_wide() {
            world.store.process(0).down();
            world.store.process(0).up();
            eventually(&format!("line {}", line!()), || world.store.calls(Operation::Bump) >= generations + 2);
            continue;
        }
        world.store.process(0).down();
        world.store.plant(&place, &old, Some(secs(60)));
        world.store.process(0).up();
        eventually(&format!("line {}", line!()), || world.store.peek(&place).as_ref() != Some(&old));
        assert_eq!(Kind::Async.call(&cache, 1, &source), 1, "{how:?}");
    }
}

#[test]
fn what_is_done_by_hand() {
    let world = World::new();
    for tier in Tier::BOTH {
        let cache = world.process(tier);
        at_once(cache.set("outage.hand", &7_i64, secs(60))).unwrap();
        world.store.down();
        assert_eq!(at_once(cache.get::<i64>("outage.hand")), None);
        assert!(!at_once(cache.contains("outage.hand")));
        assert_eq!(at_once(cache.get_many::<i64>(&["outage.hand", "b"])), [None, None]);
        let failed = [
            at_once(cache.increment("outage.hand", 1)).unwrap_err(),
            at_once(cache.add("outage.hand", &1_i64, secs(1))).unwrap_err(),
            at_once(cache.set("outage.hand", &1_i64, secs(1))).unwrap_err(),
            at_once(cache.delete("outage.hand")).unwrap_err(),
            at_once(cache.tagged(["a"]).set("outage.hand", &1_i64, secs(1))).unwrap_err(),
        ];
        assert!(failed.iter().all(|error| error.kind() == ErrorKind::NotAcknowledged), "{failed:?}");
        let promised = [
            "it has not happened",
            "it has not happened",
            "take it for not stored",
            "sends it again",
            "take it for not stored",
        ];
        for (error, promised) in failed.iter().zip(promised) {
            assert!(error.to_string().contains(promised), "{error}");
        }
        assert_eq!(at_once(cache.get_or_insert_with("outage.hand", secs(60), async || 9_i64)), 9);
        assert_eq!(at_once(cache.get::<i64>("outage.hand")), Some(9), "memory keeps it for a while");
        world.store.up();
        eventually(&format!("line {}", line!()), || {
            at_once(cache.get::<i64>("outage.hand")).is_none() && world.store.keys().is_empty()
        });
    }
}

#[test]
fn what_was_read_before_it_was_made_up_for_does_not_stay() {
    let world = World::new();
    let (cache, other) = (world.tiered(), world.bare());
    at_once(other.set("outage.read", &1_u32, secs(60))).unwrap();
    world.store.time_out_next(&[Operation::Remove], 1, Lost::Request);
    assert!(at_once(cache.delete("outage.read")).is_err());
    let gate = world.store.hold(Operation::Read, When::After);
    let mut read = Call::new(cache.get::<u32>("outage.read"));
    let at_first = read.step();
    world.clock.advance(secs(1));
    at_once(cache.set("outage.else", &1_u32, secs(60))).unwrap();
    eventually("it is sent again", || !world.store.keys().contains(&"larder:v0:{outage.read}".to_owned()));
    gate.open();
    assert_eq!(at_first.or_else(|| read.step()), Some(None), "it is not believed");
    eventually("the store is believed", || at_once(cache.get::<u32>("outage.else")) == Some(1));
    assert_eq!(at_once(cache.get::<u32>("outage.read")), None);
}

#[test]
fn a_fill_that_is_not_answered_keeps_nobody_waiting() {
    for ((kind, tier), lost) in Kind::BOTH
        .into_iter()
        .flat_map(|kind| Tier::BOTH.map(|tier| (kind, tier)))
        .flat_map(|both| [Lost::Request, Lost::Answer].map(|lost| (both, lost)))
    {
        let world = World::new();
        let (cache, other) = (world.process(tier), world.bare());
        let source = Source::new();
        world.store.time_out_next(&[Operation::Fill], 1, lost);
        assert_eq!(kind.call(&cache, 1, &source), 0);
        assert!(!world.store.is_leased(&kind.place(1)), "{kind:?} {tier:?} {lost:?}");
        assert_eq!((kind.call(&other, 1, &source), kind.call(&cache, 1, &source)), (0, 0));
        assert_eq!(source.loads(), if lost == Lost::Request { 2 } else { 1 }, "{kind:?} {tier:?} {lost:?}");
    }
}

//! Old values where several processes share them: each may answer with what another has stored, one refreshes for all, and what
//! was invalidated is of no use to anybody.

use std::sync::Arc;
use std::sync::Mutex;

use larder::testing::{Operation, When, scope, scope_blocking};
use larder::{Cache, KeyNeutral, cached};

use crate::how::How;
use crate::support::{Call, Gate, Loads, Side, at_once, secs};
use crate::world::{Tier, World, eventually};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Down;

/// A source whose answers a test chooses: the number of the load, nothing, or a failure. Clones are the same.
#[derive(Clone, Debug, Default)]
struct Source(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    loads: Loads,
    answer: Mutex<Answer>,
    gate: Mutex<Option<Gate>>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Answer {
    #[default]
    Number,
    Nothing,
    Failure,
}

impl KeyNeutral for Source {}

impl Source {
    fn loads(&self) -> u32 {
        self.0.loads.so_far()
    }

    fn give(&self, answer: Answer) {
        *self.0.answer.lock().unwrap() = answer;
    }

    /// Those who ask from now on wait, until the gate is opened.
    fn close(&self) -> Gate {
        let gate = Gate::new();
        *self.0.gate.lock().unwrap() = Some(gate.clone());
        gate
    }

    fn leave_open(&self) {
        *self.0.gate.lock().unwrap() = None;
    }

    async fn ask(&self) -> Result<Option<u32>, Down> {
        let load = self.0.loads.next();
        let gate = self.0.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.pass().await;
        }
        match *self.0.answer.lock().unwrap() {
            Answer::Number => Ok(Some(load)),
            Answer::Nothing => Ok(None),
            Answer::Failure => Err(Down),
        }
    }

    fn ask_now(&self) -> Result<Option<u32>, Down> {
        futures_lite::future::block_on(self.ask())
    }
}

#[cached(timeout = 10, stale_while_revalidate = 20, jitter = 0, key = "stale.swr:<id>", tags("stale.tag"))]
async fn revalidated(id: u32, source: Source) -> Result<Option<u32>, Down> {
    source.ask().await
}

#[cached(timeout = 10, stale_while_revalidate = 20, jitter = 0, key = "stale.swr_now:<id>")]
fn revalidated_now(id: u32, source: Source) -> Result<Option<u32>, Down> {
    source.ask_now()
}

#[cached(timeout = 10, stale_if_error = 60, jitter = 0, key = "stale.sie:<id>")]
async fn if_error(id: u32, source: Source) -> Result<Option<u32>, Down> {
    source.ask().await
}

#[cached(timeout = 10, stale_if_error = 60, jitter = 0, key = "stale.sie_now:<id>")]
fn if_error_now(id: u32, source: Source) -> Result<Option<u32>, Down> {
    source.ask_now()
}

#[cached(timeout = 10, stale_while_revalidate = 20, stale_if_error = 60, jitter = 0, key = "stale.both:<id>")]
async fn both(id: u32, source: Source) -> Result<Option<u32>, Down> {
    source.ask().await
}

#[cached(timeout = 10, stale_if_error = 60, soft_timeout = 2, jitter = 0, key = "stale.soft:<id>")]
async fn soft(id: u32, source: Source) -> Result<Option<u32>, Down> {
    source.ask().await
}

#[cached(timeout = 100, early = 0.5, jitter = 0, key = "stale.early:<id>")]
async fn early(id: u32, source: Source) -> Result<Option<u32>, Down> {
    source.ask().await
}

/// A process whose refreshes wait until the test runs them.
fn process(world: &World, tier: Tier) -> (Cache, Side) {
    let side = Side::default();
    let adds = side.clone();
    (world.process_with(tier, |builder| builder.spawner(move |work| adds.add(work))), side)
}

/// Both kinds of processes that have stored a value, and of those that find it in the store.
fn pairs() -> impl Iterator<Item = (Tier, Tier)> {
    Tier::BOTH.into_iter().flat_map(|first| Tier::BOTH.map(|second| (first, second)))
}

#[test]
fn an_old_value_of_another_process_is_answered_at_once_and_refreshed_once() {
    for pair in pairs() {
        let world = World::new();
        let (first, first_side) = process(&world, pair.0);
        let (second, second_side) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, revalidated(1, source.clone())));
        assert_eq!(call(&first), Ok(Some(1)));
        world.clock.advance(secs(15));
        for _ in 0..3 {
            assert_eq!((call(&second), call(&first)), (Ok(Some(1)), Ok(Some(1))), "{pair:?}");
        }
        assert_eq!((second_side.waiting(), first_side.waiting(), source.loads()), (1, 1, 1), "{pair:?}");
        // While one refreshes, and the other waits for that, all have the old value.
        let gate = source.close();
        second_side.run();
        first_side.run();
        for _ in 0..3 {
            assert_eq!((call(&second), call(&first)), (Ok(Some(1)), Ok(Some(1))), "{pair:?}: at once");
        }
        assert_eq!(source.loads(), 2, "{pair:?}: one refreshes for all");
        gate.open();
        second_side.run();
        first_side.run();
        assert_eq!((call(&first), call(&second)), (Ok(Some(2)), Ok(Some(2))), "{pair:?}");
        assert_eq!((second_side.waiting(), first_side.waiting(), source.loads()), (0, 0, 2), "{pair:?}");
        assert_eq!(second.stats().stale_hits, 6, "{pair:?}");
    }
}

#[test]
fn ordinary_functions_too() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let source = Source::default();
        let call = |cache: &Cache| scope_blocking(cache, || revalidated_now(1, source.clone()));
        assert_eq!(call(&first), Ok(Some(1)));
        world.clock.advance(secs(15));
        let gate = source.close();
        assert_eq!(call(&second), Ok(Some(1)));
        futures_lite::future::block_on(gate.reached());
        assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))), "{pair:?}: at once");
        gate.open();
        eventually("it is refreshed", || call(&first) == Ok(Some(2)) && call(&second) == Ok(Some(2)));
        assert_eq!(source.loads(), 2, "{pair:?}");
    }
}

#[test]
fn an_old_value_that_was_invalidated_is_of_no_use() {
    for (pair, how) in
        pairs().flat_map(|pair| [How::Invalidate, How::Delete, How::Bump, How::Tag, How::Clear].map(|how| (pair, how)))
    {
        let world = World::new();
        let (first, side) = process(&world, pair.0);
        let (second, _) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, revalidated(1, source.clone())));
        assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))));
        world.clock.advance(secs(15));
        // A refresh is on its way, and can't store either.
        let gate = source.close();
        assert_eq!(call(&first), Ok(Some(1)));
        side.run();
        source.leave_open();
        let entry = at_once(scope(&second, async { revalidated::entry(1, source.clone()) }));
        match how {
            How::Invalidate => at_once(entry.invalidate()).unwrap(),
            How::Bump => at_once(entry.all().bump()).unwrap(),
            How::Tag => at_once(first.tag("stale.tag").invalidate()).unwrap(),
            How::Clear => at_once(second.clear()).unwrap(),
            _ => assert!(at_once(second.delete("stale.swr:1")).unwrap()),
        }
        assert_eq!((call(&first), call(&second)), (Ok(Some(3)), Ok(Some(3))), "{pair:?} {how:?}");
        gate.open();
        side.run();
        for cache in [&first, &second, &world.bare()] {
            assert_eq!(call(cache), Ok(Some(3)), "{pair:?} {how:?}");
        }
    }
}

#[test]
fn what_was_expired_by_another_is_old_and_not_gone() {
    for pair in pairs() {
        let world = World::new();
        let (first, first_side) = process(&world, pair.0);
        let (second, side) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, revalidated(1, source.clone())));
        assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))));
        let entry = at_once(scope(&first, async { revalidated::entry(1, source.clone()) }));
        at_once(entry.expire()).unwrap();
        assert_eq!((call(&second), side.waiting()), (Ok(Some(1)), 1), "{pair:?}");
        assert_eq!(at_once(entry.get()), None, "{pair:?}: it is not fresh");
        side.run();
        assert!(call(&first).is_ok());
        first_side.run();
        assert_eq!((call(&second), call(&first)), (Ok(Some(2)), Ok(Some(2))), "{pair:?}");
        at_once(entry.expire()).unwrap();
        world.clock.advance(secs(20));
        assert_eq!(call(&second), Ok(Some(3)), "{pair:?}: and then it is");
    }
}

#[test]
fn an_old_value_stands_in_for_an_error() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, if_error(1, source.clone())));
        assert_eq!(call(&first), Ok(Some(1)));
        source.give(Answer::Failure);
        world.clock.advance(secs(15));
        assert_eq!(call(&second), Ok(Some(1)), "{pair:?}");
        assert_eq!((source.loads(), second.stats().stale_hits), (2, 1), "{pair:?}");
        assert!(!world.store.is_leased("larder:v0:{stale.sie:1}"), "{pair:?}");
        // It is not asked again for a while.
        for _ in 0..3 {
            assert_eq!(call(&second), Ok(Some(1)), "{pair:?}");
        }
        assert_eq!((source.loads(), second.stats().stale_hits), (2, 4), "{pair:?}");
        world.clock.advance(secs(10));
        assert_eq!((call(&second), source.loads()), (Ok(Some(1)), 3), "{pair:?}: and then it is");
        world.clock.advance(secs(10));
        source.give(Answer::Number);
        assert_eq!((call(&second), call(&first), source.loads()), (Ok(Some(4)), Ok(Some(4)), 4), "{pair:?}");
        source.give(Answer::Failure);
        world.clock.advance(secs(70));
        assert_eq!(call(&second), Err(Down), "{pair:?}: it is too old");
    }
}

#[test]
fn it_does_for_ordinary_functions_too() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let source = Source::default();
        let call = |cache: &Cache| scope_blocking(cache, || if_error_now(1, source.clone()));
        assert_eq!(call(&first), Ok(Some(1)));
        source.give(Answer::Failure);
        world.clock.advance(secs(15));
        assert_eq!((call(&second), call(&second), source.loads()), (Ok(Some(1)), Ok(Some(1)), 2), "{pair:?}");
    }
}

#[test]
fn a_rest_ends_when_there_is_something_new() {
    for pair in pairs() {
        let world = World::new();
        let (first, second) = (world.process(pair.0), world.process(pair.1));
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, if_error(1, source.clone())));
        let entry = at_once(scope(&first, async { if_error::entry(1, source.clone()) }));
        assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))));
        for what in 0..3 {
            source.give(Answer::Failure);
            world.clock.advance(secs(15));
            let before = source.loads();
            assert!(call(&second).is_ok() && call(&second).is_ok());
            assert_eq!(source.loads(), before + 1, "{pair:?}");
            source.give(Answer::Number);
            match what {
                0 => {
                    at_once(entry.put(77)).unwrap();
                    assert_eq!(call(&second), Ok(Some(77)), "{pair:?}");
                }
                1 => {
                    at_once(entry.expire()).unwrap();
                    assert_eq!(call(&second), Ok(Some(before + 2)), "{pair:?}");
                }
                _ => {
                    at_once(entry.invalidate()).unwrap();
                    assert_eq!(call(&second), Ok(Some(before + 2)), "{pair:?}");
                }
            }
        }
    }
}

#[test]
fn a_refresh_that_fails_is_not_tried_again_for_a_while() {
    for pair in pairs() {
        let world = World::new();
        let (first, first_side) = process(&world, pair.0);
        let (second, side) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, both(1, source.clone())));
        assert_eq!(call(&first), Ok(Some(1)));
        source.give(Answer::Failure);
        world.clock.advance(secs(12));
        assert_eq!(call(&second), Ok(Some(1)), "{pair:?}");
        side.run();
        assert_eq!((source.loads(), side.waiting()), (2, 0), "{pair:?}");
        for _ in 0..3 {
            assert_eq!((call(&second), side.waiting()), (Ok(Some(1)), 0), "{pair:?}");
        }
        world.clock.advance(secs(10));
        assert_eq!((call(&second), side.waiting()), (Ok(Some(1)), 1), "{pair:?}");
        source.give(Answer::Number);
        side.run();
        assert!(call(&first).is_ok());
        first_side.run();
        assert_eq!((call(&second), call(&first), source.loads()), (Ok(Some(3)), Ok(Some(3)), 3), "{pair:?}");
    }
}

#[test]
fn a_refresh_that_finds_nothing_removes_the_old_value_for_all() {
    for pair in pairs() {
        let world = World::new();
        let (first, _) = process(&world, pair.0);
        let (second, side) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, revalidated(1, source.clone())));
        assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))));
        source.give(Answer::Nothing);
        world.clock.advance(secs(15));
        assert_eq!(call(&second), Ok(Some(1)));
        side.run();
        assert!(world.store.keys().is_empty(), "{pair:?}");
        for cache in [&first, &second, &world.bare()] {
            assert_eq!(call(cache), Ok(None), "{pair:?}");
        }
    }
}

#[test]
fn a_soft_timeout_for_an_old_value_of_another_process() {
    for pair in pairs() {
        let world = World::new();
        let (first, first_side) = process(&world, pair.0);
        let (second, side) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache| scope(cache, soft(1, source.clone()));
        assert_eq!(at_once(call(&first)), Ok(Some(1)));
        world.clock.advance(secs(15));
        let gate = source.close();
        let mut waiting = [Call::begin(call(&second)), Call::begin(call(&second))];
        side.run();
        assert_eq!(source.loads(), 2, "{pair:?}");
        assert!(waiting.iter_mut().all(|call| call.step().is_none()), "{pair:?}: both wait for the new one");
        world.clock.advance(secs(2));
        assert!(waiting.iter_mut().all(|call| call.step() == Some(Ok(Some(1)))), "{pair:?}: but no longer than that");
        gate.open();
        side.run();
        let mut last = Call::new(call(&first));
        let at_first = last.step();
        first_side.run();
        assert_eq!(at_first.or_else(|| last.step()), Some(Ok(Some(2))), "{pair:?}");
        assert_eq!(
            (at_once(call(&second)), at_once(call(&first)), source.loads()),
            (Ok(Some(2)), Ok(Some(2)), 2),
            "{pair:?}"
        );
    }
}

#[test]
fn a_new_value_within_the_soft_timeout() {
    for pair in pairs() {
        let world = World::new();
        let (first, _) = process(&world, pair.0);
        let (second, side) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache| scope(cache, soft(1, source.clone()));
        assert_eq!(at_once(call(&first)), Ok(Some(1)));
        world.clock.advance(secs(15));
        let gate = source.close();
        let mut waiting = [Call::begin(call(&second)), Call::begin(call(&second))];
        side.run();
        gate.open();
        side.run();
        for _ in 0..2 {
            waiting.iter_mut().for_each(|call| {
                if let Some(answer) = call.step() {
                    assert_eq!(answer, Ok(Some(2)), "{pair:?}");
                    *call = Call::new(std::future::pending());
                }
            });
        }
        assert_eq!(source.loads(), 2, "{pair:?}");
    }
}

#[test]
fn one_process_refreshes_ahead_for_all() {
    for pair in pairs() {
        let world = World::new();
        let (first, first_side) = process(&world, pair.0);
        let (second, second_side) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, early(1, source.clone())));
        assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))));
        world.clock.advance(secs(44));
        assert_eq!(
            (call(&first), call(&second), first_side.waiting() + second_side.waiting()),
            (Ok(Some(1)), Ok(Some(1)), 0)
        );
        world.clock.advance(secs(12));
        for _ in 0..3 {
            assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))));
        }
        assert_eq!((first_side.waiting(), second_side.waiting()), (1, 1), "{pair:?}");
        let gate = source.close();
        first_side.run();
        second_side.run();
        for _ in 0..3 {
            assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))), "{pair:?}: at once");
        }
        gate.open();
        first_side.run();
        second_side.run();
        assert_eq!((call(&first), call(&second), source.loads()), (Ok(Some(2)), Ok(Some(2)), 2), "{pair:?}");
    }
}

#[test]
fn an_old_value_does_not_live_longer_because_it_was_read_late() {
    for pair in pairs() {
        let world = World::new();
        let (first, _) = process(&world, pair.0);
        let (second, side) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, revalidated(1, source.clone())));
        assert_eq!(call(&first), Ok(Some(1)));
        world.clock.advance(secs(29));
        assert_eq!(call(&second), Ok(Some(1)));
        side.forget();
        world.clock.advance(secs(1));
        assert_eq!(call(&second), Ok(Some(2)), "{pair:?}");
    }
}

/// A refresh reads an old value, and another process ends its own before the first has the lease.
#[test]
fn who_comes_late_does_not_refresh_again() {
    for pair in pairs() {
        let world = World::new();
        let (first, first_side) = process(&world, pair.0);
        let (second, second_side) = process(&world, pair.1);
        let source = Source::default();
        let call = |cache: &Cache| at_once(scope(cache, revalidated(1, source.clone())));
        assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))));
        world.clock.advance(secs(15));
        assert_eq!((call(&first), call(&second)), (Ok(Some(1)), Ok(Some(1))));
        let gate = world.store.hold(Operation::Read, When::After);
        first_side.run();
        gate.open();
        second_side.run();
        first_side.run();
        assert_eq!((call(&first), call(&second), source.loads()), (Ok(Some(2)), Ok(Some(2)), 2), "{pair:?}");
        assert!(!world.store.is_leased("larder:v0:{stale.swr:1}"), "{pair:?}");
    }
}

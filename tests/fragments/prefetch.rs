//! Rendering never asks the store. What others have rendered is read before, all at once; what it renders is sent, and not waited for.

use std::sync::Arc;

use futures_lite::future::block_on;
use larder::Cache;
use larder::fragment::{Fragment, prefetch};
use larder::testing::{Operation, When};

use crate::support::{Call, Loads, at_once, promptly_blocking, secs};
use crate::world::{World, eventually};

fn nav() -> Fragment {
    Fragment::new("nav").tagged(["menu"])
}

fn side(id: u32) -> Fragment {
    Fragment::new("side").with(id)
}

/// A page of three fragments, which hangs on nothing.
fn page(cache: &Cache, loads: &Arc<Loads>) -> [String; 3] {
    let (cache, loads) = (cache.clone(), loads.clone());
    promptly_blocking(move || {
        [nav(), side(1), side(2)]
            .map(|fragment| fragment.render(&cache, secs(60), || Ok::<_, ()>(loads.next().to_string())).unwrap())
    })
}

async fn fetch(cache: &Cache) -> larder::fragment::Prefetched {
    prefetch(cache, [nav(), side(1), side(2), side(1)]).await
}

/// A store in which a page of another process is.
fn rendered(world: &World, loads: &Arc<Loads>) -> Cache {
    let cache = world.tiered();
    let fetched = at_once(fetch(&cache));
    page(&cache, loads);
    drop(fetched);
    cache
}

#[test]
fn a_page_is_read_at_once() {
    let (world, loads) = (World::new(), Arc::new(Loads::new()));
    let first = rendered(&world, &loads);
    assert_eq!(loads.so_far(), 3);
    assert_eq!(
        world.store.keys(),
        ["larder:v0:{fragment:nav}", "larder:v0:{fragment:side:1}", "larder:v0:{fragment:side:2}"]
    );
    let second = world.tiered();
    world.store.forget_calls();
    let _fetched = at_once(fetch(&second));
    assert_eq!((world.store.calls(Operation::Read), world.store.elements(Operation::Read)), (1, 3));
    assert_eq!(page(&second, &loads), ["1", "2", "3"]);
    assert_eq!(loads.so_far(), 3);
    assert_eq!((world.store.calls(Operation::Read), world.store.calls(Operation::Lease)), (1, 0));
    // What is in memory is not read.
    let _fetched = at_once(fetch(&first));
    assert_eq!(world.store.calls(Operation::Read), 1);
}

#[test]
fn rendering_asks_the_store_for_nothing() {
    let (world, loads) = (World::new(), Arc::new(Loads::new()));
    let cache = world.tiered();
    let _gates = [Operation::Read, Operation::Lease].map(|operation| world.store.hold(operation, When::Before));
    let pages = [page(&cache, &loads), page(&cache, &loads)];
    assert_eq!(pages, [["1", "2", "3"]; 2]);
    let asked = [Operation::Read, Operation::Lease, Operation::Fill].map(|operation| world.store.calls(operation));
    assert_eq!(asked, [0, 0, 0]);
    assert!(world.store.keys().is_empty());
}

#[test]
fn what_is_rendered_is_sent_and_not_waited_for() {
    let (world, loads) = (World::new(), Arc::new(Loads::new()));
    let cache = world.tiered();
    let fetched = at_once(fetch(&cache));
    let gate = world.store.hold(Operation::Fill, When::Before);
    let pages = [page(&cache, &loads), page(&cache, &loads)];
    assert_eq!(pages, [["1", "2", "3"]; 2]);
    assert!(world.store.keys().is_empty());
    gate.open();
    drop(fetched);
    eventually("the store has the page", || world.store.keys().len() == 3);
    let second = world.tiered();
    let _fetched = at_once(fetch(&second));
    assert_eq!(page(&second, &loads), ["1", "2", "3"]);
}

#[test]
fn leases_that_no_rendering_used_are_given_back() {
    let (world, loads) = (World::new(), Arc::new(Loads::new()));
    let cache = world.tiered();
    let fetched = at_once(fetch(&cache));
    assert!(world.store.is_leased("larder:v0:{fragment:side:1}"));
    drop(fetched);
    assert!(!world.store.is_leased("larder:v0:{fragment:side:1}"));
    page(&cache, &loads);
    assert!(world.store.keys().is_empty());
}

/// The second does not wait for the first: both render, and one of them gives it to the store.
#[test]
fn two_processes_that_render_the_same_do_not_wait_for_each_other() {
    let (world, loads) = (World::new(), Arc::new(Loads::new()));
    let (first, second) = (world.tiered(), world.tiered());
    let (one, two) = (at_once(fetch(&first)), at_once(fetch(&second)));
    page(&second, &loads);
    assert!(world.store.keys().is_empty());
    page(&first, &loads);
    assert_eq!(world.store.keys().len(), 3);
    drop((one, two));
}

#[test]
fn what_another_process_invalidates_is_gone() {
    let (world, loads) = (World::new(), Arc::new(Loads::new()));
    let (first, second) = (rendered(&world, &loads), world.tiered());
    block_on(second.delete("fragment:side:1")).unwrap();
    assert_eq!(page(&first, &loads), ["1", "4", "3"]);
    // Rendered without a lease, and in memory alone: the same.
    block_on(side(1).invalidate(&second)).unwrap();
    assert_eq!(page(&first, &loads), ["1", "5", "3"]);
    block_on(second.tag("menu").invalidate()).unwrap();
    assert_eq!(page(&first, &loads), ["6", "5", "3"]);
    block_on(second.clear()).unwrap();
    assert_eq!(page(&first, &loads), ["7", "8", "9"]);
}

/// An invalidation while the page is rendered takes the lease, and memory hears of it.
#[test]
fn what_is_invalidated_meanwhile_is_not_stored() {
    let (world, loads) = (World::new(), Arc::new(Loads::new()));
    let (first, second) = (world.tiered(), world.tiered());
    let _fetched = at_once(fetch(&first));
    let show = |meanwhile: &dyn Fn()| {
        let body = || {
            meanwhile();
            Ok::<_, ()>(loads.next().to_string())
        };
        side(1).render(&first, secs(60), body).unwrap()
    };
    assert_eq!(show(&|| drop(block_on(second.delete("fragment:side:1")))), "1");
    assert!(world.store.keys().is_empty());
    assert_eq!((show(&|| ()), show(&|| ())), ("2".to_owned(), "2".to_owned()));
}

#[test]
fn a_store_that_is_down_breaks_nothing() {
    let (world, loads) = (World::new(), Arc::new(Loads::new()));
    let cache = world.tiered();
    world.store.down();
    let fetched = at_once(fetch(&cache));
    assert_eq!(page(&cache, &loads), ["1", "2", "3"]);
    assert_eq!(page(&cache, &loads), ["1", "2", "3"]);
    // Nobody tells what others have invalidated: it is kept for a moment only.
    world.clock.advance(secs(6));
    assert_eq!(page(&cache, &loads), ["4", "5", "6"]);
    drop(fetched);
}

/// A page that is abandoned before it was fetched holds nothing.
#[test]
fn prefetching_may_be_cancelled() {
    let (world, loads) = (World::new(), Arc::new(Loads::new()));
    let cache = world.tiered();
    let gate = world.store.hold(Operation::Lease, When::After);
    let call = Call::begin(fetch(&cache));
    drop(call);
    gate.open();
    assert!(!world.store.is_leased("larder:v0:{fragment:side:1}"));
    assert_eq!(page(&cache, &loads), ["1", "2", "3"]);
}

/// A handler of a web framework may hold it across its awaits.
#[tokio::test]
async fn it_may_be_held_by_a_task() {
    let world = World::new();
    let cache = world.tiered();
    let loads = Arc::new(Loads::new());
    let counted = loads.clone();
    let page = tokio::spawn(async move {
        let fetched = fetch(&cache).await;
        tokio::task::yield_now().await;
        let page = page(&cache, &counted);
        drop(fetched);
        page
    });
    assert_eq!(page.await.unwrap(), ["1", "2", "3"]);
    assert_eq!(world.store.keys().len(), 3);
}

#[test]
fn without_a_shared_tier_there_is_nothing_to_do() {
    let (cache, loads) = (crate::support::cache(), Arc::new(Loads::new()));
    let _fetched = at_once(fetch(&cache));
    assert_eq!(page(&cache, &loads), ["1", "2", "3"]);
}

//! What a block gives is kept under its key; what it is made of is the caller's, as of any block.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_lite::future::block_on;
use larder::testing::scope;
use larder::{Cache, fragment};

use crate::support::{Call, Gate, Loads, at_once, cache, secs, timed};
use crate::world::World;

struct User {
    id: u64,
    name: String,
}

impl User {
    fn new(id: u64) -> Self {
        Self { id, name: format!("user {id}") }
    }

    fn number(&self) -> u64 {
        self.id
    }
}

fn sidebar(cache: &Cache, user: &User, loads: &Loads) -> String {
    fragment!(key = "blocks.sidebar:<user.id>", timeout = 60, cache = cache, {
        loads.next();
        format!("<aside>{}</aside>", user.name)
    })
}

#[test]
fn a_block_runs_once_for_each_key() {
    let ((cache, clock), loads) = (timed(), Loads::new());
    for _ in 0..3 {
        assert_eq!(sidebar(&cache, &User::new(1), &loads), "<aside>user 1</aside>");
        assert_eq!(sidebar(&cache, &User::new(2), &loads), "<aside>user 2</aside>");
    }
    assert_eq!(loads.so_far(), 2);
    clock.advance(secs(60));
    sidebar(&cache, &User::new(1), &loads);
    assert_eq!(loads.so_far(), 3);
}

async fn sidebar_async(cache: &Cache, user: &User, loads: &Loads) -> String {
    fragment!(key = "blocks.async:<user.number()>", timeout = 60, cache = cache, async {
        loads.next();
        format!("<aside>{}</aside>", user.name)
    })
    .await
}

#[test]
fn an_async_block_too() {
    let ((cache, clock), loads) = (timed(), Loads::new());
    for _ in 0..3 {
        assert_eq!(at_once(sidebar_async(&cache, &User::new(1), &loads)), "<aside>user 1</aside>");
    }
    assert_eq!(loads.so_far(), 1);
    clock.advance(secs(60));
    at_once(sidebar_async(&cache, &User::new(1), &loads));
    assert_eq!(loads.so_far(), 2);
}

/// `move` takes what the block uses after the key was made of it, and on a hit as well.
#[test]
fn a_block_may_take_what_it_uses() {
    let (cache, loads) = (cache(), &Loads::new());
    for _ in 0..2 {
        let (user, tag) = (User::new(3), "moved".to_owned());
        let name: String =
            at_once(fragment!(key = "blocks.moved:<user.name>", tags("blocks:<tag>"), cache = &cache, async move {
                drop(tag);
                user.name
            }));
        let user = User::new(3);
        let again = fragment!(key = "blocks.moved_too:<user.name>", cache = &cache, move {
            loads.next();
            user.name
        });
        assert_eq!((name.as_str(), again.as_str()), ("user 3", "user 3"));
    }
    assert_eq!(loads.so_far(), 1);
}

/// A future that owns what it needs, whether or not its type is stated.
fn owned(cache: &Cache, name: String, stated: bool) -> Pin<Box<dyn Future<Output = usize> + Send + 'static>> {
    if stated {
        Box::pin(fragment!(key = "blocks.stated:<name>", cache = cache, async move -> usize { name.len() }))
    } else {
        Box::pin(fragment!(key = "blocks.owned:<name>", cache = cache, async move { name.len() }))
    }
}

#[test]
fn a_future_may_own_all_that_it_needs() {
    let cache = cache();
    let futures = [true, false, true].map(|stated| owned(&cache, "ann".to_owned(), stated));
    assert_eq!(futures.map(at_once), [3; 3]);
}

/// What it borrows is free again when the macro has ended; `mut` variables can be changed by the block.
#[test]
fn a_block_may_change_what_it_borrows() {
    let (cache, mut runs) = (cache(), 0);
    for _ in 0..2 {
        let value = fragment!(key = "blocks.changed", cache = &cache, {
            runs += 1;
            vec![1, 2, 3]
        });
        assert_eq!(value, [1, 2, 3]);
    }
    assert_eq!(runs, 1);
}

#[derive(Debug, PartialEq)]
struct Failed(u32);

impl From<fmt::Error> for Failed {
    fn from(_: fmt::Error) -> Self {
        Self(0)
    }
}

fn fallible(cache: &Cache, fails: bool, loads: &Loads) -> Result<String, Failed> {
    let page = fragment!(key = "blocks.fallible", cache = cache, -> Result<String, Failed> {
        let load = loads.next();
        if fails {
            return Err(Failed(load));
        }
        fmt::write(&mut String::new(), format_args!("{load}"))?;
        Ok(format!("page {load}"))
    })?;
    Ok(page)
}

async fn fallible_async(cache: &Cache, fails: bool, loads: &Loads) -> Result<String, Failed> {
    let page = fragment!(key = "blocks.fallible_async", cache = cache, async -> Result<_, Failed> {
        let load = loads.next();
        if fails {
            Err(Failed(load))?;
        }
        Ok(format!("page {load}"))
    })
    .await?;
    Ok(page)
}

#[test]
fn an_error_is_returned_and_not_stored() {
    let (cache, loads) = (cache(), Loads::new());
    assert_eq!(fallible(&cache, true, &loads), Err(Failed(1)));
    assert_eq!(fallible(&cache, false, &loads), Ok("page 2".to_owned()));
    assert_eq!(fallible(&cache, true, &loads), Ok("page 2".to_owned()));
    assert_eq!(at_once(fallible_async(&cache, true, &loads)), Err(Failed(3)));
    assert_eq!(at_once(fallible_async(&cache, false, &loads)), Ok("page 4".to_owned()));
    assert_eq!(at_once(fallible_async(&cache, true, &loads)), Ok("page 4".to_owned()));
}

#[test]
fn nothing_found_is_not_stored_unless_asked_for() {
    let (cache, loads) = (cache(), Loads::new());
    let find = |found: bool| {
        let plain = fragment!(key = "blocks.option", cache = &cache, {
            loads.next();
            found.then(|| "found".to_owned())
        });
        let kept =
            fragment!(key = "blocks.option_kept", cache = &cache, cache_none, { found.then(|| "found".to_owned()) });
        (plain, kept)
    };
    assert_eq!(find(false), (None, None));
    assert_eq!(find(true), (Some("found".to_owned()), None));
    assert_eq!(find(false), (Some("found".to_owned()), None));
    assert_eq!(loads.so_far(), 2);
}

#[tokio::test]
async fn callers_of_one_key_share_a_load() {
    static LOADS: Loads = Loads::new();
    let (cache, gate) = (cache(), Gate::new());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (cache, gate) = (cache.clone(), gate.clone());
        tasks.spawn(async move {
            fragment!(key = "blocks.shared", cache = &cache, async {
                gate.pass().await;
                LOADS.next()
            })
            .await
        });
    }
    gate.reached().await;
    gate.let_one_through();
    assert_eq!(tasks.join_all().await, [1; 20]);
}

#[test]
fn it_is_removed_by_its_key_and_by_its_tags() {
    let (cache, loads) = (cache(), Loads::new());
    let show = |mail: &str, team: u32| {
        fragment!(key = "blocks.removed:<mail>", tags("blocks.team:<team>"), cache = &cache, { loads.next() })
    };
    assert_eq!((show("ann@x.org", 7), show("bob@x.org", 7)), (1, 2));
    assert!(cache.blocking().delete(&format!("blocks.removed:{}", larder::escape("ann@x.org"))).unwrap());
    assert_eq!((show("ann@x.org", 7), show("bob@x.org", 7)), (3, 2));
    block_on(cache.tag("blocks.team:7").invalidate()).unwrap();
    assert_eq!((show("ann@x.org", 7), show("bob@x.org", 7)), (4, 5));
}

/// A load that began before an invalidation does not store its result after it.
#[test]
fn what_was_invalidated_does_not_come_back() {
    let (cache, loads, gate) = (cache(), Loads::new(), Gate::new());
    let show = || {
        fragment!(key = "blocks.fenced", cache = &cache, async {
            let load = loads.next();
            gate.pass().await;
            load
        })
    };
    let first = Call::begin(show());
    cache.blocking().delete("blocks.fenced").unwrap();
    gate.let_one_through();
    assert_eq!(first.end(), 1);
    gate.let_one_through();
    assert_eq!(at_once(show()), 2);
}

#[test]
fn it_stands_in_the_report_under_its_key() {
    let cache = cache();
    for _ in 0..2 {
        sidebar(&cache, &User::new(1), &Loads::new());
        at_once(sidebar_async(&cache, &User::new(1), &Loads::new()));
    }
    let report = cache.report();
    assert!(report.contains(r#"fragments::blocks::sidebar::fragment!("blocks.sidebar:<user.id>")"#), "{report}");
    assert!(report.contains(r#"sidebar_async::fragment!("blocks.async:<user.number()>")"#), "{report}");
}

/// In a method, the placeholders are those of the method's names.
struct Page {
    title: Arc<str>,
}

impl Page {
    fn head(&self, cache: &Cache) -> String {
        fragment!(key = "blocks.head:<Self>:<self.title>", cache = cache, { format!("<h1>{}</h1>", self.title) })
    }
}

#[test]
fn self_is_a_name_like_any_other() {
    let (cache, page) = (cache(), Page { title: "a b".into() });
    assert_eq!(page.head(&cache), "<h1>a b</h1>");
    assert!(block_on(cache.contains("blocks.head:fragments.blocks.Page:a%20b")));
}

#[test]
fn the_default_cache_is_used_where_none_is_named() {
    let (cache, loads) = (cache(), Loads::new());
    for _ in 0..2 {
        let show = async { fragment!(key = "blocks.default", async { loads.next() }).await };
        assert_eq!(at_once(scope(&cache, show)), 1);
    }
}

#[test]
fn processes_share_what_a_block_gives() {
    let (world, loads) = (World::new(), Loads::new());
    for cache in world.all() {
        assert_eq!(sidebar(&cache, &User::new(1), &loads), "<aside>user 1</aside>");
        assert_eq!(at_once(sidebar_async(&cache, &User::new(1), &loads)), "<aside>user 1</aside>");
    }
    assert_eq!(loads.so_far(), 2);
    let [first, second, ..] = world.all();
    sidebar(&first, &User::new(1), &loads);
    block_on(second.delete("blocks.sidebar:1")).unwrap();
    sidebar(&first, &User::new(1), &loads);
    assert_eq!(loads.so_far(), 3);
}

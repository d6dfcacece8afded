//! A fragment of a template is an entry with a text of its own, whatever renders it.

use std::collections::HashSet;
use std::thread;

use futures_lite::future::block_on;
use larder::fragment::{Fragment, Part, Vary};

use crate::support::{Gate, Loads, cache, secs, timed};

#[test]
fn two_values_never_make_one_key() {
    let texts =
        ["", "a", "42", "-42", "4:2", "%342", "%2D42", "true", "false", "~", "-", "+4", "4.2", "é", "a/b", "a%3Ab"];
    let numbers = [42_i64, -42, 0, 1].map(|value| value.part());
    let rest = [true.part(), false.part(), None::<&str>.part(), Some(None::<u8>).part(), u128::MAX.part()];
    let all: Vec<Part> = texts.into_iter().map(Vary::part).chain(numbers).chain(rest).collect();
    let mut keys: Vec<String> = all.iter().map(|part| Fragment::new("x").with(part.clone()).key().to_owned()).collect();
    keys.extend(all.iter().map(|part| Fragment::new("x").with("a").with(part.clone()).key().to_owned()));
    keys.extend(texts.map(|name| Fragment::new(name).key().to_owned()));
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
    assert_eq!(Fragment::new("x").with(Some(7)).key(), Fragment::new("x").with(7_u8).key());
}

#[test]
fn a_body_runs_on_a_miss_alone() {
    let ((cache, clock), loads) = (timed(), Loads::new());
    let show =
        |id: u32| Fragment::new("handles").with(id).render(&cache, secs(60), || Ok::<_, ()>(loads.next().to_string()));
    assert_eq!((show(1), show(1), show(2)), (Ok("1".into()), Ok("1".into()), Ok("2".into())));
    clock.advance(secs(60));
    assert_eq!(show(1), Ok("3".into()));
}

#[test]
fn nothing_is_kept_of_a_body_that_failed() {
    let (cache, loads) = (cache(), Loads::new());
    let show = |fails: bool| {
        let load = || if fails { Err(loads.next()) } else { Ok(loads.next().to_string()) };
        Fragment::new("fails").render(&cache, secs(60), load)
    };
    assert_eq!((show(true), show(false), show(true)), (Err(1), Ok("2".into()), Ok("2".into())));
}

#[test]
fn its_key_and_its_tags_remove_it() {
    let (cache, loads) = (cache(), Loads::new());
    let side = Fragment::new("side").with("ann@x.org").tagged(["nav"]);
    let show = || side.render(&cache, secs(60), || Ok::<_, ()>(loads.next().to_string())).unwrap();
    assert_eq!(show(), "1");
    assert!(block_on(cache.delete("fragment:side:ann%40x.org")).unwrap());
    assert_eq!((show(), show()), ("2".to_owned(), "2".to_owned()));
    block_on(Fragment::new("side").with("ann@x.org").invalidate(&cache)).unwrap();
    assert_eq!(show(), "3");
    block_on(cache.tag("nav").invalidate()).unwrap();
    assert_eq!(show(), "4");
    assert_eq!(block_on(cache.get::<String>("fragment:side:ann%40x.org")).as_deref(), Some("4"));
}

#[test]
fn text_that_was_escaped_otherwise_is_not_the_answer() {
    let (cache, loads) = (cache(), Loads::new());
    let show = |fragment: Fragment| {
        fragment.render(&cache, secs(60), || Ok::<_, ()>(loads.next()).map(|load| load.to_string())).unwrap()
    };
    let (html, plain) = (Fragment::new("mail"), Fragment::new("mail").plain());
    assert_eq!((show(html.clone()), show(html.clone())), ("1".into(), "1".into()));
    assert_eq!((show(plain.clone()), show(plain)), ("2".into(), "2".into()));
    assert_eq!(show(html.clone()), "3");
    block_on(html.invalidate(&cache)).unwrap();
    assert!(!block_on(cache.contains(html.key())));
}

/// Renderings of the same wait for one of them.
#[test]
fn one_renders_for_all() {
    static LOADS: Loads = Loads::new();
    let (cache, gate) = (cache(), Gate::new());
    let renders: Vec<_> = (0..4)
        .map(|_| {
            let (cache, gate) = (cache.clone(), gate.clone());
            thread::spawn(move || {
                Fragment::new("together").render(&cache, secs(60), || {
                    gate.pass_blocking();
                    Ok::<_, ()>(LOADS.next().to_string())
                })
            })
        })
        .collect();
    block_on(gate.reached());
    gate.let_one_through();
    for render in renders {
        assert_eq!(render.join().unwrap(), Ok("1".to_owned()));
    }
}

/// One inside another, and inside itself.
#[test]
fn fragments_may_be_nested() {
    let (cache, outer) = (cache(), Fragment::new("outer"));
    let render = |name: &str, body: &dyn Fn() -> Result<String, ()>| Fragment::new(name).render(&cache, secs(60), body);
    let inner = || render("inner", &|| render("outer", &|| Ok("x".to_owned())));
    assert_eq!(outer.render(&cache, secs(60), inner), Ok("x".to_owned()));
}

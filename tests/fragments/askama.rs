//! `{% filter cached("side", 60, *id) %}..{% endfilter %}`

use askama::Template;
use futures_lite::future::block_on;
use larder::Cache;
use larder::fragment::Fragment;
use larder::testing::scope_blocking;

use crate::support::{Loads, cache, secs, timed};

mod filters {
    pub(crate) use larder::fragment::askama::{cached, cached_text};
}

#[derive(Template)]
#[template(
    source = r#"<p>{% filter cached("ask", 60, id, *flag, tags = ["nav"], cache = cache) %}{{ loads.next() }} {{ name }}{% endfilter %}</p>"#,
    ext = "html"
)]
struct Page<'a> {
    id: u32,
    flag: &'a bool,
    name: &'a str,
    loads: &'a Loads,
    cache: &'a Cache,
}

#[test]
fn a_body_is_rendered_once_for_each_key() {
    let ((cache, clock), loads) = (timed(), Loads::new());
    let show = |id: u32| Page { id, flag: &true, name: "<Ann>", loads: &loads, cache: &cache }.render().unwrap();
    assert_eq!(show(1), "<p>1 &#60;Ann&#62;</p>");
    assert_eq!(show(1), "<p>1 &#60;Ann&#62;</p>");
    assert_eq!(show(2), "<p>2 &#60;Ann&#62;</p>");
    clock.advance(secs(60));
    assert_eq!(show(1), "<p>3 &#60;Ann&#62;</p>");
    block_on(Fragment::new("ask").with(1).with(true).invalidate(&cache)).unwrap();
    assert_eq!(show(1), "<p>4 &#60;Ann&#62;</p>");
    block_on(cache.tag("nav").invalidate()).unwrap();
    assert_eq!(show(1), "<p>5 &#60;Ann&#62;</p>");
}

fn fallible(loads: &Loads, fails: bool) -> Result<u32, std::io::Error> {
    let load = loads.next();
    if fails { Err(std::io::Error::other("down")) } else { Ok(load) }
}

#[derive(Template)]
#[template(
    source = r#"{% filter cached("ask.fails", 1.5) %}{{ self::fallible(loads, *fails)? }}{% endfilter %}"#,
    ext = "html"
)]
struct Failing<'a> {
    loads: &'a Loads,
    fails: bool,
}

#[test]
fn nothing_is_kept_of_a_body_that_failed() {
    let (cache, loads) = (cache(), Loads::new());
    let show = |fails: bool| {
        scope_blocking(&cache, || Failing { loads: &loads, fails }.render().map_err(|error| error.to_string()))
    };
    assert!(show(true).unwrap_err().contains("down"), "the body's own error");
    assert_eq!((show(false), show(true)), (Ok("2".to_owned()), Ok("2".to_owned())));
}

#[derive(Template)]
#[template(
    source = r#"{% filter cached_text("ask.mail", 60) %}{{ loads.next() }} {{ name }}{% endfilter %}"#,
    ext = "txt"
)]
struct Mail<'a> {
    loads: &'a Loads,
    name: &'a str,
}

#[derive(Template)]
#[template(source = r#"{% filter cached("ask.mail", 60) %}{{ loads.next() }} {{ name }}{% endfilter %}"#, ext = "html")]
struct Site<'a> {
    loads: &'a Loads,
    name: &'a str,
}

#[test]
fn text_that_was_escaped_otherwise_is_not_the_answer() {
    let (cache, loads) = (cache(), Loads::new());
    let (loads, name) = (&loads, "<Ann>");
    scope_blocking(&cache, || {
        assert_eq!(Mail { loads, name }.render().unwrap(), "1 <Ann>");
        assert_eq!(Mail { loads, name }.render().unwrap(), "1 <Ann>");
        assert_eq!(Site { loads, name }.render().unwrap(), "2 &#60;Ann&#62;");
        assert_eq!(Mail { loads, name }.render().unwrap(), "3 <Ann>");
    });
}

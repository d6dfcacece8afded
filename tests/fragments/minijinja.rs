//! `{% call cached(60, "side", user.id) %}..{% endcall %}`

use ::minijinja::{Environment, Error, ErrorKind, Value, context};
use futures_lite::future::block_on;
use larder::Cache;
use larder::fragment::Fragment;
use larder::testing::{Operation, When, scope_blocking};

use crate::support::{Loads, cache, promptly_blocking, secs, timed};
use crate::world::World;

/// An environment in which `{{ load() }}` is how often a body ran.
fn environment(cache: &Cache) -> Environment<'static> {
    let loads = Loads::new();
    let mut environment = Environment::new();
    larder::fragment::minijinja::add_with(&mut environment, cache);
    environment.add_function("load", move || loads.next());
    environment
        .add_function("fail", || -> Result<Value, Error> { Err(Error::new(ErrorKind::InvalidOperation, "down")) });
    environment
}

fn show(environment: &Environment<'_>, name: &str, source: &str, context: &Value) -> Result<String, String> {
    let page = environment.template_from_named_str(name, source).map_err(|error| error.to_string())?;
    page.render(context).map_err(|error| error.to_string())
}

fn html(environment: &Environment<'_>, source: &str, context: &Value) -> String {
    show(environment, "page.html", source, context).unwrap()
}

const SIDE: &str = r#"<p>{% call cached(60, "side", user.id) %}{{ load() }} {{ user.name }}{% endcall %}</p>"#;

fn user(id: u32) -> Value {
    context! { user => context! { id, name => "<Ann>" } }
}

#[test]
fn a_body_is_rendered_once_for_each_key() {
    let (cache, clock) = timed();
    let page = environment(&cache);
    assert_eq!(html(&page, SIDE, &user(1)), "<p>1 &lt;Ann&gt;</p>");
    assert_eq!(html(&page, SIDE, &user(1)), "<p>1 &lt;Ann&gt;</p>");
    assert_eq!(html(&page, SIDE, &user(2)), "<p>2 &lt;Ann&gt;</p>");
    clock.advance(secs(60));
    assert_eq!(html(&page, SIDE, &user(1)), "<p>3 &lt;Ann&gt;</p>");
    block_on(cache.delete("fragment:side:1")).unwrap();
    assert_eq!(html(&page, SIDE, &user(1)), "<p>4 &lt;Ann&gt;</p>");
}

#[test]
fn what_was_rendered_and_what_was_found_is_counted() {
    let cache = cache();
    let page = environment(&cache);
    for _ in 0..4 {
        html(&page, SIDE, &user(1));
    }
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.loads, stats.entries), (3, 1, 1, 1));
    let report = cache.report();
    let row = report.lines().find(|line| line.contains("fragments of templates")).unwrap_or_default();
    assert_eq!(row.split_whitespace().skip(6).take(4).collect::<Vec<_>>(), ["4", "75.0%", "0.0%", "1"], "{report}");
}

#[test]
fn all_engines_make_the_same_key() {
    let cache = cache();
    let page = environment(&cache);
    let source = r#"{% call cached(1.5, "all", 7, -7, "7", "a b", true, none, 18446744073709551616) %}x{% endcall %}"#;
    html(&page, source, &context! {});
    let handle =
        Fragment::new("all").with(7).with(-7).with("7").with("a b").with(true).with(None::<u8>).with(1_u128 << 64);
    assert!(block_on(cache.contains(handle.key())));
    block_on(handle.invalidate(&cache)).unwrap();
    assert!(!block_on(cache.contains(handle.key())));
}

#[test]
fn nothing_is_kept_of_a_body_that_failed() {
    let cache = cache();
    let page = environment(&cache);
    let source = r#"{% call cached(60, "fails") %}{{ load() }}{% if down %}{{ fail() }}{% endif %}{% endcall %}"#;
    let problem = show(&page, "page.html", source, &context! { down => true }).unwrap_err();
    assert!(problem.contains("down"), "{problem}");
    assert!(!block_on(cache.contains("fragment:fails")));
    assert_eq!(html(&page, source, &context! { down => false }), "2");
    assert_eq!(html(&page, source, &context! { down => true }), "2");
}

#[test]
fn text_that_was_escaped_otherwise_is_not_the_answer() {
    let cache = cache();
    let page = environment(&cache);
    let plain = |context| show(&page, "page.txt", SIDE, &context).unwrap();
    assert_eq!(plain(user(1)), "<p>1 <Ann></p>");
    assert_eq!(html(&page, SIDE, &user(1)), "<p>2 &lt;Ann&gt;</p>");
    assert_eq!(plain(user(1)), "<p>3 <Ann></p>");
    assert_eq!(plain(user(1)), "<p>3 <Ann></p>");
    // What is not escaped where it stands is not taken for safe elsewhere.
    let mixed = r#"{% autoescape false %}{% set raw %}{% call cached(60, "side", user.id) %}{{ load() }}{% endcall %}{% endset %}{% endautoescape %}{{ raw }}"#;
    assert_eq!(html(&page, mixed, &user(1)), "3 &lt;Ann&gt;");
}

#[test]
fn tags_remove_it() {
    let cache = cache();
    let page = environment(&cache);
    let source = r#"{% call cached(60, "tagged", tags=["nav", "team:" ~ 7]) %}{{ load() }}{% endcall %}"#;
    assert_eq!(html(&page, source, &context! {}), "1");
    block_on(cache.tag("team:7").invalidate()).unwrap();
    assert_eq!(html(&page, source, &context! {}), "2");
    assert_eq!(html(&page, source, &context! {}), "2");
}

#[test]
fn mistakes_name_what_is_wrong() {
    let cache = cache();
    let page = environment(&cache);
    let says = |call: &str, expected: &str| {
        let source = format!("{{% call {call} %}}x{{% endcall %}}");
        let problem = show(&page, "page.html", &source, &context! { map => context! { a => 1 } }).unwrap_err();
        assert!(problem.contains(expected), "{call}: {problem}");
    };
    says(r#"cached(60, "x", 1.5)"#, "a fragment can't vary by argument 3, 1.5 of kind float");
    says(r#"cached(60, "x", map)"#, "can't vary by argument 3, {'a': 1} of kind map");
    says(r#"cached(60, "x", 1, usr)"#, "can't vary by argument 4, undefined of kind undefined");
    says(r#"cached(60, "x", [1])"#, "can't vary by argument 3, [1] of kind sequence");
    says(r#"cached("x", 60)"#, "the timeout is a number of seconds above 0, and not 'x'");
    says(r#"cached(0, "x")"#, "the timeout is a number of seconds above 0, and not 0");
    says("cached(60, 7)", "the name of a fragment is a string, and not 7");
    says("cached(60)", "it needs a timeout and a name");
    says(r#"cached(60, "x", tags="nav")"#, r#"tags are a list of strings: `tags=["nav"]`, and not 'nav'"#);
    says(r#"cached(60, "x", tag=["nav"])"#, "tag");
    let problem = show(&page, "page.html", r#"{{ cached(60, "x") }}"#, &context! {}).unwrap_err();
    assert!(problem.contains(r#"write `{% call cached(60, "side") %}..{% endcall %}`"#), "{problem}");
}

#[test]
fn the_default_cache_is_used_where_none_is_named() {
    let cache = cache();
    let mut page = Environment::new();
    larder::fragment::minijinja::add_to(&mut page);
    scope_blocking(&cache, || {
        html(&page, r#"{% call cached(60, "default") %}x{% endcall %}"#, &context! {});
    });
    assert!(block_on(cache.contains("fragment:default")));
}

/// In a task of an async program, on its only thread: with a store that never answers.
#[tokio::test]
async fn a_render_in_a_task_waits_for_no_store() {
    let world = World::new();
    let cache = world.tiered();
    let _gates = [Operation::Read, Operation::Lease].map(|operation| world.store.hold(operation, When::Before));
    let rendered = promptly_blocking(move || {
        let page = environment(&cache);
        [html(&page, SIDE, &user(1)), html(&page, SIDE, &user(1))]
    });
    assert_eq!(rendered, ["<p>1 &lt;Ann&gt;</p>", "<p>1 &lt;Ann&gt;</p>"]);
}

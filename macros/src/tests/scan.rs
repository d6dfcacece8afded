//! Questions about tokens, and "did you mean".

use proc_macro2::{Ident, Span};

use super::tokens;
use crate::{nearest, scan};

#[test]
fn the_hash_is_the_same_in_every_build() {
    let hash = |source| scan::hash(&tokens(source));
    assert_eq!(hash("fn f(x: u64) -> u64 { x + 1 }"), 4_708_015_847_408_798_857);
    assert_eq!(hash("fn f(x: u64)->u64{\n    x+1 // comment\n}"), hash("fn f(x: u64) -> u64 { x + 1 }"));
    let different = ["f x", "fx", "f(x)", "f[x]", "f{x}", "(f)x", "f(x,)", "f 1", "f \"x\"", "f 'x'", "f 'x"];
    for (index, left) in different.iter().enumerate() {
        for right in different.iter().skip(index + 1) {
            assert_ne!(hash(left), hash(right), "{left} {right}");
        }
    }
}

#[test]
fn text_reads_as_written() {
    for source in [
        "self.cache",
        "&state::CACHE",
        "state.caches[0].get(1, 2)?.x",
        "a + b * 2",
        "x == y",
        "a && !b || c != d",
        "Duration::from_secs(60)",
        "make(|x| x)",
        "-5 - *x",
        "*GLOBAL",
        "60s",
        "<T>::new()",
        "{ 60 }",
        "&'a str",
        "x as u64",
    ] {
        assert_eq!(scan::text(&tokens(source)), source);
    }
}

#[test]
fn mentions() {
    let id = Ident::new("id", Span::call_site());
    for source in [
        "id",
        "user.load(id)",
        "{ [id] }",
        "format!(\"{id}\")",
        "format!(\"{id:?}\")",
        "0..id",
        "x(..id)",
        "user.of(1).load(id)",
    ] {
        assert!(scan::mentions(&tokens(source), &id), "{source}");
    }
    for source in ["ids", "\"id\"", "user.identity()", "format!(\"{}\", x)", "user.id", "user.id()"] {
        assert!(!scan::mentions(&tokens(source), &id), "{source}");
    }
}

#[test]
fn self_types() {
    for source in ["Self::x()", "{ [Self] }", "let x: fn(Self) = y;", "struct X; Self", "fn a() {} Self"] {
        assert!(scan::body_has_self_type(&tokens(source)), "{source}");
    }
    for source in [
        "self",
        "impl X { fn new() -> Self { Self } } id",
        "trait T { fn x() -> Self; } id",
        "struct X(Self);",
        "enum X { A(Box<Self>) }",
    ] {
        assert!(!scan::body_has_self_type(&tokens(source)), "{source}");
    }
}

#[test]
fn suggestions() {
    assert_eq!(nearest::option("timeuot"), Some("timeout"));
    assert_eq!(nearest::option("Timeout"), Some("timeout"));
    assert_eq!(nearest::option("ttl"), Some("timeout"));
    assert_eq!(nearest::option("refreshif"), Some("refresh_if"));
    assert_eq!(nearest::option("cache_error"), Some("cache_err"));
    assert_eq!(nearest::option("wombat"), None);
    assert_eq!(nearest::of("usr", ["user", "page"].into_iter()), Some("user"));
    assert_eq!(nearest::of("x", ["user", "page"].into_iter()), None);
    assert_eq!(nearest::of("x", std::iter::empty()), None);
}

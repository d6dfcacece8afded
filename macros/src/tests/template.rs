//! Templates become pieces.

use crate::template::{Hole, Piece, Problem, Step, parse};

fn text(text: &str) -> Piece {
    Piece::Text(text.to_owned())
}

fn hole(text: &str, root: &str, steps: &[Step]) -> Piece {
    Piece::Hole(Hole { text: text.to_owned(), root: root.to_owned(), steps: steps.to_vec() })
}

fn field(name: &str) -> Step {
    Step::Field(name.to_owned())
}

fn call(name: &str) -> Step {
    Step::Call(name.to_owned())
}

#[test]
fn paths() {
    assert_eq!(parse("user:<id>"), Ok(vec![text("user:"), hole("id", "id", &[])]));
    assert_eq!(
        parse("<self.tenant>:<pair.0.1>/<user.name().len()> <r#type.r#fn>"),
        Ok(vec![
            hole("self.tenant", "self", &[field("tenant")]),
            text(":"),
            hole("pair.0.1", "pair", &[Step::Index(0), Step::Index(1)]),
            text("/"),
            hole("user.name().len()", "user", &[call("name"), call("len")]),
            text(" "),
            hole("r#type.r#fn", "r#type", &[field("r#fn")]),
        ])
    );
}

#[test]
fn literal_text() {
    assert_eq!(parse("constant"), Ok(vec![text("constant")]));
    assert_eq!(parse("a > b << c %7B { } {1} {}"), Ok(vec![text("a > b < c %7B { } {1} {}")]));
    assert_eq!(parse("<<id>"), Ok(vec![text("<id>")]));
    assert_eq!(parse("<<<id>>"), Ok(vec![text("<"), hole("id", "id", &[]), text(">")]));
    assert_eq!(parse("über:<größe>"), Ok(vec![text("über:"), hole("größe", "größe", &[])]));
}

#[test]
fn separators() {
    for separator in [
        ":", "/", "|", "#", "@", "=", "&", ";", " ", "!", "\"", "$", "*", "?", "\\", "^", "`", "'", "-:-", "\n", "<<",
        ">", "{", "}",
    ] {
        assert!(parse(&format!("<a>{separator}<b>")).is_ok(), "{separator}");
    }
    for none in ["-", "_", ".", "+", "~", "(", ")", "[", "]", ",", "%", "abc", "09", "ü", "-x-"] {
        let problem = Problem::NotSeparated("a".to_owned(), none.to_owned(), "b".to_owned());
        assert_eq!(parse(&format!("<a>{none}<b>")), Err(vec![problem]), "{none}");
    }
    assert_eq!(parse("<a><b>"), Err(vec![Problem::Adjacent("a".to_owned(), "b".to_owned())]));
}

#[test]
fn problems() {
    assert_eq!(parse(""), Err(vec![Problem::EmptyKey]));
    assert_eq!(parse("<>"), Err(vec![Problem::EmptyHole]));
    assert_eq!(parse("a<b"), Err(vec![Problem::Unclosed("b".to_owned())]));
    assert_eq!(parse("{id}"), Err(vec![Problem::Braces("id".to_owned())]));
    assert_eq!(parse("{user.id:>8}"), Err(vec![Problem::Braces("user.id".to_owned())]));
    assert_eq!(parse("<f(1)>"), Err(vec![Problem::CallWithArguments("f(1)".to_owned())]));
    for wrong in [
        " id", "id ", "1", "_", "a b", "a::b", "a.", ".a", "a..b", "&a", "a[0]", "f()", "a.-1", "a.1x", "a?", "r#",
        "/*",
    ] {
        assert_eq!(parse(&format!("<{wrong}>")), Err(vec![Problem::NotAPath(wrong.to_owned())]), "{wrong}");
    }
}

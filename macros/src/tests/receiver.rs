//! Another name for `self`.

use syn::FnArg;

use crate::{func, receiver, scan};

/// The body with another name for `self`, that name if it is used, and the strings that could not be followed.
fn renamed(item: &str) -> (String, Option<String>, usize) {
    let func = func::parse(super::tokens(item), "cached").unwrap();
    let Some(FnArg::Receiver(receiver)) = func.sig.inputs.first() else { panic!("{item}") };
    let renamed = receiver::rename(&func, receiver);
    (scan::text(&renamed.body.stream()), renamed.name.map(|name| name.to_string()), renamed.lost.len())
}

fn body(body: &str) -> String {
    renamed(&format!("fn f(&self) {{ {body} }}")).0
}

#[test]
fn values() {
    assert_eq!(body("self.load(|x| { [self.a, x] })"), "this.load(|x| { [this.a, x] })");
    assert_eq!(body("select! { a = self.a() => {} }"), "select!{ a = this.a() => {  } }");
    assert_eq!(renamed("fn f(&self) { 3 }").1, None);
    assert_eq!(renamed("fn f(&self) { self }").1.as_deref(), Some("this"));
}

#[test]
fn paths_and_visibilities() {
    for kept in [
        "self::load(x)",
        "use self::x;",
        "use std::fmt::{self, Debug};",
        "pub(self) struct X;",
        "pub(in self::x) fn f(){  }",
    ] {
        let found = renamed(&format!("fn f(&self) {{ {kept} }}"));
        assert!(found.0.contains("self") && !found.0.contains("this"), "{found:?}");
        assert_eq!(found.1, None);
    }
    assert_eq!(body("use self::x; self.x"), "use self::x; this.x");
}

#[test]
fn nested_items() {
    let found = body("impl X { fn f(&self) { self.x } } trait T { fn f(self); } self.x");
    assert!(found.contains("self.x") && found.ends_with("this.x"), "{found}");
    let found = body("fn g() -> impl Load { 5 } self.x");
    assert!(found.ends_with("this.x"), "{found}");
    let found = body("fn g<'a>() -> impl Load + use<'a> { 5 } self.x");
    assert!(found.ends_with("this.x"), "{found}");
}

#[test]
fn strings() {
    assert_eq!(body(r#"format!("{self} {self:?} {id}")"#), r#"format!("{this} {this:?} {id}")"#);
    assert_eq!(body(r##"std::println!(r#"{self}"#)"##), r##"std::println!(r#"{this}"#)"##);
    assert_eq!(body(r#"f("{self}")"#), r#"f("{self}")"#);
    assert_eq!(body(r#"format!("{}", f("{self}"))"#), r#"format!("{}", f("{self}"))"#);
    assert_eq!(renamed(r#"fn f(&self) { mine!("{self}") }"#).2, 1);
    assert_eq!(renamed(r#"fn f(&self) { format!("{self}") }"#).1.as_deref(), Some("this"));
}

#[test]
fn names_of_the_user() {
    assert_eq!(renamed("fn f(&self) { let this = self.x; }").1.as_deref(), Some("this_"));
    assert_eq!(renamed("fn f(&self, this: u64) { self.x }").1.as_deref(), Some("this_"));
    assert_eq!(renamed(r#"fn f(&self) { let this_ = self; format!("{this}") }"#).1.as_deref(), Some("this__"));
}

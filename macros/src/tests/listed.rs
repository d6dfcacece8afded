//! Single expressions of `#[invalidates]`: closures over the value, and what is seen to be wrong.

use expect_test::expect;

use super::writers::{fails, writes};

#[test]
fn closures_are_called_after_the_body() {
    writes(
        "all(), |user| get_user::entry(user.id), on_error = return",
        "async fn create(name: &str) -> Result<User, Error> { insert(name).await }",
        &expect![[r#"
            async fn create(name: &str) -> Result<User, Error> {
                let __invalidations = ::larder::__private::Invalidations::new()
                    .and(::larder::__private::step!(all()));
                let __output = async move {
                    if let ::core::option::Option::Some(__value) = ::core::option::Option::None::<
                        Result<User, Error>,
                    > {
                        return __value;
                    }
                    { insert(name).await }
                }
                    .await;
                if ::larder::__private::succeeded!(& __output) {
                    let __invalidations = __invalidations
                        .and_of(
                            ::larder::__private::value!(& __output),
                            |user| ::larder::__private::step!(get_user::entry(user.id)),
                        );
                    if let ::core::result::Result::Err(__error) = __invalidations
                        .try_run("create")
                        .await
                    {
                        return ::larder::__private::failed(__output, __error);
                    }
                }
                __output
            }
        "#]],
    );
    writes(
        "|user| -> Option<_> { f(user) }, |user| { return f(user); }",
        "fn create(name: &str) -> User { insert(name) }",
        &expect![[r#"
            fn create(name: &str) -> User {
                let __invalidations = ::larder::__private::Invalidations::new();
                let __output = ::larder::__private::body(move || -> User { insert(name) });
                if ::larder::__private::succeeded!(& __output) {
                    let __invalidations = __invalidations
                        .and_of(
                            ::larder::__private::value!(& __output),
                            |user| {
                                ::larder::__private::step!(
                                    { let __made : Option < _ > = { f(user) }; __made }
                                )
                            },
                        );
                    let __invalidations = __invalidations
                        .and_of(
                            ::larder::__private::value!(& __output),
                            |user| ::larder::__private::step!((|| { return f(user); }) ()),
                        );
                    __invalidations.run_blocking("create");
                }
                __output
            }
        "#]],
    );
    writes(
        "|User { id, .. }| get_user::entry(*id)",
        "fn create(name: &str) -> User { insert(name) }",
        &expect![[r#"
            fn create(name: &str) -> User {
                let __invalidations = ::larder::__private::Invalidations::new();
                let __output = ::larder::__private::body(move || -> User { insert(name) });
                if ::larder::__private::succeeded!(& __output) {
                    let __invalidations = __invalidations
                        .and_of(
                            ::larder::__private::value!(& __output),
                            |User { id, .. }| ::larder::__private::step!(get_user::entry(* id)),
                        );
                    __invalidations.run_blocking("create");
                }
                __output
            }
        "#]],
    );
}

#[test]
fn closures() {
    let item = "fn create(id: u64) -> User { insert(id) }";
    fails(
        "|| f(id)",
        item,
        &expect![[r#"
        an expression over the arguments needs no closure
        help: write `f(id)`
    "#]],
    );
    fails(
        "|a, b| f(a, b)",
        item,
        &expect![[r#"
        a closure in `#[invalidates]` sees one thing, the value that the function returns
        help: write `|new| get_user::entry(new.id)`
    "#]],
    );
    fails(
        "async |a| f(a)",
        item,
        &expect![[r#"
        a closure in `#[invalidates]` sees one thing, the value that the function returns
        help: write `|new| get_user::entry(new.id)`
    "#]],
    );
    fails(
        "|(a, id)| f(id)",
        "fn rename(id: u64) -> io::Result<()> { Ok(()) }",
        &expect![[r#"
            a closure sees the value that the function returns, and it returns nothing
            help: for an argument write `f(id)`, without a closure
        "#]],
    );
}

#[test]
fn names_of_the_body() {
    let item = "fn create(id: u64) -> Result<User> { let made = insert(id)?; if let Some(other) = f() {} Ok(made) }";
    fails(
        "f(made.id)",
        item,
        &expect![[r#"
        `made` is not an argument, and the list is evaluated before the body
        help: for what the function returns write `|made| f(made.id)`; else call `invalidate` in the body
    "#]],
    );
    fails(
        "all(), [f(&other)]",
        item,
        &expect![[r#"
        `other` is not an argument, and the list is evaluated before the body
        help: for what the function returns write `|other| [f(&other)]`; else call `invalidate` in the body
    "#]],
    );
    fails(
        "result.map(f)",
        item,
        &expect![[r#"
        `result` is not an argument, and the list is evaluated before the body
        help: for what the function returns write `|result| result.map(f)`; else call `invalidate` in the body
    "#]],
    );
    fails(
        "f(made)",
        "fn create(id: u64) { let (mut made, x) = insert(id); }",
        &expect![[r#"
        `made` is not an argument, and the list is evaluated before the body
        help: call `f(made).invalidate()` in the body
    "#]],
    );
    for fine in
        ["f(id.made)", "made::entry(id)", "made(id)", "A { made: id }", "id.map(|made| f(made))", "made!(id)", "f(x)"]
    {
        let expanded = crate::writer::expand(super::tokens(fine), &super::tokens(item)).to_string();
        assert!(!expanded.contains("compile_error"), "{fine}: {expanded}");
    }
}

#[test]
fn methods() {
    let item = "fn rename(&self, id: u64) {}";
    fails(
        "self.get_user::entry(id)",
        item,
        &expect![[r#"
        the method `get_user` has no `entry` of its own
        help: name its entry function, `#[cached(entry = get_user_entry)]`, and write `self.get_user_entry(..)`
    "#]],
    );
    fails(
        "Self::get_user::all()",
        item,
        &expect![[r#"
        the method `get_user` has no `all` of its own
        help: name its entry function, `#[cached(entry = get_user_entry)]`, and write `self.get_user_entry(..).all()`
    "#]],
    );
    fails(
        "Db::get_user::entry(id)",
        item,
        &expect![[r#"
        the method `get_user` has no `entry` of its own
        help: name its entry function, `#[cached(entry = get_user_entry)]`, and write `self.get_user_entry(..)`
    "#]],
    );
    fails(
        "db.get_user::entry(id), all()",
        item,
        &expect![[r#"
        the method `get_user` has no `entry` of its own
        help: name its entry function, `#[cached(entry = get_user_entry)]`, and write `self.get_user_entry(..)`
    "#]],
    );
}

#[test]
fn what_would_be_done_at_once() {
    let item = "async fn rename(id: u64) -> Result<()> { Ok(()) }";
    fails(
        "user::entry(id).invalidate().await?",
        item,
        &expect![[r#"
        this would invalidate before the body, whatever becomes of it
        help: write `user::entry(id)`: what is listed is invalidated once the body has succeeded
    "#]],
    );
    fails(
        "tag!(\"team:<id>\").blocking().invalidate()",
        item,
        &expect![[r#"
        this would invalidate before the body, whatever becomes of it
        help: write `tag!("team:<id>")`: what is listed is invalidated once the body has succeeded
    "#]],
    );
    fails(
        "user::all().bump().await",
        item,
        &expect![[r#"
        this would invalidate before the body, whatever becomes of it
        help: write `user::all()`: what is listed is invalidated once the body has succeeded
    "#]],
    );
    fails(
        "user::entry(id).expire().await",
        item,
        &expect![[r#"
        what is listed is invalidated, not expired
        help: call `expire` in the body, when it has written
    "#]],
    );
}

#[test]
fn options_that_are_none() {
    let item = "fn rename(id: u64) {}";
    fails(
        "entry = user::entry(id)",
        item,
        &expect![[r#"
        unknown option `entry`
        help: what is to be invalidated has no name: write `user::entry(id)`
    "#]],
    );
    fails(
        "when = 5",
        item,
        &expect![[r#"
            unknown option `when`
            help: the options are `on_error`, `axum`, `actix`, `crate`
        "#]],
    );
}

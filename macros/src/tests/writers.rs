//! `#[invalidates]`: what it expands to, and what it says when it can't.

use expect_test::{Expect, expect};
use proc_macro2::{TokenStream, TokenTree};

use super::fuzz::Random;
use super::{pretty, tokens};

pub(super) fn writes(attr: &str, item: &str, expected: &Expect) {
    let expanded = crate::writer::expand(tokens(attr), &tokens(item));
    assert_eq!(messages(expanded.clone()), Vec::<String>::new());
    expected.assert_eq(&pretty(expanded));
}

/// The texts of all `compile_error!`s.
pub(super) fn messages(expanded: TokenStream) -> Vec<String> {
    let mut messages = Vec::new();
    let mut error = false;
    for token in expanded {
        match token {
            TokenTree::Ident(ident) => error = ident == "compile_error",
            TokenTree::Group(group) if error => {
                let text = syn::parse2::<syn::LitStr>(group.stream()).map(|text| text.value());
                messages.extend(text);
            }
            TokenTree::Group(group) => messages.extend(self::messages(group.stream())),
            _ => {}
        }
    }
    messages
}

pub(super) fn fails(attr: &str, item: &str, expected: &Expect) {
    let expanded = crate::writer::expand(tokens(attr), &tokens(item));
    expected.assert_eq(&(messages(expanded.clone()).join("\n\n") + "\n"));
    assert!(syn::parse2::<syn::File>(expanded).is_ok());
}

#[test]
fn an_async_writer() {
    writes(
        r#"get_user::entry(id), list_users::all(), larder::tag!("team:<team_id>")"#,
        "/// Renames.\n#[instrument(skip(db))]\npub async fn rename(db: &Db, id: u64, team_id: u64) -> Result<(), DbError> { db.rename(id).await?; Ok(()) }",
        &expect![[r#"
            /// Renames.
            #[instrument(skip(db))]
            pub async fn rename(db: &Db, id: u64, team_id: u64) -> Result<(), DbError> {
                let __invalidations = ::larder::__private::Invalidations::new()
                    .and(::larder::__private::step!(get_user::entry(id)))
                    .and(::larder::__private::step!(list_users::all()))
                    .and(::larder::__private::step!(larder::tag!("team:<team_id>")));
                let __output = async move {
                    if let ::core::option::Option::Some(__value) = ::core::option::Option::None::<
                        Result<(), DbError>,
                    > {
                        return __value;
                    }
                    {
                        db.rename(id).await?;
                        Ok(())
                    }
                }
                    .await;
                if ::larder::__private::succeeded!(& __output) {
                    __invalidations.run("rename").await;
                }
                __output
            }
        "#]],
    );
}

#[test]
fn an_ordinary_writer_that_returns_errors() {
    writes(
        "get_user::entry(id), on_error = return, crate = ::my::larder",
        "fn rename(&mut self, mut id: u64, (a, b): (u8, u8)) -> Result<&mut Self> { self.id = id; Ok(self) }",
        &expect![[r#"
            fn rename(&mut self, mut id: u64, (a, b): (u8, u8)) -> Result<&mut Self> {
                let __invalidations = ::my::larder::__private::Invalidations::new()
                    .and(::my::larder::__private::step!(get_user::entry(id)));
                let __output = ::my::larder::__private::body(move || -> Result<&mut Self> {
                    self.id = id;
                    Ok(self)
                });
                if ::my::larder::__private::succeeded!(& __output) {
                    if let ::core::result::Result::Err(__error) = __invalidations
                        .try_run_blocking("rename")
                    {
                        return ::my::larder::__private::failed(__output, __error);
                    }
                }
                __output
            }
        "#]],
    );
}

#[test]
fn writers_without_a_type_to_state() {
    writes(
        "all()",
        "async fn nothing() { f().await }",
        &expect![[r#"
            async fn nothing() {
                let __invalidations = ::larder::__private::Invalidations::new()
                    .and(::larder::__private::step!(all()));
                let __output = async move {
                    if let ::core::option::Option::Some(__value) = ::core::option::Option::None::<
                        (),
                    > {
                        return __value;
                    }
                    { f().await }
                }
                    .await;
                if ::larder::__private::succeeded!(& __output) {
                    __invalidations.run("nothing").await;
                }
                __output
            }
        "#]],
    );
    writes(
        "all()",
        "fn opaque<T: Ord>(list: Vec<T>) -> impl Iterator<Item = T> { list.into_iter() }",
        &expect![[r#"
            fn opaque<T: Ord>(list: Vec<T>) -> impl Iterator<Item = T> {
                let __invalidations = ::larder::__private::Invalidations::new()
                    .and(::larder::__private::step!(all()));
                let __output = ::larder::__private::body(move || { list.into_iter() });
                if ::larder::__private::succeeded!(& __output) {
                    __invalidations.run_blocking("opaque");
                }
                __output
            }
        "#]],
    );
    writes(
        "all(), on_error = return",
        "async fn opaque() -> Result<impl Load> { Ok(1) }",
        &expect![[r#"
            async fn opaque() -> Result<impl Load> {
                let __invalidations = ::larder::__private::Invalidations::new()
                    .and(::larder::__private::step!(all()));
                let __output = async move {
                    if let ::core::option::Option::Some(__value) = ::core::option::Option::None::<
                        Result<_>,
                    > {
                        return __value;
                    }
                    { Ok(1) }
                }
                    .await;
                if ::larder::__private::succeeded!(& __output) {
                    if let ::core::result::Result::Err(__error) = __invalidations
                        .try_run("opaque")
                        .await
                    {
                        return ::larder::__private::failed(__output, __error);
                    }
                }
                __output
            }
        "#]],
    );
}

#[test]
fn mistakes_in_the_list() {
    let item = "fn rename(id: u64) -> u64 { id }";
    fails(
        "",
        item,
        &expect![[r#"
        nothing to invalidate
        help: write `#[invalidates(get_user::entry(id))]`, or remove it
    "#]],
    );
    fails(
        r#"f(), "team:7", on_error = retrun, on_error, |id| f(id), 'a', if, f() g(), on_error = , crate = "larder", crat = 1,"#,
        item,
        &expect![[r#"
            text can't be invalidated
            help: for the tag of this name write `larder::tag!("team:7")`

            `on_error` is `log` or `return`
            help: write `on_error = return`, or remove it: errors are logged and counted

            a literal can't be invalidated
            help: write it like `get_user::entry(id)`

            not a Rust expression: expected an expression
            help: write it like `get_user::entry(id)`

            expected a comma between two expressions
            help: write `, g`

            `on_error` is `log` or `return`
            help: write `on_error = return`, or remove it: errors are logged and counted

            the path of a crate stands without quotes
            help: write `crate = ::larder`

            unknown option `crat`
            help: did you mean `crate`?
        "#]],
    );
}

#[test]
fn mistakes_of_the_function() {
    for (item, expected) in [
        (
            "const unsafe fn f() {}",
            &expect![[r#"
            a `const fn` can't invalidate anything
            help: remove `const`, or remove `#[invalidates]`

            an `unsafe fn` can't be a writer: its body moves into a closure, which is not unsafe
            help: put `#[invalidates]` on a safe function around it
        "#]],
        ),
        (
            "#[larder::cached] fn f() -> ! { loop {} }",
            &expect![[r#"
            `#[cached]` and `#[invalidates]` on one function: on a hit nothing would be invalidated
            help: put `#[invalidates]` on the function that writes

            the function never returns, so nothing would be invalidated
            help: remove `#[invalidates]`
        "#]],
        ),
        (
            "fn f() -> BoxFuture<'static, u64> { g() }",
            &expect![[r#"
            the future has done nothing yet when it is returned
            help: put `#[invalidates]` on an `async fn`; under `#[async_trait]`, on an inherent `async fn` that the method calls
        "#]],
        ),
        (
            "fn f() -> impl Future<Output = u64> { g() }",
            &expect![[r#"
            the future has done nothing yet when it is returned
            help: write `async fn`
        "#]],
        ),
        (
            "impl X {}",
            &expect![[r#"
            `#[invalidates]` goes on a function, not on an `impl`
            help: put it on the functions inside
        "#]],
        ),
        (
            "fn f();",
            &expect![[r#"
            `f` has no body that could succeed
            help: put `#[invalidates]` on the function of an impl
        "#]],
        ),
    ] {
        fails("all()", item, expected);
    }
}

#[test]
fn a_cached_function_is_no_writer() {
    let expanded =
        crate::expand_cached(tokens(""), &tokens("#[larder::invalidates(all())] fn f(id: u64) -> u64 { id }"));
    expect![[r#"
        `#[cached]` and `#[invalidates]` on one function: on a hit nothing would be invalidated
        help: put `#[invalidates]` on the function that writes"#]]
    .assert_eq(&messages(expanded).join("\n\n"));
}

#[test]
fn random_lists_and_tags() {
    let mut random = Random::new(17);
    let words = [
        "f::entry(id)",
        "\"team:<id>\"",
        "\"{id}<\"",
        "on_error",
        "crate",
        "cache",
        "=",
        "=",
        ",",
        ",",
        ",",
        "return",
        "log",
        "::larder",
        "|x|",
        "let",
        "y",
        ".",
        "x",
        "7",
        "if",
        "&",
        "(",
        ")",
        "==",
        "=>",
        "::",
        "!",
        "#",
        "{ x }",
    ];
    for _ in 0..8_000 {
        let count = random.next(9);
        let list = (0..count).map(|_| random.pick(&words)).collect::<Vec<_>>().join(" ");
        let Ok(list) = list.parse::<TokenStream>() else { continue };
        let text = list.to_string();
        let writer = crate::writer::expand(list.clone(), &tokens("fn f(id: u64) -> u64 { id }"));
        assert!(syn::parse2::<syn::File>(writer).is_ok(), "#[invalidates({text})]");
        let tag = crate::tag_macro::expand(list);
        assert!(syn::parse2::<syn::Expr>(tag).is_ok(), "tag!({text})");
    }
}

//! `fragment!`: what it expands to, and what it says when it can't.

use expect_test::{Expect, expect};
use proc_macro2::TokenStream;

use super::fuzz::Random;
use super::writers::messages;
use super::{pretty, tokens};

fn is_fragment(text: &str, expected: &Expect) {
    let expanded = crate::fragment::expand(tokens(text));
    expected.assert_eq(&pretty(quote::quote!(fn f() { #expanded })));
}

fn is_no_fragment(text: &str, expected: &Expect) {
    let expanded = crate::fragment::expand(tokens(text));
    expected.assert_eq(&(messages(expanded.clone()).join("\n\n") + "\n"));
    assert!(syn::parse2::<syn::Expr>(expanded).is_ok());
}

#[test]
fn blocks() {
    is_fragment(
        r#"key = "sidebar:<user.id>", timeout = 60, { render_sidebar(&user) }"#,
        &expect![[r#"
            fn f() {
                {
                    let __found = ::larder::__private::fragment(
                            ::larder::__private::site!(
                                "sidebar:<user.id>", "sidebar:", [Text("sidebar:"), Hole("user.id")],
                                | __site | __site.fragment().timeout(60_000_000_000)
                            ),
                        )
                        .lookup(
                            ::larder::__private::cache(),
                            |__key| {
                                __key.part(&user.id);
                            },
                        );
                    let __body = || { render_sidebar(&user) };
                    __found
                        .of(::larder::__private::kind_of!(::larder::__private::returned(& __body)))
                        .load_blocking(__body)
                }
            }
        "#]],
    );
    is_fragment(
        r#"
            key = "<self.tenant>:<id>", unless = preview, refresh_if = force, cache = self.cache, revision = user.updated_at,
            tags("team:<team>"), store_if = |page| !page.is_empty(), cache_none = 5, stale_if_error = 10, version = 2,
            async -> Result<HashMap<u8, u8>, Error> { find(id).await? },
        "#,
        &expect![[r#"
            fn f() {
                {
                    let __found = ::larder::__private::fragment(
                            ::larder::__private::site!(
                                "<self.tenant>:<id>", "", [Hole("self.tenant"), Text(":"),
                                Hole("id")], | __site | __site.fragment().version(2)
                                .cache_none(5_000_000_000).stale_if_error(10_000_000_000)
                                .cache_expr("self.cache")
                            ),
                        )
                        .unless(preview)
                        .refresh_if(force)
                        .lookup(
                            &self.cache as &::larder::Cache,
                            |__key| {
                                __key.part(&self.tenant);
                                __key.text(":");
                                __key.part(&id);
                                __key.revision(&user.updated_at);
                            },
                        )
                        .tagged(|__tags| {
                            __tags
                                .add(|__key| {
                                    __key.text("team:");
                                    __key.part(&team);
                                });
                        });
                    let __body = async {
                        if let ::core::option::Option::Some(__value) = ::core::option::Option::None::<
                            Result<HashMap<u8, u8>, Error>,
                        > {
                            return __value;
                        }
                        { find(id).await? }
                    };
                    __found
                        .of(::larder::__private::kind_of!(::larder::__private::awaited(& __body)))
                        .store_if(|page| !page.is_empty())
                        .cache_none()
                        .stale_if_error()
                        .load(move || __body)
                }
            }
        "#]],
    );
    is_fragment(
        r#"key = "top", early = 0.8, crate = crate::toolkit, async move { top().await }"#,
        &expect![[r#"
            fn f() {
                {
                    let __found = crate::toolkit::__private::fragment(
                            crate::toolkit::__private::site!(
                                "top", "", [Text("top")], | __site | __site.fragment()
                                .early_fraction(800_000)
                            ),
                        )
                        .lookup(
                            crate::toolkit::__private::cache(),
                            |__key| {
                                __key.text("top");
                            },
                        );
                    let __body = async move { top().await };
                    __found
                        .of(
                            crate::toolkit::__private::kind_of!(
                                crate ::toolkit::__private::awaited(& __body)
                            ),
                        )
                        .load_owned(crate::toolkit::__private::keep(__body), |__body| __body)
                }
            }
        "#]],
    );
}

#[test]
fn mistakes_in_fragments() {
    is_no_fragment(
        "",
        &expect![[r#"
        a fragment ends with the block to cache
        help: write `fragment!(key = "sidebar:<user.id>", timeout = 60, { render_sidebar(&user) })`
    "#]],
    );
    is_no_fragment(
        "{ 1 }",
        &expect![[r#"
        a fragment needs a key: a block has no name and no arguments to make one from
        help: write `key = "sidebar:<user.id>"`, with everything that the block depends on
    "#]],
    );
    is_no_fragment(
        r#"key = "a:<id>", timeout = 60"#,
        &expect![[r#"
        a fragment ends with the block to cache
        help: write `fragment!(key = "sidebar:<user.id>", timeout = 60, { render_sidebar(&user) })`
    "#]],
    );
    is_no_fragment(
        r#"key = "a:<id>", timeout = 60, id + 1"#,
        &expect![[r#"
        a fragment ends with the block to cache
        help: write `{ id + 1 }`
    "#]],
    );
    is_no_fragment(
        r#"key = "a:<id>" timeout = 60, ignore(a, b), actix, { 1 }"#,
        &expect![[r#"
        `ignore` in a fragment: a block has no arguments
        help: remove it: what the key does not name is no part of it

        `actix` in a fragment: a block is no handler
        help: put the attribute on the handler, or cache in the block what it answers with

        expected a comma between two options
        help: write `, timeout`
    "#]],
    );
    is_no_fragment(
        r#"key = "a:<Self.x>:<id><id>", soft_timeout = 1, local, codec = json, { a?; b.await }"#,
        &expect![[r#"
        `codec` on a function whose values stay in this process
        help: remove `codec`, or remove `local`

        `soft_timeout` has nothing to answer with: no old value is kept
        help: add `stale_while_revalidate = "30s"`, or `stale_if_error = "1h"` if the function returns a `Result`

        `soft_timeout` runs the block when the caller is gone, but the block borrows what it uses
        help: write `move { .. }`, with clones of what is needed afterwards; or remove `soft_timeout`

        `?` ends the block and not the function around it, so that the type of the block has to be stated
        help: write `-> Result<_, Error> { .. }` with the block's type, and `?` behind the macro

        `.await` in a block that is not async
        help: write `async { .. }`, and `.await` behind the macro

        nothing separates `<id>` from `<id>`: `1`, `23` and `12`, `3` would be one key
        help: write `<id>:<id>`
    "#]],
    );
}

#[test]
fn what_is_no_exit() {
    let expanded =
        crate::fragment::expand(tokens(r#"key = "a", { fn f<T: ?Sized>(_: &T) {} spawn(async { x.await }) }"#));
    assert_eq!(messages(expanded), [""; 0]);
}

#[test]
fn random_fragments() {
    let mut random = Random::new(17);
    let words = [
        "key",
        "timeout",
        "cache",
        "unless",
        "early",
        "ignore",
        "batch",
        "axum",
        "=",
        "=",
        ",",
        ",",
        ",",
        "60",
        "\"a:<id>\"",
        "\"<\"",
        "true",
        "|v| v",
        "async",
        "move",
        "->",
        "Result<A, B>",
        "{ 1 }",
        "{ a? }",
        "{ a.await }",
        "(id)",
        ".",
        "<",
        ">",
        "&",
        "return",
    ];
    for _ in 0..8_000 {
        let count = random.next(14);
        let text: Vec<&str> = (0..count).map(|_| random.pick(&words)).collect();
        let Ok(input) = text.join(" ").parse::<TokenStream>() else { continue };
        let expanded = crate::fragment::expand(input);
        let said = expanded.to_string().contains("compile_error");
        assert!(said || syn::parse2::<syn::Expr>(expanded.clone()).is_ok(), "{}\n{expanded}", text.join(" "));
    }
}

//! `tag!`: what it expands to, and what it says when it can't.

use expect_test::{Expect, expect};

use super::writers::messages;
use super::{pretty, tokens};

fn is_tag(text: &str, expected: &Expect) {
    let expanded = crate::tag_macro::expand(tokens(text));
    expected.assert_eq(&pretty(quote::quote!(fn f() { #expanded })));
}

fn is_no_tag(text: &str, expected: &Expect) {
    let expanded = crate::tag_macro::expand(tokens(text));
    expected.assert_eq(&(messages(expanded.clone()).join("\n\n") + "\n"));
    assert!(syn::parse2::<syn::Expr>(expanded).is_ok());
}

#[test]
fn tags() {
    is_tag(
        r#""team:<team.id>:<<<self.0>>/<r#type.len()>:<Self>""#,
        &expect![[r#"
            fn f() {
                ::larder::__private::tag(
                    &::larder::__private::cache(),
                    |__key| {
                        __key.text("team:");
                        __key.part(&team.id);
                        __key.text(":<");
                        __key.part(&self.0);
                        __key.text(">/");
                        __key.part(&r#type.len());
                        __key.text(":");
                        __key.self_name::<Self>();
                    },
                )
            }
        "#]],
    );
    is_tag(
        r#""all", cache = state.cache, crate = crate::toolkit,"#,
        &expect![[r#"
            fn f() {
                crate::toolkit::__private::tag(
                    &state.cache as &crate::toolkit::Cache,
                    |__key| {
                        __key.text("all");
                    },
                )
            }
        "#]],
    );
}

#[test]
fn mistakes_in_tags() {
    is_no_tag(
        "",
        &expect![[r#"
        a tag needs a name
        help: write `tag!("team:<team_id>")`
    "#]],
    );
    is_no_tag(
        "name",
        &expect![[r#"
        the name of a tag is a string literal
        help: write `tag!("team:<team_id>")`; for text that is made elsewhere, `cache.tag(&text)`
    "#]],
    );
    is_no_tag(
        r#""""#,
        &expect![[r#"
        the tag is empty
        help: write `"team:<team_id>"`, or remove it
    "#]],
    );
    is_no_tag(
        r#""<a><b> {c} <d", id, cache = "x", crate = larder, "more" 5"#,
        &expect![[r#"
            `tag!` takes no arguments: variables stand in the text
            help: write `<id>` in the text, or `cache = id`

            `cache` is an expression that names a `Cache`
            help: write `cache = self.cache` or `cache = state.cache`

            the path of a crate starts with `::` or `crate::`
            help: write `crate = ::larder`

            not an option of `tag!`
            help: the options are `cache = ...` and `crate = ...`

            a `<` without its `>`
            help: write `<d>`, or `<<` for a literal `<`

            `{c}` is no placeholder here
            help: write `<c>`

            nothing separates `<a>` from `<b>`: `1`, `23` and `12`, `3` would be one tag
            help: write `<a>:<b>`
        "#]],
    );
    is_no_tag(
        r#""x:<id>", cahe = c"#,
        &expect![[r#"
        unknown option `cahe`
        help: did you mean `cache`?
    "#]],
    );
    is_no_tag(
        r#""x:<id>", ttl = 5"#,
        &expect![[r#"
        unknown option `ttl`
        help: the options of `tag!` are `cache`, `crate`; variables stand in its text
    "#]],
    );
    is_no_tag(
        r#"cache = self.cache, crate = ::a::b, "x:<id>""#,
        &expect![[r#"
        the name of a tag stands before its options
        help: write `tag!("x:<id>", cache = self.cache, crate = ::a::b)`
    "#]],
    );
    is_no_tag(
        r#"cahe = c, "x""#,
        &expect![[r#"
        unknown option `cahe`
        help: did you mean `cache`?
    "#]],
    );
    is_no_tag(
        "cache = &c",
        &expect![[r#"
        a tag needs a name
        help: write `tag!("team:<team_id>", cache = &c)`
    "#]],
    );
    is_no_tag(
        r#""x:{}", user.id"#,
        &expect![[r#"
        `tag!` takes no arguments: variables stand in the text
        help: write `tag!("x:<user.id>")`
    "#]],
    );
    is_no_tag(
        r#""x:<id>", id"#,
        &expect![[r#"
        `tag!` takes no arguments: variables stand in the text
        help: remove it: what the text names is found where it is
    "#]],
    );
    is_no_tag(
        r#""x", id"#,
        &expect![[r#"
            `tag!` takes no arguments: variables stand in the text
            help: write `<id>` in the text, or `cache = id`
        "#]],
    );
    is_no_tag(
        r#""x", id + 1"#,
        &expect![[r#"
        `tag!` takes no arguments: variables stand in the text
        help: write `tag!("team:<team_id>")` with a variable of that value
    "#]],
    );
    is_no_tag(
        r#""x" cache = c"#,
        &expect![[r#"
        expected a comma in front of an option
        help: write `, cache`
    "#]],
    );
    is_no_tag(
        "name, cache = c",
        &expect![[r#"
        the name of a tag is a string literal
        help: write `tag!("team:<team_id>")`; for text that is made elsewhere, `cache.tag(&text)`
    "#]],
    );
    is_no_tag(
        r#""<Self.x>""#,
        &expect![[r#"
        `<Self.x>`: `Self` is a type and has no fields
        help: write `<Self>` for its name, or `<self...>` for the value
    "#]],
    );
}

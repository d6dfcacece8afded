//! Messages about key templates.

use expect_test::expect;

use super::fails_with;

#[test]
fn keys() {
    fails_with(
        r#"key = """#,
        &expect![[r#"
        the key is empty
        help: write `key = "user:<id>"`, or remove `key`
    "#]],
    );
    fails_with(
        r#"key = "user:{id}""#,
        &expect![[r#"
        `{id}` is no placeholder here
        help: write `<id>`
    "#]],
    );
    fails_with(
        r#"key = "user:{id:?}:<>:<id""#,
        &expect![[r#"
        `<>` names nothing
        help: write `<id>`, or `<<` for a literal `<`

        a `<` without its `>`
        help: write `<id>`, or `<<` for a literal `<`

        `{id}` is no placeholder here
        help: write `<id>`
    "#]],
    );
    fails_with(
        r#"key = "user:< id >""#,
        &expect![[r#"
        `< id >` is not an argument or a path into one
        help: write `<id>`
    "#]],
    );
    fails_with(
        r#"key = "a < b""#,
        &expect![[r#"
        a `<` without its `>`
        help: write `<<` for a literal `<`
    "#]],
    );
    fails_with(
        r#"key = "user:<id + 1>""#,
        &expect![[r#"
        `<id + 1>` is not an argument or a path into one
        help: write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`
    "#]],
    );
    fails_with(
        r#"key = "user:<page.part(1)>""#,
        &expect![[r#"
        `<page.part(1)>` calls with arguments
        help: call a method without arguments, or make the value an argument of the function
    "#]],
    );
    fails_with(
        r#"key = "user:<id><page>""#,
        &expect![[r#"
        nothing separates `<id>` from `<page>`: `1`, `23` and `12`, `3` would be one key
        help: write `<id>:<page>`
    "#]],
    );
    fails_with(
        r#"key = "user:<id>-<page>""#,
        &expect![[r#"
        `-` does not separate `<id>` from `<page>`: values may contain it
        help: write `<id>:<page>`
    "#]],
    );
    fails_with(
        r#"key = "user:<pages.number>""#,
        &expect![[r#"
        `pages` in the key is not an argument
        help: did you mean `<page>`?
    "#]],
    );
    fails_with(
        r#"key = "user:<customer>""#,
        &expect![[r#"
        `customer` in the key is not an argument
        help: the arguments are `id`, `page`, `pool`
    "#]],
    );
    fails_with(
        r#"key = "user:<self.tenant>""#,
        &expect![[r#"
        `<self.tenant>` needs a `self`, which the function doesn't have
        help: name an argument, or `<Self>` for the type
    "#]],
    );
    fails_with(
        r#"key = "user:<Self.id>""#,
        &expect![[r#"
        `<Self.id>`: `Self` is a type and has no fields
        help: write `<Self>` for its name, or `<self...>` for the value
    "#]],
    );
    fails_with(
        r#"key = "user:<_>:<page.>:<.id>""#,
        &expect![[r#"
        `<_>` is not an argument or a path into one
        help: write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`

        `<page.>` is not an argument or a path into one
        help: write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`

        `<.id>` is not an argument or a path into one
        help: write `<user>`, `<user.id>`, `<pair.0>` or `<user.id()>`, or `<<` for a literal `<`
    "#]],
    );
}

#[test]
fn half_open_placeholders() {
    fails_with(
        r#"key = "user:id>:<page>", ignore(pool)"#,
        &expect![[r#"
        `id>` lacks its `<`, so the key does not name `id`
        help: write `<id>`
    "#]],
    );
    fails_with(
        r#"key = "id>:<page.id>", ignore(pool)"#,
        &expect![[r#"
        `id>` lacks its `<`, so the key does not name `id`
        help: write `<id>`
    "#]],
    );
}

//! Messages about tags.

use expect_test::expect;

use super::fails_with;

#[test]
fn lists() {
    fails_with(
        r#"tags"#,
        &expect![[r#"
            `tags` needs a value
            help: write `tags("team:<team_id>")`
        "#]],
    );
    fails_with(
        r#"tags()"#,
        &expect![[r#"
            `tags` names no tag
            help: write `tags("team:<team_id>")`, or remove it
        "#]],
    );
    fails_with(
        r#"tags = "team:<id>""#,
        &expect![[r#"
            `tags` takes a list
            help: write `tags("team:<id>")`
        "#]],
    );
    fails_with(
        r#"tags = ["team:<id>", "all"]"#,
        &expect![[r#"
            `tags` takes a list
            help: write `tags("team:<id>", "all")`
        "#]],
    );
    fails_with(
        r#"tags = id"#,
        &expect![[r#"
            `tags` takes a list
            help: write `tags("team:<team_id>")`
        "#]],
    );
    fails_with(
        r#"tags(id, "a")"#,
        &expect![[r#"
            a tag is a string literal
            help: write `"id"` for the tag of that name, or `"id:<id>"` for one of an argument
        "#]],
    );
    fails_with(
        r#"tags("a", 5, format!("a"), "b" "c", "a")"#,
        &expect![[r#"
            a tag is a string literal
            help: write `"team:<team_id>"`

            a tag is a string literal
            help: write `"team:<team_id>"`

            expected a comma between two tags
            help: write `, "c"`

            the tag is given twice
            help: remove one of them
        "#]],
    );
    fails_with(
        r#"tags("a",, "b")"#,
        &expect![[r#"
            a tag is a string literal
            help: write `"team:<team_id>"`
        "#]],
    );
    fails_with(
        r#"tags("a"), tags("b")"#,
        &expect![[r#"
            `tags` is given twice
            help: write one list of all
        "#]],
    );
}

#[test]
fn computed_tags() {
    fails_with(
        r#"tags(format!("team:{id}:{page.number}"))"#,
        &expect![[r#"
        a tag is a string literal
        help: write `"team:<id>:<page.number>"`
    "#]],
    );
    fails_with(
        r#"tags(format!("team:{id:?}"), format!("{}", id), concat!("a", "b"))"#,
        &expect![[r#"
        a tag is a string literal
        help: write `"team:<team_id>"`

        a tag is a string literal
        help: write `"team:<team_id>"`

        a tag is a string literal
        help: write `"team:<team_id>"`
    "#]],
    );
}

#[test]
fn templates() {
    fails_with(
        r#"tags("team:<idd>")"#,
        &expect![[r#"
            `idd` in the tag is not an argument
            help: did you mean `<id>`?
        "#]],
    );
    fails_with(
        r#"tags("team:{id}")"#,
        &expect![[r#"
            `{id}` is no placeholder here
            help: write `<id>`
        "#]],
    );
    fails_with(
        r#"tags("<id><page>")"#,
        &expect![[r#"
            nothing separates `<id>` from `<page>`: `1`, `23` and `12`, `3` would be one tag
            help: write `<id>:<page>`
        "#]],
    );
    fails_with(
        r#"tags("<id>-<page>", "", "<", "<>")"#,
        &expect![[r#"
            `-` does not separate `<id>` from `<page>`: values may contain it
            help: write `<id>:<page>`

            the tag is empty
            help: write `"team:<team_id>"`, or remove it

            a `<` without its `>`
            help: write `<<` for a literal `<`

            `<>` names nothing
            help: write `<id>`, or `<<` for a literal `<`
        "#]],
    );
    fails_with(
        r#"tags("<self.tenant>", "<Self.x>")"#,
        &expect![[r#"
            `<self.tenant>` needs a `self`, which the function doesn't have
            help: name an argument, or `<Self>` for the type

            `<Self.x>`: `Self` is a type and has no fields
            help: write `<Self>` for its name, or `<self...>` for the value
        "#]],
    );
}

#[test]
fn what_tags_name_is_not_decided() {
    fails_with(
        r#"key = "user:<id>:<page>", tags("pool:<pol>")"#,
        &expect![[r#"
            `pol` in the tag is not an argument
            help: did you mean `<pool>`?
        "#]],
    );
}

//! Messages about the options as such: names, commas, equals signs.

use expect_test::expect;

use super::{fails, fails_with};

#[test]
fn all_errors_at_once() {
    fails_with(
        r#"timeuot = 60, key = "user:<idd>", version = "1", version = 2, cache_err, codec = yaml, tags = ("a", b), ttl = 5,"#,
        &expect![[r#"
            unknown option `timeuot`
            help: did you mean `timeout`?

            `version` is a whole number, not negative
            help: write `version = 2`, or `version = code` for a hash of the function

            `version` is given twice
            help: remove one of them

            `cache_err` needs a value
            help: write `cache_err = "10s"`

            `codec` is `msgpack`, `json` or `raw`
            help: write `codec = json`, `codec = raw` (for text and bytes), or leave it out for MessagePack

            a tag is a string literal
            help: write `"b"` for the tag of that name, or `"b:<b>"` for one of an argument

            unknown option `ttl`
            help: did you mean `timeout`?

            `idd` in the key is not an argument
            help: did you mean `<id>`?
        "#]],
    );
}

#[test]
fn unknown_options() {
    fails_with(
        "ttl = 60",
        &expect![[r#"
        unknown option `ttl`
        help: did you mean `timeout`?
    "#]],
    );
    fails_with(
        "cash = 60",
        &expect![[r#"
            unknown option `cash`
            help: the options are `timeout`, `key`, `ignore`, `version`, `revision`, `cache`, `unless`, `refresh_if`, `store_if`, `cache_none`, `cache_err`, `stale_while_revalidate`, `stale_if_error`, `soft_timeout`, `early`, `jitter`, `tags`, `batch`, `chunk`, `local`, `codec`, `coalesce`, `entry`, `axum`, `actix`, `vary`, `status`, `max_body`, `browser`, `cdn`, `crate`
        "#]],
    );
    fails_with(
        "wombat",
        &expect![[r#"
            unknown option `wombat`
            help: the options are `timeout`, `key`, `ignore`, `version`, `revision`, `cache`, `unless`, `refresh_if`, `store_if`, `cache_none`, `cache_err`, `stale_while_revalidate`, `stale_if_error`, `soft_timeout`, `early`, `jitter`, `tags`, `batch`, `chunk`, `local`, `codec`, `coalesce`, `entry`, `axum`, `actix`, `vary`, `status`, `max_body`, `browser`, `cdn`, `crate`
        "#]],
    );
    fails_with(
        "axum, actix",
        &expect![[r#"
            a handler is one of axum or one of actix-web
            help: remove `actix`
        "#]],
    );
}

#[test]
fn duplicates() {
    fails_with(
        "timeout = 60, local, timeout = 60, local",
        &expect![[r#"
        `timeout` is given twice
        help: remove one of them

        `local` is given twice
        help: remove one of them
    "#]],
    );
}

#[test]
fn punctuation() {
    fails_with(
        r#"timeout = 60 key = "user:<id>", ignore(pool, page)"#,
        &expect![[r#"
        expected a comma between two options
        help: write `, key`
    "#]],
    );
    fails_with(
        "timeout = 60,, local",
        &expect![[r#"
        expected an option
        help: write `name = value`, for example `timeout = 60`
    "#]],
    );
    fails_with(
        "= 60, local = true",
        &expect![[r#"
        expected an option
        help: write `name = value`, for example `timeout = 60`

        `local` takes no value here
        help: write `local` alone
    "#]],
    );
    fails_with(
        "timeout, key, revision = , entry =",
        &expect![[r#"
        `timeout` needs a value
        help: write `timeout = 60`

        `key` needs a value
        help: write `key = "user:<id>"`

        `revision` needs a value
        help: write `revision = user.updated_at`

        `entry` needs a value
        help: write `entry = user_entry`
    "#]],
    );
    fails_with(
        "timeout(60), key = 5 +",
        &expect![[r#"
            the value of `timeout` follows a `=`
            help: write `timeout = 60`

            the value of `key` ends in the middle of an expression
            help: write it like `key = "user:<id>"`
        "#]],
    );
    fails_with(
        "\"timeout\"",
        &expect![[r#"
            expected an option
            help: write `key = "timeout"`
        "#]],
    );
    fails_with(
        "timeout == 60",
        &expect![[r#"
        `timeout` needs a value
        help: write `timeout = 60`
    "#]],
    );
}

#[test]
fn what_newcomers_write() {
    for (attr, expected) in [
        (
            r#"60"#,
            &expect![[r#"
            expected an option
            help: write `timeout = 60`
        "#]],
        ),
        (
            r#""5m""#,
            &expect![[r#"
            expected an option
            help: write `timeout = "5m"`
        "#]],
        ),
        (
            r#""user:<id>""#,
            &expect![[r#"
            expected an option
            help: write `key = "user:<id>"`
        "#]],
        ),
        (
            r#"key = "user:{}", id"#,
            &expect![[r#"
                `id` is no option: arguments stand in the key
                help: write `key = "user:<id>"`
            "#]],
        ),
        (
            r#"timeout = 60; key = "user:<id>""#,
            &expect![[r#"
            expected a comma between two options
            help: write `,`
        "#]],
        ),
        (
            r#"ignore = "id""#,
            &expect![[r#"
            `ignore` takes a list
            help: write `ignore(id)`
        "#]],
        ),
        (
            r#"ignore = [id]"#,
            &expect![[r#"
            `ignore` takes a list
            help: write `ignore(id)`
        "#]],
        ),
        (
            r#"cache_none = true"#,
            &expect![[r#"
            `cache_none` stands alone, or has a time
            help: write `cache_none` alone, or `cache_none = "10s"`
        "#]],
        ),
        (
            r#"unless = "id > 5""#,
            &expect![[r#"
            `unless` is an expression over the arguments, without quotes
            help: write `unless = id > 5`
        "#]],
        ),
    ] {
        fails(attr, "fn user(id: u64) -> Option<u64> { load(id) }", expected);
    }
}

//! Messages about the values of the other options, and about `ignore`.

use expect_test::expect;

use super::fails_with;
use crate::tests::fails;

#[test]
fn values() {
    fails_with(
        "key = user, version = -1",
        &expect![[r#"
        `key` is a string literal
        help: write `key = "user:<id>"`

        `version` is a whole number, not negative
        help: write `version = 2`, or `version = code` for a hash of the function
    "#]],
    );
    fails_with(
        "version = 99999999999999999999999",
        &expect![[r#"
        `version` is larger than `u64::MAX`
        help: write a smaller number
    "#]],
    );
    fails_with(
        "cache = \"users\"",
        &expect![[r#"
        `cache` is an expression that names a `Cache`
        help: write `cache = self.cache` or `cache = state.cache`
    "#]],
    );
    fails_with(
        "unless = |id| id == 0",
        &expect![[r#"
        `unless` is an expression over the arguments, not a closure
        help: write `unless = id == 0`
    "#]],
    );
    fails_with(
        "store_if = true",
        &expect![[r#"
        `store_if` is a closure or a function over the value
        help: write `store_if = |value| ...`, or the path of a function that takes a reference
    "#]],
    );
    fails_with(
        "store_if = |a, b| true",
        &expect![[r#"
        the closure of `store_if` sees one thing, the value
        help: write `store_if = |value| ...`
    "#]],
    );
    fails_with(
        "coalesce",
        &expect![[r#"
        `coalesce` needs a value
        help: write `coalesce = false`
    "#]],
    );
    fails_with(
        "coalesce = 0",
        &expect![[r#"
        `coalesce` is `false` or `true`
        help: write `coalesce = false`, or remove it
    "#]],
    );
    fails_with(
        "entry = \"user_entry\"",
        &expect![[r#"
        `entry` is the name of the entry function
        help: write `entry = user_entry`
    "#]],
    );
    fails_with(
        "entry = users::entry",
        &expect![[r#"
            `entry` is the name of the entry function
            help: write `entry = entry`
        "#]],
    );
    fails_with(
        "entry = user",
        &expect![[r#"
        the entry function needs a name of its own
        help: write `entry = user_entry`
    "#]],
    );
    fails_with(
        "crate = \"my::larder\"",
        &expect![[r#"
        the path of a crate stands without quotes
        help: write `crate = ::my::larder`
    "#]],
    );
    fails_with(
        "crate = my::larder",
        &expect![[r#"
        the path of a crate starts with `::` or `crate::`
        help: write `crate = ::my::larder`
    "#]],
    );
    fails_with(
        "crate = 5",
        &expect![[r#"
        not a path
        help: write `crate = ::larder`
    "#]],
    );
    fails_with(
        "local(true)",
        &expect![[r#"
        `local` takes no value here
        help: write `local` alone
    "#]],
    );
}

#[test]
fn ignored_arguments() {
    fails_with(
        "ignore(pol, self)",
        &expect![[r#"
        `pol` is not an argument
        help: did you mean `pool`?

        `self` is not an argument
        help: the arguments are `id`, `page`, `pool`
    "#]],
    );
    fails_with(
        "ignore = pool",
        &expect![[r#"
        `ignore` takes a list
        help: write `ignore(pool)`
    "#]],
    );
    fails_with(
        "ignore()",
        &expect![[r#"
        `ignore` names no argument
        help: name the arguments that don't change the result, or remove it
    "#]],
    );
    fails_with(
        "ignore",
        &expect![[r#"
        `ignore` needs a value
        help: write `ignore(pool)`
    "#]],
    );
    fails_with(
        "ignore(pool, pool)",
        &expect![[r#"
        `pool` is ignored twice
        help: remove one of them
    "#]],
    );
    fails_with(
        "ignore(page.number)",
        &expect![[r#"
            `ignore` is a list of arguments
            help: write `ignore(pool, self)`
        "#]],
    );
    fails_with(
        "ignore(\"pool\")",
        &expect![[r#"
            `ignore` is a list of arguments
            help: write `ignore(pool, self)`
        "#]],
    );
    fails_with(
        r#"key = "<page.number>", ignore(page, id)"#,
        &expect![[r#"
        `page` is ignored, but the key names it
        help: remove it from `ignore`, or remove `<page>` from the key
    "#]],
    );
    fails(
        "ignore = conn",
        "fn f(conn: &mut Conn) -> u64 { 1 }",
        &expect![[r#"
        `ignore` takes a list
        help: write `ignore(conn)`
    "#]],
    );
    fails(
        "ignore(x)",
        "fn f() -> u64 { 1 }",
        &expect![[r#"
        `x` is not an argument
        help: the function has no arguments
    "#]],
    );
}

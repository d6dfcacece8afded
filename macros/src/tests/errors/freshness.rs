//! Messages about stale values, early refresh and jitter.

use expect_test::expect;

use super::fails_with;

#[test]
fn stale_periods() {
    fails_with(
        r#"stale_while_revalidate = 0, stale_if_error = "0s""#,
        &expect![[r#"
            `stale_while_revalidate` is zero, so no old value would be kept
            help: write a longer duration, or remove `stale_while_revalidate`

            `stale_if_error` is zero, so no old value would be kept
            help: write a longer duration, or remove `stale_if_error`
        "#]],
    );
    fails_with(
        r#"stale_while_revalidate, stale_if_error ="#,
        &expect![[r#"
            `stale_while_revalidate` needs a value
            help: write `stale_while_revalidate = "30s"`

            `stale_if_error` needs a value
            help: write `stale_if_error = "1h"`
        "#]],
    );
    fails_with(
        r#"stale_while_revalidate = -1, stale_if_error = |e| 5"#,
        &expect![[r#"
            `stale_while_revalidate` must be positive
            help: write `stale_while_revalidate = "30s"`

            `stale_if_error` takes no closure: there is no value to look at
            help: write `stale_if_error = "1h"`
        "#]],
    );
    fails_with(
        r#"stale_if_error = HOUR, stale_while_revalidate = "1 hour""#,
        &expect![[r#"
            `stale_if_error` needs a literal
            help: write it out, for example `stale_if_error = "1h"`

            unknown unit `hour`
            help: write `1h`
        "#]],
    );
    fails_with(
        r#"stale_while_revalidate("30s")"#,
        &expect![[r#"
            the value of `stale_while_revalidate` follows a `=`
            help: write `stale_while_revalidate = "30s"`
        "#]],
    );
}

#[test]
fn soft_timeouts() {
    fails_with(
        r#"soft_timeout = "200ms""#,
        &expect![[r#"
            `soft_timeout` has nothing to answer with: no old value is kept
            help: add `stale_while_revalidate = "30s"`, or `stale_if_error = "1h"` if the function returns a `Result`
        "#]],
    );
    fails_with(
        r#"soft_timeout = "200ms", stale_if_error"#,
        &expect![[r#"
            `stale_if_error` needs a value
            help: write `stale_if_error = "1h"`
        "#]],
    );
    fails_with(
        r#"soft_timeout = never, stale_if_error = 60"#,
        &expect![[r#"
            `soft_timeout = never` would wait for every new value, as without it
            help: write `soft_timeout = "200ms"`, or remove `soft_timeout`
        "#]],
    );
    fails_with(
        r#"soft_timeout = 0, stale_while_revalidate = 60"#,
        &expect![[r#"
            `soft_timeout` is zero, so nobody would wait for a new value
            help: write a longer duration, or `stale_while_revalidate = "30s"` alone
        "#]],
    );
}

#[test]
fn early_parts() {
    fails_with(
        r#"early = 0.0"#,
        &expect![[r#"
            `early` is a part of the timeout, between 0 and 1, or an age
            help: write `early = 0.8` or `early = "45s"`, or remove `early`
        "#]],
    );
    fails_with(
        r#"early = 1.0"#,
        &expect![[r#"
            `early` is a part of the timeout, between 0 and 1, or an age
            help: write `early = 0.8` for a part, or `early = "1s"` for an age
        "#]],
    );
    fails_with(
        r#"early = 1"#,
        &expect![[r#"
            `early` is a part of the timeout, between 0 and 1, or an age
            help: write `early = 0.8` for a part, or `early = "1s"` for an age
        "#]],
    );
    fails_with(
        r#"early = 0"#,
        &expect![[r#"
            `early` is a part of the timeout, between 0 and 1, or an age
            help: write `early = 0.8` or `early = "45s"`, or remove `early`
        "#]],
    );
    fails_with(
        r#"early = 80.0"#,
        &expect![[r#"
            `early` is a part of the timeout, between 0 and 1, or an age
            help: write `early = 0.8`, or `early = "80s"` for an age
        "#]],
    );
    fails_with(
        r#"early = "80%""#,
        &expect![[r#"
            `early` takes no percent sign
            help: write `early = 0.8`
        "#]],
    );
    fails_with(
        r#"early = -0.5"#,
        &expect![[r#"
            `early` must be positive
            help: write `early = 0.8`
        "#]],
    );
    fails_with(
        r#"early = never"#,
        &expect![[r#"
            `early = never` would refresh nothing
            help: write `early = 0.8` or `early = "45s"`, or remove `early`
        "#]],
    );
    fails_with(
        r#"early = 0.00000001"#,
        &expect![[r#"
            `early` is a part of the timeout, between 0 and 1, or an age
            help: write `early = 0.8` or `early = "45s"`, or remove `early`
        "#]],
    );
    fails_with(
        r#"timeout = never, early = 0.5"#,
        &expect![[r#"
            `early` is a part of a timeout that never ends
            help: write an age (`early = "45s"`), or a timeout (`timeout = 60`)
        "#]],
    );
    fails_with(
        r#"early"#,
        &expect![[r#"
            `early` needs a value
            help: write `early = 0.8`
        "#]],
    );
    fails_with(
        r#"early = PART"#,
        &expect![[r#"
            `early` needs a literal
            help: write it out, for example `early = 0.8`
        "#]],
    );
    fails_with(
        r#"early = 0.5s"#,
        &expect![[r#"
            a duration with a unit is a string
            help: write `early = "0.5s"`
        "#]],
    );
}

#[test]
fn early_ages() {
    fails_with(
        r#"timeout = 60, early = "60s""#,
        &expect![[r#"
            `early` is not before the timeout: a value is gone after 60s, and refreshed after 60s
            help: write `early = 0.8`, or an age below the timeout
        "#]],
    );
    fails_with(
        r#"timeout = "1m", early = "1h 30m""#,
        &expect![[r#"
            `early` is not before the timeout: a value is gone after 60s, and refreshed after 5400s
            help: write `early = 0.8`, or an age below the timeout
        "#]],
    );
    fails_with(
        r#"timeout = 1.5, early = 2"#,
        &expect![[r#"
            `early` is not before the timeout: a value is gone after 1.5s, and refreshed after 2s
            help: write `early = 0.8`, or an age below the timeout
        "#]],
    );
    fails_with(
        r#"early = "0s""#,
        &expect![[r#"
            `early` is zero, so every value would be refreshed as soon as it is read
            help: write a longer duration, or remove `early`
        "#]],
    );
    fails_with(
        r#"early = "45""#,
        &expect![[r#"
            a number without a unit
            help: write `early = 45` for seconds, or a unit: `"45s"`, `"45m"`
        "#]],
    );
}

#[test]
fn jitters() {
    fails_with(
        r#"jitter = 1"#,
        &expect![[r#"
            `jitter` is a part of the timeout, from 0 to below 1
            help: write `jitter = 0.1` for timeouts that are up to a tenth shorter
        "#]],
    );
    fails_with(
        r#"jitter = 1.0"#,
        &expect![[r#"
            `jitter` is a part of the timeout, from 0 to below 1
            help: write `jitter = 0.1` for timeouts that are up to a tenth shorter
        "#]],
    );
    fails_with(
        r#"jitter = 10"#,
        &expect![[r#"
            `jitter` is a part of the timeout, from 0 to below 1
            help: write `jitter = 0.1`
        "#]],
    );
    fails_with(
        r#"jitter = 2.5"#,
        &expect![[r#"
            `jitter` is a part of the timeout, from 0 to below 1
            help: write `jitter = 0.025`
        "#]],
    );
    fails_with(
        r#"jitter = 1000"#,
        &expect![[r#"
            `jitter` is a part of the timeout, from 0 to below 1
            help: write `jitter = 0.1` for timeouts that are up to a tenth shorter
        "#]],
    );
    fails_with(
        r#"jitter = "10%""#,
        &expect![[r#"
            `jitter` takes no percent sign
            help: write `jitter = 0.1`
        "#]],
    );
    fails_with(
        r#"jitter = "5s""#,
        &expect![[r#"
            `jitter` is a part of the timeout, from 0 to below 1
            help: write `jitter = 0.1` for timeouts that are up to a tenth shorter
        "#]],
    );
    fails_with(
        r#"jitter = -0.1"#,
        &expect![[r#"
            `jitter` must not be negative
            help: write `jitter = 0.1`: timeouts only get shorter
        "#]],
    );
    fails_with(
        r#"jitter = never"#,
        &expect![[r#"
            `jitter` is a part of the timeout, from 0 to below 1
            help: write `jitter = 0.1` for timeouts that are up to a tenth shorter
        "#]],
    );
    fails_with(
        r#"jitter"#,
        &expect![[r#"
            `jitter` needs a value
            help: write `jitter = 0.1`
        "#]],
    );
    fails_with(
        r#"jitter = 0.5, timeout = never"#,
        &expect![[r#"
            `jitter` has no timeout to shorten
            help: remove `jitter`, or write a timeout (`timeout = 60`)
        "#]],
    );
}

#[test]
fn words_of_others() {
    fails_with(
        r#"swr = 5"#,
        &expect![[r#"
            unknown option `swr`
            help: did you mean `stale_while_revalidate`?
        "#]],
    );
    fails_with(
        r#"stale = 5"#,
        &expect![[r#"
            unknown option `stale`
            help: did you mean `stale_while_revalidate`?
        "#]],
    );
    fails_with(
        r#"refresh_ahead = 0.5"#,
        &expect![[r#"
            unknown option `refresh_ahead`
            help: did you mean `early`?
        "#]],
    );
    fails_with(
        r#"tag("a:<id>")"#,
        &expect![[r#"
            unknown option `tag`
            help: did you mean `tags`?
        "#]],
    );
    fails_with(
        r#"grace = 5"#,
        &expect![[r#"
            unknown option `grace`
            help: did you mean `stale_if_error`?
        "#]],
    );
    fails_with(
        r#"chunk_size = 5"#,
        &expect![[r#"
            unknown option `chunk_size`
            help: did you mean `chunk`?
        "#]],
    );
    fails_with(
        r#"stale_while_revalidating = 5"#,
        &expect![[r#"
            unknown option `stale_while_revalidating`
            help: did you mean `stale_while_revalidate`?
        "#]],
    );
}

#[test]
fn colons() {
    fails_with(
        r#"timeout: 60"#,
        &expect![[r#"
            the value of `timeout` follows a `=`, not a `:`
            help: write `timeout = 60`
        "#]],
    );
    fails_with(
        r#"key: "a:<id>", timeout: "5 m", ignore(page, pool)"#,
        &expect![[r#"
            the value of `key` follows a `=`, not a `:`
            help: write `key = "a:<id>"`

            the value of `timeout` follows a `=`, not a `:`
            help: write `timeout = "5 m"`
        "#]],
    );
    fails_with(
        r#"early:, local"#,
        &expect![[r#"
            the value of `early` follows a `=`, not a `:`
            help: write `early = 0.8`
        "#]],
    );
}

//! Messages about durations.

use expect_test::expect;

use super::fails_with;

#[test]
fn durations() {
    fails_with(
        "timeout = 0",
        &expect![[r#"
        `timeout` is zero, which some caches take for "for ever" and others for "don't store"
        help: write `timeout = never`, or remove `#[cached]`
    "#]],
    );
    fails_with(
        "timeout = 0.0, cache_none = \"0s\", cache_err = 0",
        &expect![[r#"
        `timeout` is zero, which some caches take for "for ever" and others for "don't store"
        help: write `timeout = never`, or remove `#[cached]`

        `cache_none` is zero, which some caches take for "for ever" and others for "don't store"
        help: write `cache_none = never`, or remove `cache_none`

        `cache_err` is zero, which some caches take for "for ever" and others for "don't store"
        help: write a longer duration, or remove `cache_err`
    "#]],
    );
    fails_with(
        "timeout = -5",
        &expect![[r#"
        `timeout` must be positive
        help: write `timeout = 60`
    "#]],
    );
    fails_with(
        "timeout = 60s",
        &expect![[r#"
        a duration with a unit is a string
        help: write `timeout = "60s"`
    "#]],
    );
    fails_with(
        "timeout = 1.5h",
        &expect![[r#"
        a duration with a unit is a string
        help: write `timeout = "1.5h"`
    "#]],
    );
    fails_with(
        r#"timeout = "60""#,
        &expect![[r#"
        a number without a unit
        help: write `timeout = 60` for seconds, or a unit: `"60s"`, `"60m"`
    "#]],
    );
    fails_with(
        r#"timeout = "1h 30""#,
        &expect![[r#"
        a number without a unit
        help: write a unit behind `30`: one of `ms`, `s`, `m`, `h`, `d`, `w`
    "#]],
    );
    fails_with(
        r#"timeout = "5min""#,
        &expect![[r#"
        unknown unit `min`
        help: write `5m`
    "#]],
    );
    fails_with(
        r#"timeout = "5 parsecs""#,
        &expect![[r#"
        unknown unit `parsecs`
        help: the units are `ms`, `s`, `m`, `h`, `d`, `w`
    "#]],
    );
    fails_with(
        r#"timeout = "soon""#,
        &expect![[r#"
        not a duration
        help: write seconds (`timeout = 60`), units (`timeout = "1h 30m"`), or `timeout = never`
    "#]],
    );
    fails_with(
        r#"timeout = """#,
        &expect![[r#"
        not a duration
        help: write seconds (`timeout = 60`), units (`timeout = "1h 30m"`), or `timeout = never`
    "#]],
    );
    fails_with(
        r#"timeout = "never""#,
        &expect![[r#"
        `never` is a word of its own
        help: write `timeout = never`
    "#]],
    );
    fails_with(
        "timeout = TTL",
        &expect![[r#"
        `timeout` needs a literal
        help: write `timeout = |_| TTL`
    "#]],
    );
    fails_with(
        "timeout = Duration::from_secs(60)",
        &expect![[r#"
        `timeout` needs a literal
        help: write `timeout = |_| Duration::from_secs(60)`
    "#]],
    );
    fails_with(
        "timeout = 60 * 5",
        &expect![[r#"
        not a duration
        help: write seconds (`timeout = 60`), units (`timeout = "1h 30m"`), or `timeout = never`
    "#]],
    );
    fails_with(
        "timeout = || TTL",
        &expect![[r#"
        the closure of `timeout` sees one thing, the value
        help: write `timeout = |value| ...`
    "#]],
    );
    fails_with(
        "cache_err = TTL",
        &expect![[r#"
        `cache_err` needs a literal
        help: write it out, for example `cache_err = "10s"`
    "#]],
    );
    fails_with(
        "cache_err = never",
        &expect![[r#"
        an error kept for ever would never be noticed to be gone
        help: write `cache_err = "10s"`, or remove `cache_err`
    "#]],
    );
    fails_with(
        "cache_none = |value| TTL",
        &expect![[r#"
        `cache_none` takes no closure: there is no value to look at
        help: write `cache_none = "10s"`
    "#]],
    );
}

#[test]
fn closures_without_a_duration() {
    fails_with(
        "timeout = |_| 60",
        &expect![[r#"
        the closure of `timeout` returns a `Duration`
        help: write `timeout = 60`, or `|_| Duration::from_secs(60)`
    "#]],
    );
    fails_with(
        "timeout = |page| 1.5",
        &expect![[r#"
        the closure of `timeout` returns a `Duration`
        help: write `timeout = 1.5`, or `|page| Duration::from_secs_f64(1.5)`
    "#]],
    );
    fails_with(
        "timeout = |_| \"5m\"",
        &expect![[r#"
        the closure of `timeout` returns a `Duration`
        help: write `timeout = "5m"`
    "#]],
    );
    fails_with(
        "timeout = |_| 5u8",
        &expect![[r#"
        the closure of `timeout` returns a `Duration`
        help: write `|_| Duration::from_secs(60)`
    "#]],
    );
}

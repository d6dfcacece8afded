//! Durations become nanoseconds.

use proc_macro2::{Ident, Span};

use crate::duration::{NEVER, parse};

fn nanos(value: &str) -> Option<u64> {
    let value = syn::parse_str(value).unwrap_or_else(|error| panic!("{value}: {error}"));
    parse(&Ident::new("timeout", Span::call_site()), &value).ok()
}

#[test]
fn numbers_are_seconds() {
    assert_eq!(nanos("60"), Some(60_000_000_000));
    assert_eq!(nanos("1_000"), Some(1_000_000_000_000));
    assert_eq!(nanos("0x10"), Some(16_000_000_000));
    assert_eq!(nanos("1.5"), Some(1_500_000_000));
    assert_eq!(nanos("1e3"), Some(1_000_000_000_000));
    assert_eq!(nanos("0.001"), Some(1_000_000));
}

#[test]
fn text_has_units() {
    assert_eq!(nanos(r#""250ms""#), Some(250_000_000));
    assert_eq!(nanos(r#""5m""#), Some(300_000_000_000));
    assert_eq!(nanos(r#""1h 30m""#), Some(5_400_000_000_000));
    assert_eq!(nanos(r#""1h30m""#), Some(5_400_000_000_000));
    assert_eq!(nanos(r#"" 1 h  30 m ""#), Some(5_400_000_000_000));
    assert_eq!(nanos(r#""1.5h""#), Some(5_400_000_000_000));
    assert_eq!(nanos(r#""1d""#), Some(86_400_000_000_000));
    assert_eq!(nanos(r#""2w""#), Some(14 * 86_400_000_000_000));
}

#[test]
fn too_long_is_never() {
    assert_eq!(nanos("never"), Some(NEVER));
    assert_eq!(nanos("1e300"), Some(NEVER));
    assert_eq!(nanos("99999999999999999999999999"), Some(NEVER));
    assert_eq!(nanos("18446744074"), Some(NEVER));
    assert_eq!(nanos(r#""99999999999999999999w""#), Some(NEVER));
    assert_eq!(nanos(r#""40000w 40000w""#), Some(NEVER));
}

#[test]
fn nothing_else_is_a_duration() {
    for wrong in [
        "0",
        "0.0",
        "-1",
        "-0.5",
        "60u64",
        "60s",
        "TTL",
        "f64::NAN",
        "true",
        "'5'",
        "b\"5m\"",
        r#""""#,
        r#""m""#,
        r#""5""#,
        r#""-5m""#,
        r#""1.2.3s""#,
        r#"".s""#,
        r#""5m,""#,
        r#""0s""#,
        r#""5M""#,
        r#""5 mins""#,
        "5 + 5",
        "|v| v",
        "{ 60 }",
    ] {
        assert_eq!(nanos(wrong), None, "{wrong}");
    }
}

//! What comes back of values in each form, and what does not.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::needless_pass_by_value, reason = "values are easier to give")]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn through<T: Any + Serialize + Deserialize<'static>>(value: &T, form: Form) -> Result<T, WireError> {
    decode(&encode(value, form)?, form)
}

#[track_caller]
fn both<T: Any + Serialize + Deserialize<'static> + PartialEq + Debug>(value: T) {
    assert_eq!(through(&value, Form::MessagePack).as_ref(), Ok(&value));
    assert_eq!(through(&value, Form::Json).as_ref(), Ok(&value));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Skips {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    second: Vec<u8>,
    third: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    id: u64,
    #[serde(flatten)]
    skips: Skips,
    #[serde(flatten)]
    rest: BTreeMap<String, i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Text(String),
    Pair(u8, f64),
    Struct { a: u8 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Unit,
    Struct { a: u8, b: Option<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    Unit,
    Newtype(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Plain {
    Unit,
    Newtype(Option<u8>),
    Tuple(u8, char),
    Struct { duration: Duration },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Chain {
    End,
    Link(Box<Chain>),
}

#[test]
fn what_serde_can_express_comes_back() {
    both(Skips { first: None, second: Vec::new(), third: Some(3) });
    both(Skips { first: Some(1), second: vec![2], third: None });
    let rest = BTreeMap::from([("x".to_owned(), -1)]);
    both(Flat { id: 1, skips: Skips { first: None, second: vec![1], third: None }, rest });
    both(vec![Untagged::Number(-1), Untagged::Text("a".into()), Untagged::Pair(1, 0.5), Untagged::Struct { a: 1 }]);
    both([Tagged::Unit, Tagged::Struct { a: 1, b: None }]);
    both([Adjacent::Unit, Adjacent::Newtype(vec![1])]);
    both([Plain::Unit, Plain::Newtype(None), Plain::Newtype(Some(1)), Plain::Tuple(1, 'ä')]);
    both(Plain::Struct { duration: Duration::new(1, 999_999_999) });
    both(json!({ "a": [1, -1, 0.1, null, "text", true], "b": {} }));
    both((u128::MAX, i128::MIN, u64::MAX, i64::MIN, 'x', (), 0.1_f32));
    both((SystemTime::UNIX_EPOCH, IpAddr::V6(Ipv6Addr::LOCALHOST), Ok::<u8, String>(1), Err::<u8, _>("e".to_owned())));
    both(Some(Arc::<str>::from("shared")));
    both((0.1 + 0.2, f64::MIN_POSITIVE, -0.0, 1.797_693_134_862_315_7e308, 123_456_789.987_654_32));
    both(HashMap::from([(1_u64, "one".to_owned()), (2, String::new())]));
}

#[test]
fn json_does_not_have_everything() {
    let tuples = BTreeMap::from([((1, 2), 3)]);
    assert_eq!(through(&tuples, Form::MessagePack), Ok(tuples.clone()));
    assert!(matches!(through(&tuples, Form::Json), Err(WireError::Encode(_))));
    let floats = [f64::INFINITY, f64::NEG_INFINITY];
    assert_eq!(through(&floats, Form::MessagePack), Ok(floats));
    assert!(matches!(through(&floats, Form::Json), Err(WireError::Decode(_))));
    assert!(through(&f64::NAN, Form::MessagePack).unwrap().is_nan());
}

/// This is why such types are refused (`shape.rs`).
#[test]
fn an_option_in_an_option_is_lost() {
    for form in [Form::MessagePack, Form::Json] {
        assert_eq!(through(&Some(None::<u8>), form), Ok(None));
        assert_eq!(through(&Some(()), form), Ok(None));
    }
}

#[test]
fn bytes_behind_a_value_are_an_error() {
    for form in [Form::MessagePack, Form::Json] {
        let mut payload = encode(&vec![1, 2, 3], form).unwrap();
        decode::<Vec<u8>>(&payload, form).unwrap();
        payload.push(b'1');
        assert!(matches!(decode::<Vec<u8>>(&payload, form), Err(WireError::Decode(_))));
    }
}

#[test]
fn fields_may_be_added_and_types_may_not_change() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct New {
        id: u64,
        #[serde(default)]
        added: u8,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Old {
        id: u64,
    }
    let old = encode(&Old { id: 1 }, Form::MessagePack).unwrap();
    assert_eq!(decode(&old, Form::MessagePack), Ok(New { id: 1, added: 0 }));
    let new = encode(&New { id: 1, added: 2 }, Form::MessagePack).unwrap();
    assert_eq!(decode(&new, Form::MessagePack), Ok(Old { id: 1 }));
    assert!(matches!(decode::<String>(&new, Form::MessagePack), Err(WireError::Decode(_))));
}

#[test]
fn bytes_are_themselves() {
    fn raw<T: Any + Serialize + Deserialize<'static> + PartialEq + Debug>(value: T, bytes: &[u8]) {
        let form = Form::new::<T>(Codec::Raw);
        assert_eq!(encode(&value, form).as_deref(), Ok(bytes));
        assert_eq!(decode(bytes, form), Ok(value));
    }
    raw("täxt".to_owned(), "täxt".as_bytes());
    raw(Box::<str>::from("text"), b"text");
    raw(Arc::<str>::from(""), b"");
    raw(vec![0_u8, 0xff], &[0, 0xff]);
    raw(Box::<[u8]>::from([0xff_u8]), &[0xff]);
    raw(Arc::<[u8]>::from([0xff_u8]), &[0xff]);
    assert!(matches!(decode::<String>(&[0xff], Form::Raw), Err(WireError::Decode(_))));
    let error = encode(&vec![1_u16], Form::Raw).unwrap_err();
    assert_eq!(decode::<Vec<u16>>(b"", Form::Raw), Err(error.clone()));
    let text = "`alloc::vec::Vec<u16>` is not bytes: `codec = raw` is for `String`, `Vec<u8>`, and `Arc` or `Box` of \
                `str` or `[u8]`";
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_number_is_decimal_text_whatever_the_codec() {
    for codec in [Codec::MessagePack, Codec::Json, Codec::Raw] {
        assert_eq!(Form::new::<i64>(codec), Form::Number);
        assert_ne!(Form::new::<u64>(codec), Form::Number);
    }
    assert_eq!(encode(&-12_i64, Form::Number).as_deref(), Ok(&b"-12"[..]));
    for number in [0, -1, i64::MAX, i64::MIN] {
        assert_eq!(through(&number, Form::Number), Ok(number));
    }
    for text in ["", "+1", "01", "-0", " 1", "1 ", "9223372036854775808", "1.0", "ä", "--1"] {
        assert_eq!(decode::<i64>(text.as_bytes(), Form::Number), Err(WireError::NoNumber("i64")), "{text}");
    }
    assert_eq!(decode::<u64>(b"1", Form::Number), Err(WireError::NoNumber("u64")));
}

#[test]
fn every_form_has_its_mark() {
    for form in [Form::MessagePack, Form::Json, Form::Raw, Form::Number] {
        assert_eq!(Form::of(form.byte()), Some(form));
    }
    assert_eq!((Form::of(0), Form::of(2), Form::of(6)), (None, None, None));
}

/// `rmp_serde` does not count how deep enums are nested.
#[test]
fn what_is_nested_too_deep_is_an_error_and_not_the_end_of_the_process() {
    let mut deep = b"\x81\xa4Link".repeat(1_000_000);
    deep.extend_from_slice(b"\xa3End");
    assert_eq!(decode::<Chain>(&deep, Form::MessagePack), Err(WireError::decode("nested too deep")));
    let json = [b"{\"Link\":".repeat(1_000_000), b"\"End\"".to_vec(), b"}".repeat(1_000_000)].concat();
    assert!(matches!(decode::<Chain>(&json, Form::Json), Err(WireError::Decode(_))));
    let mut chain = Chain::End;
    for _ in 0..100 {
        chain = Chain::Link(Box::new(chain));
    }
    both(chain);
}

#[test]
fn claims_without_elements_are_refused_before_they_are_read() {
    let arrays = b"\xdd\xff\xff\xff\xff".repeat(100);
    let early = Err(WireError::decode("it ends too early"));
    assert_eq!(decode::<serde_json::Value>(&arrays, Form::MessagePack), early);
    assert_eq!(decode::<serde_json::Value>(b"\xdb\xff\xff\xff\xffa", Form::MessagePack), early);
    assert_eq!(decode::<serde_json::Value>(b"", Form::MessagePack), early);
    let unknown = Err(WireError::decode("a mark that means nothing"));
    assert_eq!(decode::<serde_json::Value>(b"\xc1", Form::MessagePack), unknown);
}

#[test]
fn every_mark_is_walked_as_it_is_read() {
    let text = |length: usize| json!("x".repeat(length));
    let list = |length: usize| json!(vec![1; length]);
    for value in [text(31), text(32), text(256), text(70_000), list(15), list(16), list(70_000)] {
        both(value);
    }
    let map: BTreeMap<u32, f32> = (0..70_000).map(|key| (key, 0.5)).collect();
    both(map.clone());
    both(map.into_iter().take(20).collect::<BTreeMap<_, _>>());
    both((-32_i8, -33_i8, i16::MIN, i32::MIN, u16::MAX, u32::MAX, true, Some(1.5)));
    for length in [16, 300, 70_000] {
        let bytes = Blob(vec![7; length]);
        assert_eq!(through(&bytes, Form::MessagePack), Ok(bytes));
    }
}

/// Bytes as `serde_bytes` writes them.
#[derive(Debug, PartialEq)]
struct Blob(Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self)
    }
}

proptest! {
    #[test]
    fn random_bytes_are_some_value_or_an_error(payload in proptest::collection::vec(any::<u8>(), 0..60)) {
        for form in [Form::MessagePack, Form::Json, Form::Raw, Form::Number] {
            let _outcome = decode::<serde_json::Value>(&payload, form);
            let _outcome = decode::<Vec<Flat>>(&payload, form);
            let _outcome = decode::<Chain>(&payload, form);
            let _outcome = decode::<String>(&payload, form);
            let _outcome = decode::<i64>(&payload, form);
        }
    }

    #[test]
    fn random_values_come_back(texts: Vec<String>, numbers: BTreeMap<i64, Option<(u64, bool)>>, floats: Vec<f64>) {
        both((texts, numbers, floats));
    }
}

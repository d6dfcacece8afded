//! Which changes of a type are seen, and which types are refused.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::option_option, reason = "that is what is refused")]

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::num::NonZeroU8;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserializer, de};

use super::*;

fn of<T: Deserialize<'static>>() -> u64 {
    fingerprint::<T>().unwrap()
}

/// Types of one name that differ in their parts, as those of two versions of a program do.
macro_rules! versions {
    ($($module:ident { $($item:item)* })*) => {
        $(mod $module {
            #![expect(dead_code, reason = "only their shape is asked for")]
            use super::*;
            $($item)*
        })*
    };
}

versions! {
    base { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: String, tags: Vec<Kind> }
           #[derive(Deserialize)] pub(super) enum Kind { A, B(u8), C { x: i32 } } }
    same { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: Box<str>, tags: Arc<[Kind]> }
           #[derive(Deserialize)] pub(super) enum Kind { A, B(u8), C { x: i32 } } }
    added { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: String, tags: Vec<base::Kind>, more: u8 } }
    removed { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: String } }
    renamed { #[derive(Deserialize)] pub(super) struct Row { id: u64, title: String, tags: Vec<base::Kind> } }
    reordered { #[derive(Deserialize)] pub(super) struct Row { name: String, id: u64, tags: Vec<base::Kind> } }
    scalar { #[derive(Deserialize)] pub(super) struct Row { id: u32, name: String, tags: Vec<base::Kind> } }
    optional { #[derive(Deserialize)] pub(super) struct Row { id: Option<u64>, name: String, tags: Vec<base::Kind> } }
    container { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: String, tags: Option<base::Kind> } }
    variant { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: String, tags: Vec<Kind> }
              #[derive(Deserialize)] pub(super) enum Kind { A, B(u8), C { x: i32 }, D } }
    first { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: String, tags: Vec<Kind> }
            #[derive(Deserialize)] pub(super) enum Kind { A(()), B(u8), C { x: i32 } } }
    second { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: String, tags: Vec<Kind> }
             #[derive(Deserialize)] pub(super) enum Kind { A, B(u16), C { x: i32 } } }
    third { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: String, tags: Vec<Kind> }
            #[derive(Deserialize)] pub(super) enum Kind { A, B(u8), C { x: i64 } } }
    nested { #[derive(Deserialize)] pub(super) struct Row { id: u64, name: String, tags: Vec<Vec<base::Kind>> } }
    called { #[derive(Deserialize)] #[serde(rename = "Line")] pub(super) struct Row { id: u64, name: String, tags: Vec<base::Kind> } }
}

#[test]
fn every_change_is_another_number() {
    let all = [
        of::<base::Row>(),
        of::<added::Row>(),
        of::<removed::Row>(),
        of::<renamed::Row>(),
        of::<reordered::Row>(),
        of::<scalar::Row>(),
        of::<optional::Row>(),
        of::<container::Row>(),
        of::<variant::Row>(),
        of::<first::Row>(),
        of::<second::Row>(),
        of::<third::Row>(),
        of::<nested::Row>(),
        of::<called::Row>(),
    ];
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "{all:x?}");
}

#[test]
fn what_is_the_same_in_bytes_is_the_same_number() {
    assert_eq!(of::<base::Row>(), of::<same::Row>());
    assert_eq!(of::<String>(), of::<Cow<'static, str>>());
    assert_eq!(of::<Vec<u8>>(), of::<Arc<[u8]>>());
    assert_eq!(of::<HashMap<String, u8>>(), of::<BTreeMap<Box<str>, u8>>());
}

/// It stands in the bytes of other processes: it must not depend on a seed, a build, or the order of tests. A new number makes every
/// stored value a miss.
#[test]
fn numbers_stay_as_they_are() {
    assert_eq!(of::<u64>(), GOLDEN[0]);
    assert_eq!(of::<base::Row>(), GOLDEN[1]);
}

const GOLDEN: [u64; 2] = [0xd01d_6676_dc23_d9d2, 0xb610_005b_44c7_aa8d];

#[test]
fn scalars_differ() {
    let all = [
        of::<bool>(),
        of::<u8>(),
        of::<u16>(),
        of::<u32>(),
        of::<u64>(),
        of::<u128>(),
        of::<i8>(),
        of::<i16>(),
        of::<i32>(),
        of::<i64>(),
        of::<i128>(),
        of::<f32>(),
        of::<f64>(),
        of::<char>(),
        of::<String>(),
        of::<()>(),
        of::<Vec<u8>>(),
        of::<Option<u8>>(),
        of::<(u8, u8)>(),
        of::<(u8, u8, u8)>(),
        of::<[u8; 4]>(),
        of::<HashMap<u8, u8>>(),
        of::<serde_json::Value>(),
        of::<IpAddr>(),
        of::<Duration>(),
        of::<SystemTime>(),
        of::<Result<u8, u8>>(),
    ];
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "{all:x?}");
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is asked for")]
struct Node {
    value: u8,
    left: Option<Box<Node>>,
    right: Option<Box<Node>>,
    children: Vec<Node>,
    named: HashMap<String, Node>,
    expression: Expression,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is asked for")]
enum Expression {
    Add(Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Of { node: Option<Box<Node>>, list: Vec<Expression> },
    Number(f64),
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is asked for")]
struct Endless {
    endless: Box<Endless>,
}

#[test]
fn recursive_types_end() {
    assert_eq!(of::<Node>(), of::<Node>());
    assert_ne!(of::<Node>(), of::<Expression>());
    of::<Endless>();
}

/// Accepts no answer at all.
struct Picky;

impl<'de> Deserialize<'de> for Picky {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "the only text" { Ok(Self) } else { Err(de::Error::custom("picky")) }
    }
}

versions! {
    picky_32 { #[derive(Deserialize)] pub(super) struct Row { picky: Picky, number: u32, inner: Inner }
               #[derive(Deserialize)] pub(super) struct Inner { picky: Picky, same: u8 } }
    picky_64 { #[derive(Deserialize)] pub(super) struct Row { picky: Picky, number: u64, inner: Inner }
               #[derive(Deserialize)] pub(super) struct Inner { picky: Picky, same: u8 } }
    picky_option { #[derive(Deserialize)] pub(super) struct Row { picky: Picky, inner: Inner, lost: Option<Option<u8>> }
                   #[derive(Deserialize)] pub(super) struct Inner { picky: Picky } }
}

#[test]
fn what_is_behind_a_picky_field_is_seen() {
    assert_ne!(of::<picky_32::Row>(), of::<picky_64::Row>());
    let error = fingerprint::<picky_option::Row>().unwrap_err();
    assert_eq!((error.path.as_str(), error.why), ("Row.lost", Why::OptionInOption));
}

#[test]
fn what_is_not_seen_is_told_apart_by_name() {
    #[derive(Deserialize)]
    struct Other(#[expect(dead_code, reason = "only its shape is asked for")] serde_json::Value);
    assert_ne!(of::<Picky>(), of::<String>());
    assert_ne!(of::<serde_json::Value>(), of::<Other>());
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only their shape is asked for")]
struct Odd {
    #[serde(alias = "ident", alias = "aa")]
    id: NonZeroU8,
    #[serde(default)]
    ip: Option<IpAddr>,
    large: [u64; 32],
    newtype: Newtype,
    tuple: Tuple,
    unit: Unit,
    adjacent: Adjacent,
    internal: Internal,
    converted: Converted,
}
#[derive(Deserialize)]
struct Newtype(#[expect(dead_code, reason = "only its shape is asked for")] Option<char>);
#[derive(Deserialize)]
#[expect(dead_code, reason = "only its shape is asked for")]
struct Tuple(u8, String);
#[derive(Deserialize)]
struct Unit;
#[derive(Deserialize)]
#[serde(tag = "t", content = "c")]
#[expect(dead_code, reason = "only its shape is asked for")]
enum Adjacent {
    A,
    B(u8),
}
#[derive(Deserialize)]
#[serde(tag = "t")]
#[expect(dead_code, reason = "only its shape is asked for")]
enum Internal {
    A,
    B { x: u8 },
}
#[derive(Deserialize)]
#[serde(try_from = "u8")]
struct Converted;
impl TryFrom<u8> for Converted {
    type Error = String;
    fn try_from(_number: u8) -> Result<Self, String> {
        Err("never".to_owned())
    }
}

/// Asks for a map of anything.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only its shape is asked for")]
struct Flat {
    id: u8,
    #[serde(flatten)]
    rest: HashMap<String, serde_json::Value>,
}

#[test]
fn whatever_serde_can_derive_has_a_number() {
    assert_eq!(of::<Odd>(), of::<Odd>());
    assert_eq!(of::<Flat>(), of::<Flat>());
    of::<Adjacent>();
    of::<Internal>();
    of::<Converted>();
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only its shape is asked for")]
enum Deep {
    Plain,
    Fine(Option<u8>),
    Lost { at: Vec<(u8, Option<Wrapped>)> },
}
#[derive(Deserialize)]
struct Wrapped(#[expect(dead_code, reason = "only its shape is asked for")] Box<Option<u8>>);

#[test]
fn what_would_come_back_as_none_is_refused() {
    let refused = |error: Result<u64, NotFaithful>| error.map_err(|error| (error.path, error.why)).unwrap_err();
    let in_option = Why::OptionInOption;
    assert_eq!(refused(fingerprint::<Option<Option<u8>>>()), (String::new(), in_option));
    assert_eq!(refused(fingerprint::<Vec<Option<Option<u8>>>>()), ("[0]".into(), in_option));
    assert_eq!(refused(fingerprint::<HashMap<u8, Option<Box<Option<u8>>>>>()), ("{value}".into(), in_option));
    assert_eq!(refused(fingerprint::<Deep>()), ("Deep::Lost.at[0][1]".into(), in_option));
    assert_eq!(refused(fingerprint::<Option<()>>()), (String::new(), Why::NothingInOption));
    assert_eq!(refused(fingerprint::<(u8, Option<Unit>)>()), ("[1]".into(), Why::NothingInOption));
    let text = fingerprint::<(u8, Option<Option<u8>>)>().unwrap_err().to_string();
    assert_eq!(
        text,
        "`(u8, core::option::Option<core::option::Option<u8>>)` has, at `[1]`, an `Option` in an `Option`, whose \
         `Some(None)` comes back as `None`\nhelp: use an enum of three variants"
    );
}

#[test]
fn an_option_of_what_has_an_option_is_not() {
    of::<Option<(Option<u8>,)>>();
    of::<Option<Vec<Option<u8>>>>();
    of::<Result<Option<u8>, Option<String>>>();
    of::<Option<Result<(), ()>>>();
}

#[test]
fn what_has_to_borrow_is_refused() {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only its shape is asked for")]
    struct Borrows {
        picky: Picky,
        text: Option<&'static str>,
    }
    let refused = |error: Result<u64, NotFaithful>| error.map_err(|error| (error.path, error.why)).unwrap_err();
    assert_eq!(refused(fingerprint::<&'static str>()), (String::new(), Why::Borrows));
    assert_eq!(refused(fingerprint::<Vec<&'static [u8]>>()), ("[0]".into(), Why::Borrows));
    assert_eq!(refused(fingerprint::<Borrows>()), ("Borrows.text".into(), Why::Borrows));
    of::<Cow<'static, str>>();
}

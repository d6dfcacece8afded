//! Two calls share an entry only if their arguments are equal: no two values of a supported type, and no two tuples of
//! them, are the same text in a key.

use std::borrow::Cow;
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use larder::{KeyPart, cached, escape, tag};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// The key of a call whose only argument is the value.
fn key<T: KeyPart>(value: &T) -> String {
    #[cached]
    fn only<T: KeyPart>(value: &T) -> u8 {
        0
    }
    only::entry(value).key().to_owned()
}

/// The key of a call of two arguments, of the same type or not.
fn key_of_two<A: KeyPart, B: KeyPart>(left: &A, right: &B) -> String {
    #[cached]
    fn two<A: KeyPart, B: KeyPart>(left: &A, right: &B) -> u8 {
        0
    }
    #[cached(key = "key_parts.two:<left>|<right>")]
    fn named<A: KeyPart, B: KeyPart>(left: &A, right: &B) -> u8 {
        0
    }
    format!("{} {}", two::entry(left, right).key(), named::entry(left, right).key())
}

/// Short text made of what keys are made of, so that collisions would be likely.
fn text() -> BoxedStrategy<String> {
    let letters = "ab1n:/|#~()[],%_-.+ \0é%3A".chars().collect::<Vec<_>>();
    vec(prop::sample::select(letters), 0..5).prop_map(String::from_iter).boxed()
}

#[derive(Clone, Debug, PartialEq, KeyPart)]
enum Shape {
    Unit,
    Empty(),
    One(String),
    Two(String, String),
    Named { a: Option<String>, b: Vec<String> },
    Inner(Box<Shape>),
}

#[derive(Clone, Debug, PartialEq, KeyPart)]
struct Wrapper<T>(T);

#[derive(Clone, Debug, PartialEq, KeyPart)]
struct Record {
    a: Wrapper<Option<String>>,
    b: Option<Wrapper<String>>,
}

fn shape() -> BoxedStrategy<Shape> {
    let leaf = prop_oneof![
        Just(Shape::Unit),
        Just(Shape::Empty()),
        text().prop_map(Shape::One),
        (text(), text()).prop_map(|(a, b)| Shape::Two(a, b)),
        (of(text()), vec(text(), 0..3)).prop_map(|(a, b)| Shape::Named { a, b }),
    ];
    leaf.prop_recursive(2, 4, 1, |inner| inner.prop_map(|shape| Shape::Inner(Box::new(shape)))).boxed()
}

fn record() -> BoxedStrategy<Record> {
    (of(text()), of(text())).prop_map(|(a, b)| Record { a: Wrapper(a), b: b.map(Wrapper) }).boxed()
}

/// Pairs of values: often equal, often close to each other, often neither.
fn pairs<T: Clone + Debug>(values: impl Strategy<Value = T> + Clone) -> impl Strategy<Value = (T, T)> {
    prop_oneof![1 => values.clone().prop_map(|value| (value.clone(), value)), 4 => (values.clone(), values)]
}

/// The property itself, for values of one type; and what a placeholder makes of them can be made by hand.
fn injective<T: KeyPart + PartialEq + Debug>(left: &T, right: &T) -> Result<(), TestCaseError> {
    prop_assert_eq!(key(left) == key(right), left == right, "{:?} and {:?}", left, right);
    let named = format!(" key_parts.two:{}|{}:", escape(left), escape(right));
    prop_assert!(key_of_two(left, right).contains(&named), "{named}");
    let tag = tag!("<left>|<right>");
    prop_assert_eq!(tag.name(), format!("{}|{}", escape(left), escape(right)));
    Ok(())
}

macro_rules! injective {
    ($($name:ident: $strategy:expr;)*) => {
        proptest! {$(
            #[test]
            fn $name((left, right) in pairs($strategy)) {
                injective(&left, &right)?;
            }
        )*}
    };
}

injective! {
    unsigned_numbers: (any::<u8>(), any::<u16>(), any::<u32>(), any::<u64>(), any::<u128>(), any::<usize>());
    signed_numbers: (any::<i8>(), any::<i16>(), any::<i32>(), any::<i64>(), any::<i128>(), any::<isize>());
    neighbouring_numbers: (-3_i8..3, 0_u64..12, -1_i128..2);
    numbers_that_are_not_zero: (1_u8.., 1_i64..).prop_map(|(a, b)| (NonZero::new(a), NonZero::new(b)));
    truth_and_letters: (any::<bool>(), any::<char>(), "[a:%]".prop_map(|text| text.chars().next()));
    texts: text();
    any_texts: any::<String>();
    options: (of(text()), of(of(0_u8..2)), of(of(of(Just(())))));
    lists: (vec(text(), 0..3), vec(of(text()), 0..3), vec(vec(text(), 0..2), 0..3));
    tuples: ((text(), text()), (text(), (text(),)), (Just(()), (0_u8..2, text(), of(text()))));
    arrays: [of(text()), of(text())];
    own_enums: shape();
    own_structs: record();
    addresses: (any::<IpAddr>(), any::<Ipv4Addr>(), any::<Ipv6Addr>(), any::<SocketAddr>());
    durations: (any::<Duration>(), (0_u64..3, 0_u32..3).prop_map(|(secs, nanos)| Duration::new(secs, nanos)));
}

proptest! {
    #[test]
    fn moments(pair in pairs((any::<bool>(), 0_u64..3, 0_u32..3))) {
        let moment = |(after, secs, nanos)| {
            let distance = Duration::new(secs, nanos);
            if after { UNIX_EPOCH + distance } else { UNIX_EPOCH - distance }
        };
        let (left, right): (SystemTime, SystemTime) = (moment(pair.0), moment(pair.1));
        injective(&left, &right)?;
    }

    #[test]
    fn two_arguments((left, right) in pairs((text(), text()))) {
        let same = key_of_two(&left.0, &left.1) == key_of_two(&right.0, &right.1);
        prop_assert_eq!(same, left == right);
    }

    #[test]
    fn an_argument_and_an_optional_list((left, right) in pairs((of(text()), of(vec(text(), 0..3))))) {
        let same = key_of_two(&left.0, &left.1) == key_of_two(&right.0, &right.1);
        prop_assert_eq!(same, left == right);
    }

    #[test]
    fn a_pointer_is_what_it_points_to(value in (text(), of(text()))) {
        #[cached(key = "key_parts.pointer:<value>")]
        fn f(value: impl KeyPart) -> u8 {
            0
        }
        // The name of the type is in the key as well; only the part itself has to be the same.
        let key = |key: &str| key.split(':').nth(1).unwrap().to_owned();
        let plain = key(f::entry(&value).key());
        prop_assert_eq!(&key(f::entry(Box::new(value.clone())).key()), &plain);
        prop_assert_eq!(&key(f::entry(Arc::new(value.clone())).key()), &plain);
        prop_assert_eq!(&key(f::entry(Rc::new(&&value)).key()), &plain);
        let (text, option) = value;
        let cow: (Cow<'_, str>, Option<&str>) = (Cow::Borrowed(&text), option.as_deref());
        prop_assert_eq!(&key(f::entry(cow).key()), &plain);
    }
}

#[test]
fn pairs_that_other_caches_mix_up() {
    let pairs = [
        (("a b", "c"), ("a", "b c")),
        (("1:b:2", "3"), ("1", "2:b:3")),
        (("a:", "b"), ("a", ":b")),
        (("ab|c", ""), ("a", "bc|")),
        (("a_b", "c"), ("a", "b_c")),
        (("a%3Ab", ""), ("a:b", "")),
        (("", "a"), ("a", "")),
    ];
    for (left, right) in pairs {
        assert_ne!(key_of_two(&left.0, &left.1), key_of_two(&right.0, &right.1), "{left:?} and {right:?}");
        assert_ne!(key(&left), key(&right), "{left:?} and {right:?}");
        assert_ne!(key(&[left.0, left.1]), key(&[right.0, right.1]), "{left:?} and {right:?}");
    }
    assert_ne!(key(&None::<&str>), key(&Some("")));
    assert_ne!(key(&None::<&str>), key(&Some("~")));
    assert_ne!(key(&None::<&str>), key(&Some("None")));
    assert_ne!(key(&Some(None::<u8>)), key(&None::<Option<u8>>));
    assert_ne!(key(&vec!["x", "y"]), key(&vec!["x:y"]));
    assert_ne!(key(&vec!["x,y"]), key(&vec!["x", "y"]));
    assert_ne!(key(&Vec::<&str>::new()), key(&vec![""]));
    // Of different types, as arguments of one generic function.
    assert_ne!(key(&1_u64), key(&"1"));
    assert_ne!(key(&1_u64), key(&1_i64));
    assert_ne!(key(&true), key(&"true"));
    assert_ne!(key(&"a"), key(&'a'));
}

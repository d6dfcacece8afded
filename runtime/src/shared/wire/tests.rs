//! A value through the wire without its type.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    id: u64,
    name: String,
}

/// Writes a number and reads a text.
#[derive(Clone)]
struct Forgetful;

impl Serialize for Forgetful {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(1)
    }
}

impl<'de> Deserialize<'de> for Forgetful {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|_| Self)
    }
}

/// Loses what it has written.
#[derive(Clone, Serialize, Deserialize)]
struct Lossy {
    #[serde(skip_deserializing)]
    lost: Vec<u8>,
}

/// Panics when it is read.
#[derive(Clone, Serialize)]
struct Panics;

impl<'de> Deserialize<'de> for Panics {
    fn deserialize<D: serde::Deserializer<'de>>(_deserializer: D) -> Result<Self, D::Error> {
        std::panic::resume_unwind(Box::new(()))
    }
}

fn header() -> Header {
    Header::new(1, "key", None, 0, 0)
}

const ROW: &Wire = WireOf::<Row>::WIRE;

#[test]
fn a_value_goes_through_without_its_type() {
    let row = Row { id: 1, name: "one".into() };
    for codec in [Codec::MessagePack, Codec::Json] {
        let form = ROW.form(codec);
        let payload = ROW.encode(&row, form).unwrap();
        let stored = ROW.decode(&payload, form, header()).unwrap();
        assert_eq!(stored.value.downcast_ref(), Some(&row));
        assert_eq!(stored.header.text, "key");
    }
    assert_eq!(ROW.type_id(), TypeId::of::<Row>());
    assert!(ROW.type_name().ends_with("Row"));
}

#[test]
fn another_type_is_an_error() {
    let error = ROW.encode(&1_u8, Form::MessagePack).unwrap_err();
    assert_eq!(error, WireError::OtherType(type_name::<Row>()));
    assert!(matches!(ROW.decode(&[1], Form::MessagePack, header()), Err(WireError::Decode(_))));
}

#[test]
fn a_number_is_one_whatever_is_asked_for() {
    let wire = WireOf::<i64>::WIRE;
    let form = wire.form(Codec::Json);
    assert_eq!(wire.encode(&-5_i64, form).as_deref(), Ok(&b"-5"[..]));
    let stored = wire.decode(b"-4", form, header()).unwrap();
    assert_eq!(stored.value.downcast_ref(), Some(&-4_i64));
}

#[test]
fn the_fingerprint_is_found_once() {
    let first = ROW.fingerprint().unwrap();
    assert_eq!(ROW.fingerprint(), Ok(first));
    assert_eq!(shape::fingerprint::<Row>(), Ok(first));
    assert_ne!(WireOf::<Vec<Row>>::WIRE.fingerprint(), Ok(first));
    assert!(matches!(WireOf::<Option<Option<u8>>>::WIRE.fingerprint(), Err(WireError::NotFaithful(_))));
}

#[test]
fn a_panic_of_the_type_is_an_error() {
    let wire = WireOf::<Panics>::WIRE;
    assert_eq!(wire.fingerprint(), Err(WireError::Panicked));
    assert_eq!(wire.decode(&[1], Form::MessagePack, header()).unwrap_err(), WireError::Panicked);
}

#[cfg(debug_assertions)]
#[test]
fn a_type_that_can_not_read_what_it_has_written_is_found() {
    let refused = |error: WireError| error.to_string();
    let text = refused(WireOf::<Forgetful>::WIRE.encode(&Forgetful, Form::MessagePack).unwrap_err());
    assert!(text.contains("Forgetful` can't read what it has written: can't be read: "), "{text}");
    let lossy = Lossy { lost: vec![1, 2, 3] };
    let text = refused(WireOf::<Lossy>::WIRE.encode(&lossy, Form::MessagePack).unwrap_err());
    assert!(text.contains("Lossy` can't read what it has written: 10 bytes became 7"), "{text}");
}

#[cfg(debug_assertions)]
#[test]
fn the_order_of_a_map_does_not_matter() {
    let map: HashMap<u32, String> = (0..1_000).map(|number| (number, number.to_string())).collect();
    WireOf::<HashMap<u32, String>>::WIRE.encode(&map, Form::MessagePack).unwrap();
}

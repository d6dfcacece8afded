//! Whatever bytes a store gives back, they are a value or an error: no panic, no end of the process, no memory without bound.

#![no_main]

use std::collections::{BTreeMap, HashMap};

use larder::__private::wire_door::{mend, read, read_payload, write};
use larder::shared::Codec;
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    id: u64,
    name: Option<String>,
    #[serde(default)]
    kinds: Vec<Kind>,
    named: BTreeMap<i32, (u8, f64)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Unit,
    Not(Box<Kind>),
    Pair(Box<Kind>, char),
    Of { rows: Vec<Row> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(i64),
    Text(String),
    List(Vec<Untagged>),
    Map(HashMap<String, Untagged>),
}

fn read_all(bytes: &[u8]) {
    let _value = read::<i64>(bytes);
    let _value = read::<String>(bytes);
    let _value = read::<Vec<u8>>(bytes);
    let _value = read::<Row>(bytes);
    let _value = read::<Kind>(bytes);
    let _value = read::<Untagged>(bytes);
}

fuzz_target!(|bytes: &[u8]| {
    read_all(bytes);
    let mut mended = bytes.to_vec();
    mend(&mut mended);
    read_all(&mended);
    for codec in [Codec::MessagePack, Codec::Json, Codec::Raw] {
        let _value = read_payload::<i64>(bytes, codec);
        let _value = read_payload::<String>(bytes, codec);
        let _value = read_payload::<Kind>(bytes, codec);
        let _value = read_payload::<Untagged>(bytes, codec);
        // What could be read can be written, and is the same when it is read again. A float that is not a number is not.
        let Some(row) = read_payload::<Row>(bytes, codec) else { continue };
        if row == row.clone() && codec == Codec::MessagePack {
            let again = write(&row, codec).and_then(|bytes| read::<Row>(&bytes));
            assert_eq!(again, Some(row));
        }
    }
});

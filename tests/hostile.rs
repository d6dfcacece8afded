//! What bytes from a store can cost at most, whatever is in them. In a binary of its own, for the allocator that counts.

use std::collections::HashMap;

use allocation_counter::measure;
use larder::__private::wire_door::{mend, read, read_payload, write};
use larder::shared::Codec;
use serde::{Deserialize, Serialize};

/// The most that a payload may have after decompression.
const RAW: u64 = 32 << 20;

#[derive(Clone, Serialize, Deserialize)]
struct Tree {
    children: Vec<Tree>,
    names: HashMap<String, Option<Box<Tree>>>,
}

/// How much memory was in use at most while this ran.
fn peak(run: impl FnOnce()) -> u64 {
    measure(run).bytes_max
}

/// Reads bytes as values of several types, and as what is in an envelope.
fn read_all(bytes: &[u8]) {
    let _outcome = (read::<u64>(bytes), read::<String>(bytes), read::<Vec<String>>(bytes), read::<Tree>(bytes));
    for codec in [Codec::MessagePack, Codec::Json, Codec::Raw] {
        let _outcome = (read_payload::<Vec<u64>>(bytes, codec), read_payload::<Tree>(bytes, codec));
    }
}

/// An envelope with this length in its head, which says that its payload is compressed.
fn claim(raw: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = write(&0_u8, Codec::MessagePack).unwrap();
    bytes.truncate(64);
    bytes[3] = 1;
    bytes[52..56].copy_from_slice(&raw.to_le_bytes());
    bytes.extend_from_slice(payload);
    mend(&mut bytes);
    bytes
}

#[test]
fn a_claimed_length_reserves_nothing_that_can_not_be_there() {
    for raw in [u32::MAX, 3_000_000_000, (32 << 20) + 1, 32 << 20, 100_000] {
        let bytes = claim(raw, &[0xff; 24]);
        let used = peak(|| read_all(&bytes));
        assert!(used < 10_000, "{used} bytes for a claim of {raw}");
    }
}

#[test]
fn a_bomb_takes_no_more_than_the_limit() {
    let text = "a".repeat(usize::try_from(RAW).unwrap() - 5);
    let bomb = write(&text, Codec::MessagePack).unwrap();
    assert!(bomb.len() < 200_000, "{} bytes", bomb.len());
    drop(text);
    let used = peak(|| assert!(read::<u64>(&bomb).is_none()));
    assert!((RAW..RAW + 10_000).contains(&used), "{used} bytes");
    let larger = claim((32 << 20) + 1, bomb.get(64..).unwrap());
    assert!(peak(|| assert!(read::<String>(&larger).is_none())) < 10_000);
}

/// The payload, a copy of its longest text, and the value, each of which grows by doubling.
#[test]
fn what_is_there_takes_a_few_times_its_length() {
    let list = vec![1_u8; usize::try_from(RAW).unwrap() - 5];
    let bomb = write(&list, Codec::MessagePack).unwrap();
    let used = peak(|| assert!(read::<Vec<u8>>(&bomb).is_some_and(|read| read == list)));
    assert!(used <= 3 * RAW, "{used} bytes");
    let text = "a".repeat(list.len() - 2);
    for codec in [Codec::MessagePack, Codec::Json, Codec::Raw] {
        let bomb = write(&text, codec).unwrap();
        let used = peak(|| assert!(read::<String>(&bomb).is_some()));
        assert!(used <= 4 * RAW, "{used} bytes for {codec:?}");
    }
}

#[test]
fn claimed_elements_reserve_nothing() {
    let list = b"\xdd\xff\xff\xff\xff".repeat(64);
    let map = b"\xdf\x7f\xff\xff\xff".repeat(64);
    let tree = b"\x82\xa8children\xdd\xff\xff\xff\xff".repeat(64);
    let text = b"\xdb\xff\xff\xff\xff".to_vec();
    let json = b"[".repeat(1_000_000);
    for payload in [list, map, tree, text, json] {
        let used = peak(|| read_all(&payload));
        assert!(used < 10_000, "{used} bytes for {:x?}", payload.get(..20));
    }
}

#[test]
fn what_is_nested_a_million_times_is_an_error() {
    let deep = b"\x91".repeat(1_000_000);
    let used = peak(|| read_all(&deep));
    assert!(used < 10_000, "{used} bytes");
}

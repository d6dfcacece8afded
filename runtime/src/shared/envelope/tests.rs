//! The bytes of an envelope, and every way to spoil them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use proptest::prelude::*;

use super::*;

/// An envelope as version 1 writes it, by hand. It must be readable for ever.
const GOLDEN: &str = "c79e 01 00 01 02 0400 \
     8877665544332211 0100000000000000 00e40b5402000000 60ea000000000000 ffffffffffffffff \
     d2040000 04000000 CRCCRCCR 00000000 \
     0a00000000000000 ffffffffffffffff 726576 93010203";
const GOLDEN_CRC: &str = "63c64cff";

fn golden() -> Vec<u8> {
    let digits: Vec<u8> = GOLDEN.replace("CRCCRCCR", GOLDEN_CRC).bytes().filter(|byte| *byte != b' ').collect();
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
}

fn head() -> Head {
    Head {
        nothing: false,
        form: Form::MessagePack,
        fingerprint: 0x1122_3344_5566_7788,
        types: 1,
        created_ms: 10_000_000_000,
        timeout: 60_000_000_000,
        keep: NEVER,
        cost_us: 1234,
        generations: vec![10, u64::MAX],
        revision: Some(b"rev".to_vec()),
    }
}

const PAYLOAD: &[u8] = &[0x93, 1, 2, 3];

fn limits() -> Limits {
    Limits::default()
}

fn sealed(head: &Head, payload: &[u8]) -> Vec<u8> {
    seal(head, payload, &limits()).unwrap()
}

fn opened(bytes: &[u8]) -> (Head, Vec<u8>) {
    let (head, payload) = open(bytes, &limits()).unwrap();
    (head, payload.into_owned())
}

fn refused(bytes: &[u8]) -> Corrupt {
    open(bytes, &limits()).unwrap_err()
}

/// Changes bytes, and the checksum with them.
fn changed(at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = sealed(&head(), PAYLOAD);
    put(&mut bytes, at, new);
    sign(&mut bytes);
    bytes
}

#[test]
fn the_format_stays_as_it_is() {
    assert_eq!(sealed(&head(), PAYLOAD), golden());
    assert_eq!(opened(&golden()), (head(), PAYLOAD.to_vec()));
}

#[test]
fn every_truncation_is_found() {
    let golden = golden();
    for length in 0..golden.len() {
        open(&golden[..length], &limits()).unwrap_err();
    }
    let mut longer = golden;
    longer.push(0);
    assert_eq!(refused(&longer), Corrupt::Length { raw: 4, length: 5 });
}

#[test]
fn every_flipped_bit_is_found() {
    let long = sealed(&head(), &[7; 5_000]);
    let nothing = sealed(&Head { nothing: true, ..head() }, &[]);
    for bytes in [golden(), long, nothing] {
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&flipped, &limits()).is_err(), "bit {bit} of {}", bytes.len());
        }
    }
}

#[test]
fn a_flipped_bit_in_the_head_of_a_number_is_found() {
    let bytes = sealed(&Head { form: Form::Number, ..head() }, b"42");
    for bit in 0..(bytes.len() - 2) * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&flipped, &limits()).is_err(), "bit {bit}");
    }
}

#[test]
fn heads_come_back() {
    let plain = Head { revision: None, generations: Vec::new(), timeout: NEVER, keep: 0, ..head() };
    let empty_revision = Head { revision: Some(Vec::new()), form: Form::Json, types: 0, ..head() };
    let many = Head { generations: (0..255).collect(), revision: Some(vec![1; 65_534]), form: Form::Raw, ..head() };
    for head in [plain, empty_revision, many] {
        assert_eq!(opened(&sealed(&head, b"payload")), (head, b"payload".to_vec()));
    }
}

#[test]
fn times_are_whole_milliseconds_and_not_lost() {
    let written = |timeout| opened(&sealed(&Head { timeout, ..head() }, &[])).0.timeout;
    assert_eq!(written(0), 0);
    assert_eq!(written(1), 1_000_000, "a short time is no time without end");
    assert_eq!(written(1_999_999), 1_000_000, "nothing lives longer than it was to");
    assert_eq!(written(NEVER - 1), (NEVER - 1) / 1_000_000 * 1_000_000);
    assert_eq!(written(NEVER), NEVER);
}

#[test]
fn nothing_has_no_payload_and_is_no_number() {
    let nothing = Head { nothing: true, form: Form::Number, ..head() };
    let bytes = sealed(&nothing, b"left out");
    assert_eq!(opened(&bytes), (Head { form: Form::MessagePack, ..nothing }, Vec::new()));
    assert_ne!(bytes[FORM_AT], Form::Number.byte());
    let mut with_payload = bytes;
    with_payload.push(1);
    sign(&mut with_payload);
    assert_eq!(refused(&with_payload), Corrupt::Nothing);
}

#[test]
fn a_number_can_be_rewritten_behind_its_head() {
    let front = number_head(&head()).unwrap();
    assert_eq!(front.len(), GENERATIONS_AT + 2 * 8 + 3);
    assert_eq!((front[FORM_AT], &front[GENERATIONS_AT..][..8]), (Form::Number.byte(), &10_u64.to_le_bytes()[..]));
    assert_eq!([&front[..], b"7"].concat(), sealed(&Head { form: Form::Number, ..head() }, b"7"));
    for digits in ["0", "-9223372036854775808"] {
        let (head, payload) = opened(&[&front, digits.as_bytes()].concat());
        assert_eq!((head.form, payload), (Form::Number, digits.as_bytes().to_vec()));
    }
    assert_eq!(refused(&front), Corrupt::Length { raw: 0, length: 0 });
    let long = [&front, &b"1"[..].repeat(21)[..]].concat();
    assert_eq!(refused(&long), Corrupt::Length { raw: 0, length: 21 });
}

#[test]
fn long_payloads_are_compressed_if_that_saves_an_eighth() {
    let length = |payload: &[u8]| {
        let bytes = sealed(&head(), payload);
        assert_eq!(opened(&bytes), (head(), payload.to_vec()));
        bytes.len() - sealed(&head(), &[]).len()
    };
    let mut dice = 1_u64;
    let mut noise: Vec<u8> = Vec::new();
    noise.resize_with(2_000, || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        dice.to_be_bytes()[0]
    });
    assert_eq!(length(&[7; 1_023]), 1_023, "too short");
    assert!(length(&[7; 1_024]) < 50);
    assert_eq!(length(&noise), 2_000, "it saves nothing");
    let tenth: Vec<u8> = [&noise[..1_800], &[0; 200]].concat();
    assert_eq!(length(&tenth), 2_000, "it saves a tenth");
}

#[test]
fn what_is_too_long_is_neither_written_nor_read() {
    let small = Limits { value: 200, raw: 2_000 };
    assert_eq!(seal(&head(), &[0; 2_001], &small), Err(WireError::TooLong { length: 2_001, limit: 2_000 }));
    let noise: Vec<u8> = (0..200_u8).collect();
    assert!(matches!(seal(&head(), &noise, &small), Err(WireError::TooLong { limit: 200, .. })));
    let compressed = seal(&head(), &[0; 2_000], &small).unwrap();
    assert!(open(&compressed, &small).is_ok());
    let claim = open(&compressed, &Limits { raw: 1_999, ..small }).unwrap_err();
    assert_eq!(claim, Corrupt::Claim { raw: 2_000, limit: 1_999 });
    let short = open(&compressed, &Limits { value: 90, ..small }).unwrap_err();
    assert_eq!(short, Corrupt::TooLong { length: compressed.len(), limit: 90 });
    assert_eq!(seal(&Head { generations: vec![0; 256], ..head() }, &[], &small), Err(WireError::TooManyTags));
    assert_eq!(seal(&Head { revision: Some(vec![0; 65_535]), ..head() }, &[], &limits()), Err(WireError::LongRevision));
}

#[test]
fn each_check_has_its_reason() {
    assert_eq!(refused(&[]), Corrupt::TooShort(0));
    assert_eq!(refused(&changed(0, b"{\"")), Corrupt::Magic);
    assert_eq!(refused(&changed(2, &[2])), Corrupt::Format(2));
    for flags in [2, 3, 0b1_0000, 0b1000_0000, NUMBER, NOTHING | LZ4] {
        assert_eq!(refused(&changed(3, &[flags])), Corrupt::Flags(flags), "{flags:b}");
    }
    assert_eq!(refused(&changed(4, &[2])), Corrupt::Form(2));
    assert_eq!(refused(&changed(4, &[Form::Number.byte()])), Corrupt::Flags(0), "a number without its flag");
    assert_eq!(refused(&changed(60, &[1])), Corrupt::Reserved);
    assert_eq!(refused(&changed(5, &[200])), Corrupt::Sections { length: 87, needed: 64 + 1_600 + 3 });
    assert_eq!(refused(&changed(6, &[255, 255])), Corrupt::Sections { length: 87, needed: 64 + 16 + 65_534 });
    assert_eq!(refused(&changed(52, &[5])), Corrupt::Length { raw: 5, length: 4 });
    let mut wrong = sealed(&head(), PAYLOAD);
    wrong[70] ^= 1;
    assert_eq!(refused(&wrong), Corrupt::Checksum);
    assert_eq!(refused(&changed(3, &[LZ4])), Corrupt::Compression);
}

#[test]
fn a_bomb_is_found_before_anything_is_reserved() {
    let bomb = |raw: u32| {
        let mut bytes = changed(3, &[LZ4]);
        put(&mut bytes, 52, &raw.to_le_bytes());
        sign(&mut bytes);
        bytes
    };
    assert_eq!(refused(&bomb(3_000_000_000)), Corrupt::Claim { raw: 3_000_000_000, limit: 32 << 20 });
    assert_eq!(refused(&bomb(4 * 255 + 65)), Corrupt::Length { raw: 4 * 255 + 65, length: 4 });
    assert_eq!(refused(&bomb(4 * 255 + 64)), Corrupt::Compression);
}

proptest! {
    #[test]
    fn random_bytes_do_no_harm(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _outcome = open(&bytes, &limits());
        mend(&mut bytes);
        let _outcome = open(&bytes, &limits());
    }

    #[test]
    fn random_heads_do_no_harm(at in 3_usize..64, new: [u8; 4], payload in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut bytes = sealed(&head(), &payload);
        let end = (at + 4).min(64);
        bytes[at..end].copy_from_slice(&new[..end - at]);
        mend(&mut bytes);
        if let Ok((_, payload)) = open(&bytes, &limits()) {
            prop_assert!(payload.len() <= bytes.len() * 255 + 64);
        }
    }

    #[test]
    fn payloads_come_back(payload in proptest::collection::vec(0_u8..4, 0..3_000), generations: Vec<u64>, revision: Option<Vec<u8>>) {
        let head = Head { generations: generations.into_iter().take(255).collect(), revision, ..head() };
        prop_assert_eq!(opened(&sealed(&head, &payload)), (head, payload));
    }
}

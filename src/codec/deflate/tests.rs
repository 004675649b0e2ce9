//! Compresses rows and decompresses them with zlib-rs and with this crate.

use std::io::Read;

use flate2::read::DeflateDecoder;
use proptest::prelude::*;

use super::*;
use crate::{inflate::Inflate, testing::cases};

/// Rows of fields, each a key and a value.
fn join(keys: &[&[u8]], rows: &[Vec<Vec<u8>>]) -> (Vec<u8>, Vec<u32>) {
    let (mut bytes, mut starts) = (Vec::new(), Vec::new());
    for row in rows {
        for (key, value) in keys.iter().zip(row) {
            starts.push(u32::try_from(bytes.len()).unwrap());
            bytes.extend_from_slice(key);
            bytes.extend_from_slice(value);
        }
    }
    (bytes, starts)
}

/// Compresses rows in batches, checks the stream, and returns its length.
fn deflate(keys: &[&[u8]], batches: &[Vec<Vec<Vec<u8>>>]) -> usize {
    let lens: Vec<_> = keys.iter().map(|key| key.len()).collect();
    let mut deflater = RowDeflater::new(&lens);
    let mut all = Vec::new();
    for rows in batches {
        let (bytes, starts) = join(keys, rows);
        deflater.push(&bytes, &starts);
        all.extend(bytes);
    }
    let segment = deflater.finish();
    assert_eq!(segment.byte_length, all.len() as u64);
    assert_eq!(segment.crc, zlib_rs::crc32::crc32(0, &all));
    let stream = [&segment.deflated[..], &[3, 0]].concat();
    let mut read = Vec::new();
    DeflateDecoder::new(&stream[..])
        .read_to_end(&mut read)
        .unwrap();
    assert!(read == all, "zlib decompresses other bytes");
    let mut output = Vec::with_capacity(all.len() + 1);
    assert_eq!(
        Inflate::new().inflate(&mut &stream[..], &mut output),
        Ok(true)
    );
    assert!(output == all, "other bytes");
    segment.deflated.len()
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xd9, u8::try_from(text.len()).unwrap()];
    bytes.extend(text.as_bytes());
    bytes
}

#[test]
fn no_rows_are_an_empty_stream() {
    assert_eq!(deflate(&[b"\xa1a"], &[]), 5);
    assert_eq!(deflate(&[b"\xa1a"], &[vec![]]), 5);
}

#[test]
fn keys_and_repeated_values_take_few_bytes() {
    let keys: [&[u8]; 3] = [b"\x83\xa7country", b"\xa6device", b"\xa7visitor"];
    let values = ["JP", "US", "DE", "FR"];
    let row = |row: usize| {
        let number = (row * 7919 % 1000).to_string();
        vec![text(values[row % 4]), text(values[row % 3]), text(&number)]
    };
    let rows: Vec<_> = (0..5000).map(row).collect();
    let (bytes, _) = join(&keys, &rows);
    let len = deflate(&keys, &[rows]);
    assert!(len * 5 < bytes.len(), "{len} of {}", bytes.len());
}

#[test]
fn long_and_far_values_are_kept() {
    let long = vec![7; 100_000];
    let random: Vec<u8> = (0..100_000_u32)
        .map(|place| place.wrapping_mul(0x9e37_79b1).to_be_bytes()[1])
        .collect();
    let rows = vec![
        vec![long.clone(), random.clone()],
        vec![random.clone(), long],
        vec![random, vec![0xc0]],
    ];
    deflate(&[b"\xa1a", b"\xa1b"], &[rows.clone(), rows]);
}

#[test]
fn every_length_and_distance_has_its_symbol() {
    let lengths = (3..=258).map(|length| {
        let symbol = length_symbol(length);
        (symbol.symbol, symbol.extra, symbol.extra_bits)
    });
    let lengths: Vec<_> = lengths.collect();
    assert_eq!(lengths[0], (257, 0, 0));
    assert_eq!(lengths[254], (284, 30, 5));
    assert_eq!(lengths[255], (285, 0, 0));
    let distance = |distance| {
        let symbol = distance_symbol(distance);
        (symbol.symbol, symbol.extra, symbol.extra_bits)
    };
    assert_eq!(distance(1), (0, 0, 0));
    assert_eq!(distance(4), (3, 0, 0));
    assert_eq!(distance(5), (4, 0, 1));
    assert_eq!(distance(32_768), (29, 8191, 13));
}

/// A value whose marker may be of any type; some repeat.
fn any_field() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 1..40),
        prop::collection::vec(0xa0_u8..0xa4, 1..300),
        "[ab]{0,30}".prop_map(|value| text(&value)),
        Just(vec![0xc0]),
        Just(vec![0xcb, 1, 2, 3, 4, 5, 6, 7, 8]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(64, 5_000)))]

    #[test]
    fn any_rows_are_decompressed_to_themselves(
        rows in prop::collection::vec(prop::collection::vec(any_field(), 3..=3), 0..200),
        cut in 0_usize..200,
    ) {
        let keys: [&[u8]; 3] = [b"\x83\xa2id", b"\xa3url", b""];
        let (first, second) = rows.split_at(cut.min(rows.len()));
        deflate(&keys, &[first.to_vec(), second.to_vec()]);
    }
}

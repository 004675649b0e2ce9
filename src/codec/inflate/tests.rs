//! Compares the decoder with zlib-rs, over valid, damaged and cut streams.

use flate2::{Decompress, FlushDecompress, Status};
use zlib_rs::{DeflateConfig, Method, ReturnCode, Strategy, compress_bound, compress_slice};

use super::Inflate;
use crate::testing::{CHUNK_SIZES, cases};

/// The decompressed bytes and the number of consumed bytes of a whole stream.
type Outcome = Option<(Vec<u8>, usize)>;

/// A pseudorandom number generator: SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Bytes in which literals, short and long matches, and distances of all sizes occur.
fn content(random: &mut Random) -> Vec<u8> {
    let len = match random.below(40) {
        0..5 => random.below(10),
        5 => 40_000 + random.below(300_000),
        _ => random.below(4000),
    };
    let alphabet = 1 + random.below(256);
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < len {
        match random.below(4) {
            0 if !bytes.is_empty() => {
                let distance = 1 + random.below(bytes.len().min(33_000));
                let distance = distance.min(1 + random.below(40_000));
                let start = bytes.len() - distance;
                for place in start..start + random.below(400) {
                    bytes.push(bytes[place]);
                }
            }
            1 => bytes.extend(vec![random.byte(); random.below(600)]),
            _ => {
                for _ in 0..random.below(200) {
                    let byte = random.below(alphabet).min(random.below(alphabet));
                    bytes.push(u8::try_from(byte).unwrap());
                }
            }
        }
    }
    bytes
}

/// A stream with blocks of any type.
fn stream(random: &mut Random) -> Vec<u8> {
    let content = content(random);
    let strategies = [
        Strategy::Default,
        Strategy::Filtered,
        Strategy::HuffmanOnly,
        Strategy::Rle,
        Strategy::Fixed,
    ];
    let config = DeflateConfig {
        level: i32::try_from(random.below(10)).unwrap(),
        method: Method::Deflated,
        window_bits: -15,
        mem_level: 1 + i32::try_from(random.below(9)).unwrap(),
        strategy: strategies[random.below(5)],
    };
    let mut output = vec![0; compress_bound(content.len()) + 100];
    let (output, code) = compress_slice(&mut output, &content, config);
    assert!(code == ReturnCode::Ok, "{code:?}");
    output.to_vec()
}

fn damage(stream: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..random.below(4) {
        if !stream.is_empty() {
            // Most of the damage is in the header of the first block.
            let end = stream.len().min([100, usize::MAX][random.below(2)]);
            let place = random.below(end);
            stream[place] ^= 1 << random.below(8);
        }
    }
    match random.below(6) {
        0 => stream.truncate(random.below(stream.len() + 1)),
        1 => stream.extend([random.byte(), random.byte(), random.byte()]),
        2 => *stream = (0..random.below(60)).map(|_| random.byte()).collect(),
        _ => {}
    }
}

fn inflate(stream: &[u8], size: usize, room: usize) -> Outcome {
    let mut inflate = Inflate::new();
    let mut all = Vec::new();
    for (index, chunk) in stream.chunks(size.min(stream.len().max(1))).enumerate() {
        let mut rest = chunk;
        loop {
            let mut output = Vec::with_capacity(room);
            let before = rest.len();
            let ended = inflate.inflate(&mut rest, &mut output).ok()?;
            assert!(output.len() <= room);
            all.extend_from_slice(&output);
            if ended {
                assert_eq!(inflate.unused_bytes(), 0);
                let end = index.saturating_mul(size) + chunk.len();
                return Some((all, end - rest.len()));
            }
            if output.is_empty() && rest.len() == before {
                break;
            }
        }
        assert!(rest.is_empty(), "input is left");
    }
    None
}

fn inflate_with_zlib(stream: &[u8]) -> Outcome {
    let mut zlib = Decompress::new(false);
    let mut all = Vec::new();
    loop {
        all.reserve(100_000);
        let used = usize::try_from(zlib.total_in()).unwrap();
        let before = all.len();
        let rest = &stream[used..];
        let status = zlib.decompress_vec(rest, &mut all, FlushDecompress::None);
        let used_now = usize::try_from(zlib.total_in()).unwrap();
        match status.ok()? {
            Status::StreamEnd => return Some((all, used_now)),
            Status::Ok | Status::BufError if used_now == used && all.len() == before => {
                return None;
            }
            Status::Ok | Status::BufError => {}
        }
    }
}

#[test]
fn every_stream_is_decoded_as_by_zlib() {
    let seeds = cases(1000, 100_000).into();
    let (mut whole, mut invalid) = (0, 0);
    for seed in 0..seeds {
        let mut random = Random(seed << 20);
        let mut stream = stream(&mut random);
        if seed % 2 == 1 {
            damage(&mut stream, &mut random);
        }
        let expected = inflate_with_zlib(&stream);
        *(if expected.is_some() {
            &mut whole
        } else {
            &mut invalid
        }) += 1;
        let size = CHUNK_SIZES[random.below(CHUNK_SIZES.len())];
        for (size, room) in [
            (usize::MAX, 1 << 20),
            (size, [7, 300, 70_000][random.below(3)]),
        ] {
            let found = inflate(&stream, size, room);
            assert!(found == expected, "seed {seed}, chunks of {size}, {room}");
        }
    }
    assert!(whole > seeds / 2 && invalid > seeds / 10);
}

#[test]
fn a_decoder_is_used_again_after_an_error() {
    let mut inflate = Inflate::new();
    let mut output = Vec::with_capacity(100);
    let invalid_type = inflate.inflate(&mut &[7][..], &mut output);
    assert_eq!(invalid_type, Err("invalid block type"));
    inflate.reset();
    // "a" with the fixed code, in the last block.
    let mut input = &[0x4b, 0x04, 0x00, 9][..];
    assert_eq!(inflate.inflate(&mut input, &mut output), Ok(true));
    assert_eq!((&output[..], input), (&b"a"[..], &[9][..]));
}

#[test]
fn a_distance_before_the_start_is_rejected() {
    let mut stream = Vec::new();
    // A last block with the fixed code: "a", then a match of 3 bytes from 2 bytes back, as bits.
    let bits = "110 10010001 0000001 00001 0000000";
    let bits: Vec<u8> = bits.bytes().filter(|byte| *byte != b' ').collect();
    for byte in bits.chunks(8) {
        let byte = byte.iter().rev().fold(0, |sum, bit| sum * 2 + (bit - b'0'));
        stream.push(byte);
    }
    let mut output = Vec::with_capacity(100);
    let too_far = Inflate::new().inflate(&mut &stream[..], &mut output);
    assert_eq!(too_far, Err("invalid distance too far back"));
}

//! CRC-32 as gzip has it (RFC 1952 §8), of bytes that come one piece after the other.
//!
//! The bytes are a polynomial over two elements, and their CRC is what its division by another, P, leaves. Dividing by a
//! multiple of P first changes nothing. The multiple taken here has five terms that are whole words apart: the division is
//! four exclusive-ors a word, of words far enough behind for as many at a time as the processor has lanes. A processor that
//! multiplies polynomials has no need of this; WebAssembly cannot, and looks up tables byte by byte otherwise.

use zlib_rs::crc32::{crc32, crc32_combine};

/// A word of the quotient is the message's, with those that lie so many words behind. That is the division by
/// x^(64·600) + x^(64·310) + x^(64·234) + x^(64·178) + 1, which P divides: found by search, and checked by the tests.
const DISTANCES: [usize; 4] = [290, 366, 422, SPAN];
/// The longest of the distances.
const SPAN: usize = 600;
/// Words divided at a time: none of them needs another.
const RUN: usize = 290;
/// Runs between two moves of the words that are still needed.
const RUNS: usize = 8;

/// Bytes to go on by instead of [`SPAN`] words back. x^(2^32 - 1) is 1, so that 2^29 bytes, which are 2^32 bits, multiply by x,
/// and this many by x^(-64·SPAN).
const BACK: u64 = {
    const ORDER: u64 = u32::MAX as u64;
    (ORDER - 64 * SPAN as u64) * (1 << 29) % ORDER
};

/// The CRC of the bytes so far.
#[derive(Debug, Clone)]
pub struct Crc {
    /// Words of the quotient, the last [`SPAN`] of them at least.
    quotient: Vec<u64>,
    /// Where they end.
    end: usize,
    /// Bytes that make no word yet.
    rest: [u8; 8],
    rest_len: usize,
}

impl Default for Crc {
    fn default() -> Self {
        let mut quotient = vec![0; SPAN + RUNS * RUN];
        // Inverts the first 32 bits, as CRC-32 does.
        if let Some(first) = quotient.first_mut() {
            *first = u32::MAX.into();
        }
        Self {
            quotient,
            end: SPAN,
            rest: [0; 8],
            rest_len: 0,
        }
    }
}

impl Crc {
    /// Adds bytes.
    pub fn push(&mut self, mut bytes: &[u8]) {
        if self.rest_len > 0 {
            let (_, room) = self.rest.split_at_mut(self.rest_len);
            let (head, after) = bytes.split_at(room.len().min(bytes.len()));
            let (filled, _) = room.split_at_mut(head.len());
            filled.copy_from_slice(head);
            self.rest_len += head.len();
            bytes = after;
            if self.rest_len < self.rest.len() {
                return;
            }
            self.divide(&[self.rest]);
        }
        let (words, rest) = bytes.as_chunks::<8>();
        self.divide(words);
        self.rest_len = rest.len();
        let (filled, _) = self.rest.split_at_mut(rest.len());
        filled.copy_from_slice(rest);
    }

    fn divide(&mut self, words: &[[u8; 8]]) {
        for run in words.chunks(RUN) {
            if self.end + run.len() > self.quotient.len() {
                self.quotient.copy_within(self.end - SPAN..self.end, 0);
                self.end = SPAN;
            }
            let (past, next) = self.quotient.split_at_mut(self.end);
            let behind = |distance: usize| {
                let (_, from) = past.split_at(past.len() - distance);
                from.iter()
            };
            let [a, b, c, d] = DISTANCES.map(behind);
            let terms = a.zip(b).zip(c.zip(d));
            for ((to, word), ((a, b), (c, d))) in next.iter_mut().zip(run).zip(terms) {
                *to = u64::from_le_bytes(*word) ^ a ^ b ^ c ^ d;
            }
            self.end += run.len();
        }
    }

    /// The CRC of all bytes that were added.
    pub fn value(&self) -> u32 {
        let (rest, _) = self.rest.split_at(self.rest_len);
        crc32(!self.of_words(), rest)
    }

    /// What division leaves of the whole words.
    fn of_words(&self) -> u32 {
        let (past, _) = self.quotient.split_at(self.end);
        // What dividing by the multiple of P leaves, for the words times x^(64·SPAN).
        let left: Vec<u8> = (0..SPAN)
            .flat_map(|word| {
                let terms = DISTANCES.iter().filter(|distance| **distance > word);
                let terms =
                    terms.map(|distance| past.get(past.len() + word - distance).unwrap_or(&0));
                terms.fold(0, |sum, term| sum ^ term).to_le_bytes()
            })
            .collect();
        // zlib inverts before and after; nothing is inverted here.
        let of_left = !crc32(u32::MAX, &left);
        crc32_combine(of_left, 0, BACK)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::CHUNK_SIZES;

    fn crc(bytes: &[u8], size: usize) -> u32 {
        let mut crc = Crc::default();
        for chunk in bytes.chunks(size.min(bytes.len().max(1))) {
            crc.push(chunk);
        }
        crc.value()
    }

    #[test]
    fn it_is_that_of_zlib() {
        assert_eq!(crc(b"123456789", 9), 0xcbf4_3926);
        let bytes: Vec<u8> = (0..100_000_u32)
            .map(|place| (place.wrapping_mul(place) >> 7).to_le_bytes()[0])
            .collect();
        for len in (0..40).chain([2319, 2320, 4799, 4800, 4801, 23_360, 99_999, 100_000]) {
            for size in CHUNK_SIZES.into_iter().chain([4000]) {
                assert_eq!(
                    crc(&bytes[..len], size),
                    crc32(0, &bytes[..len]),
                    "{len} {size}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn of_any_bytes_it_is_that_of_zlib(
            bytes in prop::collection::vec(any::<u8>(), 0..20_000),
            size in 1_usize..5000,
        ) {
            prop_assert_eq!(crc(&bytes, size), crc32(0, &bytes));
        }
    }
}

//! An encoder of deflate streams (RFC 1951) for rows of one shape: maps with the same keys in the same order.
//!
//! Hand-written, because deflate is most of the work of a clone. A general encoder searches for a match at every byte; here
//! the places of the keys are known, and values that do not repeat are not searched (`bench/HISTORY.md`).

#![expect(clippy::indexing_slicing, reason = "indexes are symbols of a code")]

mod bit_writer;
mod code;
mod matcher;

use self::{
    bit_writer::{BitWriter, Cursor},
    code::{Code, MAX_BITS},
    matcher::{Matcher, Matches, Sequence},
};
use crate::{crc::Crc, gzip::DeflateSegment};

/// Bytes of a block, about. Each has its own codes.
const BLOCK_BYTES: usize = 128 << 10;

const LITERALS: usize = 286;
const DISTANCES: usize = 30;
const LENGTH_CODES: usize = 19;
/// Maximum bits of a literal, so that four of them fit the buffer of a writer.
const MAX_LITERAL_BITS: usize = 14;
/// Maximum bits of a code for code lengths.
const MAX_LENGTH_CODE_BITS: usize = 7;
/// Maximum bytes of the header of a block: 19 codes of 3 bits, and 316 code lengths with at most 14 bits.
const MAX_HEADER_BYTES: usize = 600;
/// The symbol that ends a block.
const END: usize = 256;
/// The symbols for repeated code lengths: the previous one, and zeros (RFC 1951 §3.2.7).
const REPEAT: u8 = 16;
const SHORT_ZEROS: u8 = 17;
const LONG_ZEROS: u8 = 18;
/// The order of the lengths of the codes for code lengths.
const LENGTH_ORDER: [usize; LENGTH_CODES] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Compresses rows of one shape.
#[derive(Debug)]
pub struct RowDeflater {
    matcher: Matcher,
    matches: Matches,
    writer: BitWriter,
    crc: Crc,
    byte_length: u64,
    columns: usize,
}

impl RowDeflater {
    /// `key_lens` has the length of the bytes before each value of a row.
    pub fn new(key_lens: &[usize]) -> Self {
        Self {
            matcher: Matcher::new(key_lens.iter().copied()),
            matches: Matches::default(),
            writer: BitWriter::default(),
            crc: Crc::default(),
            byte_length: 0,
            columns: key_lens.len().max(1),
        }
    }

    /// Compresses whole rows. `starts` are the starts of all fields, the first of which is 0. No match refers to earlier
    /// calls, so that a call should have many rows.
    pub fn push(&mut self, rows: &[u8], starts: &[u32]) {
        self.crc.push(rows);
        self.byte_length += rows.len() as u64;
        self.matcher.clear();
        self.matches.end = 0;
        let row_count = starts.len() / self.columns;
        let row_bytes = rows.len() / row_count.max(1);
        let block_rows = (BLOCK_BYTES / row_bytes.max(1)).max(1);
        let mut blocks = starts.chunks(block_rows * self.columns).peekable();
        while let Some(block) = blocks.next() {
            let next = blocks.peek().and_then(|next| next.first());
            let end = next.map_or(rows.len(), |&start| start as usize);
            let from = self.matches.end;
            self.matcher.find(rows, block, end, &mut self.matches);
            let covered = rows.get(from..).unwrap_or_default();
            write_block(&mut self.writer, covered, &self.matches.sequences);
        }
    }

    /// Ends the segment at a byte boundary.
    pub fn finish(mut self) -> DeflateSegment {
        self.writer.align();
        DeflateSegment {
            deflated: self.writer.into_bytes(),
            crc: self.crc.value(),
            byte_length: self.byte_length,
        }
    }
}

/// Writes a block with codes of its own.
fn write_block(writer: &mut BitWriter, bytes: &[u8], sequences: &[Sequence]) {
    let codes = Codes::new(bytes, sequences);
    let mut cursor = writer.cursor(codes.byte_length + MAX_HEADER_BYTES);
    cursor.put(0b100, 3);
    write_header(&mut cursor, &codes.literals, &codes.distances);
    let mut rest = bytes;
    for sequence in sequences {
        let (run, after) = rest
            .split_at_checked(sequence.literals as usize)
            .unwrap_or_default();
        write_literals(&mut cursor, run, &codes.literals);
        if sequence.length > 0 {
            write_match(&mut cursor, sequence, &codes);
        }
        rest = after.get(sequence.length.into()..).unwrap_or_default();
    }
    put(&mut cursor, &codes.literals, END);
    cursor.flush();
    let at = cursor.at;
    writer.advance(at);
}

#[inline(always)]
fn put<const N: usize>(cursor: &mut Cursor<'_>, code: &Code<N>, symbol: usize) {
    let (bits, count) = code.word(symbol);
    cursor.put(bits, count);
}

#[inline(always)]
fn write_literals(cursor: &mut Cursor<'_>, run: &[u8], literals: &Code<LITERALS>) {
    let (groups, rest) = run.as_chunks::<4>();
    for group in groups {
        for &byte in group {
            put(cursor, literals, byte.into());
        }
        cursor.flush();
    }
    for &byte in rest {
        put(cursor, literals, byte.into());
    }
    cursor.flush();
}

#[inline(always)]
fn write_match(cursor: &mut Cursor<'_>, sequence: &Sequence, codes: &Codes) {
    // At most 48 bits together.
    let length = length_symbol(sequence.length);
    put(cursor, &codes.literals, length.symbol);
    cursor.put(length.extra, length.extra_bits);
    let distance = distance_symbol(sequence.distance);
    put(cursor, &codes.distances, distance.symbol);
    cursor.put(distance.extra, distance.extra_bits);
    cursor.flush();
}

/// The codes of a block.
#[derive(Debug)]
struct Codes {
    literals: Code<LITERALS>,
    distances: Code<DISTANCES>,
    /// Size of the symbols of the block, without its header.
    byte_length: usize,
}

impl Codes {
    fn new(bytes: &[u8], sequences: &[Sequence]) -> Self {
        let counts = Counts::new(bytes, sequences);
        let literals = Code::new(&counts.literals, MAX_LITERAL_BITS);
        let distances = Code::new(&counts.distances, MAX_BITS);
        let bits =
            counts.extra_bits + literals.bits(&counts.literals) + distances.bits(&counts.distances);
        Self {
            literals,
            distances,
            byte_length: usize::try_from(bits / 8).unwrap_or(0) + 1,
        }
    }
}

/// How often the symbols of a block occur.
#[derive(Debug)]
struct Counts {
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
    extra_bits: u64,
}

impl Counts {
    fn new(bytes: &[u8], sequences: &[Sequence]) -> Self {
        let mut counts = Self {
            literals: [0; LITERALS],
            distances: [0; DISTANCES],
            extra_bits: 0,
        };
        let mut rest = bytes;
        for sequence in sequences {
            let (run, after) = rest
                .split_at_checked(sequence.literals as usize)
                .unwrap_or_default();
            for &byte in run {
                counts.literals[usize::from(byte)] += 1;
            }
            if sequence.length > 0 {
                counts.add_match(sequence);
            }
            rest = after.get(sequence.length.into()..).unwrap_or_default();
        }
        counts.literals[END] += 1;
        counts
    }

    #[inline(always)]
    fn add_match(&mut self, sequence: &Sequence) {
        let length = length_symbol(sequence.length);
        let distance = distance_symbol(sequence.distance);
        self.literals[length.symbol] += 1;
        self.distances[distance.symbol] += 1;
        self.extra_bits += u64::from(length.extra_bits + distance.extra_bits);
    }
}

/// Writes the two codes (RFC 1951 §3.2.7).
fn write_header(cursor: &mut Cursor<'_>, literals: &Code<LITERALS>, distances: &Code<DISTANCES>) {
    let literal_count = used(&literals.lengths, END + 1);
    let distance_count = used(&distances.lengths, 1);
    let lengths = [
        literals.lengths.get(..literal_count),
        distances.lengths.get(..distance_count),
    ];
    let items = run_lengths(&lengths.map(Option::unwrap_or_default).concat());
    let mut counts = [0; LENGTH_CODES];
    for item in &items {
        if let Some(count) = counts.get_mut(usize::from(item.symbol)) {
            *count += 1;
        }
    }
    let code = Code::new(&counts, MAX_LENGTH_CODE_BITS);
    let order = LENGTH_ORDER.map(|symbol| code.lengths.get(symbol).copied().unwrap_or_default());
    let order_count = used(&order, 4);
    cursor.put(literal_count as u64 - 257, 5);
    cursor.put(distance_count as u64 - 1, 5);
    cursor.put(order_count as u64 - 4, 4);
    cursor.flush();
    for &length in order.iter().take(order_count) {
        cursor.put(length.into(), 3);
        cursor.flush();
    }
    for item in &items {
        put(cursor, &code, item.symbol.into());
        cursor.put(item.extra, item.extra_bits);
        cursor.flush();
    }
}

/// The number of lengths up to the last one that is not 0; at least `min`.
fn used(lengths: &[u8], min: usize) -> usize {
    let last = lengths.iter().rposition(|&length| length > 0);
    last.map_or(min, |last| min.max(last + 1))
}

/// A code length, or a repetition.
#[derive(Debug, Clone, Copy)]
struct LengthItem {
    symbol: u8,
    extra: u64,
    extra_bits: u32,
}

impl LengthItem {
    fn one(length: u8) -> Self {
        Self::repeat(length, 0, 0)
    }

    fn repeat(symbol: u8, extra: usize, extra_bits: u32) -> Self {
        Self {
            symbol,
            extra: extra as u64,
            extra_bits,
        }
    }
}

/// Code lengths with their repetitions replaced.
fn run_lengths(lengths: &[u8]) -> Vec<LengthItem> {
    let mut items = Vec::new();
    for run in lengths.chunk_by(|a, b| a == b) {
        let length = run.first().copied().unwrap_or_default();
        let mut left = run.len();
        if length > 0 {
            items.push(LengthItem::one(length));
            left -= 1;
        }
        while left >= 3 {
            let (count, item) = match (length, left) {
                (0, 11..) => {
                    let count = left.min(138);
                    (count, LengthItem::repeat(LONG_ZEROS, count - 11, 7))
                }
                (0, _) => (left, LengthItem::repeat(SHORT_ZEROS, left - 3, 3)),
                _ => {
                    let count = left.min(6);
                    (count, LengthItem::repeat(REPEAT, count - 3, 2))
                }
            };
            items.push(item);
            left -= count;
        }
        items.extend(std::iter::repeat_n(LengthItem::one(length), left));
    }
    items
}

/// The symbol of a length or distance, and its extra bits (RFC 1951 §3.2.5).
#[derive(Debug, Clone, Copy)]
struct Symbol {
    symbol: usize,
    extra: u64,
    extra_bits: u32,
}

#[inline(always)]
fn length_symbol(length: u16) -> Symbol {
    let rest = length.saturating_sub(3);
    let (symbol, extra_bits) = LENGTH_SYMBOLS[usize::from(rest) % 256];
    Symbol {
        symbol: symbol.into(),
        extra: u64::from(rest) & ((1 << extra_bits) - 1),
        extra_bits: extra_bits.into(),
    }
}

/// The symbol and the number of extra bits of each length, from 3 on.
#[expect(clippy::cast_possible_truncation, reason = "the numbers are small")]
const LENGTH_SYMBOLS: [(u16, u8); 256] = {
    let mut symbols = [(285, 0); 256];
    let mut rest = 0_u32;
    while rest < 255 {
        // Four symbols for each number of extra bits, after eight without.
        let extra_bits = (rest | 4).ilog2() - 2;
        let symbol = 257 + 4 * extra_bits + (rest >> extra_bits);
        symbols[rest as usize] = (symbol as u16, extra_bits as u8);
        rest += 1;
    }
    symbols
};

#[inline(always)]
fn distance_symbol(distance: u16) -> Symbol {
    let rest = u32::from(distance.saturating_sub(1));
    // Two symbols for each number of extra bits, after four without.
    let extra_bits = (rest | 2).ilog2() - 1;
    Symbol {
        symbol: (2 * extra_bits + (rest >> extra_bits)) as usize,
        extra: u64::from(rest & ((1 << extra_bits) - 1)),
        extra_bits,
    }
}

#[cfg(test)]
mod tests;

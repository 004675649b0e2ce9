//! The loop that decodes most symbols: while there is enough input and room, it checks neither for each bit.

use super::{
    DISTANCE_BITS, DISTANCE_ENTRIES, DistanceTable, LITERAL_BITS, LITERAL_ENTRIES, LiteralTable,
    bits::{Bits, low_bits},
    table::{Entries, Entry},
    window::{Appender, Window},
};

/// Bytes of input that one round may read.
const ROUND_BYTES: usize = 16;

type Literals<'a> = Entries<'a, LITERAL_ENTRIES, LITERAL_BITS>;
type Distances<'a> = Entries<'a, DISTANCE_ENTRIES, DISTANCE_BITS>;

/// Decodes literals and matches while the input has [`ROUND_BYTES`] and the window is not full. It ends before a symbol that
/// is something else, and returns the unused bytes to the input.
pub fn decode(
    bits: &mut Bits,
    input: &mut &[u8],
    window: &mut Window,
    literals: &LiteralTable,
    distances: &DistanceTable,
) {
    let mut reader = Reader {
        bits: *bits,
        input,
        position: 0,
    };
    let (literals, distances) = (literals.entries(), distances.entries());
    let mut output = window.appender();
    while reader.position + ROUND_BYTES <= input.len() && !output.is_full() {
        reader.fill();
        // Three entries of the main table have at most 33 bits, so that no bits are missing.
        let mut entry = literals.main(reader.bits.buffer);
        if entry.is_literal() {
            output.push(reader.literal(entry));
            entry = literals.main(reader.bits.buffer);
            if entry.is_literal() {
                output.push(reader.literal(entry));
                entry = literals.main(reader.bits.buffer);
                if entry.is_literal() {
                    output.push(reader.literal(entry));
                    continue;
                }
            }
        }
        let before = (reader.bits, reader.position);
        if !copy_match(&mut reader, entry, &mut output, literals, distances) {
            (reader.bits, reader.position) = before;
            break;
        }
    }
    window.end = output.end;
    let (rest, read) = reader.finish();
    *bits = rest;
    *input = input.get(read..).unwrap_or_default();
}

/// Decodes a match whose first entry is `entry`, or a literal of a subtable; returns whether it was one.
#[inline(always)]
fn copy_match(
    reader: &mut Reader<'_>,
    mut entry: Entry,
    output: &mut Appender<'_>,
    literals: Literals<'_>,
    distances: Distances<'_>,
) -> bool {
    if entry.is_special() {
        if !entry.is_subtable() {
            return false;
        }
        reader.bits.consume(entry.consumed());
        entry = literals.sub(entry, reader.bits.buffer);
        if entry.is_literal() {
            output.push(reader.literal(entry));
            return true;
        }
        if entry.is_special() {
            return false;
        }
    }
    let len = reader.number(entry);
    reader.fill();
    let mut entry = distances.main(reader.bits.buffer);
    if entry.is_special() {
        if !entry.is_subtable() {
            return false;
        }
        reader.bits.consume(entry.consumed());
        entry = distances.sub(entry, reader.bits.buffer);
        if entry.is_special() {
            return false;
        }
    }
    let distance = reader.number(entry);
    if distance > output.end {
        return false;
    }
    output.copy_match(distance, len);
    true
}

struct Reader<'a> {
    /// The buffer may have bits of the input beyond `count`.
    bits: Bits,
    input: &'a [u8],
    position: usize,
}

impl Reader<'_> {
    /// Makes at least 56 bits available.
    #[inline(always)]
    fn fill(&mut self) {
        let next = self.input.get(self.position..);
        if let Some(word) = next.and_then(|next| next.first_chunk()) {
            self.bits.buffer |= u64::from_le_bytes(*word) << self.bits.count;
            self.position += (63 - self.bits.count as usize) / 8;
            self.bits.count |= 56;
        }
    }

    #[inline(always)]
    fn literal(&mut self, entry: Entry) -> Entry {
        self.bits.consume(entry.consumed());
        entry
    }

    /// The value of a length or distance.
    #[inline(always)]
    fn number(&mut self, entry: Entry) -> usize {
        let value = entry.value(self.bits.buffer);
        self.bits.consume(entry.consumed());
        value
    }

    /// The remaining bits, less than 8 of which were read here, and the number of bytes that are used.
    fn finish(mut self) -> (Bits, usize) {
        let unused = (self.bits.count as usize / 8).min(self.position);
        self.bits.count -= 8 * u32::try_from(unused).unwrap_or(0);
        self.bits.buffer &= low_bits(self.bits.count);
        (self.bits, self.position - unused)
    }
}

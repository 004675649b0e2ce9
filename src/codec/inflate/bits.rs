//! The bits of a deflate stream, the lowest bit of each byte first (RFC 1951 §3.1.1).

use super::table::{Entry, Table};

/// Bits that were read from the input and are not used yet. The next one is the lowest.
#[derive(Debug, Default, Clone, Copy)]
pub struct Bits {
    /// Zero above `count` bits.
    pub buffer: u64,
    /// Number of bits, at most 63.
    pub count: u32,
}

/// A decoded symbol that is not consumed yet.
#[derive(Debug, Clone, Copy)]
pub struct Symbol {
    pub entry: Entry,
    /// The value of a length or a distance.
    pub value: usize,
    /// Position of the bit after it.
    pub end: u32,
}

impl Bits {
    /// Makes `count` bits available, at most 56; returns whether the input has them.
    pub fn fill(&mut self, count: u32, input: &mut &[u8]) -> bool {
        while self.count < count {
            if !self.add_byte(input) {
                return false;
            }
        }
        true
    }

    /// Adds a byte of the input; returns whether there is one.
    pub fn add_byte(&mut self, input: &mut &[u8]) -> bool {
        let Some((&byte, rest)) = input.split_first() else {
            return false;
        };
        self.buffer |= u64::from(byte) << self.count;
        self.count += 8;
        *input = rest;
        true
    }

    /// The next `count` bits as a number.
    pub fn peek(&self, count: u32) -> u32 {
        let [a, b, c, d, ..] = (self.buffer & low_bits(count)).to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// Consumes `count` bits, which must be available.
    pub fn consume(&mut self, count: u32) {
        self.buffer >>= count;
        self.count -= count;
    }

    /// Consumes `count` bits, at most 32, which must be available.
    pub fn take(&mut self, count: u32) -> u32 {
        let taken = self.peek(count);
        self.consume(count);
        taken
    }

    /// Consumes the bits up to the next byte boundary.
    pub fn align(&mut self) {
        self.consume(self.count % 8);
    }

    /// Decodes the symbol at the bit `start`; `None` if its bits are not available yet.
    ///
    /// Bits beyond the available ones read as zero. They may select a wrong entry only if the right one has more bits than
    /// are available, and then the wrong one does too, because no code is a prefix of another.
    pub fn symbol<const SIZE: usize, const BITS: u32>(
        &self,
        table: &Table<SIZE, BITS>,
        start: u32,
    ) -> Option<Symbol> {
        let bits = self.buffer >> start;
        let (entry, skipped) = table.entries().find(bits);
        let end = start + skipped + entry.consumed();
        (end <= self.count).then(|| Symbol {
            entry,
            value: entry.value(bits >> skipped),
            end,
        })
    }
}

/// A mask of the lowest `count` bits.
#[inline(always)]
pub fn low_bits(count: u32) -> u64 {
    (1 << count) - 1
}

//! Tables that decode Huffman codes (RFC 1951 §3.2.2), after the design of libdeflate.
#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "numbers are masked, or bounded by the number of symbols and the lengths of codes"
)]

use super::bits::low_bits;

/// Maximum length of a code, in bits.
pub const MAX_CODE_BITS: usize = 15;
/// Maximum number of symbols of a code.
const MAX_SYMBOLS: usize = 288;

/// What a code stands for. From the lowest bit: the number of bits of the code and its extra bits (8), the number of bits of
/// the code (4), a reserved bit, three flags, and a value: a literal byte, the base of a length or distance, or the start of
/// a subtable (16, the highest of which marks a literal).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entry(u32);

impl Entry {
    const LITERAL: u32 = 1 << 31;
    /// Two literals. The second one is in the bits of the number of bits of the code.
    const PAIR: u32 = 1 << 24;
    /// Neither a literal nor a length or distance.
    const SPECIAL: u32 = 1 << 15;
    const SUBTABLE: u32 = 1 << 14;
    const END: u32 = 1 << 13;
    /// A code without a meaning, of one bit.
    const INVALID: Self = Self(Self::SPECIAL | 0x101);

    /// A symbol that stands for a byte.
    pub const fn literal(byte: u8) -> Self {
        Self(Self::LITERAL | (byte as u32) << 16)
    }

    /// This literal and the next one, as one entry.
    const fn followed_by(self, next: Self) -> Self {
        let byte = (next.0 >> 16 & 0xff) << 8;
        Self(self.0 & !0xffff | byte | Self::PAIR | (self.consumed() + next.consumed()))
    }

    /// A symbol that stands for `base` plus the value of `extra_bits` bits.
    pub const fn number(base: u16, extra_bits: u8) -> Self {
        Self((base as u32) << 16 | extra_bits as u32)
    }

    /// The symbol that ends a block.
    pub const fn end() -> Self {
        Self(Self::SPECIAL | Self::END)
    }

    /// A symbol that must not occur.
    pub const fn invalid() -> Self {
        Self(Self::SPECIAL)
    }

    const fn subtable(start: usize, bits: usize, main_bits: u32) -> Self {
        let start = (start as u32) << 16;
        Self(start | Self::SPECIAL | Self::SUBTABLE | (bits as u32) << 8 | main_bits)
    }

    /// The symbol with a code of `bits` bits.
    const fn with_code(self, bits: usize) -> Self {
        Self(self.0 + (bits as u32) * 0x101)
    }

    /// Number of bits of the code and its extra bits.
    #[inline(always)]
    pub const fn consumed(self) -> u32 {
        self.0 & 0xff
    }

    #[inline(always)]
    const fn code_bits(self) -> u32 {
        self.0 >> 8 & 0x0f
    }

    /// Whether it is a literal byte.
    #[inline(always)]
    pub const fn is_literal(self) -> bool {
        self.0 & Self::LITERAL != 0
    }

    /// Whether it is neither a literal nor a length or distance.
    #[inline(always)]
    pub const fn is_special(self) -> bool {
        self.0 & Self::SPECIAL != 0
    }

    /// Whether the next bits select an entry of a subtable.
    #[inline(always)]
    pub const fn is_subtable(self) -> bool {
        self.0 & Self::SUBTABLE != 0
    }

    /// Whether it ends the block.
    pub const fn is_end(self) -> bool {
        self.0 & Self::END != 0
    }

    /// The literal byte, and the next one if there are two.
    #[inline(always)]
    pub const fn bytes(self) -> [u8; 2] {
        [(self.0 >> 16 & 0xff) as u8, (self.0 >> 8 & 0xff) as u8]
    }

    /// Number of literal bytes.
    #[inline(always)]
    pub const fn byte_count(self) -> usize {
        1 + (self.0 >> 24 & 1) as usize
    }

    /// The length or distance, given the bits from its code on.
    #[inline(always)]
    pub const fn value(self, bits: u64) -> usize {
        let extra = (bits & ((1 << self.consumed()) - 1)) >> self.code_bits();
        (self.0 >> 16) as usize + extra as usize
    }
}

/// A table of `1 << BITS` entries, followed by subtables for longer codes.
#[derive(Debug)]
pub struct Table<const SIZE: usize, const BITS: u32>(Box<[Entry; SIZE]>);

impl<const SIZE: usize, const BITS: u32> Table<SIZE, BITS> {
    pub fn new() -> Self {
        Self(Box::new([Entry::INVALID; SIZE]))
    }

    /// The entries.
    #[inline(always)]
    pub fn entries(&self) -> Entries<'_, SIZE, BITS> {
        Entries(&self.0)
    }

    /// Builds the table for the codes of these lengths; returns whether they are a valid set: neither too many, nor too few,
    /// apart from no code, and a single code of one bit (as zlib decides).
    pub fn build(&mut self, lengths: &[u8], symbols: &[Entry]) -> bool {
        let code = Code::new(lengths);
        match code.unused() {
            None => return false,
            Some(0) => self.fill(&code, symbols),
            Some(_) => match code.sorted() {
                [] => self.0.fill(Entry::INVALID),
                &[symbol] if code.counts[1] == 1 => {
                    self.0.fill(Entry::INVALID);
                    let entry = symbols[usize::from(symbol)].with_code(1);
                    self.0.iter_mut().step_by(2).for_each(|slot| *slot = entry);
                }
                _ => return false,
            },
        }
        true
    }

    /// Replaces entries of two literals whose bits fit the main table.
    pub fn pair_literals(&mut self) {
        // From the last one on, so that the second entry, which has a lower index, is not replaced yet.
        for index in (0..1 << BITS).rev() {
            let first = self.0[index];
            let second = self.0[index >> first.consumed().min(BITS)];
            if first.is_literal()
                && second.is_literal()
                && first.consumed() + second.consumed() <= BITS
            {
                self.0[index] = first.followed_by(second);
            }
        }
    }

    fn fill(&mut self, code: &Code, symbols: &[Entry]) {
        let main_bits = BITS as usize;
        let main_len = 1 << main_bits;
        // The part of the main table that is filled. It doubles with each bit of length.
        let (mut filled, mut length) = (1, 0);
        let (mut word, mut end) = (0, main_len);
        // The subtable of the latest code: the bits of the main table that select it, and its start.
        let (mut prefix, mut start) = (usize::MAX, 0);
        let mut left = [0_u16; MAX_CODE_BITS + 1];
        left.copy_from_slice(&code.counts);
        for &symbol in code.sorted() {
            while left[length] == 0 || length == 0 {
                if length < main_bits {
                    self.0.copy_within(..filled, filled);
                    filled *= 2;
                }
                length += 1;
            }
            let entry = symbols[usize::from(symbol)];
            if length <= main_bits {
                self.0[word] = entry.with_code(length);
            } else {
                if word % main_len != prefix {
                    prefix = word % main_len;
                    let bits = subtable_bits(&left, length, main_bits);
                    start = end;
                    end += 1 << bits;
                    self.0[prefix] = Entry::subtable(start, bits, BITS);
                }
                let slots = self.0[start + (word >> main_bits)..end].iter_mut();
                let entry = entry.with_code(length - main_bits);
                slots
                    .step_by(1 << (length - main_bits))
                    .for_each(|slot| *slot = entry);
            }
            left[length] -= 1;
            word = next_word(word, length);
        }
        while filled < main_len {
            self.0.copy_within(..filled, filled);
            filled *= 2;
        }
    }
}

/// The entries of a [`Table`].
#[derive(Debug, Clone, Copy)]
pub struct Entries<'a, const SIZE: usize, const BITS: u32>(&'a [Entry; SIZE]);

impl<const SIZE: usize, const BITS: u32> Entries<'_, SIZE, BITS> {
    /// The entry of the main table for the next bits.
    #[inline(always)]
    pub fn main(self, bits: u64) -> Entry {
        self.0[(bits & low_bits(BITS)) as usize % SIZE]
    }

    /// The entry that the subtable `entry` has for the bits after those of the main table.
    #[inline(always)]
    pub fn sub(self, entry: Entry, bits: u64) -> Entry {
        let start = (entry.0 >> 16) as usize;
        self.0[(start + (bits & low_bits(entry.code_bits())) as usize) % SIZE]
    }

    /// The entry for the next bits, and the number of bits to consume before it.
    pub fn find(self, bits: u64) -> (Entry, u32) {
        let entry = self.main(bits);
        if !entry.is_literal() && entry.is_subtable() {
            return (self.sub(entry, bits >> BITS), BITS);
        }
        (entry, 0)
    }
}

/// The number of bits that select an entry of a subtable, which starts with codes of `length` bits. `left` are the numbers of
/// codes that are not in the table yet, by length.
fn subtable_bits(left: &[u16; MAX_CODE_BITS + 1], length: usize, main_bits: usize) -> usize {
    let mut bits = length - main_bits;
    let mut used = usize::from(left[length]);
    while used < 1 << bits {
        bits += 1;
        used = 2 * used + left.get(main_bits + bits).map_or(0, |&count| count.into());
    }
    bits
}

/// The code after `word`, both of `length` bits, the first bit lowest.
fn next_word(word: usize, length: usize) -> usize {
    let zeros = word ^ ((1 << length) - 1);
    match zeros.checked_ilog2() {
        None => 0,
        Some(highest) => word & ((1 << highest) - 1) | 1 << highest,
    }
}

/// The symbols of a code, by length.
struct Code {
    counts: [u16; MAX_CODE_BITS + 1],
    sorted: [u16; MAX_SYMBOLS],
    len: usize,
}

impl Code {
    fn new(lengths: &[u8]) -> Self {
        let mut counts = [0; MAX_CODE_BITS + 1];
        for &length in lengths {
            counts[usize::from(length) % 16] += 1;
        }
        counts[0] = 0;
        let mut places = [0; MAX_CODE_BITS + 2];
        for (length, &count) in counts.iter().enumerate() {
            places[length + 1] = places[length] + usize::from(count);
        }
        let len = places[MAX_CODE_BITS + 1];
        let mut sorted = [0; MAX_SYMBOLS];
        for (symbol, &length) in (0..).zip(lengths) {
            if length > 0 {
                let place = &mut places[usize::from(length) % 16];
                sorted[*place] = symbol;
                *place += 1;
            }
        }
        Self {
            counts,
            sorted,
            len,
        }
    }

    /// The symbols, those with the shortest codes first.
    fn sorted(&self) -> &[u16] {
        &self.sorted[..self.len]
    }

    /// The number of codes of 15 bits that are not used; `None` if there are too many codes.
    fn unused(&self) -> Option<usize> {
        let mut counts = self.counts[1..].iter();
        counts.try_fold(1_usize, |unused, &count| {
            (unused * 2).checked_sub(count.into())
        })
    }
}

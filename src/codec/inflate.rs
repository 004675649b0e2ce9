//! A decoder of deflate streams (RFC 1951) that takes any chunks and bounds its output.
//!
//! Hand-written, because it is most of the work before rows are decoded, and zlib-rs takes 1.3 to 1.4 times as long in
//! WebAssembly (`bench/HISTORY.md`). The design is that of libdeflate: a buffer of 64 bits, wide tables, runs of literals,
//! matches copied by words. It decodes whole symbols only: bits of an incomplete symbol stay in the buffer.

mod bits;
mod fast;
mod symbols;
mod table;
#[cfg(test)]
mod tests;
mod window;

use self::{
    bits::Bits,
    symbols::{
        DISTANCE_SYMBOLS, DISTANCES, LENGTH_SYMBOLS, LITERAL_SYMBOLS, LITERALS, REPEAT_PREVIOUS,
        REPEAT_ZERO,
    },
    table::{MAX_CODE_BITS, Table},
    window::Window,
};

/// Bits that select an entry of the main table, and entries with all subtables (2,342 and 402 at most, by zlib's `enough`).
const LITERAL_BITS: u32 = 11;
const LITERAL_ENTRIES: usize = 4096;
const DISTANCE_BITS: u32 = 8;
const DISTANCE_ENTRIES: usize = 512;

type LiteralTable = Table<LITERAL_ENTRIES, LITERAL_BITS>;
type DistanceTable = Table<DISTANCE_ENTRIES, DISTANCE_BITS>;
type LengthTable = Table<128, 7>;

/// The order of the lengths of the codes for code lengths (RFC 1951 §3.2.7).
const LENGTH_ORDER: [u8; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Why bytes are not a deflate stream.
pub type Damage = &'static str;

/// Decompresses a deflate stream.
#[derive(Debug)]
pub struct Inflate {
    state: State,
    is_last_block: bool,
    bits: Bits,
    window: Window,
    literals: Box<LiteralTable>,
    distances: Box<DistanceTable>,
    header: Box<BlockHeader>,
}

/// What comes next in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The type of a block.
    Block,
    /// The length of a stored block.
    StoredLength,
    /// This many bytes of a stored block.
    Stored(usize),
    /// The numbers of code lengths of a dynamic block.
    Counts,
    /// The codes for code lengths.
    LengthCodes,
    /// The code lengths.
    Lengths,
    /// Literals and matches.
    Symbols,
    /// Nothing.
    End,
}

/// The header of a dynamic block (RFC 1951 §3.2.7), as far as it was read.
#[derive(Debug)]
struct BlockHeader {
    table: LengthTable,
    /// Number of symbols for literals and lengths.
    literals: usize,
    /// Number of symbols of both codes.
    symbols: usize,
    /// Number of codes for code lengths.
    length_codes: usize,
    /// Number of lengths that are read.
    done: usize,
    lengths: [u8; 320],
}

impl Inflate {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self {
            state: State::Block,
            is_last_block: false,
            bits: Bits::default(),
            window: Window::new(),
            literals: Box::new(Table::new()),
            distances: Box::new(Table::new()),
            header: Box::new(BlockHeader::new()),
        }
    }

    /// Starts another stream.
    pub fn reset(&mut self) {
        (self.state, self.is_last_block) = (State::Block, false);
        self.bits = Bits::default();
        self.window.clear();
    }

    /// Decompresses `input` into the spare capacity of `output`. It takes what it consumes from `input`; returns whether the
    /// stream has ended and all of it is in `output`.
    ///
    /// # Errors
    /// For bytes that are not a deflate stream. It then has consumed the bytes before the damage.
    pub fn inflate(&mut self, input: &mut &[u8], output: &mut Vec<u8>) -> Result<bool, Damage> {
        loop {
            if !self.window.deliver(output) {
                return Ok(false);
            }
            if self.state == State::End {
                return Ok(true);
            }
            let before = self.window.end;
            let has_more = self.decode(input)?;
            if !has_more && self.window.end == before {
                return Ok(false);
            }
        }
    }

    /// Number of bytes that were taken from the input and belong to what follows.
    pub fn unused_bytes(&self) -> u64 {
        u64::from(self.bits.count / 8)
    }

    /// Decodes until the window is full or the stream ends; returns false if the input ends before.
    fn decode(&mut self, input: &mut &[u8]) -> Result<bool, Damage> {
        while self.state != State::End && !self.window.is_full() {
            let has_input = match self.state {
                State::Block => self.block(input)?,
                State::StoredLength => self.stored_length(input)?,
                State::Stored(left) => self.stored(left, input),
                State::Counts => self.counts(input)?,
                State::LengthCodes => self.length_codes(input)?,
                State::Lengths => self.lengths(input)?,
                State::Symbols => self.symbols(input)?,
                State::End => true,
            };
            if !has_input {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn block(&mut self, input: &mut &[u8]) -> Result<bool, Damage> {
        if !self.bits.fill(3, input) {
            return Ok(false);
        }
        self.is_last_block = self.bits.take(1) == 1;
        self.state = match self.bits.take(2) {
            0 => State::StoredLength,
            1 => {
                self.use_fixed_codes();
                State::Symbols
            }
            2 => State::Counts,
            _ => return Err("invalid block type"),
        };
        Ok(true)
    }

    fn end_block(&mut self) {
        self.state = if self.is_last_block {
            State::End
        } else {
            State::Block
        };
    }

    fn stored_length(&mut self, input: &mut &[u8]) -> Result<bool, Damage> {
        // Only whole bytes follow, so that a call for more input changes nothing.
        self.bits.align();
        if !self.bits.fill(32, input) {
            return Ok(false);
        }
        let (length, inverse) = (self.bits.take(16), self.bits.take(16));
        if length != inverse ^ 0xffff {
            return Err("invalid stored block lengths");
        }
        self.state = State::Stored(length as usize);
        Ok(true)
    }

    fn stored(&mut self, left: usize, input: &mut &[u8]) -> bool {
        let next = input.get(..left).unwrap_or(input);
        let copied = self.window.extend(next);
        *input = input.get(copied..).unwrap_or_default();
        self.state = State::Stored(left - copied);
        if left == copied {
            self.end_block();
        }
        left == copied || copied > 0
    }

    fn counts(&mut self, input: &mut &[u8]) -> Result<bool, Damage> {
        if !self.bits.fill(14, input) {
            return Ok(false);
        }
        let mut next = |count| self.bits.take(count) as usize;
        let [literals, distances, length_codes] = [257 + next(5), 1 + next(5), 4 + next(4)];
        if literals > LITERALS || distances > DISTANCES {
            return Err("too many length or distance symbols");
        }
        self.header.start(literals, distances, length_codes);
        self.state = State::LengthCodes;
        Ok(true)
    }

    fn length_codes(&mut self, input: &mut &[u8]) -> Result<bool, Damage> {
        while self.header.done < self.header.length_codes {
            if !self.bits.fill(3, input) {
                return Ok(false);
            }
            let [length, ..] = self.bits.take(3).to_le_bytes();
            self.header.add_length_code(length);
        }
        self.header.end_length_codes()?;
        self.state = State::Lengths;
        Ok(true)
    }

    fn lengths(&mut self, input: &mut &[u8]) -> Result<bool, Damage> {
        while self.header.done < self.header.symbols {
            if !self.header.add_lengths(&mut self.bits)? && !self.bits.add_byte(input) {
                return Ok(false);
            }
        }
        let (literals, distances) = self.header.code_lengths();
        if literals.get(256) == Some(&0) {
            return Err("invalid code -- missing end-of-block");
        }
        if !self.literals.build(literals, &LITERAL_SYMBOLS) {
            return Err("invalid literal/lengths set");
        }
        self.literals.pair_literals();
        if !self.distances.build(distances, &DISTANCE_SYMBOLS) {
            return Err("invalid distances set");
        }
        self.state = State::Symbols;
        Ok(true)
    }

    fn use_fixed_codes(&mut self) {
        let mut lengths = [8; 288];
        for (symbol, length) in lengths.iter_mut().enumerate() {
            match symbol {
                144..=255 => *length = 9,
                256..=279 => *length = 7,
                _ => {}
            }
        }
        // These sets are valid.
        self.literals.build(&lengths, &LITERAL_SYMBOLS);
        self.distances.build(&[5; 32], &DISTANCE_SYMBOLS);
    }

    fn symbols(&mut self, input: &mut &[u8]) -> Result<bool, Damage> {
        fast::decode(
            &mut self.bits,
            input,
            &mut self.window,
            &self.literals,
            &self.distances,
        );
        if self.window.is_full() {
            return Ok(true);
        }
        while !self.symbol()? {
            if !self.bits.add_byte(input) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Decodes one literal or match, or the end of the block; returns false if it needs more bits.
    fn symbol(&mut self) -> Result<bool, Damage> {
        let Some(symbol) = self.bits.symbol(&self.literals, 0) else {
            return Ok(false);
        };
        if symbol.entry.is_literal() {
            self.window.push(symbol.entry);
        } else if symbol.entry.is_end() {
            self.end_block();
        } else if symbol.entry.is_special() {
            return Err("invalid literal/length code");
        } else {
            return self.copy_match(symbol.value, symbol.end);
        }
        self.bits.consume(symbol.end);
        Ok(true)
    }

    /// The rest of [`symbol`](Self::symbol) for a match of `len` bytes, whose distance starts at the bit `start`.
    fn copy_match(&mut self, len: usize, start: u32) -> Result<bool, Damage> {
        let Some(distance) = self.bits.symbol(&self.distances, start) else {
            return Ok(false);
        };
        if distance.entry.is_special() {
            return Err("invalid distance code");
        }
        if distance.value > self.window.end {
            return Err("invalid distance too far back");
        }
        self.window.copy_match(distance.value, len);
        self.bits.consume(distance.end);
        Ok(true)
    }
}

impl BlockHeader {
    fn new() -> Self {
        Self {
            table: Table::new(),
            literals: 0,
            symbols: 0,
            length_codes: 0,
            done: 0,
            lengths: [0; 320],
        }
    }

    fn start(&mut self, literals: usize, distances: usize, length_codes: usize) {
        (self.literals, self.symbols) = (literals, literals + distances);
        (self.length_codes, self.done) = (length_codes, 0);
        self.lengths.fill(0);
    }

    fn add_length_code(&mut self, length: u8) {
        let place = LENGTH_ORDER.get(self.done).copied().unwrap_or_default();
        if let Some(slot) = self.lengths.get_mut(usize::from(place)) {
            *slot = length;
        }
        self.done += 1;
    }

    fn end_length_codes(&mut self) -> Result<(), Damage> {
        let lengths = self.lengths.get(..LENGTH_ORDER.len()).unwrap_or_default();
        if lengths.iter().all(|&length| length == 0) || !self.table.build(lengths, &LENGTH_SYMBOLS)
        {
            return Err("invalid code lengths set");
        }
        self.done = 0;
        Ok(())
    }

    /// Decodes the next code lengths, several of which may be equal; returns false if it needs more bits.
    fn add_lengths(&mut self, bits: &mut Bits) -> Result<bool, Damage> {
        let Some(symbol) = bits.symbol(&self.table, 0) else {
            return Ok(false);
        };
        if symbol.entry.is_special() {
            return Err("invalid code lengths set");
        }
        // The value of a repetition is its count, after a base that tells the kinds apart.
        let previous = self.done.checked_sub(1);
        let (length, count) = match symbol.value {
            length @ 0..=MAX_CODE_BITS => (u8::try_from(length).unwrap_or(0), 1),
            repeat @ REPEAT_PREVIOUS..REPEAT_ZERO => {
                let previous = previous.and_then(|place| self.lengths.get(place));
                let previous = previous.ok_or("invalid bit length repeat")?;
                (*previous, repeat - REPEAT_PREVIOUS)
            }
            repeat => (0, repeat - REPEAT_ZERO),
        };
        let all = self.lengths.get_mut(..self.symbols).unwrap_or_default();
        let slots = all.get_mut(self.done..self.done + count);
        slots.ok_or("invalid bit length repeat")?.fill(length);
        self.done += count;
        bits.consume(symbol.end);
        Ok(true)
    }

    /// The code lengths of literals and lengths, and those of distances.
    fn code_lengths(&self) -> (&[u8], &[u8]) {
        let all = self.lengths.get(..self.symbols).unwrap_or_default();
        all.split_at_checked(self.literals).unwrap_or_default()
    }
}

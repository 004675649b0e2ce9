//! What the symbols of the codes stand for.
#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated at compile time, and the numbers are small"
)]

use super::table::{Entry, MAX_CODE_BITS};

/// Numbers of symbols for literals and lengths, and for distances.
pub const LITERALS: usize = 286;
pub const DISTANCES: usize = 30;

/// Bases of the values of repetitions.
pub const REPEAT_PREVIOUS: usize = 0x100;
pub const REPEAT_ZERO: usize = 0x200;

/// Code lengths (RFC 1951 §3.2.7).
pub const LENGTH_SYMBOLS: [Entry; 19] = {
    let mut symbols = [Entry::invalid(); 19];
    let mut length = 0;
    while length <= MAX_CODE_BITS {
        symbols[length] = Entry::number(length as u16, 0);
        length += 1;
    }
    symbols[16] = Entry::number(REPEAT_PREVIOUS as u16 + 3, 2);
    symbols[17] = Entry::number(REPEAT_ZERO as u16 + 3, 3);
    symbols[18] = Entry::number(REPEAT_ZERO as u16 + 11, 7);
    symbols
};

/// Literals, the end of a block, and lengths (RFC 1951 §3.2.5).
pub const LITERAL_SYMBOLS: [Entry; 288] = {
    let mut symbols = [Entry::invalid(); 288];
    let mut symbol = 0;
    while symbol < 256 {
        symbols[symbol] = Entry::literal(symbol as u8);
        symbol += 1;
    }
    symbols[256] = Entry::end();
    // Eight lengths without extra bits, then four for each number of extra bits.
    let (mut symbol, mut base) = (257, 3);
    while symbol < 285 {
        let extra_bits = if symbol < 265 {
            0
        } else {
            (symbol - 261) as u8 / 4
        };
        symbols[symbol] = Entry::number(base, extra_bits);
        base += 1 << extra_bits;
        symbol += 1;
    }
    symbols[285] = Entry::number(258, 0);
    symbols
};

/// Distances (RFC 1951 §3.2.5).
pub const DISTANCE_SYMBOLS: [Entry; 32] = {
    let mut symbols = [Entry::invalid(); 32];
    // Four distances without extra bits, then two for each number of extra bits.
    let (mut symbol, mut base) = (0, 1);
    while symbol < DISTANCES {
        let extra_bits = if symbol < 4 {
            0
        } else {
            (symbol - 2) as u8 / 2
        };
        symbols[symbol] = Entry::number(base, extra_bits);
        base += 1 << extra_bits;
        symbol += 1;
    }
    symbols
};

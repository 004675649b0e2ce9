//! Huffman codes of at most 15 bits (RFC 1951 §3.2.2).
#![expect(
    clippy::indexing_slicing,
    reason = "indexes are symbols, or lengths of codes"
)]

/// Maximum length of a code, in bits.
pub const MAX_BITS: usize = 15;
/// Maximum number of symbols of a code.
const MAX_SYMBOLS: usize = 286;

/// A code for `N` symbols.
#[derive(Debug)]
pub struct Code<const N: usize> {
    /// The bits of each symbol, the first one lowest, and their number.
    codes: [(u16, u16); N],
    /// The number of bits of each symbol; 0 for symbols that do not occur.
    pub lengths: [u8; N],
}

impl<const N: usize> Code<N> {
    /// The code of at most `max_bits` bits for symbols that occur this often. It has at least two symbols, because some
    /// decoders reject a code of one.
    pub fn new(counts: &[u32; N], max_bits: usize) -> Self {
        let lengths = lengths(counts, max_bits);
        let mut next = [0_u16; MAX_BITS + 1];
        let mut word = 0;
        for (next, length) in next.iter_mut().skip(1).zip(1_u8..) {
            *next = word;
            let count = lengths.iter().filter(|&&other| other == length).count();
            word = word.wrapping_add(u16::try_from(count).unwrap_or(0)) << 1;
        }
        let mut codes = [(0, 0); N];
        for (code, &length) in codes.iter_mut().zip(&lengths) {
            if length > 0 {
                let next = &mut next[usize::from(length)];
                *code = (next.reverse_bits() >> (16 - length), length.into());
                *next = next.wrapping_add(1);
            }
        }
        Self { codes, lengths }
    }

    /// The bits of a symbol, the first one lowest, and their number.
    #[inline(always)]
    pub fn word(&self, symbol: usize) -> (u64, u32) {
        let (bits, count) = self.codes[symbol];
        (bits.into(), count.into())
    }

    /// The number of bits of all symbols, which occur this often.
    pub fn bits(&self, counts: &[u32; N]) -> u64 {
        let bits = counts.iter().zip(&self.lengths);
        bits.map(|(&count, &length)| u64::from(count) * u64::from(length))
            .sum()
    }
}

/// The lengths of the codes of an optimal code, apart from the limit.
fn lengths<const N: usize>(counts: &[u32; N], max_bits: usize) -> [u8; N] {
    let mut symbols: Vec<(u32, usize)> = (0..N)
        .map(|symbol| (counts[symbol], symbol))
        .filter(|&(count, _)| count > 0)
        .collect();
    let missing = 2_usize.saturating_sub(symbols.len());
    let unused = (0..N).filter(|&symbol| counts[symbol] == 0);
    symbols.extend(unused.take(missing).map(|symbol| (1, symbol)));
    symbols.sort_unstable();
    let mut numbers = numbers_of_lengths(&symbols);
    limit(&mut numbers, max_bits);
    let mut lengths = [0; N];
    // The most frequent symbols, which are last, have the shortest codes.
    let mut rest = symbols.iter().rev();
    for (length, &number) in (0..).zip(&numbers[..=max_bits]) {
        for &(_, symbol) in rest.by_ref().take(number) {
            lengths[symbol] = length;
        }
    }
    lengths
}

/// How many codes have each length, for at least two symbols that are sorted by their counts.
fn numbers_of_lengths(symbols: &[(u32, usize)]) -> [usize; MAX_SYMBOLS] {
    // Two queues: the symbols, and the inner nodes, whose weights grow too. Each node stores its parent.
    let len = symbols.len();
    let mut weights = [0_u64; MAX_SYMBOLS];
    let mut leaf_parents = [0; MAX_SYMBOLS];
    let mut parents = [0; MAX_SYMBOLS];
    let (mut leaf, mut inner) = (0, 0);
    for node in 0..len - 1 {
        let mut weight = 0;
        for _ in 0..2 {
            let takes_leaf =
                leaf < len && (inner >= node || u64::from(symbols[leaf].0) <= weights[inner]);
            if takes_leaf {
                weight += u64::from(symbols[leaf].0);
                leaf_parents[leaf] = node;
                leaf += 1;
            } else {
                weight += weights[inner];
                parents[inner] = node;
                inner += 1;
            }
        }
        weights[node] = weight;
    }
    let mut depths = [0_usize; MAX_SYMBOLS];
    for node in (0..len.saturating_sub(2)).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    let mut numbers = [0; MAX_SYMBOLS];
    for &parent in &leaf_parents[..len] {
        numbers[depths[parent] + 1] += 1;
    }
    numbers
}

/// Shortens codes of more than `max_bits`, at the cost of others.
fn limit(numbers: &mut [usize; MAX_SYMBOLS], max_bits: usize) {
    let longer: usize = numbers[max_bits + 1..].iter().sum();
    numbers[max_bits + 1..].fill(0);
    numbers[max_bits] += longer;
    let used = |numbers: &[usize; MAX_SYMBOLS]| -> usize {
        (1..=max_bits)
            .map(|bits| numbers[bits] << (max_bits - bits))
            .sum()
    };
    // Each step moves one of the longest codes below a shorter code, which gets one bit more.
    for _ in 1 << max_bits..used(numbers) {
        numbers[max_bits] -= 1;
        let shorter = (1..max_bits).rev().find(|&bits| numbers[bits] > 0);
        if let Some(bits) = shorter {
            numbers[bits] -= 1;
            numbers[bits + 1] += 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(counts: &[u32; 19], max_bits: usize) {
        let code = Code::new(counts, max_bits);
        let used: u32 = code
            .lengths
            .iter()
            .map(|&length| match length {
                0 => 0,
                length => 1 << (max_bits - usize::from(length)),
            })
            .sum();
        assert_eq!(used, 1 << max_bits, "{counts:?}");
        for (symbol, &count) in counts.iter().enumerate() {
            assert!(count == 0 || code.lengths[symbol] > 0, "{counts:?}");
        }
    }

    #[test]
    fn a_code_is_complete_and_limited() {
        check(&[0; 19], 7);
        let mut fibonacci = [1; 19];
        for place in 2..19 {
            fibonacci[place] = fibonacci[place - 1] + fibonacci[place - 2];
        }
        check(&fibonacci, 7);
        check(&fibonacci, 15);
        let code = Code::new(&fibonacci, 7);
        assert!(code.lengths[18] == 1 && code.lengths[0] == 7, "{code:?}");
    }

    proptest! {
        #[test]
        fn any_code_is_complete(counts in prop::array::uniform19(0_u32..1000), max_bits in 5_usize..15) {
            check(&counts, max_bits);
        }
    }
}

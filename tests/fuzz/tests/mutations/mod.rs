//! Deterministic mutations of inputs.

/// Bytes with a meaning in MessagePack, gzip and JSON: markers of long values, NULL, quotes, brackets.
const TELLING: [u8; 24] = [
    0x00, 0x01, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa1, 0xbf, 0xc0, 0xc1, 0xc6, 0xc9, 0xcf, 0xdb, 0xdc,
    0xdd, 0xdf, 0xff, b'"', b'[', b'(', b'\\', b'\n',
];
/// Maximum number of changes to an input.
const CHANGES: u64 = 4;
/// Maximum size of a mutation, in bytes.
const MAX_BYTES: usize = 4096;

/// An endless sequence of mutations of some inputs.
pub struct Mutations<'a> {
    inputs: Vec<&'a [u8]>,
    state: u64,
}

impl<'a> Mutations<'a> {
    pub fn new(inputs: Vec<&'a [u8]>) -> Self {
        let state = 0x9e37_79b9_7f4a_7c15;
        Self { inputs, state }
    }

    /// A number below `bound` (xorshift64).
    fn below(&mut self, bound: u64) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % bound.max(1)).unwrap()
    }

    fn input(&mut self) -> Vec<u8> {
        let index = self.below(self.inputs.len() as u64);
        self.inputs[index].to_vec()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() as u64 + 1);
        let until = (at + self.below(9)).min(input.len());
        match self.below(7) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = TELLING[self.below(TELLING.len() as u64)];
                }
            }
            2 => input.insert(at, TELLING[self.below(TELLING.len() as u64)]),
            3 => drop(input.drain(at..until)),
            4 => input.truncate(at),
            5 => {
                let again = input[at..].to_vec();
                input.extend(again);
            }
            _ => {
                let other = self.input();
                let from = self.below(other.len() as u64 + 1);
                input.truncate(at);
                input.extend(&other[from..]);
            }
        }
        input.truncate(MAX_BYTES);
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut input = self.input();
        for _ in 0..=self.below(CHANGES) {
            self.change(&mut input);
        }
        Some(input)
    }
}

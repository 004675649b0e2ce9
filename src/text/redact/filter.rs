//! A quick check that a long text has no part of a secret.

use super::spelling::fold_ascii;
use super::{MIN_PART_CHARS, pack, slot};

/// Number of successive characters that are looked up at once.
const GRAM_CHARS: usize = 4;
/// Of this many positions in a row within a part, one has [`GRAM_CHARS`] characters of the part after it.
const STRIDE: usize = MIN_PART_CHARS - GRAM_CHARS + 1;

/// The characters that follow each other in the parts of secrets.
#[derive(Clone, Default)]
pub struct Filter {
    /// A bit for each hash of [`GRAM_CHARS`] characters.
    bits: Vec<u64>,
}

impl Filter {
    /// Adds a part of [`MIN_PART_CHARS`] characters, the first one in the highest byte.
    pub fn add(&mut self, part: u64) {
        self.bits.resize(1 << 10, 0);
        for chars in part.to_be_bytes().windows(GRAM_CHARS) {
            let (word, bit) = slot(pack(chars));
            if let Some(word) = self.bits.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Whether the text may have a part as it is written. It may if it has anything else than visible ASCII: whitespace within
    /// a part hides no part.
    pub fn may_match(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let is_plain = bytes.iter().all(u8::is_ascii_graphic);
        !is_plain
            || bytes
                .windows(GRAM_CHARS)
                .step_by(STRIDE)
                .any(|chars| self.has(chars))
    }

    fn has(&self, chars: &[u8]) -> bool {
        let packed = chars
            .iter()
            .fold(0, |packed, byte| packed << 8 | u64::from(fold_ascii(*byte)));
        let (word, bit) = slot(packed);
        self.bits.get(word).is_some_and(|word| word & bit != 0)
    }
}

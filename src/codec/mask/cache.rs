//! Pseudonyms of the values of a column. Those of the last values are kept, because most columns repeat theirs.

use std::cell::RefCell;

use super::key::{Key, PSEUDONYM_BYTES, TEXT_DIGITS, digits_of};

/// Number of slots, a power of two. A column keeps at most 64 KiB.
const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 10;

/// Longer values are hashed each time.
const MAX_VALUE_BYTES: usize = 47;

/// The length of a slot without a value.
const EMPTY: u8 = u8::MAX;

/// A value and its pseudonym.
#[derive(Clone, Copy)]
struct Slot {
    len: u8,
    value: [u8; MAX_VALUE_BYTES],
    hash: [u8; PSEUDONYM_BYTES],
}

/// The last values of a column, each in the slot that its bytes choose.
#[derive(Default)]
pub(super) struct Cache(RefCell<Vec<Slot>>);

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cache(…)")
    }
}

/// Makes the pseudonyms of a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pseudonyms<'a> {
    pub(super) key: &'a Key,
    pub(super) cache: &'a Cache,
}

impl Pseudonyms<'_> {
    /// See [`Key::text`].
    pub(super) fn text(self, text: &[u8]) -> [u8; TEXT_DIGITS] {
        digits_of(self.hash(text))
    }

    /// See [`Key::integer`].
    pub(super) fn integer(self, value: i128) -> i64 {
        Key::integer_of(self.hash(Decimal::new(value).as_bytes()))
    }

    /// The pseudonym of the decimal digits of an integer.
    pub(super) fn digits(self, value: i128) -> [u8; TEXT_DIGITS] {
        self.text(Decimal::new(value).as_bytes())
    }

    fn hash(self, value: &[u8]) -> [u8; PSEUDONYM_BYTES] {
        let Some(len) = u8::try_from(value.len())
            .ok()
            .filter(|len| usize::from(*len) <= MAX_VALUE_BYTES)
        else {
            return self.key.hash(value);
        };
        let mut slots = self.cache.0.borrow_mut();
        if slots.is_empty() {
            let empty = Slot {
                len: EMPTY,
                value: [0; MAX_VALUE_BYTES],
                hash: [0; PSEUDONYM_BYTES],
            };
            slots.resize(SLOTS, empty);
        }
        let Some(slot) = slots.get_mut(slot_of(value)) else {
            return self.key.hash(value);
        };
        let is_same = slot.len == len && slot.value.get(..value.len()) == Some(value);
        if !is_same {
            slot.hash = self.key.hash(value);
            slot.len = len;
            if let Some(kept) = slot.value.get_mut(..value.len()) {
                kept.copy_from_slice(value);
            }
        }
        slot.hash
    }
}

/// The slot of a value: its words, mixed.
fn slot_of(value: &[u8]) -> usize {
    const FACTOR: u64 = 0x517c_c1b7_2722_0a95;
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(FACTOR);
    let (words, rest) = value.as_chunks::<8>();
    let mut hash = u64::try_from(value.len()).unwrap_or_default();
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    let rest = rest
        .iter()
        .fold(0, |word: u64, byte| word << 8 | u64::from(*byte));
    usize::try_from(mix(hash, rest) >> (u64::BITS - SLOT_BITS)).unwrap_or_default()
}

/// The decimal digits of an integer, without an allocation.
struct Decimal {
    bytes: [u8; 40],
    start: usize,
}

impl Decimal {
    fn new(value: i128) -> Self {
        let mut decimal = Self {
            bytes: [0; 40],
            start: 40,
        };
        let mut rest = value.unsigned_abs();
        // Most integers have 64 bits, whose division is faster.
        loop {
            let digit;
            (rest, digit) = match u64::try_from(rest) {
                Ok(short) => (u128::from(short / 10), short % 10),
                Err(_) => (rest / 10, u64::try_from(rest % 10).unwrap_or_default()),
            };
            decimal.push(b'0' + u8::try_from(digit).unwrap_or_default());
            if rest == 0 {
                break;
            }
        }
        if value < 0 {
            decimal.push(b'-');
        }
        decimal
    }

    /// Puts a character before the others.
    fn push(&mut self, char: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(byte) = self.bytes.get_mut(self.start) {
            *byte = char;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> Key {
        Key::new("a secret of masking").unwrap()
    }

    #[test]
    fn a_pseudonym_is_that_of_the_key_whatever_came_before() {
        let (key, cache) = (key(), Cache::default());
        let made = Pseudonyms {
            key: &key,
            cache: &cache,
        };
        let texts: Vec<_> = (0..5_000)
            .map(|n| "x".repeat(n % 60) + &n.to_string())
            .collect();
        for text in texts
            .iter()
            .chain(&texts)
            .chain([&String::new(), &String::new()])
        {
            assert_eq!(
                made.text(text.as_bytes()),
                key.text(text.as_bytes()),
                "{text}"
            );
        }
    }

    #[test]
    fn digits_are_those_of_the_integer() {
        for value in [
            0,
            9,
            10,
            -1,
            i128::MAX,
            i128::MIN,
            i64::MIN.into(),
            u64::MAX.into(),
        ] {
            assert_eq!(Decimal::new(value).as_bytes(), value.to_string().as_bytes());
        }
    }

    #[test]
    fn a_cache_shows_nothing_of_its_values() {
        assert_eq!(format!("{:?}", Cache::default()), "Cache(…)");
    }

    proptest! {
        #[test]
        fn values_with_the_same_slot_keep_their_own_pseudonyms(
            values in prop::collection::vec(prop::collection::vec(0_u8..2, 0..50), 0..60),
        ) {
            let (key, cache) = (key(), Cache::default());
            let made = Pseudonyms { key: &key, cache: &cache };
            for value in values.iter().chain(&values) {
                prop_assert_eq!(made.text(value), key.text(value));
            }
        }

        #[test]
        fn any_integer_has_its_digits(value: i128) {
            let (decimal, text) = (Decimal::new(value), value.to_string());
            prop_assert_eq!(decimal.as_bytes(), text.as_bytes());
        }
    }
}

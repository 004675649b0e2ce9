//! Pseudonyms: keyed hashes of values.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Error, Result};

/// Minimum length of a secret in bytes. A shorter one could be found by trying all.
const MIN_KEY_BYTES: usize = 16;

/// Bytes of the hash that a text becomes, in hexadecimal: 128 bits.
const TEXT_BYTES: usize = 16;

/// The hexadecimal digits of a hashed text.
pub(super) const TEXT_DIGITS: usize = 2 * TEXT_BYTES;

/// A secret, ready to hash. The same secret gives the same pseudonym of a value in every table and every run.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// The key of a secret.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a secret of fewer than 16 bytes.
    pub fn new(secret: &str) -> Result<Self> {
        let too_short = || Error::InvalidOption {
            reason: format!("the secret of masking must have at least {MIN_KEY_BYTES} bytes"),
        };
        if secret.len() < MIN_KEY_BYTES {
            return Err(too_short());
        }
        // HMAC takes a key of any length.
        Hmac::new_from_slice(secret.as_bytes())
            .map(Self)
            .map_err(|_| too_short())
    }

    /// The pseudonym of a text: 128 bits of HMAC-SHA-256, in hexadecimal.
    pub(super) fn text(&self, text: &[u8]) -> [u8; TEXT_DIGITS] {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        let hash = self.hash(text);
        let mut digits = [0; TEXT_DIGITS];
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(hash) {
            let digit = |four_bits: u8| DIGITS.get(usize::from(four_bits)).copied();
            *pair = [byte >> 4, byte & 0x0f].map(|bits| digit(bits).unwrap_or_default());
        }
        digits
    }

    /// The pseudonym of an integer: 63 bits of HMAC-SHA-256 of its decimal digits.
    pub(super) fn integer(&self, value: i128) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.hash(value.to_string().as_bytes());
        i64::from_be_bytes([a & 0x7f, b, c, d, e, f, g, h])
    }

    fn hash(&self, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key::new("a secret of masking").unwrap()
    }

    #[test]
    fn a_pseudonym_is_what_other_tools_compute() {
        // python3: hmac.new(b'a secret of masking', b'alice', 'sha256').hexdigest()
        let text = key().text(b"alice");
        assert_eq!(
            std::str::from_utf8(&text),
            Ok("c14dc8b06d6328a9ff5c9185149edc4c")
        );
        assert_eq!(key().integer(42), 828_181_864_372_703_084);
    }

    #[test]
    fn another_secret_gives_another_pseudonym() {
        let other = Key::new("another secret of masking").unwrap();
        assert_ne!(other.text(b"alice"), key().text(b"alice"));
        assert_ne!(other.integer(42), key().integer(42));
    }

    #[test]
    fn a_short_secret_is_refused() {
        let error = Key::new("fifteen bytes..").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the secret of masking must have at least 16 bytes"
        );
    }

    #[test]
    fn a_key_shows_nothing_of_its_secret() {
        assert_eq!(format!("{:?}", key()), "Key(…)");
    }
}

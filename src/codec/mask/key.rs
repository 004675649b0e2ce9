//! Pseudonyms: keyed hashes of values.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Error, Result};

/// Minimum length of a secret in bytes. A shorter one could be found by trying all.
const MIN_KEY_BYTES: usize = 16;

/// Bytes of a hash that are used: 128 bits.
pub(super) const PSEUDONYM_BYTES: usize = 16;

/// The hexadecimal digits of a hashed text.
pub(super) const TEXT_DIGITS: usize = 2 * PSEUDONYM_BYTES;

/// A secret, ready to hash: the states of SHA-256 after the inner and the outer block of the secret. The same secret gives the same pseudonym of a value in every table and every run.
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
    #[cfg(test)]
    pub(super) fn text(&self, text: &[u8]) -> [u8; TEXT_DIGITS] {
        digits_of(self.hash(text))
    }

    /// The pseudonym of an integer: 63 bits of HMAC-SHA-256 of its decimal digits.
    #[cfg(test)]
    pub(super) fn integer(&self, value: i128) -> i64 {
        Self::integer_of(self.hash(value.to_string().as_bytes()))
    }

    /// The integer of a hash.
    pub(super) fn integer_of(hash: [u8; PSEUDONYM_BYTES]) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = hash;
        i64::from_be_bytes([a & 0x7f, b, c, d, e, f, g, h])
    }

    /// The first bytes of HMAC-SHA-256.
    pub(super) fn hash(&self, bytes: &[u8]) -> [u8; PSEUDONYM_BYTES] {
        let mut mac = self.0.clone();
        mac.update(bytes);
        let whole: [u8; 32] = mac.finalize().into_bytes().into();
        let (first, _) = whole.as_chunks();
        first.first().copied().unwrap_or_default()
    }
}

/// A hash in hexadecimal.
pub(super) fn digits_of(hash: [u8; PSEUDONYM_BYTES]) -> [u8; TEXT_DIGITS] {
    let digit = |bits: u8| bits + if bits < 10 { b'0' } else { b'a' - 10 };
    let mut digits = [0; TEXT_DIGITS];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(hash) {
        *pair = [byte >> 4, byte & 0x0f].map(digit);
    }
    digits
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

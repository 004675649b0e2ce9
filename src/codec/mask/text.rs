//! The methods on text. Texts need not be UTF-8.

use super::cache::Pseudonyms;
use crate::msgpack::{write_text, write_text_of};

/// What stands for a character that is not shown.
const HIDDEN: char = '*';

/// Appends an address as MessagePack: the local part is hashed, and the domain is kept or hashed. Any other text is hashed as a whole.
pub(super) fn email(
    pseudonyms: Pseudonyms<'_>,
    text: &[u8],
    keeps_domain: bool,
    out: &mut Vec<u8>,
) {
    let at = text.iter().rposition(|byte| *byte == b'@');
    let parts = at.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?)));
    match parts {
        Some((local, domain)) if is_domain(domain) => {
            let local = pseudonyms.text(local);
            if keeps_domain {
                write_text_of(out, [&local, b"@", domain, b""]);
            } else {
                write_text_of(out, [&local, b"@", &pseudonyms.text(domain), b".invalid"]);
            }
        }
        _ => write_text(out, &pseudonyms.text(text)),
    }
}

/// Whether a text can be nothing but a domain: labels of letters, digits and hyphens, and a last label of letters. What
/// follows the `@` of other texts may be anything, such as a name or a number.
fn is_domain(text: &[u8]) -> bool {
    const MAX_BYTES: usize = 253;
    let labels = || text.split(|byte| *byte == b'.');
    let is_label = |label: &[u8]| {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        !label.is_empty() && label.iter().all(is_part)
    };
    let is_top = |label: &[u8]| label.len() >= 2 && label.iter().all(u8::is_ascii_alphabetic);
    text.len() <= MAX_BYTES
        && labels().nth(1).is_some()
        && labels().all(is_label)
        && labels().next_back().is_some_and(is_top)
}

/// Appends a text of which only the last `kept` characters are shown; none of them if the text is shorter than twice that.
pub(super) fn partial(text: &[u8], kept: u8, out: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(text);
    let count = text.chars().count();
    let kept = usize::from(kept);
    let hidden = if count < 2 * kept {
        count
    } else {
        count - kept
    };
    for (index, char) in text.chars().enumerate() {
        let is_hidden = index < hidden || char == char::REPLACEMENT_CHARACTER;
        push(if is_hidden { HIDDEN } else { char }, out);
    }
}

/// The last `kept` digits of an integer; 0 if it has fewer than twice as many.
pub(super) fn partial_integer(value: i128, kept: u8) -> i128 {
    let digits = value.unsigned_abs().to_string();
    let kept = usize::from(kept);
    let hidden = digits.len().saturating_sub(kept);
    match digits.get(hidden..) {
        Some(last) if digits.len() >= 2 * kept => last.parse().unwrap_or(0),
        _ => 0,
    }
}

/// Appends a text with `x` for each letter and 0 for each digit. Only ASCII punctuation and spaces are kept.
pub(super) fn redact(text: &[u8], out: &mut Vec<u8>) {
    for char in String::from_utf8_lossy(text).chars() {
        push(
            match char {
                char if char.is_numeric() => '0',
                char if char.is_ascii_punctuation() || char.is_whitespace() => char,
                _ => 'x',
            },
            out,
        );
    }
}

fn push(char: char, out: &mut Vec<u8>) {
    out.extend(char.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::{cache::Cache, key::Key};
    use super::*;
    use crate::msgpack::{Reader, Value};

    fn text(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_address_keeps_its_domain_or_nothing() {
        let key = Key::new("a secret of masking").unwrap();
        let hash = |bytes: &[u8]| String::from_utf8(key.text(bytes).to_vec()).unwrap();
        let cache = Cache::default();
        let pseudonyms = Pseudonyms {
            key: &key,
            cache: &cache,
        };
        let masked = |address: &str, keeps| {
            let mut out = Vec::new();
            email(pseudonyms, address.as_bytes(), keeps, &mut out);
            let Ok(Value::Str(text)) = Reader::new(&out).value() else {
                panic!("not a text")
            };
            String::from_utf8(text.to_vec()).unwrap()
        };
        let alice = hash(b"alice");
        assert_eq!(
            masked("alice@example.com", true),
            format!("{alice}@example.com")
        );
        let domain = hash(b"example.com");
        assert_eq!(
            masked("alice@example.com", false),
            format!("{alice}@{domain}.invalid")
        );
        for other in [
            "alice",
            "",
            "@",
            "alice@",
            "alice@local",
            "a@090-1234.5678",
            "a@x.com tel 1",
            "Alice <alice@x.com>",
            "alice@.com",
            "alice@例え.jp",
        ] {
            assert_eq!(masked(other, true), hash(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn the_last_characters_are_shown_if_there_are_enough() {
        let masked = |value: &[u8], kept| text(|out| partial(value, kept, out));
        assert_eq!(masked(b"090-1234-5678", 4), "*********5678");
        assert_eq!(masked(b"12345678", 4), "****5678");
        assert_eq!(masked(b"1234567", 4), "*******");
        assert_eq!(masked(b"", 4), "");
        assert_eq!(masked("山田太郎".as_bytes(), 1), "***郎");
        assert_eq!(masked(b"ab\xffcd\xfe", 2), "****d*");
    }

    #[test]
    fn integers_keep_their_last_digits() {
        for (value, kept, masked) in [
            (9_012_345_678, 4, 5678),
            (-12_345_678, 4, 5678),
            (1_234_567, 4, 0),
            (12, 1, 2),
            (0, 1, 0),
        ] {
            assert_eq!(partial_integer(value, kept), masked, "{value}");
        }
    }

    #[test]
    fn redacted_text_keeps_its_shape() {
        let masked = |value: &[u8]| text(|out| redact(value, out));
        assert_eq!(masked(b"Alice Smith, 42 (b)"), "xxxxx xxxxx, 00 (x)");
        assert_eq!(masked("山田 ٣ é".as_bytes()), "xx 0 x");
        assert_eq!(masked(b"\xff\xfe-a"), "xx-x");
    }
}

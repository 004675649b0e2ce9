//! Any bytes as valid UTF-8, and back.
//!
//! TD strings are bytes that need not be UTF-8, while Parquet and DuckDB text must be. Each byte of an invalid
//! sequence becomes the code point U+10FF00 + byte; genuine code points of that range are escaped byte by byte in the
//! same way, so that the mapping can be undone exactly.

/// Appends `bytes` to `out`, escaped where they are no UTF-8.
#[inline]
pub fn escape(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.is_ascii() {
        out.extend_from_slice(bytes);
    } else {
        escape_unusual(out, bytes);
    }
}

fn escape_unusual(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let mut buffer = [0; 4];
            let encoded = character.encode_utf8(&mut buffer).as_bytes();
            if character >= '\u{10FF00}' {
                encoded.iter().for_each(|byte| escape_byte(out, *byte));
            } else {
                out.extend_from_slice(encoded);
            }
        }
        chunk
            .invalid()
            .iter()
            .for_each(|byte| escape_byte(out, *byte));
    }
}

fn escape_byte(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(&[0xf4, 0x8f, 0xbc | (byte >> 6), 0x80 | (byte & 0x3f)]);
}

/// Whether `bytes` hold an escaped byte.
pub fn has_escapes(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == 0xf4) {
        let Some((_, tail)) = rest.split_at_checked(at) else {
            return false;
        };
        if matches!(tail, [0xf4, 0x8f, 0xbc..=0xbf, _, ..]) {
            return true;
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    false
}

/// The bytes that [`escape`] was given.
pub fn unescape(mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    loop {
        match bytes {
            [0xf4, 0x8f, high @ 0xbc..=0xbf, low, rest @ ..] => {
                out.push(((high & 0x03) << 6) | (low & 0x3f));
                bytes = rest;
            }
            [byte, rest @ ..] => {
                out.push(*byte);
                bytes = rest;
            }
            [] => return out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_string_survives_as_valid_text() {
        let cases: [&[u8]; 9] = [
            b"",
            b"plain",
            "é 😀 \u{2028}".as_bytes(),
            b"\xff\xfe",
            b"ok\xc3",
            b"\xed\xa0\x80 lone surrogate",
            b"\xf4\x90\x80\x80 beyond the last code point",
            "\u{10FF00}\u{10FFFF}".as_bytes(),
            "\u{10FE00} \u{100000}".as_bytes(),
        ];
        for case in cases {
            let mut escaped = Vec::new();
            escape(&mut escaped, case);
            assert!(std::str::from_utf8(&escaped).is_ok(), "{case:?}");
            assert_eq!(has_escapes(&escaped), escaped != case, "{case:?}");
            assert_eq!(unescape(&escaped), case);
        }
    }
}

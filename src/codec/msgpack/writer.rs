//! Writes MessagePack.

/// Appends the header of a map of `len` pairs.
pub fn write_map_len(out: &mut Vec<u8>, len: u32) {
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ 0..=15), _) => out.push(0x80 | len),
        (_, Ok(len)) => {
            out.push(0xde);
            out.extend_from_slice(&len.to_be_bytes());
        }
        _ => {
            out.push(0xdf);
            out.extend_from_slice(&len.to_be_bytes());
        }
    }
}

/// Appends the header of an array of `len` values.
pub fn write_array_len(out: &mut Vec<u8>, len: u32) {
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ 0..=15), _) => out.push(0x90 | len),
        (_, Ok(len)) => {
            out.push(0xdc);
            out.extend_from_slice(&len.to_be_bytes());
        }
        _ => {
            out.push(0xdd);
            out.extend_from_slice(&len.to_be_bytes());
        }
    }
}

/// Appends a text.
///
/// # Errors
/// If the text is longer than 4 GiB.
pub fn write_str(out: &mut Vec<u8>, text: &str) -> Result<(), std::num::TryFromIntError> {
    u32::try_from(text.len())?;
    write_text(out, text.as_bytes());
    Ok(())
}

/// Appends a text of less than 4 GiB, not necessarily UTF-8.
pub fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    match u8::try_from(text.len()) {
        Ok(len @ 0..=31) => out.push(0xa0 | len),
        _ => write_len(out, text.len(), [0xd9, 0xda, 0xdb]),
    }
    out.extend_from_slice(text);
}

/// Appends a text of less than 4 GiB that consists of these parts.
pub fn write_text_of(out: &mut Vec<u8>, parts: [&[u8]; 4]) {
    let len = parts.iter().map(|part| part.len()).sum();
    match u8::try_from(len) {
        Ok(len @ 0..=31) => out.push(0xa0 | len),
        _ => write_len(out, len, [0xd9, 0xda, 0xdb]),
    }
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// Appends a binary value of less than 4 GiB.
pub fn write_bin(out: &mut Vec<u8>, bytes: &[u8]) {
    write_len(out, bytes.len(), [0xc4, 0xc5, 0xc6]);
    out.extend_from_slice(bytes);
}

/// Appends the marker for the width of a length, and the length.
fn write_len(out: &mut Vec<u8>, len: usize, [one, two, four]: [u8; 3]) {
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len), _) => out.extend_from_slice(&[one, len]),
        (_, Ok(len)) => {
            out.push(two);
            out.extend_from_slice(&len.to_be_bytes());
        }
        _ => {
            out.push(four);
            out.extend_from_slice(&len.to_be_bytes());
        }
    }
}

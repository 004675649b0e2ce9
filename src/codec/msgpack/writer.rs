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

/// Appends a text.
///
/// # Errors
/// If the text is longer than 4 GiB.
pub fn write_str(out: &mut Vec<u8>, text: &str) -> Result<(), std::num::TryFromIntError> {
    let len = u32::try_from(text.len())?;
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len @ 0..=31), _) => out.push(0xa0 | len),
        (Ok(len), _) => out.extend_from_slice(&[0xd9, len]),
        (_, Ok(len)) => {
            out.push(0xda);
            out.extend_from_slice(&len.to_be_bytes());
        }
        _ => {
            out.push(0xdb);
            out.extend_from_slice(&len.to_be_bytes());
        }
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

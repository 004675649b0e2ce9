//! Copies of few bytes.

/// Longest run of bytes that is copied word by word.
const MOST_BYTES: usize = 128;

/// Appends `bytes`, which are likely to be few.
///
/// WebAssembly copies memory by one instruction, which V8 carries out by a call into C: for few bytes the call costs
/// more than the copy.
#[inline]
pub fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() > MOST_BYTES {
        out.extend_from_slice(bytes);
        return;
    }
    out.reserve(bytes.len());
    let (words, rest) = bytes.as_chunks::<16>();
    for word in words {
        out.extend_from_slice(word);
    }
    let (words, rest) = rest.as_chunks::<4>();
    for word in words {
        out.extend_from_slice(word);
    }
    for &byte in rest {
        out.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_bytes_is_appended() {
        let bytes: Vec<u8> = (0..=255).collect();
        for len in 0..bytes.len() {
            let mut out = vec![7];
            append(&mut out, &bytes[..len]);
            assert_eq!((out[0], &out[1..]), (7, &bytes[..len]));
        }
    }
}

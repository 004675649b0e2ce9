//! Fast copies of a few bytes.

/// Maximum number of bytes that are copied word by word.
const MAX_BYTES: usize = 128;

/// Appends `bytes`. Optimized for few bytes.
///
/// WebAssembly has an instruction for a memory copy, which V8 implements with a call to a C function. For few bytes, the
/// call costs more than the copy.
#[inline]
pub fn append(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() > MAX_BYTES {
        out.extend_from_slice(bytes);
        return;
    }
    out.reserve(bytes.len());
    if bytes.len() >= 16 {
        append_words::<16>(out, bytes);
    } else if bytes.len() >= 4 {
        append_words::<4>(out, bytes);
    } else {
        for &byte in bytes {
            out.push(byte);
        }
    }
}

/// Appends at least one word. The last word overlaps the one before it.
#[inline(always)]
fn append_words<const N: usize>(out: &mut Vec<u8>, bytes: &[u8]) {
    let end = out.len() + bytes.len();
    let (words, rest) = bytes.as_chunks::<N>();
    for word in words {
        out.extend_from_slice(word);
    }
    if !rest.is_empty()
        && let Some(last) = bytes.last_chunk::<N>()
    {
        out.truncate(end - N);
        out.extend_from_slice(last);
    }
}

/// Maximum number of bytes that one move copies beyond the length of a value. The next value overwrites them.
const SLACK: usize = 64;

/// A buffer of many short byte strings, packed without gaps.
#[derive(Debug, Default)]
pub struct PackedBytes {
    /// Longer than `len`, so that a move may write beyond it.
    bytes: Vec<u8>,
    len: usize,
}

impl PackedBytes {
    /// Appends the first `len` bytes of `from`. Fast if `from` is longer than `len`.
    ///
    /// Up to 16 bytes, and up to 64, are one move of fixed size.
    #[inline(always)]
    pub fn append(&mut self, from: &[u8], len: usize) {
        if self.bytes.len() - self.len < len + SLACK {
            self.grow(len + SLACK);
        }
        let (_, to) = self.bytes.split_at_mut(self.len);
        if len <= 16
            && let (Some(from), Some(to)) = (from.first_chunk::<16>(), to.first_chunk_mut::<16>())
        {
            *to = *from;
        } else if len <= SLACK
            && let (Some(from), Some(to)) =
                (from.first_chunk::<SLACK>(), to.first_chunk_mut::<SLACK>())
        {
            *to = *from;
        } else {
            let (from, _) = from.split_at(len);
            let (to, _) = to.split_at_mut(len);
            to.copy_from_slice(from);
        }
        self.len += len;
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let wanted = (self.len + more).max(2 * self.bytes.len());
        self.bytes.resize(wanted, 0);
    }

    /// The packed bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Removes all bytes and keeps the capacity.
    pub fn clear(&mut self) {
        self.len = 0;
    }
}

/// `bytes` followed by padding, so that [`PackedBytes::append`] copies them with one move.
pub fn with_padding(bytes: &[u8]) -> Vec<u8> {
    [bytes, &[0; SLACK]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_packed_for_any_padding() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut runs = PackedBytes::default();
        let mut expected: Vec<u8> = Vec::new();
        for len in 0..bytes.len() {
            for from in [&bytes[..len], &bytes[..], &with_padding(&bytes[..len])[..]] {
                runs.append(from, len);
                expected.extend(&bytes[..len]);
            }
            assert_eq!(runs.bytes(), expected);
        }
        runs.clear();
        assert!(runs.bytes().is_empty());
    }

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

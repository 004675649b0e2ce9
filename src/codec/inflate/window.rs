//! The latest decompressed bytes, which deflate refers back to.
#![expect(
    clippy::indexing_slicing,
    reason = "the callers check that there is room and that a distance is not larger than what was written"
)]

use super::table::Entry;

/// The maximum distance of a match (RFC 1951 §3.2.5).
const MAX_DISTANCE: usize = 32 << 10;
/// Bytes of the window. What is more than [`MAX_DISTANCE`] makes moves of the window rare, but should stay in the cache.
const LEN: usize = 128 << 10;
/// The maximum length of a match.
const MAX_MATCH: usize = 258;
/// Bytes of one move. A match may write twice as many bytes beyond its end.
const WORD: usize = 16;
/// The end of the window from which on it is too full for a few literals and a match.
const FULL: usize = LEN - MAX_MATCH - 3 * WORD;

/// The latest bytes.
#[derive(Debug)]
pub struct Window {
    bytes: Box<[u8; LEN]>,
    /// End of the bytes that the caller has.
    delivered: usize,
    /// End of the bytes.
    pub end: usize,
}

impl Window {
    /// An empty window.
    pub fn new() -> Self {
        Self {
            bytes: Box::new([0; LEN]),
            delivered: 0,
            end: 0,
        }
    }

    /// Removes all bytes.
    pub fn clear(&mut self) {
        (self.delivered, self.end) = (0, 0);
    }

    /// Whether there is no room for three literals and a match.
    pub const fn is_full(&self) -> bool {
        self.end > FULL
    }

    /// Moves bytes to the spare capacity of `output`; returns whether all bytes are delivered.
    pub fn deliver(&mut self, output: &mut Vec<u8>) -> bool {
        let room = output.capacity() - output.len();
        let len = room.min(self.end - self.delivered);
        output.extend_from_slice(&self.bytes[self.delivered..self.delivered + len]);
        self.delivered += len;
        if self.delivered == self.end && self.is_full() {
            self.bytes.copy_within(self.end - MAX_DISTANCE..self.end, 0);
            (self.delivered, self.end) = (MAX_DISTANCE, MAX_DISTANCE);
        }
        self.delivered == self.end
    }

    /// Appends as many of `bytes` as there is room for; returns their number.
    pub fn extend(&mut self, bytes: &[u8]) -> usize {
        let len = bytes.len().min(LEN - self.end);
        self.bytes[self.end..self.end + len].copy_from_slice(&bytes[..len]);
        self.end += len;
        len
    }

    /// The window for a loop that appends many bytes. Give its end back with [`Window::end`].
    #[inline(always)]
    pub fn appender(&mut self) -> Appender<'_> {
        Appender {
            bytes: &mut self.bytes,
            end: self.end,
        }
    }

    /// Appends the bytes of a literal entry.
    pub fn push(&mut self, entry: Entry) {
        let mut appender = self.appender();
        appender.push(entry);
        self.end = appender.end;
    }

    /// Appends `len` bytes, at most 258, from `distance` bytes back, which must have been written.
    pub fn copy_match(&mut self, distance: usize, len: usize) {
        let mut appender = self.appender();
        appender.copy_match(distance, len);
        self.end = appender.end;
    }
}

/// A window whose end is a local variable, so that a write does not load and store it.
#[derive(Debug)]
pub struct Appender<'a> {
    bytes: &'a mut [u8; LEN],
    /// End of the bytes.
    pub end: usize,
}

impl Appender<'_> {
    /// Whether there is no room for three literals and a match.
    #[inline(always)]
    pub const fn is_full(&self) -> bool {
        self.end > FULL
    }

    /// Appends the bytes of a literal entry.
    #[inline(always)]
    pub fn push(&mut self, entry: Entry) {
        if let Some(room) = self.bytes[self.end % LEN..].first_chunk_mut() {
            *room = entry.bytes();
        }
        self.end += entry.byte_count();
    }

    /// Appends `len` bytes, at most 258, from `distance` bytes back, which must have been written.
    #[inline(always)]
    pub fn copy_match(&mut self, distance: usize, len: usize) {
        let (mut from, mut to) = (self.end - distance, self.end);
        let end = to + len;
        if distance >= WORD {
            // Most matches are shorter than two words. Both are copied without asking, because a wrong guess of the
            // processor costs more than a copy.
            self.copy_word(from, to);
            self.copy_word(from + WORD, to + WORD);
            while to + 2 * WORD < end {
                (from, to) = (from + WORD, to + WORD);
                self.copy_word(from + WORD, to + WORD);
            }
        } else {
            self.repeat(from, end);
        }
        self.end = end;
    }

    #[inline(always)]
    fn copy_word(&mut self, from: usize, to: usize) {
        if let Some(&word) = self.bytes[from..].first_chunk::<WORD>()
            && let Some(room) = self.bytes[to..].first_chunk_mut()
        {
            *room = word;
        }
    }

    /// Writes the bytes from `from` to the end again and again, up to `end`.
    fn repeat(&mut self, from: usize, end: usize) {
        let mut len = self.end - from;
        let mut to = self.end;
        while to < end {
            let part = len.min(end - to);
            if part < WORD {
                for place in from..from + part {
                    self.bytes[to + place - from] = self.bytes[place];
                }
            } else {
                self.bytes.copy_within(from..from + part, to);
            }
            to += part;
            len *= 2;
        }
    }
}

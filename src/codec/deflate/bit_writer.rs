//! Writes the bits of a deflate stream, the lowest bit of each byte first (RFC 1951 §3.1.1).

/// A growing stream of bits.
#[derive(Debug, Default)]
pub struct BitWriter {
    /// Longer than `len`.
    bytes: Vec<u8>,
    len: usize,
    /// Bits that are not in `bytes` yet.
    buffer: u64,
    count: u32,
}

impl BitWriter {
    /// A cursor at the end of the stream, for at most `bytes` bytes. Give its position back with
    /// [`advance`](Self::advance).
    pub fn cursor(&mut self, bytes: usize) -> Cursor<'_> {
        let wanted = self.len + bytes + Cursor::WORD;
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        Cursor {
            room: self.bytes.get_mut(self.len..).unwrap_or_default(),
            at: At {
                len: 0,
                buffer: self.buffer,
                count: self.count,
            },
        }
    }

    /// Ends the stream where a cursor stopped.
    pub fn advance(&mut self, at: At) {
        self.len += at.len;
        (self.buffer, self.count) = (at.buffer, at.count);
    }

    /// Adds an empty stored block, which ends at a byte boundary (RFC 1951 §3.2.4).
    pub fn align(&mut self) {
        let mut cursor = self.cursor(Cursor::WORD);
        cursor.put(0, 3);
        cursor.flush();
        cursor.at.count = cursor.at.count.next_multiple_of(8);
        cursor.flush();
        cursor.put(0xffff_0000, 32);
        cursor.flush();
        let at = cursor.at;
        self.advance(at);
    }

    /// The whole bytes.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.truncate(self.len);
        self.bytes
    }
}

/// Writes to room that is reserved in advance. Its numbers are local variables in a loop.
#[derive(Debug)]
pub struct Cursor<'a> {
    room: &'a mut [u8],
    pub at: At,
}

/// A position in a stream of bits.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// Number of written bytes.
    len: usize,
    buffer: u64,
    count: u32,
}

impl Cursor<'_> {
    /// Bytes of a write.
    const WORD: usize = 8;

    /// Adds the `count` bits of `bits`. Call [`flush`](Self::flush) before the bits since the last flush exceed 56.
    #[inline(always)]
    pub fn put(&mut self, bits: u64, count: u32) {
        self.at.buffer |= bits << self.at.count;
        self.at.count += count;
    }

    /// Writes whole bytes, so that less than 8 bits remain.
    #[inline(always)]
    pub fn flush(&mut self) {
        let room = self.room.get_mut(self.at.len..);
        if let Some(room) = room.and_then(|room| room.first_chunk_mut()) {
            *room = self.at.buffer.to_le_bytes();
        }
        // At most 63 bits are in the buffer.
        let whole = self.at.count & 0x38;
        self.at.buffer >>= whole;
        self.at.len += (whole / 8) as usize;
        self.at.count &= 7;
    }
}

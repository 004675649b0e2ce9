//! A scanner for the ends of rows.

use super::{
    extent::extent,
    malformed::{MAX_ROW_BYTES, Malformed},
};

/// Finds the ends of rows in a growing buffer. It does not decode values, and takes any nesting depth.
#[derive(Debug, Default)]
pub struct RowScanner {
    /// Start of the current row.
    start: usize,
    /// Start of the next value. It is beyond the buffer while a long text is incomplete.
    position: usize,
    /// Number of values that complete the row.
    remaining: usize,
    /// Whether a row has started.
    in_row: bool,
}

impl RowScanner {
    /// The offset of the end of the next row, or `None` if `bytes` does not contain it yet.
    ///
    /// Pass the same buffer in each call, with or without more bytes at its end; see [`discard`](Self::discard).
    ///
    /// # Errors
    /// [`Malformed`] for bytes that are not rows.
    pub fn next_row(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        if !self.in_row {
            match bytes.get(self.position) {
                None => return Ok(None),
                Some(0x90..=0x9f | 0xdc | 0xdd) => {}
                Some(&other) => return Err(Malformed::NotAnArray(other)),
            }
            self.start = self.position;
            self.remaining = 1;
            self.in_row = true;
        }
        self.scan(bytes)?;
        if self.remaining > 0 || self.position > bytes.len() {
            return Ok(None);
        }
        self.in_row = false;
        Ok(Some(self.position))
    }

    /// Adjusts to a buffer whose first `len` bytes were removed. They must be rows that [`next_row`](Self::next_row) has
    /// returned.
    pub fn discard(&mut self, len: usize) {
        self.start = self.start.saturating_sub(len);
        self.position = self.position.saturating_sub(len);
    }

    fn scan(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        while self.remaining > 0 {
            let Some(next) = bytes.get(self.position..) else {
                return Ok(());
            };
            let Some(extent) = extent(next)? else {
                return Ok(());
            };
            let remaining = (self.remaining - 1).saturating_add(extent.values);
            let position = self.position.saturating_add(extent.bytes);
            if (position - self.start).saturating_add(remaining) > MAX_ROW_BYTES {
                return Err(Malformed::RowTooLarge);
            }
            self.remaining = remaining;
            self.position = position;
        }
        Ok(())
    }
}

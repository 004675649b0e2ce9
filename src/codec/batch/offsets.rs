//! Offsets of the values of a text, list or map column.

use arrow_buffer::{OffsetBuffer, ScalarBuffer};

use super::value_error::ValueError;

/// Builds the offsets of an array: 0, and the end of each value.
#[derive(Debug)]
pub struct Offsets {
    offsets: Vec<i32>,
    last: i32,
}

impl Offsets {
    /// No values.
    pub fn new() -> Self {
        Self::with_capacity(1)
    }

    /// Adds a value that ends at `end`.
    ///
    /// # Errors
    /// If the end exceeds 31 bits, the size of Arrow's offsets.
    #[inline]
    pub fn push_end(&mut self, end: usize) -> Result<(), Box<ValueError>> {
        let Ok(end) = i32::try_from(end) else {
            return Err(too_large());
        };
        self.last = end;
        self.offsets.push(end);
        Ok(())
    }

    /// Adds a value of `len`.
    ///
    /// # Errors
    /// If the end exceeds 31 bits, the size of Arrow's offsets.
    pub fn push_len(&mut self, len: u32) -> Result<(), Box<ValueError>> {
        let end = self.last.checked_add_unsigned(len).ok_or_else(too_large)?;
        self.last = end;
        self.offsets.push(end);
        Ok(())
    }

    /// Adds an empty value.
    pub fn push_empty(&mut self) {
        self.offsets.push(self.last);
    }

    /// Returns the offsets, and leaves the builder empty.
    pub fn take(&mut self) -> OffsetBuffer<i32> {
        let next = Self::with_capacity(self.offsets.len());
        let taken = std::mem::replace(self, next).offsets;
        OffsetBuffer::new(ScalarBuffer::from(taken))
    }

    fn with_capacity(capacity: usize) -> Self {
        let mut offsets = Vec::with_capacity(capacity);
        offsets.push(0);
        Self { offsets, last: 0 }
    }
}

/// The error of an array that exceeds 31-bit offsets.
pub fn too_large() -> Box<ValueError> {
    ValueError::too_large("the batch has more than 2^31 bytes or values in one column".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_are_said_to() {
        let mut offsets = Offsets::new();
        offsets.push_end(3).unwrap();
        offsets.push_empty();
        offsets.push_len(2).unwrap();
        assert_eq!(offsets.take().to_vec(), [0, 3, 3, 5]);
        assert_eq!(offsets.take().to_vec(), [0]);
    }

    #[test]
    fn counting_has_an_end() {
        let message = |error: Box<ValueError>| error.into_error("c", 7).to_string();
        let expected =
            "column \"c\", row 7: the batch has more than 2^31 bytes or values in one column";
        let mut offsets = Offsets::new();
        assert_eq!(message(offsets.push_end(1 << 31).unwrap_err()), expected);
        assert_eq!(message(offsets.push_len(u32::MAX).unwrap_err()), expected);
        assert_eq!(offsets.take().to_vec(), [0]);
    }
}

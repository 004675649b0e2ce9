//! Where the values of a column of text, arrays or maps end.

use arrow::buffer::{OffsetBuffer, ScalarBuffer};

use super::ValueError;

/// Offsets on their way into an array: 0, and the end of each value.
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
    /// A fault when Arrow cannot count that far.
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
    /// A fault when Arrow cannot count that far.
    pub fn push_len(&mut self, len: u32) -> Result<(), Box<ValueError>> {
        let end = self.last.checked_add_unsigned(len).ok_or_else(too_large)?;
        self.last = end;
        self.offsets.push(end);
        Ok(())
    }

    /// Adds a value of no length.
    pub fn push_empty(&mut self) {
        self.offsets.push(self.last);
    }

    /// The offsets so far; none are left.
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

/// More text, or more values in arrays or maps, than one array can hold.
pub fn too_large() -> Box<ValueError> {
    ValueError::too_large("with this row the step holds more than 2^31 bytes or values".into())
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
        let message = |fault: Box<ValueError>| fault.into_error("c", 7).to_string();
        let expected =
            "column \"c\", row 7: with this row the step holds more than 2^31 bytes or values";
        let mut offsets = Offsets::new();
        assert_eq!(message(offsets.push_end(1 << 31).unwrap_err()), expected);
        assert_eq!(message(offsets.push_len(u32::MAX).unwrap_err()), expected);
        assert_eq!(offsets.take().to_vec(), [0]);
    }
}

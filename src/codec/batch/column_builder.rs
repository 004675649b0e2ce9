//! What the builders of all columns have in common.

use std::fmt::Debug;

use arrow_array::ArrayRef;

use super::value_error::ValueError;
use crate::msgpack::Reader;

/// Builds the array of one column.
pub trait ColumnBuilder: Debug + Send {
    /// Reads the next value, which may be NULL, and appends it.
    fn append(&mut self, reader: &mut Reader<'_>) -> Result<(), Box<ValueError>>;

    /// Appends a NULL that is not in the input, such as a field of a NULL row.
    fn append_null(&mut self);

    /// Returns the values as an array, and leaves the builder empty.
    ///
    /// An error that is found here has the index of its value.
    fn finish(&mut self) -> Result<ArrayRef, Box<ValueError>>;
}

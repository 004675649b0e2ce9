//! Stands for arrow's crate of this name, in all that is built here.
//!
//! arrow-select compares the values of run-end encoded arrays by it, which petit makes none of; but the compiler cannot
//! know that, and the comparisons of every type with every other are a tenth of the module.

use std::cmp::Ordering;

use arrow_array::Array;
use arrow_schema::{ArrowError, SortOptions};

/// Compares two values by their places in their arrays.
pub type DynComparator = Box<dyn Fn(usize, usize) -> Ordering + Send + Sync>;

/// Always an error.
///
/// # Errors
/// [`ArrowError::NotYetImplemented`].
pub fn make_comparator(
    _left: &dyn Array,
    _right: &dyn Array,
    _options: SortOptions,
) -> Result<DynComparator, ArrowError> {
    Err(ArrowError::NotYetImplemented(
        "arrays are not compared here".into(),
    ))
}

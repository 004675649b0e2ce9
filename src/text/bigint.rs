//! Counts of rows and of bytes on their way to JavaScript, where they are BigInt: they may pass 2^53.

use serde::{Serialize, Serializer};

/// Serializes a count as a 128-bit integer: what `serde_wasm_bindgen` makes a BigInt of, whatever its value, while every
/// other integer becomes a number. In JSON it is an integer like any other.
pub fn bigint<S: Serializer>(
    count: &(impl Copy + Into<Option<u64>>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let count: Option<u64> = (*count).into();
    count.map(u128::from).serialize(serializer)
}

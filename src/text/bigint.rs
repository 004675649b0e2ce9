//! Counts of rows and bytes on their way to JavaScript. They become `BigInt`, because they may exceed 2^53.

use serde::{Serialize, Serializer};

/// The largest integer that a JavaScript number and every JSON parser keep exactly: 2^53 - 1.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Serializes a count as a 128-bit integer, which `serde_wasm_bindgen` always converts to a `BigInt`. It converts smaller
/// integer types to numbers. In JSON, the count is an ordinary integer.
pub fn bigint<S: Serializer>(
    count: &(impl Copy + Into<Option<u64>>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let count: Option<u64> = (*count).into();
    count.map(u128::from).serialize(serializer)
}

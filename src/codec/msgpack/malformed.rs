//! Why bytes are not valid MessagePack.

use thiserror::Error as ThisError;

/// Maximum size of a row, in bytes. A larger one is treated as damage.
pub const MAX_ROW_BYTES: usize = 256 << 20;

/// Why bytes are not the expected MessagePack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
pub enum Malformed {
    /// The bytes end inside a value.
    #[error("the bytes end inside a value")]
    Torn,
    /// The byte 0xc1, which MessagePack never uses.
    #[error("0xc1 is not a MessagePack type")]
    Reserved,
    /// A row is not an array.
    #[error("a row must be an array, but starts with 0x{0:02x}")]
    NotAnArray(u8),
    /// A row is larger than [`MAX_ROW_BYTES`], or its lengths say so.
    #[error("a row is larger than {MAX_ROW_BYTES} bytes")]
    RowTooLarge,
}

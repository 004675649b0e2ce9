//! Rows in, a row group out.

use serde::Deserialize;

use crate::{Result, schema::ResultSchema};

/// How to compress data pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Zstandard, level 1.
    #[default]
    Zstd,
    /// Snappy.
    Snappy,
    /// Gzip.
    Gzip,
    /// LZ4 without its frame (`LZ4_RAW`).
    Lz4,
    /// Not at all.
    None,
}

/// What to do with text that is not UTF-8.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidUtf8 {
    /// Refuse it.
    #[default]
    Error,
    /// Put U+FFFD in its place.
    Replace,
    /// Write every text column, valid or not, as binary.
    Binary,
}

/// How to write the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EncodeOptions {
    /// Compression of every column.
    pub compression: Compression,
    /// What to do with text that is not UTF-8.
    pub invalid_utf8: InvalidUtf8,
    /// Leaf columns (numbered as Parquet does) to write without a dictionary.
    pub plain_columns: Vec<usize>,
}

/// A Parquet file of one row group, to be given to [`Stitcher::append`](crate::stitch::Stitcher::append).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedRowGroup {
    /// The whole file.
    pub file: Vec<u8>,
    /// Rows in it.
    pub row_count: u64,
    /// Leaf columns whose dictionary grew too large; better in `plain_columns` next time.
    pub overflowed: Vec<usize>,
}

/// Encodes the rows of one row group.
#[derive(Debug)]
pub struct RowGroupEncoder {}

impl RowGroupEncoder {
    /// An encoder for rows of `schema`; `first_row` is the number of the first one within the job result.
    pub fn try_new(
        _schema: &ResultSchema,
        _options: &EncodeOptions,
        _first_row: u64,
    ) -> Result<Self> {
        Ok(Self {})
    }

    /// Takes whole rows, as a [`Step`](crate::splitter::Step) holds them.
    pub fn push(&mut self, _rows: &[u8]) -> Result<()> {
        Ok(())
    }

    /// Ends the row group.
    pub fn finish(self) -> Result<EncodedRowGroup> {
        Ok(EncodedRowGroup {
            file: Vec::new(),
            row_count: 0,
            overflowed: Vec::new(),
        })
    }
}

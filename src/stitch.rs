//! Row groups in, one Parquet file out.

use crate::{Result, row_group::EncodeOptions, schema::ResultSchema};

/// Joins row groups to one Parquet file.
#[derive(Debug)]
pub struct Stitcher {}

impl Stitcher {
    /// A file of no rows so far, with `metadata` for its footer.
    pub fn try_new(
        _schema: &ResultSchema,
        _options: &EncodeOptions,
        _metadata: Vec<(String, String)>,
    ) -> Result<Self> {
        Ok(Self {})
    }

    /// Adds a row group made with the same schema; returns the bytes to write next.
    pub fn append(&mut self, _file: Vec<u8>) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// Ends the file; returns the bytes to write last.
    pub fn finish(self) -> Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

//! Rows in, a row group out, as a Parquet file of its own.

use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Encoding, PageType},
    errors::ParquetError,
    file::metadata::ColumnChunkMetaData,
};
use serde::Deserialize;

use crate::{Error, Result, batch::BatchDecoder, file, schema::ResultSchema};

/// How to compress data pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Zstandard, level 1.
    #[default]
    Zstd,
    /// Snappy.
    Snappy,
    /// Gzip, level 1.
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
    /// Leaf columns (numbered from 0, as Parquet does) to write without a dictionary.
    pub plain_columns: Vec<usize>,
}

/// A Parquet file of one row group, to be given to [`Stitcher::append`](crate::stitch::Stitcher::append).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedRowGroup {
    /// The whole file.
    pub file: Vec<u8>,
    /// Rows in it.
    pub row_count: u64,
    /// Leaf columns whose dictionary grew too large: `plain_columns` is the place for them next time.
    pub overflowed: Vec<usize>,
}

/// Encodes the rows of one row group. Memory is bounded by the row group and one step.
#[derive(Debug)]
pub struct RowGroupEncoder {
    decoder: BatchDecoder,
    writer: ArrowWriter<Vec<u8>>,
    first_row: u64,
    row_count: u64,
}

impl RowGroupEncoder {
    /// An encoder for rows of `schema`; `first_row` is the number of the first one within the job result.
    ///
    /// # Errors
    /// [`Error::Parquet`] for a schema that Parquet cannot hold.
    pub fn try_new(schema: &ResultSchema, options: &EncodeOptions, first_row: u64) -> Result<Self> {
        let decoder = BatchDecoder::new(schema, options);
        let properties = file::properties(&decoder.schema(), options)?;
        let options = ArrowWriterOptions::new()
            .with_properties(properties.build())
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), decoder.schema(), options)?;
        Ok(Self {
            decoder,
            writer,
            first_row,
            row_count: 0,
        })
    }

    /// Takes whole rows, as a [`Step`](crate::splitter::Step) holds them; at most 1 GiB at once.
    ///
    /// # Errors
    /// [`Error::Value`] for a value that does not fit its column, [`Error::MessagePack`] for anything that is no row of
    /// as many values as there are columns. After an error the encoder is of no more use.
    pub fn push(&mut self, rows: &[u8]) -> Result<()> {
        let batch = self.decoder.decode(rows, self.first_row + self.row_count)?;
        self.row_count += batch.num_rows() as u64;
        Ok(self.writer.write(&batch)?)
    }

    /// Ends the row group.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] when it has no rows; [`Error::Parquet`] when the encoder fails.
    pub fn finish(mut self) -> Result<EncodedRowGroup> {
        if self.row_count == 0 {
            return Err(Error::InvalidOption {
                reason: "a row group needs at least one row".into(),
            });
        }
        let metadata = self.writer.finish()?;
        let columns = metadata
            .row_groups()
            .iter()
            .flat_map(|group| group.columns());
        let overflowed = columns
            .enumerate()
            .filter(|(_, column)| dictionary_overflowed(column))
            .map(|(index, _)| index)
            .collect();
        Ok(EncodedRowGroup {
            file: std::mem::take(self.writer.inner_mut()),
            row_count: self.row_count,
            overflowed,
        })
    }
}

/// Whether data pages come both with and without the dictionary: it was given up on the way.
fn dictionary_overflowed(column: &ColumnChunkMetaData) -> bool {
    let pages = column.page_encoding_stats().into_iter().flatten();
    let mut pages = pages
        .filter(|page| matches!(page.page_type, PageType::DATA_PAGE | PageType::DATA_PAGE_V2))
        .map(|page| {
            matches!(
                page.encoding,
                Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY
            )
        });
    let first = pages.next();
    pages.any(|by_dictionary| Some(by_dictionary) != first)
}

impl From<ParquetError> for Error {
    fn from(error: ParquetError) -> Self {
        Self::Parquet {
            reason: error.to_string(),
        }
    }
}

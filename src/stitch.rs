//! Row groups in, one Parquet file out, a row group at a time.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use parquet::{
    arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata},
    column::writer::ColumnCloseResult,
    file::{
        metadata::{KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader},
        writer::SerializedFileWriter,
    },
};

use crate::{Error, Result, file, row_group::EncodeOptions, schema::ResultSchema};

/// Joins row groups to one Parquet file by copying their column chunks.
pub struct Stitcher {
    writer: SerializedFileWriter<Vec<u8>>,
    row_count: u64,
}

impl Stitcher {
    /// A file of no rows so far; `metadata` goes to its footer, beside the Arrow schema.
    ///
    /// # Errors
    /// [`Error::Parquet`] for a schema that Parquet cannot hold.
    pub fn try_new(
        schema: &ResultSchema,
        options: &EncodeOptions,
        metadata: Vec<(String, String)>,
    ) -> Result<Self> {
        let schema = schema.arrow_schema(options);
        let metadata = metadata
            .into_iter()
            .map(|(key, value)| KeyValue::new(key, value));
        let mut properties = file::properties(&schema, options)?
            .set_key_value_metadata(Some(metadata.collect()))
            .build();
        add_encoded_arrow_schema_to_metadata(&schema, &mut properties);
        let root = ArrowSchemaConverter::new()
            .schema_root("arrow_schema")
            .convert(&schema)?
            .root_schema_ptr();
        let writer = SerializedFileWriter::new(Vec::new(), root, Arc::new(properties))?;
        Ok(Self {
            writer,
            row_count: 0,
        })
    }

    /// Adds the row groups of a `file` of the same schema (from
    /// [`RowGroupEncoder::finish`](crate::row_group::RowGroupEncoder::finish)); returns the bytes to write next.
    ///
    /// # Errors
    /// [`Error::Parquet`] when `file` is none, or has other columns.
    pub fn append(&mut self, file: Vec<u8>) -> Result<Vec<u8>> {
        let file = Bytes::from(file);
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(&file)?;
        for index in 0..metadata.num_row_groups() {
            self.append_row_group(&file, &metadata, index)?;
        }
        self.take()
    }

    /// Rows in the file so far.
    pub fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Ends the file; returns the bytes to write last.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        self.writer.finish()?;
        self.take()
    }

    fn append_row_group(
        &mut self,
        file: &Bytes,
        metadata: &ParquetMetaData,
        index: usize,
    ) -> Result<()> {
        let group = metadata.row_group(index);
        let pages = metadata.page_index();
        let rows = u64::try_from(group.num_rows()).unwrap_or(0);
        let mut writer = self.writer.next_row_group()?;
        for (column, chunk) in group.columns().iter().enumerate() {
            let close = ColumnCloseResult {
                bytes_written: chunk.compressed_size().unsigned_abs(),
                rows_written: rows,
                metadata: chunk.clone(),
                bloom_filter: None,
                column_index: pages.and_then(|p| p.column_index(index, column)).cloned(),
                offset_index: pages.and_then(|p| p.offset_index(index, column)).cloned(),
            };
            writer.append_column(file, close)?;
        }
        writer.close()?;
        self.row_count += rows;
        Ok(())
    }

    fn take(&mut self) -> Result<Vec<u8>> {
        self.writer.flush().map_err(|error| Error::Parquet {
            reason: error.to_string(),
        })?;
        Ok(std::mem::take(self.writer.inner_mut()))
    }
}

impl fmt::Debug for Stitcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stitcher")
            .field("row_count", &self.row_count)
            .finish_non_exhaustive()
    }
}

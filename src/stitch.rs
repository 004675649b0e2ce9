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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        row_group::RowGroupEncoder,
        testing::{V, rows},
    };

    fn schema(type_name: &str) -> ResultSchema {
        ResultSchema::parse(&format!(r#"[["id","{type_name}"]]"#)).unwrap()
    }

    fn row_group(type_name: &str, value: i64) -> Vec<u8> {
        let options = EncodeOptions::default();
        let mut encoder = RowGroupEncoder::try_new(&schema(type_name), &options, 0).unwrap();
        encoder.push(&rows([[V::Int(value)]])).unwrap();
        encoder.finish().unwrap().file
    }

    fn stitcher() -> Stitcher {
        Stitcher::try_new(&schema("bigint"), &EncodeOptions::default(), vec![]).unwrap()
    }

    #[test]
    fn bytes_come_out_with_each_row_group() {
        let mut stitcher = stitcher();
        let first = stitcher.append(row_group("bigint", 1)).unwrap();
        let second = stitcher.append(row_group("bigint", 2)).unwrap();
        assert!(first.starts_with(b"PAR1"));
        assert!(!second.is_empty() && !second.starts_with(b"PAR1"));
        assert_eq!(stitcher.row_count(), 2);
        assert!(stitcher.finish().unwrap().ends_with(b"PAR1"));
    }

    #[test]
    fn other_files_are_refused() {
        for file in [row_group("integer", 1), b"PAR1".to_vec(), vec![]] {
            assert_eq!(stitcher().append(file).unwrap_err().code(), "parquet");
        }
    }

    #[test]
    fn debug_shows_no_bytes() {
        assert_eq!(format!("{:?}", stitcher()), "Stitcher { row_count: 0, .. }");
    }
}

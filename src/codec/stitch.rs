//! Joins row groups to one Parquet file.
//!
//! Hand-written, because parquet's own writer keeps positions in `usize`, which has 32 bits in WebAssembly, and copies the
//! data. Here positions have 64 bits, and only the footers of the row groups are processed.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use parquet::{
    arrow::{ARROW_SCHEMA_META_KEY, ArrowSchemaConverter, encode_arrow_schema},
    file::{
        FOOTER_SIZE,
        metadata::{
            ColumnChunkMetaData, FileMetaData, KeyValue, PageIndexPolicy, ParquetMetaData,
            ParquetMetaDataBuilder, ParquetMetaDataOptions, ParquetMetaDataReader,
            ParquetMetaDataWriter, RowGroupMetaData,
            page_index::{PageIndex, PageIndexBuilder},
        },
        properties::WriterVersion,
    },
    schema::types::SchemaDescPtr,
};

use crate::{
    Error, Result, float_order, pandas, parquet_options::EncodeOptions, row_group::FILE_MAGIC,
    schema::ResultSchema, writer_properties,
};

const MAGIC_LENGTH: u64 = FILE_MAGIC.len() as u64;

/// Joins row groups to one Parquet file. Its bytes are [`FILE_MAGIC`], the data of each row group in order, and the result of
/// [`finish`](Stitcher::finish). The caller concatenates them, so that no data is copied here.
pub struct Stitcher {
    schema: SchemaDescPtr,
    metadata: Vec<KeyValue>,
    /// Metadata of the row groups so far. The offsets of page indexes are positions in `indexes`.
    groups: Vec<RowGroupMetaData>,
    /// Serialized page indexes of the row groups. Parsed, they would take several times the memory.
    indexes: Vec<u8>,
    /// Position of the data of the next row group in the file.
    position: i64,
    row_count: u64,
}

impl Stitcher {
    /// A file without rows. `metadata` is added to the footer as key-value pairs, along with the types for pandas and the
    /// Arrow schema.
    ///
    /// # Errors
    /// [`Error::Parquet`] for a schema that Parquet cannot represent.
    pub fn try_new(
        schema: &ResultSchema,
        options: &EncodeOptions,
        metadata: Vec<(String, String)>,
    ) -> Result<Self> {
        let pandas = (pandas::KEY.to_owned(), pandas::metadata(schema, options)?);
        let schema = schema.arrow_schema(options);
        let arrow = (
            ARROW_SCHEMA_META_KEY.to_owned(),
            encode_arrow_schema(&schema),
        );
        let metadata = metadata.into_iter().chain([pandas, arrow]);
        Ok(Self {
            schema: Arc::new(
                ArrowSchemaConverter::new()
                    .schema_root("arrow_schema")
                    .convert(&schema)?,
            ),
            metadata: metadata
                .map(|(key, value)| KeyValue::new(key, value))
                .collect(),
            groups: Vec::new(),
            indexes: Vec::new(),
            position: MAGIC_LENGTH.cast_signed(),
            row_count: 0,
        })
    }

    /// Takes note of the row group of a file of the same schema, behind those before it: the file's `tail`, and how long
    /// the data before the tail are (see [`EncodedRowGroup`](crate::row_group::EncodedRowGroup)).
    ///
    /// # Errors
    /// [`Error::Parquet`] if that is not the footer of a row group of this schema.
    pub fn append(&mut self, footer: Vec<u8>, data_length: u64) -> Result<()> {
        let file_length = MAGIC_LENGTH + data_length + footer.len() as u64;
        let mut reader =
            ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
        reader.try_parse_sized(&Bytes::from(footer), file_length)?;
        let file = reader.finish()?;
        let [group] = file.row_groups() else {
            return Err(invalid_row_group("it does not have exactly one row group"));
        };
        if file.file_metadata().schema_descr().columns() != self.schema.columns() {
            return Err(invalid_row_group("it has other columns"));
        }
        check_data(group, data_length)?;
        let shift = self.position - MAGIC_LENGTH.cast_signed();
        let columns = group
            .columns()
            .iter()
            .map(|column| shift_column(column, shift));
        let placed = RowGroupMetaData::builder(self.schema.clone())
            .set_num_rows(group.num_rows())
            .set_total_byte_size(group.total_byte_size())
            .set_column_metadata(columns.collect::<Result<_>>()?)
            .set_ordinal(i32::try_from(self.groups.len()).unwrap_or(i32::MAX))
            .set_file_offset(self.position)
            .build()?;
        self.store_indexes(placed, shift_page_index(&file, group.num_columns(), shift)?)?;
        self.position += data_length.cast_signed();
        self.row_count += group.num_rows().unsigned_abs();
        Ok(())
    }

    /// Number of rows in the file so far.
    pub fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Appends the serialized page indexes of a row group to `indexes`, and its metadata to `groups`.
    fn store_indexes(&mut self, group: RowGroupMetaData, indexes: PageIndex) -> Result<()> {
        let metadata = self.file_metadata(Vec::new());
        let metadata = ParquetMetaDataBuilder::new(metadata)
            .set_row_groups(vec![group])
            .set_page_index(Some(Arc::new(indexes)))
            .build();
        let mut written = Vec::new();
        ParquetMetaDataWriter::new(&mut written, &metadata).finish()?;
        let written = Bytes::from(written);
        // The metadata that is read back has the offsets of its indexes, and shares the schema with the other row groups.
        let options = ParquetMetaDataOptions::new().with_schema(self.schema.clone());
        let read = ParquetMetaDataReader::new()
            .with_metadata_options(Some(options))
            .parse_and_finish(&written)?;
        let shift = i64::try_from(self.indexes.len()).unwrap_or(i64::MAX);
        for group in read.into_builder().take_row_groups() {
            self.groups.push(shift_index_offsets(group, shift)?);
        }
        let length = indexes_length(&written)?;
        self.indexes
            .extend_from_slice(written.get(..length).unwrap_or_default());
        Ok(())
    }

    /// Returns the bytes that follow the row groups: page indexes and footer.
    ///
    /// # Errors
    /// [`Error::Parquet`] if the metadata cannot be written.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        let groups = std::mem::take(&mut self.groups).into_iter();
        let groups = groups.map(|group| shift_index_offsets(group, self.position));
        let groups = groups.collect::<Result<_>>()?;
        let keys = std::mem::take(&mut self.metadata);
        let metadata = ParquetMetaDataBuilder::new(self.file_metadata(keys))
            .set_row_groups(groups)
            .build();
        let mut written = self.indexes;
        ParquetMetaDataWriter::new(&mut written, &metadata).finish()?;
        float_order::declare_type_order(&mut written, self.schema.num_columns())?;
        Ok(written)
    }

    fn file_metadata(&self, keys: Vec<KeyValue>) -> FileMetaData {
        FileMetaData::new(
            WriterVersion::PARQUET_1_0.as_num(),
            self.row_count.cast_signed(),
            Some(writer_properties::created_by()),
            Some(keys),
            self.schema.clone(),
            None,
        )
    }
}

/// Checks that the column chunks follow each other from the magic number on, and are all of the data.
fn check_data(group: &RowGroupMetaData, data_length: u64) -> Result<()> {
    let mut end = MAGIC_LENGTH;
    for column in group.columns() {
        let (start, length) = column.byte_range();
        if start != end {
            return Err(invalid_row_group("its columns are not contiguous"));
        }
        end += length;
    }
    if end != MAGIC_LENGTH + data_length {
        return Err(invalid_row_group("its data has another length"));
    }
    Ok(())
}

fn invalid_row_group(reason: &str) -> Error {
    Error::Parquet {
        reason: format!("invalid row group: {reason}"),
    }
}

/// Moves a column chunk by `shift` bytes, removes the offsets of its indexes, and adapts its statistics.
fn shift_column(column: &ColumnChunkMetaData, shift: i64) -> Result<ColumnChunkMetaData> {
    let dictionary = column.dictionary_page_offset();
    let mut builder = column.clone().into_builder();
    if let Some(statistics) = column.statistics() {
        builder = builder.set_statistics(float_order::statistics(statistics));
    }
    Ok(builder
        .set_data_page_offset(column.data_page_offset() + shift)
        .set_dictionary_page_offset(dictionary.map(|offset| offset + shift))
        .set_column_index_offset(None)
        .set_column_index_length(None)
        .set_offset_index_offset(None)
        .set_offset_index_length(None)
        .build()?)
}

/// The page indexes of a file of one row group, whose pages are moved by `shift` bytes.
fn shift_page_index(file: &ParquetMetaData, columns: usize, shift: i64) -> Result<PageIndex> {
    let mut shifted = PageIndexBuilder::new(1, columns);
    let Some(pages) = file.page_index() else {
        return Ok(shifted.build());
    };
    for column in 0..columns {
        let index = pages.column_index(0, column);
        if let Some(index) = index.map(float_order::column_index).transpose()?.flatten() {
            shifted.put_column_index(index, 0, column);
        }
        if let Some(mut index) = pages.offset_index(0, column).cloned() {
            for location in &mut index.page_locations {
                location.offset += shift;
            }
            shifted.put_offset_index(index, 0, column);
        }
    }
    Ok(shifted.build())
}

/// Size of the page indexes in the output of a metadata writer, in bytes: everything before the footer.
fn indexes_length(written: &[u8]) -> Result<usize> {
    let footer = written
        .last_chunk::<FOOTER_SIZE>()
        .and_then(|[a, b, c, d, ..]| usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok());
    footer
        .and_then(|length| written.len().checked_sub(length + FOOTER_SIZE))
        .ok_or_else(|| invalid_row_group("its metadata has no footer"))
}

/// Moves the page indexes of a row group by `shift` bytes.
fn shift_index_offsets(group: RowGroupMetaData, shift: i64) -> Result<RowGroupMetaData> {
    let shifted = |offset: Option<i64>| offset.map(|offset| offset + shift);
    let mut group = group.into_builder();
    let columns = group.take_columns().into_iter().map(|column| {
        let [columns, offsets] =
            [column.column_index_offset(), column.offset_index_offset()].map(shifted);
        column
            .into_builder()
            .set_column_index_offset(columns)
            .set_offset_index_offset(offsets)
            .build()
    });
    let columns = columns.collect::<std::result::Result<_, _>>()?;
    Ok(group.set_column_metadata(columns).build()?)
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
        row_group::{EncodedRowGroup, RowGroupEncoder},
        testing::{V, rows},
    };

    fn schema(type_name: &str) -> ResultSchema {
        ResultSchema::parse(&format!(r#"[["id","{type_name}"]]"#)).unwrap()
    }

    fn row_group(type_name: &str, value: i64) -> EncodedRowGroup {
        let options = EncodeOptions::default();
        let mut encoder = RowGroupEncoder::try_new(&schema(type_name), &options, 0).unwrap();
        encoder.push(&rows([[V::Int(value)]])).unwrap();
        encoder.finish().unwrap()
    }

    fn stitcher() -> Stitcher {
        Stitcher::try_new(&schema("bigint"), &EncodeOptions::default(), vec![]).unwrap()
    }

    fn append(stitcher: &mut Stitcher, group: &EncodedRowGroup) -> Result<()> {
        stitcher.append(group.footer().to_vec(), group.data_length)
    }

    #[test]
    fn row_groups_are_counted() {
        let mut stitcher = stitcher();
        append(&mut stitcher, &row_group("bigint", 1)).unwrap();
        append(&mut stitcher, &row_group("bigint", 2)).unwrap();
        assert_eq!(stitcher.row_count(), 2);
        assert!(stitcher.finish().unwrap().ends_with(b"PAR1"));
    }

    #[test]
    fn other_files_are_rejected() {
        let code = |tail: &[u8], data_length| {
            let refused = stitcher().append(tail.to_vec(), data_length);
            refused.unwrap_err().code()
        };
        assert_eq!(code(b"PAR1", 0), "parquet");
        assert_eq!(code(b"", 0), "parquet");
        let other = row_group("integer", 1);
        assert_eq!(code(other.footer(), other.data_length), "parquet");
        let group = row_group("bigint", 1);
        assert_eq!(code(group.footer(), group.data_length + 1), "parquet");
    }

    #[test]
    fn places_beyond_32_bits_are_exact() {
        let group = row_group("bigint", 1);
        let far = 5 << 32;
        let mut stitcher = stitcher();
        stitcher.position = far;
        append(&mut stitcher, &group).unwrap();
        let end = far + group.data_length.cast_signed();
        let footer = stitcher.finish().unwrap();
        let tail_length = footer.len() as u64;
        let mut reader =
            ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
        reader
            .try_parse_sized(&Bytes::from(footer), end.unsigned_abs() + tail_length)
            .unwrap();
        let metadata = reader.finish().unwrap();
        let column = metadata.row_group(0).column(0);
        assert_eq!(column.byte_range(), (far.unsigned_abs(), group.data_length));
        assert_eq!(column.column_index_offset(), Some(end));
        let pages = metadata.page_index().unwrap();
        let first = &pages.offset_index(0, 0).unwrap().page_locations[0];
        assert_eq!(first.offset, column.data_page_offset());
    }

    #[test]
    fn debug_shows_no_bytes() {
        assert_eq!(format!("{:?}", stitcher()), "Stitcher { row_count: 0, .. }");
    }
}

//! Row groups in, one Parquet file out, a row group at a time.

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
    Error, Result, parquet_options::EncodeOptions, row_group::FILE_HEAD, schema::ResultSchema,
    writer_properties,
};

const HEAD_LENGTH: u64 = FILE_HEAD.len() as u64;

/// Joins row groups to one Parquet file: its bytes are [`FILE_HEAD`], the data of each row group's file in order, and
/// what [`finish`](Stitcher::finish) gives. Whoever holds the row groups lays them end to end; nothing is copied here.
///
/// Places in the file are 64-bit numbers, so that it may be larger than memory can count.
pub struct Stitcher {
    schema: SchemaDescPtr,
    metadata: Vec<KeyValue>,
    /// Those of the row groups so far. What they tell of indexes are places in `indexes`.
    groups: Vec<RowGroupMetaData>,
    /// Indexes of the row groups' pages as the file will have them: several times smaller than parsed.
    indexes: Vec<u8>,
    /// Where the next row group's data goes.
    position: i64,
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
        let arrow = (
            ARROW_SCHEMA_META_KEY.to_owned(),
            encode_arrow_schema(&schema),
        );
        let metadata = metadata.into_iter().chain([arrow]);
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
            position: HEAD_LENGTH.cast_signed(),
            row_count: 0,
        })
    }

    /// Takes note of the row group of a file of the same schema, behind those before it: the file's `tail`, and how long
    /// the data before the tail are (see [`EncodedRowGroup`](crate::row_group::EncodedRowGroup)).
    ///
    /// # Errors
    /// [`Error::Parquet`] when that is no such file, or it has other columns.
    pub fn append(&mut self, tail: Vec<u8>, data_length: u64) -> Result<()> {
        let file_length = HEAD_LENGTH + data_length + tail.len() as u64;
        let mut reader =
            ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
        reader.try_parse_sized(&Bytes::from(tail), file_length)?;
        let file = reader.finish()?;
        let [group] = file.row_groups() else {
            return Err(unfit("it has not one row group"));
        };
        if file.file_metadata().schema_descr().columns() != self.schema.columns() {
            return Err(unfit("it has other columns"));
        }
        check_data(group, data_length)?;
        let shift = self.position - HEAD_LENGTH.cast_signed();
        let columns = group.columns().iter().map(|column| shifted(column, shift));
        let placed = RowGroupMetaData::builder(self.schema.clone())
            .set_num_rows(group.num_rows())
            .set_total_byte_size(group.total_byte_size())
            .set_column_metadata(columns.collect::<Result<_>>()?)
            .set_ordinal(i32::try_from(self.groups.len()).unwrap_or(i32::MAX))
            .set_file_offset(self.position)
            .build()?;
        self.keep(placed, shifted_indexes(&file, group.num_columns(), shift))?;
        self.position += data_length.cast_signed();
        self.row_count += group.num_rows().unsigned_abs();
        Ok(())
    }

    /// Rows in the file so far.
    pub fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Writes the indexes of a row group behind those of the others.
    fn keep(&mut self, group: RowGroupMetaData, indexes: PageIndex) -> Result<()> {
        let metadata = self.file_metadata(Vec::new());
        let metadata = ParquetMetaDataBuilder::new(metadata)
            .set_row_groups(vec![group])
            .set_page_index(Some(Arc::new(indexes)))
            .build();
        let mut written = Vec::new();
        ParquetMetaDataWriter::new(&mut written, &metadata).finish()?;
        let written = Bytes::from(written);
        // What is read again knows where its indexes are, and shares the schema with the row groups before it.
        let options = ParquetMetaDataOptions::new().with_schema(self.schema.clone());
        let read = ParquetMetaDataReader::new()
            .with_metadata_options(Some(options))
            .parse_and_finish(&written)?;
        let further = i64::try_from(self.indexes.len()).unwrap_or(i64::MAX);
        for group in read.into_builder().take_row_groups() {
            self.groups.push(with_indexes_further(group, further)?);
        }
        let length = indexes_length(&written)?;
        self.indexes
            .extend_from_slice(written.get(..length).unwrap_or_default());
        Ok(())
    }

    /// Ends the file; returns the bytes that stand behind the row groups.
    ///
    /// # Errors
    /// [`Error::Parquet`] when the metadata cannot be written.
    pub fn finish(mut self) -> Result<Vec<u8>> {
        let groups = std::mem::take(&mut self.groups).into_iter();
        let groups = groups.map(|group| with_indexes_further(group, self.position));
        let groups = groups.collect::<Result<_>>()?;
        let keys = std::mem::take(&mut self.metadata);
        let metadata = ParquetMetaDataBuilder::new(self.file_metadata(keys))
            .set_row_groups(groups)
            .build();
        let mut written = self.indexes;
        ParquetMetaDataWriter::new(&mut written, &metadata).finish()?;
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

/// Whether the column chunks lie end to end from the file's head on, and are all of the data.
fn check_data(group: &RowGroupMetaData, data_length: u64) -> Result<()> {
    let mut end = HEAD_LENGTH;
    for column in group.columns() {
        let (start, length) = column.byte_range();
        if start != end {
            return Err(unfit("its columns do not lie end to end"));
        }
        end += length;
    }
    if end != HEAD_LENGTH + data_length {
        return Err(unfit("its data have another length"));
    }
    Ok(())
}

fn unfit(reason: &str) -> Error {
    Error::Parquet {
        reason: format!("a row group's file does not fit: {reason}"),
    }
}

/// The column chunk `shift` bytes further on, its indexes without a place.
fn shifted(column: &ColumnChunkMetaData, shift: i64) -> Result<ColumnChunkMetaData> {
    let dictionary = column.dictionary_page_offset();
    Ok(column
        .clone()
        .into_builder()
        .set_data_page_offset(column.data_page_offset() + shift)
        .set_dictionary_page_offset(dictionary.map(|offset| offset + shift))
        .set_column_index_offset(None)
        .set_column_index_length(None)
        .set_offset_index_offset(None)
        .set_offset_index_length(None)
        .build()?)
}

/// The indexes of a file of one row group, of whose pages each is `shift` bytes further on.
fn shifted_indexes(file: &ParquetMetaData, columns: usize, shift: i64) -> PageIndex {
    let mut shifted = PageIndexBuilder::new(1, columns);
    let Some(pages) = file.page_index() else {
        return shifted.build();
    };
    for column in 0..columns {
        if let Some(index) = pages.column_index(0, column) {
            shifted.put_column_index(index.clone(), 0, column);
        }
        if let Some(mut index) = pages.offset_index(0, column).cloned() {
            for location in &mut index.page_locations {
                location.offset += shift;
            }
            shifted.put_offset_index(index, 0, column);
        }
    }
    shifted.build()
}

/// Bytes of the indexes in what a metadata writer has written: all before the footer.
fn indexes_length(written: &[u8]) -> Result<usize> {
    let footer = written
        .last_chunk::<FOOTER_SIZE>()
        .and_then(|[a, b, c, d, ..]| usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok());
    footer
        .and_then(|length| written.len().checked_sub(length + FOOTER_SIZE))
        .ok_or_else(|| unfit("its metadata have no end"))
}

/// The row group, its indexes `further` bytes further on.
fn with_indexes_further(group: RowGroupMetaData, further: i64) -> Result<RowGroupMetaData> {
    let move_on = |offset: Option<i64>| offset.map(|offset| offset + further);
    let mut group = group.into_builder();
    let columns = group.take_columns().into_iter().map(|column| {
        let [columns, offsets] =
            [column.column_index_offset(), column.offset_index_offset()].map(move_on);
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
        stitcher.append(group.tail().to_vec(), group.data_length)
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
    fn other_files_are_refused() {
        let code = |tail: &[u8], data_length| {
            let refused = stitcher().append(tail.to_vec(), data_length);
            refused.unwrap_err().code()
        };
        assert_eq!(code(b"PAR1", 0), "parquet");
        assert_eq!(code(b"", 0), "parquet");
        let other = row_group("integer", 1);
        assert_eq!(code(other.tail(), other.data_length), "parquet");
        let group = row_group("bigint", 1);
        assert_eq!(code(group.tail(), group.data_length + 1), "parquet");
    }

    #[test]
    fn places_beyond_32_bits_are_exact() {
        let group = row_group("bigint", 1);
        let far = 5 << 32;
        let mut stitcher = stitcher();
        stitcher.position = far;
        append(&mut stitcher, &group).unwrap();
        let end = far + group.data_length.cast_signed();
        let tail = stitcher.finish().unwrap();
        let tail_length = tail.len() as u64;
        let mut reader =
            ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
        reader
            .try_parse_sized(&Bytes::from(tail), end.unsigned_abs() + tail_length)
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

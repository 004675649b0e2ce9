//! Row groups in, one Parquet file out, a row group at a time.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use parquet::{
    arrow::{ARROW_SCHEMA_META_KEY, ArrowSchemaConverter, encode_arrow_schema},
    file::{
        FOOTER_SIZE,
        metadata::{
            ColumnChunkMetaData, FileMetaData, KeyValue, PageIndexPolicy, ParquetMetaData,
            ParquetMetaDataBuilder, ParquetMetaDataReader, ParquetMetaDataWriter, RowGroupMetaData,
            page_index::PageIndexBuilder,
        },
        page_index::{column_index::ColumnIndexMetaData, offset_index::OffsetIndexMetaData},
        properties::WriterVersion,
    },
    schema::types::SchemaDescPtr,
};

use crate::{
    Error, Result, file,
    row_group::{EncodeOptions, FILE_HEAD},
    schema::ResultSchema,
};

const HEAD_LENGTH: u64 = FILE_HEAD.len() as u64;

/// Joins row groups to one Parquet file: its bytes are [`FILE_HEAD`], the data of each row group's file in order, and
/// what [`finish`](Stitcher::finish) gives. Whoever holds the row groups lays them end to end; nothing is copied here.
///
/// Places in the file are 64-bit numbers, so that it may be larger than memory can count.
pub struct Stitcher {
    schema: SchemaDescPtr,
    metadata: Vec<KeyValue>,
    groups: Vec<Group>,
    /// Where the next row group's data goes.
    position: i64,
    row_count: u64,
}

/// A row group in its place.
struct Group {
    metadata: RowGroupMetaData,
    /// Of each column.
    indexes: Vec<(Option<ColumnIndexMetaData>, Option<OffsetIndexMetaData>)>,
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
        let metadata = RowGroupMetaData::builder(self.schema.clone())
            .set_num_rows(group.num_rows())
            .set_total_byte_size(group.total_byte_size())
            .set_column_metadata(columns.collect::<Result<_>>()?)
            .set_ordinal(i32::try_from(self.groups.len()).unwrap_or(i32::MAX))
            .set_file_offset(self.position)
            .build()?;
        self.groups.push(Group {
            metadata,
            indexes: shifted_indexes(&file, group.num_columns(), shift),
        });
        self.position += data_length.cast_signed();
        self.row_count += group.num_rows().unsigned_abs();
        Ok(())
    }

    /// Rows in the file so far.
    pub fn row_count(&self) -> u64 {
        self.row_count
    }

    /// Ends the file; returns the bytes that stand behind the row groups.
    ///
    /// # Errors
    /// [`Error::Parquet`] when the metadata cannot be written.
    pub fn finish(self) -> Result<Vec<u8>> {
        let position = self.position;
        let metadata = self.into_metadata();
        // The writer counts places in the file with as many bits as memory has, from where it begins. So the indexes
        // are written at 0 first, and the footer then with their places in the file.
        let mut written = Vec::new();
        ParquetMetaDataWriter::new(&mut written, &metadata).finish()?;
        let indexes_length = indexes_length(&written)?;
        let placed =
            ParquetMetaDataReader::new().parse_and_finish(&Bytes::from(written.clone()))?;
        written.truncate(indexes_length);
        let metadata = with_index_places(metadata, &placed, position)?;
        ParquetMetaDataWriter::new(&mut written, &metadata).finish()?;
        Ok(written)
    }

    fn into_metadata(self) -> ParquetMetaData {
        let mut indexes = PageIndexBuilder::new(self.groups.len(), self.schema.num_columns());
        let mut groups = Vec::with_capacity(self.groups.len());
        for (place, group) in self.groups.into_iter().enumerate() {
            for (column, (column_index, offset_index)) in group.indexes.into_iter().enumerate() {
                if let Some(index) = column_index {
                    indexes.put_column_index(index, place, column);
                }
                if let Some(index) = offset_index {
                    indexes.put_offset_index(index, place, column);
                }
            }
            groups.push(group.metadata);
        }
        let file = FileMetaData::new(
            WriterVersion::PARQUET_1_0.as_num(),
            self.row_count.cast_signed(),
            Some(file::created_by()),
            Some(self.metadata),
            self.schema,
            None,
        );
        ParquetMetaDataBuilder::new(file)
            .set_row_groups(groups)
            .set_page_index(Some(Arc::new(indexes.build())))
            .build()
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

/// The column chunk `shift` bytes further on; its indexes are not placed yet.
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

fn shifted_indexes(
    file: &ParquetMetaData,
    columns: usize,
    shift: i64,
) -> Vec<(Option<ColumnIndexMetaData>, Option<OffsetIndexMetaData>)> {
    let pages = file.page_index();
    let of_column = |column| {
        let column_index = pages.and_then(|pages| pages.column_index(0, column));
        let mut offset_index = pages
            .and_then(|pages| pages.offset_index(0, column))
            .cloned();
        for location in offset_index
            .iter_mut()
            .flat_map(|index| &mut index.page_locations)
        {
            location.offset += shift;
        }
        (column_index.cloned(), offset_index)
    };
    (0..columns).map(of_column).collect()
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

/// The metadata without the indexes, but with their places: those in `placed`, `position` bytes further on.
fn with_index_places(
    metadata: ParquetMetaData,
    placed: &ParquetMetaData,
    position: i64,
) -> Result<ParquetMetaData> {
    let mut groups = Vec::with_capacity(placed.num_row_groups());
    for (group, placed) in metadata.row_groups().iter().zip(placed.row_groups()) {
        let columns = group.columns().iter().zip(placed.columns());
        let columns = columns.map(|(column, placed)| {
            let further = |offset: Option<i64>| offset.map(|offset| offset + position);
            column
                .clone()
                .into_builder()
                .set_column_index_offset(further(placed.column_index_offset()))
                .set_column_index_length(placed.column_index_length())
                .set_offset_index_offset(further(placed.offset_index_offset()))
                .set_offset_index_length(placed.offset_index_length())
                .build()
        });
        let columns = columns.collect::<std::result::Result<_, _>>()?;
        let group = group.clone().into_builder().set_column_metadata(columns);
        groups.push(group.build()?);
    }
    Ok(metadata
        .into_builder()
        .set_row_groups(groups)
        .set_page_index(None)
        .build())
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

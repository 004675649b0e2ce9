//! What a Parquet file says about itself: its footer, for people. Any bytes give an error or a description.

mod ddl;

use std::collections::{BTreeSet, HashMap};

use arrow_schema::Schema;
use parquet::{
    arrow::{ARROW_SCHEMA_META_KEY, parquet_to_arrow_schema},
    file::{
        FOOTER_SIZE,
        metadata::{ColumnChunkMetaData, FooterTail, ParquetMetaData, ParquetMetaDataReader},
    },
};
use petit_text::bigint;
use serde::Serialize;

pub use self::ddl::{Dialect, TableName};
use crate::{Error, Result, pandas};

/// Maximum size of a footer in bytes: 256 MiB. It is read as a whole.
const MAX_FOOTER_BYTES: usize = 256 << 20;

/// Keys of the metadata that repeat the schema for one reader.
const SCHEMA_KEYS: [&str; 2] = [ARROW_SCHEMA_META_KEY, pandas::KEY];

/// Keys under which petit stores the columns of the table and of the result.
const TABLE_SCHEMA: &str = "td.table_schema";
const RESULT_SCHEMA: &str = "td.result_schema";

/// What a file says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct FileDescription {
    /// The program that wrote it.
    pub created_by: Option<String>,
    /// Number of rows.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u64,
    /// The columns, in their order. A nested column is one of them.
    pub columns: Vec<FileColumn>,
    /// The row groups, in their order.
    pub row_groups: Vec<FileRowGroup>,
    /// Key-value metadata, without copies of the schema for single readers.
    pub metadata: Vec<(String, String)>,
}

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct FileColumn {
    /// Its name.
    pub name: String,
    /// TD's type, in files that petit wrote.
    pub td_type: Option<String>,
    /// The type that Arrow gives it.
    pub arrow_type: String,
    /// The compression codecs of its column chunks.
    pub compressions: Vec<String>,
    /// The encodings of its column chunks, also those of levels and dictionaries.
    pub encodings: Vec<String>,
    /// Compressed size in bytes.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub bytes: u64,
    /// Size in bytes without compression.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub uncompressed_bytes: u64,
}

/// A row group of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FileRowGroup {
    /// Number of rows.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub rows: u64,
    /// Compressed size in bytes.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub bytes: u64,
    /// Size in bytes without compression.
    #[serde(serialize_with = "bigint")]
    #[cfg_attr(feature = "typescript", ts(type = "bigint"))]
    pub uncompressed_bytes: u64,
}

/// The length of the footer in bytes, with its own length and the magic number, from the last bytes of a file.
///
/// # Errors
/// [`Error::NotParquet`] for the end of another file, for an encrypted footer, and for one that is longer than the file or than
/// 256 MiB.
pub fn footer_length(tail: &[u8], file_length: u64) -> Result<usize> {
    let tail = tail.last_chunk::<FOOTER_SIZE>();
    let tail = tail.ok_or_else(|| not_parquet("it is too short"))?;
    let tail = FooterTail::try_from(*tail).map_err(|error| not_parquet(error.to_string()))?;
    if tail.is_encrypted_footer() {
        return Err(not_parquet("its footer is encrypted"));
    }
    let length = tail.metadata_length().saturating_add(FOOTER_SIZE);
    if length > MAX_FOOTER_BYTES {
        return Err(not_parquet("its footer is longer than 256 MiB"));
    }
    if length as u64 > file_length {
        return Err(not_parquet("its footer is longer than the file"));
    }
    Ok(length)
}

/// Describes a file by its footer, whose length is that of [`footer_length`].
///
/// # Errors
/// [`Error::NotParquet`] for bytes that are not the footer of a file of `file_length` bytes.
pub fn describe(footer: &[u8], file_length: u64) -> Result<FileDescription> {
    let (file, schema) = parse(footer)?;
    let data_end = file_length.saturating_sub(footer.len() as u64);
    let mut sums: Vec<Sums> = Vec::new();
    sums.resize_with(schema.fields().len(), Sums::default);
    let descriptor = file.file_metadata().schema_descr();
    let mut row_groups = Vec::with_capacity(file.num_row_groups());
    for group in file.row_groups() {
        let mut of_group = Sums::default();
        if group.num_columns() != descriptor.num_columns() {
            return Err(not_parquet("a row group lacks columns"));
        }
        for (leaf, column) in group.columns().iter().enumerate() {
            let sizes = sizes(column, data_end)?;
            of_group.add(sizes);
            let Some(sums) = sums.get_mut(descriptor.get_column_root_idx(leaf)) else {
                return Err(not_parquet("a column has no field"));
            };
            sums.add(sizes);
            sums.compressions.insert(name_of(&column.compression()));
            sums.encodings
                .extend(column.encodings().map(|encoding| name_of(&encoding)));
        }
        row_groups.push(FileRowGroup {
            rows: count(group.num_rows())?,
            bytes: of_group.bytes,
            uncompressed_bytes: of_group.uncompressed_bytes,
        });
    }
    let metadata = metadata_of(&file);
    let types = td_types(&metadata);
    let columns = schema.fields().iter().zip(sums);
    let columns = columns.map(|(field, sums)| FileColumn {
        name: field.name().clone(),
        td_type: types.get(field.name()).cloned(),
        arrow_type: field.data_type().to_string(),
        compressions: sums.compressions.into_iter().collect(),
        encodings: sums.encodings.into_iter().collect(),
        bytes: sums.bytes,
        uncompressed_bytes: sums.uncompressed_bytes,
    });
    Ok(FileDescription {
        created_by: file.file_metadata().created_by().map(str::to_owned),
        rows: count(file.file_metadata().num_rows())?,
        columns: columns.collect(),
        row_groups,
        metadata,
    })
}

/// The statement that makes a table of files like this one.
///
/// # Errors
/// [`Error::NotParquet`] as for [`describe`]; [`Error::InvalidOption`] for a column whose type the dialect does not have.
pub fn table_ddl(footer: &[u8], dialect: Dialect, name: &TableName) -> Result<String> {
    let (_, schema) = parse(footer)?;
    ddl::statement(&schema, dialect, name)
}

fn parse(footer: &[u8]) -> Result<(ParquetMetaData, Schema)> {
    let length = footer.len().saturating_sub(FOOTER_SIZE);
    let bytes = footer.get(..length).unwrap_or_default();
    let file = ParquetMetaDataReader::decode_metadata(bytes);
    let file = file.map_err(|error| not_parquet(error.to_string()))?;
    // Without the copy of the Arrow schema: it may contradict the file.
    let schema = parquet_to_arrow_schema(file.file_metadata().schema_descr(), None);
    let schema = schema.map_err(|error| not_parquet(error.to_string()))?;
    Ok((file, schema))
}

fn not_parquet(reason: impl Into<String>) -> Error {
    Error::NotParquet {
        reason: reason.into(),
    }
}

#[derive(Debug, Default)]
struct Sums {
    bytes: u64,
    uncompressed_bytes: u64,
    compressions: BTreeSet<String>,
    encodings: BTreeSet<String>,
}

impl Sums {
    fn add(&mut self, [bytes, uncompressed]: [u64; 2]) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.uncompressed_bytes = self.uncompressed_bytes.saturating_add(uncompressed);
    }
}

/// The compressed and the uncompressed size of a column chunk, which ends before `data_end`.
fn sizes(column: &ColumnChunkMetaData, data_end: u64) -> Result<[u64; 2]> {
    let dictionary = column.dictionary_page_offset();
    let start = count(dictionary.unwrap_or_else(|| column.data_page_offset()))?;
    let bytes = count(column.compressed_size())?;
    if start.saturating_add(bytes) > data_end {
        return Err(not_parquet(
            "its data is cut, or its footer is of another file",
        ));
    }
    Ok([bytes, count(column.uncompressed_size())?])
}

fn count(value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| not_parquet("a count or a size in its footer is negative"))
}

/// The name of a codec or an encoding, without its level.
fn name_of(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split('(').next().unwrap_or_default().to_owned()
}

fn metadata_of(file: &ParquetMetaData) -> Vec<(String, String)> {
    let entries = file.file_metadata().key_value_metadata();
    let entries = entries.into_iter().flatten();
    entries
        .filter(|entry| !SCHEMA_KEYS.contains(&entry.key.as_str()))
        .map(|entry| (entry.key.clone(), entry.value.clone().unwrap_or_default()))
        .collect()
}

/// TD's types by the names of the columns. The result has the masked types; the table has TD's own names of types.
fn td_types(metadata: &[(String, String)]) -> HashMap<String, String> {
    let value = |key: &str| {
        let entry = metadata.iter().find(|(name, _)| name == key);
        entry.map_or("", |(_, value)| value.as_str())
    };
    let is_masked = metadata.iter().any(|(name, _)| name == "petit.masks");
    let sources: &[&str] = match is_masked {
        true => &[RESULT_SCHEMA],
        false => &[RESULT_SCHEMA, TABLE_SCHEMA],
    };
    let columns = sources.iter().flat_map(|key| {
        // Another program may have written anything under these keys.
        serde_json::from_str::<Vec<Vec<String>>>(value(key)).unwrap_or_default()
    });
    columns
        .filter_map(|column| match column.as_slice() {
            [_, kind, alias, ..] if !alias.is_empty() => Some((alias.clone(), kind.clone())),
            [name, kind, ..] => Some((name.clone(), kind.clone())),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        parquet_options::EncodeOptions,
        row_group::{FILE_MAGIC, RowGroupEncoder},
        schema::ResultSchema,
        stitch::Stitcher,
        testing::{V, a, rows, s},
    };

    const SCHEMA: &str = r#"[["id","bigint"],["tags","array(varchar)"],["time","bigint"]]"#;

    /// A file as an export writes it.
    fn file() -> Vec<u8> {
        let options = EncodeOptions {
            timestamp_columns: vec!["time".into()],
            ..EncodeOptions::default()
        };
        let schema = ResultSchema::of_file(SCHEMA, &options).unwrap();
        let metadata = [
            ("td.result_schema", SCHEMA),
            (
                "td.table_schema",
                r#"[["id","long"],["Tags","array<string>","tags"]]"#,
            ),
            ("td.partition", "day=2026-01-31"),
        ];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let mut stitcher = Stitcher::try_new(&schema, &options, metadata.into()).unwrap();
        let mut file = FILE_MAGIC.to_vec();
        for group in 0..2 {
            let mut encoder = RowGroupEncoder::try_new(&schema, &options, 0).unwrap();
            let row = |n: i64| [V::Int(n), a([s("a"), V::Nil]), V::Int(n)];
            encoder.push(&rows((0..=group).map(row))).unwrap();
            let encoded = encoder.finish().unwrap();
            file.extend(encoded.data());
            stitcher
                .append(encoded.footer().to_vec(), encoded.data_length)
                .unwrap();
        }
        file.extend(stitcher.finish().unwrap());
        file
    }

    fn described(file: &[u8]) -> Result<FileDescription> {
        let length = footer_length(file, file.len() as u64)?;
        describe(&file[file.len() - length..], file.len() as u64)
    }

    #[test]
    fn a_file_is_described_by_its_footer() {
        let description = described(&file()).unwrap();
        assert_eq!(description.rows, 3);
        let groups = description.row_groups.iter().map(|group| group.rows);
        assert_eq!(groups.collect::<Vec<_>>(), [1, 2]);
        let columns: Vec<_> = description
            .columns
            .iter()
            .map(|column| {
                (
                    column.name.as_str(),
                    column.td_type.as_deref(),
                    column.arrow_type.as_str(),
                )
            })
            .collect();
        assert_eq!(columns[0], ("id", Some("long"), "Int64"));
        assert_eq!(
            (columns[1].0, columns[1].1),
            ("tags", Some("array<string>"))
        );
        assert_eq!(
            columns[2],
            ("time", Some("bigint"), "Timestamp(ms, \"UTC\")")
        );
        assert_eq!(description.columns[0].compressions, ["ZSTD"]);
        assert!(
            description.columns[0]
                .encodings
                .contains(&"RLE_DICTIONARY".to_owned())
        );
        let bytes: u64 = description.row_groups.iter().map(|group| group.bytes).sum();
        let of_columns: u64 = description.columns.iter().map(|column| column.bytes).sum();
        assert_eq!(bytes, of_columns);
        let keys: Vec<_> = description
            .metadata
            .iter()
            .map(|(key, _)| key.as_str())
            .collect();
        assert_eq!(
            keys,
            ["td.result_schema", "td.table_schema", "td.partition"]
        );
    }

    #[test]
    fn a_cut_or_another_file_is_an_error() {
        let file = file();
        let end = file.len();
        for bytes in [
            &file[..end - 1],
            &file[end - 3..],
            b"",
            b"PAR1PAR1",
            b"{\"json\": true}",
        ] {
            assert_eq!(described(bytes).unwrap_err().code(), "not_parquet");
        }
        // The end alone: the data that the footer describes is missing.
        let length = footer_length(&file, end as u64).unwrap();
        let error = described(&file[end - length..]).unwrap_err();
        assert!(error.to_string().contains("cut"), "{error}");
        let mut encrypted = file;
        encrypted[end - 1] = b'E';
        assert!(described(&encrypted).is_err());
    }

    #[test]
    fn a_statement_makes_a_table_of_the_files() {
        let file = file();
        let length = footer_length(&file, file.len() as u64).unwrap();
        let statement = |dialect, partition: Option<&str>| {
            let name = TableName {
                name: "shop_`orders".into(),
                location: "s3://bucket/it's/".into(),
                partition: partition.map(Into::into),
            };
            table_ddl(&file[file.len() - length..], dialect, &name).unwrap()
        };
        assert_eq!(
            statement(Dialect::Athena, Some("day")),
            "CREATE EXTERNAL TABLE `shop_``orders` (\n  `id` bigint,\n  `tags` array<string>,\n  `time` timestamp\n)\n\
             PARTITIONED BY (`day` string)\nSTORED AS PARQUET\nLOCATION 's3://bucket/it''s/';\n\
             MSCK REPAIR TABLE `shop_``orders`;\n"
        );
        assert!(
            statement(Dialect::Snowflake, None)
                .contains("\"tags\" VARIANT,\n  \"time\" TIMESTAMP_TZ")
        );
        assert!(statement(Dialect::Bigquery, Some("day")).contains("WITH PARTITION COLUMNS"));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut file = file();
            let length = footer_length(&file, file.len() as u64).unwrap();
            let start = file.len() - length;
            for (index, byte) in changes {
                file[start + index.index(length)] = byte;
            }
            let _ = described(&file);
            let footer = &file[start..];
            let _ = describe(&footer[cut.index(length)..], u64::MAX);
        }
    }
}

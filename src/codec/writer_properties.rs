//! Writer properties of the Parquet files.

use std::collections::HashSet;

use arrow_schema::Schema;
use parquet::{
    arrow::ArrowSchemaConverter,
    basic::{self, Encoding, GzipLevel, Type, ZstdLevel},
    file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder},
};

use crate::{
    Result,
    parquet_options::{Compression, EncodeOptions, Encodings},
};

/// Level of Zstandard and gzip. Higher levels cost much more time than they save in size.
const LEVEL: i32 = 1;

/// The `created_by` field of the files.
pub fn created_by() -> String {
    format!("petit version {}", env!("CARGO_PKG_VERSION"))
}

/// Properties of files of `schema`. The writer itself never ends a row group.
pub fn properties(schema: &Schema, options: &EncodeOptions) -> Result<WriterPropertiesBuilder> {
    let mut properties = WriterProperties::builder()
        .set_created_by(created_by())
        .set_compression(compression(options.compression)?)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(None)
        .set_max_row_group_bytes(None);
    let columns = ArrowSchemaConverter::new().convert(schema)?;
    let plain: HashSet<_> = options.plain_columns.iter().collect();
    let delta: HashSet<_> = options.delta_columns.iter().collect();
    for (index, column) in columns.columns().iter().enumerate() {
        let has_delta = delta.contains(&index);
        if !has_delta && !plain.contains(&index) {
            continue;
        }
        properties = properties.set_column_dictionary_enabled(column.path().clone(), false);
        let encoding = encoding(column.physical_type(), has_delta, options.encodings);
        if let Some(encoding) = encoding {
            properties = properties.set_column_encoding(column.path().clone(), encoding);
        }
    }
    Ok(properties)
}

/// The encoding of a column without a dictionary; `None` for plain values.
fn encoding(physical_type: Type, has_delta: bool, encodings: Encodings) -> Option<Encoding> {
    match (physical_type, encodings) {
        (Type::INT32 | Type::INT64, Encodings::Delta | Encodings::Modern) => {
            has_delta.then_some(Encoding::DELTA_BINARY_PACKED)
        }
        (Type::BYTE_ARRAY, Encodings::Modern) => Some(Encoding::DELTA_LENGTH_BYTE_ARRAY),
        (Type::FLOAT | Type::DOUBLE, Encodings::Modern) => Some(Encoding::BYTE_STREAM_SPLIT),
        _ => None,
    }
}

fn compression(compression: Compression) -> Result<basic::Compression> {
    Ok(match compression {
        Compression::Zstd => basic::Compression::ZSTD(ZstdLevel::try_new(LEVEL)?),
        Compression::Snappy => basic::Compression::SNAPPY,
        Compression::Gzip => basic::Compression::GZIP(GzipLevel::try_new(LEVEL.unsigned_abs())?),
        Compression::Lz4 => basic::Compression::LZ4_RAW,
        Compression::None => basic::Compression::UNCOMPRESSED,
    })
}
